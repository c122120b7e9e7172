"""What a contact policy does: whom its rules keep from a message, and what that costs.

Whom is counted at the messages that fell due. What it costs is the LTV with the rule less that
without it, the same customers under both. Consent has no price here: without it nobody may write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.compare import compare
from omnilab.experiment.journeys import funnel_table
from omnilab.experiment.statistics import Estimate
from omnilab.experiment.together import World, run_together
from omnilab.measure.catalogue import MEASURES

if TYPE_CHECKING:
    from omnilab.experiment.request import Say
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy
    from omnilab.strategy.plan import Plan

__all__ = ["RULES", "Previewed", "preview"]

#: Rule -> the stages of the funnel at which it keeps a message back for good.
RULES: Final[Mapping[str, tuple[str, ...]]] = {
    "cap": ("capped",),
    "quiet_hours": ("held_to_the_end",),
    "not_after_order": ("bought_lately",),
    "consent": ("no_consent", "suppressed"),
}
_SHOWN: Final = ("ltv", "messages_per_customer")
_NONE: Final = "no policy"


@dataclass(frozen=True)
class Previewed:
    """What a strategy's contact policy does.

    Attributes
    ----------
    strategy
        Name.
    customers
        Simulated, over all replications.
    stopped
        A row for each segment and rule: ``segment`` (``all`` first), ``rule``, ``due`` messages,
        ``stopped`` of these, ``share``.
    held
        Messages that the quiet hours held and let go later.
    costs
        Rule, or ``no policy`` for all of them together -> measure -> with the rule less without
        it, paired. Rules that the strategy does not have are not in it.
    """

    strategy: str
    customers: int
    stopped: tuple[dict[str, Any], ...]
    held: int
    costs: dict[str, dict[str, Estimate]]


def preview(
    scenario: Scenario, strategy: LoadedStrategy, *, replications: int = 1, seed: int = 1,
    engine: str = "auto", threads: int = 1, progress: Say | None = None,
) -> Previewed:  # fmt: skip
    """Run a strategy with its contact policy, without each rule, and without all of them.

    Parameters
    ----------
    scenario, strategy
        What is looked at.
    replications, seed, engine, threads, progress
        As `omnilab.experiment.compare.compare` takes them.
    """
    options: dict[str, Any] = {
        "replications": replications, "seed": seed, "engine": engine, "threads": threads,
        "progress": progress,
    }  # fmt: skip
    alone = compare(scenario, [strategy], quick=True, **options)
    names = {strategy.name: [j.name for j in strategy.plan.journeys]}
    funnel = funnel_table(alone, names)
    worlds, without = _worlds(scenario, strategy)
    costs: dict[str, dict[str, Estimate]] = {}
    if without:
        measures = {name: MEASURES[name] for name in _SHOWN}
        together = run_together(worlds, measures, **options)
        for error in together.failures.values():
            raise error
        costs = {
            rule: {m: together.moments.difference(m, strategy.name, other) for m in _SHOWN}
            for rule, other in without.items()
        }
    return Previewed(
        strategy.name, alone.customers * alone.replications, tuple(_stopped(funnel)),
        sum(r["messages"] for r in funnel
            if r["by"] == "held" and r["name"] == "held" and r["stage"] != "held_to_the_end"),
        costs,
    )  # fmt: skip


def _stopped(funnel: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each segment and rule."""
    due: dict[str, int] = {}
    stages: dict[tuple[str, str], int] = {}
    for row in funnel:
        if row["by"] in ("all", "segment"):
            due[row["name"]] = due.get(row["name"], 0) + row["messages"]
            stages[row["name"], row["stage"]] = row["messages"]
    for segment, whole in due.items():
        for rule, at in RULES.items():
            stopped = sum(stages.get((segment, stage), 0) for stage in at)
            yield {
                "segment": segment, "rule": rule, "due": whole, "stopped": stopped,
                "share": stopped / whole,
            }  # fmt: skip


def _worlds(
    scenario: Scenario, strategy: LoadedStrategy
) -> tuple[list[World], dict[str, str]]:  # fmt: skip
    """Return what is run, and by rule the name of the strategy without it.

    Cap and order rule are the plan's, so the burn-in is the same without them. The quiet hours are
    the scenario's: without them the status quo has none in the burn-in either.
    """
    plan = strategy.plan
    here, elsewhere, without = [strategy], [], {}

    def changed(rule: str, other: Plan) -> LoadedStrategy:
        name = f"{strategy.name} without {rule}"
        without[rule] = name
        again = None if strategy.again is None else strategy.again
        return replace(strategy, name=name, plan=other, again=again)

    if plan.cap is not None:
        here.append(changed("cap", replace(plan, cap=None)))
    if _waits(plan):
        here.append(changed("not_after_order", _without_waits(plan)))
    if scenario.brand.quiet_hours is not None:
        elsewhere.append(changed("quiet_hours", plan))
    if len(without) > 1:
        free = changed(_NONE, _without_waits(replace(plan, cap=None)))
        (elsewhere or here).append(free)
    worlds = [World(scenario, tuple(here))]
    if elsewhere:
        brand = scenario.brand.model_copy(update={"quiet_hours": None})
        worlds.append(World(scenario.model_copy(update={"brand": brand}), tuple(elsewhere)))
    return worlds, without


def _waits(plan: Plan) -> bool:
    return any(s.message and s.message.not_after_order for j in plan.journeys for s in j.steps)


def _without_waits(plan: Plan) -> Plan:
    """Return a plan whose messages leave no recent buyer out."""
    journeys = []
    for journey in plan.journeys:
        steps = tuple(
            step if step.message is None
            else step.model_copy(
                update={"message": step.message.model_copy(update={"not_after_order": 0})}
            )
            for step in journey.steps
        )  # fmt: skip
        journeys.append(journey.model_copy(update={"steps": steps}))
    return replace(plan, journeys=tuple(journeys))
