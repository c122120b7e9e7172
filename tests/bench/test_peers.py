"""The benchmark's peers simulate the same customers as the omnilab scenario, in all four counts."""

from __future__ import annotations

from importlib import import_module
from math import sqrt

import pytest

from bench.peers.by_omnilab import count, count_moves, scenario
from bench.peers.model import DAYS, P_APP, VISITS_PER_DAY, Counts, check_counts
from omnilab.log.rows import KIND_NAMES

CUSTOMERS = 1500


@pytest.fixture(scope="module")
def ours():
    return scenario(CUSTOMERS).run("compiled", keep_events=True)


@pytest.mark.parametrize("peer", ["simpy", "mesa", "agentpy"])
def test_a_peer_has_the_models_means(peer: str) -> None:
    pytest.importorskip(peer, exc_type=ImportError, reason=f"{peer} can't be imported here")
    run = import_module(f"bench.peers.by_{peer}").run
    check_counts(run(CUSTOMERS, 7), CUSTOMERS)
    assert run(60, 8) == run(60, 8)
    assert run(60, 8) != run(60, 9)


def test_omnilab_has_the_models_means(ours) -> None:
    counts = count(ours)._replace(moves=count_moves(ours))
    check_counts(counts, CUSTOMERS)


def test_the_scenario_has_hardly_anything_else(ours) -> None:
    """What it can't switch off: needs, one a century and person."""
    sums = ours.moments.sums(ours.strategies[0].name)
    parts = {"person", "address", "visit", "view", "enter", "sent", "delivered", "open", "final",
             "exit"}  # fmt: skip
    other = sum(sums[f"n_{name}"] for name in KIND_NAMES.values() if name not in parts)
    assert other < 0.0005 * ours.strategies[0].events
    assert sums["n_address"] == CUSTOMERS
    assert sums["n_view"] == sums["n_visit"]
    assert sums["n_sent"] == sums["n_delivered"] == sums["n_final"] == sums["n_enter"]


def test_the_check_notices_a_wrong_mean() -> None:
    visits = VISITS_PER_DAY * DAYS * CUSTOMERS
    good = Counts(
        int(visits), int((visits - CUSTOMERS) * 2 * P_APP * (1 - P_APP)), 13 * CUSTOMERS,
        int(13 * CUSTOMERS / 4),
    )  # fmt: skip
    check_counts(good, CUSTOMERS)
    slip = 6 * sqrt(visits)
    for name, by in (("visits", slip), ("moves", -2 * slip), ("messages", 1), ("answers", slip)):
        with pytest.raises(AssertionError, match=name):
            check_counts(good._replace(**{name: int(getattr(good, name) + by)}), CUSTOMERS)
