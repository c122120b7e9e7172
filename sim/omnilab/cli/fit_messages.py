"""``omnilab fit-messages``: rates of response of your own message log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.fit_logs import fit_log, fitted_table, log_options, show_log
from omnilab.cli.options import quiet_option
from omnilab.cli.places import DATA, PlacesCommand

if TYPE_CHECKING:
    from pathlib import Path

    from omnilab.fit.messages.course import FittedMessages
    from omnilab.report.document import Table

__all__ = ["fit_messages"]


@click.command("fit-messages", cls=PlacesCommand)
@click.argument("messages", type=DATA)
@log_options("person, sent, opened, is_opened, clicked, campaign, event and so on")
@click.option("--no-check", is_flag=True, help="Don't simulate the fitted scenario.")
@quiet_option
def fit_messages(messages: Path, output: Path, no_check: bool, **given: Any) -> None:
    """Fit how persons answer to MESSAGES, a log of a mail tool: CSV, JSON or Parquet.

    A row is a message, or an event of one. Fits rates by channel, delays of opens, how far persons
    differ, what volume does, how mailshots differ, and how much is written to those who answered
    lately. Then simulates the fitted scenario and counts its log as yours was.
    """
    from omnilab.fit.messages.course import fit_messages as carry_out

    fit_log(carry_out, _show, messages, output, check=not no_check, **given)


def _show(found: FittedMessages) -> None:
    """Print the log beside the simulated one, and what was fitted."""
    show_log(found, _tables(found))


def _tables(found: FittedMessages) -> list[Table]:
    from omnilab.fit.messages.report import row_groups
    from omnilab.report.document import Table

    said = {
        "rates": ("Rates", "Of delivered messages, bounces of sent ones; answers within 7 days."),
        "volume": ("Bulk messages a week", "To persons who had, or had not, answered lately."),
        "by_month": (
            "Opened, by the messages of the 30 days before",
            "Not what volume does: who is written to more differs.",
        ),
        "by_own_rate": ("Opened, by the person's own open rate of the month before", ""),
    }
    tables = []
    for name, rows in row_groups(found).items():
        write = "{:.2f}" if name == "volume" else "{:.2%}"
        cells = tuple(
            (f"{r.channel}, {r.what}" if len(found.channels) > 1 else r.what,
             (write.format(r.data), "" if r.error is None else write.format(r.error),
              "-" if r.simulated is None else write.format(r.simulated)))
            for r in rows
        )  # fmt: skip
        title, note = said[name]
        tables.append(Table(title, "", ("log", "error", "simulated"), cells, note))
    tables.append(fitted_table(found.fitted))
    return tables
