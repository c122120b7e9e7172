"""Strategies written as YAML: sharing choices and journeys, without Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from omnilab._files.kinds import other_kind
from omnilab.brand.sharing import CHOICES, Value
from omnilab.errors import ScenarioError, StrategyError, nearest
from omnilab.parameters.declared import Words, key
from omnilab.parameters.quantity import Amount, Name
from omnilab.scenario.document import read_document
from omnilab.scenario.load import validate_tree
from omnilab.scenario.model import Cap, Journey, Scenario, Wiring
from omnilab.scenario.preset import expand_presets, name_presets, unknown_preset
from omnilab.scenario.problem import InvalidScenarioError
from omnilab.scenario.programme_money import Budget, Costs
from omnilab.scenario.tree import Node, dotted, find, merge, refuse_repeated_names
from omnilab.strategy.plan import Plan, Sharing
from omnilab.strategy.plan_check import complete_plan, plan_problems
from omnilab.strategy.protocol import Brand

__all__ = ["DeclaredStrategy", "StrategyFile", "journeys_over", "read_strategy"]


@dataclass(frozen=True)
class DeclaredStrategy:
    """A strategy that a YAML file declares for one scenario."""

    name: str
    declared: Plan

    def plan(self, brand: Brand) -> Plan:
        """Return the plan of the file."""
        return self.declared


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Sharing(_Part):
    identity: Value = "silo"
    context: Value = "silo"
    triggers: Value = "silo"
    channel: Value = "silo"
    stop: Value = "silo"
    contact_policy: Value = "silo"
    stock: Value = "silo"


def _for_all(value: Any) -> Any:
    return dict.fromkeys(CHOICES, value) if isinstance(value, str) else value


class StrategyFile(_Part):
    """The keys of a strategy file."""

    name: Annotated[Name, Words("What reports and conditions call the strategy.")]
    sharing: Annotated[_Sharing, BeforeValidator(_for_all)] = key(
        _Sharing(),
        "What the silos share: one word for all seven choices, or a word for each.",
        without="All are `silo`.",
    )
    journeys: tuple[Journey, ...] = key(
        (),
        "Changes to the scenario's journeys, by name and key by key, and new ones. A journey of "
        "the scenario that is not named runs as it is; `steps: [{exit: true}]` makes one silent.",
        without="The scenario's journeys run as they are.",
    )
    cap: Cap | None = key(
        None,
        "The most messages to a profile in a period. It may be tighter than the scenario's, which "
        "is a ceiling, and not looser.",
        without="The scenario's own.",
    )
    silos: tuple[str, ...] | None = key(
        None, "The silos that may write, such as `[email, app]`.", without="All may."
    )
    paid: bool = key(True, "Whether the brand pays for search ads.", kind="A")
    wiring: Wiring | None = key(
        None,
        "The silo map: the name of a preset, such as `one_suite`, or teams and feeds of your own.",
        without="The scenario's own.",
    )
    budgets: tuple[Budget, ...] = key(
        (),
        "What may be spent on sends and paid clicks, beside the scenario's own budgets.",
        without="Only the scenario's budgets hold.",
    )
    bids: dict[str, Amount] = key(
        {},
        "By channel, what is bid in its auction, in the scenario's currency.",
        without="The scenario's bids.",
    )
    costs: Costs = key(Costs(), "What the strategy costs beside its sends and clicks.")


def read_strategy(path: str | Path, scenario: Scenario) -> DeclaredStrategy:
    """Read a strategy file for a scenario.

    The scenario's journeys are carried; an item of ``journeys`` changes the one of its name key
    by key, or adds one. Presets of journeys can be named as in a scenario.

    Raises
    ------
    StrategyError
        With file, line and key of what is wrong.
    """
    try:
        root = read_document(path)
        if said := other_kind(root.value, "strategy"):
            raise root.error(f"no strategy: {said}")
        return _declared(root, scenario)
    except ScenarioError as error:
        raise StrategyError(str(error), strategy=str(path), hook="") from None


def _declared(root: Node, scenario: Scenario) -> DeclaredStrategy:
    refuse_repeated_names(root)
    root = _with_journeys(root, scenario.brand.journeys)
    file = _validated(root, scenario.brand.journeys)
    changed = {journey.name: journey for journey in file.journeys}
    kept = {journey.name: journey for journey in scenario.brand.journeys}
    plan = Plan(
        sharing=Sharing(**file.sharing.model_dump()),
        journeys=tuple((kept | changed).values()),
        cap=file.cap,
        silos=file.silos,
        paid=file.paid,
        wiring=file.wiring,
        budgets=file.budgets,
        bids=file.bids,
        costs=file.costs,
    )
    for where, message in plan_problems(plan, scenario):
        raise _at(root, where, message)
    return DeclaredStrategy(file.name, complete_plan(plan, scenario))


def journeys_over(node: Node, own: Sequence[Journey]) -> tuple[Journey, ...]:
    """Return the journeys of a list: each over the one of its name in ``own``, or a preset.

    Raises
    ------
    ScenarioError
        With file, line and key of what is wrong.
    """
    name = node.with_value("journeys")
    root = _with_journeys(node.with_value({"name": name, "journeys": node}), own)
    return _validated(root, own).journeys


def _validated(root: Node, own: Sequence[Journey]) -> StrategyFile:
    """Return the file of a tree, or say which of its journeys the scenario does not have."""
    try:
        return validate_tree(StrategyFile, root)
    except InvalidScenarioError as invalid:
        first, *others = _no_journeys((invalid, *invalid.others), [j.name for j in own])
        raise InvalidScenarioError(first, others) from None


def _no_journeys(found: Sequence[ScenarioError], own: Sequence[str]) -> list[ScenarioError]:
    """Return findings in which a journey without a trigger is one that there is not.

    Who misspells the name of a journey of the scenario gives a new one without its keys.
    """
    kept: list[ScenarioError] = []
    unknown = {above for e in found if (above := _without_trigger(e)) is not None}
    for error in found:
        above = (error.key or "").rpartition(".")[0]
        if _without_trigger(error) is not None:
            name = above.rpartition(".")[2]
            said = f"no journey {name!r} in the shop{nearest(name, own)}; a new one needs a trigger"
            kept.append(ScenarioError(said, file=error.file, line=error.line, key=above))
        elif above not in unknown or not error.message.startswith("missing key "):
            kept.append(error)
    return kept


def _without_trigger(error: ScenarioError) -> str | None:
    """Return the key of the named journey that a finding misses the trigger of."""
    above, _, key = (error.key or "").rpartition(".")
    missing = key == "trigger" and error.message.startswith("missing key ")
    return above if missing and above.startswith("journeys.") else None


def _with_journeys(root: Node, journeys_before: Sequence[Journey]) -> Node:
    """Return the tree in which each journey is whole: over that of its name, or a preset."""
    journeys = root.get("journeys")
    if journeys is None or not isinstance(journeys.value, list) or not isinstance(root.value, dict):
        return root
    own = {journey.name: journey for journey in journeys_before}
    items = []
    for number, item in enumerate(journeys.value):
        if isinstance(item.value, str) and item.value in own:
            item = item.with_value({"name": item})
        item = _from_preset(item, number)
        name = item.get("name")
        if name is not None and isinstance(name.value, str) and name.value in own:
            data = own[name.value].model_dump(mode="json", exclude_none=True)
            item = merge(_node(data, item), item)
        items.append(item)
    whole = root.with_value({**root.value, "journeys": journeys.with_value(list(items))})
    refuse_repeated_names(whole)
    return whole


def _from_preset(item: Node, number: int) -> Node:
    """Fill in the preset that a journey names, with the machinery that scenarios have."""
    section = item.with_value({"brand": item.with_value({"journeys": item.with_value([item])})})
    brand = expand_presets(name_presets(section)).get("brand")
    journeys = brand.get("journeys") if brand else None
    assert journeys is not None
    assert isinstance(journeys.value, list)
    filled = journeys.value[0]
    preset = filled.get("preset")
    if preset is not None:
        message = unknown_preset(("brand", "journeys", number, "preset"), preset.value)
        raise preset.error(str(message), f"journeys[{number}].preset")
    return filled


def _node(value: Any, at: Node) -> Node:
    """Return plain data as a tree whose every value is at one place."""
    if isinstance(value, dict):
        return at.with_value({key: _node(child, at) for key, child in value.items()})
    if isinstance(value, list | tuple):
        return at.with_value([_node(child, at) for child in value])
    return at.with_value(value)


def _at(root: Node, where: tuple[str | int, ...], message: str) -> ScenarioError:
    """Return the error at the user's own line of a place in the plan."""
    steps = list(where)
    journeys = root.get("journeys")
    if len(steps) > 1 and journeys is not None and isinstance(journeys.value, list):
        for number, item in enumerate(journeys.value):
            name = item.get("name")
            if name is not None and name.value == steps[1]:
                steps[1] = number
    node = root
    for depth in range(1, len(steps) + 1):
        below, _ = find(root, tuple(steps[:depth]))
        if below.file != root.file:  # inside a preset: the line that named it says more
            break
        node = below
    return node.error(message, dotted(steps, root))
