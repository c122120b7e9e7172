"""Units are conserved, the oldest spoil first, and supply policies meet their closed forms."""

from __future__ import annotations

import heapq
import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from omnilab.interaction.supply import ARRIVES, BACK, LAPSES, REVIEW, SPOILS, fill_shelves, supply
from omnilab.kernels.record import record_array
from omnilab.lowering.model import build_model
from omnilab.scenario.stock import StockPlan
from omnilab.world.shelf import feed_says, hold, let_go, take, take_held
from omnilab.world.stock import Supply
from tests.plain import plain
from tests.world.test_stock import shop
from tests.worlds import cell_of, due, logged, plan_of

DAY = 86400


@cache
def _bare() -> Any:
    scenario = shop(("store",))
    return build_model(scenario), plan_of(scenario)


class Store:
    """One shelf with its supply, driven item by item as an engine does."""

    def __init__(self, feed: int = 0, **supply: int) -> None:
        model, plan = _bare()
        given_ = {"level": 10, "order_point": -1, "lot": 0, "review": 0, "lead": 0, "life": 0}
        made = record_array(Supply, 5)
        made.level = -1
        for name, value in (given_ | supply).items():
            made[0][name] = value
        stock = model.arrays()["stock"].copy()
        stock[0].feed = feed
        clock = model.arrays()["clock"].copy()
        clock[0].run_end = 10**9
        self.model = model.replaced(supply=made, stock=stock, clock=clock)
        self.cell = cell_of(2, model, plan)
        self.cell.meta.persons = 1
        plain(fill_shelves)(self.cell, self.model)
        self.items: list[tuple[int, int, int, int]] = []
        self.n = 0
        self._collect()

    @property
    def shelf(self) -> Any:
        """The shelf's record."""
        return self.cell.shelf[0]

    def _collect(self) -> None:
        for t, _, _, a, b in due(self.cell):
            self.n += 1
            heapq.heappush(self.items, (t, self.n, a, b))

    def go_to(self, t: int, most: int = 1 << 30) -> None:
        """Let all happen that is due before ``t``, or the first of it."""
        while self.items and self.items[0][0] < t and most > 0:
            most -= 1
            at, _, a, b = heapq.heappop(self.items)
            plain(supply)(self.cell, self.model, at, 0, a, b)
            self.cell.meta.rows = 0
            self._collect()
            self.check()

    def demand(self, t: int) -> bool:
        """Sell a unit at ``t``; tell whether there was one."""
        from omnilab.interaction.supply import order_if_low

        self.go_to(t)
        if self.shelf.free == 0:
            return False
        plain(take)(self.cell, self.model, 0, t)
        plain(order_if_low)(self.cell, self.model, t, 0)
        self.cell.meta.rows = 0
        self._collect()
        self.check()
        return True

    def check(self) -> None:
        """Assert that units are conserved and no level is below zero."""
        x = self.shelf
        level = int(self.model.supply[0].level)
        assert min(x.free, x.held, x.coming) >= 0
        assert level + x.came + x.back == x.free + x.held + x.sold + x.spoiled
        assert x.ordered == x.came + x.coming
        assert x.gone == x.held + x.sold + x.spoiled


OPS = st.lists(
    st.tuples(
        st.sampled_from(("sell", "hold", "let_go", "sell_held", "back", "lapse")),
        st.integers(0, 4 * DAY),
    ),
    max_size=60,
)


