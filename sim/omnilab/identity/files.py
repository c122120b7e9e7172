"""Resolve a user's own file of events to profiles, and score the result, batch by batch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab._files.left_out import LeftOut
from omnilab._files.tables import NULLS, Batch, Table, open_table
from omnilab._files.times import TimeReader
from omnilab._files.writing import drafts, names_file
from omnilab.errors import DataError, OmnilabError, OptionError
from omnilab.identity.graph import IdentityGraph
from omnilab.identity.policy import IdentityPolicy
from omnilab.identity.quality import Score, score

__all__ = ["SEGMENT", "Columns", "Resolved", "resolve_file", "score_file"]


@dataclass(frozen=True)
class Columns:
    """Say which columns of a file hold what.

    Parameters
    ----------
    identifiers
        (type, column) pairs, the strongest first: a row's profile is that of its first identifier
        that is not shared. In JSON lines a column is a path such as ``traits.email``. One type may
        have several columns.
    time
        Column of the time, in whole seconds or timestamps (ISO 8601 in JSON lines), never falling;
        None where the order of the rows is all that is known.
    """

    identifiers: Sequence[tuple[str, str]]
    time: str | None = None

    def __post_init__(self) -> None:
        if not self.identifiers:
            raise OptionError("columns: no identifier column given")
        for given in self.identifiers:
            pair: Any = given
            if not isinstance(pair, (tuple, list)) or list(map(type, pair)) != [str, str]:
                raise OptionError(f"columns: a (type, column) pair is needed, not {pair!r}")


#: The columns of JSON lines after the Segment spec; `previousId` is the other half of an alias.
SEGMENT = Columns(
    (
        ("login", "userId"),
        ("email", "traits.email"),
        ("phone", "traits.phone"),
        ("device", "context.device.id"),
        ("cookie", "anonymousId"),
        ("cookie", "previousId"),
    ),
    "timestamp",
)


@dataclass(frozen=True)
class Resolved:
    """Hold what `resolve_file` found.

    Attributes
    ----------
    n_rows, n_without
        Rows read, and how many of them hold no usable identifier.
    n_profiles
        Profiles of the rest.
    counts
        The graph's counts, identifiers left out included.
    notes
        What looks wrong with the file though it could be read, a line each.
    """

    n_rows: int
    n_without: int
    n_profiles: int
    counts: dict[str, int]
    notes: tuple[str, ...] = ()


Progress = Callable[[int, int | None], None]

#: Rows written at a time.
_BATCH = 1 << 17


def resolve_file(
    events: str | Path,
    output: str | Path,
    *,
    columns: Columns | None = None,
    policy: IdentityPolicy | None = None,
    rows_output: str | Path | None = None,
    progress: Progress | None = None,
) -> Resolved:
    """Resolve the identifiers in a file, and write one row an identifier.

    Parameters
    ----------
    events
        CSV (its fields parted by commas, semicolons, tabs or bars), JSON, Parquet or Feather, in
        time order; text of any usual encoding, compressed or not. It may be larger than memory:
        only the distinct identifiers are held.
    output
        Parquet file to write: ``profile`` (int64), ``type``, ``value``.
    columns
        Which columns hold what; by default those of the Segment spec, for JSON lines only.
    policy
        The rules; by default none.
    rows_output
        Another Parquet file to write: ``profile`` of each row of `events`, in order.
    progress
        Called with the rows done and, where it is known, their total.

    Raises
    ------
    DataError
        For a file that is cut, has no rows that can be used or no such column, or runs backwards
        in time (rows are counted from 0); and for an output that can't be written. Nothing is
        written then, and what was there before stays.
    OptionError
        For outputs in no folder, or that are one file with another or with `events`.
    """
    path = Path(events)
    _check_outputs(path, output, rows_output)
    table, columns = _open(path, columns)
    graph, seen = _observe_file(table, columns, policy, rows_output is not None, progress)
    outputs = [Path(o) for o in (output, rows_output) if o is not None]
    with drafts(outputs) as written:
        with names_file(outputs[0]):
            n_profiles = _write_profiles(graph, written[0])
        if len(outputs) > 1:
            with names_file(outputs[1]):
                _write_rows(graph, seen.ids, written[1])
    # Few files have all of the spec's fields.
    notes = table.notes(absent=columns is not SEGMENT) + seen.notes
    return Resolved(seen.n_rows, seen.n_without, n_profiles, graph.counts, tuple(notes))


def score_file(
    events: str | Path,
    truth: str,
    *,
    profile: str | None = None,
    columns: Columns | None = None,
    policy: IdentityPolicy | None = None,
    progress: Progress | None = None,
) -> Score:
    """Score a file's profiles against its column of true persons.

    Parameters
    ----------
    truth
        Column of the true person.
    profile
        Column of profiles to score; None: the file is resolved first, by `columns` and `policy`.
    """
    path = Path(events)
    wanted = [truth] if profile is None else [truth, profile]
    if profile is None:
        table, columns = _open(path, columns)
        graph, seen = _observe_file(table, columns, policy, True, progress)
        profiles: Any = graph.canonical(seen.profiles())
    persons: list[Any] = []
    given: list[Any] = []
    table = open_table(path, is_header=_names_any(wanted), nulls=NULLS)
    for batch in table.batches(wanted, keep_places=True):
        persons.append(batch.raw(truth))
        given.append(batch.raw(wanted[-1]))
    if profile is not None:
        profiles = _joined(given)
    return score(profiles, _joined(persons))


def _open(path: Path, columns: Columns | None) -> tuple[Table, Columns]:
    """Open a file, and choose its columns where none are given."""
    if columns is not None and not isinstance(columns, Columns):
        raise OptionError(f"columns: a Columns is needed, not {columns!r}")
    wanted = _wanted(SEGMENT if columns is None else columns)
    table = open_table(path, is_header=_names_any(wanted), nulls=NULLS)
    if columns is None and table.kind != "json":
        raise OptionError(f"{path}: say which columns hold identifiers (--id type=column)")
    return table, SEGMENT if columns is None else columns


def _wanted(columns: Columns) -> list[str]:
    names = [name for _, name in columns.identifiers]
    return names if columns.time is None else [*names, columns.time]


def _names_any(wanted: Sequence[str]) -> Callable[[list[str]], bool]:
    """Tell of a row of CSV whether it is the header: it has one of our columns' names."""
    return lambda fields: not set(wanted).isdisjoint(fields)


