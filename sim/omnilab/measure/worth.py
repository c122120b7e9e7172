"""What money counts for in the LTV: discounted to the window's start, in whole numbers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from omnilab.kernels.compiling import kernel
from omnilab.measure.layout import DAY_S, FIXED_BITS, RUN_END, WINDOW_START

__all__ = ["add_value", "rounded_value", "worth"]

Ints = Any  # int64 arrays; kernels also give the arrays of their bundles

_PART: Final = (1 << FIXED_BITS) - 1
_HALF: Final = 1 << (FIXED_BITS - 1)


@kernel
def worth(time: int, clock: Ints, discount: Ints) -> int:
    """Return what money at this moment counts for in the LTV, in 2**-FIXED_BITS."""
    start = clock[WINDOW_START]
    if time < start or time >= clock[RUN_END]:
        return 0
    return int(discount[min((time - start) // DAY_S, discount.shape[0] - 1)])


@kernel
def add_value(one: np.void, millicents: int, factor: int) -> None:
    """Add money times a factor in 2**-FIXED_BITS to a person's LTV; the product needs two words."""
    part = one["ltv_part"] + (millicents & _PART) * factor
    one["ltv"] += (millicents >> FIXED_BITS) * factor + (part >> FIXED_BITS)
    one["ltv_part"] = part & _PART


@kernel
def rounded_value(one: np.void) -> int:
    """Return a person's LTV to the nearest milli-cent."""
    return int(one["ltv"] + ((one["ltv_part"] + _HALF) >> FIXED_BITS))
