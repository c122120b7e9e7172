"""Fetch ahead what the next items of the queue will need.

A town's people take turns, and all that is kept of them is larger than the cache next to the core:
most items begin with a person, a copy or a profile that nobody has touched for long. What comes
next is known some items before, so it is on its way while the items before it are acted on.
Nothing is changed here: a wrong guess costs a little time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from omnilab.cell.keys import who_of
from omnilab.cell.own_items import first_way
from omnilab.kernels.compiling import inner
from omnilab.kernels.prefetch import prefetch_part as fetch_part
from omnilab.kernels.prefetch import prefetch_to_read as fetch
from omnilab.kernels.record import dtype_of
from omnilab.world.identifiers import owner_of
from omnilab.world.state import Person

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell

__all__ = [
    "fetch_copy",
    "fetch_idle",
    "fetch_message",
    "fetch_owner",
    "fetch_person",
    "fetch_profile",
    "fetch_sending",
    "fetch_way",
]

LINE: Final = 64  # bytes that come together
LINES_OF_ENDS: Final = 4  # of a person's ends with something beside their ways, two a line


def _place(name: str) -> int:
    """Return where a field of a person begins, in bytes."""
    fields: Any = dtype_of(Person).fields
    return int(fields[name][1])


# Every item asks for what stands around `left`; an idle visit for what was drawn ahead, and more.
_CORE: Final = _place("left")
_COUNTS: Final = _place("item_seq")
_TIMES: Final = _place("ahead_t")
_COURSE: Final = _place("ahead_bits")
_COURSE_2: Final = _place("ahead_bits") + LINE
_KNOWN: Final = _place("known_until")
_ADDRESS: Final = _place("address_epoch")
_PRESSURE: Final = _place("pressure")
_RECENT: Final = _place("recent")
_DEVICE: Final = _place("on_device")


@inner
def fetch_person(cell: Cell, who: int) -> None:
    """Fetch what every item asks of a person."""
    fetch_part(cell.person, who, _CORE)
    fetch_part(cell.person, who, _COUNTS)


@inner
def fetch_idle(cell: Cell) -> None:
    """Fetch the person whose idle visit is the next one; nothing in a small cell."""
    if len(cell.bucket) == 0:
        return
    who = who_of(int(cell.idle[1]))
    fetch_person(cell, who)
    fetch_part(cell.person, who, 0)
    fetch_part(cell.person, who, _TIMES)
    fetch_part(cell.person, who, _COURSE)
    fetch_part(cell.person, who, _COURSE_2)
    fetch_part(cell.person, who, _KNOWN)
    fetch_part(cell.person, who, _ADDRESS)
    fetch_part(cell.person, who, _DEVICE)
    fetch_part(cell.device, 2 * who, 0)
    fetch_part(cell.device, 2 * who, LINE)
    fetch(cell.stay_due, who)


@inner
def fetch_way(cell: Cell) -> None:
    """Fetch the person whose way is the next one, and what is seen on it; nothing in a small cell.

    Few ends of errands have something beside their ways, so the first lines mostly have all.
    """
    if len(cell.bucket) == 0:
        return
    who = who_of(first_way(cell))
    fetch_person(cell, who)
    fetch_part(cell.spot, who, 0)
    fetch_part(cell.spot, who, LINE)
    fetch(cell.stay_due, who)
    first = who * cell.beside.shape[1]
    for line in range(LINES_OF_ENDS):
        fetch_part(cell.beside, first, line * LINE)


@inner
def fetch_message(cell: Cell, slot: int) -> None:
    """Fetch a message, three lines."""
    fetch_part(cell.message, slot, 0)
    fetch_part(cell.message, slot, LINE)
    fetch_part(cell.message, slot, 2 * LINE)


@inner
def fetch_copy(cell: Cell, i: int) -> None:
    """Fetch a copy, three lines."""
    fetch_part(cell.copy, i, 0)
    fetch_part(cell.copy, i, LINE)
    fetch_part(cell.copy, i, 2 * LINE)


@inner
def fetch_profile(cell: Cell, profile: int) -> None:
    """Fetch a profile, and where its contexts stand."""
    fetch_part(cell.profile, profile, 0)
    fetch_part(cell.profile, profile, LINE)
    fetch_part(cell.profile, profile, 2 * LINE)
    fetch_part(cell.context_of, profile * cell.context_of.shape[1], 0)
    fetch_part(cell.received, profile * cell.received.shape[1], 0)
    fetch_part(cell.answered, profile * cell.answered.shape[1], 0)


@inner
def fetch_owner(cell: Cell, profile: int) -> None:
    """Fetch the first-seen owner of a profile that has been fetched, and its first identifier."""
    p = cell.profile[profile]
    fetch_person(cell, owner_of(int(p.key)))
    if p.first_node >= 0:
        fetch_part(cell.node, int(p.first_node), 0)
    for s in range(cell.context_of.shape[1]):
        context = int(cell.context_of[profile, s])
        if context >= 0:
            fetch_part(cell.context, context, 0)
            fetch_part(cell.context, context, 3 * LINE)


@inner
def fetch_sending(cell: Cell, profile: int) -> None:
    """Fetch what a send asks for besides, of a profile whose owner has been fetched."""
    p = cell.profile[profile]
    who = owner_of(int(p.key))
    fetch_part(cell.person, who, _ADDRESS)
    fetch_part(cell.person, who, _PRESSURE)
    fetch_part(cell.person, who, _RECENT)
    if p.first_node >= 0:
        second = int(cell.node[int(p.first_node)].next)
        if second >= 0:
            fetch_part(cell.node, second, 0)
    for s in range(cell.context_of.shape[1]):
        context = int(cell.context_of[profile, s])
        if context >= 0:
            fetch(cell.ring, context * cell.ring.shape[1])
