"""The goal gradient: a fuller card that is shown draws more, one that is not shown draws nobody."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.world import goal
from tests.plain import plain
from tests.verification.worlds import load, log, run, same_rows, world
from tests.worlds import model_of


@pytest.mark.parametrize(
    ("points", "part"), [(-5, 0.0), (0, 0.0), (25, 0.25), (99, 0.99), (100, 1.0), (250, 1.0)]
)
def test_a_fuller_card_adds_more_up_to_the_full_one(points: int, part: float) -> None:
    model = model_of(goal={"gradient": 0.6})
    assert plain(goal.nearness)(model, points, 100) == pytest.approx(0.6 * part)


def shop(gradient: float, card: int = 40, worth: float = 0.0) -> Any:
    return world(
        population={"customers": 80}, world={"goal": {"gradient": gradient}},
        brand={"loyalty": {"card": card, "worth": worth}},
    )  # fmt: skip


def test_it_brings_orders_where_points_are_seen_and_fewer_where_they_are_apart() -> None:
    """With a card that is worth nothing off, so that only the nearness of it works."""
    gains = {}
    for name in ("no_contact", "omnichannel"):
        found = [run(shop(g), load(shop(g), name), pilot=20, keep=False) for g in (0.0, 3.0)]
        off, on = (f.moments.estimate("orders_per_customer", name).value for f in found)
        gains[name] = on - off
    assert gains["omnichannel"] > gains["no_contact"] > 0.0


def test_without_a_card_a_gradient_changes_nothing() -> None:
    scenarios = [shop(gradient, card=0) for gradient in (0.0, 3.0)]
    one, other = (run(s, load(s, "omnichannel"), pilot=20) for s in scenarios)
    same_rows(log(one, "omnichannel"), log(other, "omnichannel"))


def test_both_engines_agree() -> None:
    scenario = shop(1.5, worth=5.0)
    compiled, simpy = (
        run(scenario, load(scenario, "omnichannel"), engine=engine, pilot=20)
        for engine in ("compiled", "simpy")
    )
    same_rows(log(compiled, "omnichannel"), log(simpy, "omnichannel"))
