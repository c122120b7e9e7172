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
    scenario = draw(scenarios()).changed(
        {"population": {"customers": draw(st.integers(people, 2 * people)), "town": people}}
    )
    if draw(st.booleans()):
        patch = draw(word.patches(people))
        try:
            return scenario.changed(patch)
        except ScenarioError:  # the two contradict each other
            return scenario
    return scenario
