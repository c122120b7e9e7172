"""What a plan spends and costs: checked against the scenario, lowered, and read from YAML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from omnilab.errors import StrategyError
from omnilab.experiment.paths import changed_plan
from omnilab.lowering.money import MONTH_DAYS, costs_by_day, fixed_costs
from omnilab.lowering.plan import lower_plan
from omnilab.scenario.model import Scenario
from omnilab.strategy import Budget, Costs, Plan
from omnilab.strategy.declared import read_strategy
from omnilab.strategy.plan_check import check_plan
from tests.verification.worlds import load, world

DAY = 86400
AUCTION = {"bid": 0.004, "rivals": 0.003}


def shop(**brand: Any) -> Scenario:
    """Return the small world with an auction for ads, and costs of three channels."""
    tree = world().model_dump(mode="json")
    costs = {"store": 300.0, "social_ad": 20.0, "search_ad": 7.0, "mail": 4.0}
    for channel in tree["channels"]:
        channel["monthly_cost"] = costs.get(channel["name"], 0.0)
        if channel["name"] == "social_ad":
            channel["message"]["auction"] = AUCTION
    return world().changed({"channels": tree["channels"], "brand": {"costs_for": 100, **brand}})


SHOP = shop()
ADS = Budget(name="ads", channels=("social_ad",), per_day=50.0)


def refused(plan: Any, scenario: Scenario = SHOP) -> str:
    with pytest.raises(StrategyError) as caught:
        check_plan(plan, scenario, strategy="mine")
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix("strategy 'mine', plan: ")


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(costs=3), "costs: is int, not Costs"),  # type: ignore[arg-type]
        (Plan(bids=[1]), "bids: is list, not a mapping"),  # type: ignore[arg-type]
        (Plan(bids={"social_a": 1.0}), "bids.social_a: unknown channel 'social_a' (did you mean"),
        (Plan(bids={"email": 1.0}), "bids.email: channel 'email' has no auction; those with one "),
        (Plan(bids={"social_ad": 0.0}), "bids.social_ad: 0 wins nothing"),
        (Plan(bids={"social_ad": -1.0}), "bids.social_ad: -1.0 is no bid"),
        (Plan(budgets=3), "budgets: is int, not a tuple"),  # type: ignore[arg-type]
        (Plan(budgets=(3,)), "budgets[0]: is int, not a Budget"),  # type: ignore[arg-type]
        (Plan(budgets=(ADS, ADS)), "budgets[1].name: a second budget named 'ads'"),
        (Plan(budgets=(ADS.model_copy(update={"journeys": ("cart",)}),)),
         "budgets[0].journeys: unknown journey 'cart'"),
        (Plan(budgets=(ADS,), bids={"social_ad": 9.0}), "budgets[0].per_day: 50 EUR for 1,000"),
        (Plan(budgets=tuple(ADS.model_copy(update={"name": f"b{n}"}) for n in range(17))),
         "budgets: has 17 beside the scenario's 0; at most 16"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_pay_is_refused(plan: Plan, said: str) -> None:
    assert refused(plan).startswith(said)


def test_a_plans_bid_must_be_below_the_scenarios_budget_too() -> None:
    scenario = shop(budgets=[ADS.model_dump()])
    said = refused(Plan(bids={"social_ad": 9.0}), scenario)
    assert said.startswith("bids: brand.budgets.ads.per_day: 50 EUR for 1,000 people are")
    assert "second budget named 'ads'" in refused(Plan(budgets=(ADS,)), scenario)


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        ({"monthly": -1}, "monthly"), ({"once": "-1 EUR"}, "once"), ({"wage": -1}, "wage"),
        ({"staff": -1}, "staff"), ({"staff": 2}, "staff: says how many, and wage is missing"),
    ],
)  # fmt: skip
def test_wrong_costs_are_refused(costs: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Costs(**costs)


def test_budgets_and_bids_are_lowered() -> None:
    scenario = shop(budgets=[ADS.model_dump()])
    journeys = scenario.brand.journeys
    own = Budget(name="cart", journeys=("cart",), total=900.0, pacing="asap", waits=7200)
    plan = check_plan(Plan(journeys=journeys, budgets=(own,), bids={"social_ad": 0.01}), scenario)
    lowered = lower_plan(plan, scenario)
    names = [c.name for c in scenario.channels]
    ads, cart = lowered.budget
    assert (ads.channels, ads.clicks, ads.per_day, ads.total, ads.even) == (
        1 << names.index("social_ad"), 1, 5_000_000, 0, 1,
    )  # fmt: skip
    assert ads.journeys == (1 << len(journeys)) - 1
    assert (cart.channels, cart.clicks, cart.per_day, cart.total, cart.even, cart.waits) == (
        (1 << len(names)) - 1, 0, 0, 90_000_000, 0, 7200,
    )  # fmt: skip
    assert cart.journeys == 1 << [j.name for j in journeys].index("cart")
    assert (cart.first, cart.days) == (scenario.time.burn_in, scenario.time.window // DAY)
    assert lowered.bid.tolist() == [1000 if n == "social_ad" else 0 for n in names]
    assert lower_plan(replace(plan, bids={}), scenario).bid.max() == 400


def test_a_strategy_pays_for_the_channels_that_it_uses() -> None:
    """What is visited is there under each strategy; ads and letters where they are written over."""
    month = 1 / MONTH_DAYS / 100 * 100_000  # of a currency unit a month, on a day and customer
    none, every = load(SHOP, "no_contact", "omnichannel")
    assert costs_by_day(none.plan, SHOP) == pytest.approx((0.0, 300 * month))
    assert costs_by_day(every.plan, SHOP) == pytest.approx((0.0, 331 * month))
    few = replace(every.plan, paid=False, silos=("email",))
    assert costs_by_day(few, SHOP) == pytest.approx((0.0, 300 * month))
    costs = Costs(once=500.0, monthly=20.0, staff=1.5, wage=40.0)
    assert costs_by_day(replace(none.plan, costs=costs), SHOP) == pytest.approx(
        (500_000.0, 380 * month)
    )


def test_fixed_costs_are_those_of_the_window_and_discounted() -> None:
    plan = Plan(costs=Costs(once=500.0, monthly=30.4375), paid=False)
    scenario = shop(costs_for=1).changed({"time": {"window": "120d"}, "discount_rate": 0.0})
    bare = scenario.changed({
        "channels": [c | {"monthly_cost": 0.0} for c in scenario.model_dump()["channels"]]
    })  # fmt: skip
    assert fixed_costs(plan, bare) == (62_000_000, 62_000_000)
    paid, later = fixed_costs(plan, bare.changed({"discount_rate": 0.5}))
    assert paid == 62_000_000
    assert later == pytest.approx(5e7 + 1e5 * sum(1.5 ** (-d / 365) for d in range(120)), rel=1e-6)
    assert fixed_costs(Plan(paid=False), bare) == (0, 0)


def test_a_strategy_file_declares_costs_bids_and_budgets(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\nsharing: all\ncosts: {once: 100 EUR, staff: 0.5, wage: 4000 EUR}\n"
        "bids: {social_ad: 0.006 EUR}\n"
        "budgets:\n- {name: ads, channels: [social_ad], per_day: 50 EUR, waits: 2h}\n",
        encoding="utf-8",
    )
    plan = read_strategy(path, SHOP).declared
    assert plan.costs.of_month == 2000.0
    assert plan.bids == {"social_ad": 0.006}
    assert (plan.budgets[0].per_day, plan.budgets[0].waits) == (50.0, 7200)
    path.write_text("name: mine\nbudgets:\n- {name: ads, channels: [social_add], per_day: 5}\n")
    with pytest.raises(StrategyError, match=r"mine.yaml:3: budgets.ads.channels: unknown channel"):
        read_strategy(path, SHOP)
    path.write_text("name: mine\ncosts: {monthly: -5 EUR}\n")
    with pytest.raises(StrategyError, match=r"mine.yaml:2: costs.monthly"):
        read_strategy(path, SHOP)
    path.write_text("name: mine\nbids: {social_add: 1 EUR}\n")
    with pytest.raises(StrategyError, match=r"mine.yaml:2: bids.social_add: unknown channel"):
        read_strategy(path, SHOP)


def test_what_a_plan_spends_can_be_swept() -> None:
    plan = check_plan(Plan(budgets=(ADS,), bids={"social_ad": 0.01}, costs=Costs(once=5.0)), SHOP)
    changes = {"costs.once": 7.0, "bids.social_ad": 0.02, "budgets.ads.per_day": 60.0}
    new = changed_plan(plan, changes, SHOP, strategy="mine", seconds=True)
    assert (new.costs.once, new.bids, new.budgets[0].per_day) == (7.0, {"social_ad": 0.02}, 60.0)
    assert changed_plan(plan, {}, SHOP, strategy="mine", seconds=True) == plan
