"""The memory of one cell: persons, needs, the brand's view of them, its queue and its log rows.

Every array has one axis of slots; how many there are is the engine's business. What one event can
write, and so how much room there must be before it, is said in `omnilab.cell.room`.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from omnilab.brand.state import CONTEXT, COPY, MAX_CHANNELS, NODE, NOTE, PROFILE, TIMER
from omnilab.cell.keys import NEVER
from omnilab.cell.queue import empty
from omnilab.cell.room import GROWING, ROW_BUFFER, SIGHTINGS, TIMERS, TOO_MANY
from omnilab.cell.waiting_lines import LINES
from omnilab.errors import CapacityError
from omnilab.kernels.bundle import Bundle
from omnilab.kernels.compiling import inner, kernel
from omnilab.log.digest import words_of
from omnilab.log.rows import ROW
from omnilab.world.state import DEVICE, MAX_CATEGORIES, MESSAGE, NEED, PERSON
from omnilab.world.traits import trait_room

__all__ = ["CELL", "ITEM", "Sizes", "allocate", "first_sizes", "grow", "reset"]

#: One entry of the queue of what is due; `omnilab.cell.keys` says what is in its key.
ITEM: Final = np.dtype([("key", "i8"), ("a", "i8"), ("b", "i8")], align=True)

#: One line of items in which places are taken in turn, round and round.
LANE: Final = np.dtype(
    [
        ("first", "i8"),  # key of the item that stands first
        ("last", "i8"),  # and last
        ("start", "i8"),  # items that have left
        ("end", "i8"),  # items that have come
    ],
    align=True,
)

#: One observation of the burn-in, as the brand took it in.
TAPE: Final = np.dtype(
    [
        ("time", "i8"),
        ("kind", "i1"),
        ("channel", "i1"),
        ("silo", "i1"),
        ("n", "i1"),
        ("category", "i1"),
        ("token", "i4"),
        ("cents", "i8"),
        ("code", "i8", (10,)),
        ("carry", "i1", (10,)),
    ],
    align=True,
)

CELL: Final = np.dtype(
    [
        ("cell", "i8"),
        ("first", "i8"),  # global id of the first person
        ("place", "i8"),  # of the first person in the books' people
        ("persons", "i4"),
        ("items", "i4"),
        ("needs", "i4"),
        ("messages", "i4"),
        ("nodes", "i4"),
        ("profiles", "i4"),
        ("contexts", "i4"),
        ("copies", "i4"),
        ("tape", "i4"),
        ("rows", "i4"),
        ("notes", "i4"),
        ("timers", "i4"),
        ("free_need", "i4"),
        ("free_message", "i4"),
        ("free_node", "i4"),
        ("free_profile", "i4"),
        ("free_context", "i4"),
        ("free_copy", "i4"),
        ("profile_serial", "i4"),
        ("copy_serial", "i4"),
        ("message_serial", "i4"),
        ("brand_seq", "i4"),
        ("grown", "i4"),  # 1: more slots of a growing array may be in use since `fits` was asked
        ("pending", "i4"),  # copies that wait for the strategy's `decide`
        ("taping", "i1"),
        ("replaying", "i1"),
        ("outbox", "i1"),  # 1: the queue is another's, new items are only appended
        ("hole", "i1"),  # 1: the queue's first place is empty (see queue.pop)
        ("answers", "i1"),  # 1: `decide` has answered for the pending copies
        ("short_of", "i1"),  # which array was found too small (see room.fits)
        ("over", "i1"),  # what there are too many of to be numbered, 0 nothing (room.TOO_MANY)
        ("gone", "i4"),  # whose idle visit is acted on and has no other in its place yet, -1
        ("now", "i8"),
        ("forgotten", "i8"),  # the last midnight of the tape at which cookies were swept
        ("stale", "i8"),  # no cookie can expire before
        ("first_profile", "i4"),  # living profiles are a list, oldest first
        ("last_profile", "i4"),
        ("digest", "i8", (2,)),  # of the rows so far: the low lane and the high one
        ("events", "i8"),
        ("worked", "i8"),  # items acted on
    ],
    align=True,
)


class Sizes(NamedTuple):
    """How many slots each array of a cell has."""

    person: int
    need: int
    message: int
    node: int
    profile: int
    context: int
    copy: int
    item: int
    row: int
    tape: int


_RECORDS: Final = {
    "meta": CELL, "person": PERSON, "device": DEVICE, "need": NEED, "message": MESSAGE,
    "node": NODE, "profile": PROFILE, "context": CONTEXT, "copy": COPY, "item": ITEM,
    "lane": LANE, "row": ROW, "tape": TAPE, "note": NOTE, "timer": TIMER,
}  # fmt: skip


def first_sizes(max_persons: int) -> Sizes:
    """Return sizes that most cells of at most ``max_persons`` persons get by with."""
    p = max_persons
    return Sizes(p, 4 + 2 * p, 8 + 4 * p, 16 + 6 * p, 16 + 4 * p, 16 + 5 * p, 48 + 16 * p,
                 96 + 24 * p, 2048 + 128 * p, 256)  # fmt: skip


def allocate(sizes: Sizes) -> Bundle:
    """Make the arrays of one cell (see `omnilab.kernels.bundle`)."""
    shape = {name: getattr(sizes, name) for name in Sizes._fields}
    shape.update(meta=1, lane=LINES, device=2 * sizes.person, note=640, timer=TIMERS)
    arrays: dict[str, Any] = {
        name: np.zeros(shape[name], dtype).view(np.recarray) for name, dtype in _RECORDS.items()
    }
    arrays["word"] = words_of(arrays["row"])
    places = 1 << (7 + 2 * sizes.person).bit_length()
    arrays["line"] = np.zeros((LINES, places), ITEM).view(np.recarray)
    # A tree whose root is at 1: as many leaves as persons, or the next power of two.
    arrays["idle"] = np.full(2 << (sizes.person - 1).bit_length(), NEVER)
    arrays["address"] = np.zeros(MAX_CHANNELS, np.int64)  # node by channel, of the copy in work
    arrays["code"] = np.zeros(12, np.int64)
    arrays["carry"] = np.zeros(12, np.int64)
    arrays["trait"] = trait_room(MAX_CATEGORIES, MAX_CHANNELS)
    arrays["unit"] = np.zeros(8, np.float64)
    arrays["weight"] = np.zeros(16, np.float64)
    arrays["times"] = np.zeros(64, np.int64)
    return Bundle(arrays)


def grow(cell: Bundle, number: int) -> None:
    """Give the array of this number (see `omnilab.cell.room`) twice the slots; contents kept.

    Raises
    ------
    CapacityError
        If there is no memory for it, or the number says that there is too much of something.
    """
    if number > SIGHTINGS:
        raise CapacityError(TOO_MANY[number - SIGHTINGS])
    name = GROWING[number]
    old = getattr(cell, name)
    try:
        new = np.zeros(2 * len(old), old.dtype).view(np.recarray)
    except MemoryError as error:
        message = (
            f"no memory for {2 * len(old):,} entries of {name!r} in one cell: set"
            " households_per_cell lower, or have fewer needs and messages at once"
        )
        raise CapacityError(message) from error
    new[: len(old)] = old
    cell.set(name, new)
    if number == ROW_BUFFER:
        cell.set("word", words_of(new))


@kernel
def reset(C: Any, cell: int, first: int) -> None:
    """Empty a cell's counters before its people are born."""
    m = C.meta[0]
    m.cell = cell
    m.first = first
    m.place = 0
    m.persons = 0
    empty(C)
    m.needs = 0
    m.messages = 0
    m.tape = 0
    m.rows = 0
    m.free_need = -1
    m.free_message = -1
    m.message_serial = 0
    m.digest[0] = 0
    m.digest[1] = 0
    m.events = 0
    m.worked = 0
    m.taping = 0
    m.replaying = 0
    m.over = 0
    reset_brand(C)


@inner
def reset_brand(C: Any) -> None:
    """Empty what the brand knows."""
    m = C.meta[0]
    m.nodes = 0
    m.profiles = 0
    m.contexts = 0
    m.copies = 0
    m.notes = 0
    m.timers = 0
    m.free_node = -1
    m.free_profile = -1
    m.free_context = -1
    m.free_copy = -1
    m.profile_serial = 0
    m.copy_serial = 0
    m.brand_seq = 0
    m.pending = 0
    m.answers = 0
    m.forgotten = 0
    m.stale = 0
    m.first_profile = -1
    m.last_profile = -1
    m.now = 0
