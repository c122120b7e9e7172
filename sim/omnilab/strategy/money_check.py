"""Check a plan's budgets, bids and costs against the scenario that it is to run in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from omnilab.errors import nearest
from omnilab.scenario.budget_check import auction_of, budget_problems
from omnilab.scenario.programme_money import MOST_BID, MOST_BUDGETS, Budget, Costs

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.plan import Plan
    from omnilab.strategy.plan_check import Problem

__all__ = ["money_problems"]


def money_problems(plan: Plan, scenario: Scenario) -> Iterator[Problem]:
    """Yield what is wrong with what a plan spends and costs."""
    if not isinstance(plan.costs, Costs):
        yield ("costs",), f"is {type(plan.costs).__name__}, not Costs"
    wrong = list(_bid_problems(plan.bids, scenario))
    yield from wrong
    yield from _budget_problems(plan, scenario, bids={} if wrong else dict(plan.bids))


def _bid_problems(bids: object, scenario: Scenario) -> Iterator[Problem]:
    if not isinstance(bids, Mapping):
        yield ("bids",), f"is {type(bids).__name__}, not a mapping of channels to amounts"
        return
    channels = {c.name: c for c in scenario.channels}
    sold = [name for name, c in channels.items() if auction_of(c) is not None]
    for name, bid in bids.items():
        if name not in channels:
            yield ("bids", str(name)), f"unknown channel {name!r}{nearest(str(name), sold)}"
        elif name not in sold:
            there = f"those with one are {', '.join(sold)}" if sold else "no channel has one"
            yield ("bids", name), f"channel {name!r} has no auction; {there}"
        elif not isinstance(bid, int | float) or isinstance(bid, bool) or not 0 < bid <= MOST_BID:
            message = f"{bid!r} is no bid: an amount above 0, at most {MOST_BID:,.0f}"
            if bid == 0:
                message = "0 wins nothing; leave the channel out of the journeys, or bid more"
            yield ("bids", name), message


def _budget_problems(plan: Plan, scenario: Scenario, bids: dict[str, float]) -> Iterator[Problem]:
    if not isinstance(plan.budgets, tuple | list):
        yield ("budgets",), f"is {type(plan.budgets).__name__}, not a tuple of Budget"
        return
    own = scenario.brand.budgets
    if len(own) + len(plan.budgets) > MOST_BUDGETS:
        message = (
            f"has {len(plan.budgets)} beside the scenario's {len(own)}; at most {MOST_BUDGETS}"
        )
        yield ("budgets",), message
    seen = {budget.name for budget in own}
    for number, budget in enumerate(plan.budgets):
        if not isinstance(budget, Budget):
            yield ("budgets", number), f"is {type(budget).__name__}, not a Budget"
            return
        if budget.name in seen:
            message = (
                f"a second budget named {budget.name!r}; a plan's budgets come beside the "
                "scenario's, so give it another name"
            )
            yield ("budgets", number, "name"), message
        seen.add(budget.name)
    journeys = [getattr(journey, "name", "") for journey in plan.journeys]
    for where, why in budget_problems(plan.budgets, journeys, scenario, bids):
        yield ("budgets", *where), why
    # With this plan's bids the scenario's own budgets must pay one send too.
    raised = {name for name in bids if name in {c.name for c in scenario.channels}}
    if raised:
        every = [journey.name for journey in scenario.brand.journeys]
        for where, why in budget_problems(own, every, scenario, bids):
            yield ("bids",), f"brand.budgets.{own[int(where[0])].name}.{where[-1]}: {why}"
