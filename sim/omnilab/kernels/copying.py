"""Copy the front of one array of a bundle over another's."""

from __future__ import annotations

from typing import Any

from omnilab.kernels.bounds import check
from omnilab.kernels.modes import is_plain

__all__ = ["copy_front"]


def copy_front(to: Any, of: Any, count: int) -> None:
    """Copy the first ``count`` elements, or rows, of ``of`` over those of ``to``.

    Both have one dtype, and one dimension or two with as many columns.

    As a slice assignment Numba would compile the message of a shape error with all of its string
    formatting, which takes seconds. ``count`` must not exceed either length.
    """
    to[:count] = of[:count]


def _compiled() -> Any:
    """Return `copy_front` for compiled code: a copy of memory."""
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.extending import intrinsic

    @intrinsic
    def copy_front(_typing: Any, to: Any, of: Any, count: Any) -> Any:
        alike = to.dtype == of.dtype and to.ndim == of.ndim <= 2 and to.layout == of.layout == "C"
        if not alike or not isinstance(count, types.Integer):
            return None

        def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            one = context.make_array(to)(context, builder, arguments[0])
            two = context.make_array(of)(context, builder, arguments[1])
            for array in (one, two):
                end = builder.sub(arguments[2], ir.Constant(ir.IntType(64), 1))
                with builder.if_then(cgutils.is_not_null(builder, arguments[2])):
                    rows = cgutils.unpack_tuple(builder, array.shape)[0]
                    check(context, builder, end, rows, f"copy_front, {of.dtype}")
            count = arguments[2]
            if to.ndim == 2:
                count = builder.mul(count, cgutils.unpack_tuple(builder, one.shape)[1])
            cgutils.raw_memmove(builder, one.data, two.data, count, one.itemsize)
            return context.get_dummy_value()

        return types.void(to, of, types.int64), generate

    return copy_front


if not is_plain():
    copy_front = _compiled()
