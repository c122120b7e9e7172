"""``omnilab twin``: one customer's timeline under each strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.course import load_strategies
from omnilab.cli.options import CUSTOMERS, SEED, FiniteNumber, hook_timeout_option
from omnilab.cli.places import RUN, STRATEGY, PlacesCommand
from omnilab.cli.plausible import one_world_only

if TYPE_CHECKING:
    from omnilab.report.timeline import Moment
    from omnilab.scenario.model import Scenario

__all__ = ["twin"]

DAY_S = 86400
_COLUMN = 18  # narrower columns break words: then each line names its strategies instead
_TIME = "%Y-%m-%d %H:%M"


@click.command(cls=PlacesCommand)
@click.argument("run", type=RUN)
@click.argument("customer", type=click.IntRange(min=0))
@click.option(
    "-s",
    "--strategy",
    "strategies",
    type=STRATEGY,
    multiple=True,
    metavar="S",
    help="Only these; several times. Those of the run by default.",
)
@click.option(
    "--from",
    "from_day",
    type=FiniteNumber(),
    metavar="DAY",
    help="First day, counted from the measured window's start; below 0 is burn-in.",
)
@click.option(
    "--to", "to_day", type=FiniteNumber(), metavar="DAY", help="The day before which to end."
)
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--seed", type=SEED, help="Of a scenario; 1 by default. A run has its own.")
@click.option("--customers", type=CUSTOMERS, help="Of a scenario; a run has its own.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also identifiers, views, receipts, journeys entered and left, merges.",
)
@one_world_only(
    "it shows the days of one customer, who lives in one world; compare --plausible "
    "compares over a set"
)
@hook_timeout_option
def twin(
    run: str,
    customer: int,
    strategies: tuple[str, ...],
    from_day: float | None,
    to_day: float | None,
    replication: int,
    seed: int | None,
    customers: int | None,
    everything: bool,
) -> None:
    """Show CUSTOMER, a number from 0, under each strategy of RUN, side by side.

    RUN is a run directory, or a scenario's file or id. The customer is simulated again; what has
    the same time and place in every column happened under every strategy.
    """  # fmt: skip
    from omnilab.errors import OptionError
    from omnilab.experiment.singles import person_rows
    from omnilab.report.timeline import align, tell_all

    scenario, names, seed = _source(run, strategies, seed, customers, replication)
    if customer >= scenario.population.customers:
        last = scenario.population.customers - 1
        raise OptionError(f"customer {customer}: there are 0 to {last}")
    from_s, to_s = _stretch(scenario, from_day, to_day)
    loaded = load_strategies(names, scenario)
    logs = [
        person_rows(scenario, strategy, customer, seed=seed, replication=replication)
        for strategy in loaded.values()
    ]
    told = tell_all(scenario, list(loaded.values()), logs, everything=everything)
    columns = [strategy.name for strategy in loaded.values()]
    moments = align(told, from_s, to_s)
    _print(scenario, customer, columns, moments, logs, (from_s, to_s))


def _source(
    run: str,
    strategies: tuple[str, ...],
    seed: int | None,
    customers: int | None,
    replication: int,
) -> tuple[Scenario, tuple[str, ...], int]:
    """Return scenario, strategies' names and seed of a run directory or of a scenario."""
    from pathlib import Path

    from omnilab.cli.effects import warn_no_effects
    from omnilab.cli.named import check_named
    from omnilab.errors import OptionError, nearest
    from omnilab.runs.directories import read_run
    from omnilab.scenario.load import read_scenario

    if not Path(run).is_dir():
        read = read_scenario(run)
        check_named(read, compared=not strategies)
        warn_no_effects(read)
        size = customers or read.scenario.population.customers
        scenario = read.scenario.with_customers(size)
        return scenario, strategies or scenario.strategies, 1 if seed is None else seed
    if seed is not None or customers is not None:
        raise OptionError("a run directory has its own --seed and --customers")
    kept = read_run(Path(run))
    if replication >= kept.replications:
        last = kept.replications - 1
        raise OptionError(f"--replication {replication}: the run has 0 to {last}")
    for name in strategies:
        if name not in kept.strategies:
            hint = nearest(name, kept.strategies) or f"; it has {', '.join(kept.strategies)}"
            raise OptionError(f"the run has no strategy {name!r}{hint}")
    usual = [*kept.scenario.strategies, *kept.strategies]
    shown = strategies or sorted(kept.strategies, key=usual.index)
    names = tuple(kept.strategies[name] for name in shown)
    return kept.scenario.with_customers(kept.options.customers), names, kept.options.seed


