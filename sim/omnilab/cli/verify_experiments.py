"""Run an ablation, or points of a sweep, again and compare them with what their directory keeps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from omnilab.cli.console import progress_bar
from omnilab.cli.differences import grouped, version_faults

if TYPE_CHECKING:
    from pathlib import Path

    from omnilab.experiment.sweep import Planned
    from omnilab.experiment.sweep.running import Outcome

__all__ = ["ablation_again", "sweep_again"]

Found = tuple[list[str], list[str]]


def ablation_again(
    folder: Path, manifest: dict[str, Any], engine: str | None, *, quiet: bool
) -> Found:
    """Run an ablation again; return where it is not equal, and what to say if it is.

    Raises
    ------
    OmnilabError
        If the directory is incomplete, or the strategy can't be loaded here.
    """
    from omnilab._arguments import cores
    from omnilab.errors import DataError
    from omnilab.experiment.ablation import ablate, design, measures_of
    from omnilab.experiment.ablation_tables import ablation_of
    from omnilab.experiment.result import result_faults, result_text
    from omnilab.experiment.switches import parse_switches
    from omnilab.runs.ablations import AblationOptions
    from omnilab.runs.directories import MANIFEST, RESULT, SCENARIO, changed_files
    from omnilab.scenario import load_scenario, scenario_digest
    from omnilab.strategy.loading import load_strategy

    try:
        options = AblationOptions(**manifest["options"])
        load, digest = str(manifest["load"]), manifest["scenario"]["digest"]
        before = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    except (KeyError, OSError, TypeError, ValueError) as error:
        raise DataError(f"is incomplete: {error}", file=folder / MANIFEST) from None
    faults = changed_files(folder, manifest)
    scenario = load_scenario(folder / SCENARIO)
    if scenario_digest(scenario) != digest:
        faults.append("the scenario is not the one that was run")
    designed = design(
        scenario.with_customers(options.customers), lambda world: load_strategy(load, world),
        parse_switches(options.over), most=options.most_combinations, seed=options.seed,
    )  # fmt: skip
    with progress_bar(quiet=quiet) as show:
        again = ablate(
            designed, measures_of(options.measures), replications=options.replications,
            seed=options.seed, engine=engine or options.engine, threads=cores(), progress=show,
        )  # fmt: skip
    now = json.loads(result_text(ablation_of(again, digest=digest)))
    now["engine"] = before["engine"]  # engines agree, and `auto` may choose another here
    faults += grouped(result_faults(before, now))
    said = [f"{len(now['combinations'])} combinations: equal"]
    return (version_faults(manifest) + faults if faults else []), said


def sweep_again(
    folder: Path, manifest: dict[str, Any], engine: str | None, points: int | None, *, quiet: bool
) -> Found:
    """Run a sweep's points again; return where they are not equal, and what to say if they are.

    Parameters
    ----------
    folder, manifest
        The directory.
    engine
        Another than the sweep's, or None.
    points
        How many of them, from end to end; None for all.

    Raises
    ------
    OmnilabError
        If the directory is incomplete, or a strategy can't be loaded here.
    """
    from dataclasses import replace

    from omnilab._arguments import cores
    from omnilab.experiment.sweep import Store, run_sweep
    from omnilab.experiment.sweep.planned import grouped as groups_of
    from omnilab.runs.directories import changed_files
    from omnilab.runs.sweeps import plan_again

    faults = changed_files(folder, manifest)
    planned = plan_again(folder, manifest, threads=cores())
    if planned.digest != manifest["digest"]:
        faults.append("the points, the scenario or a strategy's source are not those that were run")
    before = Store(folder, manifest["digest"]).load()
    chosen = _spread(planned, points)
    part = replace(
        planned, points=chosen, groups=groups_of(chosen, planned.settings),
        settings=replace(planned.settings, engine=engine or planned.settings.engine),
    )  # fmt: skip
    with progress_bar(quiet=quiet) as show:
        again = run_sweep(part, None, show)
    for (point, seed), outcome in again.outcomes.items():
        kept = before.get((point, seed))
        where = f"point {point}, seed {seed}"
        faults += [f"{where}: missing"] if kept is None else _differ(where, kept, outcome)
    n, seeds = len(chosen), len(planned.settings.seeds)
    said = [f"{n} of {len(planned.points)} points, {seeds} seed{'s' if seeds > 1 else ''}: equal"]
    return (version_faults(manifest) + faults if faults else []), said


def _spread(planned: Planned, points: int | None) -> tuple[Any, ...]:
    """Return some points from end to end, or all."""
    every = planned.points
    if points is None or points >= len(every):
        return every
    last = max(points - 1, 1)
    return tuple(every[k * (len(every) - 1) // last] for k in range(points))


def _differ(where: str, kept: Outcome, now: Outcome) -> list[str]:
    faults = []
    digests = {run.name: run.log_digest for run in now.strategies}
    for run in kept.strategies:
        found = digests.get(run.name)
        if found != run.log_digest:
            logs = f"{run.log_digest} kept, {found} now"
            faults.append(f"{where}, {run.name}: the log differs: {logs}")
    if not faults and (kept.moments != now.moments or kept.failures != now.failures):
        faults.append(f"{where}: the sums differ")
    return faults
