"""``omnilab lint`` and ``omnilab preview``: look at a strategy before it runs on everybody."""

from __future__ import annotations

from typing import Final

import click

from omnilab.cli.console import progress_bar, say_error
from omnilab.cli.giving import give
from omnilab.cli.opening import open_scenario
from omnilab.cli.options import (
    CUSTOMERS,
    engine_options,
    hook_timeout_option,
    quiet_option,
    replications_option,
)
from omnilab.cli.places import JSON, SCENARIO, STRATEGY, PlacesCommand

__all__ = ["lint", "preview"]

CHECK_FAILED: Final = 1


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.option("-s", "--strategy", type=STRATEGY, default="omnichannel", show_default=True,
              metavar="S", help="A name, file.py:Class or a YAML file.")  # fmt: skip
@click.option("--customers", type=click.IntRange(0, 100_000), metavar="N",
              help="Customers of the small run, 500 by default; 0 for the plan alone.")  # fmt: skip
@engine_options
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the findings as JSON; - for stdout, without the report.")  # fmt: skip
@hook_timeout_option
@quiet_option
@click.pass_context
def lint(
    context: click.Context, scenario: str, strategy: str, customers: int | None, seed: int,
    engine: str, threads: int | None, json_to: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Find what a strategy's journeys can't do, or do for ever, in SCENARIO.

    By the plan alone: triggers and stops that no silo sees, steps that nobody reaches or that come
    too late, journeys that no customer can end, messages that go on after the purchase. By a small
    run: journeys that nobody entered, messages that nobody got, messages sent after an order.
    The run also says what became of all messages that fell due.

    Exit codes: 0 nothing found, 1 findings, one a line on stderr with its rule, 2 bad input.
    """
    from omnilab._arguments import cores
    from omnilab.experiment.linting.seen import SMALL
    from omnilab.experiment.linting.seen import lint as look
    from omnilab.report.linting import lint_data, lint_document
    from omnilab.strategy.loading import load_strategy

    read, _ = open_scenario(scenario, warned=False)
    with progress_bar(quiet=quiet or json_to == "-") as show:
        found = look(
            read.scenario, load_strategy(strategy, read.scenario),
            customers=SMALL if customers is None else customers, seed=seed, engine=engine,
            threads=threads or cores(), progress=show,
        )  # fmt: skip
    give(lint_data(found, read.scenario), lint_document(found, read.scenario), json_to, quiet)
    if found.findings:
        for finding in found.findings:
            say_error(str(finding))
        context.exit(CHECK_FAILED)


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.option("-s", "--strategy", type=STRATEGY, default="omnichannel", show_default=True,
              metavar="S", help="A name, file.py:Class or a YAML file.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers; the scenario's by default.")  # fmt: skip
@replications_option
@engine_options
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@hook_timeout_option
@quiet_option
def preview(
    scenario: str, strategy: str, customers: int | None, replications: int, seed: int,
    engine: str, threads: int | None, json_to: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Show whom a strategy's rules of contact keep from a message in SCENARIO, and what it costs.

    By segment and rule: frequency cap, quiet hours, messages that leave recent buyers out, consent.
    Each rule but consent is also taken away, alone and together, and the LTV with it is held
    against that without it on the same customers.

    Exit codes: 0 done, 2 bad input or a strategy that failed.
    """
    from omnilab._arguments import cores
    from omnilab.experiment.linting.preview import preview as look
    from omnilab.report.linting import preview_data, preview_document
    from omnilab.strategy.loading import load_strategy

    _, sized = open_scenario(scenario, customers)
    with progress_bar(quiet=quiet or json_to == "-") as show:
        seen = look(
            sized, load_strategy(strategy, sized), replications=replications, seed=seed,
            engine=engine, threads=threads or cores(), progress=show,
        )  # fmt: skip
    give(preview_data(seen, sized), preview_document(seen, sized), json_to, quiet)
