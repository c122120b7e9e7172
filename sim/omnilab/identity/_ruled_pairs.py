"""Link pairs under rules: what `_ruled.observe_rows` does, for two columns without gaps.

Most sightings are pairs. As in `_links`, branches that can't be guessed cost more than all else, so
the two loops here have none for what is common, a new identifier or a known one, merged, kept apart
or of one profile already; what is rare goes to `_take_one`. Held equal to `observe_rows` by a test.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab.identity._forgotten import forget
from omnilab.identity._links import (
    FAR,
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
)
from omnilab.identity._log import LAST_MERGE, LOG_BITS, N_MERGES, N_TICKS, append_row
from omnilab.identity._nodes import (
    AGAIN,
    BIT,
    BITS,
    INFO,
    KINDS,
    LIFE,
    LIMIT,
    PARENT,
    SEEN,
    SHIFT,
    fan_out,
    root_of,
)
from omnilab.identity._ruled import find_each, merge
from omnilab.identity.rules import demoted, expired
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.prefetch import prefetch_to_write as prefetch
from omnilab.kernels.unchecked import load, store, wide

__all__ = ["observe_pairs"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

FURTHER = FAR + NEAR  # how many links ahead to fetch what leads from codes to nodes
NEVER = 1 << 40


@kernel
def observe_pairs(
    nodes: Ints, of_code: Ints, log: Longs, history: Ints, meta: Longs, rules: Longs,
    a: Ints, b: Ints, kind_a: int, kind_b: int, times: Longs, each: int, out: Ints,
) -> None:  # fmt: skip
    """Take in checked pairs in time order; parameters as for `_ruled.observe_rows`."""
    arguments = (
        nodes, of_code, log, history, meta, rules, a, b, kind_a, kind_b, times, each, out
    )  # fmt: skip
    if len(of_code) == 0:
        _link(*arguments)
    else:
        _link_mapped(*arguments)
    if len(a) > 0:
        meta[LAST_TIME] = times[(len(a) - 1) * each]
    find_each(nodes, out, out)


@kernel
def _link(
    nodes: Ints, of_code: Ints, log: Longs, history: Ints, meta: Longs, rules: Longs,
    a: Ints, b: Ints, kind_a: int, kind_b: int, times: Longs, each: int, out: Ints,
) -> None:  # fmt: skip
    """Take in pairs without a time-to-live: two numbers a node, whose place is its code."""
    last = len(a) - 1
    origin = meta[ORIGIN]
    kinds, bits, shift = rules[-1, KINDS], rules[-1, BITS], rules[-1, SHIFT]
    new_a, new_b = kind_a | rules[kind_a, BIT], kind_b | rules[kind_b, BIT]
    # One more than this would be past the limit.
    most_a = rules[kind_a, LIMIT] if rules[kind_a, LIMIT] > 0 else NEVER
    most_b = rules[kind_b, LIMIT] if rules[kind_b, LIMIT] > 0 else NEVER
    step_a = 1 << shift if rules[kind_a, LIMIT] > 0 else 0
    step_b = 1 << shift if rules[kind_b, LIMIT] > 0 else 0
    row = 1 if len(log) > 1 else 0
    back = wide(len(log) - 1)
    merges, seen, blocked = meta[N_MERGES], meta[N_SEEN], meta[N_BLOCKED]
    tick, tick_now = back - meta[N_TICKS], meta[LAST_MERGE]
    low = 63 - 2 * meta[LOG_BITS]
    high = low + meta[LOG_BITS]
    for i in range(len(a)):
        far, near = min(i + FAR, last), min(i + NEAR, last)
        prefetch(nodes, 2 * load(a, far))
        prefetch(nodes, 2 * load(b, far))
        prefetch(nodes, 2 * max(load(nodes, 2 * load(a, near)), 1) - 2)
        prefetch(nodes, 2 * max(load(nodes, 2 * load(b, near)), 1) - 2)
        now = load(times, i * each) - origin
        first, second = load(a, i), load(b, i)
        up_a, up_b = load(nodes, 2 * first), load(nodes, 2 * second)
        info_a, info_b = load(nodes, 2 * first + 1), load(nodes, 2 * second + 1)
        info_a = info_a if up_a != 0 else new_a
        info_b = info_b if up_b != 0 else new_b
        other = (info_a & kinds) ^ kind_a | (info_b & kinds) ^ kind_b
        full = max((info_a >> shift) - most_a, (info_b >> shift) - most_b) >= 0
        if other != 0 or full or first == second:
            meta[N_MERGES], meta[N_SEEN], meta[N_BLOCKED] = merges, seen, blocked
            meta[N_TICKS], meta[LAST_MERGE] = (back - tick) * row, tick_now
            anchor = _take_one(
                nodes, of_code, log, history, meta, rules, first, second, kind_a, kind_b, now
            )
            merges, seen, blocked = meta[N_MERGES], meta[N_SEEN], meta[N_BLOCKED]
            tick, tick_now = back - meta[N_TICKS], meta[LAST_MERGE]
            if len(out) > 0:
                out[i] = anchor
            continue
        if len(history) > 0:
            _remember_pair(history, meta, first, second, now)
        if len(out) > 0:
            out[i] = first
        seen += (1 if up_a == 0 else 0) + (1 if up_b == 0 else 0)
        up_a = up_a if up_a != 0 else -1 - now
        up_b = up_b if up_b != 0 else -1 - now
        x = up_a - 1 if up_a > 0 else first
        y = up_b - 1 if up_b > 0 else second
        if max(load(nodes, 2 * x), load(nodes, 2 * y)) > 0:
            x, y = root_of(nodes, first), root_of(nodes, second)
        apart = 1 if x != y else 0
        info_a += apart * step_a
        info_b += apart * step_b
        up_x = load(nodes, 2 * x) if x != first else up_a
        up_y = load(nodes, 2 * y) if y != second else up_b
        info_x = load(nodes, 2 * x + 1) if x != first else info_a
        info_y = load(nodes, 2 * y + 1) if y != second else info_b
        clash = info_x & info_y & bits
        merged = apart if clash == 0 else 0
        blocked += apart - merged
        # As in `_links`: the larger is the older.
        swapped = (up_y << 32) - y > (up_x << 32) - x
        survivor, absorbed = (y, x) if swapped else (x, y)
        info = info_y if swapped else info_x
        info |= (info_x | info_y) & bits & -merged
        up = up_x if swapped else up_y
        store(nodes, 2 * first, up_a)
        store(nodes, 2 * first + 1, info_a)
        store(nodes, 2 * second, up_b)
        store(nodes, 2 * second + 1, info_b)
        store(nodes, 2 * survivor + 1, info)
        store(nodes, 2 * absorbed, survivor + 1 if merged != 0 else up)
        merges, tick, tick_now = append_row(
            log, row, merges, tick, tick_now, survivor, absorbed, now, merged, low, high
        )
    meta[N_MERGES], meta[N_SEEN], meta[N_BLOCKED] = merges, seen, blocked
    meta[N_TICKS], meta[LAST_MERGE] = (back - tick) * row, tick_now


@kernel
def _link_mapped(
    nodes: Ints, of_code: Ints, log: Longs, history: Ints, meta: Longs, rules: Longs,
    a: Ints, b: Ints, kind_a: int, kind_b: int, times: Longs, each: int, out: Ints,
) -> None:  # fmt: skip
    """Take in pairs under a time-to-live: three numbers a node, whose place is in `of_code`."""
    last = len(a) - 1
    origin = meta[ORIGIN]
    kinds, bits, shift = rules[-1, KINDS], rules[-1, BITS], rules[-1, SHIFT]
    new_a, new_b = kind_a | rules[kind_a, BIT], kind_b | rules[kind_b, BIT]
    most_a = rules[kind_a, LIMIT] if rules[kind_a, LIMIT] > 0 else NEVER
    most_b = rules[kind_b, LIMIT] if rules[kind_b, LIMIT] > 0 else NEVER
    step_a = 1 << shift if rules[kind_a, LIMIT] > 0 else 0
    step_b = 1 << shift if rules[kind_b, LIMIT] > 0 else 0
    life_a = rules[kind_a, LIFE] if rules[kind_a, LIFE] > 0 else NEVER
    life_b = rules[kind_b, LIFE] if rules[kind_b, LIFE] > 0 else NEVER
    row = 1 if len(log) > 1 else 0
    back = wide(len(log) - 1)
    merges, seen, blocked = meta[N_MERGES], meta[N_SEEN], meta[N_BLOCKED]
    made, forgotten = meta[N_NODES], meta[N_EXPIRED]
    tick, tick_now = back - meta[N_TICKS], meta[LAST_MERGE]
    low = 63 - 2 * meta[LOG_BITS]
    high = low + meta[LOG_BITS]
    simple = rules[-1, AGAIN] == 0
    for i in range(len(a)):
        further, far, near = min(i + FURTHER, last), min(i + FAR, last), min(i + NEAR, last)
        prefetch(of_code, load(a, further))
        prefetch(of_code, load(b, further))
        ahead_a, ahead_b = load(of_code, load(a, far)), load(of_code, load(b, far))
        # A row can lie across two lines.
        prefetch(nodes, 3 * max(ahead_a, 1) - 3)
        prefetch(nodes, 3 * max(ahead_a, 1) - 1)
        prefetch(nodes, 3 * max(ahead_b, 1) - 3)
        prefetch(nodes, 3 * max(ahead_b, 1) - 1)
        ahead_a, ahead_b = load(of_code, load(a, near)), load(of_code, load(b, near))
        prefetch(nodes, 3 * max(load(nodes, 3 * max(ahead_a, 1) - 3), 1) - 3)
        prefetch(nodes, 3 * max(load(nodes, 3 * max(ahead_b, 1) - 3), 1) - 3)
        now = load(times, i * each) - origin
        first, second = load(a, i), load(b, i)
        place_a, place_b = load(of_code, first), load(of_code, second)
        known_a, known_b = place_a > 0, place_b > 0
        # Of an identifier never seen some row is read, and not used.
        place_a, place_b = max(place_a, 1) - 1, max(place_b, 1) - 1
        info_a, info_b = load(nodes, 3 * place_a + 1), load(nodes, 3 * place_b + 1)
        other_a = (info_a & kinds) ^ kind_a if known_a else 0
        other_b = (info_b & kinds) ^ kind_b if known_b else 0
        gone_a = known_a and now - load(nodes, 3 * place_a + 2) > life_a
        gone_b = known_b and now - load(nodes, 3 * place_b + 2) > life_b
        new_x, new_y = gone_a or not known_a, gone_b or not known_b
        info_a = new_a if new_x else info_a
        info_b = new_b if new_y else info_b
        full = max((info_a >> shift) - most_a, (info_b >> shift) - most_b) >= 0
        if other_a | other_b != 0 or full or first == second or not simple:
            meta[N_MERGES], meta[N_SEEN], meta[N_BLOCKED] = merges, seen, blocked
            meta[N_NODES], meta[N_EXPIRED] = made, forgotten
            meta[N_TICKS], meta[LAST_MERGE] = (back - tick) * row, tick_now
            anchor = _take_one(
                nodes, of_code, log, history, meta, rules, first, second, kind_a, kind_b, now
            )
            merges, seen, blocked = meta[N_MERGES], meta[N_SEEN], meta[N_BLOCKED]
            made, forgotten = meta[N_NODES], meta[N_EXPIRED]
            tick, tick_now = back - meta[N_TICKS], meta[LAST_MERGE]
            if len(out) > 0:
                out[i] = anchor
            continue
        up_a = -1 - now if new_x else load(nodes, 3 * place_a)
        up_b = -1 - now if new_y else load(nodes, 3 * place_b)
        node_a = made if new_x else place_a
        made += 1 if new_x else 0
        node_b = made if new_y else place_b
        made += 1 if new_y else 0
        gone = (1 if gone_a else 0) + (1 if gone_b else 0)
        forgotten += gone
        seen += (1 if new_x else 0) + (1 if new_y else 0) - gone
        store(of_code, first, node_a + 1)
        store(of_code, second, node_b + 1)
        if len(history) > 0:
            _remember_pair(history, meta, node_a, node_b, now)
        if len(out) > 0:
            out[i] = node_a
        x = up_a - 1 if up_a > 0 else node_a
        y = up_b - 1 if up_b > 0 else node_b
        if max(load(nodes, 3 * x), load(nodes, 3 * y)) > 0:
            x, y = root_of(nodes, x), root_of(nodes, y)
        apart = 1 if x != y else 0
        info_a += apart * step_a
        info_b += apart * step_b
        up_x = load(nodes, 3 * x) if x != node_a else up_a
        up_y = load(nodes, 3 * y) if y != node_b else up_b
        info_x = load(nodes, 3 * x + 1) if x != node_a else info_a
        info_y = load(nodes, 3 * y + 1) if y != node_b else info_b
        clash = info_x & info_y & bits
        merged = apart if clash == 0 else 0
        blocked += apart - merged
        # Nodes are numbered as they were first seen.
        swapped = y < x
        survivor, absorbed = (y, x) if swapped else (x, y)
        info = info_y if swapped else info_x
        info |= (info_x | info_y) & bits & -merged
        up = up_x if swapped else up_y
        # A forgotten node keeps its code.
        if gone != 0:
            store(nodes, 3 * (place_a if gone_a else node_a) + 2, -1 - first)
            store(nodes, 3 * (place_b if gone_b else node_b) + 2, -1 - second)
        store(nodes, 3 * node_a, up_a)
        store(nodes, 3 * node_a + 1, info_a)
        store(nodes, 3 * node_a + 2, now)
        store(nodes, 3 * node_b, up_b)
        store(nodes, 3 * node_b + 1, info_b)
        store(nodes, 3 * node_b + 2, now)
        store(nodes, 3 * survivor + 1, info)
        store(nodes, 3 * absorbed, survivor + 1 if merged != 0 else up)
        merges, tick, tick_now = append_row(
            log, row, merges, tick, tick_now, survivor, absorbed, now, merged, low, high
        )
    meta[N_MERGES], meta[N_SEEN], meta[N_BLOCKED] = merges, seen, blocked
    meta[N_NODES], meta[N_EXPIRED] = made, forgotten
    meta[N_TICKS], meta[LAST_MERGE] = (back - tick) * row, tick_now


@inner
def _take_one(
    nodes: Ints, of_code: Ints, log: Longs, history: Ints, meta: Longs, rules: Longs,
    first: int, second: int, kind_a: int, kind_b: int, now: int,
) -> int:  # fmt: skip
    """Take in one pair, whatever it is; return its node."""
    mapped = len(of_code) > 0
    known = meta[N_SEEN] + meta[N_EXPIRED]
    if mapped:
        x = _seat_anew(nodes, of_code, meta, rules, first, kind_a, now)
        y = _seat_anew(nodes, of_code, meta, rules, second, kind_b, now)
    else:
        x = _seat(nodes, meta, rules, first, kind_a, now)
        y = _seat(nodes, meta, rules, second, kind_b, now)
    if x < 0:
        x, y = y, wide(-1)
    paired = y >= 0 and x != y
    news = paired or mapped or meta[N_SEEN] + meta[N_EXPIRED] > known
    if len(history) > 0 and x >= 0 and news:
        _remember_pair(history, meta, x, y if paired else wide(-1), now)
    return _join(nodes, of_code, history[:0], log, meta, rules, x, y, now) if paired else x


@inner
def _seat(nodes: Ints, meta: Longs, rules: Longs, code: int, kind: int, now: int) -> int:
    """Return the node of a code, -1 if it was seen as another type; without a time-to-live."""
    if nodes[code, PARENT] == 0:
        meta[N_SEEN] += 1
        nodes[code, PARENT] = -1 - now
        nodes[code, INFO] = kind | rules[kind, BIT]
    elif nodes[code, INFO] & rules[-1, KINDS] != kind:
        meta[N_MISTYPED] += 1
        return -1
    return code


@inner
def _seat_anew(
    nodes: Ints, of_code: Ints, meta: Longs, rules: Longs, code: int, kind: int,
    now: int,
) -> int:  # fmt: skip
    """Return the node of a code, a new one if the old was forgotten, -1 if of another type."""
    node = wide(of_code[code]) - 1
    old = node
    if node >= 0:
        if nodes[node, INFO] & rules[-1, KINDS] != kind:
            meta[N_MISTYPED] += 1
            return -1
        if not expired(wide(nodes[node, SEEN]), now, rules[kind, LIFE]):
            nodes[node, SEEN] = now
            return node
        meta[N_EXPIRED] += 1
        meta[N_SEEN] -= 1
    node = wide(meta[N_NODES])
    meta[N_NODES] = node + 1
    meta[N_SEEN] += 1
    of_code[code] = node + 1
    nodes[node, PARENT] = -1 - now
    nodes[node, SEEN] = now
    nodes[node, INFO] = kind | rules[kind, BIT]
    if old >= 0:
        forget(nodes, of_code, rules, old, code, kind)
    return node


@inner
def _join(
    nodes: Ints, of_code: Ints, values: Ints, log: Longs, meta: Longs, rules: Longs, x: int, y: int,
    now: int,
) -> int:  # fmt: skip
    """Count that two nodes were seen together and merge them unless one is shared."""
    shift = rules[-1, SHIFT]
    limit_x = rules[nodes[x, INFO] & rules[-1, KINDS], LIMIT]
    limit_y = rules[nodes[y, INFO] & rules[-1, KINDS], LIMIT]
    shared_x = demoted(fan_out(wide(nodes[x, INFO]), shift), limit_x)
    shared_y = demoted(fan_out(wide(nodes[y, INFO]), shift), limit_y)
    if not shared_x and not shared_y:
        root_x = root_of(nodes, x)
        root_y = root_of(nodes, y)
        if root_x == root_y:
            return x
        if limit_x > 0:
            nodes[x, INFO] += 1 << shift
            shared_x = demoted(fan_out(wide(nodes[x, INFO]), shift), limit_x)
        if limit_y > 0:
            nodes[y, INFO] += 1 << shift
            shared_y = demoted(fan_out(wide(nodes[y, INFO]), shift), limit_y)
        if not shared_x and not shared_y:
            merge(nodes, of_code, values, log, meta, rules, root_x, root_y, now)
            return x
    meta[N_DEMOTED] += shared_x
    meta[N_DEMOTED] += shared_y
    return y if shared_x and not shared_y else x


@inner
def _remember_pair(history: Ints, meta: Longs, x: int, y: int, now: int) -> None:
    """Append the sighting of one node, or of two."""
    n = meta[N_HISTORY]
    history[n, 0] = -1 - x
    history[n, 1] = now
    if y >= 0:
        history[n + 1, 0] = y
        history[n + 1, 1] = now
    meta[N_HISTORY] = n + (2 if y >= 0 else 1)
