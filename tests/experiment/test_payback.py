"""Pay-back: when a strategy has earned what it costs more, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from omnilab.experiment import payback
from omnilab.experiment.comparison import StrategyRun
from omnilab.experiment.payback import (
    PayBack,
    crossing,
    extra_by_week,
    pay_back_rows,
    pay_back_words,
    pay_backs,
)
from omnilab.experiment.statistics import Estimate
from tests.worlds import corner

INF = math.inf


def of(net: list[float], half: float) -> tuple[int | None, int | None, int | None]:
    return crossing(net, [x - half for x in net], [x + half for x in net])


@pytest.mark.parametrize(
    ("net", "half", "found"),
    [
        ([-3.0, -1.0, 1.0, 3.0, 5.0], 0.0, (3, 3, 3)),
        ([-3.0, -1.0, 1.0, 3.0, 5.0], 1.5, (3, 2, 4)),
        ([-3.0, -1.0, 1.0, 3.0, 5.0], 9.0, (3, 1, None)),
        ([-3.0, 1.0, -1.0, 1.0], 0.5, (4, 2, 4)),  # below 0 once more: not for good before
        ([1.0, 2.0], 0.5, (1, 1, 1)),
        ([-3.0, -2.0], 1.0, (None, None, None)),
        ([-3.0, -0.5], 1.0, (None, 2, None)),
    ],
)  # fmt: skip
def test_it_has_paid_back_when_it_is_never_below_again(net: Any, half: float, found: Any) -> None:
    assert of(net, half) == found


def test_the_interval_holds_the_true_week_as_often_as_it_says() -> None:
    """Gains of clusters are correlated over weeks: each earns at its own pace, with noise."""
    rng = np.random.default_rng(1)
    weeks, clusters, trials = 40, 50, 400
    true = 20  # a gain of 1 a week against 19.5 paid once
    hits = 0
    for _ in range(trials):
        pace = rng.normal(1.0, 2.0, (clusters, 1)) + rng.normal(0.0, 4.0, (clusters, weeks))
        sums = pace.cumsum(axis=1)
        mean = sums.mean(axis=0) - 19.5
        half = 2.01 * sums.std(axis=0, ddof=1) / clusters**0.5
        week, low, high = crossing(list(mean), list(mean - half), list(mean + half))
        hits += (low or INF) <= true <= (high or INF)
        assert (low or INF) <= (week or INF) <= (high or INF)
    assert hits / trials > 0.93


def test_costs_grow_by_the_day_of_the_window_and_are_discounted() -> None:
    scenario = corner(time={"window": "10d"}, discount_rate=0.0)
    once, day = 300_000.0, 20_000.0
    found = extra_by_week(scenario, (once, day), (100_000.0, 0.0), 4)
    assert found == pytest.approx([2.0 + 0.2 * 7, 4.0, 4.0, 4.0])  # nothing after the window
    discounted = extra_by_week(scenario.changed({"discount_rate": 0.5}), (0.0, day), (0.0, 0.0), 2)
    factors = [1.5 ** (-d / 365) for d in range(10)]
    assert discounted == pytest.approx([0.2 * sum(factors[:7]), 0.2 * sum(factors)], rel=1e-5)


MORE = "a costs 3.00 EUR a customer more than b beside sends and clicks "
FOUND = PayBack("a", "b", 3.0, 7.0, 12, 9, 20, 60, known=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, MORE + "and pays it back in 12 weeks (95% interval: 9 to 20 weeks)."),
        ({"weeks": 1, "low": 1, "high": None},
         "and pays it back in one week (95% interval: 1 to more than 60 weeks)."),
        ({"weeks": None, "high": None, "gain": 1.25},
         "of the run: 1.75 EUR are missing (95% interval: 9 to more than 60 weeks)."),
        ({"weeks": None, "low": None, "high": None, "gain": 1.0},
         "2.00 EUR are missing, and some even at the upper end of the 95% interval."),
        ({"known": False, "low": None, "high": None},
         "in 12 weeks. There are too few clusters for an interval."),
        ({"extra_cost": -3.0}, "beside sends and clicks: there is nothing to pay back."),
    ],
)  # fmt: skip
def test_it_is_said_in_words(change: Any, words: str) -> None:
    assert pay_back_words(replace(FOUND, **change), "EUR").endswith(words)


class Compared:
    """A comparison of which only what pay-back reads is there."""

    held_against = "b"
    observed = {"week_lifts": {}}

    def __init__(self, *costs: tuple[float, float]) -> None:
        self.scenario = corner(time={"window": "28d"}, discount_rate=0.0)
        self.strategies = [
            StrategyRun(n, "", 0, costs=c) for n, c in zip("abc", costs, strict=True)
        ]


def test_each_strategy_whose_costs_differ_is_held_against_the_reference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gains = [Estimate(float(w), w - 0.5, w + 0.5) for w in (1, 2, 3, 4)]
    monkeypatch.setattr(payback, "weekly_differences", lambda *_: gains)
    compared: Any = Compared((250_000.0, 0.0), (0.0, 0.0), (0.0, 0.0))
    assert pay_backs(compared) == [PayBack("a", "b", 2.5, 4.0, 3, 2, 3, 4, known=True)]
    assert pay_back_rows(compared)[0]["weeks"] == 3
    assert pay_backs(Compared(*[(1.0, 2.0)] * 3)) == []  # type: ignore[arg-type]
    monkeypatch.setattr(payback, "weekly_differences", lambda *_: [Estimate(9.0, None, None)] * 4)
    assert pay_backs(compared)[0] == PayBack("a", "b", 2.5, 9.0, 1, None, None, 4, known=False)


def test_without_costs_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payback, "weekly_differences", pytest.fail)
    compared: Any = Compared(*[(0.0, 0.0)] * 3)
    assert pay_backs(compared) == []
    compared.observed = {}
    assert pay_backs(compared) == []
