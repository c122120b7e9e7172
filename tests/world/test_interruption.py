"""A reminder that comes too early takes from the stock of the need, by its formula."""

from __future__ import annotations

import math

import pytest

from omnilab.world.interruption import gain_of_message
from omnilab.world.needs import EXPLORING
from tests.interaction.test_message import Post
from tests.plain import plain
from tests.worlds import model_of

RULES = ("world/interruption.py",)

HOUR = 3600
ON = {"takes": 1.0, "calm": 6.0 * HOUR}


@pytest.mark.parametrize("hours", [0, 1, 6, 72])
def test_the_gain_is_the_formula_and_changes_its_sign(hours: int) -> None:
    model = model_of(interruption=ON)
    need = Post("email").need()
    need.visits, need.stock_t = 1, 0
    gain = plain(gain_of_message)(model, need, hours * HOUR, True)
    usual = float(model.intent.message_gain)
    assert gain == pytest.approx(usual - math.exp(-hours / 6.0))
    assert bool(gain < 0.0) is (hours < 6)
    assert plain(gain_of_message)(model, need, hours * HOUR, False) == usual
    assert plain(gain_of_message)(model_of(), need, hours * HOUR, True) == usual
    need.visits = 0  # nobody is at it who has not looked yet
    assert plain(gain_of_message)(model, need, hours * HOUR, True) == usual


@pytest.mark.parametrize("shows", ["cart", "generic"])
def test_the_message_that_is_seen_takes_it_where_it_shows_the_cart(shows: str) -> None:
    post = Post("email", message={"shows": shows}, interruption=ON | {"calm": 1e12})
    need = post.need(stage=EXPLORING)
    need.visits, need.stock = 1, 0.0
    post.cart = (int(need.ordinal), 0)
    post.send()
    post.open()
    usual = float(post.model.intent.message_gain)
    assert need.stock == pytest.approx(usual - (1.0 if shows == "cart" else 0.0), abs=1e-3)
