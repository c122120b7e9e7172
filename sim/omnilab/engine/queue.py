"""What is due: a heap in order of (time, priority, person, sequence), in the cell's arrays."""

from __future__ import annotations

from typing import Any, Final

from omnilab._jit import inner

__all__ = ["discard", "kind_of", "pop", "push"]

# Kinds of items; the number is also the priority among items due in the same second.
ENTRY: Final = 1
START: Final = 2  # permissions given before the start
NEED: Final = 3  # a category's next need arrives
EXPIRE: Final = 4
RETURN: Final = 5
TIP: Final = 6
NOTICE: Final = 7  # a need is noticed by itself
IDLE: Final = 8
REVISIT: Final = 9
SERVICE: Final = 10
OPEN: Final = 11
CENSUS: Final = 12
COPY: Final = 40  # brand timers: those of brand/choices.py
SEND: Final = 41
WEEKLY: Final = 42
FORGET: Final = 43

BRAND: Final = 0x7FFF  # stands in for a person in the brand's items


@inner
def kind_of(key: int) -> int:
    """Return the kind of an item with this key."""
    return key >> 56


@inner
def push(C: Any, time: int, kind: int, who: int, a: int, b: int) -> None:
    """Put an item into the queue; the person's (or the brand's) next sequence number orders it."""
    m = C.meta[0]
    if who == BRAND:
        seq = int(m.brand_seq)
        m.brand_seq += 1
    else:
        seq = int(C.person[who].item_seq)
        C.person[who].item_seq += 1
    _put(C, time, (kind << 56) | (who << 40) | seq, a, b)


@inner
def _put(C: Any, time: int, key: int, a: int, b: int) -> None:
    """Put an item that has its key where it belongs; into an outbox, at its end."""
    m = C.meta[0]
    i = int(m.items)
    m.items = i + 1
    if m.outbox == 0:
        i = _rise(C, i, time, key)
    x = C.item[i]
    x.time = time
    x.key = key
    x.a = a
    x.b = b


@inner
def pop(C: Any) -> tuple[int, int, int, int, int]:
    """Take the first item out; return (time, kind, who, a, b). The queue must not be empty."""
    x = C.item[0]
    time, key, a, b = int(x.time), int(x.key), int(x.a), int(x.b)
    n = int(C.meta[0].items) - 1
    C.meta[0].items = n
    if n > 0:
        _fill(C, n)
    return time, kind_of(key), (key >> 40) & 0xFFFF, a, b


@inner
def _rise(C: Any, i: int, time: int, key: int) -> int:
    """Move a hole at ``i`` up to where an item with this time and key belongs; return it."""
    while i > 0:
        parent = (i - 1) >> 1
        p = C.item[parent]
        if p.time < time or (p.time == time and p.key < key):
            break
        C.item[i] = p
        i = parent
    return i


@inner
def _fill(C: Any, last: int) -> None:
    """Fill the hole at the top with the item at ``last``, which leaves the heap's end.

    The hole sinks to the bottom along the smaller children and the item rises from there: it
    comes from the bottom and mostly stays there, so this takes one comparison a level, not two.
    """
    hole = 0
    child = 1
    while child + 1 < last:
        x, y = C.item[child], C.item[child + 1]
        # Without branches: which child is smaller can't be predicted.
        child += int((y.time < x.time) | ((y.time == x.time) & (y.key < x.key)))
        C.item[hole] = C.item[child]
        hole = child
        child = 2 * hole + 1
    if child < last:
        C.item[hole] = C.item[child]
        hole = child
    x = C.item[last]
    C.item[_rise(C, hole, int(x.time), int(x.key))] = x


@inner
def discard(C: Any, lowest: int) -> None:
    """Throw away all items whose kind is at least ``lowest``, and restore the order."""
    m = C.meta[0]
    n = int(m.items)
    m.items = 0
    for i in range(n):
        x = C.item[i]
        if kind_of(x.key) < lowest:
            _put(C, int(x.time), int(x.key), int(x.a), int(x.b))
