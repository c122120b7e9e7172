"""Show reports on a terminal of any width, and in plain text where the output is no terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from omnilab.report.bars import interval_bars
from omnilab.report.document import Document, Table

__all__ = [
    "PipedConsole",
    "is_plain",
    "open_console",
    "plain_text",
    "print_columns",
    "print_document",
]

_PIPED_WIDTH = 120
_MOST_WIDTH = 100  # of a line with a bar
_NARROWEST = 20  # of a bar, and of the first column: longer names take two lines


class PipedConsole(Console):
    """A console that leaves a closed pipe to the command line, which has one exit code for it."""

    def on_broken_pipe(self) -> None:
        """Raise what Rich has caught, instead of exiting with 1."""
        raise BrokenPipeError


def open_console() -> Console:
    """Return a console on stdout; no colour and a fixed width where that is no terminal."""
    stream = sys.stdout
    if "utf" not in (getattr(stream, "encoding", None) or "utf").lower():
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a mark that the terminal does not have must not end the run
            reconfigure(errors="replace")
    width = None
    if not stream.isatty() and not os.environ.get("COLUMNS", "").isdecimal():
        width = _PIPED_WIDTH
    return PipedConsole(width=width, markup=False, highlight=False, emoji=False)


def print_document(document: Document, console: Console | None = None) -> None:
    """Print a report.

    Parameters
    ----------
    document
        What to say.
    console
        Where; stdout if not given.
    """
    console = console or open_console()
    console.print(plain_text(document.title, "bold"))
    console.print(plain_text(document.setting))
    if document.headlines:
        console.print()
    for line in document.headlines:
        console.print(plain_text(line, "green"))
    _print_intervals(console, document)
    for table in document.tables:
        print_columns(console, table)
    console.print()
    for line in document.notes:
        console.print(plain_text(line, "dim"))


def _print_intervals(console: Console, document: Document) -> None:
    """Print a line for each difference: where it may be, and where zero is."""
    found = document.intervals
    if not found:
        return
    wide = max(len(i.name) for i in found)
    text = max(len(i.text) for i in found)
    room = min(console.width, _MOST_WIDTH) - wide - text - 4
    bars = interval_bars(found, room, plain=is_plain(console)) if room >= _NARROWEST else []
    console.print()
    console.print(plain_text(document.drawn, "bold"))
    for n, i in enumerate(found):
        bar = f"  {bars[n]}" if bars else ""  # a narrow terminal has the numbers alone
        console.print(plain_text(f"{i.name:<{wide}}  {i.text:>{text}}{bar}"))


def is_plain(console: Console) -> bool:
    """Tell whether the terminal has no more letters than ASCII."""
    return "utf" not in (console.encoding or "utf").lower()


def print_columns(console: Console, table: Table) -> None:
    """Print a table, below each other in parts where its columns don't fit side by side."""
    first = max([len(table.corner), *(len(name) for name, _ in table.rows)], default=0)
    first = min(first, max(_NARROWEST, console.width // 3))
    widths = [
        max(len(name), *(len(cells[i]) for _, cells in table.rows), 1)
        for i, name in enumerate(table.columns)
    ]
    for number, part in enumerate(_parts(widths, console.width - first - 1)):
        console.print()
        console.print(plain_text(f"{table.title}{' (more)' if number else ''}", "bold"))
        console.print(_part(table, part, first))
    if table.note:
        console.print(plain_text(table.note, "dim"))


def _part(table: Table, part: Sequence[int], first: int) -> RichTable:
    shown = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    shown.add_column(plain_text(table.corner), max_width=first, overflow="fold")
    for i in part:
        shown.add_column(plain_text(table.columns[i]), justify="right", overflow="fold")
    for name, cells in table.rows:
        shown.add_row(plain_text(name), *(plain_text(cells[i]) for i in part))
    return shown


def _parts(widths: Sequence[int], room: int) -> list[list[int]]:
    """Return column numbers in groups that fit the room; a column that never fits stands alone."""
    parts: list[list[int]] = [[]]
    left = room
    for i, width in enumerate(widths):
        if parts[-1] and width + 2 > left:
            parts.append([])
            left = room
        parts[-1].append(i)
        left -= width + 2
    return parts


def plain_text(line: str, style: str = "") -> Text:
    """Return text that can't steer the terminal, whatever a scenario's title holds."""
    return Text("".join(c if c.isprintable() or c == "\n" else " " for c in line), style=style)
