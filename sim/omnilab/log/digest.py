"""The log's digest: the sum of a hash of each row, in two lanes modulo 2**64.

A sum needs no order, so cells, chunks, threads and machines add up to one number. A row's hash
begins with one word, the sum of its seven 64-bit words (its key among them), each multiplied by a
constant of its own. What high bits there are is folded into the low ones first, which are all
that reaches every bit of a product. From the word both lanes are mixed, so that rows can't make
up for each other. A row that differs by accident goes unseen once in 2**64.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from omnilab.kernels.compiling import inlined, inner
from omnilab.kernels.modes import is_plain

__all__ = ["add_digests", "digest_of", "digest_rows", "hex_digest", "words_of"]

_WORD: Final = 1 << 64

#: Of a row's words: the fraction of pi in hexadecimal, the last bit set, as signed words.
WEIGHTS: Final = (
    0x243F6A8885A308D3, 0x13198A2E03707345, 0xA4093822299F31D1 - _WORD, 0x082EFA98EC4E6C89,
    0x452821E638D01377, 0xBE5466CF34E90C6D - _WORD, 0xC0AC29B7C97C50DD - _WORD,
)  # fmt: skip
K1 = -0x61C8864680B583EB  # 2**64 / golden ratio, odd
K2 = -0x3D4D51C2D82B14B1
K3 = -0x4B47C1C1A1D6A3E9


def hash_eights(_words: Any, _n: int) -> tuple[int, int, int]:
    """Leave all rows to be hashed one by one, in plain Python."""
    return 0, 0, 0


if not is_plain():
    from omnilab.kernels.hash_eights import make_hash_eights

    hash_eights = make_hash_eights(WEIGHTS, (K1, K2, K3))


@inner
def digest_rows(words: Any, n: int, total: Any) -> None:
    """Add the hashes of the first ``n`` rows to the two lanes of a sum.

    Parameters
    ----------
    words
        The rows' memory as int64, shape ``(rows, 7)``.
    total
        Shape ``(2,)``: the low lane and the high one.
    """
    done, low, high = hash_eights(words, n)
    for i in range(done, n):
        x, y = hash_row(words, i)
        low += x
        high += y
    total[0] += low
    total[1] += high


@inlined
def hash_row(words: Any, i: int) -> tuple[int, int]:
    """Return the two lanes of the hash of row ``i``."""
    word = 0
    for k in range(len(WEIGHTS)):
        word += folded(words[i, k], 32) * WEIGHTS[k]
    low = folded(folded(word * K1, 32) * K2, 29)
    return low, folded((low + word) * K3, 31)


@inlined
def folded(word: int, bits: int) -> int:
    """Return a word with itself xored onto it so many bits further down."""
    return word ^ ((word >> bits) & ((1 << (64 - bits)) - 1))


def words_of(rows: Any) -> Any:
    """Return the memory of contiguous rows as int64, shape ``(n, 7)``."""
    return rows.view(np.ndarray).view(np.int64).reshape(-1, 7)


def digest_of(low: Any, high: Any) -> int:
    """Return the digest, 0..2**128 - 1, of a sum in two lanes, which may be signed words."""
    return (int(high) % _WORD) * _WORD + int(low) % _WORD


def add_digests(a: int, b: int) -> int:
    """Return the digest of what two digests are of; nothing is carried from lane to lane."""
    return digest_of(a + b, a // _WORD + b // _WORD)


def hex_digest(total: int) -> str:
    """Return the digest as 32 hexadecimal digits."""
    return f"{total:032x}"
