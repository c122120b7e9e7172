"""Find strings in a hash table over an arena of their bytes.

A slot is one int64, the hash's 32 bits above the code plus 1, so that most strings are told apart
without a look at their bytes, and a larger table is filled without hashing anything again. Strings
are taken in blocks, and what the next step of a block needs is fetched while this one runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.prefetch import prefetch_to_write as prefetch
from omnilab.kernels.unchecked import read_word, wide

__all__ = ["BLOCK", "encode", "rehash"]

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

BLOCK = 32
N_CODES, EMPTY, TOO_LONG, INVALID = range(4)
LOW = 0xFFFFFFFF
# Odd constants of the splitmix64 finaliser.
MIX_A = np.uint64(0xBF58476D1CE4E5B9)
MIX_B = np.uint64(0x94D049BB133111EB)
HIGH_BITS = np.uint64(0x8080808080808080)


@kernel
def encode(
    table: Longs, arena: Bytes, ends: Longs, kinds_of: NDArray[np.int8], counts: Longs,
    data: Bytes, offsets: Any, valid: Bytes, shift: int, kinds: Longs, longest: int, insert: bool,
    begin: int, out: Ints,
) -> int:  # fmt: skip
    """Write the codes of strings to `out` from `begin` on; stop early where room runs out.

    Parameters
    ----------
    table, arena, ends, kinds_of, counts
        Slots (a power of two); the known strings' bytes, ``ends[code]`` after each (with a leading
        0), and types; number of codes and of strings refused.
    data, offsets, valid, shift
        Buffers of an Arrow array; `valid` of length 0 where nothing is missing, else a bitmap
        whose first entry is bit `shift`.
    kinds
        Type of each string, or of all where it has length 1.
    insert
        Whether new strings get a code, or -1.

    Returns
    -------
    int
        First string not handled, ``len(out)`` at the end.
    """
    n = len(out)
    hashes = np.empty(BLOCK, np.int64)
    mask = len(table) - 1
    i = begin
    while i < n:
        size = min(BLOCK, n - i)
        if insert:
            used = ends[counts[N_CODES]]
            fits = wide(offsets[i + size] - offsets[i]) <= len(arena) - used
            # Half full at most, so that a probe ends soon.
            if 2 * (counts[N_CODES] + size) > len(table) or not fits:
                return i
            if counts[N_CODES] + size >= len(ends):
                return i
        for j in range(size):
            kind = kinds[(i + j) if len(kinds) > 1 else 0]
            hashes[j] = _look(data, offsets, valid, shift, i + j, kind, longest, counts, insert)
            if hashes[j] >= 0:
                prefetch(table, hashes[j] & mask)
        for j in range(size):
            if hashes[j] >= 0:
                prefetch(ends, max(wide(0), (table[hashes[j] & mask] & LOW) - 1))
        for j in range(size):
            if hashes[j] >= 0:
                prefetch(arena, ends[max(wide(0), (table[hashes[j] & mask] & LOW) - 1)])
        for j in range(size):
            digest = hashes[j]
            code = wide(-1)
            if digest >= 0:
                kind = kinds[(i + j) if len(kinds) > 1 else 0]
                first = wide(offsets[i + j])
                length = wide(offsets[i + j + 1]) - first
                spot = digest & mask
                while table[spot] != 0 and code < 0:
                    if table[spot] >> 32 == digest:
                        known = (table[spot] & LOW) - 1
                        at = ends[known]
                        same = ends[known + 1] - at == length and kinds_of[known] == kind
                        if same and _same(data, first, arena, at, length):
                            code = known
                    spot = (spot + 1) & mask
                if code < 0 and insert:
                    code = counts[N_CODES]
                    table[spot] = (digest << 32) | (code + 1)
                    _keep(arena, ends, kinds_of, counts, data, first, length, kind)
            out[i + j] = code
        i += size
    return n


@inner
def _look(
    data: Bytes, offsets: Any, valid: Bytes, shift: int, i: int, kind: int, longest: int,
    counts: Longs, counting: bool,
) -> int:  # fmt: skip
    """Return a string's hash in 32 bits, or -1 if it is missing or refused, which is counted."""
    if len(valid) > 0 and (valid[(i + shift) >> 3] >> ((i + shift) & 7)) & 1 == 0:
        return -1
    begin = wide(offsets[i])
    end = wide(offsets[i + 1])
    why = 0
    if begin == end:
        why = EMPTY
    elif end - begin > longest:
        why = TOO_LONG
    else:
        digest, high = _digest(data, begin, end, kind)
        if high and not _is_utf8(data, begin, end):
            why = INVALID
        else:
            return digest
    if counting:
        counts[why] += 1
    return -1


