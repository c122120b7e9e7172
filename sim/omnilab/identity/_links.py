"""Link identifiers where no rule keeps any apart: union-find whose root is the oldest.

One int32 a node holds everything: 0 for a node never seen, ``parent + 1`` for one that was linked
to an older one, and ``-1 - first_seen`` for a root. So the age needed to choose the survivor comes
with the test for a root, and fresh memory from the system is a valid graph without being written.

References
----------
Tarjan, R. E. and van Leeuwen, J. (1984). Worst-case analysis of set union algorithms. J. ACM 31(2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab.identity._log import LAST_MERGE, LOG_BITS, N_MERGES, N_TICKS, append_row, keep_merge
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.prefetch import prefetch_to_write as prefetch
from omnilab.kernels.unchecked import load, store, wide

__all__ = [
    "BAD_CODE",
    "MISSING",
    "MUST_GROW",
    "OK",
    "TIME_BACK",
    "TIME_FAR",
    "check_batch",
    "find",
    "find_each",
    "find_every",
    "has_room",
    "link",
    "observe_one",
    "observe_pairs",
    "star_pairs",
]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

# Where the graph's counters stand in `meta`, those in `_log` aside, and what its kernels answer.
N_SEEN, LAST_TIME, ORIGIN, SPOT, HIGHEST = range(1, 6)
N_BLOCKED, N_DEMOTED, N_EXPIRED, N_MISTYPED, N_NODES, N_HISTORY, N_SPLITS, N_CODES = range(6, 14)
OK, MUST_GROW, BAD_CODE, MISSING, TIME_BACK, TIME_FAR = range(6)

#: How many links ahead to fetch a link's nodes, and those above them: with fewer the fetch is not
#: there in time, with more it is thrown out again before its turn.
FAR, NEAR = 48, 24
#: Every how many links to look whether they jump about, and nodes in a few lines of memory.
SAMPLE, LINE = 61, 256
MAX_SPAN = (1 << 31) - 3


@kernel
def observe_pairs(
    parent: Ints, log: Longs, meta: Longs, a: Ints, b: Ints, times: Longs, each: int, out: Ints
) -> int:
    """Link ``a[i]`` with ``b[i]`` for all i, or change nothing and say why not.

    Parameters
    ----------
    parent, log, meta
        The graph: nodes; the log, of length 1 where none is kept; counters.
    a, b
        Codes, shape ``(n_links,)``.
    times
        Seconds, shape ``(n_links,)`` with `each` 1, or ``(1,)`` with `each` 0 for one time.
    out
        Profile id of each link after all of them, or of length 0.

    Returns
    -------
    int
        `OK`, or the reason, with the place in ``meta[SPOT]``.
    """
    n = len(a)
    status = check_batch(a, b, times, meta)
    if status != OK:
        return status
    if meta[HIGHEST] >= len(parent) or not has_room(log, meta, n, len(parent), each):
        return MUST_GROW
    link(parent, log, meta, a, b, times, each)
    meta[N_NODES] = max(meta[N_NODES], meta[HIGHEST] + 1)
    if n > 0:
        meta[LAST_TIME] = times[(n - 1) * each]
    if len(out) > 0:
        find_each(parent, a, out)
    return OK


@inner
def check_batch(a: Ints, b: Ints, times: Longs, meta: Longs) -> int:
    """Look for missing or impossible codes and for time running backwards."""
    lowest = wide(0)
    highest = wide(-1)
    for i in range(len(a)):
        lowest = min(lowest, wide(min(a[i], b[i])))
        highest = max(highest, wide(max(a[i], b[i])))
    meta[HIGHEST] = highest
    if lowest < -1 or highest > MAX_SPAN:
        for i in range(len(a)):
            if min(a[i], b[i]) < -1 or max(a[i], b[i]) > MAX_SPAN:
                meta[SPOT] = i
                return BAD_CODE
    before = meta[LAST_TIME]
    for i in range(len(times)):
        if times[i] < before:
            meta[SPOT] = i
            return TIME_BACK
        before = times[i]
    if len(times) > 0 and before - meta[ORIGIN] > MAX_SPAN:
        meta[SPOT] = len(times) - 1
        return TIME_FAR
    return MISSING if lowest == -1 else OK


@inner
def has_room(log: Longs, meta: Longs, n_links: int, n_nodes: int, each: int) -> bool:
    """Tell whether the log has room for what so many links can add, and a row to scribble on."""
    # A merge takes a root away, so a batch never has more than there are nodes.
    most = min(n_links, n_nodes)
    return len(log) == 1 or most + most * each + 2 < len(log) - meta[N_MERGES] - meta[N_TICKS]


@kernel
def link(parent: Ints, log: Longs, meta: Longs, a: Ints, b: Ints, times: Longs, each: int) -> None:
    """Link checked pairs."""
    if each == 0 and len(times) > 0 and times[0] == meta[ORIGIN]:
        _link_level(parent, log, meta, a, b)
    else:
        _link_timed(parent, log, meta, a, b, times, each)


@inner
def is_scattered(codes: Ints) -> bool:
    """Tell from a sample whether codes jump about, so that fetching ahead is worth its time."""
    jumps = 0
    for i in range(SAMPLE, len(codes), SAMPLE):
        jumps += abs(load(codes, i) - load(codes, i - 1)) > LINE
    return jumps * 4 * SAMPLE > len(codes)


@inner
def _link_level(parent: Ints, log: Longs, meta: Longs, a: Ints, b: Ints) -> None:
    """Link pairs while the whole graph is of one second, its first: a bulk load.

    All roots are -1 then and the smaller id survives, so which of two it is does not wait for
    their words to be read; on sorted links each waits for the one before, and this is the time
    they take. Branches as in `_link_timed`.
    """
    last = len(a) - 1
    merges = meta[N_MERGES]
    row = 1 if len(log) > 1 else 0
    low = 63 - 2 * meta[LOG_BITS]
    high = low + meta[LOG_BITS]
    scattered = is_scattered(a)
    for i in range(len(a)):
        if scattered:
            far = min(i + FAR, last)
            near = min(i + NEAR, last)
            prefetch(parent, load(a, far))
            prefetch(parent, load(b, far))
            prefetch(parent, max(load(parent, load(a, near)), 1) - 1)
            prefetch(parent, max(load(parent, load(b, near)), 1) - 1)
        first = load(a, i)
        second = load(b, i)
        up_x = load(parent, first)
        up_y = load(parent, second)
        x = up_x - 1 if up_x > 0 else first
        y = up_y - 1 if up_y > 0 else second
        if max(load(parent, x), load(parent, y)) > 0:
            x, y = _climb(parent, x, y)
        survivor = min(x, y)
        absorbed = max(x, y)
        # Both now one step from the root; in this order it stays one where any are the same.
        store(parent, first, survivor + 1)
        store(parent, second, survivor + 1)
        store(parent, absorbed, survivor + 1)
        store(parent, survivor, -1)
        store(log, merges * row, survivor << high | absorbed << low)
        merges += survivor != absorbed
    meta[N_MERGES] = merges


@inner
def _link_timed(
    parent: Ints, log: Longs, meta: Longs, a: Ints, b: Ints, times: Longs, each: int
) -> None:
    """Link pairs; without branches but for the rare long path.

    Whether two identifiers are new, linked already or to be merged is as good as random, and a
    branch that the processor guesses wrongly costs more than all of the arithmetic here. So does
    a call: what is short is written out.
    """
    last = len(a) - 1
    origin = meta[ORIGIN]
    merges = meta[N_MERGES]
    row = 1 if len(log) > 1 else 0
    back = wide(len(log) - 1)
    tick = back - meta[N_TICKS] * row
    tick_now = meta[LAST_MERGE]
    low = 63 - 2 * meta[LOG_BITS]
    high = low + meta[LOG_BITS]
    for i in range(len(a)):
        far = min(i + FAR, last)
        near = min(i + NEAR, last)
        prefetch(parent, load(a, far))
        prefetch(parent, load(b, far))
        prefetch(parent, max(load(parent, load(a, near)), 1) - 1)
        prefetch(parent, max(load(parent, load(b, near)), 1) - 1)
        first = load(a, i)
        second = load(b, i)
        up_x = load(parent, first)
        up_y = load(parent, second)
        x = up_x - 1 if up_x > 0 else first
        y = up_y - 1 if up_y > 0 else second
        up_x = load(parent, x)
        up_y = load(parent, y)
        if max(up_x, up_y) > 0:
            x, y = _climb(parent, x, y)
            up_x = load(parent, x)
            up_y = load(parent, y)
        now = load(times, i * each) - origin
        up_x = up_x if up_x != 0 else -1 - now
        up_y = up_y if up_y != 0 else -1 - now
        # Age and id in one number: the larger is the older, as `rules.survives` has it.
        swapped = (up_y << 32) - y > (up_x << 32) - x
        survivor = y if swapped else x
        absorbed = x if swapped else y
        # Both now one step from the root; in this order it stays one where any are the same.
        store(parent, first, survivor + 1)
        store(parent, second, survivor + 1)
        store(parent, absorbed, survivor + 1)
        store(parent, survivor, up_y if swapped else up_x)
        merged = 1 if survivor != absorbed else 0
        merges, tick, tick_now = append_row(
            log, row, merges, tick, tick_now, survivor, absorbed, now, merged, low, high
        )
    meta[N_TICKS] = (back - tick) * row
    meta[LAST_MERGE] = tick_now
    meta[N_MERGES] = merges


@inner
def _climb(parent: Ints, x: int, y: int) -> tuple[int, int]:
    """Return the roots of two nodes, halving both paths on the way.

    Step by step together: a loop for each is left at a moment that the processor can't guess, and
    two such guesses cost more than the steps that the shorter path takes in place.
    """
    up_x = load(parent, x)
    up_y = load(parent, y)
    while max(up_x, up_y) > 0:
        over_x = up_x - 1 if up_x > 0 else x
        over_y = up_y - 1 if up_y > 0 else y
        above_x = load(parent, over_x)
        above_y = load(parent, over_y)
        store(parent, x, above_x if above_x > 0 else up_x)
        store(parent, y, above_y if above_y > 0 else up_y)
        x = over_x
        y = over_y
        up_x = above_x
        up_y = above_y
    return x, y


@inner
def find(parent: Ints, node: int) -> int:
    """Return the root of a node's profile, halving the path on the way."""
    up = load(parent, node)
    while up > 0:
        above = load(parent, up - 1)
        if above > 0:
            store(parent, node, above)
        node = up - 1
        up = above
    return node


