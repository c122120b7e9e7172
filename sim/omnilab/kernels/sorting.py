"""Sorting within a kernel: the same order in plain and compiled code, and no memory of its own."""

from __future__ import annotations

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Ints

__all__ = ["sort_front"]


@inner
def sort_front(words: Ints, n: int) -> None:
    """Put the first ``n`` words of an array in order, smallest first: a heap sort."""
    for root in range(n // 2 - 1, -1, -1):
        _sink(words, root, n)
    for last in range(n - 1, 0, -1):
        top = words[0]
        words[0] = words[last]
        words[last] = top
        _sink(words, 0, last)


@inner
def _sink(words: Ints, root: int, n: int) -> None:
    """Move the word at ``root`` down until none below it is larger."""
    moved = words[root]
    hole = root
    child = 2 * hole + 1
    while child < n:
        if child + 1 < n and words[child] < words[child + 1]:
            child += 1
        if words[child] <= moved:
            break
        words[hole] = words[child]
        hole = child
        child = 2 * hole + 1
    words[hole] = moved
