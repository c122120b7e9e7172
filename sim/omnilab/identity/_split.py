"""Take a link back: cut it out of the history and take the rest of its component in again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import DataError
from omnilab.identity import _forgotten, _history, _links, _log, _nodes, _ruled
from omnilab.identity._state import State

__all__ = ["anchors", "sightings", "split", "undo_shared"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
FOR_EVER = (1 << 31) - 1
NO_VALUES = np.empty((0, 0), np.int32)


def split(state: State, a: int, b: int, time: Any) -> int:
    """Part codes `a` and `b` in all sightings of both, and count these.

    See `IdentityGraph.split`.
    """
    begin, end = _span(state, time)
    n = int(state.meta[_links.N_HISTORY])
    found = 0
    codes = state.codes_of_nodes() if state.mapped else np.empty(0, np.int32)
    if a >= 0 and b >= 0 and a != b:
        found = _history.cut(state.history, n, codes, a, b, begin, end, False)
    if not found:
        return 0
    nodes = np.flatnonzero((codes == a) | (codes == b)) if state.mapped else np.array([a, b])
    parts = _parts(state, nodes)
    _history.cut(state.history, n, codes, a, b, begin, end, True)
    undo_shared(state, _replay_parts(state, *parts, codes))
    return int(found)


def undo_shared(state: State, nodes: Ints) -> None:
    """Take back what identifiers linked before they were found to be shared.

    All that was ever seen in connection with them is taken in again as if they had linked nothing.
    That can show others to be shared, and so on, until there is no more.

    Parameters
    ----------
    nodes
        Nodes in which there may be shared ones that are not known yet, shape ``(n,)``.
    """
    while len(news := state.newly_shared(nodes)):
        state.shared = np.union1d(state.shared, news).astype(np.int32)
        codes = state.codes_of_nodes() if state.mapped else np.empty(0, np.int32)
        nodes = _replay_parts(state, *_parts(state, news), codes)


def anchors(
    state: State, begin: int, found: Ints, flat: NDArray[Any], starts: Longs, width: int,
    kinds: Longs,
) -> Ints:  # fmt: skip
    """Return each row's first node that is not shared, or its first, or -1.

    Parameters
    ----------
    begin
        Where the rows' sightings begin in the history.
    found
        What the rows led to before links were taken back: -1 without identifiers, shape ``(n,)``.
    flat, starts, width, kinds
        The rows, as in `State.observe_rows`; `width` is 0 for ragged ones.
    """
    if state.mapped:
        # Each row with identifiers is remembered, and codes may lead to other nodes by now.
        raw = state.history[begin : int(state.meta[_links.N_HISTORY]), 0]
        nodes = np.where(raw < 0, -1 - raw, raw)
        rows = np.flatnonzero(found >= 0)[np.cumsum(raw < 0) - 1]
    else:
        sizes = np.diff(starts) if width == 0 else np.full(len(found), width)
        rows = np.repeat(np.arange(len(found)), sizes)
        kinds = kinds if width == 0 else np.tile(kinds, len(found))
        member = flat >= 0
        member[member] = state.kinds_of(flat[member]) == kinds[member]
        nodes, rows = flat[member], rows[member]
    out = np.full(len(found), -1, np.int32)
    # Backwards, so that the first of a row is written last.
    out[rows[::-1]] = nodes[::-1]
    own = ~np.isin(nodes, state.shared)
    out[rows[own][::-1]] = nodes[own][::-1]
    return out


def _parts(state: State, nodes: NDArray[Any]) -> tuple[Ints, NDArray[np.bool_]]:
    """Return each node's component, and which components hold some of the nodes."""
    labels = _components(state)
    chosen = np.zeros(state.n_nodes, np.bool_)
    chosen[labels[nodes]] = True
    return labels, chosen


def _replay_parts(state: State, labels: Ints, chosen: NDArray[np.bool_], codes: Ints) -> Ints:
    """Take the sightings of some components in again; return their nodes."""
    touched = np.flatnonzero((labels >= 0) & chosen[labels]).astype(np.int32)
    before = state.roots(touched)
    values = _clear(state, touched, codes)
    _replay(state, values, *sightings(state, labels, chosen))
    if len(values):
        gone = touched[state.nodes[touched, _nodes.SEEN] < 0]
        _forgotten.relist(state.nodes, state.of_code, state.rules, gone.astype(np.int64))
    _write_log(state, touched, before, state.roots(touched))
    return touched


