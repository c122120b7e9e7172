"""Channel choice: a multinomial logit over the channels a person can go to at that hour.

It has two stages, search and then purchase. A channel's utility has four
parts: what the persona likes, inertia, the spill-over of messages, and a need's ripeness, which
favours channels where one can complete. docs/reference/parameters.md has the size of each.
"""

from __future__ import annotations

import math
from typing import Any

from omnilab.kernels.compiling import inner
from omnilab.world.clock import local

__all__ = ["choose", "choose_idle", "is_open"]

MOST = 700.0  # a utility whose weight is still finite, and so are sixteen of them together


@inner
def is_open(channel: Any, local: int) -> bool:
    """Tell whether a visit can start at ``local`` seconds of local civil time."""
    second = local % 86400
    return channel.opens <= second < channel.closes


@inner
def choose(M: Any, person: Any, t: int, local: int, stock: float, u: float, weight: Any) -> int:
    """Return the channel of a visit for a need, or -1 where none can be had.

    Parameters
    ----------
    stock
        The need's stimulus stock.
    u
        Uniform in (0, 1).
    weight
        Scratch, shape ``(n_channels,)``.
    """
    n = len(M.ch)
    w = M.w[0]
    prefers = M.persona[person.persona].prefers
    total = 0.0
    for c in range(n):
        channel = M.ch[c]
        weight[c] = 0.0
        if channel.visits == 0 or (person.reach >> c) & 1 == 0 or not is_open(channel, local):
            continue
        x = channel.utility + prefers[c] + w.closing * stock * (channel.completes - 0.3)
        if person.last_channel == c:
            x += w.inertia
        if person.spill_channel == c:
            age = t - person.spill_t
            x += w.spill * person.spill * math.exp(-w.spill_decay * age)
        weight[c] = math.exp(min(x, MOST))
        total += weight[c]
    return _pick(weight, n, total, u)


@inner
def choose_idle(M: Any, person: Any, t: int, u: float) -> int:
    """Return the channel of a visit without a need, in proportion to the channels' idle rates."""
    reach = int(person.reach)
    all_of_them = int(M.w[0].idle_reach)
    if reach & all_of_them == all_of_them:
        return _any_idle(M, u * person.idle_rate)
    second = 0
    total = float(person.idle_rate)
    if M.w[0].idle_closes == 1:
        second = local(M, t) % 86400
        total = 0.0
        for k in range(len(M.idle)):
            total += _idle_rate(M.idle[k], reach, second)
    x = u * total
    chosen = -1
    # To the end, without a branch: which channel it will be can't be predicted.
    for k in range(len(M.idle)):
        rate = _idle_rate(M.idle[k], reach, second)
        chosen = int(M.idle[k].channel) if rate > 0.0 and x >= 0.0 else chosen
        x -= rate
    return chosen


@inner
def _any_idle(M: Any, x: float) -> int:
    """Return the channel that ``x`` falls to, of all, open at any hour and laid end to end."""
    k = 0
    for i in range(len(M.idle) - 1):
        k += int(x >= M.idle[i].up_to)
    return int(M.idle[k].channel)


@inner
def _idle_rate(idle: Any, reach: int, second: int) -> float:
    """Return a channel's visits without a need: those of a person who can go there now."""
    can = (reach >> idle.channel) & 1 == 1 and idle.opens <= second < idle.closes
    return float(idle.rate) if can else 0.0


@inner
def _pick(weight: Any, n: int, total: float, u: float) -> int:
    if total <= 0.0:
        return -1
    x = u * total
    last = -1
    for c in range(n):
        if weight[c] > 0.0:
            last = c
            x -= weight[c]
            if x < 0.0:
                return c
    return last
