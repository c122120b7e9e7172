"""Articles that searches find: how often, what a read does, and who goes on to the goods."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.cell import queue
from omnilab.errors import ScenarioError
from omnilab.interaction.need import make_need
from omnilab.world import content
from omnilab.world.needs import LATENT
from tests.plain import plain
from tests.worlds import DAY, WEB, corner, due, eager, happen, logged, model_of, needs_of, plan_of

RULES = ("world/content.py", "interaction/content.py", "interaction/reading_up.py")
ARTICLE = {"name": "warm", "shows": "cups", "rank": 1}
SILENT = {"informs": 0.0, "reveals": 0.0, "makes": 0.0, "moves": 0.0, "browses": 0.0}
NOON = 31 * DAY + 12 * 3600


def world_of(persons: int = 1, articles: Any = (ARTICLE,), **part: float) -> tuple[Any, Any, Any]:
    scenario = corner(brand={"content": list(articles)})
    model = model_of(scenario, content={**SILENT, **part})
    plan = plan_of(scenario)
    return eager(model, persons, plan), model, plan


def test_persons_look_matters_up_as_a_poisson_process() -> None:
    scenario = corner(brand={"content": [ARTICLE]}, world={"content": {"every": "5d"}})
    model, counts = model_of(scenario), []
    for entity in range(0, 2400, 8):
        t = n = 0
        while 0 <= (t := plain(content.next_look_up)(model, entity, n, t)) < 50 * DAY:
            n += 1
        counts.append(n)
    assert np.mean(counts) == pytest.approx(10.0, abs=4 * math.sqrt(10 / 300))
    assert np.var(counts) == pytest.approx(10.0, rel=0.35)
    never = model_of(scenario, content={"gap": 0.0})
    assert plain(content.next_look_up)(never, 8, 0, 0) == -1


@pytest.mark.parametrize(("rank", "click"), [(1, 0.285), (3, 0.11), (10, 0.025)])
def test_a_result_is_clicked_as_its_rank_says(rank: int, click: float) -> None:
    n = 900
    cell, model, plan = world_of(n, [{**ARTICLE, "rank": rank}])
    for who in range(n):
        happen(cell, model, plan, NOON, queue.LOOK_UP, who, 3)
    reads = logged(cell, "read")
    spread = 4 * math.sqrt(click * (1 - click) / n)
    assert len(reads) / n == pytest.approx(click, abs=spread)
    assert {(row["article"], row["need"], row["moves"]) for row in reads} == {(0, -1, 0)}
    assert not logged(cell, "visit", "need")


def test_who_looks_for_a_need_finds_the_best_article_about_it() -> None:
    articles = [{**ARTICLE, "name": f"a{n}", "rank": r, "shows": s, "begins_on": b}
                for n, (r, s, b) in enumerate(((4, "cups", 0), (2, "cups", 9), (3, "generic", 0),
                                               (1, "beans", 0)))]  # fmt: skip
    _, model, _ = world_of(1, articles)
    best = plain(content.best_article)
    assert best(model, 1, 31 * DAY) == 2  # the one of rank 2 is not there yet
    assert best(model, 1, 39 * DAY + 1) == 1
    assert best(model, 0, 31 * DAY) == 3
    assert best(model, 0, 29 * DAY) == -1


def test_a_reader_with_a_need_goes_on_to_the_goods_and_is_seen_there() -> None:
    n = 120
    cell, model, plan = world_of(n, searches=1.0, moves=0.5, informs=0.6)
    for article in model.article:
        article.click = 1.0
    for who in range(n):
        plain(make_need)(cell, model, NOON, who, 1, 4, 0, 0)
        happen(cell, model, plan, NOON, queue.NOTICE, who, 4)
    reads, visits = logged(cell, "read"), logged(cell, "visit")
    assert len(reads) == n
    assert {row["need"] for row in reads} == {4}
    moved = {row["person"] for row in reads if row["moves"]}
    assert len(moved) / n == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / n))
    found = {row["person"] for row in visits if row["source"] == 1}
    assert found == moved
    assert {row["channel"] for row in visits if row["source"] == 1} == {WEB}
    assert {row["source"] for row in visits if row["person"] not in moved} <= {0}


def test_a_read_makes_a_need_off_season_too() -> None:
    n = 300
    cell, model, plan = world_of(n, makes=0.25, informs=0.4)
    for article in model.article:
        article.click = 1.0
    for who in range(n):
        happen(cell, model, plan, NOON, queue.LOOK_UP, who, 0)
    made = logged(cell, "need")
    assert len(made) / n == pytest.approx(0.25, abs=4 * math.sqrt(0.19 / n))
    assert {(row["origin"], row["category"], row["maker"]) for row in made} == {(4, 1, 2 << 16)}
    without = [who for who in range(n) if not needs_of(cell, who)]
    assert {float(cell.interest[who, 1]) for who in without} == {0.4}  # for the next need


def test_a_read_lets_a_latent_need_be_noticed() -> None:
    cell, model, plan = world_of(1, reveals=1.0, gap=24.0)
    model.article[0].click = 1.0
    plain(make_need)(cell, model, NOON, 0, 1, 4, 0, 0)
    (need,) = needs_of(cell, 0)
    need.stage = LATENT
    happen(cell, model, plan, NOON, queue.LOOK_UP, 0, 0)
    assert [row["cause"] for row in logged(cell, "aware")] == [5]
    assert len(due(cell, queue.LOOK_UP)) == 1


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"brand": {"content": [{**ARTICLE, "rank": 11}]}}, "rank"),
        ({"brand": {"content": [{**ARTICLE, "begins_on": 500}]}}, "day 500 is outside the run"),
        ({"brand": {"content": [{**ARTICLE, "shows": "cup"}]}}, "unknown 'cup'.*cups"),
        ({"brand": {"content": [ARTICLE, ARTICLE]}}, "two articles are named 'warm'"),
        ({"world": {"content": {"clicks": [0.2, 0.3, *[0.1] * 8]}}}, "must fall with the rank"),
        ({"world": {"content": {"clicks": [0.2, 0.1]}}}, "2 ranks: a page of results has 10"),
    ],
)
def test_what_can_not_be(part: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said) as raised:
        corner(**part)
    assert "\n" not in str(raised.value)
