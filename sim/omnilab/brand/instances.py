"""Copies of journeys (journey instances): on whose list they stand, how they begin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import EXIT_UNTIL
from omnilab.brand.outbox import note_exit, note_final
from omnilab.brand.state import Copy
from omnilab.kernels.compiling import inner
from omnilab.kernels.free_list import free_list
from omnilab.kernels.record import starter
from omnilab.log import rows

if TYPE_CHECKING:
    from omnilab.brand.state import BrandCell

__all__ = [
    "begin_copy",
    "drop_copy",
    "free_copy",
    "has_copy",
    "hook",
    "next_copy",
    "next_waiting",
    "take_copy",
    "unhook",
]

take_copy, give_copy = free_list("copy", "copies")
start_copy = starter(Copy)


@inner
def begin_copy(cell: BrandCell, i: int) -> None:
    """Give a new copy its serial and the last place among the running ones."""
    m, copy = cell.meta, cell.copy[i]
    start_copy(copy)
    copy.serial = m.copy_serial
    m.copy_serial += 1
    copy.older = m.last_copy
    if copy.older >= 0:
        cell.copy[int(copy.older)].newer = i
    else:
        m.first_copy = i
    m.last_copy = i


@inner
def next_copy(cell: BrandCell, after: int) -> int:
    """Return the running copy that began after copy ``after`` (-1: the first of all), or -1.

    Walking by age, not by slot, keeps one person's rows in an order that no neighbour changes.
    """
    return int(cell.meta.first_copy if after < 0 else cell.copy[after].newer)


@inner
def next_waiting(cell: BrandCell, after: int) -> int:
    """Return the next copy by age that waits for `decide`, or -1; as `next_copy`."""
    i = next_copy(cell, after)
    while i >= 0 and cell.copy[i].decided != -1:
        i = next_copy(cell, i)
    return i


@inner
def has_copy(cell: BrandCell, profile: int, journey: int, silo: int) -> int:
    """Return the profile's running copy of a journey (for a silo; -1 the one copy), or -1."""
    i = int(cell.profile[profile].first_copy)
    while i >= 0:
        if cell.copy[i].journey == journey and cell.copy[i].silo == silo:
            return i
        i = int(cell.copy[i].next)
    return -1


@inner
def hook(cell: BrandCell, index: int, profile: int) -> None:
    """Put a copy on a profile's list."""
    head = int(cell.profile[profile].first_copy)
    cell.copy[index].profile = profile
    cell.copy[index].previous = -1
    cell.copy[index].next = head
    if head >= 0:
        cell.copy[head].previous = index
    cell.profile[profile].first_copy = index


@inner
def unhook(cell: BrandCell, index: int) -> None:
    """Take a copy off its profile's list."""
    before, after = int(cell.copy[index].previous), int(cell.copy[index].next)
    if before >= 0:
        cell.copy[before].next = after
    else:
        cell.profile[int(cell.copy[index].profile)].first_copy = after
    if after >= 0:
        cell.copy[after].previous = before


@inner
def drop_copy(cell: BrandCell, index: int) -> None:
    """Take a copy off its profile's list and give its slot back, without a word."""
    unhook(cell, index)
    m, copy = cell.meta, cell.copy[index]
    older, newer = int(copy.older), int(copy.newer)
    if older >= 0:
        cell.copy[older].newer = newer
    else:
        m.first_copy = newer
    if newer >= 0:
        cell.copy[newer].older = older
    else:
        m.last_copy = older
    copy.state = 0
    give_copy(cell, index)


@inner
def free_copy(cell: BrandCell, index: int, reason: int) -> None:
    """End a copy: its message, where one runs, gets its final status from the engine's note."""
    copy = cell.copy[index]
    finish_message(cell, index, reason)
    note_exit(cell, copy, reason)
    drop_copy(cell, index)


@inner
def finish_message(cell: BrandCell, index: int, reason: int) -> None:
    """Close the copy's running message as converted where the copy ends before its cascade."""
    copy = cell.copy[index]
    if copy.message < 0:
        return
    final = rows.FINAL_CONVERTED  # an until-condition ended it
    if reason != EXIT_UNTIL:
        final = rows.FINAL_OPEN
    if copy.sends > 0 and copy.status >= copy.success:
        final = rows.FINAL_REACHED
    note_final(cell, copy, final)
    copy.message = -1
