"""``omnilab compare``: strategies on the same customers."""

from __future__ import annotations

import click

from omnilab.cli.course import Request, carry_out
from omnilab.cli.options import experiment_options

__all__ = ["compare"]


@click.command()
@click.argument("scenario")
@click.option(
    "-s", "--strategy", "strategies", multiple=True, metavar="S",
    help="A name, file.py:Class or a YAML file; several times. The scenario's by default.",
)  # fmt: skip
@experiment_options
@click.pass_context
def compare(
    context: click.Context,
    scenario: str,
    strategies: tuple[str, ...],
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
    looked into with twin. A strategy that fails is left out, and the exit code is 2.
    """
    request = Request(
        command="compare", scenario=scenario, strategies=strategies, customers=customers,
        replications=replications, seed=seed, engine=engine, threads=threads, chunk=chunk,
        out=out, json_to=json_to, quiet=quiet,
    )  # fmt: skip
    carry_out(context, request)
