"""Remember sightings, and cut links out of them.

A remembered identifier is (node, time) in int32; the first of a sighting is stored as
``-1 - node``, so a sighting needs no other bookkeeping: 16 bytes for a link of two identifiers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab.identity._links import N_HISTORY, ORIGIN
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.unchecked import wide

__all__ = ["cut", "remember", "remember_rows", "take"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


@inner
def remember(history: Ints, meta: Longs, room: Ints, members: int, now: int) -> None:
    """Append the sighting of the first `members` nodes of `room`."""
    n = meta[N_HISTORY]
    for i in range(members):
        history[n + i, 0] = -1 - room[i] if i == 0 else room[i]
        history[n + i, 1] = now
    meta[N_HISTORY] = n + members


@kernel
def remember_rows(
    history: Ints, meta: Longs, parent: Ints, flat: Ints, starts: Longs, width: int,
    times: Longs, each: int, n_rows: int, room: Ints,
) -> None:  # fmt: skip
    """Append checked rows of a graph without rules, before they are linked."""
    for i in range(n_rows):
        begin = starts[i] if len(starts) > 0 else i * width
        end = starts[i + 1] if len(starts) > 0 else begin + width
        members = 0
        for j in range(begin, end):
            fresh = flat[j] >= 0
            for k in range(members):
                fresh = fresh and room[k] != flat[j]
            if fresh:
                room[members] = flat[j]
                members += 1
        # A lone identifier seen before is no news: replaying it would change nothing.
        if members > 1 or (members == 1 and parent[room[0]] == 0):
            remember(history, meta, room, members, times[i * each] - meta[ORIGIN])


@kernel
def take(
    history: Ints, n: int, labels: Ints, chosen: NDArray[np.bool_], flat: Ints, starts: Longs,
    times: Longs,
) -> int:  # fmt: skip
    """Copy out the sightings of chosen components, in time order; return how many.

    Parameters
    ----------
    labels
        Component of each node, shape ``(n_nodes,)``.
    chosen
        Which components are wanted, by label.
    flat, starts, times
        To be written; where `times` is empty the sightings are only counted, and ``starts[0]``
        gets the number of identifiers in them.
    """
    rows = 0
    size = 0
    wanted = False
    for i in range(n):
        node = wide(history[i, 0])
        if node < 0:
            node = -1 - node
            wanted = chosen[labels[node]]
            if wanted:
                if len(times) > 0:
                    starts[rows] = size
                    times[rows] = history[i, 1]
                rows += 1
        if wanted:
            if len(times) > 0:
                flat[size] = node
            size += 1
    starts[rows if len(times) > 0 else 0] = size
    return rows


@kernel
def cut(
    history: Ints, n: int, codes: Ints, a: int, b: int, begin: int, end: int, write: bool
) -> int:
    """Part `a` from `b` in every sighting of both: the later named becomes one of its own.

    Parameters
    ----------
    codes
        Code of each node; of length 0 where they are the same.
    begin, end
        Only sightings of ``begin <= time <= end``.
    write
        Whether to change the history, or only to count.

    Returns
    -------
    int
        Number of sightings that hold both.
    """
    found = 0
    i = 0
    while i < n:
        j = i + 1
        while j < n and history[j, 0] >= 0:
            j += 1
        later = -1
        both = 0
        for k in range(i, j):
            node = wide(history[k, 0]) if k > i else -1 - wide(history[k, 0])
            code = wide(codes[node]) if len(codes) > 0 else node
            if code == a or code == b:
                both += 1
                later = k
        if both == 2 and begin <= history[i, 1] <= end:
            found += 1
            if write:
                node = wide(history[later, 0])
                for k in range(later, j - 1):
                    history[k, 0] = history[k + 1, 0]
                history[j - 1, 0] = -1 - node
        i = j
    return found
