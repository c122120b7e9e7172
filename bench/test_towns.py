"""Suite `towns`: boots-v2 with every room on (bench/boots_all_on.yaml), beside mapples-coffee-v1.

One core, omnichannel. The unit is a row of the event log. Towns of 100 to 10,000 people show what
it costs that more people share things. Two threads are timed by the clock, the others in processor
time. A million customers take minutes: ``make bench ARGS="-m long -k towns"``.
"""

from __future__ import annotations

import resource
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import pytest

pytest.importorskip("pytest_benchmark")

from bench.simulate import Case, prepare
from omnilab.experiment.compare import compare
from omnilab.strategy.loading import load_strategy

ALL_ON = Path(__file__).with_name("boots_all_on.yaml")
CUSTOMERS = 10_000

#: Rows of a processor second of what ran before in this session.
per_s: dict[str, float] = {}


@pytest.fixture(scope="module")
def town() -> Case:
    """Return the scenario with its kernels compiled."""
    return prepare(ALL_ON, "omnichannel", CUSTOMERS)


def of_people(case: Case, people: int) -> Case:
    """Return the case with towns of so many people."""
    return case._replace(scenario=case.scenario.changed({"population": {"town": people}}))


def test_coffee(benchmark: Any) -> None:
    case = prepare("mapples-coffee-v1", "omnichannel", CUSTOMERS)
    measure(benchmark, case, "coffee")


@pytest.mark.parametrize("people", [100, 1_000, 10_000])
def test_town(benchmark: Any, town: Case, people: int) -> None:
    measure(benchmark, of_people(town, people), f"town of {people:,}")
    if people == 1_000 and "coffee" in per_s:
        benchmark.extra_info["of_coffee"] = per_s["town of 1,000"] / per_s["coffee"]


@pytest.mark.parametrize("threads", [2])
def test_threads(benchmark: Any, town: Case, threads: int) -> None:
    benchmark.group = "towns"
    took = {}
    for n in (1, threads):
        loaded = load_strategy(town.strategy, town.scenario)
        started = perf_counter()
        compare(town.of_size(4 * CUSTOMERS).scenario, [loaded], engine="compiled", threads=n)
        took[n] = perf_counter() - started
    benchmark.extra_info["times_as_fast"] = took[1] / took[threads]
    benchmark.pedantic(lambda: None, rounds=1)


@pytest.mark.long
@pytest.mark.parametrize("customers", [1_000_000])
def test_a_million(benchmark: Any, town: Case, customers: int) -> None:
    measure(benchmark, town.of_size(customers), "a million")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    benchmark.extra_info["peak_mb"] = most


def measure(benchmark: Any, case: Case, name: str) -> None:
    """Time a run in processor time, and note its rows a second."""
    benchmark.group = "towns"
    taken: list[float] = []

    def run() -> Any:
        started = process_time()
        result = case.run("compiled")
        taken.append(process_time() - started)
        return result

    result = benchmark.pedantic(run, rounds=3)
    (one,) = result.strategies
    per_s[name] = one.events / min(taken)
    benchmark.extra_info |= {"rows": one.events, "rows_per_cpu_s": per_s[name]}
