"""Calling a kernel from Python without the price of finding its version each time."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from omnilab.kernels.modes import is_plain
from omnilab.kernels.ways import chosen_way

__all__ = ["entry_point", "late_entry_point"]


def entry_point(kernel: Any, *example: Any) -> Callable[..., Any]:
    """Return the compiled function behind a kernel for arguments like ``example``.

    A call through Numba's dispatcher works out the types of all arguments anew, which costs more
    than most items of work do. Compiles (or loads from the cache) where there is none yet.
    """
    if is_plain():
        return kernel
    import numba

    chosen_way()  # so that Numba knows the types of bundles and records
    signature = tuple(numba.int64 if isinstance(x, int) else numba.typeof(x) for x in example)
    collecting = gc.isenabled()
    gc.disable()  # the compiler keeps what it makes; looking for garbage is a tenth of the time
    try:
        kernel.compile(signature)
    finally:
        if collecting:
            gc.enable()
    return kernel.overloads[signature].entry_point


def late_entry_point(kernel: Any, *example: Any) -> Callable[..., Any]:
    """Return a function that compiles a kernel on its first call: one engine in two needs it."""
    known: list[Callable[..., Any]] = []

    def call(*arguments: Any) -> Any:
        if not known:
            known.append(entry_point(kernel, *example))
        return known[0](*arguments)

    return call
