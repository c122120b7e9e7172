"""What is due, in order of (time, priority, person, sequence), in the cell's arrays.

It is a heap by the items' keys (`omnilab.cell.keys`). The most frequent items are not in it:
idle visits and ways (`omnilab.cell.own_items`) and, mostly, what copies wait for and their sends
(`omnilab.cell.waiting_lines`). An item earlier than its line's last one goes to the heap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.journeys import is_live
from omnilab.cell.keys import BRAND, KIND_NUMBERS, NEVER, key_of, kind_of, time_of, who_of
from omnilab.cell.own_items import (
    clear_own,
    first_idle,
    first_way,
    has_ways,
    replace_idle,
    replace_way,
)
from omnilab.cell.waiting_lines import (
    LINES,
    clear_line,
    first_in_lines,
    from_line,
    line_item,
    line_up,
)
from omnilab.kernels.compiling import inner
from omnilab.kernels.numbers import Numbers

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell

__all__ = [
    "BRAND",
    "NEVER",
    "close",
    "discard",
    "empty",
    "kind_of",
    "mark_copies",
    "pop",
    "push",
    "soonest",
    "time_of",
    "who_of",
]

#: Kinds of items; the number is also the priority among items due in the same second.
KINDS: Final = Numbers("item", KIND_NUMBERS, 14)
item: Final = KINDS.give

ENTRY: Final = item(1, "ENTRY")
START: Final = item(2, "START")  # permissions given before the start
NEED: Final = item(3, "NEED")  # a category's next need arrives
EXPIRE: Final = item(4, "EXPIRE")
RETURN: Final = item(5, "RETURN")
TIP: Final = item(6, "TIP")
NOTICE: Final = item(7, "NOTICE")  # a need is noticed by itself
IDLE: Final = item(8, "IDLE")
REVISIT: Final = item(9, "REVISIT")
SERVICE: Final = item(10, "SERVICE")
OPEN: Final = item(11, "OPEN")
CENSUS: Final = item(12, "CENSUS")
MACHINE: Final = item(13, "MACHINE")  # a mail client or a scanner opens or clicks a message
STAY: Final = item(15, "STAY")  # the next step of a visit that takes time
LOOK: Final = item(14, "LOOK")  # a visit without a need to which a visit or an order led
WARNING: Final = item(32, "WARNING")  # a friend's warning is heard
REVIEW: Final = item(33, "REVIEW")  # a review of an order is written
CAME_BY: Final = item(16, "CAME_BY")  # a message that was not clicked brings a person by
# Of each of these two a person has one item at most, in a tree of ways (own_items)
COMMUTE: Final = item(17, "COMMUTE")  # a person goes to work or comes back
ERRAND: Final = item(18, "ERRAND")
NEAR: Final = item(19, "NEAR")  # the app finds that a person has been near a place for long enough
# From here on: kinds of the world that came later, below the brand's
TARGET_ENDS: Final = item(34, "TARGET_ENDS")  # the last day of a target of a person is over
FAILED: Final = item(35, "FAILED")  # the brand notes that something went wrong
SUPPLY: Final = item(20, "SUPPLY")  # units are ordered, come, spoil, come back, or are not fetched
GO: Final = item(21, "GO")  # a person looks for a good that was out
WATCH: Final = item(22, "WATCH")  # whether it is there again
ASK: Final = item(28, "ASK")  # a question is asked
ANSWERED: Final = item(29, "ANSWERED")  # an agent's answer ends
JOIN: Final = item(23, "JOIN")  # a person comes to a line
SERVED_END: Final = item(24, "SERVED_END")  # a service in a line ends
PATIENCE_ENDS: Final = item(25, "PATIENCE_ENDS")  # a person has waited for as long as it will
THERE: Final = item(26, "THERE")  # an order is delivered, or ready to be collected
COLLECT: Final = item(27, "COLLECT")  # its person comes for it
CONTACT: Final = item(36, "CONTACT")  # a contact with a medium that has no address
LOOK_UP: Final = item(30, "LOOK_UP")  # a person looks a matter up without a need
POST: Final = item(38, "POST")  # a post comes into a person's feed
SEES: Final = item(39, "SEES")  # and is seen there
ACCOUNT: Final = item(31, "ACCOUNT")  # an account meets, its members talk, one is told
FIND: Final = item(37, "FIND")  # a search of the brand's name
MOMENT: Final = item(40, "MOMENT")  # a customer may leave, without a cause of the brand's
CUE: Final = item(41, "CUE")  # something reminds a person of where it is used to go
# Brand timers, those of brand/codes.py: the first waiting line is of COPY, the second of SEND
COPY: Final = item(60, "COPY")
SEND: Final = item(61, "SEND")
WEEKLY: Final = item(62, "WEEKLY")
FORGET: Final = item(63, "FORGET")


@inner
def push(cell: Cell, time: int, kind: int, who: int, a: int, b: int) -> None:
    """Put an item into the queue; the person's (or the brand's) next sequence number orders it."""
    m = cell.meta
    if who == BRAND:
        seq = int(m.brand_seq)
        m.brand_seq += 1
    else:
        seq = int(cell.person[who].item_seq)
        cell.person[who].item_seq += 1
    key = key_of(time, kind, who, seq)
    if kind == IDLE and m.outbox == 0:
        replace_idle(cell, who, key)
        m.gone = -1 if m.gone == who else m.gone
    elif COMMUTE <= kind <= ERRAND and m.outbox == 0 and has_ways(cell):
        leaf = _leaf_of(kind, who)
        replace_way(cell, leaf, key)
        way = cell.way_item[leaf]
        way.a = a
        way.b = b
        m.gone_way = -1 if m.gone_way == leaf else m.gone_way
    elif kind < COPY or kind > SEND or m.outbox == 1 or not line_up(cell, kind - COPY, key, a, b):
        _put(cell, key, a, b)


@inner
def _leaf_of(kind: int, who: int) -> int:
    """Return where a person's way to work or back stands, or the errand."""
    return 2 * who + kind - COMMUTE


