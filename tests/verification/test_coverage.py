"""95% intervals of simulated experiments hold the true value as often as they say.

One large population is cut into many small samples of whole cells: the truth is that of all of it.
Its mailshots are those of all samples, so this is the truth given the mailshots; with a seed for
each sample it is the truth over all mailshots that there can be.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from omnilab.experiment.statistics import Estimate, Moments
from omnilab.measure import MEASURES
from omnilab.scenario.model import Scenario
from tests.verification.worlds import all_on, either_way, load, run, world

NAMES = ("multichannel", "omnichannel")
CHOSEN = {m: MEASURES[m] for m in (
    "purchase_rate", "orders_per_customer", "ltv", "messages_per_customer", "open_rate",
)}  # fmt: skip


def shop(mechanisms: Callable[[Scenario], Scenario], customers: int) -> Scenario:
    return mechanisms(world(
        population={"customers": customers},
        time={"burn_in": "20d", "window": "60d", "run_out": "10d"},
    ))  # fmt: skip


def samples(scenario: Scenario, cells: int, seed: int = 1) -> list[Moments]:
    """Return the moments of each full sample of so many of a run's cells."""
    blocks: list[Any] = []
    with patch.object(Moments, "add", lambda _, block: blocks.append(block)):
        run(scenario, load(scenario, *NAMES), keep=False, chunk=cells, seed=seed)
    return [moments(block) for block in blocks if len(block) == cells]


def moments(block: Any) -> Moments:
    found = Moments(NAMES, CHOSEN)
    found.add(block)
    return found


def merged(parts: list[Moments]) -> Moments:
    whole = Moments(NAMES, CHOSEN)
    for part in parts:
        whole.merge(part)
    return whole


def estimates(found: Moments) -> dict[str, Estimate]:
    """Return each measure's value under one strategy, and its difference from the other's."""
    return {m: found.estimate(m, NAMES[1]) for m in CHOSEN} | {
        f"{m}, difference": found.difference(m, NAMES[1], NAMES[0]) for m in CHOSEN
    }


def check_coverage(parts: list[Moments], leave_out: tuple[str, ...] = ()) -> None:
    """Assert that each interval holds the value of all samples together about 95 times in 100.

    Money is skewed, so that small samples cover it a little less often: 1% is allowed for it.
    """
    truth = estimates(merged(parts))
    hits = dict.fromkeys(truth, 0)
    for part in parts:
        for name, one in estimates(part).items():
            low, value, high = one.low, truth[name].value, one.high
            assert low is not None
            assert value is not None
            assert high is not None
            hits[name] += low <= value <= high
    print(f"{len(parts)} samples:", {name: round(n / len(parts), 3) for name, n in hits.items()})
    chance = 3.3 * math.sqrt(0.95 * 0.05 / len(parts))
    for name in set(hits) - set(leave_out):
        assert 0.94 - chance < hits[name] / len(parts) < 0.95 + chance, (name, hits[name])


@pytest.mark.slow
@either_way
@pytest.mark.parametrize(
    ("n", "cells"), [(70, 200), pytest.param(400, 400, marks=pytest.mark.long)]
)
def test_intervals_cover_the_truth_as_often_as_they_say(
    mechanisms: Any, n: int, cells: int
) -> None:
    parts = samples(shop(mechanisms, 5 * n * cells), cells)
    assert len(parts) >= n
    check_coverage(parts)


@pytest.mark.long
@either_way
def test_over_all_mailshots_they_cover_what_customers_do(mechanisms: Any) -> None:
    """With cells as clusters not the rate of opens: all cells get the same mailshots."""
    parts = [samples(shop(mechanisms, 1000), 200, seed=1000 + s)[0] for s in range(300)]
    opens = ("open_rate", "open_rate, difference") if mechanisms is all_on else ()
    check_coverage(parts, opens)


@pytest.mark.long
def test_over_all_mailshots_replications_cover_the_rate_of_opens() -> None:
    """A comparison's own intervals, of which those of opens have replications as clusters."""
    scenario = shop(all_on, 100).changed({"world": {"mailshot": {"sd": 0.4}}})
    strategies = load(scenario, *NAMES)
    parts = [
        run(scenario, strategies, keep=False, seed=1000 + s, replications=12).moments
        for s in range(200)
    ]
    truths: dict[str, list[float]] = {}
    for part in parts:
        for name, one in estimates(part).items():
            assert one.value is not None
            truths.setdefault(name, []).append(one.value)
    chance = 3.3 * math.sqrt(0.95 * 0.05 / len(parts))
    for name in ("open_rate", "open_rate, difference"):
        truth = sum(truths[name]) / len(parts)
        found = [estimates(part)[name] for part in parts]
        hits = sum(one.low <= truth <= one.high for one in found)  # type: ignore[operator]
        print(name, hits / len(parts))
        assert 0.94 - chance < hits / len(parts) < 0.95 + chance


def test_where_mailshots_differ_opens_have_replications_as_clusters() -> None:
    scenario = shop(lambda s: s, 60).changed({"world": {"mailshot": {"sd": 0.4}}})
    strategies = load(scenario, *NAMES)
    few = run(scenario, strategies, keep=False, replications=3).moments
    assert few.estimate("open_rate", NAMES[0])[1:3] == (None, None)
    assert few.difference("open_rate", *NAMES).low is None
    assert few.estimate("ltv", NAMES[0]).low is not None
    many = run(scenario, strategies, keep=False, replications=12).moments
    assert Moments.from_state(many.state()).state() == many.state()
    rates = [
        run(scenario, strategies, keep=False, replications=r).moments.sums(NAMES[0])
        for r in (11, 12)
    ]
    assert rates[0] != rates[1]
    assert many.sums(NAMES[0]) == rates[1]
    opened = many.estimate("open_rate", NAMES[0])
    assert opened.low is not None
    assert opened.high is not None
    shares = rates[1]
    assert opened.value == (shares["n_open"] - shares["ad_open"]) / (
        shares["n_delivered"] - shares["ad_delivered"]
    )
    plain = run(
        scenario.changed({"world": {"mailshot": {"sd": 0.0}}}), strategies, keep=False
    ).moments
    assert plain.estimate("open_rate", NAMES[0]).low is not None