def sightings(state: State, labels: Ints, chosen: NDArray[np.bool_]) -> tuple[Ints, Longs, Longs]:
    """Return the remembered nodes, where each sighting begins, and its time since the first."""
    n = int(state.meta[_links.N_HISTORY])
    size = np.zeros(1, np.int64)
    none = np.empty(0, np.int64)
    rows = _history.take(state.history, n, labels, chosen, np.empty(0, np.int32), size, none)
    flat = np.empty(int(size[0]), np.int32)
    starts, times = np.zeros(rows + 1, np.int64), np.zeros(rows, np.int64)
    if rows:
        _history.take(state.history, n, labels, chosen, flat, starts, times)
    return flat, starts, times


def _span(state: State, time: Any) -> tuple[int, int]:
    if time is None:
        return -1, FOR_EVER
    pair = (time, time) if isinstance(time, (int, np.integer)) else time
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise DataError(f"split: one second or a (first, last) pair is needed, not {time!r}")
    first, last = pair
    if not isinstance(first, (int, np.integer)) or not isinstance(last, (int, np.integer)):
        raise DataError(f"split: whole seconds are needed, not {time!r}")
    origin = int(state.meta[_links.ORIGIN])
    return max(int(first) - origin, -1), min(int(last) - origin, FOR_EVER)


def _components(state: State) -> Ints:
    """Return each node's component in the graph as it would be without rules."""
    if not state.ruled:
        return state.resolve_all(None)
    everything = np.zeros(state.n_nodes, np.int32), np.ones(1, np.bool_)
    flat, starts, times = sightings(state, *everything)
    free = np.zeros(state.n_nodes, np.int32)
    _link(free, flat, starts, times)
    labels = np.empty(state.n_nodes, np.int32)
    _links.find_every(free, labels, False)
    return labels


def _link(parent: Ints, flat: Ints, starts: Longs, times: Longs) -> None:
    a, b = np.empty(len(flat), np.int32), np.empty(len(flat), np.int32)
    pair_times, anchors = np.empty(len(flat), np.int64), np.empty(len(times), np.int32)
    n = _links.star_pairs(flat, starts, 1, times, 1, a, b, pair_times, anchors)
    no_log, meta = np.zeros(1, np.int64), _log.new_meta()
    _links.link(parent, no_log, meta, a[:n], b[:n], pair_times, 1)


def _clear(state: State, touched: Ints, codes: Ints) -> Ints:
    """Clear nodes but for their types; return the values that `_ruled.replay` needs."""
    if not state.ruled:
        state.nodes[touched] = 0
        return NO_VALUES
    again = np.flatnonzero(state.rules[:-1, _nodes.AGAIN])
    kinds = state.kinds_of(touched)
    state.nodes[touched, _nodes.INFO] = kinds | state.shared_bits(touched, kinds)
    state.nodes[touched, _nodes.PARENT] = 0
    if not len(again):
        return NO_VALUES
    values = np.zeros((state.n_nodes, len(again)), np.int32)
    values[touched] = np.where(kinds[:, None] == again, codes[touched][:, None] + 1, 0)
    return values


def _replay(state: State, values: Ints, flat: Ints, starts: Longs, times: Longs) -> None:
    if not state.ruled:
        _link(state.nodes, flat, starts, times)
        return
    no_log, meta = np.zeros(1, np.int64), _log.new_meta()
    room = np.empty(int(np.diff(starts).max(initial=1)), np.int32)
    _ruled.replay(
        state.nodes, state.of_code, values, no_log, meta, state.rules, flat, starts, times, room
    )  # fmt: skip


def _write_log(state: State, touched: Ints, before: Ints, after: Ints) -> None:
    """Log which ids came back and which were merged anew."""
    back = (after == touched) & (before != touched)
    gone = (before == touched) & (after != touched)
    ids = np.concatenate([touched[back], touched[gone]])
    survivors = np.concatenate([before[back], after[gone]])
    now = int(state.meta[_links.LAST_TIME] - state.meta[_links.ORIGIN])
    is_back = np.arange(len(ids)) < int(back.sum())
    state.append_log(ids, survivors, np.full(len(ids), now), is_back)
