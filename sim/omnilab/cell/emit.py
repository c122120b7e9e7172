"""Writing rows of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell

__all__ = ["emit"]


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
