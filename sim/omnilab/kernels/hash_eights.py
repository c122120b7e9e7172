"""Eight rows' hashes at a time: the log's digest in vector instructions.

Eight rows are read as eight vectors, each of a row's seven words and one that belongs to the row
behind it, which has no weight. Numba's own loops would have to turn the rows into columns in
memory first, which takes longer than hashing them. A processor without such wide vectors does the
same in more instructions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from llvmlite import ir
from numba.core import cgutils
from numba.core import types as numba_types
from numba.extending import intrinsic as numba_intrinsic

from omnilab.kernels.bounds import check

__all__ = ["make_hash_eights"]

EIGHT: Final = 8
_WORD = ir.IntType(64)
_VECTOR = ir.VectorType(_WORD, EIGHT)

# Moves within 128 bits, then of 128 bits: each is one instruction.
_NEIGHBOURS: Final = (0, 8, 2, 10, 4, 12, 6, 14), (1, 9, 3, 11, 5, 13, 7, 15)
_PIECES: Final = (0, 1, 4, 5, 8, 9, 12, 13), (2, 3, 6, 7, 10, 11, 14, 15)

types: Any = numba_types
intrinsic: Any = numba_intrinsic


def make_hash_eights(weights: Sequence[int], multipliers: Sequence[int]) -> Any:
    """Return a function for compiled code that hashes rows by eights.

    It takes the rows' memory as int64, shape ``(rows, 7)``, and ``n``. It returns how many of the
    first ``n`` rows it hashed, and the two lanes of their sum. The rows behind these, at most
    eight, are for the caller to hash one by one: the last of eight must have a row behind it.

    Parameters
    ----------
    weights
        Of a row's seven words.
    multipliers
        The three that mix.
    """

    def hash_eights(_typing: Any, words: Any, _n: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array = context.make_array(words)(context, builder, arguments[0])
            first, rows = array.data, cgutils.unpack_tuple(builder, array.shape)[0]
            with builder.if_then(cgutils.is_not_null(builder, arguments[1])):
                end = builder.sub(arguments[1], ir.Constant(_WORD, 1))
                check(context, builder, end, rows, "the words of the log's rows")
            before_last = builder.sub(arguments[1], ir.Constant(_WORD, 1))
            blocks = builder.sdiv(before_last, ir.Constant(_WORD, EIGHT))
            sums = [cgutils.alloca_once_value(builder, _alike(0)) for _ in range(2)]
            with cgutils.for_range(builder, blocks) as loop:
                at = builder.mul(loop.index, ir.Constant(_WORD, EIGHT * len(weights)))
                lanes = _hash_block(builder, builder.gep(first, [at]), weights, multipliers)
                for place, lane in zip(sums, lanes, strict=True):
                    builder.store(builder.add(builder.load(place), lane), place)
            done = builder.mul(blocks, ir.Constant(_WORD, EIGHT))
            parts = [done, *(_sum(builder, builder.load(place)) for place in sums)]
            return context.make_tuple(builder, signature.return_type, parts)

        return types.UniTuple(types.int64, 3)(words, types.int64), generate

    return intrinsic(hash_eights)


def _hash_block(
    builder: Any, first: Any, weights: Sequence[int], multipliers: Sequence[int]
) -> tuple[Any, Any]:
    """Return the two lanes of eight rows' hashes; ``first`` points at the first row's words."""
    by_word = ir.Constant(_VECTOR, [*weights, 0])
    rows = []
    for i in range(EIGHT):
        place = builder.gep(first, [ir.Constant(_WORD, i * len(weights))])
        row = builder.load(builder.bitcast(place, _VECTOR.as_pointer()), align=8)
        rows.append(builder.mul(_fold(builder, row, 32), by_word))
    for places in (_NEIGHBOURS, _PIECES, _PIECES):
        rows = _add_pairs(builder, rows, *places)
    word = rows[0]  # of each row
    k1, k2, k3 = (_alike(k) for k in multipliers)
    low = _fold(builder, builder.mul(word, k1), 32)
    low = _fold(builder, builder.mul(low, k2), 29)
    return low, _fold(builder, builder.mul(builder.add(low, word), k3), 31)


def _add_pairs(builder: Any, rows: Sequence[Any], some: Sequence[int], rest: Sequence[int]) -> Any:
    """Take two vectors at a time, and add some of the elements of both to the rest."""
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return [builder.add(_pick(builder, a, b, some), _pick(builder, a, b, rest)) for a, b in pairs]


def _pick(builder: Any, a: Any, b: Any, places: Sequence[int]) -> Any:
    mask = ir.Constant(ir.VectorType(ir.IntType(32), EIGHT), list(places))
    return builder.shuffle_vector(a, b, mask)


def _fold(builder: Any, vector: Any, bits: int) -> Any:
    """Return words with themselves xored onto them so many bits further down."""
    return builder.xor(vector, builder.lshr(vector, _alike(bits)))


def _sum(builder: Any, vector: Any) -> Any:
    parts = [builder.extract_element(vector, ir.Constant(_WORD, i)) for i in range(EIGHT)]
    while len(parts) > 1:
        parts = [builder.add(a, b) for a, b in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


def _alike(number: int) -> Any:
    return ir.Constant(_VECTOR, [number] * EIGHT)