def _stretch(scenario: Scenario, from_day: float | None, to_day: float | None) -> tuple[int, int]:
    """Return the first second to show and the one to end before."""
    import math

    from omnilab.errors import OptionError

    time = scenario.time
    for name, day in (("--from", from_day), ("--to", to_day)):
        if day is not None and not math.isfinite(day):
            raise OptionError(f"{name} {day} is no day")
    from_s = time.burn_in + round((from_day or 0.0) * DAY_S)
    to_s = time.burn_in + (time.window if to_day is None else round(to_day * DAY_S))
    if from_s >= to_s:
        raise OptionError(f"--from {from_day or 0:g} is not before --to {to_day or 0:g}")
    return from_s, to_s


def _print(
    scenario: Scenario,
    customer: int,
    columns: list[str],
    moments: list[Moment],
    logs: list[Any],
    stretch: tuple[int, int],
) -> None:
    """Print a column for each strategy, or where it is narrow lines that name theirs."""
    import os
    import sys

    from rich.console import Console
    from rich.text import Text

    from omnilab.report.terminal import open_console
    from omnilab.report.timeline import local_time, summary

    console = open_console()
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS", "").isdecimal():
        console = Console(width=10_000, markup=False, highlight=False, emoji=False)
    first, last = (local_time(scenario, t) for t in stretch)
    console.print(
        Text(f"Customer {customer} of {scenario.id}, {_persona(scenario, logs[0])}", "bold")
    )
    console.print(Text(f"{first:{_TIME}} to {last:{_TIME}}, {scenario.time.zone}"))
    if not moments:
        console.print(Text("Nothing happened."))
    elif (console.width - len(_TIME) - 6) // len(columns) >= _COLUMN:
        _print_table(console, scenario, columns, moments)
    else:
        _print_lines(console, scenario, columns, moments)
    for name, log in zip(columns, logs, strict=True):
        console.print(Text(f"{name}: {summary(log, *stretch, scenario.currency)}"))


def _persona(scenario: Scenario, log: Any) -> str:
    from omnilab.log.rows import PERSON, of_kind

    born = of_kind(log, PERSON)
    if not len(born):
        return "persona unknown"
    personas = scenario.population.personas
    number = int(born[0].persona)
    name = personas[number].name if 0 <= number < len(personas) else str(number)
    return f"{name}, household {int(born[0].household)}"


def _print_table(console: Any, scenario: Scenario, columns: list[str], moments: Any) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from omnilab.report.timeline import local_time

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("time", no_wrap=True)
    for name in columns:
        table.add_column(Text(name), overflow="fold")
    for moment in moments:
        # What differs between the twins stands out.
        style = "" if len(set(moment.words)) == 1 else "bold"
        cells = [Text("\n".join(words)) for words in moment.words]
        table.add_row(f"{local_time(scenario, moment.time_s):{_TIME}}", *cells, style=style)
    console.print(table)


def _print_lines(console: Any, scenario: Scenario, columns: list[str], moments: Any) -> None:
    from rich.text import Text

    from omnilab.report.timeline import local_time

    console.print()
    for moment in moments:
        when = f"{local_time(scenario, moment.time_s):{_TIME}}"
        for words in dict.fromkeys(w for w in moment.words if w):
            who = [n for n, w in zip(columns, moment.words, strict=True) if w == words]
            names = "all" if len(who) == len(columns) else ", ".join(who)
            style = "" if len(who) == len(columns) else "bold"
            console.print(Text(f"{when}  {names}: {'; '.join(words)}", style))
    console.print()
