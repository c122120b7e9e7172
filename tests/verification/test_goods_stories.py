"""The stories of the laptop and of the author's new book: each of their steps happens."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from omnilab.log import rows
from omnilab.scenario import load_scenario
from omnilab.scenario.goods import goods_in
from tests.verification.worlds import DAY, load, log, run

#: It runs a shipped scenario, whose story rarely breaks alone.
pytestmark = pytest.mark.slow

SHORT = {"burn_in": "20d", "window": "40d", "run_out": 0}


@cache
def life(name: str, category: str, every: str) -> Any:
    """Return a shipped scenario of few customers with many needs, and omnichannel's log."""
    scenario = load_scenario(name).with_customers(30)
    tree = scenario.model_dump()
    categories = [
        c | ({"every": every} if c["name"] == category else {}) for c in tree["categories"]
    ]
    for c in categories:  # days of the shorter window
        for good in c["goods"]:
            good["arrives"] = None if good["arrives"] is None else good["arrives"] % 30
    scenario = scenario.changed({"categories": categories, "time": SHORT})
    return scenario, log(run(scenario, load(scenario, "omnichannel"), pilot=40), "omnichannel")


def of(found: Any, kind: int) -> Any:
    return rows.of_kind(found, kind)


def test_a_laptop_looked_at_in_the_morning_is_in_a_message_and_on_the_page_later() -> None:
    scenario, found = life("laptop-search-v1", "laptop", "15d")
    journey = [j.name for j in scenario.brand.journeys].index("seen")
    sent = of(found, rows.SENT)
    sent = sent[(sent["journey"] == journey) & (sent["time"] >= scenario.time.burn_in)]
    shown = {int(x["message"]): int(x["goods"]) for x in of(found, rows.RECOMMENDED)}
    looks = of(found, rows.GOODS_SEEN)
    told = [x for x in sent if int(x["message"]) in shown]
    assert len(told) > 10
    own = 0
    for x in told:  # what is shown was looked at before
        mine = looks[(looks["person"] == x["person"]) & (looks["time"] < x["time"])]
        goods = shown[int(x["message"])]
        own += {g for g in range(12) if goods >> g & 1} <= set(mine["good"].tolist())
    assert own > 0.7 * len(told)  # the others are taken for one of their household
    assert (looks["told"] > 0).any()  # the page puts first what was looked at


def test_laptops_are_traded_up_and_down_and_go_with_bags() -> None:
    scenario, found = life("laptop-search-v1", "laptop", "15d")
    lines = of(found, rows.LINE)
    assert (lines["moved"] == -1).any()
    assert (lines["moved"] == 0).any()
    laptops = {g for g, (n, _) in enumerate(goods_in(scenario.categories)) if n == 0}
    needs = {(int(x["person"]), int(x["need"])) for x in lines if int(x["good"]) in laptops}
    further = [
        x for x in lines if (int(x["person"]), int(x["need"])) in needs and not x["is_first"]
    ]
    assert any(int(x["good"]) not in laptops for x in further)


def test_the_new_book_is_told_on_its_day_to_readers_of_its_author() -> None:
    scenario, found = life("author-books-v1", "books", "8d")
    goods = [good for _, good in goods_in(scenario.categories)]
    journey = [j.name for j in scenario.brand.journeys].index("new_books")
    entered = of(found, rows.ENTER)
    entered = entered[(entered["journey"] == journey) & (entered["time"] >= scenario.time.burn_in)]
    looks, lines = of(found, rows.GOODS_SEEN), of(found, rows.LINE)
    assert len(entered) > 10
    own = 0
    for x in entered:
        day = (int(x["time"]) - scenario.time.burn_in) // DAY
        authors = {good.group for good in goods if good.arrives == day}
        assert len(authors) == 1
        known = {
            goods[int(y["good"])].group
            for y in [
                *looks[looks["person"] == x["person"]],
                *lines[lines["person"] == x["person"]],
            ]
            if y["time"] < x["time"]
        }
        own += authors <= known
    assert own > 0.7 * len(entered)  # the others are taken for one of their household
    new = {g for g, good in enumerate(goods) if good.arrives is not None}
    assert any(int(x["good"]) in new for x in lines)  # and it is bought
