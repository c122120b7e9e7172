"""Feed a file's rows to a graph in order of time, whatever order they come in.

As long as the file is in order each part goes to the graph as it is read. If it is not, it is read
again: then its codes and times are kept, and go to the graph once all are known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab._files.left_out import LeftOut
from omnilab.errors import DataError
from omnilab.identity._aliases import Aliases
from omnilab.identity._links import MAX_SPAN
from omnilab.identity._sources import Part, Source
from omnilab.identity.graph import IdentityGraph

__all__ = ["Fed", "LateError", "feed"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
#: Rows that go to the graph at a time, of those that were put in order.
BLOCK = 1 << 17
#: A second this far from most others is a mistake: half of what a graph has room for.
FAR = (1 << 30) - 2
NO_TIME, BAD_TIME = "no time", "a time that is neither whole seconds nor ISO 8601"


class LateError(Exception):
    """A row is of an earlier time than one before it, or of one far from all others."""


@dataclass
class Fed:
    """Gather what is to be known of a file's rows beside the graph.

    Attributes
    ----------
    n_rows, n_without, n_far
        Rows read; without a usable identifier; left out for a time decades away from most others.
    untimed
        Rows left out for want of a time.
    n_late, most_late, first_late
        Rows that come after later ones, by how many seconds at most, and the first one's line.
    ids
        Each row's profile, part by part, where it is wanted.
    extra
        Further columns, part by part.
    """

    keep: bool
    n_rows: int = 0
    n_without: int = 0
    n_far: int = 0
    n_late: int = 0
    most_late: int = 0
    first_late: int = 0
    untimed: LeftOut = field(default_factory=LeftOut)
    ids: list[Ints] = field(default_factory=list)
    extra: list[list[Any]] = field(default_factory=list)

    def add(self, part: Part, rows: Ints) -> None:
        """Take in a part's rows and what else is wanted of them."""
        self.n_rows += part.n_rows
        self.n_without += int(np.count_nonzero(rows < 0))
        if self.keep:
            self.ids.append(rows)
        self.extra.append(part.extra)

    def count_untimed(self, part: Part, n_timed: int) -> None:
        """Count the rows that have no time."""
        if n_timed == part.n_rows or part.timed is None or part.missing is None:
            return
        for row in np.flatnonzero(~part.timed).tolist():
            place = part.line(row)
            if place not in part.gone:
                self.untimed.add(place, NO_TIME if part.missing[row] else BAD_TIME)

    def count_late(
        self, part: Part, chosen: NDArray[np.intp], times: Longs, last: int | None
    ) -> None:
        """Count the rows of an earlier time than one before them."""
        if not len(times):
            return
        newest = np.maximum.accumulate(np.append(times[0] if last is None else last, times))
        late = newest[:-1] - times
        if not self.n_late and (late > 0).any():
            self.first_late = part.line(int(chosen[np.argmax(late > 0)]))
        self.n_late += int(np.count_nonzero(late > 0))
        self.most_late = max(self.most_late, int(late.max()))

    def profiles(self) -> Ints:
        """Return each row's profile."""
        return np.concatenate(self.ids) if self.ids else np.empty(0, np.int32)

    def notes(self, source: Source) -> list[str]:
        """Say what was left out or put in order, a line each."""
        unit, found = source.table.unit, []
        for line in self.untimed.lines(unit):
            bad = f", such as {source.bad_time()!r}" if BAD_TIME in line else ""
            found.append(line + bad)
        if self.n_far:
            far = "a time that is 34 years or more from most others"
            found.append(f"{_rows(self.n_far)} left out: {far}")
        if self.n_late:
            found.append(
                f"{_rows(self.n_late)} out of order in time, up to {self.most_late:,} s late (the "
                f"first: {unit} {self.first_late}); all were put in order first"
            )
        return [f"{source.path}: {note}" for note in found]


