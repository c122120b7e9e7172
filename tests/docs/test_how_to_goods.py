"""The page about goods: its scenario is valid, its strategy answers, its measures are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnilab import cli
from omnilab.measure.catalogue import MEASURES
from omnilab.scenario import load_scenario
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.decisions import EVENT_KINDS, Decisions, Events
from omnilab.strategy.loading import load_strategy
from omnilab.testing import check_strategy, sample_decisions
from tests.docs.pages import blocks, page

TEXT = page("how-to/goods-and-recommending.md")
RECOMMENDERS = {"popular_goods": "PopularGoods", "also_bought": "AlsoBought"}


def written(folder: Path) -> str:
    (scenario,) = blocks(TEXT, "yaml")
    file = folder / "books.yaml"
    file.write_text(scenario, encoding="utf-8")
    return str(file)


def asked(folder: Path) -> Decisions:
    scenario = load_scenario(written(folder))
    return sample_decisions(scenario, load_strategy("omnichannel", scenario).plan)


def test_the_scenario_is_valid(tmp_path: Path) -> None:
    assert cli.main(["validate", written(tmp_path)]) == 0


def test_the_strategy_shows_what_was_looked_at_and_not_bought(tmp_path: Path) -> None:
    pending = asked(tmp_path)
    assert pending.good_names == ("ash", "bell", "coast", "lamp", "new-abel")
    space: dict[str, Any] = {}
    (code,) = blocks(TEXT, "python")
    exec(code, space)
    choices = validate_choices(space["Again"]().decide(pending), pending, strategy="x", time_s=None)
    assert choices.goods is not None
    assert choices.goods.any()
    assert not (choices.goods & pending.bought).any()
    assert (choices.goods <= pending.viewed).all()


def sold(orders: list[tuple[int, list[int]]], pending: Decisions) -> Events:
    """Return orders of profiles, each with its goods."""
    n, goods = len(orders), np.zeros((len(orders), len(pending.good_names)), np.bool_)
    for row, (_, of) in enumerate(orders):
        goods[row, of] = True
    none = np.zeros(n, np.int64)
    return Events(
        time_s=none, kind=none + EVENT_KINDS.index("order"), message_id=none - 1, channel=none,
        journey=none - 1, profile=np.array([who for who, _ in orders]), cents=none + 100,
        journey_names=pending.journey_names, channel_names=pending.channel_names,
        good_names=pending.good_names, goods=goods,
    )  # fmt: skip


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_recommenders_answer_what_their_counts_say(name: str, tmp_path: Path, root: Path) -> None:
    scenario = load_scenario(written(tmp_path))
    loaded = load_strategy(f"{root}/examples/recommenders/{name}.py:{RECOMMENDERS[name]}", scenario)
    strategy: Any = loaded.strategy
    pending = asked(tmp_path)
    first = validate_choices(strategy.decide(pending), pending, strategy=name, time_s=None)
    assert first.goods is not None
    assert not first.goods.any()  # nothing is known yet
    strategy.learn(sold([(1, [0]), (2, [0, 1]), (3, [0, 1]), (4, [2])], pending))
    strategy.learn(sold([(1, [3])], pending))
    goods = strategy.decide(pending).goods
    for row in range(len(pending)):
        new, seen = ~pending.bought[row], pending.viewed[row] | pending.bought[row]
        if name == "popular_goods":
            assert set(np.flatnonzero(goods[row])) == set([g for g in (0, 1, 2, 3) if new[g]][:3])
            continue
        alike = {0: {1, 3}, 1: {0}, 3: {0}}  # bought by the same profile
        expected = {o for g in np.flatnonzero(seen).tolist() for o in alike.get(g, ())}
        assert set(np.flatnonzero(goods[row])) == {g for g in expected if new[g]}


def test_the_oracle_lets_every_message_show_what_its_reader_likes(
    tmp_path: Path, root: Path
) -> None:
    scenario = load_scenario(written(tmp_path))
    file = f"{root}/examples/recommenders/oracle.py:Oracle"
    check_strategy(file, scenario)
    plan = load_strategy(file, scenario).plan
    assert [j.name for j in plan.journeys] == [j.name for j in scenario.brand.journeys]
    messages = [step.message for j in plan.journeys for step in j.steps if step.message]
    assert messages
    assert {message.recommends for message in messages} == {"liked"}


def test_the_measures_are_there() -> None:
    named = re.findall(r"`(\w+_(?:per_order|price|share|rate))`", TEXT)
    assert len(named) >= 6
    assert set(named) <= set(MEASURES)
