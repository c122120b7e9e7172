"""Intervals against the truth: 400 short runs that go on until they are narrow, and a long one."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import Any

import pytest

from omnilab.experiment.compare import Comparison, compare
from omnilab.experiment.until import Until
from omnilab.strategy import Choices, Decisions, Plan, Sharing
from omnilab.strategy.loading import LoadedStrategy, load_strategy, loaded_object
from tests.worlds import corner

RUNS = 400
MEASURES = ("purchase_rate", "ltv", "orders_per_customer")
PAIR = ("omnichannel", "multichannel")
#: 93 to 97% is what is promised; so many runs can miss the share itself by twice this.
ERROR = sqrt(0.05 * 0.95 / RUNS)

SHORT: dict[str, Any] = {"time": {"burn_in": "20d", "window": "40d", "run_out": "5d"}}


def shop(customers: int) -> Any:
    return corner(population={"customers": customers}, **SHORT)


def strategies(scenario: Any) -> list[LoadedStrategy]:
    return [load_strategy(name, scenario) for name in PAIR]


@pytest.mark.long
def test_intervals_after_until_hold_the_truth_of_a_long_run() -> None:
    long = shop(200_000)
    truth = compare(long, strategies(long), seed=10**9, threads=2).moments
    small = shop(200)
    until = Until.of(["orders_per_customer=4%"], 200, 100_000, 1)
    held = {(m, s): 0 for m in MEASURES for s in ("multichannel", "difference")}
    for seed in range(RUNS):
        found = compare(small, strategies(small), seed=seed, until=until).moments
        for m in MEASURES:
            pairs = {
                "multichannel": (found.estimate(m, PAIR[1]), truth.estimate(m, PAIR[1]).value),
                "difference": (found.difference(m, *PAIR), truth.difference(m, *PAIR).value),
            }
            for what, (interval, value) in pairs.items():
                held[m, what] += interval.low <= value <= interval.high
    shares = {key: hits / RUNS for key, hits in held.items()}
    assert all(0.93 - ERROR <= share <= 0.97 + ERROR for share in shares.values()), shares


class Even:
    """Sends half of the messages, those whose chance is even in the first bit."""

    name = "even"
    odd = False

    def plan(self, brand: Any) -> Plan:
        return Plan(Sharing.every("all"), journeys=brand.journeys, cap=brand.cap)

    def decide(self, pending: Decisions) -> Choices:
        return Choices((pending.chance(1)[:, 0] < 0.5) != self.odd)


class Odd(Even):
    """Sends the other half: alike but for chance."""

    name = "odd"
    odd = True


def different(found: Comparison) -> list[bool]:
    return [(found.moments.difference(m, "even", "odd").p_value or 1.0) < 0.05 for m in MEASURES]


@pytest.mark.long
def test_two_that_are_alike_are_seldom_called_different() -> None:
    scenario = shop(300)
    two = [loaded_object(kind, scenario) for kind in (Even, Odd)]
    assert replace(two[0], strategy=None) != replace(two[1], strategy=None)
    calls = [different(compare(scenario, two, seed=seed)) for seed in range(RUNS)]
    shares = [sum(column) / RUNS for column in zip(*calls, strict=True)]
    assert max(shares) <= 0.05 + 2 * ERROR, shares
    assert max(shares) > 0.0  # they do differ by chance
