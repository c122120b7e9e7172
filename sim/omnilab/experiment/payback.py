"""Pay-back: after how many weeks a strategy has earned what it costs more than another.

Of each week there is the cumulated difference in LTV on the same customers, which is margin less
contact cost, discounted, with its paired interval. Taken off it is what the strategy costs more
beside sends and clicks, discounted in the same way. The strategy has paid back in the first week
from whose end on that net difference is never below 0 again.

**Interval.** It is the set of weeks that the pointwise intervals of the net difference do not rule
out. Its low end is the first week at whose end the upper bound is at 0 or above, its high end the
one after the last week whose lower bound is below 0. In the week that is truly the first, the upper
bound is below 0 with a chance of at most 2.5%; and in the week before it the lower bound is above 0
with as much. So the interval misses it in at most 5 of 100 cases. An end that the run does not
reach is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from omnilab.experiment.weeks import weekly_differences
from omnilab.measure.clock import discount_factors, make_clock
from omnilab.measure.layout import FIXED_ONE
from omnilab.world.advertising import MILLICENTS

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison, StrategyRun
    from omnilab.scenario.model import Scenario

__all__ = [
    "PayBack",
    "Spending",
    "crossing",
    "extra_by_week",
    "pay_back_rows",
    "pay_back_words",
    "pay_backs",
]

DAY: Final = 86400
#: For each customer: what is paid once, and on each day of the window; milli-cents.
Spending: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class PayBack:
    """When a strategy has earned what it costs more than the reference.

    Attributes
    ----------
    strategy, reference
        Names.
    extra_cost
        What the strategy costs more in the window beside sends and clicks, for each customer,
        discounted; currency units.
    gain
        LTV above the reference's over the run, for each customer.
    weeks, low, high
        Weeks until it has paid back, with its 95% interval; None where the run does not reach it.
    run_weeks
        Weeks from the window's start to the run's end.
    known
        Whether there are clusters enough for an interval.
    """

    strategy: str
    reference: str
    extra_cost: float
    gain: float
    weeks: int | None
    low: int | None
    high: int | None
    run_weeks: int
    known: bool


def pay_backs(comparison: Comparison) -> list[PayBack]:
    """Return the pay-back of each strategy whose fixed cost is not the reference's, by name."""
    if "week_lifts" not in comparison.observed or not comparison.held_against:
        return []
    runs = {run.name: run for run in comparison.strategies}
    reference = runs[comparison.held_against]
    others = [runs[name] for name in sorted(runs) if runs[name].costs != reference.costs]
    return [_pay_back(comparison, run, reference) for run in others]


def _pay_back(comparison: Comparison, run: StrategyRun, reference: StrategyRun) -> PayBack:
    estimates = weekly_differences(comparison, run.name, "ltv")
    extra = extra_by_week(comparison.scenario, run.costs, reference.costs, len(estimates))
    weeks, low, high = crossing(
        [(e.value or 0.0) - x for e, x in zip(estimates, extra, strict=True)],
        [-inf if e.low is None else e.low - x for e, x in zip(estimates, extra, strict=True)],
        [inf if e.high is None else e.high - x for e, x in zip(estimates, extra, strict=True)],
    )
    known = all(e.low is not None for e in estimates)
    return PayBack(
        strategy=run.name,
        reference=reference.name,
        extra_cost=extra[-1],
        gain=estimates[-1].value or 0.0,
        weeks=weeks,
        low=low if known else None,
        high=high if known else None,
        run_weeks=len(estimates),
        known=known,
    )


def crossing(
    net: Sequence[float], low: Sequence[float], high: Sequence[float]
) -> tuple[int | None, int | None, int | None]:
    """Return after how many weeks ``net`` is at 0 or above for good, and that number's interval.

    Parameters
    ----------
    net, low, high
        At the end of each week: the value and its pointwise bounds.

    Returns
    -------
    weeks, low, high
        From 1 on; None where the last of the weeks does not reach it.
    """
    first = next((week for week, bound in enumerate(high, 1) if bound >= 0.0), None)
    return _for_good(net), first, _for_good(low)


def _for_good(net: Sequence[float]) -> int | None:
    """Return the first week from whose end on nothing is below 0, None where the last one is."""
    last = max((week for week, value in enumerate(net, 1) if value < 0.0), default=0)
    return last + 1 if last < len(net) else None


def extra_by_week(scenario: Scenario, costs: Spending, of: Spending, weeks: int) -> list[float]:
    """Return what one strategy has cost more than another by the end of each week.

    Parameters
    ----------
    costs, of
        Of the strategy and of the reference: what is paid once and on each day of the window, for
        each customer.
    """
    time = scenario.time
    start, end = time.burn_in, time.burn_in + time.window
    factors = discount_factors(make_clock(start, end), scenario.discount_rate)
    once, by_day = costs[0] - of[0], costs[1] - of[1]
    total, found = once, []
    for week in range(weeks):
        for day in range(7 * week, min(7 * (week + 1), len(factors))):
            part = min(1.0, (time.window - day * DAY) / DAY)
            total += by_day * part * int(factors[day]) / FIXED_ONE
        found.append(total / MILLICENTS)
    return found


def pay_back_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """Return the pay-backs as plain data, as `omnilab.experiment.schemas` describes them."""
    return [asdict(found) for found in pay_backs(comparison)]


def pay_back_words(found: PayBack, currency: str) -> str:
    """Return a pay-back as one or two sentences."""
    more = f"{abs(found.extra_cost):,.2f} {currency} a customer"
    if found.extra_cost <= 0.0:
        return (
            f"{found.strategy} costs {more} less than {found.reference} beside sends and clicks: "
            "there is nothing to pay back."
        )
    what = f"{found.strategy} costs {more} more than {found.reference} beside sends and clicks"
    end = f"the {found.run_weeks} weeks of the run"
    if found.weeks is None:
        lost = found.extra_cost - found.gain
        words = f"{what} and does not pay it back within {end}: {lost:,.2f} {currency} are missing"
    else:
        words = f"{what} and pays it back in {_weeks(found.weeks)}"
    if not found.known:
        return f"{words}. There are too few clusters for an interval."
    if found.low is None:
        return f"{words}, and some even at the upper end of the 95% interval."
    high = f"more than {found.run_weeks}" if found.high is None else f"{found.high}"
    return f"{words} (95% interval: {found.low} to {high} weeks)."


def _weeks(number: int) -> str:
    return "one week" if number == 1 else f"{number} weeks"
