"""Visits without a need are drawn ahead, some at a time: they are those drawn one by one."""

from __future__ import annotations

import math
from itertools import accumulate
from pathlib import Path

import numpy as np

from omnilab.draws.streams import VISIT_IDLE
from omnilab.experiment.compare import compare
from omnilab.log import rows
from omnilab.scenario import load_scenario
from omnilab.strategy.loading import load_strategy
from tests.draws.reference import philox, words

CUSTOMERS, DAYS = 12, 91
CHANNELS = {"web": 2.1, "app": 1.4}  # visits a week, at any hour


def naive(key: int, household: int) -> list[tuple[float, int]]:
    """Return when and where a household's only person goes: (seconds, channel)."""
    entity, week = household * 8, sum(CHANNELS.values())
    drawn = [philox(n | entity << 64 | VISIT_IDLE << 120, key) for n in range(200)]
    uniforms = [[(bits + 0.5) / 2**32 for bits in draw] for draw in drawn]
    times = accumulate(-math.log(u[3]) * 604800 / week for u in uniforms)
    where = [0 if u[0] * week < CHANNELS["web"] else 1 for u in uniforms]
    return [(t, c) for t, c in zip(times, where, strict=True) if t < DAYS * 86400]


def test_visits_are_those_of_the_naive_model(root: Path) -> None:
    scenario = load_scenario(root / "bench/peers/minimal.yaml").with_customers(CUSTOMERS)
    loaded = load_strategy("omnichannel", scenario)
    result = compare(scenario, [loaded], seed=5, keep_events=True)
    log = np.concatenate(result.events["omnichannel"])
    a, b = philox(sum(w << 32 * i for i, w in enumerate([*words(5, 2), 0, 0x6F6D6E69])), 0)[:2]
    for person in range(CUSTOMERS):
        visits = log[(log["person"] == person) & (log["kind"] == rows.VISIT)]
        want = naive(a | b << 32, person)
        assert visits["channel"].tolist() == [c for _, c in want]
        np.testing.assert_allclose(visits["time"], [t for t, _ in want], rtol=0, atol=2)
