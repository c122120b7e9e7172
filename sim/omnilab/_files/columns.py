"""Turn a column of any type of Arrow into identifiers or texts, without guessing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from omnilab.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["as_ids", "as_texts", "plain", "where_true"]

#: Whole floats beyond this may have been rounded, so that they name nobody.
_EXACT = {"double": 2**53, "float": 2**24, "halffloat": 2**11}


def plain(column: Any) -> Any:
    """Return a column without the ways in which Arrow may store it: categories, runs, extensions.

    UUIDs become texts.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    while True:
        kind = column.type
        if isinstance(kind, pa.BaseExtensionType):
            is_uuid = getattr(kind, "extension_name", "") == "arrow.uuid"
            column = _each(column, lambda part: part.storage)
            if is_uuid:
                column = _each(column, _uuids)
        elif pa.types.is_dictionary(kind):
            column = column.cast(kind.value_type)
        elif pa.types.is_run_end_encoded(kind):
            column = _each(column, pc.run_end_decode)
        elif str(kind) in ("string_view", "binary_view"):
            column = column.cast(pa.large_string() if str(kind)[0] == "s" else pa.large_binary())
        else:
            return column


def as_ids(column: Any, name: str) -> tuple[Any, Any]:
    """Return a column's identifiers as text, and which values are none.

    Whole numbers of every width become their digits, and so do floats and decimals that hold
    whole numbers, as pandas makes of whole numbers with gaps. Texts are not validated.

    Parameters
    ----------
    column
        An array, chunked or not.
    name
        The column's name, for the error.

    Returns
    -------
    tuple
        Strings (or large strings) with nulls where there is no identifier, and a column of truth
        values that tells where there was a value that is none, or None if there is no such value.

    Raises
    ------
    DataError
        For a column of a type that holds no identifiers: truth values, times, lists.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = plain(column)
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column, None
    if pa.types.is_null(kind) or pa.types.is_integer(kind):
        return column.cast(pa.string()), None
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        text = pa.string() if pa.types.is_binary(kind) else pa.large_string()
        return _each(column, lambda part: part.view(text)), None
    if pa.types.is_fixed_size_binary(kind):
        return _each(column.cast(pa.binary()), lambda part: part.view(pa.string())), None
    if pa.types.is_floating(kind):
        limit = _EXACT[str(kind)]
        wide = column.cast(pa.float64())
        there = pc.fill_null(pc.invert(pc.is_nan(wide)), False)
        whole = pc.and_(pc.equal(pc.trunc(wide), wide), pc.less_equal(pc.abs(wide), float(limit)))
        fine = pc.and_(there, pc.fill_null(whole, False))
        # In two steps, so that no fraction meets the cast.
        digits = pc.if_else(fine, wide, None).cast(pa.int64()).cast(pa.string())
        return digits, _or_none(pc.and_not(there, fine))
    if pa.types.is_decimal(kind):
        texts = column.cast(pa.string())
        fine = pc.fill_null(pc.match_substring_regex(texts, r"^-?\d+(\.0*)?$"), False)
        digits = pc.if_else(fine, pc.replace_substring_regex(texts, r"\.0*$", ""), None)
        return digits, _or_none(pc.and_not(column.is_valid(), fine))
    raise DataError(f"column {name!r}: identifiers can't be {kind}")


def as_texts(column: Any) -> Any:
    """Return a column as text: a time as its own clock shows it, a list joined by blanks.

    Bytes that are no UTF-8 become null.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = plain(column)
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column
    if pa.types.is_timestamp(kind):
        local = pc.local_timestamp(column) if kind.tz else column
        return pc.replace_substring_regex(local.cast(pa.string()), r"\.0+$", "")
    if str(kind).removeprefix("large_").startswith(("list<item: string", "list<element: string")):
        return pc.binary_join(column, " ")
    if pa.types.is_nested(kind):
        return _each(
            column,
            lambda part: pa.array(
                [None if v is None else str(v) for v in part.to_pylist()], pa.string()
            ),
        )
    if (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    ):
        return _each(column, _decoded)
    return column.cast(pa.string())


def _decoded(part: pa.Array) -> pa.Array:
    import pyarrow as pa

    def text(value: bytes | None) -> str | None:
        try:
            return None if value is None else value.decode()
        except UnicodeDecodeError:
            return None

    try:
        return part.cast(pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return pa.array([text(v) for v in part.to_pylist()], pa.large_string())


def _uuids(part: pa.Array) -> pa.Array:
    import uuid

    import pyarrow as pa

    values = part.to_pylist()
    return pa.array([None if v is None else str(uuid.UUID(bytes=v)) for v in values], pa.string())


def _each(column: Any, change: Callable[[Any], Any]) -> Any:
    """Change an array, or each chunk of a chunked one."""
    import pyarrow as pa

    if not isinstance(column, pa.ChunkedArray):
        return change(column)
    if not column.num_chunks:
        return pa.chunked_array([change(pa.array([], column.type))])
    return pa.chunked_array([change(part) for part in column.chunks])


def _or_none(odd: Any) -> Any:
    import pyarrow.compute as pc

    return odd if cast("bool", pc.any(odd).as_py()) else None


def where_true(mask: Any) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the positions at which a column of truth values is true."""
    values = mask.to_numpy() if hasattr(mask, "num_chunks") else mask.to_numpy(zero_copy_only=False)
    return np.flatnonzero(values)
