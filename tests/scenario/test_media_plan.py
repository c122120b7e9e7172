"""Media plans that can't be: one line each, with the key and the nearest right thing."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.errors import ScenarioError
from tests.worlds import corner

FLIGHT: dict[str, Any] = {"name": "spots", "medium": "radio", "grp": 100, "lasts": "28d"}
SHOP = {"name": "shop", "channel": "store"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"medium": "email"}, r"'email' has an address.*brand\.journeys.*radio, television, print"),
        ({"medium": "boards"}, "places, kind: board"),
        ({"medium": "televison"}, "unknown medium 'televison'.*television"),
        ({"grp": 0}, r"brand.media.spots.grp: 0 must be above 0"),
        ({"lasts": 0}, "a flight of 0s reaches nobody: write at least 1d"),
        ({"begins_on": 100}, "day 100 is outside the run, whose days are -30 to 99"),
        ({"begins_on": -31}, "day -31 is outside the run"),
        ({"begins_on": 90}, "beyond the window, of 100 days: write at most 10d"),
        ({"per_thousand": -1}, "negative"),
        ({"shows": "been"}, "unknown 'been'.*beans"),
        ({"channel": "email"}, "unknown channel with a visit 'email'"),
        ({"around": "shop"}, "radio is heard everywhere; only print"),
        ({"medium": "print", "around": "shop"}, "unknown 'shop'; there are no `places`"),
    ],
)
def test_what_can_not_be(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said) as raised:
        corner(brand={"media": [{**FLIGHT, **change}]})
    assert "\n" not in str(raised.value)


def test_two_flights_of_one_name() -> None:
    with pytest.raises(ScenarioError, match="two flights are named 'spots'"):
        corner(brand={"media": [FLIGHT, FLIGHT]})


def test_print_around_places() -> None:
    flight = {**FLIGHT, "medium": "print", "around": "shop", "within_m": 500}
    assert corner(places=[SHOP], brand={"media": [flight]}).brand.media[0].within_m == 500
