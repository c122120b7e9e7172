"""Random towns in which every room may be on at once, for tests that hold in every world."""

from __future__ import annotations

from hypothesis import strategies as st

from omnilab.errors import ScenarioError
from omnilab.scenario.model import Scenario
from tests.property.random_worlds import scenarios
from tests.towns import word

__all__ = ["towns"]

PEOPLE = st.sampled_from((8, 20, 60))


@st.composite
def towns(draw: st.DrawFn) -> Scenario:
    """Return a random scenario of some towns; words of mouth that do not fit are left out."""
    people = draw(PEOPLE)
    drawn, times = draw(scenarios()), draw(st.floats(1.0, 2.0))
    try:
        scenario = of_people(drawn, people, times)
    except ScenarioError:  # a small town's part of a budget does not pay for one send
        people = 60
        scenario = of_people(drawn, people, times)
    if draw(st.booleans()):
        patch = draw(word.patches(people))
        try:
            return scenario.changed(patch)
        except ScenarioError:  # the two contradict each other
            return scenario
    return scenario


def of_people(scenario: Scenario, people: int, times: float) -> Scenario:
    """Return the scenario with towns of so many people, ``times`` as many customers in all."""
    return scenario.changed({"population": {"customers": int(times * people), "town": people}})