def _check_outputs(path: Path, *outputs: str | Path | None) -> None:
    """Refuse now what would only be found out after hours of work."""
    taken = [path.resolve()]
    for output in outputs:
        if output is None:
            continue
        place = Path(output).resolve()
        if place in taken:
            raise OptionError(f"{output}: is another file of this run already")
        if place.is_dir() or not place.parent.is_dir():
            raise OptionError(f"{output}: is a folder, or in one that is not there")
        taken.append(place)


@dataclass
class _Seen:
    """Gather what is to be known of a file's rows besides the graph."""

    n_rows: int = 0
    n_without: int = 0
    ids: list[NDArray[np.int32]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, ids: NDArray[np.int32], keep: bool) -> None:
        self.n_rows += len(ids)
        self.n_without += int(np.count_nonzero(ids < 0))
        if keep:
            self.ids.append(ids)

    def profiles(self) -> NDArray[np.int32]:
        return np.concatenate(self.ids)


def _observe_file(
    table: Table, columns: Columns, policy: IdentityPolicy | None, keep: bool,
    progress: Progress | None,
) -> tuple[IdentityGraph, _Seen]:  # fmt: skip
    graph = IdentityGraph(policy)
    if graph.policy.time_to_live and columns.time is None:
        raise OptionError("a time-to-live needs a time column")
    types = [kind for kind, _ in columns.identifiers]
    names = [name for _, name in columns.identifiers]
    clock = _Clock(table, columns.time)
    seen = _Seen()
    for batch in table.batches(_wanted(columns), keep_places=True):
        sets = [batch.ids(name) for name in names]
        found = np.full(batch.n_rows, -1, np.int32)
        places, time = clock.read(batch)
        try:
            if len(places) == batch.n_rows:
                found = graph.observe(sets, types=types, time=time, returning=True)
            elif len(places):
                sets = [column.take(places) for column in sets]
                found[places] = graph.observe(sets, types=types, time=time, returning=True)
        except OmnilabError as error:
            reason = _renumbered(str(error), places + seen.n_rows)
            raise DataError(reason, file=table.path) from None
        seen.add(found, keep)
        if progress is not None:
            progress(seen.n_rows, batch.total)
    seen.notes += clock.notes()
    return graph, seen


