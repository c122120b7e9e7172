"""What commands say on stderr: notes, warnings, errors and how far they are.

Results go to stdout. A note (`say`) tells what is going on, and ``--quiet`` leaves it out. A
warning (`say_warning`) tells something that a reader of the results must know: that a part of the
input was left out or read in another way than it may be meant, that something given has no effect,
that a result can't be relied on, that a result is not where it was wanted. ``--quiet`` keeps it.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

__all__ = ["plain_warnings", "progress_bar", "say", "say_error", "say_warning"]


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """Give ``show(what, share done)``: a bar on stderr; where that is no terminal, a line each."""
    if quiet or not sys.stderr.isatty():
        said: set[str] = set()

        def note(what: str, _share: float) -> None:
            kind = what.partition(":")[0]  # what it will take is said once, with the name
            if kind not in said:
                said.add(kind)
                say(what, quiet=quiet)

        yield note
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def show(what: str, share: float) -> None:
            bar.update(task, description=Text(what).plain, completed=share)

        yield show


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Show the warnings of omnilab's own parts as `say_warning` does, each text once."""
    from omnilab.errors import OmnilabWarning

    said: set[str] = set()
    before = warnings.showwarning

    def show(message: Warning | str, *args: Any, **kwargs: Any) -> None:
        if not isinstance(message, OmnilabWarning):
            before(message, *args, **kwargs)
        elif str(message) not in said:
            said.add(str(message))
            say_warning(str(message))

    with warnings.catch_warnings():
        warnings.simplefilter("always", OmnilabWarning)
        warnings.showwarning = show
        yield


def say(line: str, *, quiet: bool) -> None:
    """Print a note on stderr."""
    if not quiet:
        click.echo(line, err=True)


def say_error(text: str) -> None:
    """Print one red line on stderr."""
    _say_in(f"error: {text}", "red")


def say_warning(text: str) -> None:
    """Print one yellow line on stderr about something that a reader of the results must know.

    Parameters
    ----------
    text
        One finding, with counts where there are any; without "warning:", which stands before it.
    """
    _say_in(f"warning: {text}", "yellow")


def _say_in(text: str, color: str) -> None:
    line = "".join(c if c.isprintable() else " " for c in text).strip()
    colored = False if os.environ.get("NO_COLOR") else None
    click.secho(line, fg=color, err=True, color=colored)
