"""Keep a graph in a folder of Parquet files, and read it back only if it is whole."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omnilab._files.compression import said_by
from omnilab._files.writing import drafts, names_file
from omnilab.errors import DataError
from omnilab.identity import _forgotten, _links, _log, _nodes
from omnilab.identity.policy import IdentityPolicy

if TYPE_CHECKING:
    from omnilab.identity._state import State
    from omnilab.identity.graph import IdentityGraph
    from omnilab.identity.strings import Strings

__all__ = ["load", "save"]

FORMAT, OLD_FORMAT = "omnilab-identity-3", "omnilab-identity-2"
HEADER = b"omnilab"
N_META = 16  # counters in a file
LOW = 0xFFFFFFFF
#: In a row of the log: the absorbed profile was taken out of the survivor again.
SPLIT = 1 << 31


def save(graph: IdentityGraph, path: Path) -> None:
    """Write a graph to the folder `path`, under another name until it is whole."""
    arrays = _arrays(graph)
    state, strings = graph._state, graph._strings
    meta = state.meta[:N_META].copy()
    meta[_log.N_TICKS], meta[_log.LAST_MERGE] = len(arrays["seconds"]), 0
    header = {
        "format": FORMAT,
        "policy": graph.policy.to_json(),
        "types": graph._types,
        "text": graph._text,
        "started": state.started,
        "meta": meta.tolist(),
        "checks": {name: [len(a), _check(a)] for name, a in arrays.items()},
        "refused": None if strings is None else strings.refused,
        "placeholders": [] if strings is None else sorted(strings.barred_counts().items()),
        "apart": sorted(graph._apart),
        "shared": state.shared.tolist(),
    }
    if path.exists() and not (path / "nodes.parquet").exists():
        raise DataError("exists and is no graph; not overwritten", file=path)
    if path.exists():
        strange = sorted({p.name for p in path.iterdir()} - {f"{name}.parquet" for name in arrays})
        if strange:
            message = f"has a file that is no graph's ({strange[0]}); not overwritten"
            raise DataError(message, file=path)
    with names_file(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with drafts([path]) as (draft,):
            draft.mkdir()
            for name, array in arrays.items():
                text = json.dumps(header) if name == "nodes" else ""
                _write(draft / f"{name}.parquet", array, text)


def load(path: Path) -> IdentityGraph:
    """Read the graph in folder `path`."""
    from omnilab.identity.graph import IdentityGraph

    header, nodes = _read(path / "nodes.parquet")
    try:
        content = json.loads(header[HEADER])
        if content["format"] not in (FORMAT, OLD_FORMAT):
            raise DataError(f"format {content['format']!r}, not {FORMAT!r}", file=path)
        arrays = {"nodes": nodes}
        for name, (length, check) in content["checks"].items():
            if name != "nodes":
                arrays[name] = _read(path / f"{name}.parquet")[1]
            if len(arrays[name]) != length or _check(arrays[name]) != check:
                raise DataError("cut or changed since it was written", file=path / name)
        graph = IdentityGraph(IdentityPolicy.from_json(content["policy"]))
        graph._types, graph._text = list(content["types"]), content["text"]
        _restore(graph, content, arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"not a graph that omnilab wrote ({error})", file=path) from None
    return graph


def _arrays(graph: IdentityGraph) -> dict[str, Any]:
    state = graph._state
    n = state.n_nodes
    arrays: dict[str, Any] = {
        "nodes": state.nodes[:n],
        **_log_arrays(state),
        "history": state.history[: int(state.meta[_links.N_HISTORY])],
    }
    if state.mapped:
        arrays["of_code"] = state.of_code[: int(state.meta[_links.N_CODES])]
    if graph._strings is not None:
        arrays["kinds"], arrays["values"] = graph._strings.to_arrow()
    return arrays


def _log_arrays(state: State) -> dict[str, NDArray[np.int64]]:
    """Return the log as it is in a file: a row a merge, and each second's first merge."""
    table = state.log_table()
    low = table["absorbed"] | np.where(table["split"], SPLIT, 0)
    times = table["time"] - state.meta[_links.ORIGIN]
    first = np.flatnonzero(np.diff(times, prepend=-1))
    return {
        "merges": table["survivor"].astype(np.int64) << 32 | low,
        "seconds": first << 32 | times[first],
    }


def _check(array: Any) -> int:
    if isinstance(array, np.ndarray):
        return zlib.crc32(np.ascontiguousarray(array).data.cast("B") if len(array) else b"")
    check = 0
    for i in range(0, len(array), 1 << 16):
        check = zlib.crc32("\0".join(array[i : i + (1 << 16)].to_pylist()).encode(), check)
    return check


