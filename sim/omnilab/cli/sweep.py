"""``omnilab sweep``: the same comparison over values of a scenario's or a plan's keys."""

from __future__ import annotations

import click

from omnilab.cli.options import (
    CHUNK,
    CUSTOMERS,
    ENGINES,
    REPLICATIONS,
    SEED,
    THREADS,
    hook_timeout_option,
    quiet_option,
)
from omnilab.cli.places import JSON, RUN_DIRECTORY, SCENARIO, STRATEGY, PlacesCommand
from omnilab.cli.plausible import worlds_options
from omnilab.cli.workers import workers_options

__all__ = ["sweep"]


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.option(
    "--vary", "varies", multiple=True, required=True, metavar="PATH=...",
    help="What varies: PATH=a,b,c, or PATH=LOW..HIGH, with :log for even steps of the logarithm "
    "and :9 for nine values in a grid; several times.",
)  # fmt: skip
@click.option(
    "-s", "--strategy", "strategies", type=STRATEGY, multiple=True, metavar="S",
    help="A name, file.py:Class or a YAML file; several times. The scenario's by default.",
)  # fmt: skip
@click.option("--seeds", default="1", show_default=True, metavar="N,N,...",
              help="Seeds of each point, such as 1,2,3 or 1..5.")  # fmt: skip
@click.option(
    "--design", type=click.Choice(["grid", "lhs", "sobol"]), default="grid", show_default=True,
    help="Where the points lie: all combinations, a Latin hypercube, or Sobol' points.",
)  # fmt: skip
@click.option("--points", type=click.IntRange(1, 10**6), metavar="N",
              help="Points of lhs and sobol; 32 by default.")  # fmt: skip
@click.option("--design-seed", type=SEED, default=1, show_default=True, metavar="N",
              help="Of lhs and sobol: the same seed gives the same points.")  # fmt: skip
@click.option(
    "--indices", type=click.Choice(["sobol", "morris"]),
    help="Sensitivity indices over about --points points, whose design is the indices' own; needs "
    "SALib, pip install 'omnilab[sensitivity]'.",
)  # fmt: skip
@click.option("--measure", "measures", multiple=True, metavar="M,M,...",
              help="Measures of the table; the reported ones by default.")  # fmt: skip
@click.option("--against", metavar="S",
              help="The strategy that differences are taken against, by its name.")  # fmt: skip
@worlds_options
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers; the scenario's by default, with --plausible 2,000 at most.",
              )  # fmt: skip
@click.option("--replications", type=REPLICATIONS, default=1, show_default=True, metavar="N",
              help="Populations of each seed.")  # fmt: skip
@click.option("--engine", type=ENGINES, default="auto", show_default=True,
              help="The results are the same under each.")  # fmt: skip
@click.option("--threads", type=THREADS, metavar="N",
              help="Points that run side by side; one a core by default.")  # fmt: skip
@workers_options
@click.option("--chunk", type=CHUNK, metavar="N", help="Cells that a thread takes at once.")
@click.option("--yes", is_flag=True, help="Start more than 1,000 runs.")
@click.option(
    "--out", type=RUN_DIRECTORY, metavar="DIR",
    help="Run directory; runs/<scenario>-<digest> by default. A sweep that was stopped is taken "
    "up again.",
)  # fmt: skip
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@hook_timeout_option
@quiet_option
@click.pass_context
def sweep(
    context: click.Context, scenario: str, varies: tuple[str, ...], strategies: tuple[str, ...],
    seeds: str, design: str, points: int | None, design_seed: int, indices: str | None,
    measures: tuple[str, ...], against: str | None, plausible: str | None, worlds: int | None,
    customers: int | None, replications: int, engine: str, threads: int | None,
    chunk: int | None, yes: bool, out: str | None, json_to: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Compare strategies at many points of SCENARIO, and see where the answer changes.

    PATH is a dotted key of the scenario, such as world.continuity.give_up, or
    strategies.NAME. and a key of that strategy's plan, such as
    strategies.omnichannel.cap.messages; strategies.* means each strategy. Points that differ in
    plans and the discount rate alone are one run: they share customers and burn-in.

    With --plausible each point is compared in all worlds of a set, on customers of each world's
    own; differences between strategies are said over the worlds.

    A point that fails is left out and said; the same command tries it again, and takes up what was
    stopped. Exit codes: 0 done, 2 bad input or a point that failed.
    """
    from omnilab._arguments import cores
    from omnilab.cli.plausible import sweep_plausible
    from omnilab.cli.sweeping import finish, read_sized, seeds_of
    from omnilab.errors import OptionError
    from omnilab.experiment.sweep import Settings, parse_vary

    parsed = [parse_vary(text) for text in varies]
    settings = Settings(
        seeds=seeds_of(seeds), replications=replications, engine=engine,
        threads=threads or cores(), chunk=chunk, design=indices or design, points=points,
        design_seed=design_seed, against=against,
    )  # fmt: skip
    if worlds is not None and plausible is None:
        raise OptionError("--worlds: how many of a set are run goes with --plausible")
    if plausible is not None:
        if indices:
            raise OptionError(
                "--indices: they are of one world, whose points they choose: without --plausible"
            )
        sweep_plausible(
            context, scenario, parsed, strategies, plausible=plausible, worlds=worlds,
            customers=customers, settings=settings, measures=measures, yes=yes, out=out,
            json_to=json_to, quiet=quiet,
        )  # fmt: skip
        return
    read = read_sized(scenario, customers, compared=not strategies)
    finish(
        context, {scenario: read}, parsed, strategies or None, settings, command="sweep",
        measures=measures, yes=yes, out=out, json_to=json_to, quiet=quiet,
        indices=indices,
    )  # fmt: skip
