"""Make one graph of two, as if one had taken in both streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import DataError, OptionError
from omnilab.identity import _links, _log
from omnilab.identity._split import sightings, undo_shared
from omnilab.identity.graph import IdentityGraph

if TYPE_CHECKING:
    from omnilab.identity.strings import Strings

__all__ = ["merge_graphs"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


def merge_graphs(first: IdentityGraph, second: IdentityGraph) -> IdentityGraph:
    """Return a new graph of all that two have seen; they stay as they are.

    With ``history=True`` the sightings of both are taken in again in time order (those of `first`
    before those of `second` of the same second), which is exact under any policy. Without, it is
    exact where no rule keeps anything apart; then the merges between the two are logged at the
    later of their last times.

    Parameters
    ----------
    first, second
        Graphs of one policy. Integer codes must mean the same in both; in graphs of strings the
        codes, and so the profile ids, of `second` change.

    Raises
    ------
    OptionError
        For unequal policies, or rules without history.
    DataError
        For a graph of strings and one of integer codes.
    """
    for graph in (first, second):
        if not isinstance(graph, IdentityGraph):
            raise OptionError(f"merge_graphs: an IdentityGraph is needed, not {graph!r}")
    if first.policy != second.policy:
        raise OptionError("merge_graphs: the graphs' policies differ")
    if first.policy.has_rules and not first.policy.keeps_history:
        raise OptionError("merge_graphs: with rules it needs IdentityPolicy(history=True)")
    if None not in (first._text, second._text) and first._text != second._text:
        raise DataError("merge_graphs: one graph is of strings, the other of integer codes")
    merged = IdentityGraph(first.policy)
    maps = [_take_strings(merged, graph) for graph in (first, second)]
    for graph, to in zip((first, second), maps, strict=True):
        for pair in graph._apart:
            a, b = sorted(pair if to is None else (int(to[code]) for code in pair))
            merged._apart.add((a, b))
    merged._text = second._text if first._text is None else first._text
    if first.policy.keeps_history:
        _replay(merged, (first, second), maps)
    else:
        _union(merged, (first, second), maps)
    return merged


def _take_strings(merged: IdentityGraph, graph: IdentityGraph) -> Ints | None:
    """Give a graph's strings codes in the merged one; return the new code of each old."""
    from omnilab.identity.strings import Strings

    if graph._strings is None:
        return None
    kinds = np.array([_kind(merged, name) for name in graph._types or ["id"]], np.int64)
    if not graph._types:
        merged._types = []
    strings: Strings = merged._strings or Strings(merged.policy.max_bytes, merged.policy.barred)
    refused = {k: v + strings.refused[k] for k, v in graph._strings.refused.items()}
    barred = strings.barred_counts()
    old, values = graph._strings.to_arrow()
    codes = strings.add(values, kinds[old]) if len(old) else np.empty(0, np.int32)
    for code, n in graph._strings.barred_counts().items():
        barred[int(codes[code])] = barred.get(int(codes[code]), 0) + n
    strings.set_refused(refused, barred)
    merged._strings = strings
    return codes


def _kind(merged: IdentityGraph, name: str) -> int:
    if name not in merged._types:
        merged._types.append(name)
    return merged._types.index(name)


def _replay(
    merged: IdentityGraph, graphs: tuple[IdentityGraph, IdentityGraph], maps: list[Ints | None]
) -> None:
    parts = [_exported(graph, to) for graph, to in zip(graphs, maps, strict=True)]
    sizes = np.concatenate([np.diff(starts) for _, _, starts, _ in parts])
    times = np.concatenate([times for _, _, _, times in parts])
    flat, kinds = (np.concatenate([part[i] for part in parts]) for i in range(2))
    begins = np.cumsum(sizes) - sizes
    order = np.argsort(times, kind="stable")
    sizes = sizes[order]
    starts = np.append(0, np.cumsum(sizes)).astype(np.int64)
    within = np.arange(len(flat)) - np.repeat(starts[:-1], sizes)
    pick = np.repeat(begins[order], sizes) + within
    state = merged._state
    state.check_times(times[order], len(order))
    state.observe_rows(flat[pick], starts, 1, kinds[pick], times[order], 1, len(order))
    undo_shared(state, state.seen_since(0))


