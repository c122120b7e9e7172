"""Writing rows of the log, and carrying the brand's notes and timers to log and queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.journeys import is_live
from omnilab.cell.queue import BRAND, push
from omnilab.kernels.compiling import inlined, inner
from omnilab.world.identifiers import owner_of

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell

__all__ = ["drain", "emit"]

NOTE_PRIORITY = 60


@inner
def emit(
    cell: Cell,
    t: int,
    who: int,
    kind: int,
    channel: int,
    silo: int,
    a: int,
    b: int,
    c: int,
    d: int,
) -> None:
    """Write one row about person ``who`` of the cell."""
    m = cell.meta
    person = cell.person[who]
    row = cell.row[m.rows]
    m.rows += 1
    row.time = t
    row.person = m.first + who
    row.seq = person.row_seq
    person.row_seq += 1
    row.priority = 0 if kind < 20 else 1 if kind < 30 else 2
    row.kind = kind
    row.channel = channel
    row.silo = silo
    row.a = a
    row.b = b
    row.c = c
    row.d = d


@inlined
def drain(cell: Cell, t: int) -> None:
    """Turn what the brand said into rows and items."""
    if cell.meta.notes + cell.meta.timers > 0:  # mostly it said nothing
        _carry(cell, t)


@inner
def _carry(cell: Cell, t: int) -> None:
    m = cell.meta
    for i in range(m.notes):
        x = cell.note[i]
        emit(cell, t, owner_of(x.code), x.kind, x.channel, x.silo, x.a, x.b, x.c, x.d)
    m.notes = 0
    for i in range(m.timers):
        y = cell.timer[i]
        if is_live(cell, y.a, y.b):  # often what it was for has come meanwhile
            push(cell, y.time, y.kind, BRAND, y.a, y.b)
    m.timers = 0
