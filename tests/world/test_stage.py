"""The stage of a need: the very good meets a narrow one better, the brand at large a broad one."""

from __future__ import annotations

import math
from typing import Any

import pytest

from omnilab.brand.codes import SHOW_BOUGHT, SHOW_CART, SHOW_GENERIC, SHOW_VIEWED
from omnilab.interaction.message import _is_specific
from omnilab.world import intent, stage
from omnilab.world.needs import EXPLORING, IN_CART, LATENT, LOOKED_AT, Need
from omnilab.world.response import Message
from tests.interaction.test_message import Post
from tests.plain import plain
from tests.worlds import cell_of, model_of, record

RULES = ("world/stage.py",)

GENERIC, FITS, NARROWS = 0.3, 0.6, 2.0
MODEL = model_of(response={"generic": GENERIC}, stage={"fits": FITS, "narrows": NARROWS})


def need(**values: Any) -> Any:
    return record(Need, **values)


@pytest.mark.parametrize("visits", [0, 1, 2, 7])
def test_a_need_narrows_by_its_visits_and_is_narrow_in_the_cart(visits: int) -> None:
    breadth = plain(stage.breadth)
    assert breadth(MODEL, need(visits=visits)) == pytest.approx(math.exp(-visits / 2))
    assert breadth(MODEL, need(visits=visits, progress=LOOKED_AT)) > 0.0
    assert breadth(MODEL, need(visits=visits, progress=IN_CART)) == 0.0
    assert breadth(MODEL, need(visits=visits, cart_left=1)) == 0.0  # even if one begins anew


@pytest.mark.parametrize("visits", [0, 1, 3])
def test_what_a_message_meets_is_the_formula(visits: int) -> None:
    meets, one = plain(stage.meets_at_stage), need(visits=visits)
    misfit = FITS * math.exp(-visits / 2)
    assert meets(MODEL, one, 0, True) == pytest.approx(1 - misfit)
    assert meets(MODEL, one, 0, False) == 1.0
    assert meets(MODEL, one, -1, False) == pytest.approx(GENERIC + (1 - GENERIC) * misfit)


def test_of_a_broad_need_everything_meets_more_from_the_point_where_both_are_even() -> None:
    even = (1 - GENERIC) / (2 - GENERIC)
    for fits in (0.9 * even, even, 1.1 * even):
        model = model_of(response={"generic": GENERIC}, stage={"fits": fits, "narrows": NARROWS})
        found = [plain(stage.meets_at_stage)(model, need(), c, True) for c in (-1, 0)]
        assert (found[0] > found[1] + 1e-9) == (fits > even)
        narrow = need(progress=IN_CART)
        assert plain(stage.meets_at_stage)(model, narrow, -1, False) == pytest.approx(GENERIC)
        assert plain(stage.meets_at_stage)(model, narrow, 0, True) == 1.0


@pytest.mark.parametrize("visits", [0, 5])
def test_off_the_stage_is_nothing(visits: int) -> None:
    model = model_of(response={"generic": GENERIC})
    assert plain(stage.meets_at_stage)(model, need(visits=visits), 0, True) == 1.0
    assert plain(stage.meets_at_stage)(model, need(visits=visits), -1, False) == GENERIC


def test_the_best_of_a_persons_needs_is_met_each_at_its_stage() -> None:
    cell = cell_of(1)
    cell.person[0].first_need = 0
    for i, (kind, visits) in enumerate([(LATENT, 0), (EXPLORING, 4), (EXPLORING, 0)]):
        one = cell.need[i]
        one.stage, one.visits, one.category, one.next = kind, visits, 0, i + 1
        one.progress = one.cart_left = 0
    cell.need[2].next = -1
    found = plain(intent.match)(cell, MODEL, cell.person[0], 0, True)
    assert found == pytest.approx(1 - FITS * math.exp(-2))  # of the narrow one
    found = plain(intent.match)(cell, MODEL, cell.person[0], -1, False)
    assert found == pytest.approx(GENERIC + (1 - GENERIC) * FITS)  # of the broad one


@pytest.mark.parametrize(
    ("message", "specific"),
    [
        ({"shows": SHOW_CART}, True),
        ({"shows": SHOW_VIEWED}, True),
        ({"shows": SHOW_BOUGHT}, False),
        ({"shows": SHOW_GENERIC}, False),
        ({"shows": SHOW_GENERIC, "goods": 0b10}, True),
    ],
)
def test_the_cart_what_was_looked_at_and_recommended_goods_are_specific(
    message: dict[str, int], *, specific: bool
) -> None:
    assert plain(_is_specific)(record(Message, **message)) == specific


@pytest.mark.parametrize(("visits", "cart_left"), [(0, 0), (0, 1)])
def test_the_very_good_stirs_a_narrow_need_and_no_wholly_broad_one(
    visits: int, cart_left: int
) -> None:
    post = Post(message={"shows": "cart"}, stage={"fits": 1.0, "narrows": NARROWS})
    one = post.need(stage=EXPLORING)
    one.visits, one.cart_left, one.stock = visits, cart_left, 0.0
    post.cart = (int(one.ordinal), 0)
    post.send()
    post.open()
    gain = float(post.model.intent.message_gain)
    assert one.stock == pytest.approx(gain if cart_left else 0.0, abs=1e-3)
