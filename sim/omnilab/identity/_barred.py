"""Find new strings that may be placeholders; what they are is decided in Python, by `Placeholders`.

Each distinct string is looked at once, when it gets its code. The look must be cheap and may not
miss any: too many suspects cost only time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab._files.placeholders import Placeholders
from omnilab.kernels.compiling import inlined, inner, kernel
from omnilab.kernels.unchecked import read_word, wide

__all__ = ["suspect_table", "suspects"]

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]

SLOTS = 1 << 12
#: Looks that are told apart: few enough for the nearest cache, many more than there are values.
MARKS = 1 << 12
MASK = (1 << 40) - 1
HIGH_BITS = np.uint64(0x8080808080808080)
#: Bytes by which a placeholder can be longer as it is written: composed letters, full width.
SPARE = 3


def suspect_table(known: Placeholders) -> Longs:
    """Return a table of the values' hashes for `suspects`.

    Returns
    -------
    numpy.ndarray
        Slots, 0 where empty; a mark for each look of `_look`, 1 where some value has it; the length
        of the longest value in bytes; whether the rules count. Shape ``(slots + MARKS + 2,)``.
    """
    slots = max(SLOTS, 1 << (4 * len(known.values)).bit_length())
    table = np.zeros(slots + MARKS + 2, np.int64)
    mask = slots - 1
    look = getattr(_look, "py_func", _look)
    raws = [value.encode() for value in known.values]
    for raw in raws:
        digest = 0
        for byte in raw:
            digest = (digest * 257 + byte + 1) & MASK
        spot = digest & mask
        while table[spot] != 0:
            spot = (spot + 1) & mask
        table[spot] = digest + 1
        if raw:
            table[slots + look(len(raw), raw[0], raw[-1])] = 1
    table[-2] = max((len(raw) for raw in raws), default=0)
    table[-1] = known.defaults
    return table


@kernel
def suspects(arena: Bytes, ends: Longs, begin: int, end: int, table: Longs, out: Longs) -> int:
    """Write the codes from `begin` to `end` that may be placeholders; return how many.

    Parameters
    ----------
    arena, ends
        The strings' bytes and where each ends, as in `_hash.encode`.
    table
        As `suspect_table` makes it.
    out
        Room for all of them, shape ``(end - begin,)``.
    """
    n = 0
    # Most data is ASCII from end to end, so that no string has to be asked.
    is_ascii = _is_ascii(arena, wide(ends[begin]), wide(ends[end]))
    for code in range(begin, end):
        if _is_suspect(arena, wide(ends[code]), wide(ends[code + 1]), table, is_ascii):
            out[n] = code
            n += 1
    return n


@inner
def _is_ascii(arena: Bytes, first: int, last: int) -> bool:
    """Tell whether no byte is beyond ASCII, eight at a time."""
    high = np.uint64(0)
    at = first
    while at + 8 <= last:
        high |= read_word(arena, at)
        at += 8
    while at < last:
        high |= np.uint64(arena[at])
        at += 1
    return bool((high & HIGH_BITS) == np.uint64(0))


@inlined
def _is_suspect(arena: Bytes, first: int, last: int, table: Longs, is_ascii: bool) -> bool:
    """Try the rules, and compare what has a known value's look with the table."""
    while first < last and _is_outer(wide(arena[first])):
        first += 1
    while last > first and _is_outer(wide(arena[last - 1])):
        last -= 1
    if first == last:
        return True
    size = last - first
    lead = wide(arena[first])
    if table[-1] != 0:
        if lead >= 128 or _is_empty(lead):
            # What a program or a template left: [object, {{, ${, %%, *|, <%.
            if lead == 91 or lead == 123 or lead == 36 or lead == 37 or lead == 42 or lead == 60:
                return True
            at = first
            while at < last and _is_empty(wide(arena[at])):
                at += 1
            if at == last or wide(arena[at]) >= 128:
                return True
        elif (lead == 102 or lead == 70) and size > 8 and arena[first + 1] | 32 == 117:
            return True  # fu, as in function(
    longest = table[-2]
    if size <= SPARE * longest and not is_ascii and not _is_ascii(arena, first, last):
        return True
    if size > longest:
        return False
    slots = len(table) - MARKS - 2
    if table[slots + _look(size, _small(lead), _small(wide(arena[last - 1])))] == 0:
        return False
    digest = wide(0)
    for at in range(first, last):
        digest = (digest * 257 + _small(wide(arena[at])) + 1) & MASK
    spot = digest & (slots - 1)
    while table[spot] != 0:
        if table[spot] == digest + 1:
            return True
        spot = (spot + 1) & (slots - 1)
    return False


@inlined
def _look(size: int, lead: int, tail: int) -> int:
    """Return a number below `MARKS` for a value's length, first and last byte."""
    return (size + 37 * lead + 101 * tail) & (MARKS - 1)


@inlined
def _small(byte: int) -> int:
    """Return the small letter of a capital, any other byte as it is."""
    return byte + 32 if 65 <= byte <= 90 else byte


@inlined
def _is_outer(byte: int) -> bool:
    """Tell whether a byte is a blank or a quote, which do not count at the ends."""
    if byte > 39:
        return byte == 96
    return byte == 32 or 9 <= byte <= 13 or byte == 34 or byte == 39


@inlined
def _is_empty(byte: int) -> bool:
    """Tell whether a byte is neither a letter nor a digit other than zero."""
    if byte >= 128 or 49 <= byte <= 57:
        return False
    return not (65 <= byte <= 90 or 97 <= byte <= 122)
