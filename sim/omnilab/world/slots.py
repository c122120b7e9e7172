"""Slots of delivery: so many orders a window of the day, and who comes first has it.

A way has ``slots`` windows a day, each of ``every`` seconds from ``opens`` on. They are numbered
through from the first day. A town keeps how many orders each window has; a window's place is used
again when it is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, i4, i8

if TYPE_CHECKING:
    from omnilab.world.fulfilment import Way
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = ["Slot", "book_slot", "empty_slots", "first_slot", "slot_begins", "slot_ends"]

DAY: Final = 86400


class Slot(Record):
    """One window's place in a town."""

    number: i8  # of the window that has it, -1 none yet
    booked: i4


@inner
def empty_slots(cell: WorldCell) -> None:
    """Let no window be booked."""
    for k in range(len(cell.slot)):
        cell.slot[k].number = -1
        cell.slot[k].booked = 0


@inner
def slot_begins(way: Way, number: int) -> int:
    """Return the second at which a window begins."""
    day = number // way.slots
    return int(day * DAY + way.opens + (number - day * way.slots) * way.every)


@inner
def slot_ends(way: Way, number: int) -> int:
    """Return the second at which a window ends."""
    return slot_begins(way, number) + int(way.every)


@inner
def booked(cell: WorldCell, way: Way, number: int) -> int:
    """Return how many orders a window has."""
    slot = cell.slot[int(way.first_slot + number % way.ring)]
    return int(slot.booked) if slot.number == number else 0


@inner
def first_slot(cell: WorldCell, model: Model, n: int, t: int) -> int:
    """Return the first window of way ``n`` with room for an order of ``t``, or -1.

    It begins when the order can be ready, ``promised`` after ``t``, or later, and no more than
    ``ahead`` after that.
    """
    way = model.way[n]
    earliest = t + int(way.promised)
    number = earliest // DAY * int(way.slots)
    while slot_begins(way, number) < earliest:
        number += 1
    while slot_begins(way, number) <= earliest + way.ahead:
        if booked(cell, way, number) < way.capacity:
            return int(number)
        number += 1
    return -1


@inner
def book_slot(cell: WorldCell, model: Model, n: int, number: int) -> None:
    """Take a place in a window of way ``n``."""
    way = model.way[n]
    slot = cell.slot[int(way.first_slot + number % way.ring)]
    if slot.number != number:
        slot.number = number
        slot.booked = 0
    slot.booked += 1
