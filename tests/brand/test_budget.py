"""Budgets: what is left at each moment, what they pay, and when a message tries again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.brand import budget as rules
from omnilab.brand.budget import CLICKS, LoweredBudget, Purse
from omnilab.cell.memory import reset, reset_brand
from omnilab.kernels.record import record_array
from tests.plain import plain
from tests.worlds import DAY, cell_of, changed, plan_of, record

RULES = ("brand/budget.py", "cell/memory.py")
HOUR = 3600
left, pay, lacking = plain(rules.left), plain(rules.pay), plain(rules.lacking)
PEOPLE = 500


def make(*budgets: Any) -> tuple[Any, Any]:
    """Return a cell's purses and a plan with budgets, each over channel 0 and journey 0."""
    made = []
    for budget in budgets:
        base = {"channels": 1, "journeys": 1, "clicks": 1, "first": 10 * DAY, "days": 4}
        made.append(record(LoweredBudget, **{**base, **budget}))
    purses = [record(Purse, day=-1) for _ in budgets]
    return SimpleNamespace(purse=purses), SimpleNamespace(budget=made)


def test_a_day_has_the_towns_part_whenever_it_is_spent() -> None:
    cell, plan = make({"per_day": 48_000})
    assert left(cell, plan, PEOPLE, 0, 3 * DAY) == 24_000
    pay(cell, plan, 0, 0, 3 * DAY, 23_000)
    assert left(cell, plan, PEOPLE, 0, 4 * DAY - 1) == 1_000
    assert left(cell, plan, PEOPLE, 0, 4 * DAY) == 24_000  # what was not spent is gone


def test_evenly_a_24th_comes_with_each_hour_and_what_is_left_stays() -> None:
    cell, plan = make({"per_day": 48_000, "even": 1})
    assert [left(cell, plan, PEOPLE, 0, DAY + h * HOUR) for h in (0, 1, 23)] == [
        1_000, 2_000, 24_000
    ]  # fmt: skip
    assert left(cell, plan, PEOPLE, 0, DAY + HOUR - 1) == 1_000
    pay(cell, plan, 0, 0, DAY, 600)
    assert left(cell, plan, PEOPLE, 0, DAY + HOUR) == 1_400


def test_the_window_has_its_own_and_the_burn_in_is_not_charged() -> None:
    cell, plan = make({"total": 80_000}, {"total": 80_000, "even": 1})
    assert left(cell, plan, PEOPLE, 0, DAY) > 1 << 60
    pay(cell, plan, 0, 0, 10 * DAY - 1, 5_000)
    start = 10 * DAY
    assert [left(cell, plan, PEOPLE, b, start) for b in (0, 1)] == [40_000, 10_000]
    pay(cell, plan, 0, 0, start, 3_000)
    assert [left(cell, plan, PEOPLE, b, start + DAY) for b in (0, 1)] == [37_000, 17_000]
    assert [left(cell, plan, PEOPLE, b, start + 99 * DAY) for b in (0, 1)] == [37_000, 37_000]


def test_a_day_and_a_window_both_hold() -> None:
    cell, plan = make({"per_day": 48_000, "total": 60_000})
    pay(cell, plan, 0, 0, 10 * DAY, 20_000)
    assert left(cell, plan, PEOPLE, 0, 10 * DAY) == 4_000
    assert left(cell, plan, PEOPLE, 0, 11 * DAY) == 10_000


def test_a_budget_pays_its_channels_journeys_and_clicks() -> None:
    cell, plan = make({"per_day": 2_000, "channels": 0b10, "journeys": 0b10, "clicks": 0})
    covers = plain(rules.covers)
    assert covers(plan, 0, 1, 1)
    assert not covers(plan, 0, 0, 1)
    assert not covers(plan, 0, 1, 0)
    assert not covers(plan, 0, CLICKS, 1)
    pay(cell, plan, 1, 0, 0, 500)
    assert left(cell, plan, PEOPLE, 0, 0) == 1_000
    plan.budget[0].clicks = 1
    pay(cell, plan, CLICKS, 1, 0, 400)
    assert left(cell, plan, PEOPLE, 0, 0) == 600


