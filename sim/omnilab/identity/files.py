"""Resolve a user's own file of events to profiles, and score the result, batch by batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import DataError, OmnilabError, OptionError, nearest
from omnilab.identity.graph import IdentityGraph
from omnilab.identity.policy import IdentityPolicy
from omnilab.identity.quality import Score, score

__all__ = ["SEGMENT", "Columns", "Resolved", "resolve_file", "score_file"]

#: Rows read at a time: some tens of megabytes.
BATCH = 1 << 17
JSON_ENDINGS = (".jsonl", ".ndjson", ".json")


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
    """Hold what `resolve_file` found: rows read, profiles, and the graph's counts."""

    n_rows: int
    n_profiles: int
    counts: dict[str, int]


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
        Parquet, CSV or JSON lines (by its ending), in time order. It may be larger than memory:
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
        For a file that is cut, has no such column, or runs backwards in time.
    OptionError
        For outputs that can't be written, or that are one file with another or with `events`.
    """
    path = Path(events)
    columns = _columns_for(path, columns)
    _check_outputs(path, output, rows_output)
    graph, ids, n_rows = _observe_file(path, columns, policy, rows_output is not None, progress)
    n_profiles = _write_profiles(graph, Path(output))
    if rows_output is not None:
        _write_rows(graph.canonical(ids), Path(rows_output))
    return Resolved(n_rows, n_profiles, graph.counts)


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
        graph, ids, _ = _observe_file(path, columns, policy, True, progress)
        profiles: Any = graph.canonical(ids)
    persons: list[Any] = []
    given: list[Any] = []
    for batch, _ in _batches(path, wanted):
        persons.append(batch[truth])
        given.append(batch[wanted[-1]])
    if profile is not None:
        profiles = _joined(given)
    return score(profiles, _joined(persons))


def _columns_for(path: Path, columns: Columns | None) -> Columns:
    if columns is None and path.suffix not in JSON_ENDINGS:
        raise OptionError(f"{path}: say which columns hold identifiers (--id type=column)")
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
    path: Path, columns: Columns, policy: IdentityPolicy | None, keep: bool,
    progress: Progress | None,
) -> tuple[IdentityGraph, NDArray[np.int32], int]:  # fmt: skip
    if policy is not None and policy.time_to_live and columns.time is None:
        raise OptionError("a time-to-live needs a time column")
    graph = IdentityGraph(policy)
    types = [kind for kind, _ in columns.identifiers]
    names = [name for _, name in columns.identifiers]
    wanted = [*names, columns.time] if columns.time is not None else names
    ids: list[NDArray[np.int32]] = []
    done = 0
    for batch, total in _batches(path, list(dict.fromkeys(wanted))):
        time = None if columns.time is None else _seconds(batch[columns.time], path, done)
        try:
            found = graph.observe(
                [_as_text(batch[name]) for name in names], types=types, time=time, returning=True
            )
        except OmnilabError as error:
            raise DataError(f"after {done} rows: {error}", file=path) from None
        if keep:
            ids.append(found)
        done += len(found)
        if progress is not None:
            progress(done, total)
    return graph, np.concatenate(ids) if ids else np.empty(0, np.int32), done


def _batches(path: Path, names: list[str]) -> Iterator[tuple[dict[str, Any], int | None]]:
    """Read some columns of a file, a batch at a time, as Arrow arrays."""
    import pyarrow as pa

    try:
        if path.suffix in JSON_ENDINGS:
            yield from _json_batches(path, names)
        elif path.suffix == ".csv":
            yield from _csv_batches(path, names)
        else:
            yield from _parquet_batches(path, names)
    except FileNotFoundError:
        raise DataError("no such file", file=path) from None
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"can't be read: {str(error).splitlines()[0]}", file=path) from None


def _check_names(path: Path, names: list[str], there: list[str]) -> None:
    for name in names:
        if name not in there:
            raise DataError(f"no column {name!r}{nearest(name, there)}", file=path)


def _parquet_batches(path: Path, names: list[str]) -> Iterator[tuple[dict[str, Any], int]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        _check_names(path, names, file.schema_arrow.names)
        for batch in file.iter_batches(BATCH, columns=names):
            yield {name: batch.column(name) for name in names}, file.metadata.num_rows


def _csv_batches(path: Path, names: list[str]) -> Iterator[tuple[dict[str, Any], None]]:
    import pyarrow as pa
    from pyarrow import csv

    with csv.open_csv(path) as head:
        there = head.schema.names
    _check_names(path, names, there)
    # Left to guess, a column of digits in the first block fails on a letter in a later one.
    convert = csv.ConvertOptions(
        include_columns=names,
        column_types=dict.fromkeys(names, pa.string()),
        strings_can_be_null=True,
    )
    with csv.open_csv(path, convert_options=convert) as reader:
        for batch in reader:
            yield {name: batch.column(name) for name in names}, None


def _json_batches(path: Path, names: list[str]) -> Iterator[tuple[dict[str, Any], None]]:
    import pyarrow as pa

    paths = [name.split(".") for name in names]
    columns: list[list[str | None]] = [[] for _ in names]
    with path.open(encoding="utf-8", errors="surrogateescape") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                event = json.loads(line, parse_constant=_refuse)
            except ValueError:
                raise DataError("not a whole JSON object", file=path, line=number) from None
            for column, steps in zip(columns, paths, strict=True):
                column.append(_at(event, steps, path, number))
            if len(columns[0]) == BATCH:
                yield (
                    {n: pa.array(c, pa.string()) for n, c in zip(names, columns, strict=True)},
                    None,
                )
                columns = [[] for _ in names]
    if columns[0]:
        yield {n: pa.array(c, pa.string()) for n, c in zip(names, columns, strict=True)}, None


def _refuse(constant: str) -> None:
    """Refuse NaN and the like, which Python reads though they are no JSON."""
    raise ValueError(constant)


def _at(event: Any, steps: list[str], path: Path, number: int) -> str | None:
    for step in steps:
        if not isinstance(event, dict):
            if event is None:
                return None
            raise DataError(f"{'.'.join(steps)!r}: not an object", file=path, line=number)
        event = event.get(step)
    if event is None or isinstance(event, str):
        if event is not None and not event.isascii():
            try:
                event.encode()
            except UnicodeEncodeError:
                raise DataError("invalid UTF-8", file=path, line=number) from None
        return event
    if isinstance(event, (dict, list, bool)):
        raise DataError(f"{'.'.join(steps)!r}: not an identifier", file=path, line=number)
    return str(event)


def _as_text(column: Any) -> Any:
    """Turn whole numbers into strings: a file's own numbers are no dense codes."""
    import pyarrow as pa

    if pa.types.is_integer(column.type):
        return column.cast(pa.string())
    return column


