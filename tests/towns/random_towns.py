"""Random towns in which every room may be on at once, for tests that hold in every world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from omnilab.errors import ScenarioError
from omnilab.scenario.model import Scenario
from tests.property.random_worlds import scenarios
from tests.towns import contact, word
from tests.towns.programme_money import money
from tests.towns.stock import stock_patch, with_stock

__all__ = ["towns"]

PEOPLE = st.sampled_from((8, 20, 60))


@st.composite
def towns(draw: st.DrawFn) -> Scenario:
    """Return a random scenario of some towns; a room that does not fit into it is left out."""
    scenario = draw(scenarios())
    people = draw(PEOPLE)
    scenario = scenario.changed(
        {"population": {"customers": draw(st.integers(people, 2 * people)), "town": people}}
    )
    channels = [c.name for c in scenario.channels]
    visited = [c.name for c in scenario.channels if c.visit]
    categories = [c.name for c in scenario.categories]
    if (stocked := draw(stock_patch(channels, categories))) and draw(st.booleans()):
        scenario = with_stock(scenario, {**stocked, "town": people})
    for room in draw(st.permutations(("word", "contact", "money"))):
        if draw(st.booleans()):
            patch = {
                "word": word.patches(people),
                "contact": contact.patches(visited, town=True),
                "money": money(scenario),
            }[room]
            scenario = _with(scenario, draw(patch))
    return scenario


def _with(scenario: Scenario, patch: dict[str, Any]) -> Scenario:
    """Return the scenario with a patch, or without it where the two contradict each other."""
    try:
        return scenario.changed(patch)
    except ScenarioError:
        return scenario
