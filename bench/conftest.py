"""One table at the end of a run of benchmarks, and the versions of what was measured.

A benchmark says what it did in ``extra_info``: `UNITS` names the keys whose number divides the
time. In each suite (pytest-benchmark's group) omnilab's own row is the measure of the others: a
peer's ratio is its time for a unit over omnilab's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import metadata
from itertools import groupby
from typing import Any

import pytest

#: Keys of ``extra_info`` that count what was done, and what one of it is called.
UNITS = {
    "rows": "row",
    "customer_events": "customer-event",
    "decisions": "decision",
    "links": "link",
}
OURS = ("omnilab", "compiled")
PACKAGES = (
    "omnilab", "numba", "llvmlite", "numpy", "scipy", "pyarrow", "pandas", "simpy", "mesa",
    "agentpy", "polars", "igraph", "rustworkx", "networkx",
)  # fmt: skip
HEADER = ("suite", "name", "median", "a unit", "unit", "times ours")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Leave the reporting to the table below; ``--benchmark-verbose`` brings it back."""
    if hasattr(config.option, "benchmark_quiet"):
        config.option.benchmark_quiet = True


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Put the versions of omnilab, what it stands on and its peers beside the machine."""
    machine_info["versions"] = dict(_versions())


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table."""
    session = getattr(config, "_benchmarksession", None)
    done = [b for b in getattr(session, "benchmarks", ()) if b and not b.has_error]
    if not done:
        return
    table = [HEADER]
    # Suites stay in the order in which they ran, their rows too.
    order = {group: n for n, group in reversed(list(enumerate(_suite(b) for b in done)))}
    done.sort(key=lambda b: order[_suite(b)])
    for suite, rows in groupby(done, key=_suite):
        table += _lines(suite, list(rows))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    terminalreporter.section("speed")
    for number, line in enumerate(table):
        terminalreporter.write_line(_aligned(line, widths))
        if number == 0:
            terminalreporter.write_line("  ".join("-" * width for width in widths))
    terminalreporter.write_line("times ours: a unit's time over omnilab's in the same suite")


def _lines(suite: str, rows: Sequence[Any]) -> Iterator[tuple[str, ...]]:
    """Yield the table's lines of one suite; its name stands in the first."""
    ours = next((_per_unit(b)[0] for b in rows if _name(b) in OURS), None)
    for number, bench in enumerate(rows):
        per_unit, unit = _per_unit(bench)
        ratio = f"{per_unit / ours:.2f}" if ours else "-"
        yield (
            suite if number == 0 else "", _name(bench), _time(bench.stats.median),
            _time(per_unit) if unit else "-", unit, ratio,
        )  # fmt: skip


def _suite(bench: Any) -> str:
    return bench.group or bench.fullname.partition("::")[0]


def _name(bench: Any) -> str:
    """Return the peer where the benchmark has one, else its own name."""
    peer = (bench.params or {}).get("peer")
    return str(peer) if peer is not None else bench.name


def _per_unit(bench: Any) -> tuple[float, str]:
    """Return the median time of one unit in seconds, and the unit, or of all and nothing."""
    for key, unit in UNITS.items():
        if bench.extra_info.get(key):
            return bench.stats.median / bench.extra_info[key], unit
    return bench.stats.median, ""


def _time(seconds: float) -> str:
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "us")):
        if seconds * factor >= 1.0:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    """Return a line with texts to the left and numbers to the right."""
    left = (0, 1, 4)
    cells = [
        cell.ljust(width) if i in left else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _versions() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
