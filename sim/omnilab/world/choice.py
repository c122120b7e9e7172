"""Channel choice: a multinomial logit over the channels a person can go to at that hour.

It has two stages, search and then purchase. A channel's utility has four
parts: what the persona likes, inertia, the spill-over of messages, and a need's ripeness, which
favours channels where one can complete. Where visits happen at places, the way there is a fifth
part (`omnilab.world.places`), and where channels are learnt, the effort
(`omnilab.world.familiarity`). docs/reference/parameters.md has the size of each.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Floats, Record, f8, i1, i8
from omnilab.parameters.declared import Parameters, Times, key
from omnilab.parameters.quantity import Logit, Share
from omnilab.world.changes import is_shut, shift_of
from omnilab.world.clock import local
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.offers import draws_to
from omnilab.world.places import is_nowhere

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "Choice",
    "IdleChannel",
    "LastPlace",
    "LoweredChoice",
    "can_go",
    "choose",
    "choose_idle",
    "idle_rate_at",
    "is_drawn",
    "is_open",
    "landing_of",
    "pick_by_weight",
    "service_channel",
]


class Choice(Parameters):
    """Two-stage logit of channels: utility, intent, inertia, spill-over."""

    inertia: Logit = key(
        1.0,
        "What having been the last channel adds to a channel's utility.",
        unit="logit",
        kind="A",
    )
    spill: Logit = key(
        0.5,
        "What a message just seen adds to the utility of its landing channel.",
        unit="logit",
        kind="A",
    )
    spill_decay_per_day: Times = key(
        0.36, "How fast that spill-over fades.", unit="per day", kind="P/D", source="SAHNI"
    )
    intent_for_completion: Logit = key(
        0.8,
        "How strongly a ripe need prefers channels where it can be completed: per unit of stock "
        "and of `completes` above .3.",
        unit="logit",
        kind="A",
    )
    waits: Share = key(
        0.0,
        "Chance that who would rather go to a place that is closed goes there when it is open "
        "again, instead of somewhere else at once.",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("0%", "100%"),
    )


class LoweredChoice(Record):
    """What the rules read of `Choice`."""

    inertia: f8
    spill: f8
    spill_decay: f8  # a second
    closing: f8
    waits: f8


@fills(LoweredChoice)
def _lower(scenario: ScenarioParts) -> Values:
    choice = scenario.world.choice
    return {
        "spill_decay": choice.spill_decay_per_day / 86400.0,
        "closing": choice.intent_for_completion,
    }


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
def is_drawn(model: Model) -> bool:
    """Tell whether anything draws persons to channels by `cell.pull`: places, use, or habit."""
    if model.routine.pull > 0.0:
        return True
    return bool(model.places.on == 1 or model.familiarity.on == 1)


@inner
def choose(
    model: Model, person: Person, t: int, local: int, stock: float, u: float, weight: Floats,
    pull: Floats, anywhere: int,
) -> int:  # fmt: skip
    """Return the channel of a visit for a need, or -1 where none can be had.

    Parameters
    ----------
    anywhere
        1 to choose among closed places, too.
    stock
        The need's stimulus stock.
    u
        Uniform in (0, 1).
    weight
        Scratch, shape ``(n_channels,)``.
    pull
        Factors on the weights, of the same shape; read only where `is_drawn` says so.
    """
    n = len(model.ch)
    prefers = model.prefers[person.persona]
    total = 0.0
    for c in range(n):
        channel = model.ch[c]
        weight[c] = 0.0
        if channel.visits == 0 or (person.reach >> c) & 1 == 0:
            continue
        if anywhere == 0 and not is_open(channel, local):
            continue
        x = channel.utility + prefers[c] + model.choice.closing * stock * (channel.completes - 0.3)
        if person.last_channel == c:
            x += model.choice.inertia
        if person.spill_channel == c:
            age = t - person.spill_t
            x += model.choice.spill * person.spill * math.exp(-model.choice.spill_decay * age)
        if person.coupon > 0 and model.offers.pulls > 0.0:
            x += draws_to(model, person, c, t)
        if len(model.change) > 0:
            if is_shut(model, c, t):
                continue
            x += shift_of(model, person, c, t)
        weight[c] = math.exp(min(x, MOST))
        if is_drawn(model):
            weight[c] *= pull[c]
        total += weight[c]
    return pick_by_weight(weight, n, total, u)


@inner
def choose_idle(model: Model, person: Person, t: int, u: float) -> int:
    """Return the channel of a visit without a need, -1 where none can be had.

    In proportion to the idle rates of the channels that the person can go to now: the rates are
    laid end to end, and ``u`` is a place on them.
    """
    second = local(model, t) % 86400
    total = 0.0
    for k in range(len(model.idle)):
        total += idle_rate_at(model.idle[k], person.reach, second)
    up_to = 0.0
    chosen = -1
    for k in range(len(model.idle)):
        rate = idle_rate_at(model.idle[k], person.reach, second)
        if rate > 0.0 and u * total >= up_to:
            chosen = int(model.idle[k].channel)
        up_to += rate
    return chosen


@inner
def idle_rate_at(idle: IdleChannel, reach: int, second: int) -> float:
    """Return a channel's visits without a need: those of a person who can go there now.

    Parameters
    ----------
    reach
        The person's, a bit by channel.
    second
        Of the local day.
    """
    can = (reach >> idle.channel) & 1 == 1 and idle.opens <= second < idle.closes
    return float(idle.rate) if can else 0.0


@inner
def pick_by_weight(weight: Floats, n: int, total: float, u: float) -> int:
    """Return which of ``n`` to take, each as likely as its weight says, by uniform ``u``; or -1."""
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
    if model.places.on == 1 and is_nowhere(model, c, t):
        return False
    if len(model.change) > 0 and is_shut(model, c, t):
        return False
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
