"""Contact pressure: it fades over a week, dulls attention, and past an ideal drives opt-outs.

References
----------
GetResponse's opens by weekly sends fit n**-0.27 (parameters.md section 4); Godfrey et al. (2011)
for an ideal volume over all channels; Schmidt and Eisend (2015) for the wear-out of ads.
"""

from __future__ import annotations

import math
from typing import Any

from omnilab.kernels.compiling import inner

__all__ = ["attention", "feel_ad", "feel_message", "opt_out_factor", "pressure_of", "wear_out"]


@inner
def pressure_at(M: Any, person: Any, t: int) -> float:
    """Return what is left at ``t`` of the messages that the person has got."""
    return person.pressure * math.exp(-(t - person.pressure_t) / M.w[0].memory)


@inner
def exposure_at(M: Any, person: Any, t: int) -> float:
    """Return what is left at ``t`` of the ads that the person was shown."""
    return person.exposure * math.exp(-(t - person.exposure_t) / M.w[0].memory)


@inner
def weekly_messages(M: Any, pressure: float) -> float:
    """Return the weekly volume that a pressure stands for, over all channels.

    Sends spaced evenly at n a week leave a pressure of 1 / (exp(1/n) - 1) just before the next
    one (memory of one week), so n = 1 / log(1 + 1/pressure) is exact for them.
    """
    if pressure < 1e-9:
        return 0.0
    return M.w[0].memory_weeks / math.log(1.0 + 1.0 / pressure)


@inner
def pressure_of(M: Any, weekly: float) -> float:
    """Return the pressure that a weekly volume above 0 leaves, the inverse of `weekly_messages`."""
    return 1.0 / (math.exp(min(M.w[0].memory_weeks / weekly, 700.0)) - 1.0)


@inner
def feel_message(M: Any, person: Any, t: int, weight: float) -> float:
    """Add a delivered message to the person's pressure; return the weekly volume before it.

    Returns 0 at or below min(1, ideal) messages a week; no rule uses smaller values.
    """
    pressure = pressure_at(M, person, t)
    person.pressure = pressure + weight
    person.pressure_t = t
    return 0.0 if pressure <= person.calm else weekly_messages(M, pressure)


@inner
def feel_ad(M: Any, person: Any, t: int) -> float:
    """Add an ad that was shown to the person's exposure; return the exposure before it."""
    exposure = exposure_at(M, person, t)
    person.exposure = exposure + 1.0
    person.exposure_t = t
    return exposure


@inner
def attention(M: Any, weekly: float) -> float:
    """Return the factor on seeing a message: max(1, n)**-exponent."""
    if weekly <= 1.0 or M.w[0].exponent == 0.0:
        return 1.0
    return math.exp(-M.w[0].exponent * math.log(weekly))


@inner
def wear_out(M: Any, seen: float) -> float:
    """Return the factor on an ad's response: flat up to the peak, quadratic decline past it."""
    peak = M.w[0].wear_out
    if peak <= 0.0 or seen <= peak:
        return 1.0
    x = (seen - peak) / peak
    return 1.0 - x * x if x < 1.0 else 0.0


@inner
def opt_out_factor(M: Any, person: Any, weekly: float) -> float:
    """Return the factor on the opt-out hazard: 1 up to the personal ideal, then convex."""
    over = weekly / person.ideal - 1.0
    if over <= 0.0:
        return 1.0
    return 1.0 + M.w[0].convexity * over * over
