"""Simulation-based calibration of sets of worlds: known truths are covered as often as promised.

Truths are drawn from the ranges, a log of each is simulated, and a set is made of it. Then the rank
of the truth among the set's worlds is even over 0..1, and a 90% interval covers it nine times in
ten (Talts, S. and others, 2018, Validating Bayesian inference algorithms with simulation-based
calibration, arXiv:1804.06788).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chisquare

from omnilab.errors import OmnilabError
from omnilab.experiment.sweep.design import spread
from omnilab.fit.plausible.log_moments import LOG_MOMENTS, log_moments
from omnilab.fit.plausible.matching import IDENTIFIED, Target, match
from omnilab.fit.plausible.ranges import Parameter, changed_world, values_at
from omnilab.fit.scenario import read_base, simulated_occasions, validated
from omnilab.scenario.model import Scenario

pytest.importorskip("sklearn")
Floats = NDArray[np.float64]

DAYS = 180
IN_LOG, IN_WORLD, WORLDS, AGAIN = 300, 400, 150, 12
PARAMETERS = (
    Parameter("categories.goods.every", (), 20 * 86400.0, 90 * 86400.0, "declared"),
    Parameter("categories.goods.spend.mean", (), 20.0, 80.0, "declared"),
    Parameter("population.dropout.a", (), 0.5, 6.0, "declared"),
    Parameter("world.response.view_through", (), 0.0, 0.15, "declared"),
)
#: Few moments; those with a heavy tail are left out, as a normal law would not hold for them.
USED = ("orders", "two", "late", "soon", "amount")
PLACES = [list(LOG_MOMENTS).index(name) for name in USED]


@dataclass(frozen=True)
class Calibration:
    """Ranks of the truths, by trial and parameter, and how many sets could not be made."""

    ranks: Floats
    spread: Floats
    failed: int


def shop() -> Scenario:
    base = read_base(None)
    kept = {k: v for k, v in base.items() if k in ("channels", "world")}
    goods = {**base["categories"][0], "every": "40d", "shape": 2,
             "spend": {"mean": "40 EUR", "p": 6, "q": 4}}  # fmt: skip
    data: dict[str, Any] = {
        "id": "tiny-v1", "title": "calibration", "currency": "EUR",
        "time": {"burn_in": "0d", "window": f"{DAYS}d"},
        "population": {**base["population"], "customers": IN_WORLD, "entry": {"over": "30d"},
                       "dropout": {"a": 2, "b": 20}},
        "categories": [goods], **kept, "brand": {**base["brand"], "status_quo": "no_contact"},
    }  # fmt: skip
    return validated(data)


def moments_at(scenario: Scenario, place: Floats, seed: int) -> tuple[Floats, Floats]:
    values = values_at(scenario, PARAMETERS, place[None, :])
    world = changed_world(scenario, values, 0)
    found, covariance = log_moments(simulated_occasions(world, DAYS, seeds=(seed,)))
    return found[PLACES], covariance[np.ix_(PLACES, PLACES)]


def calibrated(trials: int, waves: int = 2, design: int = WORLDS) -> Calibration:
    world = shop()
    log = world.with_customers(IN_LOG)
    # The first wave's design knows no log, so that all trials have the same.
    u = 1e-4 + (1 - 2e-4) * spread("sobol", len(PARAMETERS), design, 11)
    first = u, np.array([moments_at(world, x, 10_000 + k)[0] for k, x in enumerate(u)])
    ranks, spreads, failed = [], [], 0
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        truth = rng.random(len(PARAMETERS))
        wanted, covariance = moments_at(log, truth, 1_000_000 + trial)

        def simulate(places: Floats, before: int, trial: int = trial) -> Floats:
            seed = 2_000_000 + 10_000 * trial + before
            return np.array([moments_at(world, x, seed + k)[0] for k, x in enumerate(places)])

        try:
            found = match(
                simulate, Target(USED, wanted, covariance), len(PARAMETERS), points=AGAIN,
                waves=waves, seed=trial, first=first,
            )  # fmt: skip
        except OmnilabError:
            failed += 1
            continue
        picked = rng.choice(len(found.weights), 199, p=found.weights)
        ranks.append((found.places[picked] < truth).mean(axis=0))
        spreads.append(found.spread)
    return Calibration(np.array(ranks), np.array(spreads), failed)


def said(found: Calibration) -> list[tuple[str, float, float, float]]:
    """Return of each identified parameter its coverage, p-value of even ranks, and spread."""
    lines = []
    for k, parameter in enumerate(PARAMETERS):
        width = float(np.median(found.spread[:, k]))
        if width > IDENTIFIED:
            continue
        ranks = found.ranks[:, k]
        inside = float(((ranks > 0.05) & (ranks < 0.95)).sum()) / (len(ranks) + found.failed)
        counts = np.histogram(ranks, bins=10, range=(0.0, 1.0 + 1e-9))[0]
        lines.append((parameter.key, inside, float(chisquare(counts).pvalue), width))
    return lines


@pytest.mark.long
def test_truths_are_covered_as_often_as_promised() -> None:
    found = calibrated(200)
    print(f"sets that could not be made: {found.failed}")
    lines = said(found)
    assert len(lines) >= 2
    for key, inside, p_value, width in lines:
        print(f"{key}: 90% interval covers {inside:.3f}, ranks p {p_value:.3f}, spread {width:.2f}")
    for key, inside, p_value, _ in lines:
        assert 0.85 <= inside <= 0.95, key
        assert p_value > 0.01 / len(lines), key
