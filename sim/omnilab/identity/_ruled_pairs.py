"""Link pairs under rules: what `_ruled.observe_rows` does, for two columns without gaps.

Most sightings are pairs, and for them the general loops over a row cost more than the rules. As in
`_links` there is no branch where chance decides: whether an identifier is new, whether a pair is
joined already, whether a rule forbids to join it. Held equal to `observe_rows` by a test.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab._jit import kernel
from omnilab.identity._links import (
    FAR,
    LAST_TIME,
    N_BLOCKED,
    N_DEMOTED,
    N_EXPIRED,
    N_HISTORY,
    N_MERGES,
    N_MISTYPED,
    N_NODES,
    N_SEEN,
    NEAR,
    ORIGIN,
)
from omnilab.identity._prefetch import load, prefetch, store, wide
from omnilab.identity._ruled import FAN, MOST_FAN, UNIQUE, find_each, root_of
from omnilab.identity.rules import clash, demoted, expired

__all__ = ["observe_pairs"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


@kernel
def observe_pairs(
    nodes: Ints, of_code: Ints, codes: Ints, log: Ints, history: Ints, meta: Longs, rules: Longs,
    a: Ints, b: Ints, kind_a: int, kind_b: int, times: Longs, each: int, out: Ints,
) -> None:  # fmt: skip
    """Take in checked pairs in time order; parameters as for `_ruled.observe_rows`."""
    last = len(a) - 1
    mapped = len(of_code) > 0
    remembers = len(history) > 0
    n_unique = nodes.shape[1] - UNIQUE - (1 if mapped else 0)
    fan_a, life_a, column_a = rules[kind_a, 0], rules[kind_a, 1], rules[kind_a, 2]
    fan_b, life_b, column_b = rules[kind_b, 0], rules[kind_b, 1], rules[kind_b, 2]
    origin = meta[ORIGIN]
    for i in range(len(a)):
        _fetch(nodes, of_code, a, i, last)
        _fetch(nodes, of_code, b, i, last)
        now = load(times, i * each) - origin
        known = load(meta, N_SEEN) + load(meta, N_EXPIRED)
        if mapped:
            x = _seat_anew(nodes, of_code, codes, meta, load(a, i), kind_a, life_a, column_a, now)
            y = _seat_anew(nodes, of_code, codes, meta, load(b, i), kind_b, life_b, column_b, now)
        else:
            x = _seat(nodes, meta, load(a, i), kind_a, column_a, now)
            y = _seat(nodes, meta, load(b, i), kind_b, column_b, now)
        if min(x, y) < 0 or x == y:
            x = max(x, y)
            news = mapped or load(meta, N_SEEN) + load(meta, N_EXPIRED) > known
            if remembers and x >= 0 and news:
                _remember(history, meta, x, wide(-1), now)
        else:
            if remembers:
                _remember(history, meta, x, y, now)
            x = _join(nodes, log, meta, x, y, fan_a, fan_b, n_unique, now)
        if len(out) > 0:
            store(out, i, x)
    if last >= 0:
        meta[LAST_TIME] = times[last * each]
    find_each(nodes, out, out)


@kernel
def _fetch(nodes: Ints, of_code: Ints, codes: Ints, i: int, last: int) -> None:
    """Fetch what the links to come will need: where codes and nodes differ in three steps."""
    width = nodes.shape[1]
    far = load(codes, min(i + FAR, last))
    near = load(codes, min(i + NEAR, last))
    if len(of_code) > 0:
        prefetch(of_code, load(codes, min(i + FAR + NEAR, last)))
        far = max(load(of_code, far), 1) - 1
        near = max(load(of_code, near), 1) - 1
    prefetch(nodes, far * width)
    prefetch(nodes, (max(load(nodes, near * width), 1) - 1) * width)


@kernel
def _seat(nodes: Ints, meta: Longs, code: int, kind: int, column: int, now: int) -> int:
    """Return the node of a code, -1 if it was seen as another type; without a time-to-live."""
    row = code * nodes.shape[1]
    up = load(nodes, row)
    packed = load(nodes, row + FAN)
    if (up != 0) & (packed & 255 != kind):
        meta[N_MISTYPED] += 1
        return -1
    store(meta, N_SEEN, load(meta, N_SEEN) + (up == 0))
    _sit(nodes, row, up, packed, code, kind, column, now)
    return code


@kernel
def _seat_anew(
    nodes: Ints, of_code: Ints, codes: Ints, meta: Longs, code: int, kind: int, life: int,
    column: int, now: int,
) -> int:  # fmt: skip
    """Return the node of a code, a new one if the old was forgotten, -1 if of another type."""
    width = nodes.shape[1]
    old = load(of_code, code) - 1
    row = max(old, 0) * width
    if (old >= 0) & (load(nodes, row + FAN) & 255 != kind):
        meta[N_MISTYPED] += 1
        return -1
    gone = (old >= 0) & expired(load(nodes, row + width - 1), now, life)
    fresh = (old < 0) | gone
    n_nodes = load(meta, N_NODES)
    node = n_nodes if fresh else old
    store(meta, N_NODES, n_nodes + fresh)
    store(meta, N_EXPIRED, load(meta, N_EXPIRED) + gone)
    store(meta, N_SEEN, load(meta, N_SEEN) + (old < 0))
    store(of_code, code, node + 1)
    store(codes, node, code)
    row = node * width
    # A row never used is zero, so a new node is known by its parent here too.
    _sit(nodes, row, load(nodes, row), load(nodes, row + FAN), code, kind, column, now)
    store(nodes, row + width - 1, now)
    return node


@kernel
def _sit(
    nodes: Ints, row: int, up: int, packed: int, code: int, kind: int, column: int, now: int
) -> None:
    """Write a node's row as it is, or as that of a root first seen now."""
    store(nodes, row, up if up != 0 else -1 - now)
    store(nodes, row + FAN, packed if up != 0 else kind)
    if column >= 0:
        held = load(nodes, row + column)
        store(nodes, row + column, held if up != 0 else code + 1)


