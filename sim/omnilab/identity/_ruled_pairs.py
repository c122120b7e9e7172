"""Link pairs under rules: what `_ruled.observe_rows` does, for two columns without gaps.

Most sightings are pairs, and for them the general loops over a row cost more than the rules. Held
equal to `observe_rows` by a test.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab._jit import kernel
from omnilab.identity._links import (
    LAST_TIME,
    N_BLOCKED,
    N_DEMOTED,
    N_EXPIRED,
    N_HISTORY,
    N_MISTYPED,
    N_NODES,
    N_SEEN,
    NEAR,
    ORIGIN,
    keep_merge,
)
from omnilab.identity._prefetch import prefetch, wide
from omnilab.identity._ruled import FAN, MOST_FAN, PARENT, SEEN, UNIQUE, find_each, root_of
from omnilab.identity.rules import clash, demoted, expired, survives

__all__ = ["observe_pairs"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


@kernel
def observe_pairs(
    nodes: Ints, of_code: Ints, codes: Ints, log: Longs, history: Ints, meta: Longs, rules: Longs,
    a: Ints, b: Ints, kind_a: int, kind_b: int, times: Longs, each: int, out: Ints,
) -> None:  # fmt: skip
    """Take in checked pairs in time order; parameters as for `_ruled.observe_rows`."""
    n = len(a)
    mapped = len(of_code) > 0
    width = nodes.shape[1]
    fan_a, life_a, column_a = rules[kind_a, 0], rules[kind_a, 1], rules[kind_a, 2]
    fan_b, life_b, column_b = rules[kind_b, 0], rules[kind_b, 1], rules[kind_b, 2]
    origin = meta[ORIGIN]
    end = width - (1 if mapped else 0)  # behind the columns of unique types
    for i in range(n):
        ahead = min(i + NEAR, n - 1)
        if mapped:
            soon = min(i + 2 * NEAR, n - 1)
            prefetch(of_code, a[soon])
            prefetch(of_code, b[soon])
            prefetch(nodes, max(0, wide(of_code[a[ahead]]) - 1) * width)
            prefetch(nodes, max(0, wide(of_code[b[ahead]]) - 1) * width)
        else:
            prefetch(nodes, wide(a[ahead]) * width)
            prefetch(nodes, wide(b[ahead]) * width)
        now = times[i * each] - origin
        known = meta[N_SEEN] + meta[N_EXPIRED]
        if mapped:
            x = _seat_anew(nodes, of_code, codes, meta, wide(a[i]), kind_a, life_a, column_a, now)
            y = _seat_anew(nodes, of_code, codes, meta, wide(b[i]), kind_b, life_b, column_b, now)
        else:
            x = _seat(nodes, meta, wide(a[i]), kind_a, column_a, now)
            y = _seat(nodes, meta, wide(b[i]), kind_b, column_b, now)
        if x < 0:
            x, y = y, wide(-1)
        if len(history) > 0 and x >= 0:
            paired = y >= 0 and x != y
            if paired or mapped or meta[N_SEEN] + meta[N_EXPIRED] > known:
                _remember_pair(history, meta, x, y if paired else wide(-1), now)
        if y >= 0 and x != y:
            if fan_a > 0 or fan_b > 0:
                x = _join_limited(nodes, log, meta, x, y, fan_a, fan_b, end, now)
            else:
                _merge_pair(nodes, log, meta, root_of(nodes, x), root_of(nodes, y), end, now)
        if len(out) > 0:
            out[i] = x
    if n > 0:
        meta[LAST_TIME] = times[(n - 1) * each]
    find_each(nodes, out, out)


@kernel
def _seat(nodes: Ints, meta: Longs, code: int, kind: int, column: int, now: int) -> int:
    """Return the node of a code, -1 if it was seen as another type; without a time-to-live."""
    if nodes[code, PARENT] == 0:
        meta[N_SEEN] += 1
        nodes[code, PARENT] = -1 - now
        nodes[code, FAN] = kind
        if column >= 0:
            nodes[code, column] = code + 1
    elif nodes[code, FAN] & 255 != kind:
        meta[N_MISTYPED] += 1
        return -1
    return code


@kernel
def _seat_anew(
    nodes: Ints, of_code: Ints, codes: Ints, meta: Longs, code: int, kind: int, life: int,
    column: int, now: int,
) -> int:  # fmt: skip
    """Return the node of a code, a new one if the old was forgotten, -1 if of another type."""
    node = wide(of_code[code]) - 1
    if node >= 0:
        if nodes[node, FAN] & 255 != kind:
            meta[N_MISTYPED] += 1
            return -1
        if not expired(wide(nodes[node, SEEN]), now, life):
            nodes[node, SEEN] = now
            return node
        meta[N_EXPIRED] += 1
        meta[N_SEEN] -= 1
    node = wide(meta[N_NODES])
    meta[N_NODES] = node + 1
    meta[N_SEEN] += 1
    of_code[code] = node + 1
    codes[node] = code
    nodes[node, PARENT] = -1 - now
    nodes[node, SEEN] = now
    nodes[node, FAN] = kind
    if column >= 0:
        nodes[node, column] = code + 1
    return node


@kernel
def _join_limited(
    nodes: Ints, log: Longs, meta: Longs, x: int, y: int, limit_x: int, limit_y: int, end: int,
    now: int,
) -> int:  # fmt: skip
    """Count that two nodes were seen together and merge them unless one is shared."""
    shared_x = demoted(wide(nodes[x, FAN]) >> 8, limit_x)
    shared_y = demoted(wide(nodes[y, FAN]) >> 8, limit_y)
    if not shared_x and not shared_y:
        root_x = root_of(nodes, x)
        root_y = root_of(nodes, y)
        if root_x == root_y:
            return x
        if limit_x > 0:
            nodes[x, FAN] += 256 if nodes[x, FAN] >> 8 < MOST_FAN else 0
            shared_x = demoted(wide(nodes[x, FAN]) >> 8, limit_x)
        if limit_y > 0:
            nodes[y, FAN] += 256 if nodes[y, FAN] >> 8 < MOST_FAN else 0
            shared_y = demoted(wide(nodes[y, FAN]) >> 8, limit_y)
        if not shared_x and not shared_y:
            _merge_pair(nodes, log, meta, root_x, root_y, end, now)
            return x
    meta[N_DEMOTED] += shared_x
    meta[N_DEMOTED] += shared_y
    return y if shared_x and not shared_y else x


@kernel
def _merge_pair(nodes: Ints, log: Longs, meta: Longs, x: int, y: int, end: int, now: int) -> None:
    """Merge two roots unless a unique type keeps them apart."""
    if x == y:
        return
    for i in range(UNIQUE, end):
        if clash(nodes[x, i], nodes[y, i]):
            meta[N_BLOCKED] += 1
            return
    age_x = -1 - wide(nodes[x, PARENT])
    age_y = -1 - wide(nodes[y, PARENT])
    if not survives(age_x, x, age_y, y):
        x, y = y, x
    nodes[y, PARENT] = x + 1
    for i in range(UNIQUE, end):
        nodes[x, i] = max(nodes[x, i], nodes[y, i])
    keep_merge(log, meta, x, y, now)


@kernel
def _remember_pair(history: Ints, meta: Longs, x: int, y: int, now: int) -> None:
    """Append the sighting of one node, or of two."""
    n = meta[N_HISTORY]
    history[n, 0] = -1 - x
    history[n, 1] = now
    if y >= 0:
        history[n + 1, 0] = y
        history[n + 1, 1] = now
    meta[N_HISTORY] = n + (2 if y >= 0 else 1)
