"""Read and write arrays without a check: what the innermost loops need of the machine.

Numba lets a negative index count from the end, which takes three instructions at each access; a
link is a dozen accesses and little else, so the innermost loops use `load` and `store`. Positions
are flat, and arrays must be C-contiguous: others are refused when the kernel is compiled. The
debug build checks them (`omnilab.kernels.bounds`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from omnilab.kernels.bounds import check
from omnilab.kernels.modes import is_plain

__all__ = ["load", "read_word", "store", "wide"]

#: Widen a number from an array to 64 bits; to the type checker an `int`, as in plain Python.
wide: Final[Callable[[Any], int]] = np.int64  # type: ignore[assignment]


def _make_load() -> Any:
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        check(context, builder, args[1], array.nitems, f"load, {signature.args[0]}")
        value = builder.load(builder.gep(array.data, [args[1]]))
        return builder.sext(value, ir.IntType(64))

    def load(typing_context: Any, array: Any, position: Any) -> Any:
        return (types.int64(array, types.intp), generate) if _is_flat(array) else None

    return intrinsic(load)


def _make_store() -> Any:
    from numba import types
    from numba.extending import intrinsic

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        check(context, builder, args[1], array.nitems, f"store, {signature.args[0]}")
        kind = context.get_data_type(signature.args[0].dtype)
        value = args[2] if kind.width == 64 else builder.trunc(args[2], kind)
        builder.store(value, builder.gep(array.data, [args[1]]))
        return context.get_dummy_value()

    def store(typing_context: Any, array: Any, position: Any, value: Any) -> Any:
        signature = types.void(array, types.intp, types.int64)
        return (signature, generate) if _is_flat(array) and array.mutable else None

    return intrinsic(store)


def _is_flat(array: Any) -> bool:
    """Tell whether Numba's type of an array is one of signed integers without gaps."""
    from numba import types

    return (
        isinstance(array, types.Array)
        and array.layout == "C"
        and array.dtype in (types.int32, types.int64)
    )


def _make_word() -> Any:
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        check(context, builder, args[1], array.nitems, "read_word", span=8)
        address = builder.gep(array.data, [args[1]])
        # Strings begin anywhere, so the load must not count on alignment.
        return builder.load(builder.bitcast(address, ir.IntType(64).as_pointer()), align=1)

    def read_word(typing_context: Any, array: Any, position: Any) -> Any:
        return types.uint64(array, types.intp), generate

    return intrinsic(read_word)


def _word(array: Any, position: int) -> Any:
    return np.uint64(int.from_bytes(array[position : position + 8].tobytes(), sys.byteorder))


def _load(array: Any, position: int) -> Any:
    return wide(array.reshape(-1)[position])


def _store(array: Any, position: int, value: int) -> None:
    array.reshape(-1)[position] = value


#: Read eight bytes of an array of bytes from a position as one uint64.
read_word: Final[Callable[[Any, Any], Any]] = _word if is_plain() else _make_word()

#: Read an integer at a flat position of a C-contiguous array as int64; it must lie inside.
load: Final[Callable[[Any, Any], Any]] = _load if is_plain() else _make_load()

#: Write an integer to a flat position of a C-contiguous array; it must lie inside.
store: Final[Callable[[Any, Any, Any], None]] = _store if is_plain() else _make_store()
