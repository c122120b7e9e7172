"""Values under dotted keys: one way for sweeps, switches and patterns."""

from __future__ import annotations

import pytest

from omnilab.errors import OptionError, ScenarioError
from omnilab.experiment.paths import changed_at, plan_with
from omnilab.experiment.switches import parse_switches, switched_scenario
from tests.verification.worlds import world
from tests.worlds import corner


def test_items_that_are_taken_out_leave_the_places_of_others() -> None:
    """By name or number, in any order: each key means the item that it names before the change."""
    scenario = world()
    names = [j.name for j in scenario.brand.journeys]
    assert len(names) > 3
    changes = {
        "brand.journeys[0]": None,
        f"brand.journeys.{names[-1]}.priority": 7,
        f"brand.journeys.{names[1]}": None,
    }
    for order in (list(changes), list(changes)[::-1]):
        part = {key: changes[key] for key in order}
        new = changed_at(scenario, part, currency=scenario.currency, seconds=True)
        assert [j.name for j in new.brand.journeys] == names[2:]
        assert new.brand.journeys[-1].priority == 7
        before = [j.priority for j in scenario.brand.journeys[2:-1]]
        assert [j.priority for j in new.brand.journeys[:-1]] == before


def test_what_may_be_missing_can_be_taken_away() -> None:
    scenario = corner()
    assert scenario.brand.cap is not None
    new = changed_at(scenario, {"brand.cap": None}, currency="EUR", seconds=True)
    assert new.brand.cap is None
    with pytest.raises(OptionError, match=r"brand\.cap is no value but has keys: messages, per"):
        changed_at(scenario, {"brand.cap": 3}, currency="EUR", seconds=True)
    with pytest.raises(ScenarioError):
        changed_at(scenario, {"time": None}, currency="EUR", seconds=True)


def test_a_switch_sets_what_a_sweep_sets() -> None:
    scenario = corner()
    (switch,) = parse_switches(["world.continuity.give_up=12%"])
    swept = changed_at(scenario, {"world.continuity.give_up": "12%"}, currency="EUR", seconds=False)
    assert switched_scenario(scenario, [switch]) == swept
    assert swept.world.continuity.give_up == 0.12
    assert switch.key == "world.continuity.give_up"
    (item,) = parse_switches(["channels[0].silo=web"])
    assert item.key == "channels[0].silo"


def test_a_plan_that_gets_what_it_has_is_the_same() -> None:
    from omnilab.strategy.loading import load_strategy

    scenario = corner()
    plan = load_strategy("omnichannel", scenario).plan
    assert plan_with(plan, {"paid": plan.paid}, scenario, seconds=True) == plan
