"""Checks of indices for what Numba's own do not see, in the debug build (``OMNILAB_BOUNDS=1``).

Numba checks the indices of arrays that it knows. Kernels also read by pointer: bundles' arrays, the
list of bundles, flat positions. Those places call `check`, which adds nothing to other builds.
"""

from __future__ import annotations

from typing import Any

from omnilab.kernels.modes import is_checked

__all__ = ["check"]


def check(context: Any, builder: Any, index: Any, size: Any, what: str, *, span: int = 1) -> None:
    """Add code that raises `IndexError` unless ``0 <= index <= size - span``.

    Parameters
    ----------
    context, builder
        Of the code that is being made.
    index, size
        LLVM values, int64.
    what
        The array, as the error names it.
    span
        Elements that are read from the index on.
    """
    if not is_checked():
        return
    from llvmlite import ir
    from numba.core import cgutils

    word = ir.IntType(64)
    after = builder.sub(size, ir.Constant(word, span - 1))
    index = builder.sext(index, word) if index.type.width < 64 else index
    # Above or below, in one comparison; with a size of 0 the end may be below 0.
    outside = builder.or_(
        builder.icmp_signed(">=", index, after),
        builder.icmp_signed("<", index, ir.Constant(word, 0)),
    )
    where = getattr(getattr(context, "fndesc", None), "qualname", "")
    with cgutils.if_unlikely(builder, outside):
        message = f"index out of bounds: {what}{f' in {where}' if where else ''}"
        context.call_conv.return_user_exc(builder, IndexError, (message,))