@settings(max_examples=40, deadline=None)
@given(
    ops=OPS, level=st.integers(0, 6), lead=st.sampled_from((0, DAY)),
    policy=st.sampled_from(({}, {"review": 2 * DAY}, {"order_point": 2}, {"order_point": 3,
                                                                          "lot": 2})),
    life=st.sampled_from((0, 5 * DAY)),
)  # fmt: skip
def test_units_are_conserved_whatever_happens(
    ops: list[tuple[str, int]], level: int, lead: int, policy: dict[str, int], life: int
) -> None:
    store = Store(level=level, lead=lead, life=life, **policy)
    t = 1
    for what, gap in ops:
        t += gap
        store.go_to(t)
        x, cell, model = store.shelf, store.cell, store.model
        if what == "sell":
            store.demand(t)
        elif what == "hold" and x.free > 0:
            plain(hold)(cell, model, 0, t)
        elif what == "let_go" and x.held > 0:
            plain(let_go)(cell, model, 0, t)
        elif what == "sell_held" and x.held > 0:
            plain(take_held)(cell, 0)
        elif what == "back" and x.sold > x.back:
            plain(supply)(cell, model, t, 0, BACK, 7)
        elif what == "lapse" and x.held > 0:
            cell.person[0].kept_shelf, cell.person[0].kept_need = 0, 7
            plain(supply)(cell, model, t, 0, LAPSES, 7)
            assert cell.person[0].kept_shelf == -1
        store.check()


def test_a_reservation_that_was_fetched_or_is_anothers_does_not_lapse() -> None:
    store = Store()
    plain(hold)(store.cell, store.model, 0, 5)
    for shelf, need in ((-1, 7), (0, 8)):
        store.cell.person[0].kept_shelf, store.cell.person[0].kept_need = shelf, need
        plain(supply)(store.cell, store.model, 9, 0, LAPSES, 7)
        assert store.shelf.held == 1


@settings(max_examples=40, deadline=None)
@given(
    sales=st.lists(st.integers(1, 3 * DAY), max_size=40),
    level=st.integers(1, 8),
    life=st.sampled_from((3 * DAY, 8 * DAY)),
    review=st.sampled_from((DAY, 4 * DAY)),
)
def test_the_oldest_units_leave_first_and_the_rest_spoils_at_its_age(
    sales: list[int], level: int, life: int, review: int
) -> None:
    """Against a list of the units' dates: each is sold before its age, or spoils at it."""
    store = Store(level=level, life=life, review=review, lead=0)
    dates = [0] * level
    came = spoiled = t = 0
    for gap in sales:
        t += gap
        while store.items and store.items[0][0] < t:
            now = store.items[0][0]
            store.go_to(now + 1, most=1)
            dates += [now] * int(store.shelf.came - came)
            thrown = int(store.shelf.spoiled - spoiled)
            assert all(date + life == now for date in dates[:thrown])
            dates = dates[thrown:]
            came, spoiled = int(store.shelf.came), int(store.shelf.spoiled)
        assert store.demand(t) == (len(dates) > 0)
        dates = dates[1:]
        assert all(date + life >= t for date in dates)


def test_what_came_first_is_thrown_away_at_its_age_and_nothing_else() -> None:
    store = Store(level=5, life=3 * DAY, order_point=3, lot=4, lead=DAY)
    assert store.demand(100)
    assert store.demand(200)  # three are left: four are ordered, and come a day later
    store.go_to(2 * DAY)
    assert (store.shelf.free, store.shelf.came) == (7, 4)
    store.go_to(3 * DAY + 1)  # the first five are three days old: two of them were sold
    assert (store.shelf.free, store.shelf.spoiled) == (4, 3)
    store.go_to(4 * DAY + 201)
    assert (store.shelf.free, store.shelf.spoiled) == (0, 7)


def test_what_the_feed_shows_is_as_old_as_its_last_reading() -> None:
    """Against a list of all levels."""
    rng = np.random.default_rng(3)
    store, level, history = Store(feed=DAY, level=40), 40, [(0, 40)]
    says = plain(feed_says)
    for t in np.cumsum(rng.integers(1, DAY, 60)).tolist():
        read = t // DAY * DAY
        expected = [n for at, n in history if at < max(read, 1)][-1]
        assert says(store.cell, store.model, 0, t) == expected
        if level > 0 and rng.random() < 0.6:
            plain(take)(store.cell, store.model, 0, t)
            level -= 1
            history.append((t, level))
            assert says(store.cell, store.model, 0, t) == expected
    fresh = Store(level=4)
    plain(take)(fresh.cell, fresh.model, 0, 9)
    assert says(fresh.cell, fresh.model, 0, 9) == 3