def _seconds(column: Any, path: Path, done: int) -> NDArray[np.int64]:
    import pandas as pd
    import pyarrow as pa

    if column.null_count:
        missing = int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
        raise DataError(f"row {done + missing}: no time", file=path)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        values = column.to_pandas()
        try:
            if bool(values.str.fullmatch(r"-?\d+").all()):
                return np.asarray(values.astype(np.int64), np.int64)
            stamps = pd.to_datetime(values, utc=True, format="ISO8601")
        except (ValueError, OverflowError) as error:
            raise DataError(f"after {done} rows: time: {error}", file=path) from None
        return np.asarray(stamps.dt.tz_localize(None)).astype("datetime64[s]").astype(np.int64)
    if pa.types.is_timestamp(column.type):
        return np.asarray(column.cast(pa.timestamp("s"), safe=False).cast(pa.int64()))
    if pa.types.is_date(column.type):
        return np.asarray(column.cast(pa.timestamp("s")).cast(pa.int64()))
    if pa.types.is_integer(column.type):
        return np.asarray(column.cast(pa.int64()))
    raise DataError(f"time: whole seconds or timestamps are needed, not {column.type}", file=path)


def _joined(arrays: list[Any]) -> Any:
    import pyarrow as pa

    return pa.chunked_array(arrays) if arrays else pa.array([], pa.int64())


def _write_profiles(graph: IdentityGraph, output: Path) -> int:
    """Write every identifier with its profile; return the number of profiles."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    profiles = graph.resolve()
    schema = pa.schema(
        [("profile", pa.int64()), ("type", pa.string()), ("value", pa.large_string())]
    )
    draft = output.with_name(output.name + ".part")
    kinds, values = graph.identifiers()
    names = np.array(graph.types or ["id"], object)
    with pq.ParquetWriter(draft, schema) as writer:
        for i in range(0, len(profiles), BATCH):
            part = slice(i, i + BATCH)
            columns = [
                pa.array(profiles[part].astype(np.int64)),
                pa.array(names[kinds[part]], pa.string()),
                values[part],
            ]
            writer.write_table(pa.table(columns, schema=schema))
    draft.replace(output)
    return len(np.unique(profiles[profiles >= 0]))


def _write_rows(profiles: NDArray[np.int32], output: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    draft = output.with_name(output.name + ".part")
    pq.write_table(pa.table({"profile": profiles.astype(np.int64)}), draft)
    draft.replace(output)
