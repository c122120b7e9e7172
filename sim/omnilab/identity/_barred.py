"""Find new strings that may be placeholders; what they are is decided in Python, by `Placeholders`.

Each distinct string is looked at once, when it gets its code. The look must be cheap and may not
miss any: too many suspects cost only time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab._files.placeholders import Placeholders
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.unchecked import wide

__all__ = ["suspect_table", "suspects"]

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]

SLOTS = 1 << 12
MASK = (1 << 40) - 1
#: Bytes by which a placeholder can be longer as it is written: composed letters, full width.
SPARE = 3


def suspect_table(known: Placeholders) -> Longs:
    """Return a table of the values' hashes for `suspects`.

    Returns
    -------
    numpy.ndarray
        Slots, 0 where empty, then the length of the longest value in bytes, and whether the rules
        count, shape ``(SLOTS + 2,)``.
    """
    table = np.zeros(max(SLOTS, 1 << (4 * len(known.values)).bit_length()) + 2, np.int64)
    mask = len(table) - 3
    raws = [value.encode() for value in known.values]
    for raw in raws:
        digest = 0
        for byte in raw:
            digest = (digest * 257 + byte + 1) & MASK
        spot = digest & mask
        while table[spot] != 0:
            spot = (spot + 1) & mask
        table[spot] = digest + 1
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
    for code in range(begin, end):
        if _is_suspect(arena, wide(ends[code]), wide(ends[code + 1]), table):
            out[n] = code
            n += 1
    return n


@inner
def _is_suspect(arena: Bytes, first: int, last: int, table: Longs) -> bool:
    """Compare the folded bytes with the table, and try the rules."""
    while first < last and _is_outer(wide(arena[first])):
        first += 1
    while last > first and _is_outer(wide(arena[last - 1])):
        last -= 1
    longest = table[-2]
    if table[-1] != 0:
        if first == last:
            return True
        lead = wide(arena[first])
        # What a program or a template left: [object, {{, ${, %%, *|, <%, function.
        if lead == 91 or lead == 123 or lead == 36 or lead == 37 or lead == 42 or lead == 60:
            return True
        if (lead == 102 or lead == 70) and last - first > 8 and arena[first + 1] | 32 == 117:
            return True  # fu
        at = first
        while at < last and _is_empty(wide(arena[at])):
            at += 1
        if at == last or wide(arena[at]) >= 128:
            return True
    if last - first > SPARE * longest:
        return False
    digest = wide(0)
    for at in range(first, last):
        byte = wide(arena[at])
        if byte >= 128:
            return True
        if 65 <= byte <= 90:
            byte += 32
        digest = (digest * 257 + byte + 1) & MASK
    mask = len(table) - 3
    spot = digest & mask
    while table[spot] != 0:
        if table[spot] == digest + 1:
            return True
        spot = (spot + 1) & mask
    return False


@inner
def _is_outer(byte: int) -> bool:
    """Tell whether a byte is a blank or a quote, which do not count at the ends."""
    return byte <= 32 or byte == 34 or byte == 39 or byte == 96


@inner
def _is_empty(byte: int) -> bool:
    """Tell whether a byte is neither a letter nor a digit other than zero."""
    if byte >= 128 or 49 <= byte <= 57:
        return False
    return not (65 <= byte <= 90 or 97 <= byte <= 122)
