"""``omnilab compare``: strategies on the same customers."""

from __future__ import annotations

import click

from omnilab.cli.course import Request, carry_out
from omnilab.cli.options import experiment_options
from omnilab.cli.places import SCENARIO, STRATEGY, PlacesCommand

__all__ = ["compare"]


@click.command(cls=PlacesCommand)
@click.argument("scenarios", type=SCENARIO, nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "-s", "--strategy", "strategies", type=STRATEGY, multiple=True, metavar="S",
    help="A name, file.py:Class or a YAML file; several times. The scenario's by default.",
)  # fmt: skip
@click.option(
    "--against", metavar="S",
    help="The strategy that differences are taken against, by its name; the scenario's status "
    "quo, multichannel or the first if not given.",
)  # fmt: skip
@click.option(
    "--fail-if", multiple=True, metavar="CONDITION",
    help="Exit with 1 if this holds, such as 'ltv(mine) - ltv(multichannel) < 0' or, of the "
    "interval's bound, 'high(ltv(mine) - ltv(multichannel)) < 0'; several times.",
)  # fmt: skip
@click.option(
    "--customers-table", is_flag=True,
    help="Also keep customers.parquet: a row for each customer under each strategy.",
)  # fmt: skip
@experiment_options
@click.pass_context
def compare(
    context: click.Context,
    scenarios: tuple[str, ...],
    strategies: tuple[str, ...],
    against: str | None,
    fail_if: tuple[str, ...],
    customers_table: bool,
    customers: int | None,
    replications: int,
    seed: int,
    engine: str,
    threads: int | None,
    chunk: int | None,
    out: str | None,
    json_to: str | None,
    quiet: bool,
) -> None:
    """Run all strategies on the same customers of SCENARIO, and say which does better.

    SCENARIO is a file or the id of a shipped scenario. The differences are paired: each customer
    is their own twin under the other strategies. The run directory can be checked with verify and
    looked into with twin. Several scenarios are shown side by side, with whether the same strategy
    wins in each; their directory is that of a sweep.

    Exit codes: 0 done, 1 a condition of --fail-if holds, 2 bad input, a strategy that failed (it is
    left out) or a condition that can't be decided.
    """
    if len(scenarios) > 1:
        from omnilab.cli.side_by_side import side_by_side

        side_by_side(
            context, scenarios, strategies, customers=customers, replications=replications,
            seed=seed, engine=engine, threads=threads, chunk=chunk, out=out, json_to=json_to,
            quiet=quiet, against=against, fail_if=fail_if,
        )  # fmt: skip
        return
    request = Request(
        command="compare", scenario=scenarios[0], strategies=strategies, customers=customers,
        replications=replications, seed=seed, engine=engine, threads=threads, chunk=chunk,
        out=out, json_to=json_to, quiet=quiet, against=against, fail_if=fail_if,
        customers_table=customers_table,
    )  # fmt: skip
    carry_out(context, request)
