"""Fetch ahead what a kernel will need, so that it waits for many rows of memory at once.

It changes no result, so plain Python does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from omnilab.kernels.modes import is_plain

__all__ = ["prefetch_part", "prefetch_to_read", "prefetch_to_write"]


def _make(write: int, *, part: bool = False) -> Any:
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        address = builder.bitcast(builder.gep(array.data, [args[1]]), byte)
        if len(args) == 3:
            address = builder.gep(address, [args[2]])
        function = builder.module.declare_intrinsic(
            "llvm.prefetch", (byte,), ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        )
        # To be kept in all caches (3), data (1).
        builder.call(function, [address, word(write), word(3), word(1)])
        return context.get_dummy_value()

    def prefetch(typing_context: Any, array: Any, position: Any) -> Any:
        return types.void(array, types.intp), generate

    def prefetch_at(typing_context: Any, array: Any, position: Any, offset: Any) -> Any:
        return types.void(array, types.intp, types.intp), generate

    made = intrinsic(prefetch_at if part else prefetch)
    made.py_func = _nothing  # what plain Python does in its place, as of a compiled function
    return made


def _nothing(array: Any, position: int, offset: int = 0) -> None:
    """Stand in for the fetch in plain Python."""


#: Fetch the line of a flat position of a C-contiguous array; nothing happens outside of it.
prefetch_to_read: Final[Callable[[Any, Any], None]] = _nothing if is_plain() else _make(0)
prefetch_to_write: Final[Callable[[Any, Any], None]] = _nothing if is_plain() else _make(1)
#: Fetch the line of a byte of a record, counted from the record's first.
prefetch_part: Final[Callable[[Any, Any, int], None]] = (
    _nothing if is_plain() else _make(1, part=True)
)
