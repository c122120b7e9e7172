"""The arms of a study as strategies that are ready to run in their worlds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import OmnilabError, StrategyError, nearest
from omnilab.experiment.evidence.worlds import changed_world
from omnilab.experiment.paths import changed_at, changed_plan
from omnilab.scenario.tree import Node, plain
from omnilab.strategy.declared import journeys_over
from omnilab.strategy.loading import check_plan, load_strategy

if TYPE_CHECKING:
    from omnilab.experiment.evidence.model import Arm
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy
    from omnilab.strategy.plan import Plan

__all__ = ["ReadyArm", "make_arm"]

ALL: Final = "all"  # journeys


@dataclass(frozen=True)
class ReadyArm:
    """An arm in one world.

    Attributes
    ----------
    name
        The arm's.
    scenario
        The world with the arm's own changes.
    strategy
        Named as the arm.
    """

    name: str
    scenario: Scenario
    strategy: LoadedStrategy


def make_arm(
    arm: Arm, node: Node, scenario: Scenario, moved: Mapping[str, Any] | None = None
) -> ReadyArm:
    """Return an arm that is ready to run.

    Parameters
    ----------
    arm, node
        What the file says, and where.
    scenario
        The world that it is tried in.
    moved
        Values by dotted key of the scenario that `meets` has settled.

    Raises
    ------
    ScenarioError
        With the line of what is wrong.
    """
    place = f"arms.{arm.name}"
    world = changed_world(scenario, node.get("world"), f"{place}.world")
    if moved:
        world = changed_at(world, moved, currency=world.currency, seconds=False)
    named = arm.strategy or world.brand.status_quo
    try:
        strategy = load_strategy(_beside(named, Path(node.file).parent), world)
    except StrategyError as error:
        at = node.get("strategy") or node
        raise at.error(str(error), f"{place}.strategy") from None
    plan = _with_journeys(arm, node, strategy.plan)
    changes = node.get("plan")
    try:
        if changes is not None and changes.value:
            node = changes
            plan = changed_plan(plan, plain(changes), world, seconds=False, strategy=arm.name)
        plan = check_plan(plan, world, strategy=arm.name)
    except OmnilabError as error:
        said = error.message if isinstance(error, StrategyError) else str(error)
        raise node.error(said, f"{place}.plan" if node is changes else place) from None
    return ReadyArm(arm.name, world, replace(strategy, name=arm.name, plan=plan))


def _with_journeys(arm: Arm, node: Node, plan: Plan) -> Plan:
    """Return the plan without the journeys that do not run, and with those that are added."""
    names = [journey.name for journey in plan.journeys]
    place = f"arms.{arm.name}"
    left = plan.journeys
    for key in ("without", "keep"):
        named = getattr(arm, key)
        for name in named:
            if name not in names and (key, name) != ("without", ALL):
                there = f"; there are {', '.join(names)}" if names else ": it has none"
                hint = nearest(name, names) or there
                at = node.get(key) or node
                raise at.error(f"no journey {name!r} in the strategy{hint}", f"{place}.{key}")
    if ALL in arm.without:
        left = ()
    elif arm.without or arm.keep:
        left = tuple(
            j for j in left if j.name not in arm.without and (not arm.keep or j.name in arm.keep)
        )
    added = node.get("journeys")
    if added is None or not arm.journeys:
        return replace(plan, journeys=left)
    changed = {j.name: j for j in journeys_over(added, left)}
    kept = {j.name: j for j in left}
    return replace(plan, journeys=tuple((kept | changed).values()))


def _beside(named: str, folder: Path) -> str:
    """Return a strategy's name, with a path taken from the study's folder where it is there."""
    what = named.partition(":")[0].partition("(")[0]
    if not what.endswith((".yaml", ".yml", ".py")) or os.path.isabs(what):  # noqa: PTH117
        return named
    beside = folder / what
    if os.path.isfile(beside):  # noqa: PTH113 (Path.is_file raises on a long name)
        return f"{beside}{named.removeprefix(what)}"
    return named
