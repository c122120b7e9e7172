"""How a person answers a message: delivered, seen, clicked, opted out.

Logits of the channel's base, the present need in what is shown, the hour, the creative and a
personal effect; attention falls with contact pressure. The intercepts are solved so that the
population's mean at one message a week is the published base rate (engine/calibrate.py).
"""

from __future__ import annotations

import math
from typing import Any

from omnilab.draws.inverse import normal
from omnilab.draws.whole import quotient
from omnilab.kernels.compiling import inner
from omnilab.world.clock import hour_level
from omnilab.world.intent import logistic

__all__ = ["address", "click_chance", "open_chance", "open_delay"]


@inner
def address(M: Any, person: Any, channel: int, t: int, creative: int) -> int:
    """Return the address of a message's draws: (channel, time slot, creative, exact repeat)."""
    slot = quotient(t, int(M.w[0].slot))
    key = (slot << 32) | (channel << 24) | (creative << 8)
    for i in range(4):
        if person.recent[i] == key:
            n = person.recent_n[i] + 1
            person.recent_n[i] = n if n < 120 else 120
            return key | int(person.recent_n[i])
    i = person.recent_at
    person.recent[i] = key
    person.recent_n[i] = 0
    person.recent_at = (i + 1) & 3
    return key


@inner
def open_chance(
    M: Any, person: Any, channel: Any, t: int, match: float, quality: float, factor: float
) -> float:
    """Return the chance that a delivered message is seen.

    Parameters
    ----------
    match
        Present need in what is shown, 0..1.
    quality
        The creative's own logit, owned by the scenario.
    factor
        Attention under pressure (or an ad's wear-out), 0..1.
    """
    if channel.base_open <= 0.0:
        return 0.0
    if channel.base_open >= 0.999999:
        return factor
    w = M.w[0]
    x = channel.open_logit + w.need * match + w.personal * person.effect + quality
    if w.hour != 0.0:  # else the hour changes nothing
        x += w.hour * (hour_level(M, t) - w.campaign_hour)
    if x == channel.open_logit:  # nothing tells this message from any other
        return channel.open_share * factor
    return logistic(x) * factor


@inner
def click_chance(M: Any, person: Any, channel: Any, match: float, quality: float) -> float:
    """Return the chance that a message seen is clicked (called, answered)."""
    if channel.base_click <= 0.0:
        return 0.0
    w = M.w[0]
    return logistic(channel.click_logit + w.need * match + w.personal * person.effect + quality)


@inner
def open_delay(channel: Any, u: float) -> int:
    """Return the seconds from delivery to opening: lognormal, at least one second."""
    if channel.delay_sigma <= 0.0:
        return 1 + int(channel.delay_median)
    x = channel.delay_sigma * normal(u)
    if x > 12.0:
        x = 12.0
    return 1 + int(channel.delay_median * math.exp(x))
