"""Link identifiers under rules: unique types, shared identifiers, time-to-live.

A node is a row of int32: parent as in `_links`; then in one number, from its lowest bit on, the
type, a bit for each unique type that the profile holds (true at roots), and the fan-out; where a
type has a time-to-live, when it was last seen. So what a link must know of a node lies together.

One bit tells enough of a unique type: an identifier is in one profile, so two profiles that both
hold one hold different ones. But an identifier that was forgotten can come back as another node,
so a unique type with a time-to-live has a column instead, with the code (plus 1) that it holds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab._jit import inner, kernel
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
from omnilab.identity._prefetch import load, prefetch, store, wide
from omnilab.identity.rules import clash, demoted, expired, survives

__all__ = [
    "BITS",
    "INFO",
    "KINDS",
    "PARENT",
    "SEEN",
    "SHIFT",
    "find_each",
    "merge",
    "observe_rows",
    "replay",
    "root_of",
    "values_begin",
]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

PARENT, INFO, SEEN = range(3)
#: In the last row of `rules`: masks of the type and the unique bits in INFO, first bit of fan-out.
KINDS, BITS, SHIFT = range(3)


@kernel
def observe_rows(
    nodes: Ints, of_code: Ints, codes: Ints, log: Longs, history: Ints, meta: Longs, rules: Longs,
    flat: Ints, starts: Longs, width: int, kinds: Longs, times: Longs, each: int, room: Ints,
    out: Ints,
) -> None:  # fmt: skip
    """Take in checked rows of identifiers in time order; the arrays must have room.

    Parameters
    ----------
    nodes, of_code, codes, log, history, meta
        The graph: nodes; the node (plus 1) of each code, of length 0 unless a type has a
        time-to-live; with that and a history the code of each node; the log; sightings.
    rules
        Per type: fan-out limit, time-to-live, bit in INFO if unique, column in `nodes` if unique
        with a time-to-live else -1; shape ``(n_types + 1, 4)``, the last row as said above.
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
            node = _place(nodes, of_code, codes, meta, rules, wide(flat[j]), kind, now)
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
        out[i] = _join(nodes, log, meta, rules, room, members, now, len(of_code) > 0)
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
    nodes: Ints, of_code: Ints, codes: Ints, meta: Longs, rules: Longs, code: int, kind: int,
    now: int,
) -> int:  # fmt: skip
    """Return the node of an identifier seen now: its own, a new one, or -1 for a wrong type."""
    node = code
    if len(of_code) > 0:
        node = wide(of_code[code]) - 1
    known = node >= 0 and nodes[node, PARENT] != 0
    if known:
        if nodes[node, INFO] & rules[-1, KINDS] != kind:
            meta[N_MISTYPED] += 1
            return -1
        if len(of_code) > 0 and expired(wide(nodes[node, SEEN]), now, rules[kind, 1]):
            meta[N_EXPIRED] += 1
            meta[N_SEEN] -= 1
            known = False
            node = -1
    if not known:
        if len(of_code) > 0:
            node = meta[N_NODES]
            meta[N_NODES] = node + 1
            of_code[code] = node + 1
            if len(codes) > 0:
                codes[node] = code
        meta[N_SEEN] += 1
        nodes[node, PARENT] = -1 - now
        nodes[node, INFO] = kind | rules[kind, 2]
        if rules[kind, 3] >= 0:
            nodes[node, rules[kind, 3]] = code + 1
    if len(of_code) > 0:
        nodes[node, SEEN] = now
    return node


@inner
def _join(
    nodes: Ints, log: Longs, meta: Longs, rules: Longs, room: Ints, members: int, now: int,
    mapped: bool,
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
            merge(nodes, log, meta, rules, x, y, now, mapped)
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
        limit = rules[info & rules[-1, KINDS], 0]
        if limit > 0 and not _is_shared(nodes, rules, node):
            # Past its limit nothing counts any more, so there is room for one more than that.
            shift = rules[-1, SHIFT]
            fan = min((info >> shift) + profiles - 1, limit + 1)
            nodes[node, INFO] = (fan << shift) | (info & ((1 << shift) - 1))


@inner
def _is_shared(nodes: Ints, rules: Longs, node: int) -> bool:
    """Tell whether a node has been demoted."""
    info = wide(nodes[node, INFO])
    return demoted(info >> rules[-1, SHIFT], rules[info & rules[-1, KINDS], 0])


@inner
def merge(
    nodes: Ints, log: Longs, meta: Longs, rules: Longs, x: int, y: int, now: int, mapped: bool
) -> None:
    """Merge two roots unless a unique type keeps them apart."""
    if x == y:
        return
    begin = values_begin(mapped)
    if _is_kept_apart(nodes, rules, x, y, begin):
        meta[N_BLOCKED] += 1
        return
    age_x = -1 - wide(nodes[x, PARENT])
    age_y = -1 - wide(nodes[y, PARENT])
    if not survives(age_x, x, age_y, y):
        x, y = y, x
    nodes[y, PARENT] = x + 1
    _take_values(nodes, rules, x, y, begin)
    keep_merge(log, meta, x, y, now)


@inner
def values_begin(mapped: bool) -> int:
    """Return the first column of a unique type's values."""
    return SEEN + 1 if mapped else SEEN


@inner
def _is_kept_apart(nodes: Ints, rules: Longs, x: int, y: int, begin: int) -> bool:
    """Tell whether two roots hold different identifiers of a unique type."""
    if nodes[x, INFO] & nodes[y, INFO] & rules[-1, BITS] != 0:
        return True
    for i in range(begin, nodes.shape[1]):
        if clash(nodes[x, i], nodes[y, i]):
            return True
    return False


@inner
def _take_values(nodes: Ints, rules: Longs, x: int, y: int, begin: int) -> None:
    """Give root `x` the unique identifiers of `y`."""
    nodes[x, INFO] |= nodes[y, INFO] & rules[-1, BITS]
    for i in range(begin, nodes.shape[1]):
        nodes[x, i] = max(nodes[x, i], nodes[y, i])


@inner
def root_of(nodes: Ints, node: int) -> int:
    """Return the root of a node's profile, halving the path on the way."""
    width = nodes.shape[1]
    up = load(nodes, node * width)
    while up > 0:
        above = load(nodes, (up - 1) * width)
        if above > 0:
            store(nodes, node * width, above)
        node = up - 1
        up = above
    return node


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
    nodes: Ints, codes: Ints, log: Longs, meta: Longs, rules: Longs, flat: Ints, starts: Longs,
    times: Longs, room: Ints,
) -> None:  # fmt: skip
    """Take remembered sightings in again, after their nodes were cleared but for the type."""
    for i in range(len(times)):
        members = 0
        for j in range(starts[i], starts[i + 1]):
            node = wide(flat[j])
            room[members] = node
            members += 1
            if nodes[node, PARENT] == 0:
                kind = nodes[node, INFO] & rules[-1, KINDS]
                nodes[node, PARENT] = -1 - times[i]
                nodes[node, INFO] |= rules[kind, 2]
                if rules[kind, 3] >= 0:
                    nodes[node, rules[kind, 3]] = (codes[node] if len(codes) > 0 else node) + 1
        _join(nodes, log, meta, rules, room, members, times[i], len(codes) > 0)
