"""What a message shows and how good it is once `decide` has chosen: a naive model of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from omnilab.brand.codes import SHOW_BOUGHT, SHOW_CART, SHOW_NAMED
from omnilab.brand.leeway import (
    WITHOUT_THEME,
    content_chosen,
    creative_chosen,
    quality_of,
    shown_by,
)
from omnilab.brand.themes import NO_THEME, theme_of
from omnilab.lowering.plan import lower_plan
from omnilab.scenario.leeway import contents_of
from omnilab.strategy.loading import load_strategy
from tests.plain import plain
from tests.scenario.test_leeway import letters

BEANS = {"shows": "beans", "quality": 0.4}


def lowered(message: dict[str, Any]) -> tuple[Any, Any]:
    """Return a plan of one step, and a copy that stands there; another journey shows beans well."""
    flow = {"name": "other", "trigger": "cart", "sequence": ["email"],
            "steps": [{"message": {"channels": ["email"], **BEANS}}]}  # fmt: skip
    first = {**flow, "name": "letters",
             "steps": [{"message": {"channels": ["email"], **message}}]}  # fmt: skip
    scenario = letters({}, journeys=[first, flow])
    plan = lower_plan(load_strategy("omnichannel", scenario).plan, scenario)
    assert contents_of(scenario)[4] == "beans"
    return plan, SimpleNamespace(journey=0, step=0, shows=0, creative=0, theme=0)


@pytest.mark.parametrize("quality", [-1.0, 0.3, 0.9])
@pytest.mark.parametrize("chosen", range(6))
def test_the_quality_goes_along_but_not_above_the_scenarios_best(
    quality: float, chosen: int
) -> None:
    plan, copy = lowered({"shows": "cart", "quality": quality})
    copy.shows = chosen
    best = {0: quality, 2: quality, 5: 0.4}.get(chosen, 0.0)  # 2: the cart, as it does anyway
    assert plain(quality_of)(plan, copy) == min(quality, best)
    assert plain(content_chosen)(plan, copy) == (0 if chosen == 2 else chosen)


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [(0, (SHOW_CART, 0)), (2, (SHOW_CART, 0)), (1, (0, -1)), (4, (SHOW_BOUGHT, -1)),
     (5, (SHOW_NAMED, 0)), (6, (SHOW_NAMED, 1))],
)  # fmt: skip
def test_what_is_shown(chosen: int, shown: tuple[int, int]) -> None:
    plan, copy = lowered({"shows": "cart"})
    copy.shows = chosen
    assert plain(shown_by)(plan, copy) == shown


def test_a_message_of_several_categories_has_no_content_of_its_own() -> None:
    plan, copy = lowered({"shows": ["beans", "cups"]})
    for chosen in range(7):
        copy.shows = chosen
        assert plain(content_chosen)(plan, copy) == chosen


@pytest.mark.parametrize("own", [None, "plain", "bright"])
def test_a_ready_creative_brings_its_own_quality(own: str | None) -> None:
    plan, copy = lowered({"shows": "beans", "creative": own, "quality": 0.4 if own is None else 0})
    of = {0: {None: 0.4, "plain": 0.0, "bright": 0.5}[own], 1: 0.0, 2: 0.5}
    for chosen, quality in of.items():
        copy.creative = chosen
        assert plain(quality_of)(plan, copy) == quality
        copy.shows = 1  # what it shows makes the creative no worse
        if own is not None or chosen:
            assert plain(quality_of)(plan, copy) == quality
        copy.shows = 0
        mine = {"plain": 1, "bright": 2}.get(str(own), 0)
        assert plain(creative_chosen)(plan, copy) == (0 if chosen == mine else chosen)
    step = plan.step[0, 0]
    if own is not None:  # named in the plan or chosen: persons remember one creative
        assert step.template == plan.creative[{"plain": 0, "bright": 1}[own]].template


def test_themes() -> None:
    plan, copy = lowered({"theme": "summer"})
    said = []
    for chosen in (0, 1, 2, WITHOUT_THEME):
        copy.theme = chosen
        said.append(plain(theme_of)(plan, copy, 0, 0))
    assert said == [1, 0, 1, NO_THEME]
