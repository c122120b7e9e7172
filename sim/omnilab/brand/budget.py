"""Budgets: what may still be spent, and what is done with a send for which there is no money.

A budget has money by local day, for the whole window, or both, for each 1,000 people; a town has
its share of it. With even pacing a day's money comes in 24 equal parts, one with each hour, and the
window's in as many as it has days. What is not spent stays until the day, or the window, is over.
Money is counted in milli-cents and spent when a message leaves or a search result is clicked. So no
budget is ever overspent: nothing is sent that any of its budgets can't pay.

Even pacing is the standard of ad platforms.

References
----------
Lee, K.-C., Jalali, A. and Dasdan, A. (2013). Real time bid optimization with smooth budget delivery
in online advertising. ADKDD.
Agarwal, D., Ghosh, S., Wei, K. and You, S. (2014). Budget pacing for targeted online advertisements
at LinkedIn. KDD, 1613-1619.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.whole import quotient
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, i8

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["CLICKS", "LoweredBudget", "Purse", "lacking", "left", "pay", "tried_again"]

CLICKS: Final = -1  # in place of a journey: a click on paid search
ENDLESS: Final = 1 << 62
DAY: Final = 86400
HOUR: Final = 3600
PEOPLE: Final = 1000  # that a budget is given for


class LoweredBudget(Record):
    """One budget of a plan."""

    channels: i8  # a bit each
    journeys: i8  # a bit each
    clicks: i8  # 1: it pays clicks on paid search, where the channel is among its own
    per_day: i8  # milli-cents for 1,000 people, 0 without end
    total: i8  # the same for the window
    even: i8  # 1 where money comes evenly
    waits: i8  # seconds that a message waits for money
    first: i8  # second of the window's start
    days: i8  # of the window


class Purse(Record):
    """What a town has spent of one budget."""

    day: i8 = -1  # the last day on which something was spent
    today: i8 = 0  # milli-cents spent on it
    spent: i8 = 0  # in the window


@inner
def left(cell: BrandCell, plan: LoweredPlan, people: int, b: int, t: int) -> int:
    """Return what budget ``b`` can still pay at ``t`` in a town of so many people, milli-cents."""
    budget, purse = plan.budget[b], cell.purse[b]
    money = ENDLESS
    day = quotient(t, DAY)
    if budget.per_day > 0:
        part = quotient(budget.per_day * people, PEOPLE)
        if budget.even == 1:
            part = quotient(part * (quotient(t - day * DAY, HOUR) + 1), 24)
        money = part - (purse.today if purse.day == day else 0)
    if budget.total > 0 and t >= budget.first:
        part = quotient(budget.total * people, PEOPLE)
        if budget.even == 1:
            days = min(quotient(t - budget.first, DAY) + 1, budget.days)
            part = quotient(part * days, budget.days)
        money = min(money, part - purse.spent)
    return int(money)


@inner
def covers(plan: LoweredPlan, b: int, journey: int, channel: int) -> bool:
    """Tell whether a budget pays the sends of a journey over a channel, or its `CLICKS`."""
    budget = plan.budget[b]
    if (budget.channels >> channel) & 1 == 0:
        return False
    return budget.clicks == 1 if journey == CLICKS else (budget.journeys >> journey) & 1 == 1


@inner
def lacking(
    cell: BrandCell, plan: LoweredPlan, people: int, journey: int, channel: int, t: int, cost: int
) -> int:
    """Return the first budget that can't pay ``cost`` milli-cents at ``t``, or -1.

    Parameters
    ----------
    people
        Of the town.
    journey
        Whose send it is; `CLICKS` for a click on paid search.
    """
    if cost <= 0:
        return -1
    for b in range(len(plan.budget)):
        if covers(plan, b, journey, channel) and left(cell, plan, people, b, t) < cost:
            return b
    return -1


@inner
def pay(cell: BrandCell, plan: LoweredPlan, journey: int, channel: int, t: int, cost: int) -> None:
    """Take ``cost`` milli-cents out of each budget that pays it."""
    day = quotient(t, DAY)
    for b in range(len(plan.budget)):
        if not covers(plan, b, journey, channel):
            continue
        purse = cell.purse[b]
        if purse.day != day:
            purse.day = day
            purse.today = 0
        purse.today += cost
        if t >= plan.budget[b].first:
            purse.spent += cost


@inner
def tried_again(plan: LoweredPlan, b: int, t: int) -> int:
    """Return when a message for which budget ``b`` lacks money may find some: the next part."""
    budget = plan.budget[b]
    step = HOUR if budget.even == 1 and budget.per_day > 0 else DAY
    return (quotient(t, step) + 1) * step
