"""Ways of delivery: what they are worth, when they come, whose slots are free, what comes back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.lowering.model import build_model
from omnilab.world.fulfilment import (
    NO_WAY,
    choose_way,
    fee_of,
    return_chance,
    taken_by,
    tops_up,
    worth_of,
)
from omnilab.world.slots import book_slot, empty_slots, first_slot, slot_begins, slot_ends
from tests.plain import plain
from tests.scenario.test_fulfilment import shop
from tests.worlds import DAY, WEB, cell_of, middles

HOUR = 3600
HOME = {"name": "home", "promised": "2d", "fee": 4.0, "free_from": 40.0, "late": 0.2}
FAST = {"name": "fast", "promised": "30min", "fee": 6.0, "likes": 0.5}
SLOTS = {"capacity": 2, "opens": "08:00", "closes": "14:00", "every": "2h", "ahead": "1d"}
SLOT = {"name": "slot", "promised": "3h", "late": 0.25, "slots": SLOTS}


def model_with(*ways: dict[str, Any], **world: Any) -> Any:
    scenario = shop(web={"delivery": list(ways)}).changed({"world": {"fulfilment": world}})
    return build_model(scenario)


def town(model: Any) -> Any:
    cell = cell_of(2, model)
    plain(empty_slots)(cell)
    return cell


def test_a_basket_from_the_free_amount_on_costs_no_fee():
    home, fast = model_with(HOME, FAST).way
    assert [plain(fee_of)(home, v) for v in (3999, 4000, 9000)] == [400, 0, 0]
    assert plain(fee_of)(fast, 9000) == 600


def test_a_way_is_worth_its_likes_less_its_fee_and_time():
    model = model_with(HOME, FAST, fee_weight=2.0, per_day=0.1, usual="1d")
    offer = float(model.offers.offer)
    assert offer > 0
    assert plain(worth_of)(model, 0, 2000, 2 * DAY) == pytest.approx(-offer * 2 * 0.2 - 0.1)
    assert plain(worth_of)(model, 1, 2000, 1800) == pytest.approx(
        0.5 - offer * 2 * 0.3 + 0.1 * (1 - 1800 / DAY)
    )


def test_ways_are_taken_by_a_logit_choice_of_those_that_come_in_time():
    model = model_with(HOME, FAST)
    cell, weight = town(model), np.zeros(4)
    x = [plain(worth_of)(model, n, 3000, t) for n, t in ((0, 2 * DAY), (1, 1800))]
    share = 1 / (1 + math.exp(x[1] - x[0]))

    def taken(until: int) -> list[int]:
        return [
            plain(choose_way)(cell, model, WEB, 0, 3000, until, u, weight) for u in middles(500)
        ]

    assert np.mean(np.array(taken(9 * DAY)) == 0) == pytest.approx(share, abs=0.003)
    assert set(taken(DAY)) == {1}
    assert set(taken(60)) == {NO_WAY}


def test_a_basket_a_little_short_of_free_delivery_is_filled_up():
    model = model_with(HOME, FAST, tops_up=0.6, tops_up_within=0.25)
    assert [plain(tops_up)(model, 0, v, 0.59) for v in (2999, 3000, 3999, 4000)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert not plain(tops_up)(model, 0, 3900, 0.6)
    assert not plain(tops_up)(model, 1, 3900, 0.0)


def test_the_share_that_is_late_is_what_is_said():
    model = model_with(HOME, {**HOME, "name": "sure", "late": 0.0})
    takes = np.array([plain(taken_by)(model, 0, 8 * k, 1, 2 * DAY, -1) for k in range(1500)])
    assert (takes > 2 * DAY).mean() == pytest.approx(0.2, abs=0.03)
    logs = np.log(takes / DAY)
    assert logs.std() == pytest.approx(0.4, abs=0.03)
    sure = [plain(taken_by)(model, 1, 8 * k, 1, 2 * DAY, -1) for k in range(200)]
    assert max(sure) <= 2 * DAY


def test_what_has_a_slot_comes_in_it_or_after_it():
    model = model_with(SLOT)
    begin, end = 5 * HOUR, 7 * HOUR
    takes = np.array([plain(taken_by)(model, 0, 8 * k, 1, end, begin) for k in range(1500)])
    late = takes > end
    assert takes.min() >= begin
    assert late.mean() == pytest.approx(0.25, abs=0.03)
    assert takes[~late].mean() == pytest.approx(6 * HOUR, rel=0.02)
    assert (takes[late] - end).mean() == pytest.approx(HOUR, rel=0.15)


def test_windows_follow_each_other_day_after_day():
    model = model_with(SLOT)
    way = model.way[0]
    assert [plain(slot_begins)(way, k) for k in (0, 2, 3)] == [8 * HOUR, 12 * HOUR, 32 * HOUR]
    assert plain(slot_ends)(way, 2) == 14 * HOUR


@given(st.lists(st.integers(0, 5 * HOUR), min_size=1, max_size=40))
def test_no_slot_takes_more_than_it_has_and_the_first_with_room_is_given(gaps):
    model = model_with(SLOT) if not _SLOTTED else _SLOTTED[0]
    _SLOTTED[:] = [model]
    cell, way, t = town(model), model.way[0], 0
    taken: dict[int, int] = {}
    for gap in gaps:
        t += gap
        slot = plain(first_slot)(cell, model, 0, t)
        windows = [
            k for k in range(60)
            if t + 3 * HOUR <= plain(slot_begins)(way, k) <= t + 3 * HOUR + DAY
        ]  # fmt: skip
        free = [k for k in windows if taken.get(k, 0) < 2]
        assert slot == (free[0] if free else -1)
        if slot >= 0:
            plain(book_slot)(cell, model, 0, slot)
            taken[slot] = taken.get(slot, 0) + 1
    assert max(taken.values(), default=0) <= 2


_SLOTTED: list[Any] = []


def test_what_was_not_seen_before_comes_back_more_often():
    model = model_with({**HOME, "returns": 0.65}, FAST)
    model.cat["returns"][:] = 0.1002
    assert plain(return_chance)(model, 0, 0) == pytest.approx(0.176, abs=0.001)  # NRF23, both
    assert plain(return_chance)(model, 0, 1) == plain(return_chance)(model, 0, -1) == 0.1002
