"""Offers bound to goods or to places: on what they act, what is counted on, what they draw to."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omnilab.lowering.model import build_model
from omnilab.world import goods, offer_bounds, places
from omnilab.world.money import OfferInHand
from omnilab.world.needs import Need
from omnilab.world.offers import draws_to
from omnilab.world.state import Person
from tests.plain import plain
from tests.verification.worlds import merged
from tests.worlds import STORE, WEB, corner, eager, middles, record

N = 3000
CLOSE = 4 * math.sqrt(0.25 / N)  # four standard errors of a share, at most
PRICES = (20.0, 10.0, 40.0)
IN_TOWN = [
    {"name": "near", "channel": "store"},
    {"name": "far", "channel": "store", "attraction": 3.0},
]


def model(offer: dict[str, Any], **world: Any) -> Any:
    """Return the corner shop with beans to choose from, two stores, and one declared offer."""
    beans = {"name": "beans", "every": "12d", "spend": {"mean": 20.0}, "lines": 2.0}
    beans["goods"] = [
        {"name": f"g{n}", "price": p, "group": "ann" if n == 1 else None}
        for n, p in enumerate(PRICES)
    ]
    cups = {"name": "cups", "every": "40d", "spend": {"mean": 45.0}}
    journey = {
        "name": "j", "trigger": "weekly", "sequence": ["email"],
        "steps": [{"message": {"channels": ["email"], "gives": "o"}}],
    }  # fmt: skip
    flat = {"taste": 0.0, "group": 0.0, "price": 2.0, "price_spread": 0.0}
    return build_model(
        corner(
            categories=[beans, cups], places=IN_TOWN,
            world=merged({"goods": flat, "offers": {"spread": 0.0}}, world),
            brand={"offers": [{"name": "o", **offer}], "journeys": [journey]},
        )
    )  # fmt: skip


def town(m: Any) -> Any:
    cell = eager(m, 1)
    plain(places.found_town)(cell, m)
    return cell


def holder(**values: Any) -> Any:
    return record(Person, **{"offer_until": 10**9, "coupon": 1, "entity": 8, **values})


def base(m: Any, person: Any, site: int = 0, lines: int = 0b111, value: int = 7000) -> int:
    return plain(offer_bounds.acts_on)(town(m), m, person, site, lines, value)


@pytest.mark.parametrize(
    ("bounds", "goods_of_it"),
    [
        ({"goods": ["g0", "g2"]}, 0b101),
        ({"groups": ["ann"]}, 0b010),
        ({"groups": ["ann"], "goods": ["g2"]}, 0b110),
        ({"price_from": 15.0}, 0b101),
        ({"price_to": 20.0}, 0b011),
        ({"price_from": 15.0, "price_to": 20.0}, 0b001),
        ({"goods": ["g0", "g2"], "price_to": 20.0}, 0b001),
        ({"category": "beans"}, -1),
    ],
)
def test_which_goods_an_offer_is_for(bounds: dict[str, Any], goods_of_it: int) -> None:
    assert model({"share": 0.1, **bounds}).coupon[0].goods == goods_of_it


@pytest.mark.parametrize("lines", range(8))
def test_it_acts_on_the_lines_that_it_is_for_and_on_no_other(lines: int) -> None:
    m = model({"share": 0.1, "goods": ["g0", "g2"]})
    said = sum(round(100 * p) for n, p in enumerate(PRICES) if n in (0, 2) and lines >> n & 1)
    assert base(m, holder(), lines=lines) == (said or -1)
    assert base(m, holder(coupon=0), lines=lines, value=7000) == 7000  # a share off, of all
    whole = model({"share": 0.1})
    assert base(whole, holder(), lines=lines, value=4321) == 4321


def test_it_acts_at_its_stores_alone() -> None:
    m = model({"share": 0.1, "places": ["far"]})
    assert m.coupon[0].channels == 1 << STORE  # it says no channel, and its places are of one
    assert [base(m, holder(), site=site) for site in (-1, 0, 1)] == [-1, -1, 7000]
    both = model({"share": 0.1, "places": ["far", "near"], "goods": ["g1"]})
    assert [base(both, holder(), site=site) for site in (-1, 0, 1)] == [-1, 1000, 1000]
    anywhere = model({"share": 0.1})
    assert [base(anywhere, holder(), site=site) for site in (-1, 0, 1)] == [7000] * 3


@pytest.mark.parametrize(
    ("offer", "paid"),
    [
        ({"share": 0.75, "goods": ["g2"]}, (20.0, 10.0, 10.0)),
        ({"amount": 5.0, "groups": ["ann"]}, (20.0, 5.0, 40.0)),
        ({"gift": {"worth": 10.0, "cost": 1.0}, "goods": ["g0"]}, (10.0, 10.0, 40.0)),
        ({"share": 1.0, "goods": ["g1"]}, (20.0, 0.01, 40.0)),
        ({"share": 0.5}, PRICES),  # off all of them: none becomes cheaper than another
    ],
)
def test_shares_of_goods_are_those_of_the_logit_with_the_price_that_one_would_pay(
    offer: dict[str, Any], paid: tuple[float, ...]
) -> None:
    m, found = model(offer), np.zeros(3)
    cell, need = town(m), record(Need, ordinal=5, category=0)
    for i in range(N):
        person = holder(entity=8 * i, offer=offer.get("share", 0.0))
        offered = plain(offer_bounds.counted_on)(cell, m, person, 0, WEB, -1, need)
        found[plain(goods.pick_good)(m, person, 5, 0b111, -1, offered)[0]] += 1
    weights = np.array([(p / 20.0) ** -2.0 for p in paid])
    assert found / N == pytest.approx(weights / weights.sum(), abs=CLOSE)


def test_who_can_not_use_it_here_does_not_count_on_it() -> None:
    def counted(
        offer: dict[str, Any], site: int = 0, c: int = STORE, t: int = 0, **world: Any
    ) -> int:
        m = model({"share": 0.2, **offer}, **world)
        need = record(Need, ordinal=5, category=0)
        return plain(offer_bounds.counted_on)(town(m), m, holder(), t, c, site, need)

    all_of_it = {"goods": ["g0", "g1", "g2"]}
    assert counted(all_of_it) == 0b111
    assert counted(all_of_it | {"minimum": 15.0}) == 0b101  # by that good alone
    assert counted(all_of_it | {"channels": ["web"]}) == 0
    assert counted(all_of_it | {"channels": ["web"]}, c=WEB) == 0b111
    assert counted(all_of_it | {"places": ["far"]}) == 0
    assert counted(all_of_it | {"places": ["far"]}, site=1) == 0b111
    assert counted(all_of_it, t=10**9 + 1) == 0
    assert counted(all_of_it, offers={"redeems": 0.0}) == 0
    assert counted({}) == 0  # bound to no goods


def test_an_offer_draws_to_its_stores_as_huff_says_and_not_to_the_channel() -> None:
    """A closed form: the attraction of its own times exp(pulls * depth), the other as it is."""
    m = model({"share": 0.2, "places": ["far"]}, offers={"pulls": 4.0})
    cell = town(m)
    (cell.site[0].x, cell.site[0].y), (cell.site[1].x, cell.site[1].y) = (
        (1000.0, 0.0),
        (0.0, 4000.0),
    )
    drawn, times = plain(offer_bounds.places_drawn_to)(m, holder(), 0)
    assert (drawn, times) == (0b10, pytest.approx(math.exp(0.8)))
    weights = np.array([1.0 / 8.0**2, 3.0 * math.exp(0.8) / 17.0**2])
    picks = [
        plain(places.pick_site)(cell, m, STORE, 0, 0.0, 0.0, u, drawn, times) for u in middles(4000)
    ]
    assert np.bincount(picks) / 4000 == pytest.approx(weights / weights.sum(), abs=1e-3)
    plain(places.fill_pull)(cell, m, 0, 0.0, 0.0, drawn, times)
    assert cell.pull[STORE] == pytest.approx(15.0**2 * weights.sum())
    assert cell.pull[WEB] == 1.0
    assert plain(draws_to)(m, holder(), STORE, 0) == 0.0
    assert plain(offer_bounds.places_drawn_to)(m, holder(offer_until=4), 5) == (0, 1.0)
    anywhere = model({"share": 0.2, "channels": ["store"]}, offers={"pulls": 4.0})
    assert plain(offer_bounds.places_drawn_to)(anywhere, holder(), 0) == (0, 1.0)
    assert plain(draws_to)(anywhere, holder(), STORE, 0) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("offer", "depth"),
    [
        ({"share": 0.2}, 0.2),
        ({"amount": 5.0}, 5.0 / 32.5),
        ({"amount": 5.0, "goods": ["g1"]}, 0.5),
        ({"amount": 5.0, "goods": ["g0", "g2"]}, 5.0 / 30.0),
        ({"gift": {"worth": 20.0, "cost": 1.0}, "goods": ["g1"]}, 1.0),
    ],
)
def test_its_worth_is_a_share_of_what_it_is_for(offer: dict[str, Any], depth: float) -> None:
    assert model(offer).coupon[0].depth == pytest.approx(depth)


def test_who_has_no_offer_pays_all_of_the_price() -> None:
    m = model({"amount": 5.0, "goods": ["g1"]})
    one = SimpleNamespace(coupon=0, offer=0.0)
    assert plain(offer_bounds.price_with_offer)(m, one, 1) == 1.0
    assert plain(offer_bounds.price_with_offer)(m, record(OfferInHand, coupon=1), 1) == 0.5