def _renumbered(reason: str, rows: NDArray[np.int64]) -> str:
    """Count the row that an error names from the file's start, not the batch's."""
    return re.sub(r"^row (\d+)", lambda found: f"row {rows[int(found[1])]}", reason)


class _Clock:
    """Read the time of each row, and leave out the rows that have none.

    Parameters
    ----------
    column
        The column of times; None if the file has none.
    """

    def __init__(self, table: Table, column: str | None) -> None:
        self._table, self._column = table, column
        self._reader = TimeReader(column or "")
        self._left_out = LeftOut()
        self._n_known = 0

    def read(self, batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
        """Return which rows of a batch can be used, and their times in whole seconds."""
        every = np.arange(batch.n_rows, dtype=np.int64)
        if self._column is None:
            return every, None
        try:
            times = self._reader.read(batch.raw(self._column))
        except DataError as error:
            raise DataError(error.message, file=self._table.path) from None
        if times.known.all():
            self._n_known += batch.n_rows
            return every, times.seconds
        lines = self._table.left_out.places
        for row in np.flatnonzero(~times.known).tolist():
            line = batch.line(row)
            if line not in lines:  # else it is counted already, for another reason
                self._left_out.add(line, "no time" if times.missing[row] else _NO_TIME)
        places = np.flatnonzero(times.known)
        self._n_known += len(places)
        return places, times.seconds[places]

    def notes(self) -> list[str]:
        """Return notes on the times; refuse a file that has none.

        Raises
        ------
        DataError
            If not one time could be read.
        """
        if self._column is None:
            return []
        shown = f", such as {self._reader.example()!r}" if self._reader.examples else ""
        if not self._n_known:
            raise DataError(
                f"no time in column {self._column!r} can be read{shown}; whole seconds or ISO 8601 "
                "timestamps are needed",
                file=self._table.path,
            )
        said = self._left_out.lines(self._table.unit)
        said = [line + shown if _NO_TIME in line else line for line in said]
        return [f"{self._table.path}: {line}" for line in said + self._reader.notes()]


_NO_TIME = "a time that is neither whole seconds nor ISO 8601"


def _joined(arrays: list[Any]) -> Any:
    import pyarrow as pa

    return pa.chunked_array(arrays)


def _write_profiles(graph: IdentityGraph, output: Path) -> int:
    """Write every identifier with its profile; return the number of profiles."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    profiles = graph.resolve()
    schema = pa.schema(
        [("profile", pa.int64()), ("type", pa.string()), ("value", pa.large_string())]
    )
    kinds, values = graph.identifiers()
    names = np.array(graph.types or ["id"], object)
    with pq.ParquetWriter(output, schema) as writer:
        for i in range(0, len(profiles), _BATCH):
            part = slice(i, i + _BATCH)
            columns = [
                pa.array(profiles[part].astype(np.int64)),
                pa.array(names[kinds[part]], pa.string()),
                values[part],
            ]
            writer.write_table(pa.table(columns, schema=schema))
    return len(np.unique(profiles[profiles >= 0]))


def _write_rows(graph: IdentityGraph, ids: list[NDArray[np.int32]], output: Path) -> None:
    """Write each row's profile, a batch at a time: all at once would take several times the ids."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("profile", pa.int64())])
    with pq.ParquetWriter(output, schema) as writer:
        for part in ids:
            profiles = graph.canonical(part).astype(np.int64)
            writer.write_table(pa.table([pa.array(profiles)], schema=schema))
