"""The story of the boots: who looks at the brand on the network can be shown ads from the shop."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from omnilab.scenario import load_scenario
from omnilab.scenario.model import Scenario
from tests.verification.worlds import load, log, of_kinds, run

#: It runs a shipped scenario, whose story rarely breaks alone.
pytestmark = pytest.mark.slow

STRATEGIES = ("multichannel", "cross_channel")


def boots(*, matched: bool) -> Scenario:
    """Return the shipped scenario, or one whose network matches no cookie of the shop."""
    scenario = load_scenario("boots-v1").with_customers(600)
    channels = scenario.model_dump()["channels"]
    (social,) = (c for c in channels if c["name"] == "social")
    shown = social["visit"]["identifiers"]
    assert [x["type"] for x in shown if x["carries"] == "web"] == ["cookie"]
    if not matched:
        social["visit"]["identifiers"] = [x for x in shown if x["type"] != "cookie"]
    return scenario.changed({"channels": channels})


@cache
def ads(strategy: str, *, matched: bool) -> int:
    """Return how many social ads are sent."""
    scenario = boots(matched=matched)
    sent = of_kinds(log(_ran(matched), strategy), "sent")
    return int((sent["channel"] == [c.name for c in scenario.channels].index("social_ad")).sum())


@cache
def _ran(matched: bool) -> Any:
    scenario = boots(matched=matched)
    return run(scenario, load(scenario, *STRATEGIES))


def test_a_look_on_the_network_leads_to_ads_where_silos_hand_over() -> None:
    assert ads("cross_channel", matched=True) > 1.1 * ads("cross_channel", matched=False)


def test_and_not_where_each_silo_keeps_to_itself() -> None:
    with_it, without = (ads("multichannel", matched=x) for x in (True, False))
    assert abs(with_it / without - 1.0) < 0.01
