"""``omnilab verify``: run a run directory again, or a scenario's rates beside published ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.console import progress_bar
from omnilab.cli.course import load_strategies
from omnilab.cli.options import CUSTOMERS, ENGINES, SEED, hook_timeout_option, quiet_option
from omnilab.cli.places import MARKDOWN, RUN, PlacesCommand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnilab.experiment.plausible.standing import Standing
    from omnilab.runs.directories import Run
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["verify"]

CHECK_FAILED = 1


@click.command(cls=PlacesCommand)
@click.argument("run", metavar="RUN", type=RUN)
@click.option("--engine", type=ENGINES, help="Another engine than the run's; the log is the same.")
@click.option(
    "--points", type=click.IntRange(1), metavar="N",
    help="Of a sweep: run so many of its points again, from end to end; all by default.",
)  # fmt: skip
@click.option(
    "--rates", is_flag=True,
    help="RUN is a scenario: measure its message rates and show them beside published ones.",
)  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N", help="With --rates; the scenario's.")
@click.option("--seed", type=SEED, metavar="N", help="With --rates; 1 by default.")
@click.option("--page", type=MARKDOWN, metavar="FILE", help="With --rates: write Markdown.")
@hook_timeout_option
@quiet_option
@click.pass_context
def verify(
    context: click.Context,
    run: str,
    engine: str | None,
    points: int | None,
    rates: bool,
    customers: int | None,
    seed: int | None,
    page: str | None,
    quiet: bool,
) -> None:
    """Run RUN, a run directory, again and compare its digests: exit code 0 if equal, else 1.

    Looks at the files' digests, the scenario's, those of plug-in sources and of each event log,
    and at every number in result.json. RUN may also be the directory of an ablation, or of a sweep,
    of hangs or of scenarios side by side: then at the digests and sums of each point.

    With --rates RUN is a scenario's file or id. The base rates of its channels must come back at
    one message a week (exit code 1 if one does not); how opens fall with volume and what triggered
    messages get is shown beside the published numbers.
    """
    from omnilab.cli.verify_experiments import ablation_again, sweep_again
    from omnilab.errors import OptionError
    from omnilab.experiment.ablation_tables import ABLATION_FORMAT
    from omnilab.experiment.sweep.planned import SWEEP_FORMAT

    if rates:
        for name, given in (("--engine", engine), ("--points", points)):
            if given is not None:
                raise OptionError(f"{name} goes with a run directory, not with --rates")
        _verify_rates(context, run, customers, 1 if seed is None else seed, page, quiet)
        return
    for name, value in (("--customers", customers), ("--seed", seed), ("--page", page)):
        if value is not None:
            raise OptionError(f"{name} goes with --rates")
    from pathlib import Path

    from omnilab.runs.directories import read_manifest

    manifest = read_manifest(Path(run))
    kind = manifest.get("format") if isinstance(manifest, dict) else None
    if kind == SWEEP_FORMAT:
        faults, said = sweep_again(Path(run), manifest, engine, points, quiet=quiet)
        _tell(context, faults, said, quiet=quiet)
        return
    if points is not None:
        raise OptionError("--points: is about a sweep, which has points")
    if kind == ABLATION_FORMAT:
        faults, said = ablation_again(Path(run), manifest, engine, quiet=quiet)
        _tell(context, faults, said, quiet=quiet)
        return
    _verify_run(context, run, engine, quiet)


def _verify_rates(
    context: click.Context, name: str, customers: int | None, seed: int, page: str | None,
    quiet: bool,
) -> None:  # fmt: skip
    """Measure, show or write, and exit with 1 where a base rate did not come back."""
    from omnilab._files.writing import write_whole
    from omnilab.experiment.rates import measure_rates
    from omnilab.report import print_document
    from omnilab.report.rates import far_off, rates_document, rates_page
    from omnilab.scenario import load_scenario, scenario_digest

    scenario = load_scenario(name)
    sized = scenario if customers is None else scenario.with_customers(customers)
    with progress_bar(quiet=quiet) as show:
        measured = measure_rates(sized, seed=seed, progress=show)
    if page is not None:
        extra = f" --customers {customers}" if customers is not None else ""
        extra += f" --seed {seed}" if seed != 1 else ""
        command = f"omnilab verify --rates {name}{extra} --page {page}"
        write_whole(page, rates_page(measured, scenario_digest(scenario), command))
    if not quiet:
        print_document(rates_document(measured))
    if far_off(measured):
        context.exit(CHECK_FAILED)


def _verify_run(context: click.Context, run: str, engine: str | None, quiet: bool) -> None:
    from pathlib import Path

    from omnilab.cli.differences import version_faults
    from omnilab.runs.directories import read_run

    kept = read_run(Path(run))
    faults = _changed_files(kept)
    sized = kept.scenario.with_customers(kept.options.customers)
    strategies = load_strategies(tuple(kept.strategies.values()), sized)
    faults += _changed_sources(kept, strategies)
    faults += _run_again(kept, sized, strategies, engine, quiet)
    if faults:
        faults = version_faults(kept.manifest) + faults
    said = [
        f"{s['name']}: equal, {s['events']:,} events, log {s['log_digest']}"
        for s in kept.manifest["strategies"]
    ]
    _tell(context, faults, said, quiet=quiet)


def _tell(
    context: click.Context, faults: Sequence[str], said: Sequence[str], *, quiet: bool
) -> None:
    """Say what is not equal and exit with 1, or say what is."""
    from omnilab.cli.differences import in_few_lines

    for fault in in_few_lines(list(faults)):
        click.secho("".join(c if c.isprintable() else " " for c in fault), fg="red", err=True)
    if faults:
        context.exit(CHECK_FAILED)
    if not quiet:
        for line in said:
            click.echo(line)


def _changed_files(kept: Run) -> list[str]:
    """Return what is no longer as it was written."""
    from omnilab.runs.directories import changed_files
    from omnilab.scenario import scenario_digest

    faults = changed_files(kept.path, kept.manifest)
    if scenario_digest(kept.scenario) != kept.manifest["scenario"]["digest"]:
        faults.append("the scenario is not the one that was run")
    return faults


def _standing(before: Mapping[str, Any], kept: Run) -> Standing | None:
    """Return the small worlds that stood beside the run, None where there were none."""
    from omnilab.experiment.plausible.standing import Standing

    worlds = before["worlds"]
    if worlds is None:
        return None
    loads = [str(s["load"]) for s in kept.manifest["strategies"]]
    return Standing.again(worlds["moved"], loads, worlds["customers"])


def _changed_sources(kept: Run, strategies: dict[str, LoadedStrategy]) -> list[str]:
    from omnilab.runs.directories import source_digest

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
    from omnilab.cli.differences import first_row, grouped
    from omnilab.experiment.compare import compare
    from omnilab.experiment.equal_volume import equal_of
    from omnilab.experiment.repeat import not_repeatable
    from omnilab.experiment.result import read_result, result_faults, result_of
    from omnilab.experiment.tests_beside import tests_read
    from omnilab.experiment.until import Until
    from omnilab.runs.directories import RESULT

    options, loaded = kept.options, list(strategies.values())
    before = read_result(kept.path / RESULT)
    with progress_bar(quiet=quiet) as show:
        names = [s.name for s in loaded]
        equal = equal_of(options.equal_volume, names, sized, options.against, quick=options.quick)
        again = compare(
            sized,
            loaded,
            replications=options.replications,
            seed=options.seed,
            engine=engine or options.engine,
            progress=show,
            until=Until.of(
                options.until, options.customers, options.most_customers, options.replications
            ),
            against=options.against,
            equal=equal,
            quick=options.quick,
            standing=_standing(before, kept),
            tests=tests_read(before.get("split_tests", ())),
        )
    faults = [str(failure) for failure in again.failures.values()]
    now = {run.name: run for run in again.strategies}
    for s in kept.manifest["strategies"]:
        if s["name"] in now and now[s["name"]].log_digest != s["log_digest"]:
            digest = now[s["name"]].log_digest
            faults.append(f"{s['name']}: the log differs: {s['log_digest']} kept, {digest} now")
            strategy = strategies[s["load"]]
            where = first_row(kept, sized, strategy, engine or options.engine)
            faults += [f"{s['name']}: {where}"] if where else []
            why = not_repeatable(sized, [strategy], seed=options.seed)
            faults += [f"{name}: {text}" for name, text in why.items()]
    result: dict[str, Any] = result_of(
        again, digest=kept.manifest["scenario"]["digest"], against=options.against
    )
    result["engine"] = before["engine"]  # engines agree, and `auto` may choose another here
    return faults + grouped(result_faults(before, result))
