"""Print one table of what pytest-benchmark wrote: ``python -m bench.summary FILE``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

__all__ = ["main", "rows"]

#: The one that the others of a group are compared with, where it is there.
OURS = "omnilab"


def main(argv: list[str]) -> int:
    """Print the table of a file of results; 2 where there is none."""
    try:
        results = json.loads(Path(argv[0]).read_text(encoding="utf-8"))
    except (IndexError, OSError, ValueError) as error:
        print(f"error: no results of pytest-benchmark: {error}", file=sys.stderr)
        return 2
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(("group", "benchmark", "median", "rounds", "times ours")):
        table.add_column(heading, justify="right" if number > 1 else "left")
    for row in rows(results["benchmarks"]):
        table.add_row(*row, style="bold" if row[1] == OURS else "")
    console = Console()
    (console if console.is_terminal else Console(width=120)).print(table)
    return 0


def rows(benchmarks: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str, str, str]]:
    """Return the table's rows, group by group, fastest first; a group's name only once."""
    found = []
    ordered = sorted(benchmarks, key=lambda b: (str(b["group"]), b["stats"]["median"]))
    for group, members in groupby(ordered, key=lambda b: b["group"]):
        block = list(members)
        ours = [b["stats"]["median"] for b in block if _name(b) == OURS]
        for number, b in enumerate(block):
            ratio = f"{b['stats']['median'] / ours[0]:,.2f}" if ours else ""
            found.append(
                (
                    str(group or "") if not number else "",
                    _name(b),
                    _time(b["stats"]["median"]),
                    str(b["stats"]["rounds"]),
                    ratio,
                )
            )
    return found


def _name(benchmark: Mapping[str, Any]) -> str:
    """Return the peer's name, or whatever else tells it from the rest of its group."""
    params = benchmark.get("params") or {}
    for key in ("peer", "name"):
        if key in params:
            return str(params[key])
    return str(benchmark["name"])


def _time(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:,.2f} {unit}"
    return f"{seconds * 1e9:,.0f} ns"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
