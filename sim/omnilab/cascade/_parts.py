"""Rows dealt out by ranges of profiles, each range sorted when its turn comes.

A *part* is a range of profiles whose rows fit the processor's near cache. Nobody knows how many
rows a part will get, so that it is a chain of small blocks; rows don't have to be counted first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from omnilab.cascade.state import Ints, Records
from omnilab.kernels.compiling import inlined, uncounted_kernel
from omnilab.kernels.prefetch import prefetch_to_read as prefetch
from omnilab.kernels.prefetch import prefetch_to_write as fetch

__all__ = ["FAR", "Parts", "n_places", "new_parts", "place_in", "sort_part", "with_room"]

FAR = (1 << 62) - 1  # tells the compiler that an index doesn't count from the end
BLOCK_BITS = 8
BLOCK = 1 << BLOCK_BITS  # rows
STAGGER = 37
PART_ROWS, MOST_PARTS = 1 << 12, 1 << 10
MOST_BITS = 10  # of profile codes that are sorted in one pass


class Parts(NamedTuple):
    """Rows in parts, and what is needed to sort each."""

    lower: int  # bits of profile codes within a part
    rows: Records
    ends: Ints  # by part: where its next row goes; at last the first block that is free
    after: Ints  # by block: the next one of its part
    near: tuple[Records, Records]  # room for the largest part and one row more
    places: Ints


def _n_parts(n: int, n_profiles: int) -> int:
    """Return the number of parts for `n` rows."""
    bits = max(1, n_profiles - 1).bit_length()
    return min(1 << bits, MOST_PARTS, 1 << (n // PART_ROWS).bit_length())


def n_places(n: int, n_profiles: int) -> int:
    """Return how many places `n` rows need, wherever they go: two blocks a part aren't full."""
    return (2 * _n_parts(n, n_profiles) + n // BLOCK) * BLOCK


def new_parts(n: int, n_profiles: int, room: npt.NDArray[np.uint8], dtype: np.dtype[Any]) -> Parts:
    """Return empty parts for `n` rows, which take the memory of `room`.

    Parameters
    ----------
    n
        Number of rows.
    n_profiles
        One more than the highest profile code.
    room
        Bytes, at least `n_places` times a row's.
    dtype
        Of a row; its field `when` is (profile, seconds).
    """
    parts, places = _n_parts(n, n_profiles), n_places(n, n_profiles)
    lower = max(1, n_profiles - 1).bit_length() - parts.bit_length() + 1
    rows = room[: places * dtype.itemsize].view(dtype)
    nothing = np.empty(0, dtype=dtype)
    after = np.empty(places // BLOCK, dtype=np.int64)
    number = np.arange(parts + 1)
    ends = (number << BLOCK_BITS) + ((number * STAGGER) & (BLOCK - 1))
    ends[parts] = parts
    return Parts(lower, rows, ends, after, (nothing, nothing), np.empty(1025, dtype=np.int64))


def with_room(parts: Parts) -> Parts:
    """Return parts that no row will be added to, with room to sort them in."""
    most, dtype = _most_rows(parts) + 1, parts.rows.dtype
    second = most if parts.lower > MOST_BITS else 1
    return parts._replace(near=(np.empty(most, dtype=dtype), np.empty(second, dtype=dtype)))


@inlined
def _first(part: int) -> int:
    """Return the place of a part's first row.

    Parts begin at different places of their blocks. Most get rows at the same pace, and a
    processor's cache can't keep many lines whose addresses end alike.
    """
    return (part << BLOCK_BITS) + ((part * STAGGER) & (BLOCK - 1))


@inlined
def place_in(parts: Parts, profile: int) -> int:
    """Return the place of a profile's next row, at the end of its part."""
    ends = parts.ends
    part = (profile >> parts.lower) & FAR
    place = ends[part]
    end = place + 1
    if end & (BLOCK - 1) == 0:
        free = ends[ends.size - 1]
        ends[ends.size - 1] = free + 1
        parts.after[(place >> BLOCK_BITS) & FAR] = free
        end = free << BLOCK_BITS
    ends[part] = end
    return place & FAR


@uncounted_kernel
def _most_rows(parts: Parts) -> int:
    """Return the number of rows of the largest part."""
    most = 0
    for part in range(parts.ends.size - 1):
        most = max(most, _n_rows(parts, part))
    return most


@inlined
def _n_rows(parts: Parts, part: int) -> int:
    """Return the number of rows of a part."""
    block, end = part, parts.ends[part & FAR]
    n = (end & (BLOCK - 1)) - (_first(part) & (BLOCK - 1))
    while block != end >> BLOCK_BITS:
        block = parts.after[block & FAR]
        n += BLOCK
    return n


@inlined
def sort_part(parts: Parts, part: int, target: Records, first: int) -> int:
    """Sort a part by profile, keeping the order within a profile; return its number of rows.

    Parameters
    ----------
    parts, part
        Rows, and the part's number.
    target, first
        Where the sorted rows go; may be `parts.near[0]` and 0.
    """
    lower, near, places = parts.lower, parts.near, parts.places
    if lower <= MOST_BITS:
        return _gather(parts, part, target, first, lower)
    digit = (lower + 2) // 3
    n = _gather(parts, part, near[0], 0, digit)
    _deal(near[0], n, near[1], 0, 32 + digit, digit, places)
    _deal(near[1], n, target, first, 32 + 2 * digit, digit, places)
    return n


@inlined
def _gather(parts: Parts, part: int, target: Records, first: int, digit: int) -> int:
    """Deal a part's rows out by the lowest digit of the profile; return their number."""
    rows, places, mask = parts.rows, parts.places, (1 << digit) - 1
    n = _n_rows(parts, part)
    places[: mask + 2] = 0
    place, left = _first(part), n
    while left > 0:
        size = min(left, BLOCK - (place & (BLOCK - 1)))
        after = parts.after[(place >> BLOCK_BITS) & FAR] << BLOCK_BITS
        for i in range(size):
            prefetch(rows, after + i)
            fetch(target, first + n - left + i)
            places[((rows[(place + i) & FAR]["when"] >> 32) & mask) + 1] += 1
        place = after
        left -= size
    _begin(mask, first, places)
    place, left = _first(part), n
    while left > 0:
        size = min(left, BLOCK - (place & (BLOCK - 1)))
        _move(rows, place, size, target, 32, mask, places)
        place = parts.after[(place >> BLOCK_BITS) & FAR] << BLOCK_BITS
        left -= size
    return n


@inlined
def _deal(
    source: Records, n: int, target: Records, first: int, shift: int, digit: int, places: Ints
) -> None:
    """Deal rows out by one digit of the profile."""
    mask = (1 << digit) - 1
    places[: mask + 2] = 0
    _count(source, 0, n, shift, mask, places)
    _begin(mask, first, places)
    _move(source, 0, n, target, shift, mask, places)


@inlined
def _count(rows: Records, begin: int, n: int, shift: int, mask: int, places: Ints) -> None:
    """Count rows by digit, one place further on."""
    for i in range(begin, begin + n):
        places[((rows[i & FAR]["when"] >> shift) & mask) + 1] += 1


@inlined
def _begin(mask: int, first: int, places: Ints) -> None:
    """Turn numbers of rows into places of the first ones."""
    places[0] = first
    for d in range(mask + 1):
        places[d + 1] += places[d]


@inlined
def _move(
    rows: Records, begin: int, n: int, target: Records, shift: int, mask: int, places: Ints
) -> None:
    """Write rows to their places."""
    for i in range(begin, begin + n):
        d = (rows[i & FAR]["when"] >> shift) & mask
        at = places[d]
        places[d] = at + 1
        target[at & FAR] = rows[i & FAR]
