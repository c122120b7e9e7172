"""What money counts for in the LTV: discounted to the window's start, in whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from omnilab.kernels.compiling import inner
from omnilab.measure.layout import DAY_S, FIXED_BITS, RUN_END, WINDOW_START

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = ["MILLI", "earn", "rounded_value"]

MILLI: Final = 1000  # milli-cents in a cent
_PART: Final = (1 << FIXED_BITS) - 1
_HALF: Final = 1 << (FIXED_BITS - 1)


@inner
def earn(one: np.void, millicents: int, time: int, o: Observed, k: int) -> int:
    """Add money to a person's LTV, and what that adds to the rounded LTV to the day and the week.

    Parameters
    ----------
    one
        The person's record of `omnilab.measure.layout.PEOPLE`.
    millicents
        Earned, or spent if negative.
    time
        When, in s; before the window and after the run nothing counts.
    o, k
        As `omnilab.measure.tally.tally` takes them.

    Returns
    -------
    int
        What the money counts for, in 2**-FIXED_BITS: the discount factor, 0 if for nothing.
    """
    since = time - o.clock[WINDOW_START]
    if since < 0 or time >= o.clock[RUN_END]:
        return 0
    day = since // DAY_S
    factor = o.discount[min(day, o.discount.shape[0] - 1)]
    before = rounded_value(one)
    # The product needs two words.
    part = one["ltv_part"] + (millicents & _PART) * factor
    one["ltv"] += (millicents >> FIXED_BITS) * factor + (part >> FIXED_BITS)
    one["ltv_part"] = part & _PART
    gained = rounded_value(one) - before
    o.by_day[day]["ltv"] += gained
    o.by_week[k, 3 * (day // 7)] += gained
    return int(factor)


@inner
def rounded_value(one: np.void) -> int:
    """Return a person's LTV to the nearest milli-cent."""
    return int(one["ltv"] + ((one["ltv_part"] + _HALF) >> FIXED_BITS))
