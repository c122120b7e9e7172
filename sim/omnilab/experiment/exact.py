"""Exact sums and cross-products of integer columns, at the speed of floating-point matrices.

A sum of products of 64-bit integers does not fit 64 bits, and in floating point its value depends
on the order. So each integer is cut into digits of 20 bits, signed, of at most 2^19: products of
digits over 2^11 rows stay below 2^49, where float64 holds every whole number, and a matrix product
is exact in whatever order the library adds. Digits are put together as Python integers. Any
chunking and any order of adding then gives the same numbers, to the last bit.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import CapacityError

__all__ = ["BLOCK_ROWS", "Integers", "digits_of", "products", "totals"]

#: Array of Python integers (dtype object).
Integers = NDArray[Any]

BLOCK_ROWS: Final = 1 << 11  # up to 2^14 would be exact; so few stay in cache
_BITS: Final = 20
_HALF: Final = 1 << (_BITS - 1)
_LIMIT: Final = 1 << 62
_SAFE: Final = (1 << 63) // BLOCK_ROWS  # below it a block's sum fits 64 bits


def digits_of(columns: NDArray[np.int64]) -> list[NDArray[np.float64]]:
    """Cut integers into signed digits of 20 bits, the lowest first, as many as are needed.

    Parameters
    ----------
    columns
        Shape ``(n_columns, n_rows)``, at most `BLOCK_ROWS` rows, each below ``2^62`` in size.

    Returns
    -------
    list of numpy.ndarray, each shape (n_columns, n_rows)
        ``columns == sum(digit[k] * 2**(20 * k))``; none where all are 0.

    Raises
    ------
    CapacityError
        If an integer is too large.
    """
    if columns.shape[1] > BLOCK_ROWS:
        raise ValueError(f"a block has at most {BLOCK_ROWS} rows, got {columns.shape[1]}")
    size = max(int(columns.max(initial=0)), -int(columns.min(initial=0)))
    if size >= _LIMIT:
        raise CapacityError("a cell's sum reached 2^62: use fewer customers in a cell")
    digits: list[NDArray[np.float64]] = []
    rest = columns
    while size >= _HALF:
        low = ((rest + _HALF) & ((1 << _BITS) - 1)) - _HALF
        digits.append(low.astype(np.float64))
        rest = (rest - low) >> _BITS
        size = (size + _HALF) >> _BITS
    if size > 0:
        digits.append(rest.astype(np.float64))
    return digits


def totals(columns: NDArray[np.int64]) -> Integers:
    """Return the sums over the last axis, of at most `BLOCK_ROWS` rows, without overflow."""
    size = max(int(columns.max(initial=0)), -int(columns.min(initial=0)))
    result: Integers
    if size < _SAFE:
        result = columns.sum(axis=-1).astype(object)
    else:
        high = (columns >> 32).sum(axis=-1).astype(object)
        low = (columns & 0xFFFFFFFF).sum(axis=-1).astype(object)
        result = (high << 32) + low
    return result


def products(a: list[NDArray[np.float64]], b: list[NDArray[np.float64]]) -> Integers | int:
    """Return the sums of products of each column of ``a`` with each of ``b``, both in digits.

    Shape ``(n_columns of a, n_columns of b)``; 0 where either has no digits.
    """
    result: Integers | int = 0
    for j, x in enumerate(a):
        for k, y in enumerate(b):
            # Not `@`: its library starts threads for so small a product, at five times the cost.
            table = np.vecdot(x[:, None], y)
            result = result + (_integers(table) << (_BITS * (j + k)))
    return result


def _integers(whole: NDArray[np.float64]) -> Integers:
    return whole.astype(np.int64).astype(object)
