"""A binary heap of due times, for the messages of one profile at a time.

An entry is a row of two words: (due, reversed priority) and (message code, row of its state),
so that two comparisons order it by due time, priority and code.
"""

from __future__ import annotations

from omnilab.cascade._hot import hot
from omnilab.cascade.state import Ints

__all__ = ["pop", "push", "replace"]


@hot
def push(heap: Ints, size: int, a: int, b: int) -> int:
    """Put (a, b) into the heap of `size` entries and return the new size."""
    at = size
    while at > 0:
        parent = (at - 1) >> 1
        pa, pb = heap[parent, 0], heap[parent, 1]
        if pa < a or (pa == a and pb <= b):
            break
        heap[at, 0] = pa
        heap[at, 1] = pb
        at = parent
    heap[at, 0] = a
    heap[at, 1] = b
    return size + 1


@hot
def pop(heap: Ints, size: int) -> int:
    """Remove the smallest entry of the heap (read it before, at row 0); return the new size."""
    size -= 1
    replace(heap, size, heap[size, 0], heap[size, 1])
    return size


@hot
def replace(heap: Ints, size: int, a: int, b: int) -> None:
    """Put (a, b) in the place of the smallest of `size` entries."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (
            heap[right, 0] < heap[child, 0]
            or (heap[right, 0] == heap[child, 0] and heap[right, 1] < heap[child, 1])
        ):
            child = right
        if a < heap[child, 0] or (a == heap[child, 0] and b <= heap[child, 1]):
            break
        heap[at, 0] = heap[child, 0]
        heap[at, 1] = heap[child, 1]
        at = child
    heap[at, 0] = a
    heap[at, 1] = b
