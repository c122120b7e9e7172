"""Say in a few lines what differs between a run and the same run again, causes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from omnilab.runs.directories import Run
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["MOST_LINES", "first_row", "grouped", "in_few_lines", "version_faults"]

MOST_LINES: Final = 10


def in_few_lines(faults: Sequence[str]) -> list[str]:
    """Return at most `MOST_LINES` lines; the last says how many are left out."""
    if len(faults) <= MOST_LINES:
        return list(faults)
    shown = list(faults[: MOST_LINES - 1])
    return [*shown, f"and {len(faults) - len(shown)} more findings of these kinds"]


def version_faults(manifest: Mapping[str, Any]) -> list[str]:
    """Return which versions the run was made with, where they are others now."""
    from omnilab import __version__
    from omnilab.runs.files import machine

    pairs = [("omnilab", manifest.get("omnilab"), __version__)]
    then: Mapping[str, Any] = manifest.get("machine") or {}
    now = machine()
    pairs.append(("Python", then.get("python"), now["python"]))
    packages = then.get("packages") or {}
    pairs += [(name, packages.get(name), version) for name, version in now["packages"].items()]
    others = [(name, a, b) for name, a, b in pairs if a is not None and a != b]
    if not others:
        return []
    made = ", ".join(f"{name} {a}" for name, a, _ in others)
    this = ", ".join(f"{name} {b}" for name, _, b in others)
    return [f"made by {made}, this is {this}"]


def grouped(faults: Sequence[str]) -> list[str]:
    """Return a line for each part of a result that differs: its first number and how many more.

    Parameters
    ----------
    faults
        Those of `result_faults`, such as ``strategies.mine.measures.ltv.value: 1 kept, 2 now``.
    """
    several = {fault.split(".")[1] for fault in faults if fault.startswith("strategies.")}
    parts: dict[str, list[str]] = {}
    for fault in faults:
        words = fault.partition(":")[0].split(".")
        apart = words[0] == "strategies" and len(several) <= MOST_LINES // 2
        parts.setdefault(".".join(words[: 2 if apart else 1]), []).append(fault)
    return [_part(part, found) for part, found in parts.items()]


def _part(part: str, found: Sequence[str]) -> str:
    """Return one line for a part of a result: its LTV if that differs, and how many more do."""
    shown = next((fault for fault in found if ".ltv.value: " in fault), found[0])
    return shown if len(found) == 1 else f"{shown}; and {len(found) - 1} more numbers of {part}"


def first_row(kept: Run, scenario: Scenario, strategy: LoadedStrategy, engine: str) -> str | None:
    """Return the first row in which the log of a run with ``--events`` differs from the log now.

    Parameters
    ----------
    kept, scenario, strategy, engine
        The run, its scenario with the run's customers, its one strategy, and the engine to use.
    """
    import tempfile

    from omnilab.experiment.compare import compare
    from omnilab.export.recorder import RunRecorder

    before = kept.path / "events.parquet"
    if not before.is_file():
        return None
    with tempfile.TemporaryDirectory() as folder:
        recorder = RunRecorder(Path(folder), scenario, strategy)
        compare(scenario, [strategy], seed=kept.options.seed, engine=engine, recorder=recorder)
        recorder.finish()
        return _first_difference(before, Path(folder) / "events.parquet")


def _first_difference(before: Path, after: Path) -> str | None:
    """Return the first row of two logs that differs, in words."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        tables = [pq.ParquetFile(path) for path in (before, after)]
    except (pa.ArrowException, OSError):
        return None
    if tables[0].schema_arrow.names != tables[1].schema_arrow.names:
        return "the kept log has other columns"
    at = 0
    for a, b in zip(*(table.iter_batches(1 << 16) for table in tables), strict=False):
        if a.equals(b):
            at += a.num_rows
            continue
        for row, (x, y) in enumerate(zip(a.to_pylist(), b.to_pylist(), strict=False)):
            if x != y:
                return f"first in row {at + row}: {_words(x)} kept, {_words(y)} now"
        at += min(a.num_rows, b.num_rows)
    rows = [table.metadata.num_rows for table in tables]
    return None if rows[0] == rows[1] else f"{rows[0]:,} rows kept, {rows[1]:,} now"


def _words(row: Mapping[str, Any]) -> str:
    time = int(row["time_s"])
    return f"day {time // 86400} customer {row['person']} {row['kind']}"
