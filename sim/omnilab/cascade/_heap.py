"""A queue of due times, for the messages of one profile at a time.

An entry is two words: `due` (due time, reversed priority) and `what` (message code, its record),
so that two comparisons order it by due time, priority and code. The first entry is kept in the
caller's hand, since most profiles wait for one thing only; the others are a binary heap.
"""

from __future__ import annotations

from omnilab.cascade.state import Record, Records
from omnilab.kernels.compiling import inlined

__all__ = ["NONE", "insert", "next_one", "put_back"]

NONE = (1 << 62) - 1  # the first entry's `due` when there is none
INDEX = (1 << 31) - 1  # tells the compiler that an index doesn't count from the end


@inlined
def insert(
    heap: Records, size: int, first: int, first_what: int, due: int, what: int
) -> tuple[int, int, int]:
    """Put an entry into the queue; return the heap's new size and the first entry."""
    if due > first or (due == first and what >= first_what):
        return _push(heap, size, due, what), first, first_what
    if first != NONE:
        size = _push(heap, size, first, first_what)
    return size, due, what


@inlined
def next_one(heap: Records, size: int) -> tuple[int, int, int]:
    """Leave the first entry; return the heap's new size and the entry after it."""
    if size == 0:
        return 0, NONE, 0
    first, first_what = heap[0]["due"], heap[0]["what"]
    size -= 1
    last = heap[size & INDEX]
    _sink(heap, size, last["due"], last["what"])
    return size, first, first_what


@inlined
def put_back(heap: Records, size: int, due: int, what: int) -> tuple[int, int]:
    """Leave the first entry but put it back as due later; return what is first now."""
    if size == 0 or not _less(heap[0], due, what):
        return due, what
    first, first_what = heap[0]["due"], heap[0]["what"]
    _sink(heap, size, due, what)
    return first, first_what


@inlined
def _push(heap: Records, size: int, due: int, what: int) -> int:
    """Put an entry into the heap of `size` entries and return the new size."""
    at = size
    while at > 0:
        parent = (at - 1) >> 1
        above = heap[parent & INDEX]
        if _less(above, due, what):
            break
        _put(heap, at, above["due"], above["what"])
        at = parent
    _put(heap, at, due, what)
    return size + 1


@inlined
def _sink(heap: Records, size: int, due: int, what: int) -> None:
    """Put an entry in the place of the smallest of `size` entries."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        below = heap[child & INDEX]
        if child + 1 < size and _less(heap[(child + 1) & INDEX], below["due"], below["what"]):
            child += 1
            below = heap[child & INDEX]
        if not _less(below, due, what):
            break
        _put(heap, at, below["due"], below["what"])
        at = child
    _put(heap, at, due, what)


@inlined
def _less(entry: Record, due: int, what: int) -> bool:
    """Tell whether an entry comes before another."""
    return bool(entry["due"] < due or (entry["due"] == due and entry["what"] < what))


@inlined
def _put(heap: Records, at: int, due: int, what: int) -> None:
    """Write an entry."""
    entry = heap[at & INDEX]
    entry["due"] = due
    entry["what"] = what
