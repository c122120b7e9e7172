"""Offers bound to goods and places in whole worlds: where the log has them used, and on what."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.log import rows
from tests.effort import random_worlds
from tests.towns import goods
from tests.towns.offers import bounds
from tests.towns.places import places
from tests.verification.worlds import digests, load, log, run, same_rows, world

SIDE = goods.SIDE
STORES = [
    {"name": "centre", "channel": "store"},
    {"name": "mall", "channel": "store", "count": 2, "attraction": 2.0},
]
OFFERS: list[dict[str, Any]] = [
    {"name": "ann", "share": 0.25, "groups": ["ann"], "lasts": "20d"},
    {"name": "dear", "amount": 5.0, "price_from": 25.0, "lasts": "20d"},
    {"name": "mall", "share": 0.2, "places": ["mall"], "code": True, "lasts": "20d"},
    {"name": "mug", "gift": {"worth": 4.0, "cost": 2.0}, "goods": ["red"], "places": ["centre"],
     "lasts": "20d"},
]  # fmt: skip


def letters(name: str, weekday: int, channel: str) -> dict[str, Any]:
    return {
        "name": f"of-{name}", "trigger": "weekly", "weekday": weekday,
        "sequence": ["email", "app", "store", "web"],
        "steps": [{"message": {"channels": [channel], "gives": name}}],
    }  # fmt: skip


FLOWS = [letters(o["name"], n, "push" if n == 2 else "email") for n, o in enumerate(OFFERS)]


def shop(declared: Any = None, **world_parts: Any) -> Any:
    """Return a bookshop with three stores whose messages give offers that are bound."""
    visit = {"completes": 0.8}
    return goods.shop(
        population={"customers": 40},
        channels=[
            {"preset": "web", "visit": visit}, {"preset": "app", "visit": visit},
            {"preset": "store", "visit": {**visit, "utility": 1.0}},
            {"preset": "email", "message": SIDE}, {"preset": "push", "message": SIDE},
        ],
        places=STORES,
        world={"offers": {"redeems": 0.8, "spread": 0.4, "pulls": 6.0},
               "reference_price": {"gain": 1.0}, **world_parts},
        brand={"journeys": FLOWS, "offers": OFFERS if declared is None else declared},
    )  # fmt: skip


@cache
def life(name: str) -> Any:
    scenario = shop()
    return log(run(scenario, load(scenario, name), engine="simpy", pilot=2), name)


def facts(events: Any, kind: int) -> list[dict[str, int]]:
    return rows.all_named(events[events["kind"] == kind])


@pytest.mark.parametrize("name", ["multichannel", "omnichannel"])
def test_what_comes_off_is_what_the_log_says_of_lines_and_places(name: str) -> None:
    """A naive model: of each order that used an offer, its lines and the place of its visit."""
    events = life(name)
    books = [*goods.BOOKS, *goods.LAMPS]
    lines: dict[tuple[int, int], list[int]] = {}
    for r in facts(events, rows.LINE):
        lines.setdefault((r["person"], r["need"]), []).append(r["good"])
    at: dict[tuple[int, int], int] = {}
    used = facts(events, rows.REDEEMED)
    ways = sorted(
        (r for r in facts(events, rows.AT_PLACE) + used), key=lambda r: (r["time"], r["seq"])
    )
    for r in ways:
        if r["kind"] == rows.AT_PLACE:
            at[r["person"], r["need"]] = r["place"]
    # The app's code is not known in a store that is told of nothing.
    assert {r["offer"] for r in used} == {0, 1, 3} | ({2} if name == "omnichannel" else set())
    for r in used:
        cart = lines[r["person"], r["need"]]
        prices = {g: round(100 * books[g]["price"]) for g in cart}
        ann = [g for g in cart if books[g].get("group") == "ann"]
        dear = [g for g in cart if books[g]["price"] >= 25.0]
        place = at.get((r["person"], r["need"]), -1)
        if r["offer"] == 0:
            assert ann
            assert r["off"] == int(0.25 * sum(prices[g] for g in ann) + 0.5)
        elif r["offer"] == 1:
            assert dear
            assert r["off"] == 500
        elif r["offer"] == 2:
            assert place in (1, 2)  # the centre is number 0
            assert r["off"] == int(0.2 * sum(prices.values()) + 0.5)
        else:
            assert place == 0
            assert 1 in cart
            assert (r["off"], r["gift_cost"]) == (0, 200)


def test_an_offer_brings_orders_of_its_goods_and_visits_to_its_stores() -> None:
    """Against the same offers bound to nothing."""

    def shares(offers: Any, pulls: float) -> tuple[float, float]:
        scenario = shop(offers, offers={"pulls": pulls, "redeems": 1.0})
        events = log(run(scenario, load(scenario, "omnichannel"), engine="simpy", pilot=2),
                     "omnichannel")  # fmt: skip
        lines = facts(events, rows.LINE)
        visits = facts(events, rows.AT_PLACE)
        red = sum(r["good"] == 1 for r in lines) / len(lines)
        return red, sum(r["place"] == 0 for r in visits) / len(visits)

    half = {"share": 0.6, "lasts": "20d"}
    free = [{"name": o["name"], **half} for o in OFFERS]
    red = [o | {"goods": ["red"]} for o in free]
    centre = [o | {"places": ["centre"]} for o in free]
    none, with_good, with_place = (shares(x, 8.0) for x in (free, red, centre))
    assert with_good[0] > none[0] + 0.1
    assert with_place[1] > none[1] + 0.1


def test_a_bound_that_leaves_all_as_it_was_changes_no_row() -> None:
    """All goods, and all stores of the channel: the same log as without the bounds."""
    plain = [{"name": o["name"], "share": 0.2, "channels": ["store"]} for o in OFFERS]
    bound = [o | {"places": ["centre", "mall"]} for o in plain]
    logs = []
    for offers in (plain, bound):
        scenario = shop(offers, offers={"redeems": 0.6, "spread": 0.4})
        logs.append(log(run(scenario, load(scenario, "omnichannel"), engine="simpy", pilot=2),
                        "omnichannel"))  # fmt: skip
    same_rows(*logs)


@random_worlds(1, 6)
@given(st.data())
def test_both_engines_write_the_same_log(data: st.DataObject) -> None:
    town = data.draw(places())
    tree = data.draw(goods.with_goods({
        "categories": [{"name": "books", "every": "5d", "spend": {"mean": 20.0}},
                       {"name": "lamps", "every": "20d", "spend": {"mean": 50.0}}],
        "brand": {"journeys": FLOWS}, "world": {},
    }))  # fmt: skip
    named = [good["name"] for c in tree["categories"] for good in c.get("goods", ())]
    offers = [o | data.draw(bounds(named, ["shop"])) for o in
              ({"name": o["name"], "share": 0.3, "lasts": "20d"} for o in OFFERS)]  # fmt: skip
    scenario = world(
        population={"customers": 12, "personas": [{"name": "all", "share": 1.0}]},
        time={"burn_in": "12d", "window": "30d", "run_out": 0},
        channels=["web", {"preset": "app", "visit": {"tells_position": 0.5}}, "store",
                  {"preset": "email", "message": SIDE}, {"preset": "push", "message": SIDE}],
        categories=tree["categories"], places=town["places"],
        world={**tree["world"], "places": town["world"]["places"],
               "offers": {"redeems": 0.8, "pulls": data.draw(st.sampled_from((0.0, 6.0)))}},
        brand={**tree["brand"], "offers": offers},
    )  # fmt: skip
    strategies = load(scenario, "cross_channel")
    one, other = (
        run(scenario, strategies, engine=engine, pilot=2, seed=3)
        for engine in ("compiled", "simpy")
    )
    same_rows(log(one, "cross_channel"), log(other, "cross_channel"))
    assert digests(one) == digests(other)