def _exported(graph: IdentityGraph, to: Ints | None) -> tuple[Ints, Longs, Longs, Longs]:
    """Return a graph's sightings as codes of the merged one, their types, starts and times."""
    state = graph._state
    everything = np.zeros(state.n_nodes, np.int32), np.ones(1, np.bool_)
    nodes, starts, times = sightings(state, *everything)
    kinds = np.zeros(len(nodes), np.int64)
    if state.ruled:
        kinds = state.kinds_of(nodes)
    codes = state.codes_of_nodes()[nodes] if state.mapped else nodes
    codes = codes if to is None else to[codes]
    return codes, kinds, starts, times + state.meta[_links.ORIGIN]


def _union(
    merged: IdentityGraph, graphs: tuple[IdentityGraph, IdentityGraph], maps: list[Ints | None]
) -> None:
    """Join two graphs without rules by their profiles alone.

    Only a profile's oldest identifier's age matters, and that of a merged profile is the oldest of
    the two graphs' oldest. So these go in first, in time order, then all others as if seen last.
    """
    used = [(g, to) for g, to in zip(graphs, maps, strict=True) if g._state.started]
    if not used:
        return
    roots, ages, pairs, logs = [], [], [], []
    for graph, to in used:
        state = graph._state
        every = state.resolve_all(None)
        codes = np.flatnonzero(every >= 0).astype(np.int32)
        root = every[codes]
        own = root == codes
        age = -1 - state.nodes[codes[own]].astype(np.int64) + state.meta[_links.ORIGIN]
        roots.append(_mapped(codes[own], to))
        ages.append(age)
        pairs.append((_mapped(codes, to), _mapped(root, to)))
        log = state.log_table()
        for name in ("survivor", "absorbed"):
            log[name] = _mapped(log[name], to)
        logs.append(log)
    all_roots, all_ages = np.concatenate(roots), np.concatenate(ages)
    order = np.argsort(all_ages, kind="stable")
    all_roots, all_ages = all_roots[order], all_ages[order]
    last = max(int(graph._state.meta[_links.LAST_TIME]) for graph, _ in used)
    state = merged._state
    state.check_times(np.append(all_ages, last), 2)
    state.observe_rows(all_roots, _links_none(), 1, _one(), all_ages, 1, len(all_roots))
    flat = np.concatenate([np.stack(pair, axis=1).reshape(-1) for pair in pairs])
    state.observe_rows(flat, _links_none(), 2, _one(), np.array([last]), 0, len(flat) // 2)
    _merge_logs(merged, logs, all_roots, last)


def _merge_logs(merged: IdentityGraph, logs: list[Any], roots: Ints, last: int) -> None:
    state = merged._state
    if not merged.policy.log:
        return
    old = np.concatenate(logs)
    old = old[np.argsort(old["time"], kind="stable")]
    ids = np.unique(roots)
    now = state.canonical(ids)
    gone = ids != now
    times = np.append(old["time"], np.full(int(gone.sum()), last)) - state.meta[_links.ORIGIN]
    # Only the merges of the streams count, not those by which the graphs were joined here.
    for spot in (_log.N_MERGES, _log.N_TICKS, _log.LAST_MERGE, _links.N_SPLITS):
        state.meta[spot] = 0
    state.append_log(
        np.concatenate([old["absorbed"], ids[gone]]),
        np.concatenate([old["survivor"], now[gone]]),
        times,
        np.append(old["split"], np.zeros(int(gone.sum()), np.bool_)),
    )


def _mapped(codes: Any, to: Ints | None) -> Any:
    return codes if to is None else to[codes]


def _links_none() -> Longs:
    return np.empty(0, np.int64)


def _one() -> Longs:
    return np.zeros(2, np.int64)
