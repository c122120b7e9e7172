"""Offers: when they hold, who uses them, how prices weigh, and what they draw people to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.kernels.record import record_array
from omnilab.world import offers
from omnilab.world.money import OfferInHand
from omnilab.world.offers import LoweredCoupon
from omnilab.world.response import Message
from omnilab.world.state import Person
from tests.interaction.test_message import Post
from tests.plain import plain
from tests.worlds import EMAIL, STORE, WEB, model_of, record

PEOPLE = 3000


def world_with(*coupons: dict[str, Any], **values: float) -> Any:
    """Return a model with declared offers, each anything and for ever but for what is said."""
    model = model_of(offers={"on": 1, **values})
    lowered = record_array(LoweredCoupon, len(coupons))
    for to, said in zip(lowered, coupons, strict=True):
        given = {
            "category": -1,
            "channels": -1,
            "goods": -1,
            "places": -1,
            "last": 10**9,
            "lasts": 10**6,
            **said,
        }
        for name, value in given.items():
            to[name] = value
    return model.replaced(coupon=lowered)


def holder(**values: Any) -> Any:
    return record(OfferInHand, **{"offer_until": 10**9, "coupon": 1, **values})


@pytest.mark.parametrize(
    ("coupon", "t", "category", "channel", "value", "holds"),
    [
        ({}, 5, 0, WEB, 1, True),
        ({"minimum": 2000}, 5, 0, WEB, 1999, False),
        ({"minimum": 2000}, 5, 0, WEB, 2000, True),
        ({"category": 1}, 5, 0, WEB, 1, False),
        ({"category": 1}, 5, 1, WEB, 1, True),
        ({"channels": 1 << STORE}, 5, 0, WEB, 1, False),
        ({"channels": 1 << STORE}, 5, 0, STORE, 1, True),
        ({"first": 6}, 5, 0, WEB, 1, False),
        ({"first": 5}, 5, 0, WEB, 1, True),
    ],
)
def test_where_an_offer_holds(
    coupon: dict[str, Any], t: int, category: int, channel: int, value: int, *, holds: bool
) -> None:
    model = world_with(coupon)
    assert plain(offers.holds)(model, holder(), t, category, channel, value) == holds
    assert not plain(offers.holds)(model, holder(offer_until=4), t, category, channel, value)


def test_an_offer_seen_lasts_its_time_and_no_longer_than_its_last_day() -> None:
    model = world_with({"lasts": 100, "last": 1050})
    person = record(OfferInHand)
    keep = plain(offers.keep_coupon)
    assert keep(model, person, 900, 1)
    assert person.offer_until == 1000
    assert keep(model, person, 1000, 1)
    assert person.offer_until == 1050
    before = person.offer_until
    assert not keep(model, person, 1051, 1)  # over: what is in hand stays there
    assert person.offer_until == before


@pytest.mark.parametrize(
    ("coupon", "value", "off", "worth"),
    [
        ({"share": 0.2}, 1005, 201, 201),
        ({"cents": 500}, 2000, 500, 500),
        ({"cents": 500}, 300, 300, 300),  # no more than all of it
        ({"gift": 400, "gift_cost": 150}, 2000, 0, 400),
    ],
)
def test_what_it_takes_off_and_is_worth(
    coupon: dict[str, Any], value: int, off: int, worth: int
) -> None:
    model, person = world_with(coupon), record(Person)
    assert plain(offers.keep_coupon)(model, person, 0, 1)
    assert plain(offers.money_off)(model, person, value) == off
    assert plain(offers.worth_of_offer)(model, person, value) == worth
    assert plain(offers.gift_cost)(model, person) == coupon.get("gift_cost", 0)


def test_a_plain_share_off_takes_the_place_of_a_declared_offer() -> None:
    model, person = world_with({"cents": 500}), record(Person)
    plain(offers.keep_coupon)(model, person, 0, 1)
    plain(offers.keep_offer)(model, person, 10, 0.1)
    assert person.coupon == 0
    assert plain(offers.money_off)(model, person, 1000) == 100
    plain(offers.use_up)(person)
    assert not plain(offers.holds)(model, person, 11, 0, WEB, 1000)


def test_sensitivity_is_lognormal_with_mean_one() -> None:
    model = world_with(spread=0.6)
    s = [plain(offers.sensitivity_of)(model, record(Person, entity=8 * k)) for k in range(PEOPLE)]
    assert np.mean(s) == pytest.approx(1.0, abs=4 * np.std(s) / math.sqrt(PEOPLE))
    assert np.std(np.log(s)) == pytest.approx(0.6, abs=0.03)
    assert np.mean(np.log(s)) == pytest.approx(-0.18, abs=0.045)
    assert plain(offers.sensitivity_of)(world_with(), record(Person, entity=8)) == 1.0


@pytest.mark.parametrize("worth", [200, 1000, 2500])
def test_the_share_that_uses_an_offer_is_the_mean_of_the_logit(worth: int) -> None:
    """Over persons, by Gauss-Hermite quadrature; each draw is a person's and a need's own."""
    redeems, steep, spread, usual = 0.3, 1.4, 0.7, 1000.0
    model = world_with(redeems=redeems, steep=steep, spread=spread, usual=usual)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    s = np.exp(spread * nodes - spread**2 / 2)
    x = math.log(redeems / (1 - redeems)) + steep * np.log(s * worth / usual)
    expected = float((weights / (1 + np.exp(-x))).sum() / weights.sum())
    uses = plain(offers.wants_to_use)
    found = sum(uses(model, record(Person, entity=8 * k), 5, worth) for k in range(PEOPLE))
    sd = math.sqrt(expected * (1 - expected) / PEOPLE)
    assert found / PEOPLE == pytest.approx(expected, abs=4 * sd)


def test_nobody_and_everybody() -> None:
    chance = plain(offers.redeem_chance)
    assert chance(world_with(redeems=1.0), 0.1, 1.0) == 1.0
    assert chance(world_with(redeems=0.0), 9.0, 1e6) == 0.0
    assert chance(world_with(redeems=0.4, usual=700.0), 1.0, 700.0) == pytest.approx(0.4)


def test_an_offer_draws_to_the_channels_it_is_bound_to() -> None:
    model = world_with(
        {"channels": 1 << STORE, "depth": 0.2}, {"depth": 0.2}, pulls=5.0, spread=0.0
    )
    draws = plain(offers.draws_to)
    assert draws(model, holder(), STORE, 7) == pytest.approx(1.0)
    assert draws(model, holder(), WEB, 7) == 0.0
    assert draws(model, holder(coupon=2), STORE, 7) == 0.0
    assert draws(model, holder(offer_until=6), STORE, 7) == 0.0
    assert EMAIL not in (STORE, WEB)


@pytest.mark.parametrize(
    ("message", "counts"),
    [({}, 1.0), ({"offer": 0.1}, 0.4), ({"coupon": 1}, 0.4), ({"incentive": 5}, 1.0)],
)
def test_what_a_message_says_of_a_place_counts_less_where_it_pays_for_coming(
    message: dict[str, float], counts: float
) -> None:
    one = record(Message, **message)
    assert plain(offers.persuades)(world_with({}, crowds=0.6), one) == pytest.approx(counts)
    assert plain(offers.persuades)(world_with({}), one) == 1.0


@pytest.mark.parametrize("offer", [0.0, 0.1])
def test_the_message_that_is_seen_leads_there_by_so_much(offer: float) -> None:
    post = Post(message={"offer": offer}, offers={"crowds": 0.6})
    post.send()
    post.open()
    assert post.person.spill_channel == WEB
    assert post.person.spill == pytest.approx(0.4 if offer else 1.0)
