"""Compile the engine's inner functions into one, without counting references.

The engine calls several small functions for every row, each with a handful of tables. Calls
and counted references to the tables cost more than the work itself (a factor of two to three),
so these functions are always inlined. None of them makes an array, which is what allows
compiling them without Numba's own bookkeeping of memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from omnilab.kernels.compiling import inlined as hot
from omnilab.kernels.compiling import kernel

__all__ = ["hot", "hot_entry", "wide"]

wide: Any = np.int64  # a field as a number with a sign: Numba computes others as floats

F = TypeVar("F", bound=Callable[..., Any])


def hot_entry(function: F) -> F:
    """Compile a function that Python calls and that makes no arrays: no references counted."""
    compiled = kernel(function)
    options = getattr(compiled, "targetoptions", None)
    if options is not None:  # None where kernels run as plain Python
        options["_nrt"] = False
    return compiled