def _write(path: Path, array: Any, header: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if isinstance(array, np.ndarray) and array.ndim == 2:
        columns = {f"c{j}": np.ascontiguousarray(array[:, j]) for j in range(array.shape[1])}
    else:
        columns = {"c0": array}
    table = pa.table(columns)
    if header:
        table = table.replace_schema_metadata({HEADER: header.encode()})
    pq.write_table(table, path)


def _read(path: Path) -> tuple[dict[bytes, bytes], Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except FileNotFoundError:
        raise DataError("no such file; a graph's folder is needed", file=path) from None
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"not whole: {said_by(error)}", file=path) from None
    if table.num_columns == 1 and pa.types.is_large_string(table.column(0).type):
        return table.schema.metadata or {}, table.column(0).combine_chunks()
    columns = [column.to_numpy() for column in table.columns]
    array = columns[0] if len(columns) == 1 else np.stack(columns, axis=1)
    return table.schema.metadata or {}, np.ascontiguousarray(array)


def _restore(graph: IdentityGraph, content: dict[str, Any], arrays: dict[str, Any]) -> None:
    state = graph._state
    state.meta[:N_META] = content["meta"]
    state.started = bool(content["started"])
    old = arrays["nodes"] if state.mapped and content["format"] == OLD_FORMAT else None
    if old is not None:
        arrays["nodes"] = old[:, : state.nodes.shape[1]]
    state.nodes = _writable(arrays["nodes"], state.nodes)
    _restore_log(state, arrays["merges"], arrays["seconds"])
    state.history = _writable(arrays["history"], state.history)
    if state.mapped:
        state.of_code = _writable(arrays["of_code"], state.of_code)
    if old is not None:
        _mark_forgotten(graph, old, arrays.get("codes"))
    if len(state.parents) and int(state.parents.max()) > len(state.parents):
        raise DataError("a parent beyond the graph")
    if content["refused"] is not None:
        graph._strings = _strings(graph.policy, content, arrays)
    state.shared = np.array(content.get("shared", ()), np.int32)
    graph._apart = {(int(a), int(b)) for a, b in content.get("apart", ())}


def _mark_forgotten(graph: IdentityGraph, old: NDArray[np.int32], codes: Any) -> None:
    """Turn nodes of the old format into those of `_forgotten`.

    There, codes of nodes were kept beside a history only, and a column for each type that was both
    unique and had a time-to-live held the code (plus 1) of it, true at roots and at its own nodes.
    """
    state = graph._state
    policy, n = graph.policy, state.n_nodes
    kinds = state.nodes[:n, _nodes.INFO] & int(state.rules[-1, _nodes.KINDS])
    forgotten = np.ones(n, np.bool_)
    forgotten[state.of_code[state.of_code > 0] - 1] = False
    own = np.full(n, -1, np.int32) if codes is None else codes[:n]
    again = [name for name in policy.unique if name in policy.time_to_live]
    for values, name in zip(old[:n, state.nodes.shape[1] :].T, again, strict=True):
        kind = policy.types.index(name)
        state.nodes[:n, _nodes.INFO] |= np.where(values > 0, state.rules[kind, _nodes.BIT], 0)
        own = np.where(kinds == kind, values - 1, own)
    spots = np.flatnonzero(forgotten & (own >= 0))
    state.nodes[spots, _nodes.SEEN] = -1 - own[spots]
    _forgotten.relist(state.nodes, state.of_code, state.rules, spots)


def _restore_log(state: State, merges: NDArray[np.int64], seconds: NDArray[np.int64]) -> None:
    """Take in the log of a file; see `_log_arrays`."""
    n_splits = int(state.meta[_links.N_SPLITS])
    if len(state.log) > 1:
        counts = np.diff(np.append(seconds >> 32, len(merges)))
        times = np.repeat(seconds & LOW, counts)
        state.meta[[_log.N_MERGES, _log.N_TICKS]] = 0
        ids = merges & LOW & ~SPLIT
        state.append_log(ids, merges >> 32, times, (merges & SPLIT) != 0)
    state.meta[_links.N_SPLITS] = n_splits


def _writable(array: NDArray[np.int32], empty: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the array read, or the graph's own empty one, which must keep its shape."""
    if len(array) <= len(empty):
        empty[: len(array)] = array.reshape(-1, *empty.shape[1:])[: len(empty)]
        return empty
    return np.array(array, np.int32).reshape(-1, *empty.shape[1:])


def _strings(policy: IdentityPolicy, content: dict[str, Any], arrays: dict[str, Any]) -> Strings:
    from omnilab.identity.strings import Strings

    strings = Strings(policy.max_bytes, policy.barred)
    kinds = np.asarray(arrays["kinds"], np.int64)
    # Known strings come in order and each once, so they get the codes they had.
    if len(kinds):
        strings.add(arrays["values"], kinds)
    strings.set_refused(content["refused"], dict(content.get("placeholders", ())))
    return strings
