"""Tills, ways of delivery and slots that can't be are refused with the key."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from omnilab.errors import ScenarioError
from omnilab.scenario import scenario_digest
from omnilab.scenario.model import Scenario
from tests.worlds import _CORNER, corner

TILL = {"servers": 2}
NAMES = [c["name"] for c in _CORNER["channels"]]
CLOSED = {"visit": {**_CORNER["channels"][2]["visit"], "opens": "09:00", "closes": "18:00"}}
EVENING = {"capacity": 3, "opens": "18:00", "closes": "22:00"}


def shop(town: int | None = 20, **changes: dict[str, Any]) -> Scenario:
    """Return the corner shop in towns, with more keys in some channels."""
    channels = copy.deepcopy(_CORNER["channels"])
    for name, more in changes.items():
        channels[NAMES.index(name)].update(more)
    return corner(channels=channels, population={"customers": 40, "town": town})


def way(**keys: Any) -> dict[str, Any]:
    return {"delivery": [{"name": "x", **keys}]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"town": None, "store": {"till": TILL}}, "channels.store.till: .* say population.town"),
        ({"town": None, "web": way(slots={"capacity": 1})}, "delivery.x.slots: .*population.town"),
        ({"store": {"till": {"servers": 21}}}, "till.servers: 21 for a town of 20 people"),
        ({"store": {"till": {"servers": 0}}}, "till.servers: 0 must be at least 1"),
        ({"store": {"till": {"patience": 0}}}, "till.patience: 0 must be above 0"),
        ({"store": {"till": {"patience": "-5min"}}}, "till.patience: '-5min' is negative"),
        ({"email": {"till": TILL}}, "channels.email.till: nobody comes here to pay"),
        ({"email": way()}, "channels.email.delivery: nothing is bought here"),
        ({"web": way(slots={})}, "delivery.x.slots.capacity: missing"),
        ({"web": way(slots={"capacity": 0})}, "slots.capacity: 0 must be at least 1"),
        ({"web": way(slots={**EVENING, "every": "5h"})}, "slots.every: no window of 5h fits"),
        ({"store": CLOSED, "web": way(at="store", slots=EVENING)},
         "slots: no slot is while 'store' is open: from 09:00 to 18:00"),
        ({"web": way(at="stor")}, r"delivery.x.at: unknown 'stor' \(did you mean 'store'\?\)"),
        ({"web": way(at="email")}, "delivery.x.at: unknown 'email'.*: one collects where"),
        ({"web": way(desk=TILL)}, "delivery.x.desk: nobody comes to it; say the place"),
        ({"web": {"delivery": [{"name": "x"}, {"name": "x"}]}}, "two delivery ways are named 'x'"),
        ({"web": way(promised=0)}, "delivery.x.promised: 0 must be above 0"),
        ({"web": way(late=1.0)}, "delivery.x.late: 1"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_with_the_key(changes, said):
    with pytest.raises(ScenarioError, match=said) as error:
        shop(**changes)
    assert "\n" not in str(error.value)


def test_what_asks_for_no_town_needs_none():
    assert shop(town=None, web=way(), store={"till": {}}).channels[2].till is not None


def test_without_them_a_scenario_keeps_its_digest():
    plain = shop()
    empty = shop(web={"delivery": []}, store={"till": None})
    assert scenario_digest(empty) == scenario_digest(plain)
    assert scenario_digest(shop(store={"till": {}})) != scenario_digest(plain)
