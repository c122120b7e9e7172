"""``omnilab verify``: run a run directory again and compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.options import ENGINES, load_strategies, progress_bar, quiet_option

if TYPE_CHECKING:
    from omnilab.brand.loading import LoadedStrategy
    from omnilab.experiment.runs import Run
    from omnilab.scenario.model import Scenario

__all__ = ["verify"]

CHECK_FAILED = 1


@click.command()
@click.argument("run", type=click.Path())
@click.option("--engine", type=ENGINES, help="Another engine than the run's; the log is the same.")
@quiet_option
@click.pass_context
def verify(context: click.Context, run: str, engine: str | None, quiet: bool) -> None:
    """Run RUN, a run directory, again and compare its digests: exit code 0 if equal, else 1.

    Looks at the files' digests, the scenario's, those of plug-in sources and of each event log,
    and at every number in result.json.
    """
    from pathlib import Path

    from omnilab import __version__
    from omnilab.experiment.runs import read_run

    kept = read_run(Path(run))
    faults = _changed_files(kept)
    sized = kept.scenario.with_customers(kept.options.customers)
    strategies = load_strategies(tuple(kept.strategies.values()), sized)
    faults += _changed_sources(kept, strategies)
    faults += _run_again(kept, sized, strategies, engine, quiet)
    if faults and kept.manifest.get("omnilab") != __version__:
        faults.append(f"made by omnilab {kept.manifest.get('omnilab')}, this is {__version__}")
    for fault in faults:
        click.secho("".join(c if c.isprintable() else " " for c in fault), fg="red", err=True)
    if faults:
        context.exit(CHECK_FAILED)
    if not quiet:
        for strategy in kept.manifest["strategies"]:
            events = f"{strategy['events']:,} events"
            click.echo(f"{strategy['name']}: equal, {events}, log {strategy['log_digest']}")


def _changed_files(kept: Run) -> list[str]:
    """Return what is no longer as it was written."""
    from omnilab.experiment.runs import file_digest
    from omnilab.scenario import scenario_digest

    faults = []
    for name, digest in kept.manifest.get("files", {}).items():
        path = kept.path / name
        if not path.is_file():
            faults.append(f"{name}: missing")
        elif file_digest(path) != digest:
            faults.append(f"{name}: changed since it was written")
    if scenario_digest(kept.scenario) != kept.manifest["scenario"]["digest"]:
        faults.append("the scenario is not the one that was run")
    return faults


def _changed_sources(kept: Run, strategies: dict[str, LoadedStrategy]) -> list[str]:
    from omnilab.experiment.runs import source_digest

    return [
        f"{s['name']}: its source has changed since the run"
        for s in kept.manifest["strategies"]
        if source_digest(strategies[s["load"]]) != s["source"]
    ]


def _run_again(
    kept: Run,
    sized: Scenario,
    strategies: dict[str, LoadedStrategy],
    engine: str | None,
    quiet: bool,
) -> list[str]:
    """Simulate as the run did, and return where the results are not equal."""
    from omnilab.experiment.compare import compare
    from omnilab.experiment.result import read_result, result_faults, result_of
    from omnilab.experiment.runs import RESULT

    options = kept.options
    with progress_bar(quiet=quiet) as show:
        again = compare(
            sized,
            list(strategies.values()),
            replications=options.replications,
            seed=options.seed,
            engine=engine or options.engine,
            progress=show,
        )
    faults = [str(failure) for failure in again.failures.values()]
    now = {run.name: run for run in again.strategies}
    for s in kept.manifest["strategies"]:
        if s["name"] in now and now[s["name"]].log_digest != s["log_digest"]:
            digest = now[s["name"]].log_digest
            faults.append(f"{s['name']}: the log differs: {s['log_digest']} kept, {digest} now")
    result: dict[str, Any] = result_of(again, digest=kept.manifest["scenario"]["digest"])
    before = read_result(kept.path / RESULT)
    result["engine"] = before["engine"]  # engines agree, and `auto` may choose another here
    return faults + result_faults(before, result)
