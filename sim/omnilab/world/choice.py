"""Channel choice: a multinomial logit over the channels a person can go to at that hour.

It has two stages, search and then purchase. A channel's utility has four
parts: what the persona likes, inertia, the spill-over of messages, and a need's ripeness, which
favours channels where one can complete. docs/reference/parameters.md has the size of each.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Floats, Record, f8, i1, i8
from omnilab.world.clock import local

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "IdleChannel",
    "LastPlace",
    "LoweredChoice",
    "LoweredLookingAround",
    "can_go",
    "choose",
    "choose_idle",
    "is_open",
    "landing_of",
    "service_channel",
]


class LoweredChoice(Record):
    """The parameters: those of `scenario.behaviour.Choice`."""

    inertia: f8
    spill: f8
    spill_decay: f8  # a second
    closing: f8


class LoweredLookingAround(Record):
    """What the channels' hours mean for visits without a need."""

    closes: i8  # 1 if a channel with such visits closes at some hour
    reach: i8  # bits of those channels where none closes; -1 where one does or there is none


class IdleChannel(Record):
    """A channel that is visited without a need."""

    channel: i8
    rate: f8  # visits a week
    up_to: f8  # sum of the rates up to this channel's
    opens: i8  # second of the day
    closes: i8


class LastPlace(Record):
    """Where a person was last, and where the last message seen would lead."""

    last_channel: i1 = -1
    spill_channel: i1 = -1
    spill: f8 = 0.0
    spill_t: i8 = 0


MOST = 700.0  # a utility whose weight is still finite, and so are sixteen of them together


@inner
def is_open(channel: Channel, local: int) -> bool:
    """Tell whether a visit can start at ``local`` seconds of local civil time."""
    second = local % 86400
    return channel.opens <= second < channel.closes


@inner
def choose(
    model: Model, person: Person, t: int, local: int, stock: float, u: float, weight: Floats
) -> int:
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
    n = len(model.ch)
    prefers = model.prefers[person.persona]
    total = 0.0
    for c in range(n):
        channel = model.ch[c]
        weight[c] = 0.0
        if channel.visits == 0 or (person.reach >> c) & 1 == 0 or not is_open(channel, local):
            continue
        x = channel.utility + prefers[c] + model.choice.closing * stock * (channel.completes - 0.3)
        if person.last_channel == c:
            x += model.choice.inertia
        if person.spill_channel == c:
            age = t - person.spill_t
            x += model.choice.spill * person.spill * math.exp(-model.choice.spill_decay * age)
        weight[c] = math.exp(min(x, MOST))
        total += weight[c]
    return _pick(weight, n, total, u)


@inner
def choose_idle(model: Model, person: Person, t: int, u: float) -> int:
    """Return the channel of a visit without a need, in proportion to the channels' idle rates."""
    reach = int(person.reach)
    all_of_them = int(model.looking_around.reach)
    if reach & all_of_them == all_of_them:
        return _any_idle(model, u * person.idle_rate)
    second = 0
    total = float(person.idle_rate)
    if model.looking_around.closes == 1:
        second = local(model, t) % 86400
        total = 0.0
        for k in range(len(model.idle)):
            total += _idle_rate(model.idle[k], reach, second)
    x = u * total
    chosen = -1
    # To the end, without a branch: which channel it will be can't be predicted.
    for k in range(len(model.idle)):
        rate = _idle_rate(model.idle[k], reach, second)
        chosen = int(model.idle[k].channel) if rate > 0.0 and x >= 0.0 else chosen
        x -= rate
    return chosen


@inner
def _any_idle(model: Model, x: float) -> int:
    """Return the channel that ``x`` falls to, of all, open at any hour and laid end to end."""
    k = 0
    for i in range(len(model.idle) - 1):
        k += int(x >= model.idle[i].up_to)
    return int(model.idle[k].channel)


@inner
def _idle_rate(idle: IdleChannel, reach: int, second: int) -> float:
    """Return a channel's visits without a need: those of a person who can go there now."""
    can = (reach >> idle.channel) & 1 == 1 and idle.opens <= second < idle.closes
    return float(idle.rate) if can else 0.0


@inner
def _pick(weight: Floats, n: int, total: float, u: float) -> int:
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


@inner
def can_go(model: Model, person: Person, c: int, t: int) -> bool:
    """Tell whether the person has a way to channel ``c`` and it is open at ``t``."""
    return (person.reach >> c) & 1 == 1 and is_open(model.ch[c], local(model, t))


@inner
def landing_of(model: Model, person: Person, c: int, t: int) -> int:
    """Return the channel to which a click on a message of channel ``c`` leads, -1 if it can't."""
    landing = int(model.ch[c].landing)
    return landing if can_go(model, person, landing, t) else -1


@inner
def service_channel(model: Model, person: Person, u: float) -> int:
    """Return one of the person's service channels by uniform ``u``, each as likely, or -1."""
    n = 0
    for c in range(len(model.ch)):
        if model.ch[c].service == 1 and (person.reach >> c) & 1 == 1:
            n += 1
    k = int(u * n)
    for c in range(len(model.ch)):
        if model.ch[c].service == 1 and (person.reach >> c) & 1 == 1:
            if k == 0:
                return c
            k -= 1
    return -1
