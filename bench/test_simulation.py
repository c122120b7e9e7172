"""Suites `simulation-1k` to `simulation-1M`: mapples-coffee-v1 under omnichannel, both engines.

Timed is all that a user waits for, from the loaded scenario to measures: calibration, burn-in and
the measured year, on one core. The unit is a row of the event log. Plain SimPy runs beside it on
the minimal model of `bench.peers`, in customer-events, as the yardstick of what a general
framework does on this machine. A million customers take minutes: ``make bench ARGS="-m long"``.
"""

from __future__ import annotations

from statistics import median
from time import process_time
from typing import Any

import pytest

pytest.importorskip("pytest_benchmark")

from bench.peers import by_simpy
from bench.peers.model import check_counts
from bench.simulate import Case, prepare
from omnilab.experiment.comparison import Comparison
from omnilab.log.rows import KIND_NAMES

#: Rows of the log by customers, seed 1. A change of the model moves them: see that it is meant,
#: then write them anew.
ROWS = {1_000: 866_648, 10_000: 8_715_296, 100_000: 87_482_112, 1_000_000: 872_724_055}
SUITES = {
    1_000: "simulation-1k",
    10_000: "simulation-10k",
    100_000: "simulation-100k",
    1_000_000: "simulation-1M",
}
ROUNDS = {("compiled", 1_000): 5, ("compiled", 10_000): 3}

#: Units a second of what ran before in this session, for the ratios of what runs after.
per_s: dict[str, float] = {}


@pytest.fixture(scope="module")
def case() -> Case:
    """Return the scenario with its kernels compiled."""
    return prepare("mapples-coffee-v1", "omnichannel", 1_000)


@pytest.mark.parametrize("peer", ["simpy, minimal model"])
def test_plain_simpy(benchmark: Any, peer: str) -> None:
    benchmark.group = SUITES[10_000]
    counts = benchmark.pedantic(by_simpy.run, (10_000, 1), rounds=1)
    check_counts(counts, 10_000)
    benchmark.extra_info["customer_events"] = counts.events
    note_speed(benchmark, "plain_simpy", counts.events)


@pytest.mark.parametrize("customers", [1_000, 10_000])
@pytest.mark.parametrize("peer", ["simpy engine"])
def test_simpy_engine(benchmark: Any, case: Case, peer: str, customers: int) -> None:
    measure(benchmark, case.of_size(customers), "simpy")


@pytest.mark.parametrize(
    "customers", [1_000, 10_000, 100_000, pytest.param(1_000_000, marks=pytest.mark.long)]
)
@pytest.mark.parametrize("peer", ["compiled"])
def test_compiled_engine(benchmark: Any, case: Case, peer: str, customers: int) -> None:
    sized = case.of_size(customers)
    result = measure(benchmark, sized, "compiled")
    if customers == 1_000:
        kept = {e: sized.run(e, keep_events=True) for e in ("compiled", "simpy")}
        for other in kept.values():
            assert other.strategies == result.strategies
            # Counted anew: the rows themselves, not the number that the run says of them.
            assert sum(map(len, other.events[case.strategy])) == ROWS[customers]


def measure(benchmark: Any, case: Case, engine: str) -> Comparison:
    """Time a run and check its log's length; return the result."""
    customers = case.scenario.population.customers
    benchmark.group = SUITES[customers]
    cpu_s: list[float] = []

    def timed() -> Comparison:
        begin = process_time()
        result = case.run(engine)
        cpu_s.append(process_time() - begin)
        return result

    result = benchmark.pedantic(timed, rounds=ROUNDS.get((engine, customers), 1))
    (run,) = result.strategies
    assert run.events == ROWS[customers]
    sums = result.moments.sums(case.strategy)
    in_window = {name: sums[f"n_{name}"] for name in KIND_NAMES.values()}
    assert 0 < sum(in_window.values()) < run.events  # the rest is of burn-in and run-out
    assert sums["persons"] == customers
    benchmark.extra_info |= {
        "rows": run.events,
        "log_digest": run.log_digest,
        # Beside the wall clock, since shared cores slow short runs and long ones differently.
        "cpu_s": median(cpu_s),
    }
    note_speed(benchmark, f"{engine}_engine", run.events)
    return result


def note_speed(benchmark: Any, name: str, units: int) -> None:
    """Put units a second beside the time, and their ratio to what ran before."""
    if benchmark.stats is None:  # --benchmark-disable
        return
    speed = units / benchmark.stats.stats.median
    unit = "rows_per_s" if "rows" in benchmark.extra_info else "customer_events_per_s"
    benchmark.extra_info[unit] = speed
    for other in ("simpy_engine", "plain_simpy"):
        if other in per_s and other != name:
            benchmark.extra_info[f"times_{other}"] = speed / per_s[other]
    per_s[name] = speed
