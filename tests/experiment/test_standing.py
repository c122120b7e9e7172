"""The small worlds beside every comparison: when there are some, and what they move."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

import omnilab as ol
from omnilab.errors import OmnilabError, OmnilabWarning
from omnilab.experiment.plausible import standing as module
from omnilab.experiment.plausible.standing import WIRING, Standing, standing_of
from omnilab.report.document import build_document
from omnilab.scenario.load import read_scenario
from omnilab.strategy.loading import load_strategy

NAMES = ["multichannel", "omnichannel"]


def standing(customers: int, names: list[str] = NAMES, **changes: Any) -> Standing | None:
    read = read_scenario("mapples-coffee-v1")
    sized = read.scenario.with_customers(customers)
    if changes:
        sized = sized.changed(changes)
    loaded = [load_strategy(name, sized) for name in names]
    return standing_of(sized, read.assumptions(), names, loaded)


def test_it_moves_what_has_a_range_and_the_silo_map() -> None:
    found = standing(10_000)
    assert found is not None
    paths = [one["path"] for one in found.described()]
    assert {"world.response.view_through", "world.continuity.give_up", WIRING} <= set(paths)
    assert found.customers == 500
    # The planner tells whole numbers from the world itself, so that a kept set need not say it.
    varies = tuple(
        replace(v, quantity="number") if v.quantity == "whole" else v for v in found.varies
    )
    assert Standing.again(found.described(), NAMES, 500) == replace(found, varies=varies)


def test_it_is_no_larger_than_the_comparison() -> None:
    assert standing(1999) is None
    small = standing(2000)
    assert small is not None
    assert small.customers * module.WORLDS <= 2000
    assert standing(10_000, ["omnichannel"]) is None


def test_a_comparison_says_in_what_share_of_worlds_its_winner_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "FEWEST_CUSTOMERS", 100)
    monkeypatch.setattr("omnilab.api.experiments.FEWEST_CUSTOMERS", 100)
    monkeypatch.setattr(module, "WORLDS", 8)
    small = ol.load_scenario("mapples-coffee-v1").changed(
        {"population": {"customers": 240}, "time": {"burn_in": 20 * 86400, "window": 40 * 86400}}
    )
    result = ol.compare(small, ["no_contact", "omnichannel"])
    worlds = result.worlds
    assert worlds is not None
    assert worlds["customers"] == 30
    assert sum(row["share"] for row in worlds["shares"]) == pytest.approx(1.0, abs=0.002)
    assert ol.compare(small, ["no_contact", "omnichannel"]).worlds == worlds
    assert ol.compare(small, ["no_contact", "omnichannel"], quick=True).worlds is None
    first = build_document(result._comparison).headlines[0]
    assert re.search(r"the best in \d+% \(\d+ to \d+\) of worlds within its assumptions,", first)
    # A strategy that is reported first, and no other, is the one of the share.
    ltv = result._comparison.moments.estimate
    best = max(result.strategies, key=lambda s: ltv("ltv", s).value or 0.0)
    assert f"{best}, the best in" in first


def test_worlds_that_fail_are_said_and_lose_no_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEWEST_CUSTOMERS", 100)
    monkeypatch.setattr("omnilab.api.experiments.FEWEST_CUSTOMERS", 100)

    def fails(*_: object, **__: object) -> None:
        raise OmnilabError("two strategies are named 'tea'")

    monkeypatch.setattr(module, "plan_sweep", fails)
    small = ol.load_scenario("mapples-coffee-v1").changed(
        {"population": {"customers": 120}, "time": {"burn_in": 20 * 86400, "window": 20 * 86400}}
    )
    with pytest.warns(OmnilabWarning, match="worlds within the assumptions: two strategies are"):
        result = ol.compare(small, ["no_contact", "omnichannel"])
    assert len(result.strategies) == 2
