"""Turn what a caller hands in into columns of codes or of strings, and into whole seconds.

All checks of form stand here, before anything of a graph is touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import DataError

__all__ = ["Sightings", "read_column", "read_set", "read_sightings", "read_times"]

NO_STARTS = np.empty(0, np.int64)


class Sightings(NamedTuple):
    """Hold a batch of identifier sets.

    Attributes
    ----------
    columns
        One array a column: integer codes, or an Arrow array of strings; a single flat column for
        ragged sets.
    names
        Type of each column, or None.
    starts
        Of ragged sets, where each begins in the column, shape ``(n + 1,)``; else empty.
    kinds
        Of ragged sets, the type's index of each entry, or None.
    n_rows
        Number of sets.
    """

    columns: list[Any]
    names: Sequence[str] | None
    starts: NDArray[np.int64]
    kinds: NDArray[np.int64] | None
    n_rows: int

    @property
    def is_text(self) -> bool:
        """Tell whether any column holds strings."""
        return any(not isinstance(column, np.ndarray) for column in self.columns)


def read_sightings(identifiers: Any, types: Any, offsets: Any) -> Sightings:
    """Read a mapping of columns, a sequence of columns, a matrix, or ragged sets.

    Raises
    ------
    DataError
        For columns of unequal length, a type that holds no identifiers, or wrong offsets.
    """
    if offsets is not None:
        return _read_ragged(identifiers, types, offsets)
    if isinstance(types, str):
        raise DataError(f"types: one for each column is needed, such as [{types!r}]")
    names = None if types is None else list(types)
    identifiers = _as_mapping(identifiers)
    if isinstance(identifiers, Mapping):
        names = [str(name) for name in identifiers]
        columns = [read_column(column, name) for name, column in identifiers.items()]
    elif isinstance(identifiers, np.ndarray) and identifiers.ndim == 2:
        columns = [read_column(identifiers[:, j], j) for j in range(identifiers.shape[1])]
    elif isinstance(identifiers, (tuple, list)):
        columns = [read_column(column, j) for j, column in enumerate(identifiers)]
    else:
        raise DataError(
            "identifiers: a mapping of type to column, a list of columns or a 2-D array is "
            f"needed, not {type(identifiers).__name__}"
        )
    if not columns:
        raise DataError("identifiers: no column given")
    if names is not None and len(names) != len(columns):
        raise DataError(f"types: {len(names)} given for {len(columns)} columns")
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        raise DataError(f"identifiers: columns of unequal length {sorted(lengths)}")
    return Sightings(columns, names, NO_STARTS, None, lengths.pop())


def _as_mapping(identifiers: Any) -> Any:
    """Turn a table of pandas, polars or Arrow into a mapping of its columns."""
    names = getattr(identifiers, "column_names", getattr(identifiers, "columns", None))
    if names is None or isinstance(identifiers, (Mapping, np.ndarray)):
        return identifiers
    names = list(names)
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"identifiers: {names.count(name)} columns are named {name!r}")
    return {name: identifiers[name] for name in names}


def read_set(identifiers: Sequence[Any]) -> NDArray[np.int64]:
    """Return one set of integer codes as a matrix of one row; None is missing.

    Raises
    ------
    DataError
        For anything else in it, or a code that 64 bits can't hold.
    """
    codes = [int(c) if isinstance(c, np.integer) else c for c in identifiers]
    return _integers(codes, "identifiers")[np.newaxis]


def _read_ragged(identifiers: Any, types: Any, offsets: Any) -> Sightings:
    column = read_column(identifiers, 0)
    starts = np.asarray(offsets)
    if starts.dtype.kind not in "iu" or starts.ndim != 1 or len(starts) == 0:
        raise DataError("offsets: a 1-D array of integers with one more entry than sets is needed")
    starts = starts.astype(np.int64)
    if starts[0] != 0 or starts[-1] != len(column) or bool(np.any(np.diff(starts) < 0)):
        raise DataError(f"offsets: must rise from 0 to the number of identifiers, {len(column)}")
    kinds = None
    if types is not None:
        kinds = np.asarray(types)
        if kinds.dtype.kind not in "iu" or kinds.shape != (len(column),):
            raise DataError("types: with offsets, the type's index of every identifier is needed")
        kinds = kinds.astype(np.int64)
    return Sightings([column], None, starts, kinds, len(starts) - 1)


def read_column(column: Any, name: object) -> Any:
    """Return a NumPy array of integer codes, or an Arrow array of strings."""
    if isinstance(column, np.ndarray):
        if column.ndim != 1:
            raise DataError(f"column {name!r}: 1-D is needed, not {column.ndim}-D")
        if column.dtype.kind in "iu":
            return _narrow(column, name)
        if column.dtype.kind not in "OUS":
            raise DataError(f"column {name!r}: identifiers can't be {column.dtype}")
    elif isinstance(column, str):
        column = [column]
    elif isinstance(column, (list, tuple)) and column and type(column[0]) is int:
        return read_column(_integers(column, name), name)
    return _read_arrow(column, name)


def _integers(column: Sequence[Any], name: object) -> NDArray[Any]:
    if any(type(value) is not int and value is not None for value in column):
        raise DataError(f"column {name!r}: integers and other values are mixed")
    try:
        return np.array([-1 if value is None else value for value in column], dtype=np.int64)
    except OverflowError:
        raise DataError(f"column {name!r}: a code above 2**63 - 1") from None


def _narrow(column: NDArray[Any], name: object) -> NDArray[Any]:
    if column.dtype == np.int32 or column.dtype == np.int64:
        return column
    if column.dtype == np.uint64 and len(column) and int(column.max()) >= 1 << 63:
        raise DataError(f"column {name!r}: a code above 2**63 - 1")
    return column.astype(np.int64)


def _read_arrow(column: Any, name: object) -> Any:
    import pyarrow as pa

    try:
        if hasattr(column, "to_arrow"):
            column = column.to_arrow()
        if not isinstance(column, (pa.Array, pa.ChunkedArray)):
            column = pa.array(column, from_pandas=True)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
            if isinstance(column, pa.ChunkedArray):
                column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
        kind = column.type
        if pa.types.is_dictionary(kind):
            column = column.cast(kind.value_type)
            kind = column.type
        if pa.types.is_integer(kind):
            return _narrow(column.fill_null(-1).to_numpy(zero_copy_only=False), name)
        if pa.types.is_null(kind):
            return column.cast(pa.large_string())
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return column
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            return column
        if str(kind) in ("string_view", "binary_view"):
            return column.cast(pa.large_binary())
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"column {name!r}: not a column of identifiers: {reason}") from None
    raise DataError(f"column {name!r}: identifiers can't be {kind}")


def read_times(time: Any, n_rows: int, next_time: int) -> tuple[NDArray[np.int64], int]:
    """Return times in whole seconds and the step to the next row's, 0 where one holds for all.

    Parameters
    ----------
    time
        None, one time, or one a row: integers (seconds), ``datetime64``, datetimes, Arrow or
        pandas timestamps.
    next_time
        Time of a batch without times.
    """
    if time is None:
        return np.array([next_time], np.int64), 0
    if type(time) is int:
        if not -(1 << 63) <= time < 1 << 63:
            raise DataError(f"time: {time} is no second")
        return np.array([time], np.int64), 0
    if hasattr(time, "to_arrow"):
        time = time.to_arrow()
    # Arrow and pandas make floats of integers with gaps, or raise errors of their own.
    if hasattr(time, "is_null") or hasattr(time, "isna"):
        gaps = np.asarray(time.is_null() if hasattr(time, "is_null") else time.isna())
        if bool(np.any(gaps)):
            raise DataError(f"time: missing at row {int(np.argmax(gaps))}")
    if hasattr(time, "to_numpy"):
        time = time.to_numpy()
    try:
        times = np.asarray(time)
        if times.dtype.kind == "O":
            flat = np.array([_without_zone(value) for value in times.ravel().tolist()], object)
            times = flat.astype("datetime64[s]").reshape(times.shape)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"time: not a column of times: {error}") from None
    if times.dtype.kind == "M":
        if bool(np.any(np.isnat(times))):
            raise DataError(f"time: missing at row {int(np.argmax(np.isnat(times)))}")
        times = times.astype("datetime64[s]").astype(np.int64)
    if times.dtype.kind not in "iu":
        raise DataError(f"time: whole seconds or timestamps are needed, not {times.dtype}")
    if times.dtype == np.uint64 and times.size and int(times.max()) >= 1 << 63:
        raise DataError(f"time: {int(times.max())} is no second")
    if times.ndim == 0:
        return times.astype(np.int64).reshape(1), 0
    if times.shape != (n_rows,):
        raise DataError(f"time: {times.shape} given for {n_rows} rows")
    return np.ascontiguousarray(times, np.int64), 1


def _without_zone(value: Any) -> Any:
    """Turn a time with a zone into UTC, as NumPy does too but with a warning."""
    if getattr(value, "tzinfo", None) is None:
        return value
    return value.astimezone(UTC).replace(tzinfo=None)
