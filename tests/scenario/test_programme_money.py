"""Budgets, auctions and costs in a scenario: what is read, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.errors import ScenarioError
from omnilab.scenario.budget_check import most_of_one, people_of_a_town
from omnilab.scenario.model import Scenario
from tests.verification.worlds import world

AUCTION = {"bid": "0.004 EUR", "rivals": "0.003 EUR"}
BUDGET = {"name": "ads", "channels": ["social_ad"], "per_day": "50 EUR"}


def channels(**changes: Any) -> list[Any]:
    """Return the small world's channels, those named changed."""
    names = [c.name for c in world().channels]
    return [{"preset": name, **changes.get(name, {})} for name in names]


def made(budgets: Any = (), **changes: Any) -> Scenario:
    return world(channels=channels(**changes), brand={"budgets": list(budgets)})


def refused(*budgets: Any, **changes: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        made(budgets, **changes)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_off_is_not_written() -> None:
    text = world().model_dump(mode="json")
    assert "budgets" not in text["brand"]
    assert "costs_for" not in text["brand"]
    ad = next(c for c in text["channels"] if c["name"] == "social_ad")
    assert "monthly_cost" not in ad
    assert not {"match", "auction", "most_a_day"} & set(ad["message"])


def test_money_is_read_and_written_back() -> None:
    scenario = made(
        [BUDGET | {"waits": "3h", "pacing": "asap"}],
        social_ad={"message": {"auction": AUCTION, "match": "60%", "most_a_day": 3},
                   "monthly_cost": "20 EUR"},
        search_ad={"search": {"auction": {"bid": "3 EUR", "rivals": "2 EUR", "spread": 0.5}}},
    )  # fmt: skip
    again = Scenario.model_validate(scenario.model_dump())
    assert again == scenario
    (budget,) = scenario.brand.budgets
    assert (budget.per_day, budget.total, budget.waits) == (50.0, None, 10_800)
    ad = next(c for c in scenario.channels if c.name == "social_ad")
    assert ad.message is not None
    assert ad.message.auction is not None
    assert (ad.message.auction.bid, ad.message.auction.spread, ad.message.match) == (
        0.004,
        1.0,
        0.6,
    )
    assert ad.monthly_cost == 20.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"per_day": 0}, "per_day: a budget of 0 pays nothing; leave its channels out"),
        ({"per_day": None}, "a budget needs `per_day` or `total`"),
        ({"per_day": "-5 EUR"}, "per_day"),
        ({"channels": ["social_adz"]}, "unknown channel 'social_adz' (did you mean 'social_ad'?)"),
        ({"channels": ["store"]}, "nothing is sent or bought over channel 'store'; that is over "),
        ({"journeys": ["cartt"]}, "unknown journey 'cartt' (did you mean 'cart'?)"),
        ({"channels": ["search_ad"], "journeys": ["cart"]},
         "clicks on 'search_ad' belong to no journey; leave search_ad out"),
        ({"per_day": "1 EUR", "channels": ["search_ad"]},
         "brand.budgets.ads.per_day: 1 EUR for 1,000 people are 0.00"),
        ({"pacing": "evenly"}, "pacing"),
    ],
)  # fmt: skip
def test_a_wrong_budget_is_refused(change: Any, said: str) -> None:
    assert said in refused(BUDGET | change)


def test_a_budget_for_all_channels_must_pay_the_cheapest_of_them() -> None:
    few = {"name": "all", "per_day": "100 EUR"}  # 0.43 for a cell: no call, which costs 10
    assert made([few]).brand.budgets[0].per_day == 100.0
    assert "less than the 10 of one send over call" in refused(few | {"channels": ["call"]})
    assert "of one send over push" in refused(few | {"per_day": "0.01 EUR"})


def test_two_budgets_have_two_names() -> None:
    assert "two budgets are named 'ads'" in refused(BUDGET, BUDGET)


def test_a_town_must_be_able_to_pay_one_send() -> None:
    """A cell of a few households has a few milli-cents a day; a town has money for its bid."""
    small = BUDGET | {"per_day": "1 EUR"}
    bid = {"message": {"auction": AUCTION | {"bid": "0.5 EUR"}}}
    assert "less than the 0.5 of one bid for social_ad; at least" in refused(small, social_ad=bid)
    town = world(
        channels=channels(social_ad=bid), brand={"budgets": [small]},
        population={"town": 1000, "customers": 1000},
    )  # fmt: skip
    assert people_of_a_town(town) == 1000
    assert people_of_a_town(world(population={"customers": 300, "town": 1000})) == 300
    assert people_of_a_town(world()) == pytest.approx(
        world().population.households_per_cell
        * sum(n * s for n, s in enumerate(world().population.household_sizes, 1))
    )


def test_the_dearest_of_one_is_the_bid_the_cost_or_the_dearer_click() -> None:
    scenario = made(
        social_ad={"message": {"auction": AUCTION}},
        search_ad={"search": {"cost": "2 EUR", "brand_cost": "3 EUR"}},
    )
    of = {c.name: c for c in scenario.channels}
    assert [most_of_one(of[n]) for n in ("social_ad", "search_ad", "store")] == [0.004, 3.0, 0.0]
    assert most_of_one(of["social_ad"], 0.1) == 0.1
    assert most_of_one(of["sms"], 0.1) == of["sms"].message.cost  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": {"message": {"auction": AUCTION}}}, "auction: only what an ad platform shows"),
        ({"email": {"message": {"match": "60%"}}}, "match: only what an ad platform shows"),
        ({"email": {"message": {"most_a_day": 2}}}, "most_a_day: only what an ad platform shows"),
        ({"social_ad": {"message": {"match": "130%"}}}, "'130%' is above 100%"),
        ({"social_ad": {"message": {"most_a_day": 0}}}, "most_a_day"),
        ({"social_ad": {"message": {"auction": AUCTION | {"bid": 0}}}}, "bid: 0 wins nothing"),
        ({"social_ad": {"message": {"auction": AUCTION | {"rivals": 0}}}}, "rivals: 0 is no"),
        ({"social_ad": {"message": {"auction": {"bid": 1}}}}, "missing key 'rivals'"),
        ({"social_ad": {"monthly_cost": "-3 EUR"}}, "monthly_cost"),
        ({"search_ad": {"search": {"auction": AUCTION, "brand_cost": 1}}}, "brand_cost: with an"),
    ],
)  # fmt: skip
def test_a_wrong_price_of_reach_is_refused(change: Any, said: str) -> None:
    assert said in refused(**change)
