"""Suite `peers-100k`: the same minimal customers in omnilab, Mesa, AgentPy and plain SimPy.

100,000 customers, 91 days, one core, in one session. The unit is a customer-event (`model.py`):
a visit, a message that came, an answer. Each framework's run must have the means that the model
has by its numbers. Timed is the whole run, making the customers included.
"""

from __future__ import annotations

import gc
from importlib import import_module
from typing import Any

import pytest

pytest.importorskip("pytest_benchmark")

from bench.peers import by_omnilab
from bench.peers.model import DAYS, Counts, check_counts

CUSTOMERS = 100_000
SUITE = "peers-100k"
SMALL = 2_000

#: Customer-events a second of the peers, which run first.
per_s: dict[str, float] = {}


@pytest.mark.parametrize("peer", ["simpy", "mesa", "agentpy"])
def test_peer(benchmark: Any, peer: str) -> None:
    benchmark.group = SUITE
    pytest.importorskip(peer, exc_type=ImportError, reason=f"{peer} can't be imported here")
    run = import_module(f"bench.peers.by_{peer}").run
    gc.collect()
    counts = benchmark.pedantic(run, (CUSTOMERS, 1), rounds=1)
    check_counts(counts, CUSTOMERS)
    note(benchmark, peer, counts)
    if peer != "simpy" and peer in per_s:
        # A step is one customer's day, whether anything happens or not.
        benchmark.extra_info["steps_per_s"] = CUSTOMERS * DAYS / benchmark.stats.stats.median


@pytest.mark.parametrize("peer", ["omnilab"])
def test_omnilab(benchmark: Any, peer: str) -> None:
    benchmark.group = SUITE
    case = by_omnilab.scenario(CUSTOMERS)
    result = benchmark.pedantic(case.run, ("compiled",), rounds=3)
    counts = by_omnilab.count(result)
    check_counts(counts, CUSTOMERS, moves=False)
    small = case.of_size(SMALL).run("compiled", keep_events=True)
    moves = by_omnilab.count_moves(small)
    check_counts(by_omnilab.count(small)._replace(moves=moves), SMALL)
    benchmark.extra_info[f"moves_of_{SMALL}"] = moves
    benchmark.extra_info["log_rows"] = result.strategies[0].events
    note(benchmark, peer, counts)
    if peer in per_s:
        ratios = {f"times_{p}": per_s[peer] / s for p, s in per_s.items() if p != peer}
        benchmark.extra_info |= ratios


def note(benchmark: Any, peer: str, counts: Counts) -> None:
    """Put what happened beside the time it took."""
    benchmark.extra_info["customer_events"] = counts.events
    # Moves that nobody counted are left out: omnilab's are in its log, which the large run drops.
    benchmark.extra_info["counts"] = {k: v for k, v in counts._asdict().items() if v}
    if benchmark.stats is not None:  # not with --benchmark-disable
        per_s[peer] = counts.events / benchmark.stats.stats.median
        benchmark.extra_info["customer_events_per_s"] = per_s[peer]
