"""Read a scenario file into a frozen, validated `Scenario`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from omnilab._files.kinds import YAML, near_file, other_kind
from omnilab.errors import ScenarioError
from omnilab.scenario.catalogue import find_scenario
from omnilab.scenario.compose import compose
from omnilab.scenario.lookup import value_at
from omnilab.scenario.model import Scenario
from omnilab.scenario.preset import is_preset_file
from omnilab.scenario.problem import problems
from omnilab.scenario.schema import plain_schema
from omnilab.scenario.tree import Node, Step, dotted, find, plain

__all__ = ["ScenarioFile", "load_scenario", "read_scenario", "validate_tree"]

if TYPE_CHECKING:
    from omnilab.scenario.assumptions import Assumption
    from omnilab.scenario.effect.look import Beside

M = TypeVar("M", bound=BaseModel)

_CURRENCY = re.compile(r"[A-Z]{3}")
_LOOKS_LIKE_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario, and the tree that it was read from, which knows the line of each key.

    Parameters
    ----------
    scenario
        The validated scenario.
    root
        The composed tree: the user's file, what it extends, the presets that it names.
    """

    scenario: Scenario
    root: Node

    def error_at(self, path: tuple[Step, ...], message: str) -> ScenarioError:
        """Return the error that points to a key.

        Parameters
        ----------
        path
            Keys, and numbers of list items. Where the files leave a key to its default, the error
            points to what is above it.
        message
            What is wrong there.
        """
        return _error_at(self.root, path, message)

    def no_effects(self, beside: Sequence[Beside] = ()) -> list[ScenarioError]:
        """Return what the scenario says without effect, each with file, line and key.

        Parameters
        ----------
        beside
            The plans of strategies that are to run in it; none by default.
        """
        from omnilab.scenario.effect import without_effect

        return without_effect(self.scenario, self.root, beside)

    def assumptions(self) -> list[Assumption]:
        """Return the assumptions that the scenario uses."""
        from omnilab.scenario.assumptions import assumptions_of

        return assumptions_of(self.scenario, self.root)


def load_scenario(source: str | Path) -> Scenario:
    """Read a scenario from a file, or one that comes with the package by its id.

    Parameters
    ----------
    source
        A path, or the id of a shipped scenario such as ``mapples-coffee-v1``.

    Raises
    ------
    ScenarioError
        If there is no such scenario or anything in its files is wrong: one line with the file,
        the line and the key. Where validation found more, it is an `InvalidScenarioError` whose
        ``others`` holds the rest.
    """
    return read_scenario(source).scenario


def read_scenario(source: str | Path) -> ScenarioFile:
    """Read a scenario as `load_scenario`, and keep the tree beside it.

    Its files are read once: what is said of their lines later is said of what was validated.

    Raises
    ------
    ScenarioError
        As `load_scenario`.
    """
    root = compose(_path(source))
    _refuse_others(root)
    scenario = validate_tree(Scenario, root)
    # Not in the model: who changes a scenario in Python may take a channel away.
    for number, key in enumerate(scenario.assumed):
        try:
            value_at(scenario, key)
        except ValueError as error:
            raise _error_at(root, ("assumed", number), str(error)) from None
    for name in scenario.fitted:
        try:
            value_at(scenario, name)
        except ValueError as error:
            raise _error_at(root, ("fitted", name), str(error)) from None
    return ScenarioFile(scenario, root)


def validate_tree(model: type[M], root: Node) -> M:
    """Return the model's object of a composed tree.

    Raises
    ------
    InvalidScenarioError
        With the first finding by line, and the others in its ``others``.
    """
    try:
        return model.model_validate(plain(root), context={"currency": _currency(model, root)})
    except ValidationError as invalid:
        raise problems(invalid, root, lambda: plain_schema(model)) from None


def _refuse_others(root: Node) -> None:
    """Refuse a file of another kind, before each of its keys is said to be unknown."""
    if said := other_kind(root.value, "scenario"):
        raise root.error(f"no scenario: {said}")


def _error_at(root: Node, path: tuple[Step, ...], message: str) -> ScenarioError:
    node, taken = find(root, path)
    while taken and is_preset_file(node.file):  # the user's line is the one that names the preset
        taken = taken[:-1]
        node, _ = find(root, taken)
    return node.error(message, dotted(path))


def _path(source: str | Path) -> Path:
    """Return the file that the user means; an id comes before a file of that name."""
    if source == "-":
        raise ScenarioError("-: no scenario is read from stdin: write it to a file, and name that")
    if isinstance(source, Path) or not _LOOKS_LIKE_ID.fullmatch(source):
        return Path(source)
    try:
        return find_scenario(source)
    except ScenarioError as unknown:
        if os.path.exists(source):  # noqa: PTH110 (Path.exists raises on a long name)
            return Path(source)
        near = near_file(source, YAML)
        raise ScenarioError(f"no such file{near}, and {unknown.message}") from None


def _currency(model: type[BaseModel], root: Node) -> str | None:
    """Return the currency that amounts must name: the file's, or the model's default."""
    given = root.get("currency")
    if given is not None:
        text = str(given.value)
        return text if _CURRENCY.fullmatch(text) else None  # else the currency is the finding
    field = model.model_fields.get("currency")
    return field.default if field is not None and isinstance(field.default, str) else None
