"""The least of some numbers but one: eight at a time, in vector instructions.

A loop over them would be slower by the branches, and by the memory: the number left out would
have to be overwritten first, and the processor can't tell which of the reads behind has to wait.
"""

from __future__ import annotations

from typing import Any, Final

from omnilab._jit import is_plain

__all__ = ["ABREAST", "least_but"]

ABREAST: Final = 8
_MOST: Final = (1 << 63) - 1


def least_but(numbers: Any, eights: int, one: int) -> int:
    """Return the least number that isn't ``one``, 2**63 - 1 if there is none.

    Parameters
    ----------
    numbers
        int64, shape ``(n,)``.
    eights
        How many eights of them are looked at, from the first.
    """
    return min((int(x) for x in numbers[: ABREAST * eights] if x != one), default=_MOST)


def _compiled() -> Any:
    """Return `least_but` for compiled code."""
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.extending import intrinsic

    word = ir.IntType(64)
    vector = ir.VectorType(word, ABREAST)
    most = ir.Constant(vector, [_MOST] * ABREAST)

    def lesser(builder: Any, a: Any, b: Any) -> Any:
        return builder.select(builder.icmp_signed("<", a, b), a, b)

    def least(builder: Any, numbers: Any) -> Any:
        half = ABREAST // 2
        while half:
            places = [(i + half) % ABREAST for i in range(ABREAST)]
            mask = ir.Constant(ir.VectorType(ir.IntType(32), ABREAST), places)
            numbers = lesser(builder, numbers, builder.shuffle_vector(numbers, numbers, mask))
            half //= 2
        return builder.extract_element(numbers, ir.Constant(word, 0))

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        first = builder.bitcast(array.data, vector.as_pointer())
        alone = builder.insert_element(ir.Constant(vector, ir.Undefined), arguments[2], ir.Constant(word, 0))
        one = builder.shuffle_vector(alone, alone, ir.Constant(ir.VectorType(ir.IntType(32), ABREAST), [0] * ABREAST))
        so_far = cgutils.alloca_once_value(builder, most)
        with cgutils.for_range(builder, arguments[1]) as loop:
            numbers = builder.load(builder.gep(first, [loop.index]), align=8)
            numbers = builder.select(builder.icmp_signed("==", numbers, one), most, numbers)
            builder.store(lesser(builder, builder.load(so_far), numbers), so_far)
        return least(builder, builder.load(so_far))

    def least_but(_typing: Any, numbers: Any, _eights: Any, _one: Any) -> Any:
        return types.int64(numbers, types.int64, types.int64), generate

    return intrinsic(least_but)


if not is_plain():
    least_but = _compiled()
