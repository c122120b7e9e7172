"""What is due: a heap in order of (time, priority, person, sequence), in the cell's arrays."""

from __future__ import annotations

from typing import Any, Final

from omnilab._jit import inner

__all__ = ["discard", "pop", "push"]

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
def push(C: Any, time: int, kind: int, who: int, a: int, b: int) -> None:
    """Put an item into the queue; the person's (or the brand's) next sequence number orders it."""
    m = C.meta[0]
    if who == BRAND:
        seq = int(m.brand_seq)
        m.brand_seq += 1
    else:
        seq = int(C.person[who].item_seq)
        C.person[who].item_seq += 1
    key = (kind << 56) | (who << 40) | seq
    i = int(m.items)
    m.items = i + 1
    if m.outbox == 0:
        while i > 0:
            parent = (i - 1) >> 1
            p = C.item[parent]
            if p.time < time or (p.time == time and p.key < key):
                break
            _copy(C.item[i], p)
            i = parent
    x = C.item[i]
    x.time = time
    x.key = key
    x.a = a
    x.b = b
    x.kind = kind
    x.who = who


@inner
def pop(C: Any) -> tuple[int, int, int, int, int]:
    """Take the first item out; return (time, kind, who, a, b). The queue must not be empty."""
    x = C.item[0]
    time, kind, who, a, b = int(x.time), int(x.kind), int(x.who), int(x.a), int(x.b)
    n = C.meta[0].items - 1
    C.meta[0].items = n
    if n > 0:
        _sift(C, 0, n)
    return time, kind, who, a, b


@inner
def _sift(C: Any, hole: int, last: int) -> None:
    """Fill the hole from below with the item at ``last``, which leaves the heap's end."""
    time, key = C.item[last].time, C.item[last].key
    while True:
        child = 2 * hole + 1
        if child >= last:
            break
        if child + 1 < last:
            x, y = C.item[child], C.item[child + 1]
            if y.time < x.time or (y.time == x.time and y.key < x.key):
                child += 1
        x = C.item[child]
        if time < x.time or (time == x.time and key < x.key):
            break
        _copy(C.item[hole], x)
        hole = child
    if hole != last:
        _copy(C.item[hole], C.item[last])


@inner
def discard(C: Any, lowest: int) -> None:
    """Throw away all items whose kind is at least ``lowest``, and restore the order."""
    kept = 0
    for i in range(C.meta[0].items):
        if C.item[i].kind < lowest:
            if kept != i:
                _copy(C.item[kept], C.item[i])
            kept += 1
    n = kept
    C.meta[0].items = 0
    outbox = C.meta[0].outbox
    for i in range(n):
        _insert(C, i, outbox)
    C.meta[0].items = n


@inner
def _insert(C: Any, i: int, outbox: int) -> None:
    """Sift the item at ``i`` up among those before it."""
    if outbox == 1:
        return
    x = C.item[i]
    time, key, a, b, kind, who = x.time, x.key, x.a, x.b, x.kind, x.who
    while i > 0:
        parent = (i - 1) >> 1
        p = C.item[parent]
        if p.time < time or (p.time == time and p.key < key):
            break
        _copy(C.item[i], p)
        i = parent
    x = C.item[i]
    x.time = time
    x.key = key
    x.a = a
    x.b = b
    x.kind = kind
    x.who = who


@inner
def _copy(to: Any, of: Any) -> None:
    to.time = of.time
    to.key = of.key
    to.a = of.a
    to.b = of.b
    to.kind = of.kind
    to.who = of.who
