"""Suites `identity-customers` and `cascade-customers`: both cores on streams of real-seeming load.

The streams are those of `omnilab run mapples-coffee-v1 -s omnichannel --events` with so many
customers. Peers and what is timed are as in `test_identity.py` and `test_cascade.py`: from the same
arrays to the same answer, within one session.
"""

from __future__ import annotations

import gc
from functools import cache
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

pytest.importorskip("pytest_benchmark")

from bench import cascade_peers
from bench.cascade_peers import Answers, answers, run_heapq, run_omnilab
from bench.exported import cascades, links, sightings
from bench.test_identity import PEERS, QUICK, by_scipy, checked, same_partition
from omnilab.identity import IdentityGraph, IdentityPolicy
from omnilab.identity.quality import score

CUSTOMERS = 20_000


@pytest.mark.parametrize("peer", [peer for peer in PEERS if peer != "networkx"])
def test_identity(benchmark: Any, peer: str) -> None:
    """Links without rules, all peers."""
    benchmark.group = "identity-customers"
    stream = links(CUSTOMERS)
    quick = peer in QUICK
    labels = benchmark.pedantic(
        PEERS[peer], stream, rounds=15 if quick else 3, warmup_rounds=2 if quick else 0
    )
    assert same_partition(checked(labels, stream.n), by_scipy(*stream))
    benchmark.extra_info["links"] = len(stream.a)


@pytest.mark.parametrize("rules", ["none", "the brand's"])
def test_identity_rules(benchmark: Any, rules: str) -> None:
    """Sightings in columns by type, as the brand sees them, and how well the persons are found."""
    benchmark.group = "identity-customers-rules"
    seen = sightings(CUSTOMERS)
    policy = seen.policy if rules == "the brand's" else IdentityPolicy(seen.policy.types)

    def observe() -> Any:
        graph = IdentityGraph(policy)
        found = graph.observe(seen.columns, types=seen.types, time=seen.time)
        return graph, found

    graph, found = benchmark.pedantic(observe, rounds=7, warmup_rounds=1)
    quality = score(graph.canonical(found), seen.person)
    benchmark.extra_info.update(
        sightings=len(seen.time), links=len(links(CUSTOMERS).a),
        precision=quality.pairwise_precision, recall=quality.pairwise_recall, **graph.counts,
    )  # fmt: skip
    assert len(np.unique(seen.person)) <= CUSTOMERS
    assert 0.5 < quality.pairwise_precision <= 1.0


@cache
def wanted() -> Answers:
    return answers(run_omnilab(cascades(CUSTOMERS).stream))


@pytest.mark.parametrize("peer", ["omnilab", "heapq"])
def test_cascade(benchmark: Any, peer: str) -> None:
    """The messages' whole lives: sends and final statuses in order of time."""
    benchmark.group = "cascade-customers"
    exported = cascades(CUSTOMERS)
    cpu_s: list[float] = []

    def timed() -> Any:
        begin = process_time()
        result = {"omnilab": run_omnilab, "heapq": run_heapq}[peer](exported.stream)
        cpu_s.append(process_time() - begin)
        return result

    with (
        patch.object(cascade_peers, "PLANS", exported.plans),
        patch.object(cascade_peers, "POLICY", exported.policy),
    ):
        want = wanted()  # compiles, too
        gc.collect()
        gc.disable()  # as in `test_cascade.py`
        try:
            result = benchmark.pedantic(timed, rounds=7 if peer == "omnilab" else 1, iterations=1)
        finally:
            gc.enable()
        got = answers(result)
    assert got == want
    benchmark.extra_info["decisions"] = got.decisions
    benchmark.extra_info["cpu_s"] = median(cpu_s)
    benchmark.extra_info["counters"] = {
        "decisions": got.decisions, "starts": len(exported.stream.starts["at"]),
        "sends": len(got.sends), "finals": len(got.finals),
    }  # fmt: skip
