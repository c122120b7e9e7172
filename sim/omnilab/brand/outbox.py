"""What the brand says to the engine: rows for the log, and timers to be woken by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.state import BrandCell

__all__ = ["note", "wake"]


@inner
def note(
    cell: BrandCell, kind: int, channel: int, silo: int, code: int, a: int, b: int, c: int, d: int
) -> None:
    """Leave a row for the log; ``code`` is an identifier of the profile that it is about."""
    if cell.meta.replaying == 1:
        return
    i = cell.meta.notes
    row = cell.note[i]
    row.kind = kind
    row.channel = channel
    row.silo = silo
    row.code = code
    row.a = a
    row.b = b
    row.c = c
    row.d = d
    cell.meta.notes = i + 1


@inner
def wake(cell: BrandCell, time: int, kind: int, a: int, b: int) -> None:
    """Ask to be woken at ``time`` with two numbers."""
    i = cell.meta.timers
    row = cell.timer[i]
    row.time = time
    row.kind = kind
    row.a = a
    row.b = b
    cell.meta.timers = i + 1
