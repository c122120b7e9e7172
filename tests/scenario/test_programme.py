"""Programmes that can't be: each is one line with its key and the nearest right thing."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.errors import ScenarioError
from tests.worlds import corner

TARGET = {"name": "two", "purchases": 2, "to_day": 9, "reward": "five"}
MAIL = {"channels": ["email"]}


def brand(programme: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    given = {"targets": [TARGET], **(programme or {})}
    return {"programme": given, "offers": [{"name": "five", "amount": 5.0}], **more}


def journey(trigger: str = "order", **step: Any) -> dict[str, Any]:
    return {"name": "j", "trigger": trigger, "sequence": ["web", "email"], "steps": [step]}


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (brand({"targets": [{**TARGET, "purchases": 0}]}), "purchases.*1"),
        (brand({"targets": [{**TARGET, "spend": 5.0}]}), "one of `purchases` and `spend`"),
        (brand({"targets": [{**TARGET, "to_day": 100}]}), "100 is after the window"),
        (brand({"targets": [{**TARGET, "from_day": 10}]}), "9 is before from_day, 10"),
        (
            brand(
                {"targets": [{**TARGET, "reward": "fife"}]},
                journeys=[journey(message={**MAIL, "gives": "five"})],
            ),
            "did you mean 'five'",
        ),
        (
            brand(offers=[{"name": "five", "amount": 5.0, "code": True}]),
            "'five' has a code, which only a message gives",
        ),
        (
            brand({"tiers": [{"name": "a", "spend": 50.0}, {"name": "b", "spend": 40.0}]}),
            "list the tiers from the lowest up",
        ),
        (brand({"balance": {"top_up": -1.0}}), "top_up"),
        (brand(journeys=[journey("tier", message=MAIL)]), "no tiers to reach"),
        (brand(journeys=[journey("bad_experience", message=MAIL)]), "brand.notes_failures: true"),
        (
            brand(journeys=[journey(message={**MAIL, "promises": "tow"})]),
            "unknown target 'tow' .did you mean 'two'",
        ),
        (brand(journeys=[journey(split={"has": "tier"})]), "set brand.programme.tiers"),
        (
            brand(
                {"tiers": [{"name": "gold", "spend": 50.0}]},
                journeys=[journey(split={"has": "tier", "tier": "gild"})],
            ),
            "unknown tier 'gild' .did you mean 'gold'",
        ),
        (brand(journeys=[journey(split={"has": "value"})]), "write `at_least`"),
        (brand(journeys=[journey(split={"has": "cart", "at_least": 5})]), "for `has: value`"),
        ({"journeys": [journey(split={"has": "value", "at_least": 5})]}, "set brand.programme"),
    ],
)
def test_what_is_refused(said: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        corner(brand=said)


def test_a_programme_that_is_whole_is_taken() -> None:
    scenario = corner(
        brand=brand(
            {"tiers": [{"name": "a", "spend": 40.0}], "balance": {"top_up": 5.0}},
            notes_failures=True,
            journeys=[
                journey(message={**MAIL, "promises": "two"}),
                journey("tier", split={"has": "tier"}) | {"name": "i"},
                journey("bad_experience", message={**MAIL, "apologises": True}) | {"name": "k"},
            ],
        )
    )
    assert scenario.brand.programme is not None