def feed(graph: IdentityGraph, source: Source, *, keep: bool, in_order: bool, progress: Any) -> Fed:
    """Read a file's rows into a graph.

    Parameters
    ----------
    keep
        Whether to keep each row's profile, four bytes a row.
    in_order
        Whether the rows come in order of time, so that none has to be kept.

    Raises
    ------
    LateError
        If they don't.
    """
    fed, aliases = Fed(keep), Aliases()
    last: int | None = None
    kept: list[_Kept] = []
    timeless = source.time is None
    for part in source.parts():
        columns = _encoded(graph, aliases.columns(graph, part))
        if source.is_segment and fed.n_rows == 0 and part.timed is not None:
            timeless = not part.timed.any()
        if timeless or part.seconds is None or part.timed is None:
            rows = _observe(graph, columns, None)
        else:
            chosen = np.flatnonzero(part.timed)
            fed.count_untimed(part, len(chosen))
            times = part.seconds[chosen]
            columns = {key: codes[chosen] for key, codes in columns.items()}
            rows = np.full(part.n_rows, -1, np.int32)
            if in_order:
                _check_order(graph, times, last)
                rows[chosen] = _observe(graph, columns, times)
            else:
                fed.count_late(part, chosen, times, last)
                kept.append(_Kept(columns, times, fed.n_rows + chosen))
            if len(times):
                last = max(int(times.max()), int(times[0]) if last is None else last)
        fed.add(part, rows)
        if progress is not None:
            progress(fed.n_rows, part.total)
    if kept:
        _feed_sorted(graph, kept, fed)
    if not timeless and last is None:
        bad = f", such as {source.bad_time()!r}" if source.bad_time() else ""
        raise DataError(f"no time in column {source.time!r} can be read{bad}")
    return fed


@dataclass
class _Kept:
    """Hold a part's codes by type and column, times, and numbers of its rows."""

    columns: dict[tuple[int, int], Ints]
    times: Longs
    rows: NDArray[np.intp]


def _encoded(graph: IdentityGraph, columns: list[tuple[str, Any]]) -> dict[tuple[int, int], Ints]:
    """Return codes by (type's index, which column of the type), the strongest first."""
    found: dict[tuple[int, int], Ints] = {}
    for name, column in columns:
        kind, codes = graph.encode(column, name)
        spot = sum(key[0] == kind for key in found)
        found[kind, spot] = codes
    return found


def _observe(
    graph: IdentityGraph, columns: dict[tuple[int, int], Ints], times: Longs | None
) -> Ints:
    kinds = np.array([kind for kind, _ in columns], np.int64)
    return graph.observe_codes(list(columns.values()), kinds, times)


def _check_order(graph: IdentityGraph, times: Longs, last: int | None) -> None:
    if not len(times):
        return
    first = graph.first_time if graph.first_time is not None else int(times[0])
    early = last is not None and int(times[0]) < last
    if early or bool(np.any(times[1:] < times[:-1])) or int(times[-1]) - first > MAX_SPAN:
        raise LateError


def _feed_sorted(graph: IdentityGraph, kept: list[_Kept], fed: Fed) -> None:
    """Put kept rows in order of time, those of one second as they came, and feed them."""
    times = np.concatenate([part.times for part in kept])
    rows = np.concatenate([part.rows for part in kept])
    if not len(times):
        return
    first_of = {kind: i for i, (kind, _) in reversed(list(enumerate(kept[0].columns)))}
    keys = {key for part in kept for key in part.columns}
    ordered = sorted(keys, key=lambda key: (first_of.get(key[0], len(first_of)), key))
    columns = {
        key: np.concatenate(
            [part.columns.get(key, np.full(len(part.times), -1, np.int32)) for part in kept]
        )
        for key in ordered
    }
    kept.clear()
    order = np.argsort(times, kind="stable")
    near = np.abs(times[order] - times[order[len(order) // 2]]) < FAR
    fed.n_far = int(np.count_nonzero(~near))
    order = order[near]
    ids = np.full(fed.n_rows, -1, np.int32)
    for i in range(0, len(order), BLOCK):
        some = order[i : i + BLOCK]
        ids[rows[some]] = _observe(graph, {k: c[some] for k, c in columns.items()}, times[some])
    fed.ids = [ids]
    fed.n_without = int(np.count_nonzero(ids < 0))


def _rows(n: int) -> str:
    return f"{n:,} row{'s' * (n != 1)}"
