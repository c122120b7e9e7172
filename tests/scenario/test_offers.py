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
