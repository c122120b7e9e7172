"""A reminder that comes too early takes from the stock of the need, by its formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

from omnilab.world.interruption import holds_to_cart, press
from omnilab.world.needs import EXPLORING
from tests.interaction.test_message import Post
from tests.plain import plain
from tests.worlds import model_of

RULES = ("world/interruption.py",)

HOUR = 3600
ON = {"takes": 1.0, "calm": 6.0 * HOUR}


@pytest.mark.parametrize("hours", [0, 1, 6, 72])
def test_what_is_taken_is_the_formula_and_more_than_a_message_gives_at_first(hours: int) -> None:
    model = model_of(interruption=ON)
    need = Post("email").need()
    need.visits, need.stock_t = 1, 0
    taken = plain(press)(model, need, hours * HOUR)
    assert taken == pytest.approx(math.exp(-hours / 6.0))
    assert bool(taken > float(model.intent.message_gain)) is (hours < 6)
    assert plain(press)(model_of(), need, hours * HOUR) == 0.0
    need.visits = 0  # nobody is at it who has not looked yet
    assert plain(press)(model, need, hours * HOUR) == 0.0


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


def test_who_is_pressed_holds_to_the_cart_in_the_share_of_who_would_be_ready() -> None:
    model = model_of(interruption=ON)
    post = Post("email", interruption=ON)
    need, person = post.need(), post.person
    need.visits, need.stock_t = 1, 0
    person.threshold = 1.0
    holds = plain(holds_to_cart)
    grid = (np.arange(2_000) + 0.5) / 2_000
    assert all(holds(model, person, need, 0, -5.0, u) for u in grid)  # nobody has pressed
    press_now, slope = plain(press), float(model.intent.slope)
    assert press_now(model, need, 0) == pytest.approx(1.0)
    for days, stock in ((0, 0.2), (0, 1.5), (3, 0.2), (60, 0.2)):
        kept = math.exp(-float(model.intent.decay) * days * 24 * HOUR)
        share = np.mean([holds(model, person, need, days * 24 * HOUR, stock, u) for u in grid])
        ready = [1 / (1 + math.exp(-slope * (s - person.threshold))) for s in (stock, stock + kept)]
        assert share == pytest.approx(ready[0] / ready[1], abs=1e-3), (days, stock)


def test_two_messages_too_early_press_as_the_sum_of_what_is_not_forgotten() -> None:
    model = model_of(interruption=ON)
    need = Post("email").need()
    need.visits, need.stock_t = 1, 0
    first = plain(press)(model, need, 0)
    second = plain(press)(model, need, 48 * HOUR)
    kept = math.exp(-float(model.intent.decay) * 48 * HOUR)
    assert need.pressed == pytest.approx(first * kept + second)
