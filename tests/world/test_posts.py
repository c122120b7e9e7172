"""Posts: whom the feed shows them, what is done with them, and how far shares carry them."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

from omnilab.cell import queue
from omnilab.errors import ScenarioError
from omnilab.log.act_kinds import FOLLOW
from omnilab.world import posts
from omnilab.world.intent import logit
from tests.plain import plain
from tests.worlds import DAY, WEB, corner, due, eager, happen, logged, model_of, plan_of

RULES = ("world/posts.py", "interaction/posts.py")
SERIES = {"name": "page", "every": "2d", "shows": "cups", "per_thousand": 6.0}
SILENT = {"likes": 0.0, "comments": 0.0, "shares": 0.0, "clicks": 0.0, "stirs": 0.0,
          "reveals": 0.0, "makes": 0.0}  # fmt: skip
NOON = 31 * DAY + 12 * 3600


def channels() -> list[Any]:
    found = copy.deepcopy(corner().model_dump(mode="json", context={"currency": "EUR"}))
    found["channels"][WEB]["acts"] = [{"act": "follow", "base": 0.1, "allows": ["email"]}]
    return list(found["channels"])


def scenario_of(series: dict[str, Any] | None = None, **changes: Any) -> Any:
    posted = {"posts": [series or SERIES]}
    return corner(channels=channels(), brand=posted, **changes)


def page(
    persons: int, series: dict[str, Any] | None = None, strategy: str = "omnichannel",
    follows: bool = True, each: int = 0, **part: float,
) -> tuple[Any, Any, Any]:  # fmt: skip
    scenario = scenario_of(series)
    model = model_of(scenario, posts={**SILENT, **part}, friends={"each": each})
    plan = plan_of(scenario, strategy)
    cell = eager(model, persons, plan)
    for person in cell.person[:persons]:
        person.acts = 1 << FOLLOW if follows else 0
    return cell, model, plan


def shown(cell: Any, model: Any, plan: Any, persons: int) -> list[Any]:
    for who in range(persons):
        happen(cell, model, plan, NOON, queue.POST, who, 0, 7)
    return due(cell, queue.SEES)


def test_followers_see_posts_and_the_more_the_more_they_answered() -> None:
    n = 600
    cell, model, plan = page(n, usual=logit(0.2), feed=1.0, memory=10.0 * DAY)
    for person in cell.person[: n // 2]:
        person.liked, person.liked_t = 2.0, NOON - 10 * DAY
    seen = {item[2] for item in shown(cell, model, plan, n)}
    more = 1 / (1 + 4 * math.exp(-2.0 / math.e))
    for chance, some in ((more, range(n // 2)), (0.2, range(n // 2, n))):
        share = len(seen & set(some)) / (n / 2)
        assert share == pytest.approx(chance, abs=4 * math.sqrt(chance * (1 - chance) / 300))


def test_who_does_not_follow_sees_only_what_is_paid_for() -> None:
    n = 400
    cell, model, plan = page(n, follows=False)
    assert not shown(cell, model, plan, n)
    boosted = {**SERIES, "boost": 0.3}
    cell, model, plan = page(n, boosted, follows=False)
    items = shown(cell, model, plan, n)
    assert len(items) / n == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / n))
    t, _, who, a, b = items[0]
    happen(cell, model, plan, t, queue.SEES, who, a, b)
    (row,) = logged(cell, "post_seen")
    assert (row["how"], row["cost"], row["series"]) == (1, 600, 0)
    cell, model, plan = page(n, boosted, "no_contact", follows=False)
    assert not shown(cell, model, plan, n)


def test_what_is_done_with_posts_and_that_it_is_remembered() -> None:
    n = 500
    cell, model, plan = page(n, likes=0.3, comments=0.1, shares=0.05, audience=0)
    for who in range(n):
        happen(cell, model, plan, NOON, queue.SEES, who, 0, 7)
    does = np.array([row["does"] for row in logged(cell, "post_seen")])
    for bit, chance in ((posts.LIKES, 0.3), (posts.COMMENTS, 0.1), (posts.SHARES, 0.05)):
        share = np.mean(does & bit > 0)
        assert share == pytest.approx(chance, abs=4 * math.sqrt(chance * (1 - chance) / n))
    for person, bits in zip(cell.person[:n], does.tolist(), strict=True):
        assert person.liked == (bits & 7).bit_count()
    left = plain(posts.likes_left)
    cell.person[0].liked, cell.person[0].liked_t = 1.0, 0
    assert left(model, cell.person[0], int(model.posts.memory)) == pytest.approx(1 / math.e)


def test_shares_carry_a_post_as_a_branching_process() -> None:
    """One view leads to 1 / (1 - R) in all, where each leads to R by friends."""
    n, audience, shares = 150, 2, 0.2
    cell, model, plan = page(n, shares=shares, audience=audience, each=6)
    todo = [(NOON, queue.SEES, who, 0, 7) for who in range(n)]
    while todo:
        t, kind, who, a, b = todo.pop()
        happen(cell, model, plan, t, kind, who, a, b)
        todo += due(cell, queue.SEES)
    views = logged(cell, "post_seen")
    r = shares * audience
    variance = n * audience**2 * shares * (1 - shares) / (1 - r) ** 3
    assert len(views) == pytest.approx(n / (1 - r), abs=4 * math.sqrt(variance))
    assert sum(row["how"] == 2 for row in views) == len(views) - n


def test_a_link_leads_to_its_channel_and_the_visit_names_the_post() -> None:
    cell, model, plan = page(1, clicks=1.0)
    happen(cell, model, plan, NOON, queue.SEES, 0, 0, 7)
    (visit,) = logged(cell, "visit")
    assert (visit["channel"], visit["source"], visit["need"]) == (WEB, 3, -1)
    assert [row["category"] for row in logged(cell, "view")] == [1]


def test_posts_follow_each_other_to_the_end() -> None:
    cell, model, plan = page(1, {**SERIES, "lasts": "9d", "begins_on": 3})
    from omnilab.interaction.posts import first_posts

    plain(first_posts)(cell, model, 0, 0)
    times, items = [], due(cell, queue.POST)
    while items:
        ((t, _, who, k, number),) = items
        times.append(t)
        happen(cell, model, plan, t, queue.POST, who, k, number)
        items = due(cell, queue.POST)
    assert times == [(33 + 2 * n) * DAY for n in range(5)]


def test_posts_need_somebody_who_can_follow_or_money() -> None:
    with pytest.raises(ScenarioError, match=r"nobody can follow.*channels\.web.*act: follow") as e:
        corner(brand={"posts": [SERIES]})
    assert "\n" not in str(e.value)
    assert corner(brand={"posts": [{**SERIES, "boost": 0.1}]}).brand.posts
    with pytest.raises(ScenarioError, match="write at most 40d"):
        scenario_of({**SERIES, "begins_on": 60, "lasts": "50d"})
    with pytest.raises(ScenarioError, match=r"lead to 1\.2 more, without end.*less than 33"):
        scenario_of(world={"posts": {"shares": 0.4}})
    with pytest.raises(ScenarioError, match="negative"):
        scenario_of({**SERIES, "per_thousand": -1})