@kernel
def _join(
    nodes: Ints, log: Ints, meta: Longs, x: int, y: int, limit_x: int, limit_y: int,
    n_unique: int, now: int,
) -> int:  # fmt: skip
    """Merge the profiles of two nodes unless a rule forbids it; return whose the pair is."""
    width = nodes.shape[1]
    root_x = _top(nodes, x)
    root_y = _top(nodes, y)
    differ = root_x != root_y
    shared_x = False
    shared_y = False
    if limit_x > 0 or limit_y > 0:
        fan_x = load(nodes, x * width + FAN) >> 8
        fan_y = load(nodes, y * width + FAN) >> 8
        differ = differ & (not demoted(fan_x, limit_x)) & (not demoted(fan_y, limit_y))
        shared_x = demoted(_widen(nodes, x * width + FAN, limit_x, differ), limit_x)
        shared_y = demoted(_widen(nodes, y * width + FAN, limit_y, differ), limit_y)
        store(meta, N_DEMOTED, load(meta, N_DEMOTED) + shared_x + shared_y)
        differ = differ & (not shared_x) & (not shared_y)
    _merge(nodes, log, meta, root_x, root_y, differ, n_unique, now)
    return y if shared_x & (not shared_y) else x


@kernel
def _top(nodes: Ints, node: int) -> int:
    """Return a node's root; most are one step away."""
    up = load(nodes, node * nodes.shape[1])
    root = up - 1 if up > 0 else node
    return root_of(nodes, node) if load(nodes, root * nodes.shape[1]) > 0 else root


@kernel
def _widen(nodes: Ints, spot: int, limit: int, more: bool) -> int:
    """Add to the fan-out at `spot` where there is a limit, and return it."""
    packed = load(nodes, spot)
    grows = more & (limit > 0) & (packed >> 8 < MOST_FAN)
    packed += 256 * grows
    store(nodes, spot, packed)
    return packed >> 8


@kernel
def _merge(
    nodes: Ints, log: Ints, meta: Longs, x: int, y: int, wanted: bool, n_unique: int, now: int
) -> None:
    """Merge two roots if that is wanted and no unique type keeps them apart."""
    width = nodes.shape[1]
    at_x = x * width
    at_y = y * width
    blocked = False
    for i in range(UNIQUE, UNIQUE + n_unique):
        blocked = blocked | clash(load(nodes, at_x + i), load(nodes, at_y + i))
    store(meta, N_BLOCKED, load(meta, N_BLOCKED) + (wanted & blocked))
    merging = wanted & (not blocked)
    up_x = load(nodes, at_x)
    up_y = load(nodes, at_y)
    # Age and id in one number: the larger is the older, as `rules.survives` has it.
    swapped = (up_y << 32) - y > (up_x << 32) - x
    survivor = y if swapped else x
    absorbed = x if swapped else y
    at_s = survivor * width
    at_d = absorbed * width
    store(nodes, at_d, survivor + 1 if merging else load(nodes, at_d))
    for i in range(UNIQUE, UNIQUE + n_unique):
        held = load(nodes, at_s + i)
        store(nodes, at_s + i, max(held, load(nodes, at_d + i)) if merging else held)
    merges = load(meta, N_MERGES)
    spot = 3 * merges if len(log) > 1 else 0
    store(log, spot, absorbed)
    store(log, spot + 1, survivor)
    store(log, spot + 2, now)
    store(meta, N_MERGES, merges + merging)


@kernel
def _remember(history: Ints, meta: Longs, x: int, y: int, now: int) -> None:
    """Append the sighting of one node, or of two."""
    n = load(meta, N_HISTORY)
    store(history, 2 * n, -1 - x)
    store(history, 2 * n + 1, now)
    if y >= 0:
        store(history, 2 * n + 2, y)
        store(history, 2 * n + 3, now)
    store(meta, N_HISTORY, n + (2 if y >= 0 else 1))
