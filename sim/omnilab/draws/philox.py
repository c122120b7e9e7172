"""Philox4x32-10, the counter-based generator behind every draw.

A draw's address is (seed, replication, stream, entity, occasion). The first two make the key,
the rest the counter, so a draw costs the same whatever was drawn before, and changes nothing else.

References
----------
Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. The known
answers of its reference implementation are in the tests.
"""

from __future__ import annotations

from omnilab.kernels.compiling import inlined_kernel, kernel

__all__ = ["draw4", "make_key", "permute64", "philox4x32", "unit"]

MASK = 0xFFFFFFFF


@kernel
def draw4(
    k0: int, k1: int, stream: int, entity: int, occasion: int
) -> tuple[float, float, float, float]:
    """Return four uniforms in (0, 1) at one address.

    Parameters
    ----------
    k0, k1
        Key of (seed, replication), from `make_key`.
    stream
        Named decision point, 0..255.
    entity
        Who, 0 <= entity < 2**56.
    occasion
        Which time, 0 <= occasion < 2**63.
    """
    occasion = int(occasion)  # a NumPy integer would keep its width in plain Python
    entity = int(entity)
    a, b, c, d = philox4x32(
        occasion & MASK,
        (occasion >> 32) & MASK,
        entity & MASK,
        ((entity >> 32) & 0xFFFFFF) | (int(stream) << 24),
        int(k0),
        int(k1),
    )
    return unit(a), unit(b), unit(c), unit(d)


@kernel
def unit(bits: int) -> float:
    """Map 32 bits to the middle of their cell of (0, 1); never 0 or 1."""
    return (bits + 0.5) * 2.3283064365386963e-10


@inlined_kernel
def philox4x32(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Return the four 32-bit words of Philox4x32-10 at a counter, all arguments in 0..2**32-1.

    It becomes a part of its caller, so that a loop can draw side by side.
    """
    # Signed 64-bit products wrap in compiled code and grow in Python; the masks make them equal.
    for _ in range(10):
        p = 0xD2511F53 * c0
        q = 0xCD9E8D57 * c2
        c0 = ((q >> 32) & MASK) ^ c1 ^ k0
        c1 = q & MASK
        c2 = ((p >> 32) & MASK) ^ c3 ^ k1
        c3 = p & MASK
        k0 = (k0 + 0x9E3779B9) & MASK
        k1 = (k1 + 0xBB67AE85) & MASK
    return c0, c1, c2, c3


@kernel
def make_key(seed: int, replication: int) -> tuple[int, int]:
    """Return the 2x32-bit key of a seed (0 <= seed < 2**63) and a replication."""
    a, b, _, _ = philox4x32(seed & MASK, (seed >> 32) & MASK, replication & MASK, 0x6F6D6E69, 0, 0)
    return a, b


@kernel
def permute64(value: int, key: int) -> int:
    """Return a keyed permutation of 0 <= value < 2**62, so that a code says nothing of its person.

    Six Feistel rounds over two 31-bit halves with Philox's multiply as the round function:
    a bijection on 62 bits, non-negative.
    """
    value = int(value)
    key = int(key)
    left = (value >> 31) & 0x7FFFFFFF
    right = value & 0x7FFFFFFF
    for i in range(6):
        p = 0xD256D193 * (right ^ ((key + i * 0x9E3779B9) & 0x7FFFFFFF))
        mixed = ((p >> 32) ^ p) & 0x7FFFFFFF
        left, right = right, left ^ mixed
    return (left << 31) | right
