"""The files of a run directory: manifest, scenario, result and tables."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab import __version__
from omnilab.experiment.result import result_text
from omnilab.experiment.tables import TABLES, table_rows, write_rows
from omnilab.runs.directories import (
    MANIFEST,
    PAGE,
    RESULT,
    RUN_FORMAT,
    SCENARIO,
    RunOptions,
    digest_of,
    run_digest,
    source_digest,
)

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["machine", "tables_of", "write_run"]


def write_run(
    folder: Path,
    comparison: Comparison,
    result: Mapping[str, Any],
    *,
    command: str,
    scenario: Scenario,
    options: RunOptions,
    strategies: Mapping[str, LoadedStrategy],
    status_quo: LoadedStrategy,
    started: datetime,
    about: Mapping[str, Any],
    report: Callable[[Path], str],
) -> None:
    """Fill a run directory.

    Parameters
    ----------
    folder
        A directory that is empty but for the log and its streams.
    comparison, result
        What was found, and the same as plain data.
    command
        ``compare`` or ``run``.
    scenario
        As its file has it, before ``--customers``.
    options
        Those of the command.
    strategies
        All that were asked for, those that failed too, by how the user named them.
    status_quo
        The strategy of the burn-in.
    started
        When the command began, with a zone.
    about
        What the report says of the run beside its tables, as plain data.
    report
        Makes the report, an HTML page without times, of the directory in which the tables are.
    """
    from omnilab.scenario import scenario_to_yaml

    (folder / SCENARIO).write_text(scenario_to_yaml(scenario), encoding="utf-8")
    (folder / RESULT).write_text(result_text(result), encoding="utf-8")
    for name, rows in tables_of(comparison, strategies, options.against).items():
        write_rows(folder / f"{name}.parquet", rows, TABLES[name])
    (folder / PAGE).write_text(report(folder), encoding="utf-8")
    taking_part = [*strategies.values(), status_quo]
    runs = {run.name: run for run in comparison.strategies}
    manifest = {
        "format": RUN_FORMAT,
        "omnilab": __version__,
        "command": command,
        "status": "partial" if comparison.failures else "done",
        "digest": run_digest(result["scenario"]["digest"], options, taking_part),
        "scenario": result["scenario"],
        "options": vars(options),
        "replications": comparison.replications,
        "engine": comparison.engine,
        "engine_note": comparison.engine_note,
        "strategies": [
            {
                "name": loaded.name,
                "load": _how_to_load(name),
                "source": source_digest(loaded),
                "log_digest": runs[loaded.name].log_digest,
                "events": runs[loaded.name].events,
                "note": runs[loaded.name].note,
                "wiring": _wiring(result, loaded.name),
            }
            for name, loaded in sorted(strategies.items(), key=lambda pair: pair[1].name)
            if loaded.name in runs
        ],
        "status_quo": {"name": status_quo.name, "source": source_digest(status_quo)},
        "failures": {name: str(comparison.failures[name]) for name in sorted(comparison.failures)},
        "about": dict(about),
        "files": {path.name: digest_of(path) for path in sorted(folder.iterdir())},
        "machine": machine(),
        "times": {
            "started": started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "elapsed_s": result["elapsed_s"],
        },
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def _wiring(result: Mapping[str, Any], strategy: str) -> Any:
    """Return the silo map that the result says a strategy ran on."""
    return next(s["wiring"] for s in result["strategies"] if s["name"] == strategy)


def _how_to_load(name: str) -> str:
    """Return a strategy's name so that it loads from any folder: a file gets its whole path."""
    name = name.strip()
    in_a_file = re.fullmatch(r"(.+\.(?:py(?=:)|ya?ml(?=@|$)))(.*)", name, re.DOTALL)
    return f"{Path(in_a_file[1]).absolute()}{in_a_file[2]}" if in_a_file else name


def tables_of(
    comparison: Comparison, strategies: Mapping[str, LoadedStrategy], against: str | None
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a run's tables, by the names of their files.

    Parameters
    ----------
    comparison
        What was found.
    strategies
        All that were asked for.
    against
        The strategy that differences are taken against; None for the usual one.
    """
    journeys = {s.name: [j.name for j in s.plan.journeys] for s in strategies.values()}
    return table_rows(comparison, journeys, against)


def machine() -> dict[str, Any]:
    """Return what the run was made with: Python, the system and the packages that compute."""
    packages = ("numpy", "numba", "scipy", "simpy", "pyarrow")
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "processor": platform.machine(),
        "cpus": os.cpu_count(),
        "packages": {name: metadata.version(name) for name in packages},
    }
