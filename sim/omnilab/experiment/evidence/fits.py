"""Check that a file of evidence fits the scenario of each of its worlds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from omnilab.experiment.evidence.names import refuse_unknown
from omnilab.experiment.evidence.study import item_of
from omnilab.parameters.quantity import format_duration

if TYPE_CHECKING:
    from omnilab.experiment.evidence.model import Condition, Only, Outcome
    from omnilab.experiment.evidence.study import Study, World
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.tree import Node

__all__ = ["check_world"]


def check_world(study: Study, world: World) -> None:
    """Check a study against one of its worlds.

    Raises
    ------
    ScenarioError
        At the first thing that does not fit.
    """
    arms = study.arms(world.scenario)
    scenario, node = world.scenario, study.node
    journeys = {j.name for a in arms for j in a.strategy.plan.journeys}
    journeys |= {j.name for j in scenario.brand.journeys}
    names = {
        "channel": [c.name for c in scenario.channels],
        "category": [c.name for c in scenario.categories],
        "not_category": [c.name for c in scenario.categories],
        "journey": sorted(journeys),
        "persona": [p.name for p in scenario.population.personas],
        "reachable": [c.name for c in scenario.channels if c.message],
    }
    for outcome in study.file.outcomes:
        at = node("outcomes", outcome.name)
        _only(outcome.only, at.get("only") or at, names)
        _holds(outcome, at, scenario)
    for group in study.file.groups:
        _conditions(group.where, node("groups", group.name, "where"), names)
    own = node("worlds", world.name, "who", "where")
    where = own if study.file.worlds and isinstance(own.value, list) else node("who", "where")
    _conditions(world.who.where, where, names)
    if world.base_rate is not None:
        study.vary(world.base_rate, study.rate_node(world.name), scenario)
    for arm, ready in zip(study.ordered, arms, strict=True):
        if arm.meets is not None:
            study.vary(arm.meets, study.node("arms", arm.name, "meets"), ready.scenario)


def _only(only: Only, node: Node, names: Mapping[str, Sequence[str]]) -> None:
    for key in ("channel", "category", "not_category", "journey"):
        for name in getattr(only, key) or ():
            refuse_unknown(name, names[key], key.removeprefix("not_"), node.get(key) or node)


def _conditions(
    conditions: Iterable[Condition], node: Node, names: Mapping[str, Sequence[str]]
) -> None:
    for number, condition in enumerate(conditions):
        at = (item_of(node, number) if isinstance(node.value, list) else None) or node
        for name in condition.persona or ():
            refuse_unknown(name, names["persona"], "persona", at.get("persona") or at)
        for name in condition.reachable or ():
            what = "channel of messages"
            refuse_unknown(name, names["reachable"], what, at.get("reachable") or at)
        _only(condition.only, at.get("only") or at, names)
        _conditions(condition.any_of or (), at.get("any_of") or at, names)


def _holds(outcome: Outcome, node: Node, scenario: Scenario) -> None:
    """Refuse an outcome that the window and the run-out can't hold."""
    window, run_out = scenario.time.window, scenario.time.run_out
    at = node.get("period") or node
    if outcome.period == "run_out" and run_out == 0:
        raise at.error("there is no run-out: give `run_out` a length", outcome.name)
    if isinstance(outcome.period, tuple) and outcome.period[1] > window + run_out:
        raise at.error(
            f"ends {format_duration(outcome.period[1])} after the start, but the window,"
            f" {format_duration(window)}, and the run-out, {format_duration(run_out)}, end before:"
            " lengthen `window` or `run_out`", outcome.name,
        )  # fmt: skip