def lost(mean: float, level: int) -> float:
    """Return the expected Poisson demand above a level."""
    k = np.arange(level + 1, level + 400)
    return float(((k - level) * stats.poisson.pmf(k, mean)).sum())


def test_stock_outs_by_order_point_are_those_of_the_closed_form() -> None:
    """(s, Q) with lost sales, at most one order out: Hadley and Whitin (1963), section 4-11.

    An order is placed at s units and comes a lead time later, so a cycle loses (D - s)+ of the
    Poisson demand D of a lead time, and sells Q.
    """
    s, lot, lead, rate = 4, 12, 3 * DAY, 1.5 / DAY
    store = Store(level=s + lot, order_point=s, lot=lot, lead=lead)
    rng = np.random.default_rng(11)
    n, t, missed = 6000, 0.0, 0
    for _ in range(n):
        t += rng.exponential(1 / rate)
        missed += not store.demand(int(t) + 1)
    per_cycle = lost(rate * lead, s)
    expected = per_cycle / (lot + per_cycle)
    cycles = n / (lot + per_cycle)
    k = np.arange(s + 1, s + 60)
    squares = float(((k - s) ** 2 * stats.poisson.pmf(k, rate * lead)).sum())
    error = math.sqrt((squares - per_cycle**2) * cycles) / n
    assert missed / n == pytest.approx(expected, abs=4 * error)
    assert error < 0.2 * expected


@pytest.mark.parametrize("level", [3, 7, 10])
def test_a_review_loses_what_the_newsvendor_loses(level: int) -> None:
    """Up to S every R, delivered at once: each period is a newsvendor's with the demand of R."""
    review, rate = 4 * DAY, 1.5 / DAY
    store = Store(level=level, review=review, lead=0)
    rng = np.random.default_rng(level)
    periods, missed, t = 500, 0, 0.0
    while (t := t + rng.exponential(1 / rate)) < periods * review:
        missed += not store.demand(int(t) + 1)
    mean = rate * review
    k = np.arange(level + 1, level + 60)
    squares = float(((k - level) ** 2 * stats.poisson.pmf(k, mean)).sum())
    expected = lost(mean, level)
    error = math.sqrt((squares - expected**2) / periods)
    assert missed / periods == pytest.approx(expected, abs=4 * error)


def test_the_critical_fractile_earns_most() -> None:
    """Of all levels the one at the newsvendor's fractile has the best profit, by simulation."""
    price, cost, mean = 10.0, 6.0, 6.0  # a unit unsold at the period's end is lost
    rng = np.random.default_rng(5)
    demands = rng.poisson(mean, 160)
    profit = {}
    for level in range(3, 10):
        store = Store(level=level, review=DAY, life=DAY - 1, lead=0)
        for day, n in enumerate(demands.tolist()):
            for i in range(n):
                store.demand(day * DAY + 100 + i)
        x = store.shelf
        profit[level] = price * int(x.sold) - cost * int(x.sold + x.spoiled)
    best = max(profit, key=lambda level: profit[level])
    assert abs(best - int(stats.poisson.ppf(1 - cost / price, mean))) <= 1


def test_each_movement_writes_its_row() -> None:
    store = Store(level=5, review=DAY, lead=DAY, life=2 * DAY)
    cell, model = store.cell, store.model
    plain(take)(cell, model, 0, 5)
    for what, t, b in ((REVIEW, DAY, 0), (ARRIVES, 2 * DAY, 1), (SPOILS, 2 * DAY, 5),
                       (BACK, 3 * DAY, 7)):  # fmt: skip
        plain(supply)(cell, model, t, 0, what, b)
    found = [(r["kind"], r["n"]) for r in logged(cell)]
    assert found == [("units_ordered", 1), ("units_came", 1), ("units_spoiled", 4),
                     ("units_back", 1)]  # fmt: skip


def test_nothing_is_planned_for_what_never_runs_out() -> None:
    assert not StockPlan().holds_units
    store = Store()
    assert (store.items, len(store.cell.shelf)) == ([], 5)
