"""Needs against the renewal process, written out, and their list."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.draws.inverse import from_table
from omnilab.draws.streams import NEED, NEED_GAP
from omnilab.kernels.compiling import kernel
from omnilab.world import clock, needs
from tests.plain import plain
from tests.worlds import DAY, changed, corner, drawn, inhabited, model_of, quiet

MODEL = model_of()
END = int(MODEL.clock.run_end)


def with_stages(k: int, category: int = 0) -> Any:
    model = changed(MODEL)
    model.cat[category].regularity = k
    return model


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("number", [0, 3])
def test_a_gap_is_erlang_and_the_first_begins_in_any_stage(k: int, number: int) -> None:
    model = with_stages(k, 1)
    cell = inhabited(model, 12)
    for who in range(12):
        cell.rate[who, 1], cell.gaps[who, 1] = 0.01, number
        entity = cell.person[who].entity
        occasion = 1 << 40 | number << 2
        stages = k
        if number == 0 and k > 1:
            stages = 1 + int(drawn(model, NEED_GAP, entity, occasion | 2)[0] * k)
        uniforms = [*drawn(model, NEED_GAP, entity, occasion),
                    *drawn(model, NEED_GAP, entity, occasion | 1)]  # fmt: skip
        hours = -sum(math.log(u) for u in uniforms[:stages]) / k / 0.01
        at = plain(needs.next_arrival)(cell, model, who, 1, 5000)
        assert at == pytest.approx(min(5000 + hours * 3600, END + 1), abs=1.5)
        assert cell.gaps[who, 1] == number + 1


def test_gaps_have_the_mean_of_their_rate_on_the_categorys_clock() -> None:
    model = model_of(corner(categories=[
        {"name": "beans", "every": "12d", "regularity": 3, "spend": {"mean": 20.0},
         "season": [50, 50, 300, 50, 50, 50, 50, 50, 50, 50, 50, 50]}]))  # fmt: skip
    cell = inhabited(model, 1)
    cell.rate[0, 0] = 0.02
    cell.gaps[0, 0] = 1
    gaps, t = [], 0
    while (at := plain(needs.next_arrival)(cell, model, 0, 0, t)) < model.clock.run_end:
        a, b = (plain(clock.to_need_clock)(model, 0, plain(clock.to_activity)(model, x))
                for x in (t, at))  # fmt: skip
        gaps.append(b - a)
        t = at
    assert len(gaps) > 40
    assert np.mean(gaps) == pytest.approx(50.0, rel=0.3)  # hours
    assert np.std(gaps) == pytest.approx(50.0 / math.sqrt(3), rel=0.4)


def test_who_needs_nothing_gets_nothing_and_a_gap_is_a_second_at_least() -> None:
    cell = inhabited(MODEL, 1)
    cell.rate[0, 0] = 0.9e-12
    assert plain(needs.next_arrival)(cell, MODEL, 0, 0, 0) == END + 1
    cell.rate[0, 0] = 1e9
    assert plain(needs.next_arrival)(cell, MODEL, 0, 0, 700) == 701
    cell.rate[0, 0] = 1e-9
    assert plain(needs.next_arrival)(cell, MODEL, 0, 0, 700) == END + 1


def test_no_two_needs_of_a_person_have_one_ordinal() -> None:
    five = [{"name": f"c{n}", "every": "12d", "spend": {"mean": 20.0}} for n in range(5)]
    for model, n in ((MODEL, 2), (model_of(corner(categories=five)), 5)):
        assert model.needs.stride >= n
        ordinals = [plain(needs.ordinal_of)(model, c, k) for c in range(n) for k in range(9)]
        assert len(set(ordinals)) == 9 * n
        assert plain(needs.ordinal_of)(model, 1, 0) == 1


def opened(latent: float = 3.0 * DAY, patience: float = 9.0 * DAY, t: int = 1000) -> Any:
    """Return a new need, when it is noticed, and the uniforms of its draws."""
    model = changed(MODEL)
    model.cat[1].latent, model.cat[1].patience = latent, patience
    cell = inhabited(model, 1)
    cell.need[2].visits = cell.need[2].cart_left = cell.need[2].progress = 9  # of its last use
    cell.need[2].channel = cell.need[2].silo = cell.need[2].stock = 7
    noticed = plain(needs.open_need)(cell, model, 0, 2, 1, 33, t)
    return cell, cell.need[2], noticed, drawn(model, NEED, cell.person[0].entity, 33)


def test_a_need_has_the_value_of_its_draw_and_the_persons_scale() -> None:
    cell, need, _, (u, _, _, _) = opened()
    cents = plain(from_table)(MODEL.table[MODEL.demand[1].table_order], u) * cell.spend[0, 1] * 100
    assert need.value == round(cents)
    assert need.value > 1
    assert (need.category, need.owner, need.ordinal, need.opened) == (1, 0, 33, 1000)
    assert cell.person[0].needs == 1


def test_patience_counts_from_when_the_need_is_noticed() -> None:
    _, need, noticed, (_, v, w, _) = opened()
    assert noticed == pytest.approx(1000 - math.log(v) * 3 * DAY, abs=1.5)
    assert need.expires == noticed + 1 + int(-math.log(w) * 9 * DAY)
    assert need.opened == need.stock_t == 1000


def test_a_need_that_nobody_overlooks_is_noticed_at_once() -> None:
    _, need, noticed, (_, _, w, _) = opened(latent=0.0)
    assert noticed == 1001
    assert need.expires == 1002 + int(-math.log(w) * 9 * DAY)
    assert opened(latent=0.5)[2] == 1001


def test_a_new_need_is_a_clean_one() -> None:
    _, need, _, _ = opened()
    assert (need.stage, need.progress, need.channel, need.silo) == (needs.LATENT, 0, -1, -1)
    assert (need.cart_left, need.visits, need.stock) == (0, 0, 0.0)


def test_a_value_is_a_cent_at_least_and_fits_what_gives_it_back() -> None:
    cell = inhabited(MODEL, 1)
    for scale, value in ((0.0, 1), (1e30, (1 << 37) - 1)):
        cell.spend[0, 0] = scale
        plain(needs.open_need)(cell, MODEL, 0, 0, 0, 0, 0)
        assert cell.need[0].value == value


def test_needs_are_found_and_closed_wherever_they_stand() -> None:
    for gone in range(3):
        cell = inhabited(MODEL, 1)
        person = cell.person[0]
        for ordinal in (10, 11, 12):
            i = plain(needs.take_need)(cell)
            plain(needs.open_need)(cell, MODEL, 0, i, 0, ordinal, 0)
            cell.need[i].next = person.first_need
            person.first_need = i
        places = [plain(needs.find)(cell, person, 10 + n) for n in range(3)]
        assert [cell.need[i].ordinal for i in places] == [10, 11, 12]
        assert plain(needs.find)(cell, person, 13) == -1
        plain(needs.close)(cell, person, places[gone])
        assert cell.need[places[gone]].stage == needs.FREE
        left = [plain(needs.find)(cell, person, 10 + n) >= 0 for n in range(3)]
        assert left == [n != gone for n in range(3)]
        assert plain(needs.take_need)(cell) == places[gone]
        assert plain(needs.take_need)(cell) == 3


@kernel
def arrive(cell: Any, model: Any, out: Any) -> None:
    for k in range(len(out)):
        out[k, 0] = needs.next_arrival(cell, model, k % 2, k % 2, k * 1000)
        out[k, 1] = needs.open_need(cell, model, k % 2, 0, k % 2, k, k * 1000)
        out[k, 2] = cell.need[0].value
        out[k, 3] = cell.need[0].expires


def test_compiled_and_plain_are_equal() -> None:
    model = with_stages(7)
    found = [np.zeros((30, 4), np.int64), np.zeros((30, 4), np.int64)]
    for function, out in zip((arrive, plain(arrive)), found, strict=True):
        cell = inhabited(model, 2)
        cell.gaps[:] = 0
        quiet(cell)
        function(cell, model, out)
    assert found[0].tolist() == found[1].tolist()