@inner
def _digest(data: Bytes, begin: int, end: int, kind: int) -> tuple[int, bool]:
    """Hash bytes and type to 32 bits; tell whether any byte is beyond ASCII."""
    size = end - begin
    state = np.uint64(size * 256 + kind) * MIX_B
    high = np.uint64(0)
    if size >= 8:
        at = begin
        while at + 8 < end:
            word = read_word(data, at)
            high |= word
            state = (state ^ word) * MIX_A
            state ^= state >> np.uint64(29)
            at += 8
        # The last word overlaps the one before, so that no byte is read alone.
        word = read_word(data, end - 8)
    else:
        word = np.uint64(0)
        for at in range(begin, end):
            word = (word << np.uint64(8)) | np.uint64(data[at])
    high |= word
    state = (state ^ word) * MIX_A
    state ^= state >> np.uint64(32)
    state *= MIX_B
    return wide(state >> np.uint64(33)), bool((high & HIGH_BITS) != np.uint64(0))


@inner
def _same(data: Bytes, first: int, arena: Bytes, at: int, length: int) -> bool:
    """Compare two strings, eight bytes at a time; the last eight overlap those before."""
    if length < 8:
        for i in range(length):
            if data[first + i] != arena[at + i]:
                return False
        return True
    i = 0
    while i + 8 < length:
        if read_word(data, first + i) != read_word(arena, at + i):
            return False
        i += 8
    return bool(read_word(data, first + length - 8) == read_word(arena, at + length - 8))


@inner
def _keep(
    arena: Bytes, ends: Longs, kinds_of: NDArray[np.int8], counts: Longs, data: Bytes, first: int,
    length: int, kind: int,
) -> None:  # fmt: skip
    """Append a new string under the next code."""
    code = counts[N_CODES]
    at = ends[code]
    for i in range(length):
        arena[at + i] = data[first + i]
    ends[code + 1] = at + length
    kinds_of[code] = kind
    counts[N_CODES] = code + 1


@kernel
def rehash(old: Longs, table: Longs) -> None:
    """Fill a larger table from an old one."""
    mask = len(table) - 1
    for i in range(len(old)):
        if old[i] != 0:
            spot = (old[i] >> 32) & mask
            while table[spot] != 0:
                spot = (spot + 1) & mask
            table[spot] = old[i]


@inner
def _is_utf8(data: Bytes, begin: int, end: int) -> bool:
    """Tell whether bytes are well-formed UTF-8 (Unicode 15, table 3-7)."""
    i = begin
    while i < end:
        lead = wide(data[i])
        if lead < 0x80:
            i += 1
            continue
        if lead < 0xC2 or lead > 0xF4:
            return False
        more = 1 if lead < 0xE0 else 2 if lead < 0xF0 else 3
        if i + more >= end:
            return False
        second = wide(data[i + 1])
        lowest = 0xA0 if lead == 0xE0 else 0x90 if lead == 0xF0 else 0x80
        highest = 0x9F if lead == 0xED else 0x8F if lead == 0xF4 else 0xBF
        if second < lowest or second > highest:
            return False
        for j in range(2, more + 1):
            if data[i + j] & 0xC0 != 0x80:
                return False
        i += more + 1
    return True
