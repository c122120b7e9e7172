"""Offers that can't be, codes that nobody can get, branches that are never taken."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from omnilab.errors import ScenarioError
from tests.verification.worlds import world

OFFER = {"name": "code", "share": 0.2}
STEPS: list[dict[str, Any]] = [{"message": {"channels": ["email"], "gives": "code"}}]


def made(steps: list[dict[str, Any]] = STEPS, **offer: Any) -> Any:
    journey = {"name": "j", "trigger": "weekly", "sequence": ["email"], "steps": steps}
    one = {k: v for k, v in {**OFFER, **offer}.items() if v is not None}
    return world(
        time={"burn_in": 0, "window": "30d", "run_out": 0},
        brand={"offers": [one], "journeys": [copy.deepcopy(journey)]},
    )


def said(steps: list[dict[str, Any]] = STEPS, **offer: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        made(steps, **offer)
    return str(caught.value)


def test_an_offer_that_can_be() -> None:
    assert made().brand.offers[0].share == 0.2
    assert made(share=None, amount=5.0).brand.offers[0].amount == 5.0


@pytest.mark.parametrize(
    ("offer", "place", "words"),
    [
        ({"share": 1.5}, "share", "1.5"),
        ({"amount": 5.0}, "offers", "has share and amount"),
        ({"share": None}, "offers", "gives nothing"),
        ({"share": None, "amount": 900.0}, "brand.offers.code.amount", "more than a mean order"),
        ({"category": "bean"}, "brand.offers.code.category", "unknown 'bean'"),
        ({"channels": ["stor"]}, "brand.offers.code.channels", "did you mean 'store'"),
        ({"channels": ["email"]}, "brand.offers.code.channels", "nobody buys there"),
        ({"from_day": 30}, "brand.offers.code.from_day", "after the window, which has 30 days"),
        ({"to_day": 99}, "brand.offers.code.to_day", "0 to 29"),
        ({"from_day": 9, "to_day": 3}, "offers", "3 is before from_day, 9"),
        ({"name": "other"}, "gives", "unknown offer 'code'"),
    ],
)
def test_offers_that_can_not_be(offer: dict[str, Any], place: str, words: str) -> None:
    message = said(**offer)
    assert place in message
    assert words in message
    assert "\n" not in message


def shop(offer: dict[str, Any], **journey: Any) -> Any:
    """Return a scenario with beans to choose from, two stores, a rival's store and one offer."""
    beans: dict[str, Any] = {"name": "beans", "every": "20d", "spend": {"mean": 20.0}}
    beans["goods"] = [
        {"name": "blend", "price": 10.0, "group": "house"},
        {"name": "origin", "price": 30.0, "arrives": 20},
    ]
    cups = {"name": "cups", "every": "90d", "spend": {"mean": 40.0}}
    flow = {"name": "j", "trigger": "weekly", "sequence": ["email"], "steps": STEPS, **journey}
    return world(
        time={"burn_in": 0, "window": "30d", "run_out": 0}, categories=[beans, cups],
        places=[
            {"name": "centre", "channel": "store"},
            {"name": "mall", "channel": "store", "opens_on": 10, "closes_on": 20},
            {"name": "other", "kind": "rival"},
        ],
        brand={"offers": [{**OFFER, **offer}], "journeys": [copy.deepcopy(flow)]},
    )  # fmt: skip


@pytest.mark.parametrize(
    "offer",
    [
        {"goods": ["blend", "origin"], "category": "beans"},
        {"groups": ["house"], "price_to": 12.0},
        {"price_from": 10.0, "price_to": 10.0},
        {"places": ["centre", "mall"], "channels": ["store"]},
        {"places": ["mall"], "from_day": 19},
        {"goods": ["origin"], "to_day": 20, "code": True},
        {"share": 0.0, "amount": 29.0, "goods": ["origin"]},  # above the usual price of beans
    ],
)
def test_an_offer_may_be_bound_to_goods_and_to_places(offer: dict[str, Any]) -> None:
    made = shop(offer).brand.offers[0]
    assert made.is_for_goods == bool({"goods", "groups", "price_from", "price_to"} & set(offer))


