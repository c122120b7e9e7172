"""What an offer does: who uses it, what it is worth to whom, and what its message stirs besides.

An offer in hand is a share off (`Message.offer`) or one that the brand declares (`Brand.offers`):
a share, an amount or a gift, bound to a category, to channels or to days, and to goods or places
(`omnilab.world.offer_bounds`). A person who would buy where it holds uses it with chance

    P(uses) = logistic(logit(redeems) + steep * ln(s * worth / usual))

where ``worth`` is what it is worth at that order and ``s`` is the person's sensitivity to prices,
lognormal with mean 1. ``s`` also multiplies what money off adds to the logit of buying a cart.
Who does not use the offer keeps it until it ends. Whether a need's order uses it is one draw of
person and need, so coming back to the cart draws nothing anew.

Its message, once seen, stirs other needs as well: a part ``exposes`` of what a message seen adds
to the need that it shows. Open needs take it into their stock; where a category has no open need
it waits for the next one and fades as stocks do.

A message says where to buy, and one that is seen makes that place likelier (`Choice.spill`). Where
it pays for coming it persuades less: the person comes for the offer, and what the message says of
the place counts less, by the part `crowds`.

References
----------
Montaguti, Neslin and Valentini (2016), Marketing Science 35(2): a message that tells of several
channels made more customers of several without a coupon than with one, since it met less reactance.
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
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Amount, Logit, Share, Stimulus
from omnilab.world.intent import logistic

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.money import OfferInHand
    from omnilab.world.response import Message
    from omnilab.world.state import Person

__all__ = [
    "MOST_HELD",
    "LoweredCoupon",
    "Offers",
    "draws_to",
    "ends_at",
    "gift_cost",
    "has_offer",
    "holds",
    "keep_coupon",
    "keep_offer",
    "minds_refusal",
    "money_off",
    "persuades",
    "redeem_chance",
    "sensitivity_of",
    "use_up",
    "wants_to_use",
    "worth_of_offer",
]

REDEEMS: Final = stream("REDEEMS", 156)  # whether an order uses the offer: person and need
MOST_HELD: Final = 4  # offers that a person holds at once, at most
SENSITIVE: Final = stream("SENSITIVE", 157)  # a person's sensitivity to prices: person


class Offers(Parameters):
    """Who uses an offer, how prices weigh, and what an offer's message does besides."""

    redeems: Share = key(
        1.0,
        "Chance that a person of mean sensitivity who buys where an offer of the worth `usual` "
        "holds remembers it and takes the trouble. 1 is everybody, whatever it is worth.",
        kind="A",
        source="1: as without the key",
        swept=("5%", "100%"),
    )
    usual: Annotated[Amount, Field(gt=0)] = key(
        5.0, "The worth of an offer at which `redeems` holds.", kind="A", swept=("1 EUR", "20 EUR")
    )
    steep: Stimulus = key(
        1.0,
        "What an offer that is worth e times as much, or to a person e times as sensitive, adds "
        "to the logit of using it.",
        unit="logit per log of worth",
        kind="A",
        swept=("0", "2"),
    )
    spread: Annotated[Stimulus, Field(le=3)] = key(
        0.0,
        "Standard deviation over persons of the logarithm of their sensitivity to prices, which "
        "is lognormal with mean 1; 0 means that all are alike.",
        unit="logarithm, no unit",
        kind="A",
        source="off by default",
        swept=("0", "1"),
    )
    exposes: Share = key(
        0.0,
        "Part of `Intent.message_gain` that a message with an offer, once seen, adds to needs of "
        "other categories, and leaves for the next need of each category without an open one.",
        kind="A",
        source="off by default",
        swept=("0%", "100%"),
    )
    pulls: Logit = key(
        0.0,
        "What an offer of the whole value of a mean order adds to the utility of the channels "
        "that it is bound to; offers that hold everywhere draw nobody to one place.",
        unit="logit per unit of discount",
        kind="A",
        source="off by default",
        swept=("0", "10"),
    )
    holds: Annotated[int, Field(ge=1, le=MOST_HELD)] = key(
        1,
        "Offers that a person holds at once. Of several an order uses the one that is worth most "
        "where it is made; with 1 a new offer takes the place of the old one.",
        unit="offers",
        kind="A",
        source="1: as without the key",
        came_later=True,
        swept=("1", "4"),
    )
    crowds: Share = key(
        0.0,
        "How much less a message with an offer makes likely the place to which it leads "
        "(`Choice.spill`).",
        kind="A",
        source="off by default; sign of MONTAGUTI",
        came_later=True,
        swept=("0%", "100%"),
    )


class LoweredCoupon(Record):
    """A declared offer, as rules read it."""

    share: f8  # of the value, 0 none
    cents: i8  # off, 0 none
    gift: i8  # what a gift is worth to the person, cents
    gift_cost: i8  # and what it costs the brand, cents
    minimum: i8  # cents that the basket must have
    category: i8  # -1 any
    channels: i8  # where it must be used, a bit each; -1 anywhere
    goods: i8  # that it is for, a bit each; -1 all (omnilab.world.offer_bounds)
    places: i8  # kinds of places of a town where it must be used, a bit each; -1 anywhere
    first: i8  # seconds between which it holds
    last: i8
    lasts: i8  # seconds after it was seen
    code: i8  # 1: the place must know that it was given
    depth: f8  # its worth as a share of a mean order


