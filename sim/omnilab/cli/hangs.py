"""``omnilab hangs``: which assumptions an answer hangs on, and in what share of worlds it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.options import (
    CHUNK,
    CUSTOMERS,
    ENGINES,
    SEED,
    THREADS,
    hook_timeout_option,
    quiet_option,
)
from omnilab.cli.places import JSON, RUN_DIRECTORY, SCENARIO, STRATEGY, PlacesCommand
from omnilab.cli.plausible import one_world_only
from omnilab.cli.workers import workers_options

if TYPE_CHECKING:
    from omnilab.experiment.sweep import Sweep

__all__ = ["hangs"]


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.option(
    "-s", "--strategy", "strategies", type=STRATEGY, multiple=True, metavar="S",
    help="A name, file.py:Class or a YAML file; several times. The scenario's by default.",
)  # fmt: skip
@click.option("--against", metavar="S",
              help="The strategy that differences are taken against, by its name.")  # fmt: skip
@click.option("--measure", default="ltv", show_default=True, metavar="M",
              help="What decides who wins.")  # fmt: skip
@click.option("--vary", "varies", multiple=True, metavar="PATH=LOW..HIGH",
              help="Another range of an assumption, or a key more; several times.")  # fmt: skip
@click.option("--all", "everything", is_flag=True,
              help="Move each assumption, also those without a range of their own, from half to "
              "double.")  # fmt: skip
@click.option("--worlds", type=click.IntRange(0, 10_000), default=64, show_default=True,
              metavar="N", help="Worlds in which all assumptions move together.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers of each world; at most 2,000 by default.")  # fmt: skip
@click.option("--seed", type=SEED, default=1, show_default=True, metavar="N")
@click.option("--design-seed", type=SEED, default=1, show_default=True, metavar="N",
              help="Of the worlds: the same seed gives the same worlds.")  # fmt: skip
@click.option("--engine", type=ENGINES, default="auto", show_default=True,
              help="The results are the same under each.")  # fmt: skip
@click.option("--threads", type=THREADS, metavar="N",
              help="Worlds that run side by side; one a core by default.")  # fmt: skip
@click.option("--chunk", type=CHUNK, metavar="N", help="Cells that a thread takes at once.")
@click.option("--out", type=RUN_DIRECTORY, metavar="DIR",
              help="Run directory; runs/<scenario>-<digest> by default. One that was stopped is "
              "taken up again.")  # fmt: skip
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@one_world_only(
    "it moves each assumption by itself over its own range; what each is worth to "
    "know over a set says compare --plausible"
)
@workers_options
@hook_timeout_option
@quiet_option
@click.pass_context
def hangs(
    context: click.Context, scenario: str, strategies: tuple[str, ...], against: str | None,
    measure: str, varies: tuple[str, ...], everything: bool, worlds: int, customers: int | None,
    seed: int, design_seed: int, engine: str, threads: int | None, chunk: int | None,
    out: str | None, json_to: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Move what SCENARIO assumes, and see what the answer hangs on.

    Each assumption that has a range, or that the scenario names under `assumed`, goes to both ends
    of its range; then all move together in many worlds. The report says in what share of the
    worlds each strategy wins, and which assumption moves the difference most.

    Exit codes: 0 done, 2 bad input or a point that failed.
    """
    from omnilab._arguments import cores
    from omnilab.cli.effects import warn_no_effects
    from omnilab.cli.named import check_named
    from omnilab.cli.sweeping import carry_out
    from omnilab.experiment.sweep import Settings, parse_vary
    from omnilab.experiment.sweep.hangs import MOST_USUAL, TORNADO, hangs_data, plan_hangs
    from omnilab.experiment.sweep.tables import check_measures
    from omnilab.report.sweeps import hangs_document
    from omnilab.scenario.load import read_scenario

    (wanted,) = check_measures([measure])
    read = read_scenario(scenario)
    check_named(read, compared=not strategies)
    warn_no_effects(read)
    size = customers or min(read.scenario.population.customers, MOST_USUAL)
    settings = Settings(
        seeds=(seed,), engine=engine, threads=threads or cores(), chunk=chunk,
        design_seed=design_seed, against=against,
    )  # fmt: skip
    planned = plan_hangs(
        scenario, read.scenario.with_customers(size), read.assumptions(), strategies or None,
        settings, ranges=[parse_vary(text) for text in varies], joint=worlds, everything=everything,
    )  # fmt: skip

    def extra(sweep: Sweep) -> tuple[dict[str, Any], dict[str, Any]]:
        data = hangs_data(planned, sweep, wanted)
        return {"hangs": data}, {"tornado": (data["tornado"], TORNADO)}

    carry_out(
        context, planned.planned, command="hangs", measures=(wanted,), out=out, json_to=json_to,
        quiet=quiet, extra=extra,
        document=lambda sweep, _measures: hangs_document(planned, sweep, wanted),
    )  # fmt: skip
