"""``omnilab run``: one strategy."""

from __future__ import annotations

import click

from omnilab.cli.course import Request, carry_out
from omnilab.cli.options import experiment_options
from omnilab.cli.places import SCENARIO, STRATEGY, PlacesCommand
from omnilab.cli.plausible import one_world_only
from omnilab.cli.workers import workers_options

__all__ = ["run"]


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.option(
    "-s", "--strategy", "strategies", type=STRATEGY, required=True, multiple=True, metavar="S",
    help="A name, file.py:Class or a YAML file.",
)  # fmt: skip
@click.option(
    "--events", is_flag=True,
    help="Keep the event log as Parquet in the run directory, and the streams that identity "
    "resolve and cascade replay take.",
)  # fmt: skip
@click.option(
    "--parts", is_flag=True,
    help="With --events: the log alone, as a Parquet data set, a file for each range of customers.",
)  # fmt: skip
@workers_options
@one_world_only("a run is the log of one world; compare --plausible compares over a set")
@experiment_options
@click.pass_context
def run(
    context: click.Context,
    scenario: str,
    strategies: tuple[str, ...],
    events: bool,
    parts: bool,
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
    """Run one strategy on the customers of SCENARIO.

    SCENARIO is a file or the id of a shipped scenario. ROI needs no_contact beside the strategy,
    so it is null here: use compare.
    """
    from omnilab.errors import OptionError

    if len(strategies) > 1:  # click would take the last and say nothing
        raise OptionError(f"run takes one --strategy, not {len(strategies)}: use compare")
    request = Request(
        command="run", scenario=scenario, strategies=strategies, customers=customers,
        replications=replications, seed=seed, engine=engine, threads=threads, chunk=chunk,
        out=out, json_to=json_to, quiet=quiet, events=events, parts=parts,
    )  # fmt: skip
    carry_out(context, request)
