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
from omnilab.identity._values import as_codes, as_text, is_text, read_values

__all__ = ["Sightings", "read_column", "read_set", "read_sightings", "read_times"]

NO_STARTS = np.empty(0, np.int64)
#: What columns of other makers raise. Arrow's errors are of these, but for one that is its own.
FOREIGN = (
    TypeError, ValueError, OverflowError, NotImplementedError, AttributeError, LookupError,
    RuntimeError,
)  # fmt: skip


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
    n_other
        Number of values that can't be identifiers (a date, a truth value), left out.
    """

    columns: list[Any]
    names: Sequence[str] | None
    starts: NDArray[np.int64]
    kinds: NDArray[np.int64] | None
    n_rows: int
    n_other: int = 0

    @property
    def is_text(self) -> bool:
        """Tell whether any column holds strings."""
        return any(not isinstance(column, np.ndarray) for column in self.columns)


def read_sightings(
    identifiers: Any, types: Any, offsets: Any, text: bool | None = None
) -> Sightings:
    """Read a mapping of columns, a sequence of columns, a matrix, or ragged sets.

    Parameters
    ----------
    text
        Whether whole numbers are meant as strings; None: if any column holds strings.

    Raises
    ------
    DataError
        For columns of unequal length, a type that holds no identifiers, or wrong offsets.
    """
    if offsets is not None:
        return _read_ragged(identifiers, types, offsets, text)
    if isinstance(types, str):
        raise DataError(f"types: one for each column is needed, such as [{types!r}]")
    names = None if types is None else list(types)
    identifiers = _as_mapping(identifiers)
    if isinstance(identifiers, Mapping):
        names = [str(name) for name in identifiers]
        columns = list(zip(identifiers.values(), names, strict=True))
    elif isinstance(identifiers, np.ndarray) and identifiers.ndim == 2:
        columns = [(identifiers[:, j], j) for j in range(identifiers.shape[1])]
    elif isinstance(identifiers, (tuple, list)):
        columns = [(column, j) for j, column in enumerate(identifiers)]
    else:
        raise DataError(
            "identifiers: a mapping of type to column, a list of columns or a 2-D array is "
            f"needed, not {type(identifiers).__name__}"
        )
    if not columns:
        raise DataError("identifiers: no column given")
    if names is not None and len(names) != len(columns):
        raise DataError(f"types: {len(names)} given for {len(columns)} columns")
    read, other = _settled(columns, text)
    lengths = {len(column) for column in read}
    if len(lengths) > 1:
        raise DataError(f"identifiers: columns of unequal length {sorted(lengths)}")
    return Sightings(read, names, NO_STARTS, None, lengths.pop(), other)


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
    if any(type(code) is not int and code is not None for code in codes):
        raise DataError("identifiers: integers and other values are mixed in one set")
    try:
        return np.array([[-1 if code is None else code for code in codes]], np.int64)
    except OverflowError:
        raise DataError("identifiers: a code above 2**63 - 1") from None


def _read_ragged(identifiers: Any, types: Any, offsets: Any, text: bool | None) -> Sightings:
    (column,), other = _settled([(identifiers, 0)], text)
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
    return Sightings([column], None, starts, kinds, len(starts) - 1, other)


def read_column(column: Any, name: object, text: bool | None) -> Any:
    """Return a NumPy array of integer codes, or an Arrow array of strings.

    Parameters
    ----------
    text
        Whether whole numbers are meant as strings; None where nothing says so.
    """
    values, _ = read_values(column, name)
    if text or is_text(values):
        return as_text(values)
    return as_codes(values, name)


def _settled(columns: list[tuple[Any, object]], text: bool | None) -> tuple[list[Any], int]:
    """Read columns, and turn whole numbers beside strings into strings."""
    read = [(*read_values(column, name), name) for column, name in columns]
    other = sum(n for _, n, _ in read)
    for values, _, _ in read:
        # In a graph of codes a column without a value says nothing.
        if is_text(values) and (text is None or values.null_count < len(values)):
            text = True
    if text:
        return [as_text(values) for values, _, _ in read], other
    codes = [
        np.full(len(values), -1) if is_text(values) else as_codes(values, name)
        for values, _, name in read
    ]
    return codes, other


def read_times(time: Any, n_rows: int, next_time: int) -> tuple[NDArray[np.int64], int]:
    """Return times in whole seconds and the step to the next row's, 0 where one holds for all.

    Parameters
    ----------
    time
        None, one time, or one a row: whole seconds (integers, floats), ``datetime64``, datetimes,
        ISO 8601 text, Arrow or pandas timestamps. Fractions of a second are cut off.
    next_time
        Time of a batch without times.
    """
    if time is None:
        return np.array([next_time], np.int64), 0
    if type(time) is int:
        if not -(1 << 63) <= time < 1 << 63:
            raise DataError(f"time: {time} is no second")
        return np.array([time], np.int64), 0
    try:
        times = _whole_times(time)
    except FOREIGN as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"time: not a column of times: {reason}") from None
    if times.dtype.kind not in "iu":
        raise DataError(f"time: whole seconds or timestamps are needed, not {times.dtype}")
    if times.dtype == np.uint64 and times.size and int(times.max()) >= 1 << 63:
        raise DataError(f"time: {int(times.max())} is no second")
    if times.ndim == 0:
        return times.astype(np.int64).reshape(1), 0
    if times.shape != (n_rows,):
        raise DataError(f"time: {times.shape} given for {n_rows} rows")
    return np.ascontiguousarray(times, np.int64), 1


def _whole_times(time: Any) -> NDArray[Any]:
    """Return times of any maker as whole seconds."""
    if hasattr(time, "to_arrow"):
        time = time.to_arrow()
    if str(getattr(time, "type", "")).startswith("dictionary"):
        time = time.cast(time.type.value_type)
    # Arrow and pandas make floats of integers with gaps, or raise errors of their own.
    if hasattr(time, "is_null") or hasattr(time, "isna"):
        gaps = np.asarray(time.is_null() if hasattr(time, "is_null") else time.isna())
        if bool(np.any(gaps)):
            raise DataError(f"time: missing at row {int(np.argmax(gaps))}")
    if hasattr(time, "combine_chunks") or hasattr(time, "buffers"):
        time = time.to_numpy(zero_copy_only=False) if hasattr(time, "buffers") else time.to_numpy()
    elif hasattr(time, "to_numpy"):
        time = time.to_numpy()
    try:
        times = np.asarray(time)
        if times.dtype.kind == "O":
            flat = times.ravel().tolist()
            if all(type(value) is int or isinstance(value, np.integer) for value in flat):
                times = np.array(flat, np.int64).reshape(times.shape)
            elif any(isinstance(value, str) for value in flat):
                times = _stamps(flat).reshape(times.shape)
            else:
                plain = np.array([_without_zone(value) for value in flat], object)
                times = plain.astype("datetime64[s]").reshape(times.shape)
        elif times.dtype.kind == "U":
            times = _stamps(times.ravel().tolist()).reshape(times.shape)
    except FOREIGN as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"time: not a column of times: {reason}") from None
    if times.dtype.kind == "M":
        if bool(np.any(np.isnat(times))):
            raise DataError(f"time: missing at row {int(np.argmax(np.isnat(times)))}")
        return times.astype("datetime64[s]").astype(np.int64)
    if times.dtype.kind == "f":
        odd = ~np.isfinite(times)
        if bool(np.any(odd)):
            raise DataError(f"time: missing at row {int(np.argmax(odd))}")
        if times.size and float(np.abs(times).max()) > 1 << 53:
            raise DataError(f"time: {float(times.max())!r} is no second")
        return np.floor(times).astype(np.int64)
    return times


def _stamps(texts: list[Any]) -> NDArray[np.datetime64]:
    """Read ISO 8601 timestamps; those without a zone are UTC."""
    import pandas as pd

    stamps = pd.to_datetime(pd.Series(texts, dtype=object), utc=True, format="ISO8601")
    return np.asarray(stamps.dt.tz_localize(None)).astype("datetime64[s]")


def _without_zone(value: Any) -> Any:
    """Turn a time with a zone into UTC, as NumPy does too but with a warning."""
    if getattr(value, "tzinfo", None) is None:
        return value
    return value.astimezone(UTC).replace(tzinfo=None)
