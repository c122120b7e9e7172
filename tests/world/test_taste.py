"""Affinity to categories, and messages that show one: the rules are their formulas."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from omnilab.draws import streams
from omnilab.draws.inverse import normal
from omnilab.errors import ScenarioError, StrategyError
from omnilab.lowering.plan import lower_plan
from omnilab.scenario.journeys import Message
from omnilab.strategy.plan_check import check_plan
from omnilab.world.taste import NEVER, TASTE, affinity_of, taste_for
from tests.interaction.test_message import Post, T, clicking
from tests.plain import plain
from tests.verification.worlds import build, load, world
from tests.worlds import DAY, corner, drawn, inhabited, logged, middles, model_of, plan_of

RULES = ("world/taste.py", "brand/judge.py")

ON = {"on": 1, "spread": 0.8, "with_need": 0.6, "alone": 0.8, "bought": 0.5, "memory": 100.0 * DAY}


def test_affinity_is_standard_normal_and_goes_with_the_need_rate() -> None:
    model = model_of(taste=ON)
    uniforms = middles(2000)
    score = np.array([plain(normal)(u) for u in uniforms])
    found = np.array([plain(affinity_of)(model, 8 * n, 1, u) for n, u in enumerate(uniforms)])
    assert abs(found.mean()) < 4 / math.sqrt(2000)
    assert found.std() == pytest.approx(1.0, abs=0.06)
    assert np.corrcoef(score, found)[0, 1] == pytest.approx(0.6, abs=0.06)


def test_a_person_is_born_with_it() -> None:
    model = model_of(taste=ON)
    cell = inhabited(model, 3)
    for who in range(3):
        entity = int(cell.person[who].entity)
        for c in range(2):
            rate = plain(normal)(drawn(model, streams.PERSON_RATES, entity, c)[0])
            own = plain(normal)(drawn(model, TASTE, entity, c)[0])
            kept = cell.theme[who, c]
            assert kept.affinity == pytest.approx(0.6 * rate + 0.8 * own)
            assert kept.bought_t == NEVER
    assert {float(x.affinity) for x in inhabited(model_of(), 2).theme[:2, 0]} == {0.0}


def test_it_adds_affinity_and_what_was_bought_to_what_shows_the_category() -> None:
    model = model_of(taste=ON)
    cell = inhabited(model, 1)
    cell.theme[0, 1].affinity = -1.5
    ask = plain(taste_for)
    assert ask(cell, model, 0, -1, T) == 0.0
    assert ask(cell, model, 0, 1, T) == pytest.approx(0.8 * -1.5)
    cell.theme[0, 1].bought_t = T - 50 * DAY
    assert ask(cell, model, 0, 1, T) == pytest.approx(0.8 * -1.5 + 0.5 * math.exp(-0.5))
    cell.theme[0, 0].affinity = 0.0
    assert ask(cell, model, 0, 0, T) == 0.0  # another category's order is not this one's


def test_an_order_is_remembered() -> None:
    post = clicking(message={"shows": "beans"})
    need = post.need()
    post.person.threshold = -50.0
    for channel in post.model.ch:
        channel.completes, channel.completes_logit = 1.0, 50.0
    post.send()
    assert "order" in post.open()
    assert post.cell.theme[0, int(need.category)].bought_t == post.seen_at
    assert post.cell.theme[0, 1].bought_t == NEVER


@pytest.mark.parametrize(("affinity", "sees"), [(40.0, True), (-40.0, False)])
def test_it_moves_seeing(affinity: float, sees: bool) -> None:
    post = Post(message={"shows": "cups"}, taste=ON)
    for channel in post.model.ch:
        channel.base_open, channel.open_logit = 0.5, 0.0
    post.cell.theme[0, 1].affinity = affinity
    post.send()
    (sent,) = logged(post.cell, "sent")
    assert (sent["category"], sent["shows"], sent["shown_need"]) == (1, 4, -1)
    assert bool(post.cell.meta.items) is sees  # the opening is due, or nothing is


@pytest.mark.parametrize(("affinity", "clicks"), [(40.0, True), (-40.0, False)])
def test_it_moves_clicking_and_a_visitor_looks_at_what_was_named(
    affinity: float, clicks: bool
) -> None:
    post = clicking(message={"shows": "cups"}, taste=ON)
    post.model.ch[3].click_logit = 0.0
    post.cell.theme[0, 1].affinity = affinity
    post.send()
    assert ("click" in post.open()) is clicks
    assert [x["category"] for x in logged(post.cell, "view")] == [1] * clicks


def test_each_named_category_is_content_of_its_own() -> None:
    shown = ["generic", "beans", "cups"]
    steps = [{"message": {"shows": x, "channels": ["email"]}} for x in shown]
    journey = {"name": "j", "trigger": "weekly", "sequence": ["email"], "steps": steps}
    lowered = plan_of(corner(brand={"journeys": [journey]})).step[0, :3]
    assert lowered.shows.tolist() == [0, 4, 4]
    assert lowered.category.tolist() == [0, 0, 1]
    assert len(set(lowered.creative.tolist())) == 3


def _naming(shows: Any) -> dict[str, Any]:
    step = {"message": {"shows": shows, "channels": ["email"]}}
    return {"name": "j", "trigger": "weekly", "sequence": ["email"], "steps": [step]}


@pytest.mark.parametrize(
    ("shows", "right"), [("cartt", "cart"), ("cup", "cups"), ("bean", "beans")]
)
def test_a_category_that_is_not_there_is_an_error_with_the_nearest(shows: str, right: str) -> None:
    said = rf"steps\[0\]\.message\.shows: unknown '{shows}' \(did you mean '{right}'\?\)"
    with pytest.raises(ScenarioError, match=said):
        world(brand={"journeys": [_naming(shows)]})
    scenario = world()
    (loaded,) = load(scenario, "omnichannel")
    journey = loaded.plan.journeys[0]
    step = journey.steps[-1].model_copy(
        update={"message": Message(shows=shows, channels=("email",))}
    )
    plan = replace(loaded.plan, journeys=(journey.model_copy(update={"steps": (step,)}),))
    with pytest.raises(StrategyError, match=said):
        check_plan(plan, scenario)


def test_a_plan_in_python_may_name_a_category() -> None:
    scenario = world()
    (loaded,) = load(scenario, "omnichannel")
    journey = loaded.plan.journeys[-1]
    step = journey.steps[-1].model_copy(
        update={"message": Message(shows="cups", channels=("email",))}
    )
    plan = replace(loaded.plan, journeys=(journey.model_copy(update={"steps": (step,)}),))
    lowered = lower_plan(check_plan(plan, scenario), scenario)
    assert (lowered.step[0, 0].shows, lowered.step[0, 0].category) == (4, 1)


@pytest.mark.parametrize("shows", ["Cups", "", 3, "a b"])
def test_what_is_no_name_is_an_error(shows: Any) -> None:
    with pytest.raises(ScenarioError, match=r"message\.shows"):
        build({**world().model_dump(mode="json"), "brand": {"journeys": [_naming(shows)]}})
