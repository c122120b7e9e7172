"""``omnilab patterns``: a scenario's patterns beside their published sizes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omnilab.cli.console import progress_bar
from omnilab.cli.made_worlds import points_option
from omnilab.cli.options import CUSTOMERS, ENGINES, SEED, THREADS, hook_timeout_option, quiet_option
from omnilab.cli.places import FILE, JSON, MARKDOWN, SCENARIO, PlacesCommand, check_beside
from omnilab.cli.plausible import WORLDS_OUT
from omnilab.cli.workers import on_workers, workers_options

if TYPE_CHECKING:
    from omnilab.fit.plausible.sets import Search

__all__ = ["patterns"]


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.option("--patterns", "file", type=FILE, metavar="FILE",
              help="The patterns; those that come with the scenario by default.")  # fmt: skip
@click.option("--seeds", default="1..5", show_default=True, metavar="A,B|A..B",
              help="One population a seed; intervals are over them.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers of each; the scenario's by default.")  # fmt: skip
@click.option(
    "--pins",
    "worlds",
    type=click.IntRange(8, 100_000),
    metavar="N",
    help="Also say which pattern pins which assumption, by so many worlds.",
)
@click.option("--worlds", "plausible", type=click.IntRange(2, 10_000), metavar="N",
              help="In place of all that: make a set of N plausible worlds, in which the targets "
              "come out, for compare --plausible.")  # fmt: skip
@click.option("-o", "--output", type=WORLDS_OUT, metavar="FILE",
              help="With --worlds: where it goes; SCENARIO.worlds.parquet by default.")  # fmt: skip
@click.option("--waves", type=click.IntRange(1, 10), default=3, show_default=True, metavar="N",
              help="With --worlds: how often to look again in what is left.")  # fmt: skip
@points_option
@click.option("--worlds-customers", type=CUSTOMERS, default=1000, show_default=True, metavar="N",
              help="With --pins or --worlds: customers of each simulation.")  # fmt: skip
@click.option("--worlds-seed", type=SEED, default=1, show_default=True, metavar="N",
              help="With --pins or --worlds: of the worlds and their customers.")  # fmt: skip
@click.option("--engine", type=ENGINES, default="auto", show_default=True,
              help="The results are the same under each.")  # fmt: skip
@click.option("--threads", type=THREADS, metavar="N", help="One a core by default.")
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@click.option("--page", type=MARKDOWN, metavar="FILE", help="Write Markdown.")
@workers_options
@hook_timeout_option
@quiet_option
@click.pass_context
def patterns(
    context: click.Context, scenario: str, file: str | None, seeds: str,
    customers: int | None, worlds: int | None,
    plausible: int | None, output: Path | None, waves: int, points: int | None,
    worlds_customers: int, worlds_seed: int, engine: str, threads: int | None,
    json_to: str | None, page: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Measure SCENARIO's patterns and show them beside their published sizes.

    A file of patterns declares what is measured, the published size, how near is near enough and
    why, and whether assumptions may be chosen by it (a target) or not (a check). All are measured
    on the log of one strategy, the scenario's status quo unless the file says another.

    With --worlds the assumptions of the file and those of the scenario move within their ranges,
    and history matching rules out where a target is too far from its published size, in waves. What
    is left is written as a set of worlds, each with its weight.

    Exit codes: 0 done, whatever came out; 2 bad input.
    """
    import json

    from omnilab._arguments import cores
    from omnilab._files.writing import write_whole
    from omnilab.cli.sweeping import seeds_of
    from omnilab.errors import OptionError
    from omnilab.experiment.patterns import find_patterns, measure_patterns, read_patterns
    from omnilab.experiment.patterns.matching import pins_of
    from omnilab.fit.plausible.sets import Search
    from omnilab.report import print_document
    from omnilab.report.patterns import patterns_data, patterns_document, patterns_page
    from omnilab.scenario import load_scenario, scenario_digest

    if plausible is not None:
        _make_set(
            context, scenario, file, output, Search(
                plausible, points, waves, worlds_customers, worlds_seed, threads or cores()
            ), json_to, quiet=quiet,
        )  # fmt: skip
        return
    if output is not None:
        raise OptionError("--output: the set's file goes with --worlds")
    loaded = load_scenario(scenario)
    given = read_patterns(file or find_patterns(loaded.id), loaded)
    if worlds is not None and not given.assumptions:
        raise OptionError(f"--pins: {given.path} has no assumptions to move")
    sized = loaded if customers is None else loaded.with_customers(customers)
    many, pins = threads or cores(), None
    with on_workers(context), progress_bar(quiet=quiet or json_to == "-") as show:
        measured = measure_patterns(
            sized, given, seeds=seeds_of(seeds), engine=engine, threads=many, progress=show
        )
        if worlds is not None:
            pins = pins_of(
                loaded.with_customers(worlds_customers), given, worlds=worlds, seed=worlds_seed,
                threads=many, progress=show,
            )  # fmt: skip
    if json_to is not None:
        text = (
            json.dumps(patterns_data(measured, pins), indent=2, ensure_ascii=False, allow_nan=False)
            + "\n"
        )
        if json_to == "-":
            click.echo(text, nl=False)
        else:
            write_whole(json_to, text)
    if page is not None:
        command = " ".join(["omnilab patterns", scenario, *_typed(context)])
        write_whole(page, patterns_page(measured, scenario_digest(loaded), command, pins))
    if not quiet and json_to != "-":
        print_document(patterns_document(measured, pins))


def _make_set(
    context: click.Context, scenario: str, file: str | None, output: Path | None, search: Search,
    json_to: str | None, *, quiet: bool,
) -> None:  # fmt: skip
    """Make a set of plausible worlds, write it and show it."""
    from omnilab.cli.made_worlds import keep_worlds
    from omnilab.experiment.patterns import find_patterns, read_patterns
    from omnilab.experiment.plausible.file import worlds_beside
    from omnilab.fit.plausible.sets import worlds_of_patterns
    from omnilab.scenario.load import read_scenario

    place = worlds_beside(scenario) if output is None else output
    if output is None:
        check_beside(context, "--worlds", place, WORLDS_OUT)
    read = read_scenario(scenario)
    given = read_patterns(file or find_patterns(read.scenario.id), read.scenario)
    with on_workers(context), progress_bar(quiet=quiet or json_to == "-") as show:
        worlds = worlds_of_patterns(
            read.scenario, read.assumptions(), given, replace(search, progress=show)
        )
    keep_worlds(worlds, place, json_to=json_to, quiet=quiet)


def _typed(context: click.Context) -> list[str]:
    """Return the options that make the numbers, as they were typed."""
    found = []
    for param in context.command.params:
        value = context.params.get(param.name or "")
        name = param.opts[0]
        if name in ("--patterns", "--seeds", "--customers", "--pins", "--worlds-customers",
                    "--worlds-seed", "--page") and value not in (None, param.default):  # fmt: skip
            found += [name, str(value)]
    return found
