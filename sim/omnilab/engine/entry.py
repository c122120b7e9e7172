"""Calling a kernel from Python without the price of finding its version each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omnilab._jit import is_plain

__all__ = ["entry_point"]


def entry_point(kernel: Any, *example: Any) -> Callable[..., Any]:
    """Return the compiled function behind a kernel for arguments like ``example``.

    A call through Numba's dispatcher works out the types of all arguments anew, which costs more
    than most items of work do. Compiles (or loads from the cache) where there is none yet.
    """
    if is_plain():
        return kernel  # type: ignore[no-any-return]
    import numba

    signature = tuple(numba.int64 if isinstance(x, int) else numba.typeof(x) for x in example)
    kernel.compile(signature)
    return kernel.overloads[signature].entry_point  # type: ignore[no-any-return]
