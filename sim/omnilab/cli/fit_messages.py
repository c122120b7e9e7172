"""``omnilab fit-messages``: rates of response of your own message log."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from omnilab.cli.console import progress_bar, say, say_warning
from omnilab.cli.options import pairs, quiet_option
from omnilab.cli.places import DATA, FITTED, SCENARIO, PlacesCommand

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omnilab.fit.messages.course import FittedMessages
    from omnilab.report.document import Table

__all__ = ["fit_messages", "fitted_table"]


@click.command("fit-messages", cls=PlacesCommand)
@click.argument("messages", type=DATA)
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
    help="A column by its role: person, sent, opened, is_opened, clicked, campaign, event and so "
    "on; found by its name. Repeatable.",
)  # fmt: skip
@click.option(
    "--channel", "channels", multiple=True, metavar="WORD=NAME",
    help="The scenario's channel for a word of the log, or ignore. Repeatable.",
)  # fmt: skip
@click.option("--no-check", is_flag=True, help="Don't simulate the fitted scenario.")
@quiet_option
def fit_messages(
    messages: Path, output: Path, base: str | None, columns: tuple[str, ...],
    channels: tuple[str, ...], no_check: bool, quiet: bool,
) -> None:  # fmt: skip
    """Fit how persons answer to MESSAGES, a log of a mail tool: CSV, JSON or Parquet.

    A row is a message, or an event of one. Fits rates by channel, delays of opens, how far persons
    differ, what volume does, how mailshots differ, and how much is written to those who answered
    lately. Then simulates the fitted scenario and counts its log as yours was.
    """
    from omnilab.fit.messages.course import fit_messages as carry_out
    from omnilab.fit.request import id_of
    from omnilab.fit.scenario import read_base, write_scenarios

    given = {"columns": pairs("--column", columns), "words": pairs("--channel", channels)}
    ground = read_base(base)
    with progress_bar(quiet=quiet) as show:
        found = carry_out(
            messages, ground, scenario_id=id_of(output.name), check=not no_check,
            say=partial(say, quiet=quiet), show=show, **given,
        )  # fmt: skip
    write_scenarios([(output, found.data, found.header(base or "a web shop with e-mail"))])
    if not quiet:
        _show(found)
    for note in found.notes:
        say_warning(note)
    say(f"written to {output}", quiet=quiet)


def _show(found: FittedMessages) -> None:
    """Print the log beside the simulated one, and what was fitted."""
    from omnilab.report.document import Document
    from omnilab.report.terminal import print_document

    title = f"{found.scenario.id}: {found.scenario.title}"
    print_document(Document(title, found.size, (), tuple(_tables(found)), ()))


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


def fitted_table(fitted: Mapping[str, tuple[float, float | None]]) -> Table:
    """Return what a scenario has from a log, a row a key."""
    from omnilab.report.document import Table

    rows = tuple(
        (key, ("" if value != value else f"{value:.4g}", "" if error is None else f"{error:.2g}"))
        for key, (value, error) in fitted.items()
    )
    return Table("Fitted", "", ("value", "error"), rows)
