"""Whole numbers that are never negative, divided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    import numpy as np  # compiled code gets it from omnilab.kernels.compiling

__all__ = ["quotient"]


@inner
def quotient(a: int, b: int) -> int:
    """Return ``a // b`` of whole numbers ``a >= 0`` and ``b > 0``.

    A signed quotient is rounded towards minus infinity, which takes compiled code more steps than
    the division itself. This one asks for no sign.
    """
    return int(np.uint64(a) // np.uint64(b))
