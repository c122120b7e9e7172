"""``omnilab arms``: a split test as the brand's tool reads it, beside what its arms truly do."""

from __future__ import annotations

import click

from omnilab.cli.console import progress_bar
from omnilab.cli.giving import give
from omnilab.cli.opening import open_scenario
from omnilab.cli.options import (
    CUSTOMERS,
    engine_options,
    hook_timeout_option,
    one_strategy,
    quiet_option,
    replications_option,
)
from omnilab.cli.places import JSON, SCENARIO, PlacesCommand

__all__ = ["arms"]


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@one_strategy("multichannel", verb="sends")
@click.option("--test", metavar="TEST", help="Which test of brand.tests; the only one by default.")
@click.option("--within", default="7d", show_default=True, metavar="TIME",
              help="How long after a profile fell into an arm its orders count.")  # fmt: skip
@click.option("--quick", is_flag=True,
              help="Leave out the runs in which all are in one arm: no truth then.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers; the scenario's by default.")  # fmt: skip
@replications_option
@engine_options
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@hook_timeout_option
@quiet_option
def arms(
    scenario: str, strategy: str, test: str | None, within: str, quick: bool,
    customers: int | None, replications: int, seed: int, engine: str, threads: int | None,
    json_to: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Read a split test of SCENARIO under STRATEGY as an A/B tool does, beside the truth.

    SCENARIO is a file or the id of a shipped scenario; STRATEGY is multichannel by default. The
    tool's table has recipients, opens, clicks, orders and revenue of each arm by the brand's
    profiles, and their differences with intervals. Beside it stand the persons behind them, how
    many of them are in two arms, and what it truly does to all customers to be in one arm.

    Exit codes: 0 done, 2 bad input or a strategy that failed.
    """
    from omnilab._arguments import cores
    from omnilab.experiment.arm_data import arms_data
    from omnilab.experiment.arm_tests import chosen_test, run_test, within_of
    from omnilab.report.arms import arms_document
    from omnilab.strategy.loading import load_strategy

    _, sized = open_scenario(scenario, customers)
    loaded = load_strategy(strategy, sized)
    chosen, seconds = chosen_test(sized, loaded, test), within_of(within)
    with progress_bar(quiet=quiet or json_to == "-") as show:
        found = run_test(
            sized, loaded, chosen, within=seconds, twins=not quick, replications=replications,
            seed=seed, engine=engine, threads=threads or cores(), progress=show,
        )  # fmt: skip
    give(arms_data(found), arms_document(found), json_to, quiet)
