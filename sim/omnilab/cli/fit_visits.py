"""``omnilab fit-visits``: visits, devices and hours of your own shop's log."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from omnilab.cli.console import progress_bar, say, say_warning
from omnilab.cli.options import pairs, quiet_option
from omnilab.cli.places import DATA, FITTED, SCENARIO, PlacesCommand

if TYPE_CHECKING:
    from pathlib import Path

    from omnilab.fit.visits.course import FittedVisits

__all__ = ["fit_visits"]


@click.command("fit-visits", cls=PlacesCommand)
@click.argument("visits", type=DATA)
@click.option(
    "-o", "--output", type=FITTED, required=True, metavar="SCENARIO",
    help="Scenario file to write; one by an earlier fit that nobody edited is replaced.",
)  # fmt: skip
@click.option(
    "--base", type=SCENARIO, metavar="SCENARIO",
    help="File or id with your channels, customers and journeys, such as one that fit has made; a "
    "web shop with e-mail if not given.",
)  # fmt: skip
@click.option(
    "--column", "columns", multiple=True, metavar="ROLE=NAME",
    help="A column by its role: time, browser, person, channel, device, event; found by its name. "
    "Repeatable.",
)  # fmt: skip
@click.option(
    "--channel", "channels", multiple=True, metavar="WORD=NAME",
    help="The scenario's channel for a word of the log, or ignore. Repeatable.",
)  # fmt: skip
@quiet_option
def fit_visits(
    visits: Path, output: Path, base: str | None, columns: tuple[str, ...],
    channels: tuple[str, ...], quiet: bool,
) -> None:  # fmt: skip
    """Fit visits to VISITS, a log of a web shop or an app: CSV, JSON or Parquet.

    A row is a visit, or a view, cart or order in one. Fits hours and days, devices, logins, carts
    that are bought at once, and by simulation the visits without a need.
    """
    from omnilab.fit.request import id_of
    from omnilab.fit.scenario import read_base, write_scenarios
    from omnilab.fit.visits.course import fit_visits as carry_out

    given = {"columns": pairs("--column", columns), "words": pairs("--channel", channels)}
    ground = read_base(base)
    with progress_bar(quiet=quiet) as show:
        found = carry_out(
            visits, ground, scenario_id=id_of(output.name), say=partial(say, quiet=quiet),
            show=show, **given,
        )  # fmt: skip
    write_scenarios([(output, found.data, found.header(base or "a web shop with e-mail"))])
    if not quiet:
        _show(found)
    for note in found.notes:
        say_warning(note)
    say(f"written to {output}", quiet=quiet)


def _show(found: FittedVisits) -> None:
    from omnilab.cli.fit_messages import fitted_table
    from omnilab.report.document import Document, Table
    from omnilab.report.terminal import print_document

    rows = tuple(
        (f"{channel}, {what}", tuple("-" if x is None else _number(what, x) for x in (data, mine)))
        for channel, what, data, mine in found.rows
    )
    tables = (Table("Visits", "", ("log", "simulated"), rows), fitted_table(found.fitted))
    title = f"{found.scenario.id}: {found.scenario.title}"
    print_document(Document(title, found.size, (), tables, ()))


def _number(what: str, value: float) -> str:
    return f"{value:.1f}" if what == "visits an order" else f"{value:.1%}"
