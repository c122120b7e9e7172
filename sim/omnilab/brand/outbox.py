"""What the brand says to the engine: rows for the log, and timers to be woken by."""

from __future__ import annotations

from typing import Any

from omnilab.kernels.compiling import inner

__all__ = ["note", "wake"]


@inner
def note(
    C: Any, kind: int, channel: int, silo: int, code: int, a: int, b: int, c: int, d: int
) -> None:
    """Leave a row for the log; ``code`` is an identifier of the profile that it is about."""
    if C.meta[0].replaying == 1:
        return
    i = C.meta[0].notes
    row = C.note[i]
    row.kind = kind
    row.channel = channel
    row.silo = silo
    row.code = code
    row.a = a
    row.b = b
    row.c = c
    row.d = d
    C.meta[0].notes = i + 1


@inner
def wake(C: Any, time: int, kind: int, a: int, b: int) -> None:
    """Ask to be woken at ``time`` with two numbers."""
    i = C.meta[0].timers
    row = C.timer[i]
    row.time = time
    row.kind = kind
    row.a = a
    row.b = b
    C.meta[0].timers = i + 1
