"""What the brand says to the engine: rows for the log, and timers to be woken by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.log.kinds import brand, messages
from omnilab.log.layout import words_of_kind

if TYPE_CHECKING:
    from omnilab.brand.state import BrandCell, Copy, Profile

__all__ = ["note_arm", "note_enter", "note_exit", "note_final", "note_merge", "wake"]

words_of_arm = words_of_kind(brand.ArmRow)
words_of_enter = words_of_kind(brand.Enter)
words_of_exit = words_of_kind(brand.Exit)
words_of_final = words_of_kind(messages.Finished)
words_of_merge = words_of_kind(brand.Merge)


@inner
def note(
    cell: BrandCell, kind: int, silo: int, code: int, words: tuple[int, int, int, int]
) -> None:
    """Leave a row for the log; ``code`` is an identifier of the profile that it is about.

    ``words`` are the kind's fields (see `omnilab.log.layout.words_of_kind`).
    """
    if cell.meta.replaying == 1:
        return
    i = cell.meta.notes
    row = cell.note[i]
    row.kind = kind
    row.silo = silo
    row.code = code
    row.a, row.b, row.c, row.d = words
    cell.meta.notes = i + 1


@inner
def note_enter(cell: BrandCell, copy: Copy) -> None:
    """Note that a copy's profile enters its journey."""
    p = cell.profile[int(copy.profile)]
    words = words_of_enter(copy_serial=copy.serial, journey=copy.journey, profile=p.serial)
    note(cell, rows.ENTER, int(copy.last_silo), p.key, words)


@inner
def note_arm(cell: BrandCell, copy: Copy, test: int, arm: int) -> None:
    """Note which arm of a test a copy falls into."""
    p = cell.profile[int(copy.profile)]
    words = words_of_arm(copy_serial=copy.serial, test=test, arm=arm, profile=p.serial)
    note(cell, rows.ARM, int(copy.last_silo), p.key, words)


@inner
def note_exit(cell: BrandCell, copy: Copy, reason: int) -> None:
    """Note that a copy ends."""
    p = cell.profile[int(copy.profile)]
    words = words_of_exit(copy_serial=copy.serial, journey=copy.journey, reason=reason)
    note(cell, rows.EXIT, int(copy.last_silo), p.key, words)


@inner
def note_final(cell: BrandCell, copy: Copy, status: int) -> None:
    """Note the final status of a copy's message."""
    p = cell.profile[int(copy.profile)]
    words = words_of_final(
        message=copy.message, journey=copy.journey, step=copy.step, profile=p.serial,
        status=status, sends=copy.sends,
    )  # fmt: skip
    note(cell, rows.FINAL, int(copy.last_silo), p.key, words)


@inner
def note_merge(cell: BrandCell, survivor: Profile, absorbed: Profile) -> None:
    """Note that two profiles become one."""
    words = words_of_merge(survivor=survivor.serial, absorbed=absorbed.serial)
    note(cell, rows.MERGE, -1, survivor.key, words)


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
