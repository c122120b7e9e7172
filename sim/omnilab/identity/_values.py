"""Turn one column of any maker and type into whole numbers or text, without changing a value.

Whole numbers stay exact beyond 2**53 too. A value that can't be an identifier (a truth value, a
date, 0.5) is left out and counted; a column of nothing else is refused.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import DataError

__all__ = ["as_codes", "as_text", "is_text", "read_values"]

#: Floats beyond this no longer hold every whole number, so it is not known which one was meant.
EXACT = 1 << 53
#: Digits of the longest whole number that a decimal may hold.
LONG = 1000
#: Made of a value that can't be an identifier.
OTHER = object()


def read_values(column: Any, name: object) -> tuple[Any, int]:
    """Return a column's values and how many could not be identifiers.

    Returns
    -------
    tuple
        An array of integers (NumPy, or Arrow where some are missing) or an Arrow array of strings
        or bytes, shape ``(n,)``; and a count.

    Raises
    ------
    DataError
        If it is no column, or none of its values can be an identifier.
    """
    if isinstance(column, np.ndarray):
        if column.ndim != 1:
            raise DataError(f"column {name!r}: 1-D is needed, not {column.ndim}-D")
        if column.dtype.kind in "iu":
            return column, 0
        if column.dtype.kind not in "OUSf":
            raise DataError(f"column {name!r}: identifiers can't be {column.dtype}")
    elif isinstance(column, (str, bytes)):
        column = [column]
    elif not hasattr(column, "__len__"):
        raise DataError(f"column {name!r}: a column is needed, not {column!r}")
    array = _as_arrow(column)
    if array is None:
        return _from_objects(column, name)
    return _from_arrow(array, name)


def is_text(column: Any) -> bool:
    """Tell whether a column that `read_values` gave holds text."""
    import pyarrow as pa

    return not isinstance(column, np.ndarray) and not pa.types.is_integer(column.type)


def as_text(column: Any) -> Any:
    """Return a column that `read_values` gave as an Arrow array of strings or bytes."""
    import pyarrow as pa

    if isinstance(column, np.ndarray):
        column = pa.array(column)
    return column.cast(pa.string()) if pa.types.is_integer(column.type) else column


def as_codes(column: Any, name: object) -> NDArray[Any]:
    """Return integers that `read_values` gave as codes, -1 where missing.

    Raises
    ------
    DataError
        For a code that 64 bits can't hold.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not isinstance(column, np.ndarray):
        if column.null_count:
            wide = str(column.type) == "uint64"
            if wide and (pc.max(column).as_py() or 0) >= 1 << 63:
                raise DataError(f"column {name!r}: a code above 2**63 - 1")
            column = column.cast(pa.int64()).fill_null(-1)
        column = column.to_numpy(zero_copy_only=False)
    if column.dtype == np.int32 or column.dtype == np.int64:
        return np.asarray(column)
    if column.dtype == np.uint64 and len(column) and int(column.max()) >= 1 << 63:
        raise DataError(f"column {name!r}: a code above 2**63 - 1")
    return np.asarray(column.astype(np.int64))


def _as_arrow(column: Any) -> Any:
    """Return one Arrow array of the column; None where its values are of several kinds."""
    import pyarrow as pa

    try:
        if hasattr(column, "to_arrow"):
            column = column.to_arrow()
        if not isinstance(column, (pa.Array, pa.ChunkedArray)):
            if hasattr(column, "__arrow_c_stream__"):
                column = pa.chunked_array(column)
            else:
                column = pa.array(column, from_pandas=True)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
            if isinstance(column, pa.ChunkedArray):
                column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    except (pa.ArrowException, TypeError, ValueError, OverflowError, NotImplementedError):
        return None
    return column


def _from_arrow(array: Any, name: object) -> tuple[Any, int]:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    try:
        if isinstance(kind, pa.BaseExtensionType):
            if str(kind).startswith("extension<arrow.uuid"):
                return _from_objects(array.to_pylist(), name)
            return _from_arrow(array.storage, name)
        if pa.types.is_dictionary(kind):
            return _from_arrow(array.dictionary_decode(), name)
        if pa.types.is_run_end_encoded(kind):
            return _from_arrow(pc.run_end_decode(array), name)
        if pa.types.is_integer(kind):
            return array, 0
        if pa.types.is_floating(kind):
            return _from_floats(array, name)
        if pa.types.is_null(kind):
            return array.cast(pa.large_string()), 0
        if str(kind) in ("string", "large_string", "binary", "large_binary"):
            return array, 0
        if str(kind) in ("string_view", "binary_view") or pa.types.is_fixed_size_binary(kind):
            return array.cast(pa.large_binary()), 0
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"column {name!r}: not a column of identifiers: {reason}") from None
    if pa.types.is_decimal(kind) or str(kind).startswith(("list", "large_list", "struct", "map")):
        return _from_objects(array.to_pylist(), name, str(kind))
    if array.null_count == len(array):
        return pa.nulls(len(array), pa.large_string()), 0
    raise DataError(f"column {name!r}: identifiers can't be {kind}")


def _from_floats(array: Any, name: object) -> tuple[Any, int]:
    """Read whole numbers out of floats, which tables make of integers with gaps."""
    import pyarrow as pa

    values = array.cast(pa.float64()).to_numpy(zero_copy_only=False)
    there = ~np.isnan(values)
    whole = there & (np.abs(np.where(there, values, 0)) <= EXACT)
    whole &= np.floor(np.where(whole, values, 0.5)) == values
    other = int(np.count_nonzero(there & ~whole))
    if other and not whole.any():
        wrong = float(values[np.argmax(there & ~whole)])
        raise DataError(f"column {name!r}: identifiers can't be {array.type} such as {wrong!r}")
    return pa.array(np.where(whole, values, 0).astype(np.int64), mask=~whole), other


def _from_objects(column: Any, name: object, kind: str = "") -> tuple[Any, int]:
    """Read a column of several kinds, value by value."""
    import pyarrow as pa

    try:
        values = column.tolist() if hasattr(column, "tolist") else list(column)
    except TypeError:
        raise DataError(f"column {name!r}: a column is needed, not {column!r}") from None
    texts = [_text_of(value) for value in values]
    other = sum(text is OTHER for text in texts)
    if other and all(text is OTHER or text is None for text in texts):
        wrong = next(v for v, text in zip(values, texts, strict=True) if text is OTHER)
        what = kind or type(wrong).__name__
        shown = repr(wrong)[:60]
        raise DataError(f"column {name!r}: identifiers can't be {what} such as {shown}")
    return pa.array([None if text is OTHER else text for text in texts], pa.large_binary()), other


def _text_of(value: Any) -> Any:
    """Return a value's text in UTF-8, None where it is missing, OTHER where it is no identifier."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.encode(errors="surrogatepass")
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, (bool, np.bool_)):
        return OTHER
    if isinstance(value, (int, np.integer)):
        return str(int(value)).encode()
    if isinstance(value, Decimal):
        if value.is_nan():
            return None
        fine = value.is_finite() and abs(value.adjusted()) < LONG and value == int(value)
        return str(int(value)).encode() if fine else OTHER
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if number != number:
            return None
        fine = abs(number) <= EXACT and number.is_integer()
        return str(int(number)).encode() if fine else OTHER
    if isinstance(value, UUID):
        return str(value).encode()
    return None if _is_missing(value) else OTHER


def _is_missing(value: Any) -> bool:
    """Tell whether a value is one of the ways in which pandas and NumPy say missing."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (np.datetime64, np.timedelta64)) and bool(np.isnat(value))
