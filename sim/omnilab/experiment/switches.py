"""Switches: single keys of a scenario or plan, each with the value it has and another one.

A switch is named as a user writes it: a sharing choice by its name (``identity``), all seven by
``sharing``, and any other key by ``PATH=VALUE``. The first word of a path tells where the key is:
``sharing``, ``journeys``, ``cap``, ``silos`` and ``paid`` are a plan's, all others a scenario's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from omnilab.brand.sharing import CHOICES, Value
from omnilab.errors import OmnilabError, OptionError, ScenarioError, nearest
from omnilab.experiment.paths import changed_at, plan_with
from omnilab.scenario.document import parse_document
from omnilab.scenario.model import Scenario
from omnilab.scenario.tree import plain
from omnilab.strategy.loading import LoadedStrategy, check_plan
from omnilab.strategy.plan import Plan

__all__ = ["SHARING", "Switch", "parse_switches", "switched_scenario", "switched_strategy"]

SHARING: Final = "sharing"  # the name of all seven choices together
_PLAN: Final = tuple(field.name for field in fields(Plan))
_STEP: Final = re.compile(r"\.?([A-Za-z_][\w-]*)|\[(\d+)\]")

Step = str | int


@dataclass(frozen=True)
class Switch:
    """One key, and the value that it gets when it is switched on.

    Attributes
    ----------
    name
        As tables show it.
    path
        Keys, and numbers of list items from 0; items may also go by their ``name``.
    value
        As a scenario file has it, plain data. None of a journey takes it out. A sharing choice
        without a value is switched between ``silo`` and what the strategy has.
    is_choice
        Whether it is such a sharing choice.
    """

    name: str
    path: tuple[Step, ...]
    value: Any = None
    is_choice: bool = False

    @property
    def key(self) -> str:
        """The path as one dotted key."""
        return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in self.path)[1:]

    @property
    def in_plan(self) -> bool:
        """Whether the key is the plan's: then it changes a strategy and not the world."""
        return self.path[0] in _PLAN


def parse_switches(texts: Sequence[str], option: str = "--over") -> tuple[Switch, ...]:
    """Read switches as a user names them.

    Parameters
    ----------
    texts
        ``sharing``, the name of a sharing choice, or ``PATH=VALUE``.
    option
        Where they were given, for errors.

    Raises
    ------
    OptionError
        If one is none of that, or two are of the same key.
    """
    found: list[Switch] = []
    for text in texts:
        found += _parse(text.strip(), option)
    if not found:
        raise OptionError(f"{option}: name one switch at least, such as {SHARING}")
    for number, switch in enumerate(found):
        for other in found[:number]:
            short, long = sorted((switch.path, other.path), key=len)
            if long[: len(short)] == short:
                if texts.count(switch.name) > 1:
                    raise OptionError(f"{option}: {switch.name} is given twice")
                raise OptionError(
                    f"{option}: {other.name} and {switch.name} change the same key: keep one"
                )
    return tuple(found)


def switched_strategy(
    strategy: LoadedStrategy, on: Iterable[Switch], off: Iterable[Switch], scenario: Scenario
) -> LoadedStrategy:
    """Return a strategy whose plan has some switches on and others off.

    Parameters
    ----------
    strategy
        As it was loaded: what `on` makes of a sharing choice is its own value.
    on, off
        Switches; those of the scenario are passed over.
    scenario
        The scenario that it is to run in.

    Raises
    ------
    OptionError, StrategyError
        If the plan has no such key, or can't have that value.
    """
    on, off, plan = list(on), list(off), strategy.plan
    for switch in (*on, *off):
        if switch.is_choice and getattr(plan.sharing, str(switch.path[1])) == "silo":
            raise OptionError(
                f"{switch.name}: {strategy.name} has silo there, so there is nothing to switch"
            )
    silo: Value = "silo"
    plan = plan.with_sharing(**{str(s.path[1]): silo for s in off if s.is_choice})
    for switch in on:
        if switch.in_plan and not switch.is_choice:
            before, plan = plan, _changed_plan(plan, switch, scenario)
            if plan == before:
                raise OptionError(f"{switch.name}: {strategy.name} has that already")
    if plan == strategy.plan:
        return strategy
    return replace(strategy, plan=check_plan(plan, scenario, strategy=strategy.name))


def switched_scenario(scenario: Scenario, on: Iterable[Switch]) -> Scenario:
    """Return a scenario with some switches on; those of the plan are passed over.

    Raises
    ------
    OptionError, ScenarioError
        If it has no such key, or can't have that value.
    """
    world = [switch for switch in on if not switch.in_plan]
    if not world:
        return scenario
    names = " with ".join(switch.name for switch in world)
    changes = {switch.key: switch.value for switch in world}
    try:
        changed = changed_at(scenario, changes, currency=scenario.currency, seconds=True)
    except OmnilabError as error:
        raise OptionError(f"{names}: {error}") from None
    if changed == scenario:
        raise OptionError(f"{names}: the scenario has that already")
    return changed


def _parse(text: str, option: str) -> list[Switch]:
    path, equals, value = text.partition("=")
    path = path.strip()
    if not equals:
        if path in (SHARING, "sharing choices"):
            return [_choice(name) for name in CHOICES]
        name = path.removeprefix(f"{SHARING}.")
        if name in CHOICES:
            return [_choice(name)]
        if "." in path:
            raise OptionError(f"{option} {text!r}: what it is switched to is missing: {path}=VALUE")
        hint = nearest(name, [SHARING, *CHOICES])
        raise OptionError(
            f"{option} {text!r}: is neither {SHARING}, nor one of {', '.join(CHOICES)}, nor "
            f"PATH=VALUE{hint}"
        )
    steps = _steps(path, text, option)
    if steps == (SHARING,):
        raise OptionError(f"{option} {text!r}: name one choice, such as {SHARING}.identity=all")
    if steps[0] not in (*_PLAN, *Scenario.model_fields):
        hint = nearest(str(steps[0]), (*_PLAN, *Scenario.model_fields))
        raise OptionError(
            f"{option} {text!r}: no scenario or plan has the key {str(steps[0])!r}{hint}"
        )
    try:
        read = plain(parse_document(f"value: {value.strip() or 'null'}\n", option))["value"]
    except ScenarioError as error:
        raise OptionError(f"{option} {text!r}: the value can't be read: {error.message}") from None
    return [Switch(f"{path}={value.strip()}", steps, read)]


def _choice(name: str) -> Switch:
    return Switch(name, (SHARING, name), is_choice=True)


def _steps(path: str, text: str, option: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    end = 0
    while end < len(path):
        found = _STEP.match(path, end)
        if found is None:
            break
        steps.append(int(found[2]) if found[1] is None else found[1])
        end = found.end()
    if not steps or end < len(path):
        raise OptionError(
            f"{option} {text!r}: {path!r} is no path of keys, such as world.fatigue.ideal"
        )
    return tuple(steps)


def _changed_plan(plan: Plan, switch: Switch, scenario: Scenario) -> Plan:
    """Return the plan with one key changed; `check_plan` looks at what came out."""
    try:
        return plan_with(plan, {switch.key: switch.value}, scenario, seconds=True)
    except OmnilabError as error:
        raise OptionError(f"{switch.name}: {getattr(error, 'message', error)}") from None