@kernel
def find_each(parent: Ints, nodes: Ints, out: Ints) -> None:
    """Write the root of each node to ``out``, -1 for one never seen or beyond the graph."""
    last = len(nodes) - 1
    size = len(parent)
    for i in range(len(nodes)):
        far = load(nodes, min(i + FAR, last))
        near = load(nodes, min(i + NEAR, last))
        if 0 <= far < size:
            prefetch(parent, far)
        if 0 <= near < size:
            prefetch(parent, max(load(parent, near), 1) - 1)
        node = load(nodes, i)
        known = 0 <= node < size
        up = load(parent, node if known else 0) if size > 0 else 0
        root = up - 1 if up > 0 else node
        if known and load(parent, root) > 0:
            root = find(parent, root)
            store(parent, node, root + 1)
        store(out, i, root if known and up != 0 else -1)


@kernel
def find_every(parent: Ints, out: Ints, level: bool) -> None:
    """Write the root of every node to ``out``, -1 for those never seen.

    Parameters
    ----------
    level
        Whether the graph is of one second, so that a parent is always the smaller node.
    """
    if level:
        for node in range(len(out)):
            up = load(parent, node)
            # The parent's own was written before.
            root = load(out, up - 1 if up > 0 else node)
            store(out, node, root if up > 0 else node if up < 0 else -1)
        return
    last = len(out) - 1
    for node in range(len(out)):
        prefetch(parent, max(load(parent, min(node + NEAR, last)), 1) - 1)
        up = load(parent, node)
        root = up - 1 if up > 0 else node
        if load(parent, root) > 0:
            if root < node:
                root = load(out, root)
            else:
                root = find(parent, root)
            # One step the next time.
            store(parent, node, root + 1)
        store(out, node, root if up != 0 else -1)


