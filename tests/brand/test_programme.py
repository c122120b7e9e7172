"""What the brand counts: by silo, by period, moved and joined without a loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnilab.brand import at_hand, observe, programme
from omnilab.brand.state import Context
from omnilab.kernels.record import record_array
from omnilab.lowering.programme import lower_target_rules
from tests.plain import plain
from tests.worlds import DAY, IN_APP, IN_WEB, cell_of, corner, plan_of, record

PERIOD = 30 * DAY
BEGIN = 30 * DAY  # the corner shop's burn-in
SHOP = corner(brand={
    "programme": {
        "period": "30d",
        "tiers": [{"name": "silver", "spend": 50.0}, {"name": "gold", "spend": 100.0}],
        "targets": [
            {"name": "three", "purchases": 3, "from_day": 2, "to_day": 4, "reward": "five"},
            {"name": "much", "spend": 80.0, "to_day": 9, "reward": "five"},
        ],
    },
    "offers": [{"name": "five", "amount": 5.0}],
    "journeys": [
        {"name": name, "trigger": "once", "sequence": ["email"],
         "steps": [{"message": {"channels": ["email"], "promises": name}}]}
        for name in ("three", "much")
    ],
})  # fmt: skip
ALL = plan_of(SHOP)
SILO = plan_of(SHOP, "multichannel")

CELL = cell_of(1, plan=ALL)


def empty() -> Any:
    """Return the cell without a context."""
    CELL.context_of[0, :] = -1
    CELL.profile[0].first_copy = -1
    CELL.meta.contexts = 0
    CELL.meta.free_context = -1
    return CELL


orders = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 9000), st.integers(0, 2)), max_size=12
)


def naive_tier(bought: list[tuple[int, int]], t: int) -> int:
    """Return the tier by the plain rule: the larger of two periods' sums, against the bounds."""
    period = (t - BEGIN) // PERIOD
    sums = [sum(c for at, c in bought if (at - BEGIN) // PERIOD == period - k) for k in (0, 1)]
    return int(np.searchsorted([5000, 10000], max(sums), side="right"))


@settings(max_examples=25, deadline=None)
@given(orders, st.integers(0, 60))
def test_tiers_and_targets_are_those_of_the_plain_rule(
    bought: list[tuple[int, int, int]], later: int
) -> None:
    cell = empty()
    days = sorted(bought)
    for day, cents, silo in days:
        plain(observe.see_purchase)(cell, ALL, day * DAY, 0, silo, cents)
    t = (days[-1][0] if days else 0) * DAY + later * DAY
    tier = plain(at_hand.tier_at_hand)(cell, ALL, t, 0, IN_WEB)
    assert tier == (naive_tier([(d * DAY, c) for d, c, _ in days], t) if days else -1)
    within = [(d * DAY - BEGIN) // DAY for d, _, _ in days]
    seen = plain(at_hand.tally_at_hand)(cell, ALL, 0, IN_WEB, 0)
    assert seen == sum(2 <= d <= 4 for d in within)
    paid = sum(c for (_, c, _), d in zip(days, within, strict=True) if 0 <= d <= 9)
    assert plain(at_hand.tally_at_hand)(cell, ALL, 0, IN_WEB, 1) == paid
    assert plain(at_hand.paid_at_hand)(cell, ALL, 0, IN_WEB) == sum(c for _, c, _ in days)


def test_a_status_earned_in_one_silo_is_none_in_another_that_does_not_see_it() -> None:
    cell = empty()
    plain(observe.see_purchase)(cell, SILO, BEGIN, 0, IN_APP, 12000)
    tier = plain(at_hand.tier_at_hand)
    assert tier(cell, SILO, BEGIN, 0, IN_APP) == 2
    assert tier(cell, SILO, BEGIN, 0, IN_WEB) == -1
    assert tier(cell, ALL, BEGIN, 0, IN_WEB) == 2
    assert tier(cell, ALL, BEGIN, -1, IN_WEB) == -1


counts = st.lists(st.tuples(st.integers(0, 150), st.integers(1, 9000)), max_size=5)


def counted(bought: list[tuple[int, int]]) -> Any:
    made = record(Context)
    for day, cents in sorted(bought):
        plain(programme.count_purchase)(ALL, made, day * DAY, cents)
    return made


@settings(max_examples=40, deadline=None)
@given(counts, counts, st.booleans())
def test_what_moves_or_is_joined_is_what_one_context_would_have_counted(
    a: list[tuple[int, int]], b: list[tuple[int, int]], moved: bool
) -> None:
    to, of, both = counted(a), counted(b), counted(a + b)
    plain(programme.move_tally if moved else programme.merge_tally)(to, of)
    t = 151 * DAY
    period = plain(programme.period_of)(ALL, t)
    spent = plain(programme.spent_in)
    assert spent(to, period) == spent(both, period)
    assert to.spent_ever == both.spent_ever
    assert to.tally.tolist() == both.tally.tolist()
    if moved:
        assert spent(of, period) == (0, 0)
        assert of.tally.tolist() == [0] * 4


def test_a_higher_tier_is_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = empty()
    seen: list[int] = []
    run = plain(observe.see_purchase)
    monkeypatch.setitem(run.__globals__, "see_event", lambda *said: seen.append(said[5]))
    for cents in (4000, 1500, 100, 9000):
        run(cell, ALL, BEGIN, 0, IN_WEB, cents)
    assert seen == [observe.E_TIER] * 2


def test_days_of_targets_are_those_of_the_window() -> None:
    rules = lower_target_rules(SHOP)
    assert rules.first.tolist() == [BEGIN + 2 * DAY, BEGIN]
    assert rules.last.tolist() == [BEGIN + 5 * DAY - 1, BEGIN + 10 * DAY - 1]
    assert record_array(programme.TierRule, 1).spend.tolist() == [0]
