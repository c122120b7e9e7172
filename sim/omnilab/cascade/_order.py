"""Put rows in order of time by packing each into one word and sorting the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["in_order"]


def in_order(columns: Sequence[npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
    """Return the columns with their rows in ascending order, the first column deciding first.

    Parameters
    ----------
    columns
        Whole numbers, 0 or more, each shape (n,).
    """
    if columns[0].size < 2:
        return list(columns)
    low = int(columns[0].min())
    shifted = [columns[0] - low, *columns[1:]]
    bits = [int(column.max()).bit_length() for column in shifted]
    if sum(bits) > 63:  # years of seconds and billions of messages
        order = np.lexsort(tuple(reversed(shifted)))
        return [column[order] for column in columns]
    key = shifted[0].astype(np.int64)
    for column, width in zip(shifted[1:], bits[1:], strict=True):
        key <<= width
        key |= column
    key.sort()  # one word a row: nothing else has to be moved
    out = []
    for column, width in zip(reversed(shifted[1:]), reversed(bits[1:]), strict=True):
        out.append((key & ((1 << width) - 1)).astype(column.dtype))
        key >>= width
    key += low
    return [key, *reversed(out)]
