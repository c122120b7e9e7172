"""From budgets, bids and costs to what kernels read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.brand.budget import LoweredBudget
from omnilab.kernels.record import record_array
from omnilab.scenario.budget_check import auction_of
from omnilab.world.advertising import MILLICENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from omnilab.scenario.model import Scenario
    from omnilab.scenario.programme_money import Budget
    from omnilab.strategy.plan import Plan

__all__ = [
    "MONTH_DAYS",
    "costs_by_day",
    "fixed_costs",
    "lower_bids",
    "lower_budgets",
    "monthly_of_channels",
]

DAY: Final = 86400
MONTH_DAYS: Final = 365.25 / 12  # of a mean month


def lower_budgets(plan: Plan, scenario: Scenario) -> Any:
    """Return the records of the scenario's budgets and, after them, of the plan's own."""
    budgets = (*scenario.brand.budgets, *plan.budgets)
    lowered = record_array(LoweredBudget, len(budgets))
    for to, budget in zip(lowered, budgets, strict=True):
        _lower_budget(to, budget, plan, scenario)
    return lowered


def _lower_budget(to: Any, budget: Budget, plan: Plan, scenario: Scenario) -> None:
    names = [c.name for c in scenario.channels]
    journeys = [j.name for j in plan.journeys]
    to.channels = _bits(budget.channels or names, names)
    # A journey that this strategy does not run costs nothing.
    to.journeys = _bits(budget.journeys or journeys, journeys)
    to.clicks = int(not budget.journeys)
    to.per_day = round((budget.per_day or 0.0) * MILLICENTS)
    to.total = round((budget.total or 0.0) * MILLICENTS)
    to.even, to.waits = int(budget.pacing == "even"), budget.waits
    to.first = scenario.time.burn_in
    to.days = -(-scenario.time.window // DAY)


def _bits(some: Sequence[str], names: Sequence[str]) -> int:
    return sum(1 << names.index(name) for name in set(some) if name in names)


def lower_bids(plan: Plan, scenario: Scenario) -> NDArray[np.int64]:
    """Return by channel what the brand bids in its auction, milli-cents; 0 where it has none."""
    bids = []
    for channel in scenario.channels:
        auction = auction_of(channel)
        bid = 0.0 if auction is None else plan.bids.get(channel.name, auction.bid)
        bids.append(round(bid * MILLICENTS))
    return np.array(bids, dtype=np.int64)


def monthly_of_channels(plan: Plan, scenario: Scenario) -> float:
    """Return what the channels that a plan uses cost a month beside sends and clicks.

    Used is what can be visited, what a journey writes over, and paid search that is bought; what
    belongs to a silo that the plan leaves out is not written over or bought.
    """
    steps = [step.message for journey in plan.journeys for step in journey.steps if step.message]
    written = {name for message in steps for name in message.channels}
    total = 0.0
    for channel in scenario.channels:
        sends = plan.silos is None or channel.silo in plan.silos
        bought = channel.search is not None and plan.paid
        if channel.visit is not None or (sends and (channel.name in written or bought)):
            total += channel.monthly_cost
    return total


def fixed_costs(plan: Plan, scenario: Scenario) -> tuple[int, int]:
    """Return what a strategy costs a customer beside sends and clicks, milli-cents.

    Returns
    -------
    paid
        Over the window: what is paid once, and the months' cost by the day.
    discounted
        The same, each day's part discounted to the window's start as the LTV is.
    """
    once, by_day = costs_by_day(plan, scenario)
    window = scenario.time.window
    shares = [min(1.0, (window - day * DAY) / DAY) for day in range(-(-window // DAY))]
    daily = math.log1p(scenario.discount_rate) / 365.0  # as omnilab.measure.clock has it
    later = math.fsum(share * math.exp(-daily * day) for day, share in enumerate(shares))
    return round(once + by_day * math.fsum(shares)), round(once + by_day * later)


def costs_by_day(plan: Plan, scenario: Scenario) -> tuple[float, float]:
    """Return a customer's part of what is paid once, and of each day's cost; milli-cents."""
    customers = scenario.brand.costs_for
    monthly = plan.costs.of_month + monthly_of_channels(plan, scenario)
    return plan.costs.once / customers * MILLICENTS, monthly / MONTH_DAYS / customers * MILLICENTS
