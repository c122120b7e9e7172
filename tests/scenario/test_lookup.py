"""Values by their dotted keys."""

from __future__ import annotations

import pytest

from omnilab.scenario import load_scenario
from omnilab.scenario.lookup import value_at

SCENARIO = load_scenario("mapples-coffee-v1")


@pytest.mark.parametrize("shipped", ["boots-v1", "cdnow-v1", "mapples-coffee-v1"])
def test_what_shipped_scenarios_assume_is_a_number(shipped: str) -> None:
    scenario = load_scenario(shipped)
    assert scenario.assumed
    assert all(isinstance(value_at(scenario, key), int | float) for key in scenario.assumed)


def test_items_go_by_name_or_number() -> None:
    assert value_at(SCENARIO, "channels.email.silo") == "email"
    assert value_at(SCENARIO, "channels[4].silo") == SCENARIO.channels[4].silo
    assert value_at(SCENARIO, "categories[0].season[11]") == 1.18
    assert value_at(SCENARIO, "population.personas.enthusiast.prefers.app") == 0.8
    assert value_at(SCENARIO, "categories.drinks-card.every") == 28 * 86_400


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("wrld.intent", "no key 'wrld' (did you mean 'world'?)"),
        ("channels.emial.silo", "no key 'emial' in channels (did you mean 'email'?)"),
        ("channels[99].silo", "no item [99] in channels"),
        ("currency.code", "no key 'code' in currency"),
        ("currency[0]", "no item [0] in currency"),
        ("world..intent", "is not a dotted key"),
        ("world intent", "is not a dotted key"),
    ],
)
def test_what_is_not_there(key: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        value_at(SCENARIO, key)
    assert message in str(caught.value)
