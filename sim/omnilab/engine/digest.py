"""The log's digest: the sum modulo 2**128 of a hash of each row.

A sum needs no order, so cells, chunks, threads and machines add up to one number. The hash mixes
a row's seven 64-bit words, its key among them, into two lanes of 64 bits.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from omnilab._jit import inner

__all__ = ["SIDE_BY_SIDE", "add_digests", "digest_rows", "hex_digest", "words_of"]

K1 = -0x61C8864680B583EB  # 2**64 / golden ratio, odd
K2 = -0x3D4D51C2D82B14B1
K3 = -0x4B47C1C1A1D6A3E9
_LOWEST = -(1 << 63)
_HALF = (1 << 32) - 1

SIDE_BY_SIDE: Final = 64  # rows that are hashed together


@inner
def digest_rows(words: Any, n: int, column: Any, total: Any) -> None:
    """Add the hashes of the first ``n`` rows to a sum (see `add_to_total`).

    Some rows at a time are turned into columns first, so that all of them go through the same
    steps side by side: a processor hashes eight rows about as fast as one.

    Parameters
    ----------
    words
        The rows' memory as int64, shape ``(rows, 7)``.
    column
        Working space, shape ``(7, SIDE_BY_SIDE)``.
    """
    for start in range(0, n, SIDE_BY_SIDE):
        count = min(SIDE_BY_SIDE, n - start)
        for i in range(count):
            for k in range(7):
                column[k, i] = words[start + i, k]
        _digest_columns(column, count, total)


@inner
def _digest_columns(column: Any, count: int, total: Any) -> None:
    # The low lane is summed in halves, which can't overflow: a carry is a branch.
    quarter = 0
    half = 0
    high = 0
    for i in range(count):
        x = K3
        y = K2
        for k in range(7):
            w = column[k, i]
            x = (x ^ w) * K1
            x ^= x >> 32
            y = (y + w) * K2
            y ^= y >> 29
        y = (y ^ x) * K3
        y ^= y >> 31
        quarter += x & _HALF
        half += (x >> 32) & _HALF
        high += y
    half += quarter >> 32
    add_to_total(total, (half << 32) | (quarter & _HALF), high + (half >> 32))


@inner
def add_to_total(total: Any, low: int, high: int) -> None:
    """Add two lanes to the 128-bit sum in ``total[0]`` (low) and ``total[1]`` (high)."""
    total[0] += low
    # The carry of an unsigned sum: it came out smaller than what was added.
    if (total[0] ^ _LOWEST) < (low ^ _LOWEST):
        total[1] += 1
    total[1] += high


def words_of(rows: Any) -> Any:
    """Return the memory of contiguous rows as int64, shape ``(n, 7)``."""
    return rows.view(np.ndarray).view(np.int64).reshape(-1, 7)


def add_digests(a: int, low: int, high: int) -> int:
    """Return the 128-bit sum of ``a`` and the two lanes."""
    mask = (1 << 64) - 1
    return (a + (int(low) & mask) + ((int(high) & mask) << 64)) & ((1 << 128) - 1)


def hex_digest(total: int) -> str:
    """Return the digest as 32 hexadecimal digits."""
    return f"{total:032x}"