@pytest.mark.parametrize(
    ("offer", "field", "words"),
    [
        ({"goods": ["blende"]}, "goods", "unknown good 'blende' (did you mean 'blend'?)"),
        ({"goods": ["blend"], "category": "cups"}, "goods", "'blend' is of beans, and the offer"),
        ({"groups": ["hous"]}, "groups", "unknown group 'hous' (did you mean 'house'?)"),
        ({"price_from": 50.0}, "price_from", "those of all categories cost 10 to 30 EUR"),
        ({"price_to": 5.0}, "price_to", "no good is all of what 'code' is for"),
        ({"goods": ["blend"], "price_from": 15.0}, "goods", "no good is all of"),
        ({"price_from": 9.0, "category": "cups"}, "price_from", "cups has no goods to be for"),
        ({"price_from": 9.0, "price_to": 5.0}, "offers", "price_to: 5 is below price_from, 9"),
        ({"goods": ["origin"], "to_day": 19}, "to_day", "arrives, on day 20: it would never"),
        ({"share": 0.0, "amount": 10.0, "goods": ["blend"]}, "amount", "no less than blend costs"),
        ({"places": ["center"]}, "places", "unknown place 'center' (did you mean 'centre'?)"),
        ({"places": ["other"]}, "places", "'other' is a rival, where nobody buys of the brand"),
        ({"places": ["mall"], "channels": ["web"]}, "places", "is a place of store, where the"),
        ({"places": ["mall"], "from_day": 20}, "places", "none of mall is there from day 20 on"),
        ({"places": ["mall"], "to_day": 9}, "places", "is there from day 0 to 9: it would never"),
    ],
)
def test_bounds_that_can_not_be(offer: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        shop(offer)
    assert field in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_goods_and_places_where_there_are_none() -> None:
    assert "there are no goods to be for" in said(goods=["blend"])
    assert "there are no stores in `places`" in said(places=["centre"])


@pytest.mark.parametrize("journey", [{"from_day": 12}, {"trigger": "once", "day": 12}])
def test_an_offer_that_nobody_can_get_in_time(journey: dict[str, Any]) -> None:
    assert shop({"to_day": 12, "code": True}, **journey)
    with pytest.raises(ScenarioError, match="in time: it holds to day 11, and the first journey"):
        shop({"to_day": 11, "code": True}, **journey)


def test_a_journey_of_one_day_after_the_window() -> None:
    """It is an error as `from_day` is, for a plan's journeys too, and so is an offer of its own."""
    assert shop({}, trigger="once", day=29)
    assert shop({}, day=30)  # a weekly journey has no day
    with pytest.raises(ScenarioError, match=r"j\.day: day 30 is after the window, whose"):
        shop({}, trigger="once", day=30)


def message(**more: Any) -> list[dict[str, Any]]:
    return [*STEPS, {"message": {"channels": ["email"], **more}}]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([{"message": {"channels": ["email"]}}], "nobody can get 'code': let a journey's message"),
        (message(gives="code", offer=0.1), "a message has one offer"),
        (message(service=True, offer=0.1), "a message of service can't carry an offer"),
        (message(service=True, gives="code"), "a message of service can't carry an offer"),
        (
            [*STEPS, {"message": {"channels": ["social_ad"], "service": True}}],
            "'social_ad' shows ads",
        ),
        ([{"split": {"has": "opened"}}, *STEPS], "no message comes before it that could be opened"),
        (
            [{"delay": "1d"}, {"split": {"has": "not_clicked"}}, *STEPS],
            "that could be clicked: this branch is never taken",
        ),
        (
            [{"message": {"channels": ["call"]}}, {"split": {"has": "clicked"}}, *STEPS],
            "is ever clicked: this branch is never taken",
        ),
    ],
)
def test_messages_and_branches_that_can_not_be(steps: list[dict[str, Any]], words: str) -> None:
    with_call = {"preset": "call", "message": {"click": 0.0, "scanner_clicks": 0.0}}
    channels = ["web", "app", "store", "email", "sms", "push", "messenger", "social_ad", with_call]
    journey = {"name": "j", "trigger": "weekly", "sequence": ["email"], "steps": steps}
    with pytest.raises(ScenarioError) as caught:
        world(
            time={"burn_in": 0, "window": "30d", "run_out": 0}, channels=channels,
            brand={"offers": [OFFER], "journeys": [copy.deepcopy(journey)]},
        )  # fmt: skip
    assert words in str(caught.value)
