"""``omnilab fit-visits``: visits, devices and hours of your own shop's log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.fit_logs import fit_log, fitted_table, log_options, show_log
from omnilab.cli.options import quiet_option
from omnilab.cli.places import DATA, PlacesCommand

if TYPE_CHECKING:
    from pathlib import Path

    from omnilab.fit.visits.course import FittedVisits

__all__ = ["fit_visits"]


@click.command("fit-visits", cls=PlacesCommand)
@click.argument("visits", type=DATA)
@log_options("time, browser, person, channel, device, event")
@quiet_option
def fit_visits(visits: Path, output: Path, **given: Any) -> None:
    """Fit visits to VISITS, a log of a web shop or an app: CSV, JSON or Parquet.

    A row is a visit, or a view, cart or order in one. Fits hours and days, devices, logins, carts
    that are bought at once, and by simulation the visits without a need.
    """
    from omnilab.fit.visits.course import fit_visits as carry_out

    fit_log(carry_out, _show, visits, output, **given)


def _show(found: FittedVisits) -> None:
    from omnilab.report.document import Table

    rows = tuple(
        (f"{channel}, {what}", tuple("-" if x is None else _number(what, x) for x in (data, mine)))
        for channel, what, data, mine in found.rows
    )
    tables = (Table("Visits", "", ("log", "simulated"), rows), fitted_table(found.fitted))
    show_log(found, tables)


def _number(what: str, value: float) -> str:
    return f"{value:.1f}" if what == "visits an order" else f"{value:.1%}"
