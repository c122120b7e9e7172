"""Messages that name several categories: what draws adds up, and the eye falls on one of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.errors import ScenarioError
from omnilab.scenario.write import scenario_to_yaml
from omnilab.world.assortment import (
    EYE,
    assortment_code,
    catches,
    draw_of,
    need_in,
    saturate_each,
    share_of,
)
from omnilab.world.intent import match
from omnilab.world.saturation import saturate
from omnilab.world.taste import taste_for
from tests.interaction.test_message import Post, T, clicking
from tests.plain import plain
from tests.verification.worlds import build, digests, load, run, world
from tests.world.test_saturation import ON as WEARS
from tests.world.test_taste import ON as TASTE
from tests.worlds import corner, drawn, inhabited, logged, model_of, plan_of

RULES = ("world/assortment.py", "interaction/message.py", "lowering/plan.py")


def journeys(shows: Any) -> dict[str, Any]:
    step = {"message": {"shows": shows, "channels": ["email"]}}
    journey = {"name": "j", "trigger": "weekly", "sequence": ["email"], "steps": [step]}
    return {"journeys": [journey]}


@pytest.mark.parametrize(
    "shares", [{0: 1.0}, {0: 0.5, 1: 0.5}, {3: 0.7, 40: 0.3}, {0: 0.01, 1: 0.97, 2: 0.01, 62: 0.01}]
)
def test_a_code_holds_categories_and_shares(shares: dict[int, float]) -> None:
    code = assortment_code(shares)
    assert 0 < code < 1 << 63
    read = [plain(share_of)(code, k) for k in range(len(shares))]
    assert read == pytest.approx(list(shares.values()), abs=1 / 500)
    assert sum(read) == pytest.approx(1.0)
    assert [code >> 15 * k + 9 & 63 for k in range(len(shares))] == list(shares)


def drawn_to(*affinities: float) -> tuple[Any, Any]:
    model = model_of(taste=TASTE, response={"need": 1.3})
    cell = inhabited(model, 1)
    for c, affinity in enumerate(affinities):
        cell.theme[0, c].affinity = affinity
    return model, cell


def test_what_draws_adds_up() -> None:
    model, cell = drawn_to(2.0, -1.0)
    code = assortment_code({0: 0.3, 1: 0.7})
    part = [plain(share_of)(code, k) for k in range(2)]
    expected = math.log(part[0] * math.exp(0.8 * 2.0) + part[1] * math.exp(-0.8))
    assert plain(draw_of)(cell, model, 0, code, T) == pytest.approx(expected)
    assert plain(draw_of)(cell, model_of(), 0, code, T) == 0.0


@pytest.mark.parametrize("category", [0, 1])
def test_all_of_one_is_a_message_that_names_it(category: int) -> None:
    model, cell = drawn_to(1.5, -0.5)
    code = assortment_code({category: 1.0})
    post = Post(taste=TASTE, response={"need": 1.3})
    post.need(category)
    taste = plain(taste_for)(cell, model, 0, category, T)
    assert plain(draw_of)(cell, model, 0, code, T) == pytest.approx(taste)
    meets = plain(need_in)(post.cell, post.model, post.person, 0, code, T)
    assert meets == pytest.approx(plain(match)(post.cell, post.model, post.person, category, False))
    assert meets == pytest.approx(1.0)
    assert plain(catches)(cell, model, cell.person[0], 0, code, 77, T) == category


def test_a_need_in_part_of_it_is_met_in_part() -> None:
    post = Post(response={"need": 1.3})
    post.need(0)
    code = assortment_code({0: 0.5, 1: 0.5})
    found = plain(need_in)(post.cell, post.model, post.person, 0, code, T)
    assert 1.3 * found == pytest.approx(math.log(0.5 * math.exp(1.3) + 0.5))


def test_the_eye_falls_on_each_in_proportion_to_what_it_adds() -> None:
    model, cell = drawn_to(1.0, 0.0)
    code = assortment_code({0: 0.5, 1: 0.5})
    ask = plain(catches)
    found = np.array([ask(cell, model, cell.person[0], 0, code, n, T) for n in range(4000)])
    share = math.exp(0.8) / (math.exp(0.8) + 1.0)
    assert (found == 0).mean() == pytest.approx(share, abs=4 * math.sqrt(0.25 / 4000))
    entity = int(cell.person[0].entity)
    uniforms = [drawn(model, EYE, entity, n)[0] for n in range(50)]
    assert [int(u >= share) for u in uniforms] == found[:50].tolist()


def test_themes_wear_out_by_their_shares() -> None:
    model = model_of(saturation=WEARS)
    one, several = inhabited(model, 1), inhabited(model, 1)
    code = assortment_code({0: 0.25, 1: 0.75})
    plain(saturate)(one, model, 0, 1, 1.0, T)
    plain(saturate_each)(several, model, 0, code, T)
    stocks = [float(several.theme[0, c].stock) for c in range(2)]
    assert stocks == pytest.approx([0.25, 0.75], abs=1e-3)
    assert sum(stocks) == pytest.approx(float(one.theme[0, 1].stock))


@pytest.mark.parametrize(("affinities", "clicks"), [((40.0, -40.0), True), ((-40.0, -40.0), False)])
def test_a_click_leads_to_the_category_that_caught_the_eye(
    affinities: tuple[float, float], clicks: bool
) -> None:
    post = clicking(message={"shows": ("beans", "cups")}, taste=TASTE)
    post.model.ch[3].click_logit = 0.0
    for c, affinity in enumerate(affinities):
        post.cell.theme[0, c].affinity = affinity
    post.send()
    (sent,) = logged(post.cell, "sent")
    assert (sent["category"], sent["shows"]) == (-1, 4)  # the log says what was sent, not to whom
    assert ("click" in post.open()) is clicks
    assert [x["category"] for x in logged(post.cell, "view")] == [0] * clicks


def test_it_is_lowered_and_written_as_it_was() -> None:
    scenario = world(brand=journeys({"beans": "70%", "cups": "30%"}))
    (step,) = scenario.brand.journeys[0].steps
    assert step.message is not None
    assert step.message.shows == {"beans": 0.7, "cups": 0.3}
    again = build(scenario.model_dump(mode="json", context={"currency": scenario.currency}))
    assert again.brand.journeys[0].steps == scenario.brand.journeys[0].steps
    assert "beans: 70%" in scenario_to_yaml(scenario)
    lowered = plan_of(corner(brand=journeys({"beans": "70%", "cups": "30%"}))).step[0, 0]
    assert (lowered.shows, lowered.category) == (4, -1)
    assert lowered.assortment == assortment_code({0: 0.7, 1: 0.3})
    even = world(brand=journeys(["beans", "cups"])).brand.journeys[0].steps[0].message
    assert even is not None
    assert even.shows == {"beans": 0.5, "cups": 0.5}


@pytest.mark.parametrize(
    ("shows", "said"),
    [
        (["beans", "cup"], r"unknown 'cup' \(did you mean 'cups'\?\)"),
        (["beans", "generic"], "unknown 'generic'"),
        (["beans"], "names 1 categories"),
        (["beans", "beans"], "two categorys are named 'beans'|two .* named 'beans'"),
        ({"beans": "60%", "cups": "60%"}, r"add up to 1, they add up to 1\.2"),
        ({"beans": "100%", "cups": "0%"}, "the share of cups is 0"),
        (["a", "b", "c", "d", "e"], "names 5 categories; a list of them has 2 to 4"),
    ],
)
def test_what_cannot_be_shown_is_one_error(shows: Any, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        world(brand=journeys(shows))


def test_both_engines_are_equal_and_it_is_felt() -> None:
    scenario = world(brand=journeys(["beans", "cups"]), world={"taste": {"spread": 1.0}})
    found = [
        digests(run(scenario, load(scenario, "omnichannel"), engine=engine, keep=False))
        for engine in ("compiled", "simpy")
    ]
    assert found[0] == found[1]
    everything = world(brand=journeys("generic"), world={"taste": {"spread": 1.0}})
    assert found[0] != digests(run(everything, load(everything, "omnichannel"), keep=False))
