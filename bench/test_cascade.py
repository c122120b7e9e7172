"""Suites `cascade-100k` and `cascade-1M`: full semantics, three ways, the same answers.

A *decision* is a start, a receipt, a signal, a timer that ran out or a release from quiet
hours; all three count the same number. Timed is the way from the same three tables to sends and
final statuses in order of time, with a new engine each round.
"""

from __future__ import annotations

import gc
from functools import cache
from statistics import median
from time import process_time
from typing import Any

import pytest

pytest.importorskip("pytest_benchmark")
pytest.importorskip("simpy")

from bench.cascade_peers import Answers, answers, run_heapq, run_omnilab, run_simpy
from bench.cascade_stream import Stream, make_stream

SIZES = {"cascade-100k": 100_000, "cascade-1M": 1_000_000}
WARM_UP = 5
# All of ours take about as long as a peer's, so that a shared core's busy moment decides nothing.
ROUNDS = {"cascade-100k": (99, 3), "cascade-1M": (7, 1)}


@cache
def stream_of(group: str) -> Stream:
    return make_stream(SIZES[group])


@cache
def wanted(group: str) -> Answers:
    return answers(run_omnilab(stream_of(group)))


RUNNERS = {"omnilab": run_omnilab, "heapq": run_heapq, "simpy": run_simpy}


@pytest.mark.parametrize("name", ["omnilab", "heapq", "simpy"])
@pytest.mark.parametrize("group", list(SIZES))
def test_cascade(benchmark: Any, group: str, name: str) -> None:
    benchmark.group, benchmark.name = group, name
    stream, want = stream_of(group), wanted(group)  # compiles, too
    rounds = ROUNDS[group][name != "omnilab"]
    cpu_s: list[float] = []
    if name == "omnilab" and benchmark.enabled:
        # A process's first batches get fresh memory from the system, page by page; a service that
        # takes in one after the other is past that.
        for _ in range(WARM_UP):
            run_omnilab(stream)

    def timed() -> Any:
        begin = process_time()
        result = RUNNERS[name](stream)
        cpu_s.append(process_time() - begin)
        return result

    gc.collect()
    gc.disable()  # the peers make millions of tuples and shall not pay for scanning them
    try:
        result = benchmark.pedantic(timed, rounds=rounds, iterations=1)
    finally:
        gc.enable()
    got = answers(result)
    assert got == want
    benchmark.extra_info["decisions"] = got.decisions
    # Beside the wall clock, since shared cores slow short runs and long ones differently.
    benchmark.extra_info["cpu_s"] = median(cpu_s)
    benchmark.extra_info["counters"] = {
        "decisions": got.decisions,
        "sends": len(got.sends),
        "finals": len(got.finals),
    }
    if benchmark.stats is not None:
        benchmark.extra_info["decisions_per_s"] = got.decisions / benchmark.stats.stats.median
