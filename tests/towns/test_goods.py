"""Goods in whole worlds: lines add up, arrivals reach who cares, recommending does no magic."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any, ClassVar

import numpy as np
import pytest

from omnilab.errors import ScenarioError, StrategyError
from omnilab.strategy import Choices, Decisions
from omnilab.strategy.loading import LoadedStrategy
from omnilab.strategy.plan import Sharing
from tests.towns.goods import BOOKS, JOURNEYS, Recommends, shop
from tests.verification.worlds import (
    DAY,
    digests,
    frame,
    having,
    load,
    log,
    mixture,
    run,
    same_rows,
    values,
)

NAMES = [good["name"] for good in BOOKS] + ["lamp"]


def hooked(scenario: Any, strategy: Any) -> LoadedStrategy:
    plan = load(scenario, "omnichannel")[0].plan
    return LoadedStrategy(strategy.name, plan, strategy, "", True, hasattr(strategy, "learn"))


@cache
def compared() -> Any:
    scenario = shop(world={"goods": {"page": 2, "leaves": 0.2}})
    strategies = [*load(scenario, "no_contact"), hooked(scenario, Recommends())]
    return scenario, strategies, run(scenario, strategies)


def test_both_engines_write_the_same_log() -> None:
    scenario, strategies, fast = compared()
    slow = run(scenario, strategies, engine="simpy")
    for strategy in strategies:
        same_rows(log(fast, strategy.name), log(slow, strategy.name))
    assert digests(fast) == digests(slow)


def test_an_order_costs_what_its_lines_cost() -> None:
    _, _, fast = compared()
    table = frame(fast, "recommends")
    lines, orders = having(table, "line"), having(table, "order")
    prices = {g: round(100 * good["price"]) for g, good in enumerate(BOOKS)} | {4: 6000}
    assert len(lines) > 40
    assert lines["price"].tolist() == [prices[g] for g in lines["good"]]
    total = lines.groupby(["person", "need"])["price"].sum()
    for order in orders.itertuples():
        assert order.paid + order.discount == total[order.person, order.need]
    assert lines.groupby(["person", "need"])["is_first"].sum().eq(1).all()
    assert not lines.duplicated(["person", "need", "good"]).any()


def test_measures_count_what_the_log_has() -> None:
    scenario, _, fast = compared()
    table = frame(fast, "recommends")
    inside = table[table["time"] >= scenario.time.burn_in]
    lines, orders = having(inside, "line"), having(inside, "order")
    found = values(fast, "recommends")
    assert found["items_per_order"].value == pytest.approx(len(lines) / len(orders))
    assert found["item_price"].value == pytest.approx(lines["price"].mean() / 100)
    assert found["recommended_share"].value == pytest.approx(lines["told"].mean())
    firsts = lines[lines["is_first"] == 1]
    assert found["trade_down_rate"].value == pytest.approx((firsts["moved"] < 0).mean())
    assert found["trade_up_rate"].value == pytest.approx((firsts["moved"] > 0).mean())
    assert found["recommended_share"].value > 0
    assert found["trade_down_rate"].value + found["trade_up_rate"].value > 0


def test_nobody_buys_what_has_not_come_or_was_not_in_sight() -> None:
    scenario, _, fast = compared()
    table = frame(fast, "recommends")
    lines = having(table, "line")
    arrives = scenario.time.burn_in + 5 * DAY
    new = lines[lines["good"] == NAMES.index("new")]
    assert len(new)
    assert new["time"].min() >= arrives
    told = having(table, "recommended")
    assert (told["goods"].to_numpy() >> NAMES.index("new") & 1)[told["time"] < arrives].sum() == 0


def test_an_arrival_is_told_to_those_of_whom_the_sender_knows_that_they_may_care() -> None:
    scenario = shop()
    table = frame(run(scenario, load(scenario, "omnichannel")), "omnichannel")
    at = scenario.time.burn_in + 5 * DAY + 36000
    entered = having(table, "enter")
    entered = set(entered[(entered["journey"] == 1)]["person"])
    before = table[table["time"] < at]
    seen = having(before, "goods_seen", "line")
    group = [g for g, good in enumerate(BOOKS) if good.get("group") == "ann"]
    cares = set(seen[seen["good"].isin(group)]["person"])
    assert len(entered) > 5
    assert entered <= cares
    left = set(having(before, "left")["person"])
    assert len(cares - left - entered) <= 3  # those whom nobody could write to by then
    sent = having(table, "sent")
    sent = sent[sent["journey"] == 1]
    assert sent["time"].min() >= at
    told = having(table, "recommended")
    told = told[told["message"].isin(sent["message"])]
    assert set(told["goods"]) == {1 << NAMES.index("new")}
    assert len(told) == len(sent)


def test_a_silo_tells_of_an_arrival_only_whom_it_has_seen_itself() -> None:
    """The e-mail team sees no visits where tools stand apart, so it knows nobody who may care."""
    apart = shop(
        brand={"wiring": "tools_apart", "journeys": [JOURNEYS[1] | {"steps": [
            {"message": {"shows": "books", "recommends": "arrived", "channels": ["email"]}}]}]},
    )  # fmt: skip
    silo = mixture(apart, Sharing.every("silo"))
    everybody = mixture(apart, Sharing.every("all"), "everybody")
    found = run(apart, [silo, everybody])
    assert not len(having(frame(found, "mixture"), "enter"))
    assert len(having(frame(found, "everybody"), "enter"))


def test_recommending_changes_nothing_where_all_goods_are_liked_alike() -> None:
    alike = [{"name": f"b{n}", "price": 20.0} for n in range(8)]
    category = {"name": "books", "every": "6d", "spend": {"mean": 20.0}, "goods": alike,
                "latent": 0}  # fmt: skip
    scenario = shop(
        categories=[category], brand={"journeys": JOURNEYS[2:]},
        world={"goods": {"page": 2, "taste": 0.0, "group": 0.0}},
    )  # fmt: skip
    found = run(scenario, [*load(scenario, "omnichannel"), hooked(scenario, Recommends())])
    kinds = ("order", "visit", "need", "need_lost", "left")
    with_, without = (
        having(frame(found, name), *kinds).drop(columns=["seq"])
        for name in ("recommends", "omnichannel")
    )
    assert with_.reset_index(drop=True).equals(without.reset_index(drop=True))
    paid = [
        having(frame(found, n), "order")["paid"].tolist() for n in ("recommends", "omnichannel")
    ]
    assert paid[0] == paid[1]
    assert paid[0]
    told = having(frame(found, "recommends"), "line")["told"]
    assert told.any()  # though recommended goods are bought


class Learner:
    """A strategy that keeps what `learn` and `decide` say of goods."""

    name = "learner"
    bought: ClassVar[dict[int, set[int]]] = defaultdict(set)  # a run has a copy of the strategy
    seen: ClassVar[list[int]] = []
    wrong: ClassVar[list[int]] = []

    def decide(self, pending: Decisions) -> Choices:
        """Count what the columns say, and recommend nothing."""
        self.seen.append(int(pending.viewed.sum()))
        for profile, goods in zip(pending.profile.tolist(), pending.bought, strict=True):
            self.wrong.append(len(self.bought[profile] - set(np.flatnonzero(goods).tolist())))
        return Choices.default(pending)

    def learn(self, events: Any) -> None:
        """Take in orders, each with its goods."""
        of = events.of_kind("order")
        for profile, goods in zip(events.profile[of].tolist(), events.goods[of], strict=True):
            self.bought[profile] |= set(np.flatnonzero(goods).tolist())
        self.wrong.append(int(events.goods[~of].sum()))


def test_a_strategy_sees_what_profiles_looked_at_and_bought() -> None:
    scenario = shop()
    learner = Learner()
    run(scenario, [hooked(scenario, learner)], keep=False)
    assert sum(learner.seen) > 20
    assert sum(len(goods) for goods in learner.bought.values()) > 20
    assert sum(learner.wrong) == 0


def broken(**good: Any) -> list[dict[str, Any]]:
    goods = [{"name": "other", "price": 10.0}, {"name": "blue", "price": 20.0} | good]
    return [{"name": "books", "every": "6d", "spend": {"mean": 20.0}, "goods": goods}]


def told(group: str) -> dict[str, Any]:
    return {"journeys": [JOURNEYS[1] | {"arrival": {"group": group}}]}


BOOK_CATEGORY = {"name": "books", "every": "6d", "spend": {"mean": 20.0}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"categories": broken(price=0)}, "0 must be above 0"),
        ({"categories": broken(price=-2.0)}, "price"),
        ({"categories": broken(popularity=0.5)}, "other has none and others have"),
        ({"categories": broken(arrives=30)}, "30 is after the window, which has 30 days: 0 to 29"),
        ({"categories": broken(goes_with=["othr"])}, "unknown good 'othr' (did you mean 'other'?)"),
        ({"categories": broken(name="other")}, "two goods are named 'other'"),
        ({"categories": [BOOK_CATEGORY | {"goods": [
            {"name": "a", "price": 1.0, "popularity": 0.5},
            {"name": "b", "price": 1.0, "popularity": 0.4}]}]}, "adds up to 0.9, not to 1"),
        ({"categories": [BOOK_CATEGORY | {"goods": [
            {"name": "a", "price": 1.0, "arrives": 3}]}]}, "no good is there at the start"),
        ({"categories": [BOOK_CATEGORY | {"lines": 2.0}]}, "need goods to choose from"),
        ({"categories": [BOOK_CATEGORY | {"goods": BOOKS[:1], "variants": [
            {"name": "size", "popularity": {"s": 0.5, "l": 0.5}}]}]},
         "a category has goods or variants, not both"),
        ({"brand": told("anne")}, "unknown group 'anne' (did you mean 'ann'?)"),
        ({"brand": told("bob")}, "no good of bob ever arrives"),
        ({"brand": {"journeys": [JOURNEYS[2] | {"arrival": {"group": "ann"}}]}},
         "the trigger is weekly: write trigger: arrival"),
        ({"categories": [BOOK_CATEGORY], "brand": {"journeys": JOURNEYS[:1]}},
         "there are no goods to recommend"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_one_line(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        shop(**({"brand": {"journeys": JOURNEYS[2:]}} | changes))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


class Says:
    """A strategy that answers the goods given to it."""

    name = "says"

    def __init__(self, goods: Any) -> None:
        self.goods = goods

    def decide(self, pending: Decisions) -> Choices:
        return Choices(np.ones(len(pending), np.bool_), goods=self.goods(len(pending)))


@pytest.mark.parametrize(
    ("goods", "words"),
    [
        (lambda n: np.ones((n, 5), np.bool_), "recommends 5 goods in row 0"),
        (lambda n: np.ones((n, 2), np.bool_), "expected (1, 5)"),
        (lambda n: np.zeros((n, 5)), "goods is float64; give booleans"),
    ],
)
def test_a_wrong_answer_of_a_recommender_is_said(goods: Any, words: str) -> None:
    scenario = shop(population={"customers": 1})
    with pytest.raises(StrategyError, match=words.replace("(", r"\(").replace(")", r"\)")):
        run(scenario, [hooked(scenario, Says(goods))], keep=False)
