"""``omnilab fit``: a scenario of your own transaction log."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.console import progress_bar, say, say_warning
from omnilab.cli.fit_experiment import experiment_options, fit_experiment, split_off
from omnilab.cli.made_worlds import points_option
from omnilab.cli.options import CUSTOMERS, hook_timeout_option, quiet_option
from omnilab.cli.places import DATA, FITTED, FOLDER, SCENARIO, STRATEGY, PlacesCommand, check_beside
from omnilab.cli.plausible import WORLDS_OUT
from omnilab.cli.purchase_log import DAY, purchase_log_options
from omnilab.cli.workers import on_workers, refuse_workers, workers_options

if TYPE_CHECKING:
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.fit.found import Fitted
    from omnilab.fit.plausible.sets import Search
    from omnilab.fit.request import FitRequest

__all__ = ["fit"]


@click.command(cls=PlacesCommand)
@click.argument("transactions", type=DATA, required=False)
@click.option(
    "-o",
    "--output",
    type=FITTED,
    metavar="SCENARIO",
    help="Scenario file to write; one by an earlier fit that nobody edited is replaced.",
)
@click.option(
    "--status-quo",
    type=STRATEGY,
    metavar="S",
    help="Strategy under which the orders were made; no_contact if nobody was written to.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Read the log, say what would be counted, and stop: nothing is written.",
)
@click.option(
    "--holdout",
    metavar="DURATION",
    help="How much of the log's end to hold out, such as 13w: the days before are fitted anew, "
    "and the last ones forecast. 13 weeks if not given, or a quarter of a log under a year; none "
    "for no hold-out.",
)
@click.option(
    "--season",
    metavar="HOW",
    help="fit, off, or twelve monthly factors such as 0.8,0.9,..., January first. Fitted from "
    "two years on if not given, else off.",
)
@click.option(
    "--accept",
    is_flag=True,
    help="Write the scenario although the log does not tell whether customers leave.",
)
@click.option(
    "--tables",
    type=FOLDER,
    metavar="DIR",
    help="Folder for customers.parquet (with their ids), weeks.parquet, classes.parquet and "
    "draws.parquet.",
)
@click.option(
    "--forecast",
    metavar="DURATION",
    help="Such as 365d: write a second scenario, which goes on after the log's end with its "
    "customers, as SCENARIO with -next in its name.",
)
@click.option(
    "--worlds",
    type=click.IntRange(2, 10_000),
    metavar="N",
    help="Also write a set of N plausible worlds, which the log does not rule out, as "
    "SCENARIO.worlds.parquet beside the scenario, for compare --plausible auto.",
)
@click.option(
    "--waves",
    type=click.IntRange(1, 10),
    metavar="N",
    help="With --worlds: how often to look again in what is left; 3 by default.",
)
@points_option
@click.option(
    "--worlds-customers",
    type=CUSTOMERS,
    metavar="N",
    help="With --worlds: customers of each simulation; 1,000 by default.",
)
@click.option(
    "--base",
    type=SCENARIO,
    metavar="SCENARIO",
    help="File or id with your channels, message rates and journeys; a web shop with e-mail if "
    "not given.",
)
@purchase_log_options
@click.option("--quantity", metavar="COLUMN", help="Column of pieces; found by its name.")
@click.option("--status", metavar="COLUMN", help="Column of statuses; found by its name.")
@click.option(
    "--sold", multiple=True, metavar="STATUS", help="A status that counts as sold; repeatable."
)
@click.option(
    "--not-sold", multiple=True, metavar="STATUS", help="A status that doesn't; repeatable."
)
@click.option("--keep-zero", is_flag=True, help="Keep orders of amount 0.")
@click.option("--keep-duplicates", is_flag=True, help="Keep rows that are copies of others.")
@click.option("--keep-far", is_flag=True, help="Keep orders dated far from all others.")
@click.option(
    "--until",
    type=DAY,
    metavar="DAY",
    help="Last day for which the log is complete; later orders are left out. The day of its last "
    "order if not given.",
)
@click.option(
    "--first-from",
    type=DAY,
    metavar="DAY",
    help="Leave out who first ordered before, such as customers from before the log began.",
)
@click.option("--first-until", type=DAY, metavar="DAY", help="Leave out who first ordered later.")
@click.option(
    "--currency",
    metavar="XXX",
    help="Of the amounts; of a log in several, the one to keep. The log's if it names one, else "
    "the base's, else EUR.",
)
@experiment_options
@workers_options
@hook_timeout_option
@quiet_option
@click.pass_context
def fit(context: click.Context, /, **given: Any) -> None:
    """Make a scenario of TRANSACTIONS, a purchase log: CSV, JSON, Parquet, or a shop's export.

    Counts what was sold: orders that were cancelled, refunded, failed or not paid are left out,
    refunds are taken off their orders, and what was left out or not understood is said. Fits how
    often customers buy, when they leave and what they spend, then adjusts the needs by simulation
    until customers under the status quo buy as those of the log. Shows fit and data side by side,
    forecasts the log's last weeks from the weeks before, and writes a scenario that compare runs.
    Start with --check.

    With --experiment TABLE, in place of a log, fits how customers answer messages to a randomised
    test of your own.
    """
    from omnilab.cli.fit_report import show_check, show_fit
    from omnilab.cli.made_worlds import keep_worlds
    from omnilab.experiment.plausible.file import worlds_beside
    from omnilab.fit.course import carry_out
    from omnilab.fit.request import FitRequest, id_of, log_findings
    from omnilab.fit.scenario import read_base, write_scenarios
    from omnilab.fit.tables import check_folder, write_tables

    given = {name: _day(value) for name, value in given.items()}
    if (test := split_off(given)) is not None:
        refuse_workers(context, "not with --experiment")
        fit_experiment(test)
        return
    _check_log(given["transactions"])
    output, check, quiet = (given.pop(name) for name in ("output", "check", "quiet"))
    tables, search = given.pop("tables"), _search(given)
    request = FitRequest(**given)
    request.check()
    files = [] if check else _files(request, output)
    if search is not None and not check:
        check_beside(context, "--worlds", worlds_beside(output), WORLDS_OUT)
    if tables is not None:
        check_folder(tables)
    base = {} if check else read_base(request.base)
    log = request.read()
    occasions = request.occasions_of(log)
    if check:
        show_check(log, occasions, request.transactions)
        return
    notes, warnings = log_findings(request, log, occasions)
    for note in notes:
        say(note, quiet=quiet)
    for warning in warnings:
        say_warning(warning)
    with on_workers(context), progress_bar(quiet=quiet) as show:
        fitted = carry_out(
            request, log, occasions, base, scenario_id=id_of(output.name),
            say=partial(say, quiet=quiet), show=show,
        )  # fmt: skip
        plausible = None if search is None else _plausible(fitted, replace(search, progress=show))
    write_scenarios(
        [(f, data, above) for f, (data, above) in zip(files, fitted.files, strict=True)]
    )
    if tables is not None:
        write_tables(fitted, log, tables)
    if not quiet:
        show_fit(fitted, log)
    if plausible is not None:
        keep_worlds(plausible, worlds_beside(output), quiet=quiet)
    for warning in fitted.warnings:
        say_warning(warning)
    for file in [*files, *([tables] if tables is not None else [])]:
        say(f"written to {file}", quiet=quiet)


def _search(given: dict[str, Any]) -> Search | None:
    """Take out of a command's options how hard to look for plausible worlds; None for not at all.

    Raises
    ------
    OptionError
        If an option is given that says nothing without ``--worlds``.
    """
    from omnilab._arguments import cores
    from omnilab.errors import OptionError
    from omnilab.fit.plausible.sets import Search

    names = {"worlds": "--worlds", "points": "--points", "waves": "--waves",
             "worlds_customers": "--worlds-customers"}  # fmt: skip
    asked = {name: given.pop(name) for name in names}
    asked = {name: value for name, value in asked.items() if value is not None}
    if "worlds" not in asked:
        for name in asked:
            raise OptionError(f"{names[name]}: goes with --worlds")
        return None
    customers = asked.pop("worlds_customers", Search.customers)
    return Search(**asked, customers=customers, threads=cores())


def _plausible(fitted: Fitted, search: Search) -> WorldSet:
    """Return the worlds that the log does not rule out, of the scenario as its file will be."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from omnilab.fit.plausible.sets import worlds_of_log
    from omnilab.fit.scenario import write_scenarios
    from omnilab.scenario.load import read_scenario

    with TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.yaml"
        write_scenarios([(file, fitted.data, "")])
        read = read_scenario(file)
        return worlds_of_log(
            read.scenario, read.assumptions(), fitted.setting.occasions, search
        )  # fmt: skip


def _check_log(log: Path | None) -> None:
    """Refuse a fit of nothing.

    Raises
    ------
    OptionError
        If no log was given.
    """
    from omnilab.errors import OptionError

    if log is None:
        raise OptionError("Missing argument 'TRANSACTIONS': a purchase log, or --experiment TABLE")


def _day(value: Any) -> Any:
    """Return the day of a day's option, which click gives as a moment; all else as it is."""
    return value.date() if isinstance(value, datetime) else value


def _files(request: FitRequest, output: Path | None) -> list[Path]:
    """Return the files to write, after a look at the places that no option names.

    Raises
    ------
    OptionError
        If an option that only ``--check`` does without is missing, or a place can't be written.
    """
    from omnilab.errors import OptionError
    from omnilab.fit.request import next_to

    if request.status_quo is None:
        raise OptionError(
            "Missing option '--status-quo': the strategy under which the orders were made, "
            "such as no_contact"
        )
    if output is None:
        raise OptionError("Missing option '-o' / '--output': the scenario file to write")
    if not request.days:
        return [output]
    after = next_to(output)
    check_beside(click.get_current_context(), "--forecast", after, FITTED)
    return [output, after]
