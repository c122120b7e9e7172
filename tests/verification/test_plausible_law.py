"""Calibration of sets where the law is written down: each trial has a design of its own.

The trials with the simulator (`test_plausible`) share the first wave, since it is dear. What the
emulator has wrong there is wrong in all of them, so that they are not independent. Here a log
takes a millisecond, and nothing is shared.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from omnilab.errors import OmnilabError
from omnilab.experiment.sweep.design import spread
from omnilab.fit.plausible.matching import IDENTIFIED, Target, match
from tests.verification.quick_shop import KEYS, USED, moments_at

pytest.importorskip("sklearn")

IN_LOG, IN_WORLD, POINTS, AGAIN, TRIALS = 300, 400, 100, 12, 200
_NOTHING = len(KEYS) - 1  # the parameter that moves nothing


@pytest.mark.long
def test_truths_of_a_written_law_are_covered() -> None:
    ranks, spreads, kept, failed = [], [], [], 0
    for trial in range(TRIALS):
        truth = np.random.default_rng(trial).random(len(KEYS))
        wanted, covariance = moments_at(truth, IN_LOG, 1_000_000 + trial)
        u = 1e-4 + (1 - 2e-4) * spread("sobol", len(KEYS), POINTS, 11 + trial)
        first = u, np.array([
            moments_at(x, IN_WORLD, 50_000_000 + 1000 * trial + k)[0] for k, x in enumerate(u)
        ])  # fmt: skip

        def simulate(places: np.ndarray, before: int, trial: int = trial) -> np.ndarray:
            seed = 2_000_000 + 10_000 * trial + before
            return np.array([moments_at(x, IN_WORLD, seed + k)[0] for k, x in enumerate(places)])

        try:
            found = match(
                simulate, Target(USED, wanted, covariance), len(KEYS), points=AGAIN, waves=2,
                seed=trial, first=first,
            )  # fmt: skip
        except OmnilabError:
            failed += 1
            continue
        ranks.append([found.weights @ (column < x)
                      for column, x in zip(found.places.T, truth, strict=True)])  # fmt: skip
        spreads.append(found.spread)
        order = np.argsort(found.places[:, _NOTHING])
        ends = np.interp(
            [0.05, 0.95], np.cumsum(found.weights[order]), found.places[order, _NOTHING]
        )
        kept.append(ends[1] - ends[0])
    at, width = np.array(ranks), np.median(spreads, axis=0)
    print(f"sets that could not be made: {failed}")
    inside = ((at > 0.05) & (at < 0.95)).sum(axis=0) / TRIALS
    for k, key in enumerate(KEYS):
        counts = np.histogram(at[:, k], bins=10, range=(0.0, 1.0 + 1e-9))[0]
        p_value = float(chisquare(counts).pvalue)
        print(f"{key}: covers {inside[k]:.3f}, ranks p {p_value:.3f}, spread {width[k]:.2f}")
        if width[k] <= IDENTIFIED:
            assert 0.85 <= inside[k] <= 0.95, key
            assert p_value > 0.01 / _NOTHING, key
    # Truths of what moves nothing are even over its range, whatever a set says: so the share that
    # an interval holds is how often it covers, without the chance of the truths.
    print(f"{KEYS[_NOTHING]}: its intervals hold {np.mean(kept):.3f} of the range")
    assert 0.85 <= np.mean(kept) <= 0.95
