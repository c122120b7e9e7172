"""Ready creatives and leeway in a scenario and in a plan: what is refused, and with which words."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.errors import ScenarioError, StrategyError
from omnilab.scenario.leeway import CONTENTS, contents_of, themes_of
from omnilab.scenario.part import SHOWN_WORDS
from omnilab.strategy.plan import Plan
from omnilab.strategy.plan_check import check_plan
from tests.verification.worlds import world

CREATIVES = [{"name": "plain"}, {"name": "bright", "quality": 0.5}]
THEMES = {"calendar": ["spring", "summer"], "lasts": "7d"}


def letters(message: dict[str, Any], **brand: Any) -> Any:
    step = {"message": {"channels": ["email"], **message}}
    journey = {"name": "letters", "trigger": "weekly", "sequence": ["email"], "steps": [step]}
    return world(brand={"creatives": CREATIVES, "themes": THEMES, "journeys": [journey], **brand})


def test_contents_are_the_words_of_files_and_the_categories() -> None:
    assert set(CONTENTS) == set(SHOWN_WORDS)
    scenario = letters({})
    assert contents_of(scenario) == (*CONTENTS, *(c.name for c in scenario.categories))
    assert themes_of(scenario) == ("spring", "summer", "none")
    assert themes_of(letters({}, themes=None)) == ()


@pytest.mark.parametrize(
    ("message", "brand", "said"),
    [
        ({"leeway": {"shows": ["viewd"]}}, {}, "unknown content 'viewd' (did you mean 'viewed'?)"),
        ({"leeway": {"creatives": ["brigth"]}}, {}, "'brigth' (did you mean 'bright'?)"),
        ({"leeway": {"themes": ["zzz"]}}, {}, "'zzz'; there are spring, summer, none"),
        ({"leeway": {"creatives": ["a"]}}, {"creatives": []}, "'a': brand.creatives is empty"),
        ({"leeway": {"themes": ["a"]}}, {"themes": None}, "'a': brand.themes names none"),
        ({"leeway": {}, "service": True}, {}, "a message of service shows what it is about"),
        ({"creative": "bright", "quality": 1.0}, {}, "has a quality of its own"),
        ({}, {"creatives": [*CREATIVES, {"name": "plain"}]}, "two creatives are named 'plain'"),
        ({}, {"creatives": [{"name": "new"}]}, "'new' is another creative at each send"),
    ],
)
def test_what_is_refused(message: dict[str, Any], brand: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        letters(message, **brand)
    assert said in str(caught.value)


def test_a_plan_is_checked_as_the_scenario_is() -> None:
    scenario = letters({"leeway": {"shows": ["generic"]}})
    journey = scenario.brand.journeys[0]
    step = journey.steps[0]
    assert step.message is not None
    assert step.message.leeway is not None
    other = step.message.leeway.model_copy(update={"shows": ("beens",)})
    message = step.message.model_copy(update={"leeway": other})
    wrong = journey.model_copy(update={"steps": (step.model_copy(update={"message": message}),)})
    with pytest.raises(StrategyError) as caught:
        check_plan(Plan(journeys=(wrong,)), scenario, strategy="mine")
    where = "journeys.letters.steps[0].message.leeway.shows: unknown content 'beens'"
    assert where in str(caught.value)
    assert "did you mean 'beans'?" in str(caught.value)
