"""What ``omnilab fit-messages`` and ``omnilab fit-visits`` share: options, writing, tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import click

from omnilab.cli.console import progress_bar, say, say_warning
from omnilab.cli.options import pairs
from omnilab.cli.places import FITTED, SCENARIO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from omnilab.report.document import Table
    from omnilab.scenario.model import Scenario

__all__ = ["FittedLog", "fit_log", "fitted_table", "log_options", "show_log"]


class FittedLog(Protocol):
    """What is written and shown of a fit to a log."""

    data: dict[str, Any]
    scenario: Scenario
    notes: list[str]

    @property
    def size(self) -> str:
        """The log's, in words."""
        raise NotImplementedError

    def header(self, base: str) -> str:
        """Return the comment above the scenario's file."""
        raise NotImplementedError


def log_options(roles: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds the options of a fit to a log to a command.

    Parameters
    ----------
    roles
        Of its columns, as the help lists them.
    """
    options = (
        click.option(
            "-o", "--output", type=FITTED, required=True, metavar="SCENARIO",
            help="Scenario file to write; one by an earlier fit that nobody edited is replaced.",
        ),
        click.option(
            "--base", type=SCENARIO, metavar="SCENARIO",
            help="File or id with your channels, customers and journeys, such as one that fit has "
            "made; a web shop with e-mail if not given.",
        ),
        click.option(
            "--column", "columns", multiple=True, metavar="ROLE=NAME",
            help=f"A column by its role: {roles}; found by its name. Repeatable.",
        ),
        click.option(
            "--channel", "channels", multiple=True, metavar="WORD=NAME",
            help="The scenario's channel for a word of the log, or ignore. Repeatable.",
        ),
    )  # fmt: skip

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def fit_log(
    carry_out: Callable[..., FittedLog], show_it: Callable[[Any], None], log: Path, output: Path,
    base: str | None, columns: tuple[str, ...], channels: tuple[str, ...], quiet: bool,
    **more: Any,
) -> None:  # fmt: skip
    """Carry out a fit to a log, write its scenario, and show what was found.

    Parameters
    ----------
    carry_out
        `omnilab.fit.messages.course.fit_messages` or its like.
    show_it
        Prints what was found.
    more
        Arguments of ``carry_out`` that only it has.
    """
    from omnilab.fit.request import id_of
    from omnilab.fit.scenario import read_base, write_scenarios

    given = {"columns": pairs("--column", columns), "words": pairs("--channel", channels)}
    ground = read_base(base)
    with progress_bar(quiet=quiet) as show:
        found = carry_out(
            log, ground, scenario_id=id_of(output.name), say=partial(say, quiet=quiet), show=show,
            **given, **more,
        )  # fmt: skip
    write_scenarios([(output, found.data, found.header(base or "a web shop with e-mail"))])
    if not quiet:
        show_it(found)
    for note in found.notes:
        say_warning(note)
    say(f"written to {output}", quiet=quiet)


def show_log(found: FittedLog, tables: Sequence[Table]) -> None:
    """Print the tables of a fit to a log."""
    from omnilab.report.document import Document
    from omnilab.report.terminal import print_document

    title = f"{found.scenario.id}: {found.scenario.title}"
    print_document(Document(title, found.size, (), tuple(tables), ()))


def fitted_table(fitted: Mapping[str, tuple[float, float | None]]) -> Table:
    """Return what a scenario has from a log, a row a key."""
    from omnilab.report.document import Table

    rows = tuple(
        (key, ("" if value != value else f"{value:.4g}", "" if error is None else f"{error:.2g}"))
        for key, (value, error) in fitted.items()
    )
    return Table("Fitted", "", ("value", "error"), rows)
