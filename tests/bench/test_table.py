"""The table that `make bench` ends with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bench import conftest


def bench(suite: str, name: str, median: float, **info: Any) -> SimpleNamespace:
    """Return what the table needs of a benchmark that ran."""
    return SimpleNamespace(
        group=suite, name=f"test_it[{name}]", params={"peer": name}, extra_info=info,
        stats=SimpleNamespace(median=median), has_error=False,
    )  # fmt: skip


def table(*benchmarks: SimpleNamespace) -> list[str]:
    """Return the lines printed."""
    lines: list[str] = []
    reporter = SimpleNamespace(section=lines.append, write_line=lines.append)
    session = SimpleNamespace(benchmarks=list(benchmarks))
    conftest.pytest_terminal_summary(reporter, SimpleNamespace(_benchmarksession=session))
    return lines


def test_peers_are_measured_by_omnilab_in_their_own_units() -> None:
    lines = table(
        bench("moves", "mesa", 2.0, customer_events=1_000),
        bench("links", "scipy", 0.5),
        bench("moves", "omnilab", 0.5, customer_events=2_000),
    )
    rows = [line.split() for line in lines[3:-1]]
    assert rows == [
        ["moves", "mesa", "2", "s", "2", "ms", "customer-event", "8.00"],
        ["omnilab", "500", "ms", "250", "us", "customer-event", "1.00"],
        ["links", "scipy", "500", "ms", "-", "-"],
    ]


def test_without_a_benchmark_there_is_no_table() -> None:
    failed = bench("moves", "mesa", 1.0)
    failed.has_error = True
    assert table(failed) == []
    lines: list[str] = []
    conftest.pytest_terminal_summary(SimpleNamespace(section=lines.append), SimpleNamespace())
    assert lines == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(94.71, "94.7 s"), (0.25, "250 ms"), (0.0009994, "999 us"), (3.4e-8, "34 ns")],
)
def test_times_have_three_digits(seconds: float, text: str) -> None:
    assert conftest._time(seconds) == text


def test_versions_stand_beside_the_machine() -> None:
    info: dict[str, Any] = {}
    conftest.pytest_benchmark_update_machine_info(info)
    assert {"omnilab", "numba", "numpy", "simpy"} <= set(info["versions"])