def test_all_that_pay_a_send_need_money_and_what_is_free_needs_none() -> None:
    cell, plan = make({"per_day": 4_000}, {"per_day": 2_000}, {"per_day": 2, "channels": 2})
    assert lacking(cell, plan, PEOPLE, 0, 0, 0, 1_000) == -1
    assert lacking(cell, plan, PEOPLE, 0, 0, 0, 1_001) == 1
    assert lacking(cell, plan, PEOPLE, 0, 0, 0, 2_001) == 0
    pay(cell, plan, 0, 0, 0, 1_000)
    assert lacking(cell, plan, PEOPLE, 0, 0, 0, 0) == -1


def test_a_day_of_more_demand_than_money_is_spent_by_the_hour() -> None:
    """Closed form: evenly each hour spends its 24th; at once the first hours spend it all."""
    spent = {}
    for even in (0, 1):
        cell, plan = make({"per_day": 48_000, "even": even})
        spent[even] = [0] * 24
        for tick in range(96):
            t = 7 * DAY + tick * 900
            for _ in range(30):  # sends of 100 milli-cents, of which a day could take 2,880
                if lacking(cell, plan, PEOPLE, 0, 0, t, 100) < 0:
                    pay(cell, plan, 0, 0, t, 100)
                    spent[even][tick // 4] += 100
    assert spent[1] == [1_000] * 24
    assert spent[0] == [12_000, 12_000] + [0] * 22


@pytest.mark.parametrize(
    ("budget", "again"),
    [
        ({"per_day": 1, "even": 1}, DAY + 8 * HOUR), ({"per_day": 1}, 2 * DAY),
        ({"total": 1, "even": 1}, 2 * DAY), ({"total": 1}, 2 * DAY),
    ],
)  # fmt: skip
def test_a_message_tries_again_when_more_money_comes(budget: Any, again: int) -> None:
    _, plan = make(budget)
    assert plain(rules.tried_again)(plan, 0, DAY + 7 * HOUR + 5) == again
    assert plain(rules.tried_again)(plan, 0, DAY + 7 * HOUR) == again


@given(st.data())
def test_no_budget_is_ever_overspent(data: st.DataObject) -> None:
    """Whoever asks before each payment never goes below zero, whatever comes in which order."""
    number = st.integers(1, 90_000)
    cell, plan = make(*[
        {"per_day": data.draw(number), "total": data.draw(st.one_of(st.just(0), number)),
         "even": data.draw(st.integers(0, 1))}
        for _ in range(data.draw(st.integers(1, 3)))
    ])  # fmt: skip
    t = 9 * DAY
    for gap, cost in data.draw(st.lists(st.tuples(st.integers(0, DAY), st.integers(0, 9_000)))):
        t += gap
        if lacking(cell, plan, PEOPLE, 0, 0, t, cost) < 0:
            pay(cell, plan, 0, 0, t, cost)
        assert all(left(cell, plan, PEOPLE, b, t) >= 0 for b in range(len(plan.budget)))


def test_the_largest_budget_of_the_largest_town_can_be_counted() -> None:
    cell, plan = make({"per_day": 10**11, "total": 10**11, "even": 1, "days": 3_660})
    assert left(cell, plan, 16_000, 0, 4_000 * DAY) == 16 * 10**11 // 24


@pytest.mark.parametrize("begin", [reset_brand, lambda cell: plain(reset)(cell, 1, 2)])
def test_who_begins_anew_has_spent_nothing(begin: Any) -> None:
    """A town whose memory was another's, and a strategy that takes over."""
    plan = plan_of()
    plan = changed(plan.replaced(budget=record_array(LoweredBudget, 2)))
    cell = cell_of(plan=plan)
    assert [(p.day, p.today, p.spent) for p in cell.purse] == [(-1, 0, 0)] * 2
    cell.purse[1].day, cell.purse[1].today, cell.purse[1].spent = 3, 4, 5
    plain(begin)(cell)
    assert (cell.purse[1].day, cell.purse[1].today, cell.purse[1].spent) == (-1, 0, 0)
