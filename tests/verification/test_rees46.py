"""The log of one retailer's messages: what its calendar sends, and opens that rise with volume."""

from __future__ import annotations

from functools import cache
from typing import Any

from omnilab.experiment.patterns.declared import Patterns, find_patterns, read_patterns
from omnilab.experiment.patterns.running import measure_patterns
from omnilab.log import rows
from omnilab.scenario import load_scenario
from omnilab.scenario.model import Scenario
from tests.verification.worlds import BUILT_IN, DAY, digests, load, log, run, same_rows

SHIPPED = "rees46-v1"


def shipped(customers: int, **time: Any) -> Scenario:
    short = {"burn_in": 60 * DAY, "window": 90 * DAY, "run_out": 10 * DAY} | time
    return load_scenario(SHIPPED).with_customers(customers).changed({"time": short})


def patterns(scenario: Scenario) -> Patterns:
    return read_patterns(find_patterns(SHIPPED), scenario)


def found(scenario: Scenario) -> dict[str, Any]:
    declared = patterns(load_scenario(SHIPPED))  # whose ranges the changed world may leave
    measured = measure_patterns(scenario, declared, seeds=(3,))
    return {f.pattern.name: f.value for f in measured.found}


@cache
def lives() -> Any:
    scenario = shipped(150)
    return run(scenario, load(scenario), pilot=150)


def test_every_strategy_runs_on_it_and_engines_agree() -> None:
    scenario = shipped(10, burn_in=20 * DAY, window=30 * DAY)
    fast = run(scenario, load(scenario), pilot=10)
    slow = run(scenario, load(scenario), pilot=10, engine="simpy")
    assert digests(fast) == digests(slow)
    for name in BUILT_IN:
        same_rows(log(fast, name), log(slow, name))
        sent = rows.of_kind(log(fast, name), rows.SENT)["time"]
        # The status quo's messages of the burn-in are in every log.
        assert (sent >= 20 * DAY).any() == (name != "no_contact"), name


def test_bulk_triggers_and_service_go_out_and_receipts_lie() -> None:
    scenario = shipped(150)
    (strategy,) = load(scenario, "multichannel")
    names = [j.name for j in strategy.plan.journeys]
    life = log(lives(), "multichannel")
    sent = rows.of_kind(life, rows.SENT)
    assert {names[j] for j in sent["journey"].tolist()} >= {
        "newsletter", "sale_outs", "engaged", "app_news", "browse", "cart", "ordered"
    }  # fmt: skip
    assert (life["kind"] == rows.MACHINE_OPEN).any()
    assert (rows.of_kind(life, rows.OPEN)["receipt"] == 1).any()


def test_opens_rise_with_volume_over_all_and_less_within_a_person() -> None:
    usual = found(shipped(1500))
    assert usual["opens_rise_with_volume"] > 1.3
    assert usual["opens_fall_within_a_person"] < usual["opens_rise_with_volume"]


def test_the_patterns_are_read_and_each_assumption_names_its_own_target() -> None:
    scenario = load_scenario(SHIPPED)
    declared = patterns(scenario)
    assert declared.opens == "received"
    own = [a.by or a.against for a in declared.assumptions]
    assert all(own)
    assert len(set(own)) == len(own)
    assert {"opens_rise_with_volume", "opens_fall_within_a_person"} <= {
        p.name for p in declared.of_role("check")
    }
