"""A plug-in of pytest that says which files' tests took most CPU: `make test` ends with it.

Time on the clock hangs on what else the machine does; CPU hardly does. Children that were waited
for are counted too: command lines, kernels that were compiled elsewhere. What a file's first test
compiles or loads is the file's.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Iterable
from typing import Any

import pytest

_CPU = "cpu_s"
_BEGAN = pytest.StashKey[float]()
MOST = 40


def cpu_s() -> float:
    """Return the seconds of CPU that this process and its ended children have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note when a test begins, with what its fixtures need."""
    item.stash[_BEGAN] = cpu_s()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Put what a test took into its last report, which workers send to the main process."""
    try:
        return (yield)
    finally:
        item.user_properties.append((_CPU, cpu_s() - item.stash[_BEGAN]))


def by_file(reports: Iterable[Any]) -> Counter[str]:
    """Return the seconds of each file."""
    found: Counter[str] = Counter()
    for report in reports:
        if getattr(report, "when", "") == "teardown":
            file = report.nodeid.split("::")[0]
            found[file] += sum(value for name, value in report.user_properties if name == _CPU)
    return found


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say the sum, and the files that took most."""
    files = by_file(report for kind in terminalreporter.stats.values() for report in kind)
    terminalreporter.section("CPU of tests")
    terminalreporter.write_line(f"{sum(files.values()):8.1f} s in all")
    for file, seconds in files.most_common(MOST):
        terminalreporter.write_line(f"{seconds:8.1f} s {file}")
