"""Philox4x32-10 as its paper has it, in Python's unbounded integers: nothing can wrap here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

WORD = 1 << 32


def philox(counter: int, key: int) -> tuple[int, ...]:
    """Return the four words, lowest first, of a 128-bit counter under a 64-bit key."""
    x = [counter >> (32 * i) & (WORD - 1) for i in range(4)]
    k = [key & (WORD - 1), key >> 32]
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * x[0], WORD)
        high1, low1 = divmod(0xCD9E8D57 * x[2], WORD)
        x = [high1 ^ x[1] ^ k[0], low1, high0 ^ x[3] ^ k[1], low0]
        k = [(k[0] + 0x9E3779B9) % WORD, (k[1] + 0xBB67AE85) % WORD]
    return tuple(x)


def words(number: int, n: int) -> list[int]:
    """Cut a number into ``n`` words of 32 bits, lowest first."""
    return [number >> (32 * i) & (WORD - 1) for i in range(n)]


def undo_permute(value: int, key: int) -> int:
    """Take the six Feistel rounds of `permute64` back."""
    half = (1 << 31) - 1
    left, right = value >> 31, value & half
    for i in reversed(range(6)):
        product = 0xD256D193 * (left ^ ((key + i * 0x9E3779B9) & half))
        left, right = right ^ (((product >> 32) ^ product) & half), left
    return left << 31 | right


def plain(function: Any) -> Callable[..., Any]:
    """Return a kernel's plain Python."""
    return getattr(function, "py_func", function)
