"""Link identifiers under rules: unique types, shared identifiers, time-to-live.

One bit tells enough of a unique type: an identifier is in one profile, so two profiles that both
hold one hold different ones. For identifiers that came back see `_forgotten`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab.identity._forgotten import forget, hand_over, kept_apart
from omnilab.identity._history import remember
from omnilab.identity._links import (
    FAR,
    LAST_TIME,
    N_BLOCKED,
    N_DEMOTED,
    N_EXPIRED,
    N_MISTYPED,
    N_NODES,
    N_SEEN,
    NEAR,
    ORIGIN,
)
from omnilab.identity._log import keep_merge
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
    UNSIGNED,
    fan_out,
    root_of,
)
from omnilab.identity.rules import demoted, expired, survives
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.prefetch import prefetch_to_write as prefetch
from omnilab.kernels.unchecked import load, store, wide

__all__ = ["find_each", "merge", "observe_rows", "replay"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


@kernel
def observe_rows(
    nodes: Ints, of_code: Ints, log: Longs, history: Ints, meta: Longs, rules: Longs,
    flat: Ints, starts: Longs, width: int, kinds: Longs, times: Longs, each: int, room: Ints,
    out: Ints,
) -> None:  # fmt: skip
    """Take in checked rows of identifiers in time order; the arrays must have room.

    Parameters
    ----------
    nodes, of_code, log, history, meta
        The graph: nodes; the node (plus 1) of each code, of length 0 unless a type has a
        time-to-live; the log; sightings.
    rules
        A row a type and one more, shape ``(n_types + 1, 4)``, as `_nodes` says.
    flat, starts, width, kinds
        Rows as in `star_pairs`; the type of each column, or of each entry of `flat`.
    times, each
        As in `observe_pairs`.
    room
        Scratch, as long as the longest row.
    out
        Profile id of each row after all of them, -1 for a row without identifiers.
    """
    n_rows = len(out)
    last = len(flat) - 1
    for i in range(n_rows):
        begin = starts[i] if len(starts) > 0 else i * width
        end = starts[i + 1] if len(starts) > 0 else begin + width
        _fetch(nodes, of_code, flat, begin, end, last)
        now = times[i * each] - meta[ORIGIN]
        members = 0
        known = meta[N_SEEN] + meta[N_EXPIRED]
        for j in range(begin, end):
            if flat[j] < 0:
                continue
            kind = kinds[j] if len(starts) > 0 else kinds[j - begin]
            node = _place(nodes, of_code, meta, rules, wide(flat[j]), kind, now)
            if node < 0:
                continue
            fresh = True
            for k in range(members):
                fresh = fresh and room[k] != node
            if fresh:
                room[members] = node
                members += 1
        # A lone identifier that is no news changes nothing when it is replayed, but for its age.
        news = members > 1 or len(of_code) > 0 or meta[N_SEEN] + meta[N_EXPIRED] > known
        if news and len(history) > 0:
            remember(history, meta, room, members, now)
        out[i] = _join(nodes, of_code, history[:0], log, meta, rules, room, members, now)
    if n_rows > 0:
        meta[LAST_TIME] = times[(n_rows - 1) * each]
    find_each(nodes, out, out)


@inner
def _fetch(nodes: Ints, of_code: Ints, flat: Ints, begin: int, end: int, last: int) -> None:
    """Fetch what the rows to come will need, in two steps where codes and nodes differ."""
    for j in range(begin, end):
        code = wide(flat[min(j + NEAR, last)])
        if len(of_code) > 0:
            soon = wide(flat[min(j + FAR, last)])
            prefetch(of_code, max(wide(0), soon))
            code = wide(of_code[max(wide(0), code)]) - 1
        prefetch(nodes, max(wide(0), code) * nodes.shape[1])


@inner
def _place(
    nodes: Ints, of_code: Ints, meta: Longs, rules: Longs, code: int, kind: int, now: int
) -> int:  # fmt: skip
    """Return the node of an identifier seen now: its own, a new one, or -1 for a wrong type."""
    node = code
    old = wide(-1)
    if len(of_code) > 0:
        node = wide(of_code[code]) - 1
    known = node >= 0 and nodes[node, PARENT] != 0
    if known:
        if nodes[node, INFO] & rules[-1, KINDS] != kind:
            meta[N_MISTYPED] += 1
            return -1
        if len(of_code) > 0 and expired(wide(nodes[node, SEEN]), now, rules[kind, LIFE]):
            meta[N_EXPIRED] += 1
            meta[N_SEEN] -= 1
            known = False
            old = node
    if not known:
        if len(of_code) > 0:
            node = meta[N_NODES]
            meta[N_NODES] = node + 1
            of_code[code] = node + 1
        meta[N_SEEN] += 1
        nodes[node, PARENT] = -1 - now
        nodes[node, INFO] = kind | rules[kind, BIT]
        if old >= 0:
            forget(nodes, of_code, rules, old, code, kind)
    if len(of_code) > 0:
        nodes[node, SEEN] = now
    return node


@inner
def _join(
    nodes: Ints, of_code: Ints, values: Ints, log: Longs, meta: Longs, rules: Longs, room: Ints,
    members: int, now: int,
) -> int:  # fmt: skip
    """Merge the profiles of one row's nodes as far as the rules allow; return the row's node.

    The row belongs to its first identifier that is not shared.
    """
    if members < 2:
        return wide(room[0]) if members == 1 else -1
    alone = True
    root = wide(-1)
    for i in range(members):
        node = wide(room[i])
        if not _is_shared(nodes, rules, node):
            here = root_of(nodes, node)
            alone = alone and (root < 0 or here == root)
            root = here
    if not alone:
        _count_profiles(nodes, rules, room, members)
    anchor = wide(-1)
    for i in range(members):
        node = wide(room[i])
        if _is_shared(nodes, rules, node):
            meta[N_DEMOTED] += 1
        elif anchor < 0:
            anchor = node
        elif not alone:
            x, y = root_of(nodes, anchor), root_of(nodes, node)
            merge(nodes, of_code, values, log, meta, rules, x, y, now)
    return anchor if anchor >= 0 else wide(room[0])


@inner
def _count_profiles(nodes: Ints, rules: Longs, room: Ints, members: int) -> None:
    """Add to the fan-out of each node how many other profiles its row shows it beside."""
    profiles = 0
    for i in range(members):
        if not _is_shared(nodes, rules, wide(room[i])):
            root = root_of(nodes, wide(room[i]))
            fresh = True
            for j in range(i):
                if not _is_shared(nodes, rules, wide(room[j])):
                    fresh = fresh and root_of(nodes, wide(room[j])) != root
            profiles += fresh
    for i in range(members):
        node = wide(room[i])
        info = wide(nodes[node, INFO])
        limit = rules[info & rules[-1, KINDS], LIMIT]
        if limit > 0 and not _is_shared(nodes, rules, node):
            # Past its limit nothing counts any more, so there is room for one more than that.
            shift = rules[-1, SHIFT]
            fan = min(fan_out(info, shift) + profiles - 1, limit + 1)
            nodes[node, INFO] = (fan << shift) | (info & (((1 << shift) - 1) | ~UNSIGNED))


@inner
def _is_shared(nodes: Ints, rules: Longs, node: int) -> bool:
    """Tell whether a node has been demoted."""
    info = wide(nodes[node, INFO])
    return demoted(fan_out(info, rules[-1, SHIFT]), rules[info & rules[-1, KINDS], LIMIT])


@inner
def merge(
    nodes: Ints, of_code: Ints, values: Ints, log: Longs, meta: Longs, rules: Longs, x: int, y: int,
    now: int,
) -> None:  # fmt: skip
    """Merge two roots unless a unique type keeps them apart; `values` as for `replay`."""
    if x == y:
        return
    if kept_apart(nodes, of_code, values, rules, x, y):
        meta[N_BLOCKED] += 1
        return
    # Nodes that are not codes are numbered as they were first seen.
    age_x = -1 - wide(nodes[x, PARENT]) if len(of_code) == 0 else wide(0)
    age_y = -1 - wide(nodes[y, PARENT]) if len(of_code) == 0 else wide(0)
    if not survives(age_x, x, age_y, y):
        x, y = y, x
    nodes[x, INFO] |= nodes[y, INFO] & rules[-1, BITS]
    if len(values) > 0:
        for i in range(values.shape[1]):
            values[x, i] = max(values[x, i], values[y, i])
    elif rules[-1, AGAIN] > 0:
        hand_over(nodes, of_code, rules, x, y)
    nodes[y, PARENT] = x + 1
    keep_merge(log, meta, x, y, now)


@kernel
def find_each(nodes: Ints, wanted: Ints, out: Ints) -> None:
    """Write the root of each node to ``out``, -1 for one never seen or beyond the graph."""
    last = len(wanted) - 1
    width = nodes.shape[1]
    size = len(nodes)
    for i in range(len(wanted)):
        far = load(wanted, min(i + FAR, last))
        near = load(wanted, min(i + NEAR, last))
        if 0 <= far < size:
            prefetch(nodes, far * width)
        if 0 <= near < size:
            prefetch(nodes, (max(load(nodes, near * width), 1) - 1) * width)
        node = load(wanted, i)
        seen = 0 <= node < size and load(nodes, node * width) != 0
        store(out, i, root_of(nodes, node) if seen else -1)


@kernel
def replay(
    nodes: Ints, of_code: Ints, values: Ints, log: Longs, meta: Longs, rules: Longs, flat: Ints,
    starts: Longs, times: Longs, room: Ints,
) -> None:  # fmt: skip
    """Take remembered sightings in again, after their nodes were cleared but for the type.

    Nodes forgotten since count as they did then, so `_forgotten` can't use their rows yet. Instead
    `values` has a column for each type that is unique and has a time-to-live, with the code (plus
    1) at each node of the type; of length 0 outside of a replay.
    """
    for i in range(len(times)):
        members = 0
        for j in range(starts[i], starts[i + 1]):
            node = wide(flat[j])
            room[members] = node
            members += 1
            if nodes[node, PARENT] == 0:
                kind = nodes[node, INFO] & rules[-1, KINDS]
                nodes[node, PARENT] = -1 - times[i]
                nodes[node, INFO] |= rules[kind, BIT]
        _join(nodes, of_code, values, log, meta, rules, room, members, times[i])
