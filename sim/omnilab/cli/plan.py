"""``omnilab plan``: the live test that would confirm a difference."""

from __future__ import annotations

import click

from omnilab.cli.console import progress_bar
from omnilab.cli.opening import open_scenario
from omnilab.cli.options import (
    CUSTOMERS,
    FiniteNumber,
    ShareRange,
    engine_options,
    hook_timeout_option,
    quiet_option,
    replications_option,
)
from omnilab.cli.places import JSON, SCENARIO, STRATEGY, PlacesCommand
from omnilab.cli.plausible import one_world_only
from omnilab.cli.workers import on_workers, workers_options

__all__ = ["plan"]


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.option("-s", "--strategy", type=STRATEGY, default="omnichannel", show_default=True,
              metavar="S",
              help="What is to be tried: a name, file.py:Class or a YAML file.")  # fmt: skip
@click.option("--against", type=STRATEGY, metavar="S",
              help="The other arm; the scenario's status quo by default.")  # fmt: skip
@click.option("--measure", default="ltv", show_default=True, metavar="NAME",
              help="What is to differ: a mean over customers.")  # fmt: skip
@click.option("--difference", type=FiniteNumber(), metavar="D",
              help="The smallest difference that matters, in the measure's unit (shares of 1); the "
              "simulated one by default.")  # fmt: skip
@click.option("--unit", type=click.Choice(["customer", "town"]), default="customer",
              show_default=True, help="What is drawn for an arm.")  # fmt: skip
@click.option("--power", type=ShareRange(0.05, 0.999), default=0.8, show_default=True,
              metavar="SHARE", help="The chance that the test is to find it.")  # fmt: skip
@click.option("--level", type=ShareRange(0.001, 0.5), default=0.05, show_default=True,
              metavar="SHARE", help="Of the two-sided test.")  # fmt: skip
@click.option("--share", type=ShareRange(0.01, 0.99), default=0.5, show_default=True,
              metavar="SHARE", help="Of the customers, under the strategy.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 3650), multiple=True, metavar="N",
              help="How long it lasts; several times to hold durations beside each other, the "
              "planned one last. The scenario's window by default.")  # fmt: skip
@click.option("--reach", type=click.IntRange(4, 10**12), metavar="N",
              help="How many customers there are for it: says what they can find.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers that are simulated; the scenario's by default.")  # fmt: skip
@replications_option
@engine_options
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the plan as JSON; - for stdout, without the report.")  # fmt: skip
@one_world_only("the size of a test is that of one world; how far its effect is in doubt says "
                "compare --plausible, and --difference takes the least of it")  # fmt: skip
@workers_options
@hook_timeout_option
@quiet_option
@click.pass_context
def plan(
    context: click.Context, scenario: str, strategy: str, against: str | None, measure: str,
    difference: float | None, unit: str, power: float, level: float, share: float,
    days: tuple[int, ...], reach: int | None,
    customers: int | None, replications: int, seed: int, engine: str, threads: int | None,
    json_to: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Plan the live test that would confirm what a strategy is worth in SCENARIO.

    Says how many customers, or towns, for how many days; the power of other sizes; the chance that
    the worse arm looks better; and what the brand would read off it, whose profiles are not
    persons. The arms of a live test are other people: its variance is that between customers.

    Exit codes: 0 done, 2 bad input, a strategy that failed, or a difference that is or may be 0.
    """
    from omnilab._arguments import cores
    from omnilab.cli.giving import give
    from omnilab.experiment.live.planned import Wanted, plan_test
    from omnilab.report.live import live_data, live_document
    from omnilab.strategy.loading import load_strategy

    _, sized = open_scenario(scenario, customers)
    wanted = Wanted(measure, unit, power, level, share, difference, days, reach)
    with on_workers(context), progress_bar(quiet=quiet or json_to == "-") as show:
        found = plan_test(
            wanted, sized, load_strategy(strategy, sized),
            load_strategy(against or sized.brand.status_quo, sized), replications=replications,
            seed=seed, engine=engine, threads=threads or cores(), progress=show,
        )  # fmt: skip
    give(live_data(found, sized), live_document(found, sized), json_to, quiet)
