"""Resolve a user's own file of events to profiles, and score the result, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab._files.tables import NULLS, Table, open_table
from omnilab._files.writing import drafts, names_file
from omnilab.errors import OptionError
from omnilab.identity import _segment
from omnilab.identity._feeding import Fed, LateError, feed
from omnilab.identity._sources import names_source, open_source
from omnilab.identity._value_notes import value_notes
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


#: The columns of JSON after the Segment spec.
SEGMENT = Columns(_segment.FIELDS, "timestamp")


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


#: Rows written at a time.
BATCH = 1 << 17

Progress = Callable[[int, int | None], None]


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
        Parquet, CSV or JSON lines (by its ending; the latter two with ``.gz`` too), in time order.
        It may be larger than memory: only the distinct identifiers are held.
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
        For a file that is cut, has no rows or no such column, or runs backwards in time (rows are
        counted from 0); and for an output that can't be written. Nothing is written then, and
        what was there before stays.
    OptionError
        For outputs in no folder, or that are one file with another or with `events`.
    """
    path = Path(events)
    _check_outputs(path, output, rows_output)
    keep = rows_output is not None
    graph, fed, notes = _observe_file(path, columns, policy, None, keep, progress)
    outputs = [Path(o) for o in (output, rows_output) if o is not None]
    with drafts(outputs) as written:
        with names_file(outputs[0]):
            n_profiles = _write_profiles(graph, written[0])
        if len(outputs) > 1:
            with names_file(outputs[1]):
                _write_rows(graph, fed.ids, written[1])
    return Resolved(fed.n_rows, fed.n_without, n_profiles, graph.counts, tuple(notes))


def score_file(
    events: str | Path,
    truth: str,
    *,
    profile: str | None = None,
    columns: Columns | None = None,
    policy: IdentityPolicy | None = None,
    progress: Progress | None = None,
    notes: list[str] | None = None,
) -> Score:
    """Score a file's profiles against its column of true persons.

    Parameters
    ----------
    truth
        Column of the true person.
    profile
        Column of profiles to score; None: the file is resolved first, by `columns` and `policy`.
    notes
        Takes what was left out of the file or read in another way than it is written.
    """
    path = Path(events)
    said = [] if notes is None else notes
    if profile is None:
        graph, fed, found = _observe_file(path, columns, policy, truth, True, progress)
        said += found
        return score(graph.canonical(fed.profiles()), _joined([extra[0] for extra in fed.extra]))
    table = open_table(path, nulls=NULLS, is_header=lambda row: {truth, profile} <= set(row))
    persons: list[Any] = []
    given: list[Any] = []
    for batch in table.batches([truth, profile], keep_places=True):
        persons.append(batch.raw(truth))
        given.append(batch.raw(profile))
    said += table.notes()
    return score(_joined(given), _joined(persons))


def _names_any(columns: Columns | None) -> Callable[[list[str]], bool] | None:
    """Return what tells of a row of CSV whether it is the header: it has one of our names."""
    if not isinstance(columns, Columns):
        return None
    wanted = {name for _, name in columns.identifiers} | {columns.time}
    return lambda fields: not wanted.isdisjoint(fields)


def _columns_for(table: Table, columns: Columns | None) -> Columns:
    if columns is None and table.kind != "json":
        raise OptionError(f"{table.path}: say which columns hold identifiers (--id type=column)")
    return SEGMENT if columns is None else columns


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


def _observe_file(
    path: Path, columns: Columns | None, policy: IdentityPolicy | None, truth: str | None,
    keep: bool, progress: Progress | None,
) -> tuple[IdentityGraph, Fed, list[str]]:  # fmt: skip
    """Read a file into a graph; return it, what is known of the rows, and notes."""
    if columns is not None and not isinstance(columns, Columns):
        raise OptionError(f"columns: a Columns is needed, not {columns!r}")
    graph = IdentityGraph(policy)
    if columns is not None and columns.time is None and graph.policy.time_to_live:
        raise OptionError("a time-to-live needs a time column")
    table = open_table(path, is_header=_names_any(columns))
    columns = _columns_for(table, columns)
    extra = () if truth is None else (truth,)
    source = open_source(
        table, columns.identifiers, columns.time, is_segment=columns is SEGMENT, extra=extra
    )
    with names_source(path):
        try:
            # What can be read once only is kept from the start.
            fed = feed(graph, source, keep=keep, in_order=path.is_file(), progress=progress)
        except LateError:
            graph = IdentityGraph(policy)
            fed = feed(graph, source, keep=keep, in_order=False, progress=progress)
    graph.count_other(source.n_other)
    notes = [*source.notes(), *fed.notes(source)]
    return graph, fed, [*notes, *(f"{path}: {line}" for line in value_notes(graph))]


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
        for i in range(0, len(profiles), BATCH):
            # Placeholders and identifiers of rows that were left out have no profile.
            rows = i + np.flatnonzero(profiles[i : i + BATCH] >= 0)
            columns = [
                pa.array(profiles[rows].astype(np.int64)),
                pa.array(names[kinds[rows]], pa.string()),
                values.take(pa.array(rows)),
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
