"""``omnilab bench``: how fast a strategy is, for its team's CI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omnilab.cli.console import progress_bar, say_error
from omnilab.cli.opening import open_scenario
from omnilab.cli.options import (
    CUSTOMERS,
    ENGINES,
    SEED,
    FiniteRange,
    hook_timeout_option,
    quiet_option,
)
from omnilab.cli.places import JSON, STRATEGY, PlacesCommand
from omnilab.cli.places import SCENARIO as SCENARIO_FILE

if TYPE_CHECKING:
    from rich.table import Table

    from omnilab.experiment.speed import Speed

__all__ = ["bench"]

TOO_SLOW = 1
FORMAT = "omnilab-bench-v1"
#: Where a strategy is measured if nothing else is asked for.
SCENARIO = "mapples-coffee-v1"


def _no_nan(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    """Refuse NaN, under which no strategy would ever be too slow."""
    if value != value:
        raise click.BadParameter("a number is needed")
    return value


@click.command(cls=PlacesCommand)
@click.argument("strategy", type=STRATEGY)
@click.option(
    "--scenario", type=SCENARIO_FILE, default=SCENARIO, show_default=True, metavar="S",
    help="A file or the id of a shipped scenario.",
)  # fmt: skip
@click.option("--customers", type=CUSTOMERS, default=1000, show_default=True, metavar="N")
@click.option(
    "--repeats", type=click.IntRange(1, 1000), default=3, show_default=True, metavar="N",
    help="Measured runs; the fastest counts.",
)  # fmt: skip
@click.option("--seed", type=SEED, default=1, show_default=True, metavar="N")
@click.option("--engine", type=ENGINES, default="auto", show_default=True)
@click.option(
    "--max-ms-per-1000", "limit", type=FiniteRange(0, min_open=True), metavar="N",
    callback=_no_nan, help="Exit with 1 if 1,000 customers take longer, milliseconds.",
)  # fmt: skip
@click.option(
    "--json", "json_to", type=JSON, metavar="FILE|-",
    help="Write the figures as JSON; - for stdout, without the table.",
)  # fmt: skip
@hook_timeout_option
@quiet_option
@click.pass_context
def bench(
    context: click.Context,
    strategy: str,
    scenario: str,
    customers: int,
    repeats: int,
    seed: int,
    engine: str,
    limit: float | None,
    json_to: str | None,
    quiet: bool,
) -> None:
    """Measure how fast STRATEGY is: its hooks, and 1,000 customers simulated under it.

    STRATEGY is a name, file.py:Class or a YAML file. Times are by the clock, and setting up the
    run (a tenth of a second) is part of it, so compare figures of equal --customers. How well a
    strategy sells is what compare says. Exit codes: 0 done, 1 over the limit, 2 bad input.
    """
    from omnilab.experiment.speed import measure_speed
    from omnilab.strategy.loading import load_strategy

    _, sized = open_scenario(scenario, customers)
    loaded = load_strategy(strategy, sized)
    with progress_bar(quiet=quiet) as show:
        speed = measure_speed(
            sized, loaded, repeats=repeats, seed=seed, engine=engine, progress=show
        )
    over = limit is not None and speed.ms_per_1000 > limit
    _show(speed, limit, over, json_to, quiet=quiet)
    if over:
        say_error(
            f"strategy {speed.strategy!r} takes {speed.ms_per_1000:.1f} ms per 1,000 customers,"
            f" over the limit of {limit:g}"
        )
        context.exit(TOO_SLOW)


def _show(
    speed: Speed, limit: float | None, over: bool, json_to: str | None, *, quiet: bool
) -> None:
    """Write the JSON where it was asked for, else or also the tables."""
    import json

    from omnilab import __version__
    from omnilab._files.writing import write_whole

    if json_to is not None:
        figures = {"format": FORMAT, "version": __version__, **speed.as_json()}
        figures |= {"max_ms_per_1000": limit, "passed": not over}
        text = json.dumps(figures, indent=2, ensure_ascii=False) + "\n"
        if json_to == "-":
            click.echo(text, nl=False)
            return
        write_whole(json_to, text)
    if not quiet:
        from omnilab.report.terminal import open_console

        console = open_console()
        console.print(
            f"{speed.strategy} in {speed.scenario}: {speed.customers:,} customers,"
            f" {len(speed.runs_s)} runs, {speed.engine} engine"
        )
        console.print(_run_table(speed, limit))
        console.print(_hook_table(speed))


def _run_table(speed: Speed, limit: float | None) -> Table:
    table = _table("run", "")
    most = "" if limit is None else f" (at most {limit:g})"
    table.add_row("ms per 1,000 customers, fastest run", f"{speed.ms_per_1000:,.1f}{most}")
    table.add_row("decisions a second", _number(speed.decisions_per_s, ",.0f"))
    table.add_row("events", f"{speed.events:,}")
    table.add_row("peak memory, MB", f"{speed.peak_mb:,.0f}")
    table.add_row("of it by these runs, MB", f"{speed.grown_mb:,.1f}")
    return table


def _hook_table(speed: Speed) -> Table:
    table = _table("hook", "calls", "rows", "ms", "ms a call", "µs a row", "of the runs")
    for name, hook in speed.hooks.items():
        table.add_row(
            name, f"{hook.calls:,}", f"{hook.rows:,}" if hook.rows else "-",
            f"{1e3 * hook.seconds:,.1f}", _number(hook.ms_per_call, ",.3f"),
            _number(hook.us_per_row, ",.2f"), _number(speed.share(name), ".1%"),
        )  # fmt: skip
    return table


def _table(*headings: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    return table


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
