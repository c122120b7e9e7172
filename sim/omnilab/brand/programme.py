"""What the brand counts of its members: purchases for targets, spending for tiers.

A silo counts the orders that it takes on the profile that it knows, in its own context, as it keeps
points. Which silos see the count depends on the context choice (`omnilab.brand.context.sees`): a
status that was earned in the app is none at a till that can't see the app. At a hand-off the
counts move on, in a merge they are joined, so nothing is counted twice.

Spending counts by periods of fixed length. A tier that was reached in one period lasts to the end
of the next, so what counts is the larger of this period's spending and that of the one before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.draws.whole import quotient
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Ints, Record, i4, i8, several

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import Context

__all__ = [
    "LoweredMembers",
    "Tally",
    "TargetRule",
    "TierRule",
    "count_purchase",
    "merge_tally",
    "move_tally",
    "period_of",
    "spent_in",
    "tier_by_spend",
]

TARGETS = 4  # that a context counts for, as `omnilab.scenario.programme.MOST_TARGETS`


class LoweredMembers(Record):
    """What the rules read of the programme besides targets and tiers."""

    programme: i8  # 1 where there is one
    period: i8  # seconds
    begins: i8  # second at which some period begins


class TargetRule(Record):
    """What the brand counts for a target."""

    first: i8  # seconds between which orders count
    last: i8
    money: i8  # 1: what is paid counts, in cents; 0: each purchase


class TierRule(Record):
    """What a tier takes, and what the brand gives for it."""

    spend: i8  # cents
    points: i8  # thousandths: points for each one of others


class Tally(Record):
    """What a context keeps of purchases."""

    tally: Ints = several(TARGETS, i8, first=0)  # for each target
    spent_now: i8 = 0  # cents in period ``spent_period``
    spent_before: i8 = 0  # and in the one before
    spent_ever: i8 = 0
    spent_period: i4 = 0
    balance: i8 = 0  # cents that were loaded here and not paid from, less those paid from here


@inner
def period_of(plan: LoweredPlan, t: int) -> int:
    """Return the number of the period of ``t``, seconds; never negative."""
    period = int(plan.rules.period)
    shift = period - int(plan.rules.begins) % period
    return quotient(t + shift, period)


@inner
def count_purchase(plan: LoweredPlan, context: Context, t: int, cents: int) -> None:
    """Count an order of ``cents`` for targets and tiers."""
    for k in range(len(plan.target)):
        target = plan.target[k]
        if target.first <= t <= target.last:
            context.tally[k] += cents if target.money == 1 else 1
    _roll(context, period_of(plan, t))
    context.spent_now += cents
    context.spent_ever += cents


@inner
def _roll(context: Context, period: int) -> None:
    """Let the counts of a context be those of a period, which is no earlier than its own."""
    ahead = period - context.spent_period
    if ahead <= 0:
        return
    context.spent_before = context.spent_now if ahead == 1 else 0
    context.spent_now = 0
    context.spent_period = period


@inner
def spent_in(context: Context, period: int) -> tuple[int, int]:
    """Return what a context counts in a period and in the one before, cents."""
    ahead = period - context.spent_period
    if ahead <= 0:
        return int(context.spent_now), int(context.spent_before)
    return 0, int(context.spent_now) if ahead == 1 else 0


@inner
def tier_by_spend(plan: LoweredPlan, now: int, before: int) -> int:
    """Return the tier, from 1, that spending in a period and the one before brings; 0 none."""
    counts = max(now, before)
    tier = 0
    for k in range(len(plan.tier)):
        if counts >= plan.tier[k].spend:
            tier = k + 1
    return tier


@inner
def merge_tally(to: Context, of: Context) -> None:
    """Add the counts of one context to those of another."""
    for k in range(TARGETS):
        to.tally[k] += of.tally[k]
    period = max(to.spent_period, of.spent_period)
    _roll(to, period)
    now, before = spent_in(of, period)
    to.spent_now += now
    to.spent_before += before
    to.spent_ever += of.spent_ever
    to.balance += of.balance


@inner
def move_tally(to: Context, of: Context) -> None:
    """Give all counts of one context to another, so that nothing is counted twice."""
    merge_tally(to, of)
    for k in range(TARGETS):
        of.tally[k] = 0
    of.spent_now = 0
    of.spent_before = 0
    of.spent_ever = 0
    of.balance = 0