@inner
def has_offer(message: Message) -> bool:
    """Tell whether a message brings a share off, or a declared offer."""
    return message.offer > 0.0 or message.coupon > 0


@inner
def persuades(model: Model, message: Message) -> float:
    """Return how much what a message says of a place counts, 0 to 1: less if it pays for it."""
    return 1.0 - model.offers.crowds if has_offer(message) else 1.0


@inner
def keep_offer(model: Model, person: OfferInHand, t: int, share: float) -> None:
    """Keep a share off that a message just seen gives, in place of any other offer."""
    person.offer = share
    person.offer_until = t + model.offers.lasts
    person.coupon = 0


@inner
def ends_at(model: Model, t: int, number: int) -> int:
    """Return when declared offer ``number``, from 1, ends that is seen at ``t``."""
    coupon = model.coupon[number - 1]
    return int(min(t + coupon.lasts, coupon.last))


@inner
def keep_coupon(model: Model, person: OfferInHand, t: int, number: int) -> bool:
    """Keep declared offer ``number``, from 1, in place of any other; tell whether it holds."""
    coupon = model.coupon[number - 1]
    until = ends_at(model, t, number)
    if until < t:
        return False
    person.offer = coupon.share
    person.offer_until = until
    person.coupon = number
    return True


@inner
def holds(
    model: Model, person: OfferInHand, t: int, category: int, channel: int, value: int
) -> bool:
    """Tell whether the offer in hand holds for an order of ``value`` cents at a channel."""
    if t > person.offer_until:
        return False
    if person.coupon == 0:
        return True
    coupon = model.coupon[person.coupon - 1]
    if t < coupon.first or value < coupon.minimum:
        return False
    if coupon.category >= 0 and coupon.category != category:
        return False
    return coupon.channels < 0 or (coupon.channels >> channel) & 1 == 1


@inner
def money_off(model: Model, person: OfferInHand, value: int) -> int:
    """Return the cents that the offer in hand takes off an order of ``value`` cents."""
    off = int(value * person.offer + 0.5)
    if person.coupon > 0:
        off += model.coupon[person.coupon - 1].cents
    return off if off < value else value


@inner
def worth_of_offer(model: Model, person: OfferInHand, value: int) -> int:
    """Return what the offer in hand is worth at an order of ``value`` cents: money, or a gift."""
    worth = money_off(model, person, value)
    if person.coupon > 0:
        worth += model.coupon[person.coupon - 1].gift
    return worth


@inner
def gift_cost(model: Model, person: OfferInHand) -> int:
    """Return what the gift in hand costs the brand, cents."""
    return int(model.coupon[person.coupon - 1].gift_cost) if person.coupon > 0 else 0


@inner
def sensitivity_of(model: Model, person: Person) -> float:
    """Return how strongly prices weigh with a person: lognormal, mean 1."""
    s = model.offers.spread
    if s <= 0.0:
        return 1.0
    u, _, _, _ = draw4(model.key.k0, model.key.k1, SENSITIVE, person.entity, 0)
    return math.exp(s * normal(u) - 0.5 * s * s)


@inner
def redeem_chance(model: Model, sensitivity: float, worth: float) -> float:
    """Return the chance that who buys where an offer of ``worth`` cents holds uses it."""
    usual = model.offers.redeems
    if usual >= 1.0:
        return 1.0
    if usual <= 0.0 or worth <= 0.0:
        return 0.0
    x = math.log(usual / (1.0 - usual))
    return logistic(x + model.offers.steep * math.log(sensitivity * worth / model.offers.usual))


@inner
def wants_to_use(model: Model, person: Person, ordinal: int, worth: int) -> bool:
    """Tell whether the order of a need would use the offer in hand, worth so many cents."""
    chance = redeem_chance(model, sensitivity_of(model, person), float(worth))
    if chance >= 1.0:
        return True
    u, _, _, _ = draw4(model.key.k0, model.key.k1, REDEEMS, person.entity, ordinal)
    return bool(u < chance)


@inner
def minds_refusal(model: Model, person: Person, ordinal: int) -> tuple[bool, float]:
    """Tell whether it is a bad experience that a code was not known, and a uniform for leaving.

    It annoys as steps do that have to be repeated (`Continuity.annoys`).
    """
    _, annoyed, leaves, _ = draw4(model.key.k0, model.key.k1, REDEEMS, person.entity, ordinal)
    return bool(annoyed < model.continuity.annoys), leaves


@inner
def draws_to(model: Model, person: Person, c: int, t: int) -> float:
    """Return what the offer in hand adds to the utility of channel ``c``."""
    if t > person.offer_until:
        return 0.0
    coupon = model.coupon[person.coupon - 1]
    if coupon.channels < 0 or (coupon.channels >> c) & 1 == 0 or t < coupon.first:
        return 0.0
    if coupon.places >= 0:  # it draws to these, not to all of the channel
        return 0.0
    return model.offers.pulls * sensitivity_of(model, person) * coupon.depth


@inner
def use_up(person: OfferInHand) -> None:
    """Let the offer in hand go: an order has used it."""
    person.offer_until = -1
    person.coupon = 0
