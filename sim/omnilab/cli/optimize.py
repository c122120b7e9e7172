"""``omnilab optimize``: better settings of a strategy, under guardrails."""

from __future__ import annotations

import click

from omnilab.cli.console import progress_bar
from omnilab.cli.options import (
    CUSTOMERS,
    engine_options,
    hook_timeout_option,
    quiet_option,
)
from omnilab.cli.places import FILE, JSON, SCENARIO, STRATEGY, PlacesCommand
from omnilab.cli.plausible import WORLDS_IN
from omnilab.cli.workers import on_workers, workers_options

__all__ = ["optimize"]


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.option("--gate", type=FILE, required=True, metavar="FILE",
              help="The goal, and the guardrails that the settings must keep.")  # fmt: skip
@click.option("-s", "--strategy", type=STRATEGY, default="omnichannel", show_default=True,
              metavar="S", help="Whose plan is varied.")  # fmt: skip
@click.option("--vary", "varied", multiple=True, required=True, metavar="PATH=...",
              help="A key of the plan: PATH=LOW..HIGH, or PATH=a,b,c; several times.")  # fmt: skip
@click.option("--plausible", type=WORLDS_IN, metavar="FILE|auto",
              help="The set of plausible worlds of a guardrail on worlds: of eight or more four "
              "are for the search, the others for the winner; without it 20 small worlds in which "
              "the scenario's assumptions move.")  # fmt: skip
@click.option("--points", type=click.IntRange(4, 256), default=16, show_default=True, metavar="N",
              help="How many settings are tried.")  # fmt: skip
@click.option("--search", type=click.Choice(["tpe", "lhs"]), default="tpe", show_default=True,
              help="How settings are chosen: tpe spreads half of them and has Optuna propose the "
              "others; lhs spreads all.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers of the last rounds; the scenario's by default.")  # fmt: skip
@engine_options
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@workers_options
@hook_timeout_option
@quiet_option
@click.pass_context
def optimize(
    context: click.Context, scenario: str, gate: str, strategy: str, varied: tuple[str, ...],
    plausible: str | None, points: int, search: str, customers: int | None, seed: int,
    engine: str, threads: int | None, json_to: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Look for settings of a strategy's plan that do better in SCENARIO, and check the best afresh.

    Caps, delays, the order of channels, budgets: whatever the plan has. The goal and the guardrails
    are a gate's. Half of the settings are spread over the ranges, the others are proposed by what
    came out so far; all run on a fourth of the customers, the better fourth on all. The best of
    these meets the shipped settings once more under a fresh seed, and only that paired interval
    says whether it is better. Proposals need Optuna: pip install 'omnilab[optimize]'.

    Exit codes: 0 done, also where nothing better was found; 2 bad input.
    """
    from omnilab._arguments import cores
    from omnilab.cli.giving import give
    from omnilab.cli.named import check_named
    from omnilab.errors import OptionError
    from omnilab.experiment.gate.best import optimize as look
    from omnilab.experiment.gate.declared import read_gate
    from omnilab.experiment.plausible.compared import MOST_WORLDS
    from omnilab.experiment.plausible.file import find_worlds, read_worlds
    from omnilab.experiment.sweep import parse_vary
    from omnilab.report.optimum import optimum_data, optimum_document
    from omnilab.scenario.load import read_scenario
    from omnilab.strategy.loading import load_strategy

    read = read_scenario(scenario)
    asked = read_gate(gate, currency=read.scenario.currency)
    check_named(read, compared=False)
    varies = [parse_vary(text) for text in varied]
    sized = read.scenario.with_customers(customers or read.scenario.population.customers)
    worlds = None
    if plausible is not None:
        if asked.of_kind("worlds") is None:
            raise OptionError(f"--plausible: {gate} has no guardrail on worlds")
        worlds = read_worlds(find_worlds(plausible, scenario), read.scenario).fewer(MOST_WORLDS)
    with on_workers(context), progress_bar(quiet=quiet or json_to == "-") as show:
        found = look(
            asked, sized, load_strategy(strategy, sized), varies, points=points,
            search=search, seed=seed,
            engine=engine, threads=threads or cores(), assumptions=read.assumptions(),
            worlds=worlds, progress=show,
        )  # fmt: skip
    give(
        optimum_data(found, sized), optimum_document(found, sized, asked.goal.measure), json_to,
        quiet,
    )  # fmt: skip
