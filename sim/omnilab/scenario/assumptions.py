"""Which numbers of a scenario are assumptions: a preset's or a default's, of kind A.

A number that the user's own files give is the user's; it is listed where ``assumed`` names it.
Left out is what is no assumption about customers: the brand's own choices, the calendar, the size
of the simulation, a default that means "not here", and numbers of a mechanism that never acts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from omnilab.scenario.effect.world import silent_keys
from omnilab.scenario.keys import said_of, written_value
from omnilab.scenario.model import Scenario
from omnilab.scenario.preset import is_preset_file
from omnilab.scenario.tree import Step, dotted, find

if TYPE_CHECKING:
    from omnilab.scenario.keys import Said
    from omnilab.scenario.tree import Node

__all__ = ["Assumption", "assumptions_of"]

#: Kind and key of a number's source, as the presets' files write it beside the number.
_SOURCE: Final = re.compile(r"#\s*source:\s*([VSIPDA](?:/[VSIPDA])*)")


#: What the brand or whoever simulates decides.
_CHOSEN: Final = ("brand", "time", "population.customers", "world.response.slot")
#: Defaults that stand for "no such thing": open all day, for everybody, in every month alike.
_NOTHING: Final = frozenset(
    {("VisitSide", "opens"), ("VisitSide", "closes"), ("VisitSide", "reach")}
    | {("Category", "season"), ("Category", "lines"), ("MessageSide", "opt_in")}
)


@dataclass(frozen=True)
class Assumption:
    """A number without a published source that a scenario uses.

    Attributes
    ----------
    key
        Dotted, such as ``channels.store.visit.completes``.
    value
        As a scenario file writes it.
    origin
        ``default``, ``preset``, ``scenario`` for the user's own number under ``assumed``, or
        ``fitted`` for one that a fit has found, which is no assumption but has a range too.
    what
        What the key means.
    is_declared
        Whether the scenario names it under ``assumed``.
    swept
        Both ends of the range in which it may well be, as its key declares; None if it doesn't.
    """

    key: str
    value: str
    origin: str
    what: str
    is_declared: bool
    swept: tuple[str, str] | None = None


def assumptions_of(scenario: Scenario, root: Node) -> list[Assumption]:
    """Return the assumptions that a scenario uses, in the order of its keys.

    Parameters
    ----------
    scenario
        The validated scenario.
    root
        The composed tree that it was read from.
    """
    left_out = tuple(f"{key}." for key in (*_CHOSEN, *silent_keys(scenario)))
    found = []
    for path, part in _numbers(scenario, ()):
        key = said_of(type(part), str(path[-1]))
        value, name = getattr(part, key.name), dotted(path, root)
        origin, kind = _origin(root, path, key)
        swept = key.swept
        if name in scenario.fitted:
            origin, swept = "fitted", scenario.fitted[name]
        is_declared = origin != "fitted" and name in scenario.assumed
        acts = "A" in kind.split("/") and not f"{name}.".startswith(left_out)
        if not (acts or is_declared or origin == "fitted"):
            continue
        text = written_value(type(part).model_fields[key.name], value)
        nothing = (key.part, key.name) in _NOTHING or text in ("0", "0%")
        if is_declared or not (origin == "default" and nothing):
            found.append(Assumption(name, text, origin, key.what, is_declared, swept))
    return found


def _numbers(
    part: BaseModel, path: tuple[Step, ...]
) -> Iterator[tuple[tuple[Step, ...], BaseModel]]:
    """Yield the paths of the numbers of a part and of what is in it, each with its own part."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        here = (*path, name)
        if isinstance(value, BaseModel):
            yield from _numbers(value, here)
        elif isinstance(value, tuple) and any(isinstance(item, BaseModel) for item in value):
            for number, item in enumerate(value):
                yield from _numbers(item, (*here, number))
        elif _is_number(value):
            yield here, part


def _is_number(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(_is_number(item) for item in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _origin(root: Node, path: tuple[Step, ...], key: Said) -> tuple[str, str]:
    """Say where a number comes from, and the kind of its source; a user's own has none."""
    node, there = find(root, path)
    if there != path:
        return "default", key.kind
    if is_preset_file(node.file):
        return "preset", _preset_kind(node.file, node.line)
    return "scenario", ""


def _preset_kind(file: str, line: int) -> str:
    """Return the kind of a number's source beside it, "" where none is named."""
    said = _SOURCE.search(_lines(file)[line - 1])
    return said[1] if said else ""


@cache
def _lines(file: str) -> list[str]:
    return Path(file).read_text(encoding="utf-8").splitlines()