@kernel
def observe_one(parent: Ints, log: Longs, meta: Longs, a: int, b: int, time: int) -> int:
    """Link two codes and return their profile's id, or ``-1 - status`` and change nothing."""
    if min(a, b) < 0 or max(a, b) > MAX_SPAN:
        return -1 - BAD_CODE
    if time < meta[LAST_TIME]:
        return -1 - TIME_BACK
    now = time - meta[ORIGIN]
    if now > MAX_SPAN:
        return -1 - TIME_FAR
    if max(a, b) >= len(parent) or not has_room(log, meta, 1, 1, 1):
        return -1 - MUST_GROW
    meta[LAST_TIME] = time
    meta[N_NODES] = max(meta[N_NODES], max(a, b) + 1)
    x = find(parent, a)
    y = find(parent, b)
    up_x = load(parent, x)
    up_y = load(parent, y)
    age_x = -1 - up_x if up_x != 0 else now
    age_y = -1 - up_y if up_y != 0 else now
    if age_y < age_x or (age_y == age_x and y < x):
        x, y = y, x
        age_x = age_y
    parent[x] = -1 - age_x
    if x != y:
        parent[y] = x + 1
        keep_merge(log, meta, x, y, now)
    return x


@kernel
def star_pairs(
    flat: Ints, starts: Longs, width: int, times: Longs, each: int,
    a: Ints, b: Ints, pair_times: Longs, anchors: Ints,
) -> int:  # fmt: skip
    """Turn rows of any length into pairs (first present, other); a lone one pairs with itself.

    Rows are ``flat[starts[i]:starts[i + 1]]``, or ``width`` long each where `starts` is empty;
    -1 is a missing identifier. Returns the number of pairs.
    """
    n = 0
    n_rows = len(anchors)
    for i in range(n_rows):
        begin = starts[i] if len(starts) > 0 else i * width
        end = starts[i + 1] if len(starts) > 0 else begin + width
        anchor = -1
        members = 0
        for j in range(begin, end):
            code = flat[j]
            if code < 0:
                continue
            members += 1
            if anchor < 0:
                anchor = code
            elif n >= 0:
                a[n] = anchor
                b[n] = code
                pair_times[n * each] = times[i * each]
                n += 1
        if members == 1:
            a[n] = anchor
            b[n] = anchor
            pair_times[n * each] = times[i * each]
            n += 1
        anchors[i] = anchor
    return n
