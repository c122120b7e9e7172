"""A binary heap of due times, for the messages of one profile at a time.

An entry is two words: `due` (due time, reversed priority) and `what` (message code, its record),
so that two comparisons order it by due time, priority and code.
"""

from __future__ import annotations

from omnilab.cascade._hot import hot
from omnilab.cascade.state import Record, Records

__all__ = ["pop", "push", "replace"]


@hot
def push(heap: Records, size: int, due: int, what: int) -> int:
    """Put an entry into the heap of `size` entries and return the new size."""
    at = size
    while at > 0:
        parent = (at - 1) >> 1
        above = heap[parent]
        if above["due"] < due or (above["due"] == due and above["what"] <= what):
            break
        _put(heap, at, above["due"], above["what"])
        at = parent
    _put(heap, at, due, what)
    return size + 1


@hot
def pop(heap: Records, size: int) -> int:
    """Remove the smallest entry of the heap (read it before, at 0); return the new size."""
    size -= 1
    replace(heap, size, heap[size]["due"], heap[size]["what"])
    return size


@hot
def replace(heap: Records, size: int, due: int, what: int) -> None:
    """Put an entry in the place of the smallest of `size` entries."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        below = heap[child]
        if child + 1 < size and _less(heap[child + 1], below["due"], below["what"]):
            child += 1
            below = heap[child]
        if not _less(below, due, what):
            break
        _put(heap, at, below["due"], below["what"])
        at = child
    _put(heap, at, due, what)


@hot
def _less(entry: Record, due: int, what: int) -> bool:
    """Tell whether an entry comes before another."""
    return bool(entry["due"] < due or (entry["due"] == due and entry["what"] < what))


@hot
def _put(heap: Records, at: int, due: int, what: int) -> None:
    """Write an entry."""
    entry = heap[at]
    entry["due"] = due
    entry["what"] = what
