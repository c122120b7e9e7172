"""Several offers at once against a naive wallet, and the best of them by trying all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from omnilab.world import offers, wallet
from tests.plain import plain
from tests.world.test_offers import world_with
from tests.worlds import STORE, WEB, cell_of

HOLDS = [1, 2, 4]


@dataclass(frozen=True)
class Kept:
    """What a person keeps of one offer: the message's number, its worth, its end."""

    of: int
    depth: float
    until: int


def model_with(*coupons: dict[str, Any], holds: int) -> Any:
    return world_with(*coupons, holds=holds, lasts=500)


def person_of(model: Any) -> Any:
    """Return a cell whose one person has no offer."""
    cell = cell_of(1, model)
    plain(wallet.clear_wallet)(cell, model, 0)
    cell.person[0].offer_until, cell.person[0].coupon = -1, 0
    return cell


def receive(cell: Any, model: Any, t: int, number: int, of: int, share: float = 0.0) -> None:
    plain(wallet.put_by)(cell, model, 0, t)
    if number > 0:
        plain(offers.keep_coupon)(model, cell.person[0], t, number)
    else:
        plain(offers.keep_offer)(model, cell.person[0], t, share)
    cell.person[0].offer_of, cell.person[0].offer_code = of, 1000 + of


def all_of(cell: Any, model: Any, t: int) -> set[int]:
    """Return the messages whose offers the person still holds."""
    places = [cell.person[0]]
    places += [cell.held[0, k] for k in range(int(model.offers.holds) - 1)]
    for x in places:
        assert x.offer_until < t or x.offer_code == 1000 + x.offer_of
    found = [int(x.offer_of) for x in places if x.offer_until >= t]
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize("holds", HOLDS)
def test_what_is_issued_is_used_ended_dropped_or_held(holds: int) -> None:
    """Any sequence of offers and orders, against a list."""
    depths = [0.31, 0.12, 0.23]
    lasts = [300, 900, 100]
    coupons = [{"share": d, "depth": d, "lasts": n} for d, n in zip(depths, lasts, strict=True)]
    model, rng = model_with(*coupons, holds=holds), np.random.default_rng(7)
    cell = person_of(model)
    mine: list[Kept] = []
    counts = dict.fromkeys(("issued", "used", "ended", "dropped"), 0)
    t = 0
    for of in range(400):
        t += int(rng.integers(1, 120))
        counts["ended"] += sum(x.until < t for x in mine)
        mine = [x for x in mine if x.until >= t]
        if rng.random() < 0.3 and mine:  # an order uses what is in hand
            if cell.person[0].offer_until >= t:
                mine = [x for x in mine if x.of != cell.person[0].offer_of]
                counts["used"] += 1
                plain(offers.use_up)(cell.person[0])
        else:
            number = int(rng.integers(0, 4))
            share = float(rng.uniform(0.01, 0.5))
            receive(cell, model, t, number, of, share)
            depth = depths[number - 1] if number else share
            ends = t + (lasts[number - 1] if number else 500)
            if len(mine) == holds:
                counts["dropped"] += 1
                mine.remove(min(mine, key=lambda x: (x.depth, x.until)))
            mine.append(Kept(of, depth, ends))
            counts["issued"] += 1
        assert all_of(cell, model, t) == {x.of for x in mine}
    assert counts["issued"] == counts["used"] + counts["ended"] + counts["dropped"] + len(mine)
    assert min(counts.values()) > 0


@pytest.mark.parametrize("holds", [2, 4])
def test_the_best_that_holds_is_taken_into_the_hand(holds: int) -> None:
    coupons = [
        {"share": 0.3, "channels": 1 << STORE},
        {"cents": 700, "minimum": 3000},
        {"share": 0.1},
        {"gift": 450, "category": 1},
    ]
    model, rng = model_with(*coupons, holds=holds), np.random.default_rng(3)
    taken: set[int] = set()
    for _ in range(150):
        cell = person_of(model)
        given = [int(n) for n in rng.choice(4, holds, replace=False) + 1]
        for k, number in enumerate(given):
            receive(cell, model, k, number, k)
        need, channel = cell.need[0], int(rng.choice([WEB, STORE]))
        need.value, need.category = int(rng.integers(1000, 6000)), int(rng.integers(0, 2))
        need.goods_lines = 0

        def worth(number: int, value: int, category: int, at: int) -> float:
            return {
                1: 0.3 * value * (at == STORE), 2: 700 * (value >= 3000), 3: 0.1 * value,
                4: 450 * (category == 1),
            }[number]  # fmt: skip

        by = {n: worth(n, int(need.value), int(need.category), channel) for n in given}
        before = int(cell.person[0].coupon)
        plain(wallet.take_best)(cell, model, 0, 10, channel, -1, need)
        now = int(cell.person[0].coupon)
        taken.add(now)
        assert by[now] == pytest.approx(max(by.values()), abs=1.0)
        assert max(by.values()) > 0 or now == before
        assert all_of(cell, model, 10) == set(range(holds))  # none is lost
    assert taken == {1, 2, 3, 4}


def test_of_two_that_are_worth_the_same_the_one_that_ends_first_is_used() -> None:
    model = model_with({"share": 0.2, "lasts": 100}, {"share": 0.2, "lasts": 900}, holds=2)
    for first, second in ((1, 2), (2, 1)):
        cell = person_of(model)
        receive(cell, model, 0, first, 0)
        receive(cell, model, 0, second, 1)
        cell.need[0].value = 2000
        plain(wallet.take_best)(cell, model, 0, 10, WEB, -1, cell.need[0])
        assert cell.person[0].coupon == 1


def test_who_chooses_where_to_go_thinks_of_the_offer_that_draws_most() -> None:
    bound = {"channels": 1 << STORE}
    coupons = [{"depth": 0.2, **bound}, {"depth": 0.4, **bound, "first": 50}, {"depth": 0.9}]
    model = model_with(*coupons, holds=4).replaced()
    model.offers.pulls = 2.0
    cell = person_of(model)
    for k in (0, 1, 2):
        receive(cell, model, 0, k + 1, k)
    for t, number in ((10, 1), (60, 2)):
        plain(wallet.take_what_draws)(cell, model, 0, t)
        assert cell.person[0].coupon == number


def test_with_one_offer_at_a_time_there_is_no_wallet() -> None:
    model = model_with({"share": 0.2}, holds=1)
    cell = person_of(model)
    assert len(cell.held) == 0
    receive(cell, model, 0, 1, 5)
    receive(cell, model, 1, 0, 6, 0.1)
    assert (cell.person[0].offer_of, cell.person[0].coupon) == (6, 0)
    four = person_of(model_with({"share": 0.2}, holds=4))
    assert four.held[0].nbytes == 3 * 40 == wallet.PUT_BY * 40
