"""The log's digest: the sum modulo 2**128 of a hash of each row.

A sum needs no order, so cells, chunks, threads and machines add up to one number. The hash mixes
a row's seven 64-bit words, its key among them, into two lanes of 64 bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab._jit import inner

__all__ = ["add_digests", "digest_rows", "hex_digest", "words_of"]

K1 = -0x61C8864680B583EB  # 2**64 / golden ratio, odd
K2 = -0x3D4D51C2D82B14B1
K3 = -0x4B47C1C1A1D6A3E9
_LOWEST = -(1 << 63)


@inner
def digest_rows(words: Any, n: int, m: Any) -> None:
    """Add the hashes of the first ``n`` rows to ``m.digest_low`` and ``m.digest_high``.

    Parameters
    ----------
    words
        The rows' memory as int64, shape ``(rows, 7)``.
    """
    low = m.digest_low
    high = m.digest_high
    for i in range(n):
        x = K3
        y = K2
        for k in range(7):
            w = words[i, k]
            x = (x ^ w) * K1
            x ^= x >> 32
            y = (y + w) * K2
            y ^= y >> 29
        y = (y ^ x) * K3
        y ^= y >> 31
        low += x
        # The carry of an unsigned sum: it came out smaller than what was added.
        if (low ^ _LOWEST) < (x ^ _LOWEST):
            high += 1
        high += y
    m.digest_low = low
    m.digest_high = high


@inner
def add_to_total(total: Any, low: int, high: int) -> None:
    """Add two lanes to the 128-bit sum in ``total[0]`` (low) and ``total[1]`` (high)."""
    total[0] += low
    if (total[0] ^ _LOWEST) < (low ^ _LOWEST):
        total[1] += 1
    total[1] += high


def words_of(rows: Any) -> Any:
    """Return the memory of contiguous rows as int64, shape ``(n, 7)``."""
    return rows.view(np.ndarray).view(np.int64).reshape(-1, 7)


def digest_of(rows: Any) -> tuple[int, int]:
    """Return (low, high) of an array of rows: the same as `digest_rows`, with NumPy."""
    words = words_of(np.ascontiguousarray(rows))
    with np.errstate(over="ignore"):
        x = np.full(len(words), K3, dtype=np.int64)
        y = np.full(len(words), K2, dtype=np.int64)
        for k in range(7):
            w = words[:, k]
            x = (x ^ w) * np.int64(K1)
            x ^= x >> 32
            y = (y + w) * np.int64(K2)
            y ^= y >> 29
        y = (y ^ x) * np.int64(K3)
        y ^= y >> 31
    mask = (1 << 64) - 1
    total = sum(int(v) & mask for v in x) + (sum(int(v) & mask for v in y) << 64)
    return total & mask, (total >> 64) & mask


def add_digests(a: int, low: int, high: int) -> int:
    """Return the 128-bit sum of ``a`` and the two lanes."""
    mask = (1 << 64) - 1
    return (a + (int(low) & mask) + ((int(high) & mask) << 64)) & ((1 << 128) - 1)


def hex_digest(total: int) -> str:
    """Return the digest as 32 hexadecimal digits."""
    return f"{total:032x}"
