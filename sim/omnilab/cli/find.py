"""``omnilab find``: customers of a run by path, outcome or difference between strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.console import progress_bar
from omnilab.cli.course import load_strategies
from omnilab.cli.giving import write_json
from omnilab.cli.options import FiniteRange, hook_timeout_option, quiet_option
from omnilab.cli.places import JSON, RUN, PlacesCommand
from omnilab.cli.plausible import one_world_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnilab.experiment.find import Found

__all__ = ["find"]

FIND_FORMAT = "omnilab-find-v1"


@click.command(cls=PlacesCommand)
@click.argument("run", type=RUN)
@click.option("--won-by", metavar="S", help="Their LTV is higher under S than under the reference.")
@click.option("--lost-by", metavar="S", help="Their LTV is lower under S than under the reference.")
@click.option(
    "--least", type=FiniteRange(0.0), default=1.0, show_default="1", metavar="AMOUNT",
    help="By so much at least, in the scenario's currency.",
)  # fmt: skip
@click.option(
    "-s", "--strategy", metavar="S",
    help="Whose life the conditions below are about; by default the strategy above, or the "
    "reference.",
)  # fmt: skip
@click.option(
    "--path", metavar="CHANNELS",
    help="Visits for one need went to these channels in this order, such as store,web.",
)  # fmt: skip
@click.option("--bought", is_flag=True, help="With an order in the window.")
@click.option("--never-bought", is_flag=True, help="Without one.")
@click.option("--left", is_flag=True, help="Who left the brand in the window.")
@click.option("--stayed", is_flag=True, help="Who did not.")
@click.option("--persona", metavar="NAME", help="Of this persona.")
@click.option(
    "--limit", type=click.IntRange(1, 10**6), default=10, show_default=True, metavar="N",
    help="So many at most, the first by number.",
)  # fmt: skip
@click.option(
    "--json", "json_to", type=JSON, metavar="FILE|-", help="Write what was found as JSON; - for "
    "stdout, without the list.",
)  # fmt: skip
@one_world_only(
    "it looks for customers of one run, which is of one world; compare --plausible "
    "compares over a set"
)
@hook_timeout_option
@quiet_option
@click.pass_context
def find(
    context: click.Context,
    run: str,
    won_by: str | None,
    lost_by: str | None,
    least: float,
    strategy: str | None,
    path: str | None,
    bought: bool,
    never_bought: bool,
    left: bool,
    stayed: bool,
    persona: str | None,
    limit: int,
    json_to: str | None,
    quiet: bool,
) -> None:
    """Find customers of RUN, a run directory, that meet all that is asked.

    Where the run has kept customers.parquet it is read. Else, and for a path, the customers are
    simulated again, chunk by chunk, until there are enough. Each is shown with the command that
    looks at its life under each strategy.

    Exit codes: 0 found, 1 there is none, 2 bad input.
    """
    from pathlib import Path

    from omnilab.experiment.customers import CUSTOMERS_FILE
    from omnilab.experiment.differences import reference_among
    from omnilab.experiment.find import Wanted, find_customers
    from omnilab.runs.directories import read_run

    has_bought = _either("bought", bought, "never-bought", never_bought)
    has_left = _either("left", left, "stayed", stayed)
    kept = read_run(Path(run))
    scenario = kept.scenario.with_customers(kept.options.customers)
    strategies = list(load_strategies(tuple(kept.strategies.values()), scenario).values())
    wanted = Wanted(
        won_by=won_by, lost_by=lost_by, strategy=strategy,
        bought=has_bought, left=has_left,
        path=tuple(p.strip() for p in path.split(",")) if path is not None else (),
        persona=persona, least=least,
    )  # fmt: skip
    against = reference_among(
        [s.name for s in strategies], scenario.brand.status_quo, kept.options.against
    )
    table = Path(run) / CUSTOMERS_FILE
    with progress_bar(quiet=quiet or json_to == "-") as show:
        found = find_customers(
            scenario, strategies, wanted, seed=kept.options.seed, against=against,
            replications=kept.options.replications, limit=limit, progress=show,
            kept=table if table.is_file() else None,
        )  # fmt: skip
    commands = [_command(run, one) for one in found]
    rows = [
        one.row(scenario.currency) | {"twin": c} for one, c in zip(found, commands, strict=True)
    ]
    _write(rows, json_to)
    if json_to != "-":
        _print(found, commands, scenario.currency)
    if not found:
        context.exit(1)


def _either(yes: str, is_yes: bool, no: str, is_no: bool) -> bool | None:
    """Return which of two options was given, None for neither."""
    from omnilab.errors import OptionError

    if is_yes and is_no:
        raise OptionError(f"--{yes} and --{no}: no customer did both; give one of them")
    return True if is_yes else False if is_no else None


def _command(run: str, one: Found) -> str:
    import shlex

    extra = f" --replication {one.replication}" if one.replication else ""
    return f"omnilab twin {shlex.quote(run)} {one.customer}{extra}"


def _write(rows: list[dict[str, Any]], json_to: str | None) -> None:

    if json_to is None:
        return
    result = {"format": FIND_FORMAT, "customers": rows}
    write_json(result, json_to)


def _print(found: Sequence[Found], commands: Sequence[str], currency: str) -> None:
    if not found:
        click.echo("No customer meets all of it.")
    for one, command in zip(found, commands, strict=True):
        by = ""
        if one.difference is not None:
            by = f"LTV {one.difference:+,.2f} {currency} against {one.reference}, "
        click.echo(f"{one.customer}: {by}{one.why}")
        click.echo(f"    {command}")
