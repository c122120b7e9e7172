"""Resolve a user's own file of events to profiles, and score the result, batch by batch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import DataError, OmnilabError, OptionError
from omnilab.identity import _reading
from omnilab.identity._writing import drafts, names_file
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
    columns = _columns_for(path, columns)
    _check_outputs(path, output, rows_output)
    graph, seen = _observe_file(path, columns, policy, rows_output is not None, progress)
    outputs = [Path(o) for o in (output, rows_output) if o is not None]
    with drafts(outputs) as written:
        with names_file(outputs[0]):
            n_profiles = _write_profiles(graph, written[0])
        if len(outputs) > 1:
            with names_file(outputs[1]):
                _write_rows(graph, seen.ids, written[1])
    notes = [] if columns is SEGMENT else seen.notes  # few files have all of the spec's fields
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
        columns = _columns_for(path, columns)
        graph, seen = _observe_file(path, columns, policy, True, progress)
        profiles: Any = graph.canonical(seen.profiles())
    persons: list[Any] = []
    given: list[Any] = []
    for batch, _ in _reading.read_batches(path, wanted):
        persons.append(batch[truth])
        given.append(batch[wanted[-1]])
    if profile is not None:
        profiles = _joined(given)
    return score(profiles, _joined(persons))


def _columns_for(path: Path, columns: Columns | None) -> Columns:
    if columns is None and not _reading.is_json(path):
        raise OptionError(f"{path}: say which columns hold identifiers (--id type=column)")
    if columns is not None and not isinstance(columns, Columns):
        raise OptionError(f"columns: a Columns is needed, not {columns!r}")
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
    path: Path, columns: Columns, policy: IdentityPolicy | None, keep: bool,
    progress: Progress | None,
) -> tuple[IdentityGraph, _Seen]:  # fmt: skip
    graph = IdentityGraph(policy)
    if graph.policy.time_to_live and columns.time is None:
        raise OptionError("a time-to-live needs a time column")
    types = [kind for kind, _ in columns.identifiers]
    names = [name for _, name in columns.identifiers]
    wanted = [*names, columns.time] if columns.time is not None else names
    seen = _Seen()
    for batch, total in _reading.read_batches(path, wanted, notes=seen.notes):
        done = seen.n_rows
        time = None if columns.time is None else _seconds(batch[columns.time], path, done)
        sets = [_as_text(batch[name], name, path) for name in names]
        try:
            found = graph.observe(sets, types=types, time=time, returning=True)
        except OmnilabError as error:
            raise DataError(_renumbered(str(error), done), file=path) from None
        seen.add(found, keep)
        if progress is not None:
            progress(seen.n_rows, total)
    return graph, seen


def _renumbered(reason: str, done: int) -> str:
    """Count the row that an error names from the file's start, not the batch's."""
    return re.sub(r"^row (\d+)", lambda found: f"row {done + int(found[1])}", reason)


def _as_text(column: Any, name: str, path: Path) -> Any:
    """Turn whole numbers into strings: a file's own numbers are no dense codes."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_integer(kind):
        return column.cast(pa.string())
    if str(kind).removeprefix("large_").removesuffix("_view") not in ("string", "binary", "null"):
        raise DataError(f"column {name!r}: identifiers can't be {kind}", file=path)
    return column


def _seconds(column: Any, path: Path, done: int) -> NDArray[np.int64]:
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if column.null_count:
        missing = int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
        raise DataError(f"row {done + missing}: no time", file=path)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _text_seconds(column, path, done)
    if pa.types.is_timestamp(column.type):
        return np.asarray(column.cast(pa.timestamp("s"), safe=False).cast(pa.int64()))
    if pa.types.is_date(column.type):
        return np.asarray(column.cast(pa.timestamp("s")).cast(pa.int64()))
    if pa.types.is_integer(column.type) and column.type != pa.uint64():
        return np.asarray(column.cast(pa.int64()))
    raise DataError(f"time: whole seconds or timestamps are needed, not {column.type}", file=path)


def _text_seconds(column: Any, path: Path, done: int) -> NDArray[np.int64]:
    """Read whole seconds, if the first is one, else timestamps."""
    import pandas as pd

    values = column.to_pandas()
    # Of 19 digits some are beyond 64 bits, and all beyond the end of any calendar.
    whole = values.str.fullmatch(r"-?\d{1,18}").to_numpy(np.bool_)
    if whole.all():
        return np.asarray(values.astype(np.int64), np.int64)
    stamps = pd.to_datetime(values, utc=True, format="ISO8601", errors="coerce")
    bad = ~whole if whole[0] else stamps.isna().to_numpy()
    if bad.any():
        wrong = int(np.argmax(bad))
        text = str(values.iloc[wrong])
        text = text if len(text) <= 40 else text[:40] + "..."
        raise DataError(
            f"row {done + wrong}: time {text!r} is neither whole seconds nor an ISO 8601 timestamp",
            file=path,
        )
    return np.asarray(stamps.dt.tz_localize(None)).astype("datetime64[s]").astype(np.int64)


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
        for i in range(0, len(profiles), _reading.BATCH):
            part = slice(i, i + _reading.BATCH)
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
