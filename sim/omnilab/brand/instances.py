"""Copies of journeys (journey instances): on whose list they stand, how they begin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import EXIT_UNTIL
from omnilab.brand.outbox import note
from omnilab.brand.state import Copy
from omnilab.kernels.compiling import inner
from omnilab.kernels.free_list import free_list
from omnilab.kernels.record import starter
from omnilab.log import rows

if TYPE_CHECKING:
    from omnilab.brand.state import BrandCell

__all__ = [
    "drop_copy",
    "free_copy",
    "has_copy",
    "hook",
    "next_copy",
    "next_waiting",
    "start_copy",
    "take_copy",
    "unhook",
]

take_copy, give_copy = free_list("copy", "copies")
start_copy = starter(Copy)


@inner
def next_copy(cell: BrandCell, after: int) -> int:
    """Return the running copy with the smallest serial above ``after``, or -1.

    Walking by serial, not by slot, keeps one person's rows in an order that no neighbour changes.
    """
    best = -1
    for i in range(cell.meta.copies):
        x = cell.copy[i]
        if x.state != 0 and x.serial > after and (best < 0 or x.serial < cell.copy[best].serial):
            best = i
    return best


@inner
def next_waiting(cell: BrandCell, after: int) -> int:
    """Return the copy with the smallest serial above ``after`` that waits for `decide`, or -1."""
    best = -1
    for i in range(cell.meta.copies):
        x = cell.copy[i]
        waits = x.decided == -1 and x.state != 0 and x.serial > after
        if waits and (best < 0 or x.serial < cell.copy[best].serial):
            best = i
    return best


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
    cell.copy[index].state = 0
    give_copy(cell, index)


@inner
def free_copy(cell: BrandCell, index: int, reason: int) -> None:
    """End a copy: its message, where one runs, gets its final status from the engine's note."""
    copy = cell.copy[index]
    p = cell.profile[int(copy.profile)]
    finish_message(cell, index, reason)
    note(cell, rows.EXIT, -1, int(copy.last_silo), p.key, copy.serial, int(copy.journey), reason, 0)
    drop_copy(cell, index)


@inner
def finish_message(cell: BrandCell, index: int, reason: int) -> None:
    """Close the copy's running message as converted where the copy ends before its cascade."""
    copy = cell.copy[index]
    if copy.message < 0:
        return
    p = cell.profile[int(copy.profile)]
    final = rows.FINAL_CONVERTED  # an until-condition ended it
    if reason != EXIT_UNTIL:
        final = rows.FINAL_OPEN
    if copy.sends > 0 and copy.status >= copy.success:
        final = rows.FINAL_REACHED
    tag = int(copy.journey) * 256 + int(copy.step)
    note(
        cell, rows.FINAL, -1, int(copy.last_silo), p.key, copy.message, tag, final, int(copy.sends)
    )
    copy.message = -1
