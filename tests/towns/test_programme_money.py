"""Money of the programme in whole runs: never overspent, all in the log, off as if not there.

Kernels as plain Python are slow, so populations are small: two towns of eight people or so.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.experiment.compare import Comparison
from omnilab.log import rows
from omnilab.lowering.money import fixed_costs
from omnilab.report.timeline import Teller
from omnilab.scenario.model import Scenario
from omnilab.scenario.programme_money import Budget, Costs
from omnilab.strategy.loading import LoadedStrategy
from tests.effort import random_worlds
from tests.log.building import log_of
from tests.towns.programme_money import money
from tests.verification.worlds import digests, frame, having, load, run, sums, values, world

DAY, HOUR = 86400, 3600
SMALL: dict[str, Any] = {
    "population": {"customers": 14, "town": 8},
    "time": {"burn_in": "4d", "window": "18d", "run_out": "2d"},
}


def town(**changes: Any) -> Scenario:
    return world(**{**SMALL, **changes})


def played(scenario: Scenario, *strategies: LoadedStrategy, engine: str = "simpy") -> Comparison:
    return run(scenario, strategies, engine=engine, pilot=4)


def spending(scenario: Scenario, comparison: Comparison, name: str) -> pd.DataFrame:
    """Return what is paid in a log: when, in which town, over which channel, for which journey."""
    log = frame(comparison, name)
    households = log[log.kind == "person"].set_index("person").household
    sent = having(log, "sent")[["time", "person", "channel", "journey", "cost"]]
    bought = having(log, "visit")[["time", "person", "cost"]].assign(
        channel=next((i for i, c in enumerate(scenario.channels) if c.search), -1), journey=-1
    )
    paid = pd.concat([sent, bought[bought.cost > 0]])
    return paid.assign(town=paid.person.map(households) // scenario.population.per_cell)


def most(budget: Budget, people: int, scenario: Scenario, paid: pd.DataFrame) -> bool:
    """Tell, with a naive model, whether a town's payments never exceed a budget."""
    paid = paid.sort_values("time")
    fine = True
    if budget.per_day is not None:
        share = int(round(budget.per_day * 100_000) * people // 1000)
        for _, day in paid.groupby(paid.time // DAY):
            hours = day.time % DAY // HOUR + 1
            room = share * hours // 24 if budget.pacing == "even" else share
            fine &= bool((day.cost.cumsum() <= room).all())
    if budget.total is not None:
        window = paid[paid.time >= scenario.time.burn_in]
        share = int(round(budget.total * 100_000) * people // 1000)
        n = -(-scenario.time.window // DAY)
        days = ((window.time - scenario.time.burn_in) // DAY + 1).clip(upper=n)
        room = share * days // n if budget.pacing == "even" else share
        fine &= bool((window.cost.cumsum() <= room).all())
    return fine


def covered(budget: Budget, scenario: Scenario, journeys: list[str], paid: pd.DataFrame) -> Any:
    """Return the payments that a budget pays."""
    channels = [i for i, c in enumerate(scenario.channels) if c.name in budget.channels]
    if budget.channels:
        paid = paid[paid.channel.isin(channels)]
    if budget.journeys:
        paid = paid[paid.journey.isin([journeys.index(n) for n in budget.journeys])]
    return paid


@random_worlds(1, 8)
@given(st.data())
def test_no_budget_is_overspent_at_any_moment_and_the_log_has_all_money(
    data: st.DataObject,
) -> None:
    plain = town()
    scenario = plain.changed(data.draw(money(plain)))
    (strategy,) = load(scenario, data.draw(st.sampled_from(("multichannel", "omnichannel"))))
    comparison = played(scenario, strategy)
    paid = spending(scenario, comparison, strategy.name)
    people = frame(comparison, strategy.name)
    people = people[people.kind == "person"]
    sizes = (people.household // scenario.population.per_cell).value_counts()
    names = [j.name for j in strategy.plan.journeys]
    for budget in scenario.brand.budgets:
        own = covered(budget, scenario, names, paid)
        for number, part in own.groupby("town"):
            assert most(budget, int(sizes[number]), scenario, part), budget
    start, end = scenario.time.burn_in, scenario.time.burn_in + scenario.time.window
    inside = paid[(paid.time >= start) & (paid.time < end)]
    total = sums(comparison)[strategy.name]
    assert total["send_cost"] + total["click_cost"] == inside.cost.sum()
    assert total["fixed_cost"] == fixed_costs(strategy.plan, scenario)[0] * len(people)
    _every_message_has_one_end(frame(comparison, strategy.name))


def _every_message_has_one_end(log: pd.DataFrame) -> None:
    final = having(log, "final")
    assert final.message.is_unique
    lacking = having(log, "unfunded") if (log.kind == "unfunded").any() else final[:0]
    assert set(lacking.message) <= set(final.message)
    unfunded, sent = final[final.status == 10], log[log.kind == "sent"]
    assert set(unfunded.message) <= set(lacking.message)
    assert not set(unfunded.message) & set(sent.message)


@cache
def _without() -> Comparison:
    scenario = town()
    return played(scenario, *load(scenario, "omnichannel"))


@pytest.mark.parametrize(
    "budget", [{"per_day": 1e6}, {"total": 1e6}, {"per_day": 1e6, "total": 1e6, "pacing": "asap"}]
)
def test_a_budget_without_end_is_the_log_without_it(budget: Any) -> None:
    scenario = town(brand={"budgets": [{"name": "all", **budget}]})
    strategies = load(scenario, "omnichannel")
    assert digests(played(scenario, *strategies)) == digests(_without())


def test_costs_change_no_log_and_are_taken_off() -> None:
    scenario = town(brand={"costs_for": 100})
    (strategy,) = load(scenario, "omnichannel")
    costs = Costs(once=40.0, monthly=90.0, staff=0.5, wage=200.0)
    dear = replace(strategy, name="dear", plan=replace(strategy.plan, costs=costs))
    comparison = played(scenario, strategy, dear)
    cheap, other = (digests(comparison)[n] for n in ("omnichannel", "dear"))
    assert cheap == other == digests(_without())["omnichannel"]
    a, b = ({k: e.value for k, e in values(comparison, n).items()} for n in ("omnichannel", "dear"))
    each = 0.4 + 1.9 * 18 / (365.25 / 12)
    assert b["fixed_cost"] == pytest.approx(each, abs=1e-5)
    assert a["fixed_cost"] == 0.0
    assert a["profit"] - b["profit"] == pytest.approx(each, abs=1e-5)
    assert a["profit"] == pytest.approx(a["margin"] - a["contact_cost"])
    assert a["ltv_net"] == a["ltv"] == b["ltv"]
    assert a["ltv_net"] - b["ltv_net"] == pytest.approx(each, rel=2e-3)  # 18 days are discounted


def test_a_town_has_its_part_whatever_other_towns_there_are() -> None:
    """The first town of two is the first of one, event for event."""
    budgets = [{"name": "all", "per_day": 8.0, "waits": "3h"}]
    one = town(population={"customers": 8, "town": 8}, brand={"budgets": budgets})
    both = town(population={"customers": 16, "town": 8}, brand={"budgets": budgets})
    logs = []
    for scenario in (one, both):
        (strategy,) = load(scenario, "multichannel")
        log = frame(played(scenario, strategy), "multichannel")
        last = scenario.population.per_cell
        town_of = log[log.kind == "person"].set_index("person").household // last
        logs.append(log[log.person.map(town_of) == 0].reset_index(drop=True))
    assert (logs[0].kind == "unfunded").any()
    assert np.array_equal(logs[0].to_numpy(), logs[1].to_numpy())


def test_what_money_and_platforms_do_is_told_in_words() -> None:
    scenario = town()
    ad = [c.name for c in scenario.channels].index("social_ad")
    common = {"channel": ad, "journey": 0}
    log = log_of([
        {"kind": rows.NOT_SHOWN, **common, "reason": rows.OUTBID, "rival": 1200},
        {"kind": rows.NOT_SHOWN, **common, "reason": rows.UNMATCHED},
        {"kind": rows.NOT_SHOWN, **common, "reason": rows.OFTEN},
        {"kind": rows.UNFUNDED, **common, "seconds": 5400},
        {"kind": rows.UNFUNDED, **common},
        {"kind": rows.FINAL, **common, "status": rows.FINAL_UNFUNDED},
        {"kind": rows.FINAL, **common, "status": rows.FINAL_UNSHOWN},
        {"kind": rows.FINAL, **common, "status": rows.FINAL_BUYER},
    ])  # fmt: skip
    told = [words for _, words in Teller(scenario, ["ads"], ["ads"], everything=True).tell(log)]
    assert told == [
        "social_ad not shown, outbid: ads",
        "social_ad not shown, nobody found by the address: ads",
        "social_ad not shown, often enough today: ads",
        "social_ad has no money, waits 1.5 h: ads",
        "social_ad has no money, passed over: ads",
        "ads: not sent, no budget could pay it",
        "ads: not shown",
        "ads: not sent, bought lately",
    ]
    assert len(Teller(scenario, ["ads"], ["ads"]).tell(log)) == 3  # the rest are details
