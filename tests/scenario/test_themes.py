"""Themes, creatives and lives of messages in files: what is wrong, where, and the nearest right."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.brand.themes import theme_at
from omnilab.errors import ScenarioError, StrategyError
from omnilab.lowering.plan import lower_plan
from omnilab.scenario.document import parse_document
from omnilab.scenario.effect import without_effect
from omnilab.strategy.loading import load_strategy
from omnilab.strategy.plan import Plan, Sharing
from omnilab.strategy.plan_check import check_plan
from tests.plain import plain
from tests.worlds import DAY, EMAIL, PUSH, corner

THEMES = {
    "calendar": ["spring", "thrift"], "lasts": "2d",
    "teams": {"email": ["thrift", "gifts", "spring"], "web": ["gifts"]},
}  # fmt: skip


def news(**message: Any) -> dict[str, Any]:
    return {
        "name": "news", "trigger": "weekly", "sequence": ["app", "email"],
        "steps": [{"message": {"channels": ["email", "push"], **message}}],
    }  # fmt: skip


def shop(themes: Any = THEMES, **message: Any) -> Any:
    return corner(brand={"themes": themes, "journeys": [news(**message)]})


@pytest.mark.parametrize(
    ("scenario", "key", "says"),
    [
        (lambda: shop(theme="sprng"), "brand.journeys.news.steps[0].message.theme",
         "unknown theme 'sprng' (did you mean 'spring'?)"),
        (lambda: shop(None, theme="spring"), "brand.journeys.news.steps[0].message.theme",
         "write brand.themes: {calendar: [spring]}"),
        (lambda: shop(THEMES | {"teams": {"emial": ["gifts"]}}), "brand.themes.teams.emial",
         "unknown silo 'emial' (did you mean 'email'?)"),
        (lambda: shop(THEMES | {"calendar": ["none"]}), "brand.themes", "'none' is what a message"),
        (lambda: shop(THEMES | {"calendar": []}), "brand.themes.calendar", "needs at least 1 item"),
        (lambda: shop(THEMES | {"lasts": "-2d"}), "brand.themes.lasts", "duration"),
        (lambda: corner(world={"creatives": {"memory": "0d"}}), "world.creatives.memory",
         "must be above 0"),
    ],
)  # fmt: skip
def test_a_wrong_theme_is_named_with_the_nearest_right_one(scenario, key, says) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario()
    assert caught.value.key == key
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("side", "says"),
    [
        ({"half_life": "-5d"}, "duration"),
        ({"half_life": "0d"}, "must be above 0"),
        ({"looks_again": 9}, "must be at most 8"),
        ({"looks_again": 1, "ad": True}, "an ad is gone when it was shown"),
    ],
)
def test_a_wrong_life_of_messages_is_an_error(side: dict[str, Any], says: str) -> None:
    channels = corner().model_dump(mode="json")["channels"]
    channels[EMAIL]["message"] |= side
    with pytest.raises(ScenarioError) as caught:
        corner(channels=channels)
    assert says in str(caught.value)
    assert "channels.email.message" in str(caught.value.key)


def test_a_place_without_messages_has_no_life_of_them() -> None:
    channels = corner().model_dump(mode="json")["channels"]
    channels[0]["message"] = {"looks_again": 2}
    with pytest.raises(ScenarioError, match="missing key 'address'"):
        corner(channels=channels)


def test_a_strategys_own_journey_may_not_invent_a_theme() -> None:
    scenario = shop()
    own = scenario.brand.journeys[0].model_dump()
    own["steps"][0]["message"]["theme"] = "gift"
    plan = Plan(journeys=(type(scenario.brand.journeys[0]).model_validate(own),))
    with pytest.raises(StrategyError, match=r"unknown theme 'gift' \(did you mean 'gifts'\?\)"):
        check_plan(plan, scenario)


def lowered(scenario: Any, choice: str) -> Any:
    plan = load_strategy("omnichannel", scenario).plan
    sharing = Sharing(identity="all", contact_policy=choice)
    return lower_plan(
        Plan(sharing, journeys=plan.journeys, cap=plan.cap, wiring=plan.wiring), scenario
    )


@pytest.mark.parametrize(
    ("choice", "email", "push"),
    [
        ("silo", "thrift gifts spring thrift", "spring thrift spring thrift"),
        ("handoff", "spring thrift spring thrift", "spring thrift spring thrift"),
        ("all", "spring thrift spring thrift", "spring thrift spring thrift"),
    ],
)
def test_whose_calendar_is_followed_is_the_contact_policy(choice, email, push) -> None:
    scenario = shop()
    plan, names = lowered(scenario, choice), scenario.brand.themes.names
    for channel, expected in ((EMAIL, email), (PUSH, push)):
        found = [
            names[plain(theme_at)(plan, 0, 0, channel, 2 * DAY * k + DAY)]
            for k in range(len(expected.split()))
        ]
        assert " ".join(found) == expected


def test_under_handoff_the_sequences_first_silo_leads() -> None:
    scenario = shop()
    flow = news() | {"sequence": ["email", "app"]}
    scenario = scenario.changed({"brand": {"journeys": [flow]}})
    plan, names = lowered(scenario, "handoff"), scenario.brand.themes.names
    assert names[plain(theme_at)(plan, 0, 0, PUSH, DAY)] == "thrift"


def test_a_messages_own_theme_or_none_goes_before_the_calendar() -> None:
    for theme, expected in (("gifts", 2), ("none", -1)):
        plan = lowered(shop(theme=theme), "all")
        assert plain(theme_at)(plan, 0, 0, EMAIL, DAY) == expected
    plan = lowered(shop(None), "all")
    assert plain(theme_at)(plan, 0, 0, EMAIL, DAY) == -1


def test_a_creative_is_the_journeys_step_unless_it_has_a_name() -> None:
    def number(**message: Any) -> int:
        return int(lowered(shop(**message), "all").step[0, 0].template)

    assert number() == number() != 0
    assert number(creative="poster") not in (number(), 0, number(creative="other"))
    assert number(creative="new") == 0


def findings(text: str) -> list[str]:
    from omnilab.scenario.load import validate_tree
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.preset import expand_presets, name_presets

    root = expand_presets(name_presets(parse_document(text, "own.yaml")))
    return [str(found) for found in without_effect(validate_tree(Scenario, root), root)]


BASE = """\
id: own-v1
population: {customers: 10, personas: [{name: a, share: 100%}]}
categories: [{name: beans, every: 30d, spend: {mean: 10}}]
channels: [web, {preset: email, message: {half_life: 5d}}]
"""


def test_what_does_nothing_is_told() -> None:
    brand = "brand: {themes: {calendar: [a]}, journeys: [newsletter]}\n"
    found = " ".join(findings(BASE + brand))
    assert "brand.themes" in found
    assert "half_life" in found
    found = " ".join(findings(BASE + "world: {consistency: {echo: 1}, creatives: {memory: 9d}}\n"))
    assert "no message has a theme" in found
    assert "nothing wears out" in found
