"""Places and the trigger `near` in a scenario file: what can't be is an error with its key."""

import copy

import pytest

from omnilab.brand.codes import E_NEAR
from omnilab.errors import ScenarioError, StrategyError
from omnilab.lowering.plan import lower_plan
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy
from tests.worlds import APP, corner

SHOP = {"name": "shop", "channel": "store", "count": 2}
STEPS = [{"message": {"channels": ["push"]}}]
NEAR = {"name": "near", "trigger": "near", "near": {"place": "shop", "radius_m": 300},
        "sequence": ["app"], "steps": STEPS}  # fmt: skip


def channels(**visit):
    made = copy.deepcopy(corner().model_dump(mode="json", context={"currency": "EUR"})["channels"])
    made[APP]["visit"].update(visit)
    return made


def test_places_and_a_trigger_near_are_read():
    scenario = corner(
        places=[SHOP, {"name": "board", "kind": "board", "around": "shop", "within_m": 500}],
        channels=channels(tells_position="40%"), brand={"journeys": [NEAR]},
    )  # fmt: skip
    assert [p.count for p in scenario.places] == [2, 1]
    assert scenario.brand.journeys[0].near.radius_m == 300
    again = Scenario.model_validate(scenario.model_dump(), context={"seconds": True})
    assert again == scenario


def test_a_scenario_without_places_says_nothing_of_them():
    written = corner().model_dump(mode="json")
    assert "places" not in written
    assert "places" not in written["world"]
    assert all("tells_position" not in c["visit"] for c in written["channels"] if c["visit"])
    assert all("near" not in journey for journey in written["brand"]["journeys"])


BAD = {
    "stores without a place": (
        {"places": [{**SHOP, "count": 0}]}, "places.shop.count", "needs at least one a town"),
    "a store without its channel": (
        {"places": [{"name": "shop"}]}, "places.shop.channel", "one of web, app, store"),
    "a store of a channel that is not there": (
        {"places": [{**SHOP, "channel": "stor"}]}, "places.shop.channel", "did you mean 'store'?"),
    "a store of a channel that only writes": (
        {"places": [{**SHOP, "channel": "email"}]}, "places.shop.channel", "with a visit"),
    "a rival with a channel": (
        {"places": [{**SHOP, "kind": "rival"}]}, "places.shop.channel", "leave it out"),
    "around nothing": (
        {"places": [SHOP, {"name": "board", "kind": "board", "around": "shopp"}]},
        "places.board.around", "did you mean 'shop'?"),
    "a board about nothing": (
        {"places": [SHOP, {"name": "board", "kind": "board", "shows": "bean"}]},
        "places.board.shows", "did you mean 'beans'?"),
    "closed before it opens": (
        {"places": [{**SHOP, "opens_on": 9, "closes_on": 9}]}, "places.shop.closes_on", "day 9"),
    "two of one name": ({"places": [SHOP, SHOP]}, "", "two places are named 'shop'"),
    "too many": (
        {"places": [{**SHOP, "count": 40}, {**SHOP, "name": "b", "count": 21}]},
        "places", "at most 60 places, these are 61"),
    "hours that never meet a way": (
        {"places": [SHOP], "channels": "night"}, "places.shop.channel",
        "opening hours that never meet a way: 'store' is open from 02:00 to 05:00"),
    "near without a fence": (
        {"places": [SHOP], "brand": {"journeys": [{**NEAR, "near": None}]}},
        "brand.journeys.near.near", "needs `near: {place, radius_m}`"),
    "near without places": (
        {"brand": {"journeys": [NEAR]}}, "brand.journeys.near.trigger", "`near` without places"),
    "near without position": (
        {"places": [SHOP], "brand": {"journeys": [NEAR]}}, "brand.journeys.near.trigger",
        "give app a `visit.tells_position` above 0"),
    "near an unknown place": (
        {"places": [SHOP], "channels": "tells",
         "brand": {"journeys": [{**NEAR, "near": {"place": "ship", "radius_m": 300}}]}},
        "brand.journeys.near.near.place", "did you mean 'shop'?"),
    "near without its trigger": (
        {"places": [SHOP], "channels": "tells",
         "brand": {"journeys": [{**NEAR, "trigger": "order"}]}},
        "brand.journeys.near.near", "only a journey with `trigger: near`"),
    "a position that is nobody's": (
        {"places": [SHOP], "channels": "anonymous"}, "channels.app.visit.tells_position",
        "an identifier other than a cookie"),
}  # fmt: skip


@pytest.mark.parametrize("which", BAD)
def test_what_can_not_be_is_one_line_with_its_key(which):
    changes, key, message = copy.deepcopy(BAD[which])
    if changes.get("channels") == "night":
        changes["channels"] = channels()
        changes["channels"][2]["visit"].update(opens="02:00", closes="05:00")
    elif changes.get("channels") == "tells":
        changes["channels"] = channels(tells_position="40%")
    elif changes.get("channels") == "anonymous":
        cookie = [{"type": "cookie", "share": "100%"}]
        changes["channels"] = channels(tells_position="40%", identifiers=cookie)
    with pytest.raises(ScenarioError) as caught:
        corner(**changes)
    said = str(caught.value)
    assert message in said, said
    assert "\n" not in said
    assert (caught.value.key or "") == key


FILE = """
name: geo
journeys:
  - name: by
    trigger: near
    near: {place: PLACE, radius_m: 250, dwell: 2min}
    sequence: [app]
    steps:
      - message: {channels: [push], success: sent}
"""


def test_a_strategy_of_yaml_may_wait_for_a_position(tmp_path):
    scenario = corner(places=[SHOP], channels=channels(tells_position="40%"))
    path = tmp_path / "geo.yaml"
    path.write_text(FILE.replace("PLACE", "shop"))
    plan = lower_plan(load_strategy(str(path), scenario).plan, scenario)
    journey = plan.journey[len(plan.journey) - 1]
    assert (journey.trigger, journey.near) == (E_NEAR, 0)
    assert (journey.radius, journey.dwell, journey.lead) == (250, 120, 0)
    assert plan.rules.fences == 1
    path.write_text(FILE.replace("PLACE", "shopp"))
    with pytest.raises(StrategyError, match=r"near.place: unknown 'shopp' \(did you mean 'shop'"):
        load_strategy(str(path), scenario)
    path.write_text(FILE.replace("PLACE", "shop"))
    with pytest.raises(StrategyError, match="`near` without position"):
        load_strategy(str(path), corner(places=[SHOP]))
