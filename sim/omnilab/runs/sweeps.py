"""Keep a sweep in a run directory: its points while it goes on, its tables when it is done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab import __version__
from omnilab.errors import DataError
from omnilab.experiment.checkpoint import Checkpoint
from omnilab.experiment.sweep import Planned, Settings, Store, Sweep, Vary, plan_sweep, run_sweep
from omnilab.experiment.sweep.planned import SWEEP_FORMAT
from omnilab.experiment.sweep.store import POINTS
from omnilab.experiment.sweep.tables import (
    POINTS as POINT_COLUMNS,
)
from omnilab.experiment.sweep.tables import (
    SWEEP,
    point_rows,
    sweep_data,
    sweep_rows,
    sweep_text,
)
from omnilab.experiment.sweep.vary import Given
from omnilab.experiment.tables import Column, write_rows
from omnilab.runs.directories import (
    MANIFEST,
    SCENARIO,
    add_page,
    default_target,
    file_digest,
    new_run,
)
from omnilab.runs.files import machine
from omnilab.scenario.load import load_scenario
from omnilab.scenario.write import scenario_to_yaml

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["DESIGN_FILE", "SWEEP_FILE", "keep_sweep", "plan_again", "sweep_target"]

SWEEP_FILE: Final = "sweep.json"
DESIGN_FILE: Final = "design.json"
DESIGN_FORMAT: Final = "omnilab-sweep-design-v1"
Table = tuple[Sequence[dict[str, Any]], Sequence[Column]]
#: Further keys of sweep.json and further tables, made of a finished sweep.
Extra = Callable[[Sweep], tuple[Mapping[str, Any], Mapping[str, Table]]]


def sweep_target(planned: Planned) -> Path:
    """Return where a sweep goes that was not told where."""
    return default_target(next(iter(planned.scenarios.values())), planned.digest)


def keep_sweep(
    planned: Planned, target: Path, *, command: str, measures: Sequence[str],
    progress: Callable[[str, float], None] | None = None, extra: Extra | None = None,
    page: Callable[[Path], str] | None = None,
) -> tuple[Sweep, dict[str, Any]]:  # fmt: skip
    """Run a sweep and write its directory; what a killed one, or one of before, has is taken up.

    Parameters
    ----------
    planned
        Of `omnilab.experiment.sweep.plan_sweep`.
    target
        The directory; `check_target` has looked at it.
    command
        That is run.
    measures
        Those of the table.
    progress
        Called with what is being done and how much of it is, 0 to 1.
    extra
        Makes further keys of the result and further tables.
    page
        Makes the report of the directory; it is of one scenario.

    Returns
    -------
    sweep, data
        What was found, and the same as plain data, as ``sweep.json`` has it.

    Raises
    ------
    OmnilabError
        If no point has a result, or the directory can't be written; points that are done stay.
    """
    started = datetime.now(UTC)
    with new_run(target, planned.digest, keep=True) as folder:
        checkpoint = Checkpoint(folder, planned.digest, started=started)
        checkpoint.save([], {})
        store = Store(folder, planned.digest)
        store.adopt(target)
        sweep = run_sweep(planned, store, progress)
        keys, tables = extra(sweep) if extra is not None else ({}, {})
        data = sweep_data(sweep, measures, **keys)
        for name, scenario in _scenario_files(planned).items():
            (folder / name).write_text(scenario_to_yaml(scenario), encoding="utf-8")
        (folder / SWEEP_FILE).write_text(sweep_text(data), encoding="utf-8")
        (folder / DESIGN_FILE).write_text(_design_text(planned), encoding="utf-8")
        write_rows(folder / "sweep.parquet", sweep_rows(sweep, measures), SWEEP)
        write_rows(folder / "points.parquet", point_rows(sweep), POINT_COLUMNS)
        for name, (rows, columns) in tables.items():
            write_rows(folder / f"{name}.parquet", rows, columns)
        checkpoint.remove()
        manifest = _manifest(folder, sweep, data, command, checkpoint.started)
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        (folder / MANIFEST).write_text(text, encoding="utf-8")
        if page is not None and len(planned.scenarios) == 1:
            add_page(folder, page(folder))
    return sweep, data


def _design_text(planned: Planned) -> str:
    """Return what the points are made of, so that they can be made again."""
    varies = planned.varies
    data = {
        "format": DESIGN_FORMAT,
        "scenarios": list(planned.scenarios),
        "strategies": planned.maker.loads,
        "against": planned.settings.against,
        "varies": [{"path": v.path, "seconds": v.seconds} for v in varies],
        "points": [
            [[given.value, given.text] for given in (p.values[v.path] for v in varies)]
            for p in planned.points
        ],
    }
    return json.dumps(data, ensure_ascii=False) + "\n"


def plan_again(folder: Path, manifest: Mapping[str, Any], *, threads: int) -> Planned:
    """Return the sweep that a directory keeps, planned once more from its files.

    Parameters
    ----------
    folder, manifest
        The directory.
    threads
        To run with.

    Raises
    ------
    DataError
        If the directory does not say what its points are made of.
    OmnilabError
        If a strategy can't be loaded here.
    """
    path = folder / DESIGN_FILE
    try:
        design = json.loads(path.read_text(encoding="utf-8"))
        labels, varies = design["scenarios"], design["varies"]
        rows = [tuple(Given(*given) for given in row) for row in design["points"]]
        names, options = design["strategies"], manifest["options"]
        settings = Settings(
            seeds=tuple(options["seeds"]), replications=options["replications"],
            engine=options["engine"], threads=threads, design=options["design"],
            design_seed=options["design_seed"], against=design["against"],
            apart=options.get("apart", False), block=options.get("block", 1),
        )  # fmt: skip
    except OSError as error:
        raise DataError(f"can't be read: {error.strerror}", file=path) from None
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"is no design of a sweep: {error}", file=path) from None
    if names is not None and None in names:
        raise DataError(
            "a strategy was an object in Python: only what has a name is run again", file=path
        )
    files = [SCENARIO] if len(labels) == 1 else [f"scenario-{n}.yaml" for n in range(len(labels))]
    scenarios = {
        label: load_scenario(folder / name) for label, name in zip(labels, files, strict=True)
    }
    given = [
        Vary(v["path"], tuple({g.text: g for g in (row[n] for row in rows)}.values()),
             seconds=v["seconds"])
        for n, v in enumerate(varies)
    ]  # fmt: skip
    own = given[1:] if len(labels) > 1 else given  # several scenarios vary by themselves
    return plan_sweep(scenarios, own, names, settings, rows=rows)


def _scenario_files(planned: Planned) -> dict[str, Scenario]:
    """Return the scenarios, with the customers that were asked for, by the names of their files."""
    scenarios = list(planned.scenarios.values())
    if len(scenarios) == 1:
        return {SCENARIO: scenarios[0]}
    return {f"scenario-{number}.yaml": s for number, s in enumerate(scenarios)}


def _manifest(
    folder: Path, sweep: Sweep, data: Mapping[str, Any], command: str, started: datetime
) -> dict[str, Any]:
    planned = sweep.planned
    files = {p.name: file_digest(p) for p in sorted(folder.iterdir()) if p.is_file()}
    kept = [file_digest(path) for path in sorted((folder / POINTS).iterdir())]
    files[POINTS] = hashlib.sha256("".join(kept).encode()).hexdigest()
    first = data["scenarios"][0]
    return {
        "format": SWEEP_FORMAT,
        "omnilab": __version__,
        "command": command,
        "status": "partial" if sweep.failures else "done",
        "digest": planned.digest,
        "scenario": {"id": first["id"], "digest": first["digest"]},
        "options": {
            "seed": data["seeds"][0], "seeds": data["seeds"], "customers": data["customers"],
            "replications": data["replications"], "engine": planned.settings.engine,
            "design": data["design"], "design_seed": data["design_seed"],
            "vary": data["vary"],
            **({"apart": True} if planned.settings.apart else {}),
            **({"block": planned.settings.block} if planned.settings.block > 1 else {}),
        },
        "strategies": [
            {"name": s.name, "source": hashlib.sha256(s.source.encode()).hexdigest()}
            for s in planned.maker.strategies
        ],
        "files": files,
        "machine": machine(),
        "times": {
            "started": started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "elapsed_s": round(sweep.elapsed_s, 3),
        },
    }  # fmt: skip