@inner
def _put(cell: Cell, key: int, a: int, b: int) -> None:
    """Put an item that has its key where it belongs; into an outbox, at its end."""
    m = cell.meta
    if m.hole == 1:
        m.hole = 0
        i = _sink(cell, key)
    else:
        i = int(m.items)
        m.items = i + 1
        m.grown = 1
        if m.outbox == 0:
            i = _rise(cell, i, key)
    x = cell.item[i]
    x.key = key
    x.a = a
    x.b = b


@inner
def empty(cell: Cell) -> None:
    """Leave nothing in the queue."""
    m = cell.meta
    m.hole = 0
    m.items = 0
    _clear_lines(cell, COPY)
    clear_own(cell)


@inner
def _clear_lines(cell: Cell, lowest: int) -> None:
    """Empty the lines of the kinds from ``lowest`` on."""
    for number in range(max(lowest - COPY, 0), LINES):
        clear_line(cell, number)


@inner
def soonest(cell: Cell) -> int:
    """Return the first item's key, `NEVER` if there is none. There must not be a hole."""
    m = cell.meta
    key = min(min(first_idle(cell), first_way(cell)), first_in_lines(cell))
    if m.items > 0:
        key = min(key, int(cell.item[0].key))
    return key


@inner
def pop(cell: Cell, key: int) -> tuple[int, int]:
    """Take the first item out, whose key `soonest` returned; return its (a, b).

    Its place in the heap stays a hole: most items put another in, which goes there in one pass
    down, and one that is due at once stays at the top. An idle visit or a way stays where it is,
    for the person's next. Before the queue is looked at again, `close` must be called.
    """
    m = cell.meta
    kind = kind_of(key)
    if kind == IDLE:
        m.gone = who_of(key)
        return 0, 0
    if key == first_way(cell):
        m.gone_way = _leaf_of(kind, who_of(key))
        way = cell.way_item[int(m.gone_way)]
        return int(way.a), int(way.b)
    if COPY <= kind <= SEND and key == cell.lane[kind - COPY].first:
        return from_line(cell, kind - COPY)
    x = cell.item[0]
    m.hole = 1
    return int(x.a), int(x.b)


@inner
def close(cell: Cell) -> None:
    """Close the hole that `pop` left, if nothing was put there."""
    m = cell.meta
    if m.gone >= 0:
        replace_idle(cell, int(m.gone), NEVER)
        m.gone = -1
    if m.gone_way >= 0:
        replace_way(cell, int(m.gone_way), NEVER)
        m.gone_way = -1
    if m.hole == 1:
        m.hole = 0
        n = int(m.items) - 1
        m.items = n
        if n > 0:
            _fill(cell, n)


@inner
def _sink(cell: Cell, key: int) -> int:
    """Move the hole at the top down to where an item with this key belongs; return it."""
    n = int(cell.meta.items)
    hole = 0
    child = 1
    while child < n:
        # Without a branch: which child is smaller can't be predicted.
        child += int(child + 1 < n and cell.item[child + 1].key < cell.item[child].key)
        if key < cell.item[child].key:
            break
        _move(cell, child, hole)
        hole = child
        child = 2 * hole + 1
    return hole


@inner
def _rise(cell: Cell, i: int, key: int) -> int:
    """Move a hole at ``i`` up to where an item with this key belongs; return it."""
    while i > 0:
        parent = (i - 1) >> 1
        if cell.item[parent].key < key:
            break
        _move(cell, parent, i)
        i = parent
    return i


@inner
def _fill(cell: Cell, last: int) -> None:
    """Fill the hole at the top with the item at ``last``, which leaves the heap's end.

    The hole sinks to the bottom along the smaller children and the item rises from there: it
    comes from the bottom and mostly stays there, so this takes one comparison a level, not two.
    """
    hole = 0
    child = 1
    while child + 1 < last:
        # Without a branch: which child is smaller can't be predicted.
        child += int(cell.item[child + 1].key < cell.item[child].key)
        _move(cell, child, hole)
        hole = child
        child = 2 * hole + 1
    if child < last:
        _move(cell, child, hole)
        hole = child
    _move(cell, last, _rise(cell, hole, int(cell.item[last].key)))


@inner
def _move(cell: Cell, source: int, target: int) -> None:
    """Copy an item field by field: whole records are copied in pieces that cut fields in two."""
    x, y = cell.item[source], cell.item[target]
    y.key = x.key
    y.a = x.a
    y.b = x.b


@inner
def discard(cell: Cell, lowest: int) -> None:
    """Throw away all items whose kind is at least ``lowest``, and restore the order."""
    m = cell.meta
    _clear_lines(cell, lowest)
    n = int(m.items)
    m.items = 0
    for i in range(n):
        x = cell.item[i]
        if kind_of(x.key) < lowest:
            _put(cell, int(x.key), int(x.a), int(x.b))


@inner
def mark_copies(cell: Cell) -> None:
    """Set ``kept`` of each copy whose timer, one that still counts, is in the queue."""
    m = cell.meta
    for i in range(m.items):
        x = cell.item[i]
        if COPY <= kind_of(x.key) <= SEND:
            _mark(cell, x.a, x.b)
    for number in range(LINES):
        lane = cell.lane[number]
        for place in range(lane.start, lane.end):
            x = line_item(cell, number, place)
            _mark(cell, x.a, x.b)


@inner
def _mark(cell: Cell, a: int, b: int) -> None:
    if is_live(cell, a, b):
        cell.copy[a].kept = 1
