"""Getting what was ordered: which way of delivery, when it was promised and when it comes.

A cart is bought with one of the ways that its place offers. What a way is worth to a person is in
logits of buying the cart:

    worth = likes - offer * fee_weight * fee / value - per_day * (promised - usual)

where ``offer`` is what a discount of all of the value adds (`omnilab.world.response.Response`). The
person takes a way by a logit choice, and its worth is added to the logit of buying the cart. What
comes when the need is over is no way for that need.

A parcel takes ``promised * exp(spread * (z - z0))``, z normal and z0 such that the share ``late``
comes after the promise. A parcel with a slot comes within it, evenly, or late: then after it, by an
exponential time of half a slot's length.

References
----------
M. Fisher, S. Gallino and J. Xu, "The value of rapid delivery in omnichannel retailing", Journal of
Marketing Research 56 (2019); A. Bower and J. Maxham, "Return shipping policies of online
retailers", Journal of Marketing 76 (2012).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Few, Parameters, Part, key
from omnilab.parameters.quantity import DAY, Duration, Share
from omnilab.world.lines import exponential
from omnilab.world.slots import first_slot, slot_ends

if TYPE_CHECKING:
    from omnilab.kernels.record import Floats
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = [
    "NO_WAY",
    "Fulfilment",
    "LoweredFulfilment",
    "Way",
    "choose_way",
    "fee_of",
    "minds",
    "promised_at",
    "return_chance",
    "taken_by",
    "tops_up",
    "worth_of",
]

TAKES_WAY: Final = stream("TAKES_WAY", 124)  # person and family, occasion: which way, tops up
UNDER_WAY: Final = stream("UNDER_WAY", 125)  # person, need: how long, where in the slot, how late
MINDED: Final = stream("MINDED", 126)  # person, need: late minded, leaves, fee minded, leaves

NO_WAY: Final = -1
SOONEST: Final = 60  # seconds: nothing comes faster
SECONDS_A_DAY: Final = 86400.0
MOST_WORTH: Final = 500.0  # logits, so that no weight is infinite


class Fulfilment(Parameters):
    """What delivery, its fee and its delays mean to customers."""

    fee_weight: Few = key(
        1.0,
        "What a euro of fee weighs against a euro of discount.",
        unit="factor, no unit",
        kind="A",
        swept=("0.5", "3"),
    )
    per_day: Few = key(
        0.015,
        "What each day of promised time takes from the logit of buying a cart: sales online change "
        "by 1.5% for each business day.",
        unit="logit a day",
        kind="P/D",
        source="FISHER19: .015 * 5 / 7 / (1 - .30)",
    )
    usual: Duration = key(
        3 * DAY,
        "The promise at which `completes` of a place is as it says.",
        kind="A",
        swept=("1d", "7d"),
    )
    tops_up: Share = key(
        0.58,
        "Share that fills a basket which is a little short of free delivery.",
        kind="S",
        source="UPS14",
    )
    tops_up_within: Part = key(
        0.25,
        "A basket is a little short if no larger part of the free amount is missing.",
        unit="part of 1",
        kind="A",
        swept=("0.1", "0.5"),
    )
    late_annoys: Share = key(
        0.39,
        "Chance that a delivery after its promise is a bad experience: 39% are less likely to shop "
        "with that brand again.",
        kind="S",
        source="HUBBOX24",
    )
    return_fee_annoys: Share = key(
        0.5,
        "Chance that a return which costs a fee is a bad experience. A free one takes bad "
        "experiences back, as a good service contact does.",
        kind="A",
        source="BOWER12 (P) has the sign: who paid spends less afterwards",
        swept=("0%", "100%"),
    )
    collects_after: Annotated[Duration, Field(gt=0)] = key(
        12 * 3600,
        "Mean time from when an order is ready until it is collected, on the activity clock.",
        kind="A",
        swept=("2h", "2d"),
    )


class LoweredFulfilment(Record):
    """What the rules read of `Fulfilment`."""

    fee_weight: f8
    per_day: f8
    usual: f8  # seconds
    tops_up: f8
    tops_up_within: f8
    late_annoys: f8
    return_fee_annoys: f8
    collects_after: f8  # seconds


class Way(Record):
    """One way of delivery at one place (`omnilab.scenario.fulfilment.DeliveryWay`)."""

    channel: i8
    place: i8  # the channel where it is collected, -1: it is brought
    line: i8  # of the desk there, -1 none
    promised: i8  # seconds
    spread: f8
    z_late: f8  # normal quantile of what comes in time
    late: f8
    fee: i8  # cents
    free_from: i8  # cents of the basket, -1 never
    cost: i8  # cents that the brand pays
    likes: f8
    returns: f8  # logit
    return_fee: i8  # cents
    slots: i8  # a day, 0: it comes when it comes
    first_slot: i8  # where its slots begin in the cell
    ring: i8  # slots that are kept
    opens: i8  # second of the day of the first slot
    every: i8  # seconds
    capacity: i8
    ahead: i8  # seconds


@inner
def fee_of(way: Way, value: int, free: int = 0) -> int:
    """Return the fee of a way for a basket of ``value``, all in cents; ``free`` is 1 for none."""
    return 0 if free == 1 or 0 <= way.free_from <= value else int(way.fee)


@inner
def promised_at(cell: WorldCell, model: Model, n: int, t: int) -> tuple[int, int]:
    """Return (when way ``n`` promises to be there, the slot's number or -1); (-1, -1) if full."""
    way = model.way[n]
    if way.slots == 0:
        return t + int(way.promised), -1
    slot = first_slot(cell, model, n, t)
    return (slot_ends(way, slot), slot) if slot >= 0 else (-1, -1)


@inner
def worth_of(model: Model, n: int, value: int, delay: int, free: int = 0) -> float:
    """Return what a way adds to the logit of buying a cart; ``delay`` is the promise in seconds.

    ``free`` is 1 where the person pays no fee.
    """
    way, rules = model.way[n], model.fulfilment
    fee = rules.fee_weight * fee_of(way, value, free) / value
    late = rules.per_day * (delay - rules.usual) / SECONDS_A_DAY
    return float(way.likes - model.offers.offer * fee - late)


@inner
def choose_way(
    cell: WorldCell, model: Model, c: int, t: int, value: int, until: int, u: float, weight: Floats,
    free: int = 0,
) -> int:  # fmt: skip
    """Return the way that is taken at channel ``c``, `NO_WAY` where none comes in time.

    Parameters
    ----------
    value
        Of the basket, cents, above 0.
    until
        When the need ends.
    u
        A uniform.
    weight
        Scratch, shape ``(n,)`` for as many ways as a channel has at most.
    free
        1 where the person pays no fee.
    """
    first, n = int(model.ch[c].first_way), int(model.ch[c].ways)
    total = 0.0
    for k in range(n):
        at, _ = promised_at(cell, model, first + k, t)
        weight[k] = 0.0
        if 0 <= at <= until:
            weight[k] = math.exp(min(worth_of(model, first + k, value, at - t, free), MOST_WORTH))
        total += weight[k]
    if total <= 0.0:
        return NO_WAY
    rest, last = u * total, NO_WAY
    for k in range(n):
        if weight[k] > 0.0:
            last = first + k
            rest -= weight[k]
            if rest < 0.0:
                return last
    return last


@inner
def tops_up(model: Model, n: int, value: int, u: float) -> bool:
    """Tell by a uniform whether a basket is filled up to where way ``n`` costs nothing."""
    way, rules = model.way[n], model.fulfilment
    short = way.free_from - value
    if way.fee <= 0 or short <= 0 or short > rules.tops_up_within * way.free_from:
        return False
    return bool(u < rules.tops_up)


@inner
def taken_by(model: Model, n: int, entity: int, ordinal: int, promised: int, start: int) -> int:
    """Return how many seconds pass until an order is there, or ready to be collected.

    Parameters
    ----------
    promised
        Seconds from the order.
    start
        Seconds from the order to the beginning of its slot, -1 without one.
    """
    way = model.way[n]
    z, where, late, behind = draw4(model.key.k0, model.key.k1, UNDER_WAY, entity, ordinal)
    if start < 0:
        x = way.promised * math.exp(way.spread * (normal(z) - way.z_late))
        if way.late <= 0.0:
            x = min(x, float(way.promised))
        return int(min(max(x + 0.5, float(SOONEST)), 365.0 * SECONDS_A_DAY))
    if late < way.late:
        return promised + exponential(0.5 * way.every, behind)
    return start + int(where * way.every)


@inner
def minds(model: Model, entity: int, ordinal: int) -> tuple[float, float, float, float]:
    """Return uniforms: late is minded, and leaves; a fee for a return is minded, and leaves."""
    return draw4(model.key.k0, model.key.k1, MINDED, entity, ordinal)


@inner
def return_chance(model: Model, category: int, n: int) -> float:
    """Return the chance that an order is sent back: that of the category, by the way it came."""
    share = float(model.cat[category].returns)
    if n < 0 or model.way[n].returns == 0.0 or share <= 0.0 or share >= 1.0:
        return share
    odds = share / (1.0 - share) * math.exp(model.way[n].returns)
    return odds / (1.0 + odds)
