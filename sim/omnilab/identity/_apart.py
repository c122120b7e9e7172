"""Part rows that hold two identifiers which a person has parted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["part_rows"]

Longs = NDArray[np.int64]

#: Ragged rows: identifiers, where each row begins, types, times, step of the times, first part of
#: each row as it was.
Parted = tuple[Any, Longs, Longs, Longs, int, NDArray[np.intp]]


def part_rows(
    pairs: set[tuple[int, int]], columns: list[NDArray[Any]], starts: Longs, kinds: Longs,
    times: Longs, each: int, n_rows: int,
) -> Parted | None:  # fmt: skip
    """Return rows in which no parted pair stands together; None where there is none to part.

    As in `_history.cut`, the later named of a pair becomes a row of its own, of the same time.

    Parameters
    ----------
    pairs
        Codes, the smaller first.
    columns, starts, kinds, times, each, n_rows
        As in `State.observe_rows`, one array a column, or one of ragged rows.
    """
    named = np.unique(np.array(sorted(pairs), np.int64))
    if len(starts):
        flat, begins = columns[0], starts
    else:
        flat = columns[0] if len(columns) == 1 else np.stack(columns, axis=1).reshape(-1)
        begins = np.arange(n_rows + 1) * len(columns)
        kinds = np.tile(kinds, n_rows)
    rows = np.repeat(np.arange(n_rows), np.diff(begins))
    is_named = np.isin(flat, named)
    count = np.bincount(rows[is_named], minlength=n_rows)
    leaves: list[int] = []
    for row in np.flatnonzero(count > 1).tolist():
        spots = np.flatnonzero(is_named[begins[row] : begins[row + 1]]) + begins[row]
        leaves += _leaving(pairs, flat, spots.tolist())
    if not leaves:
        return None
    # Each that leaves goes behind its row's rest: a stable sort by (row, does it leave).
    out = np.zeros(len(flat), np.int64)
    out[leaves] = 1
    order = np.lexsort((out, rows))
    new = np.append(True, np.diff(rows[order]) > 0) | (out[order] == 1)

    new_starts = np.append(np.flatnonzero(new), len(flat)).astype(np.int64)
    row_of = rows[order][new_starts[:-1]]
    filled, first_part = np.unique(row_of, return_index=True)
    first = np.full(n_rows, -1, np.intp)  # -1 stays for a row without identifiers
    first[filled] = first_part
    new_times = times[row_of] if each else times
    return flat[order], new_starts, kinds[order], new_times, each, first


def _leaving(pairs: set[tuple[int, int]], flat: Any, spots: list[int]) -> list[int]:
    """Return the places of one row that can't stay beside those named before them."""
    stay: list[int] = []
    leave: list[int] = []
    for spot in spots:
        code = int(flat[spot])
        clash = any((min(code, other), max(code, other)) in pairs for other in stay)
        if clash:
            leave.append(spot)
        else:
            stay.append(code)
    return leave
