"""Prices, discounts, margin: integer cents."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i1, i2, i8
from omnilab.world.device import PHONE, TABLET
from omnilab.world.intent import logistic
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model

__all__ = [
    "LoweredOffers",
    "OfferInHand",
    "completes",
    "discount_cents",
    "margin_cents",
    "returned_at",
]


class LoweredOffers(Record):
    """The parameters of offers (of `omnilab.world.response.Response`) and of the loyalty card."""

    offer: f8  # logit of completing a cart per unit of discount
    lasts: i8  # seconds
    card_worth: i8  # cents
    on: i8  # 1 where `omnilab.world.offers` says what comes of an offer
    redeems: f8
    usual: f8  # cents
    steep: f8
    spread: f8
    exposes: f8
    pulls: f8
    crowds: f8
    holds: i8  # offers at once


@fills(LoweredOffers)
def _lower(scenario: ScenarioParts) -> Values:
    response, loyalty = scenario.world.response, scenario.brand.loyalty
    offers = scenario.world.offers
    felt = offers.redeems < 1.0 or offers.spread > 0.0 or offers.exposes > 0.0
    felt = felt or offers.holds > 1
    return {
        "on": int(felt or len(scenario.brand.offers) > 0),
        "usual": offers.usual * 100.0,
        "offer": response.offer,
        "lasts": response.offer_lasts,
        "card_worth": round(loyalty.worth * 100),
    }


class OfferInHand(Record):
    """The offer that a message brought."""

    offer: f8 = 0.0  # share of the value
    offer_until: i8 = -1
    offer_of: i8 = -1  # id of the message
    offer_code: i8 = 0  # the address that it came to: what a code names
    offer_silo: i1 = -1  # and the silo that sent it
    coupon: i2 = 0  # number of a declared offer, from 1; 0 a share off


@inner
def discount_cents(person: OfferInHand, t: int, value: int, points_worth: int) -> int:
    """Return what comes off an order: the offer in hand and a full loyalty card."""
    off = points_worth
    if t <= person.offer_until:
        off += int(value * person.offer + 0.5)
    return off if off < value else value


@inner
def margin_cents(value: int, discount: int, margin: float, commission: float) -> int:
    """Return margin after discount and the marketplace's commission on what was paid."""
    return (
        int(math.floor(value * margin + 0.5))
        - discount
        - int(math.floor((value - discount) * commission + 0.5))
    )


@inner
def completes(
    model: Model, channel: Channel, device: int, discount_share: float, more: float
) -> float:
    """Return the chance that a cart is bought in the visit in which the person stands before it.

    ``more`` is what delivery adds to the logit (`omnilab.world.fulfilment.worth_of`).
    """
    if channel.completes >= 1.0:
        return 1.0
    x = channel.completes_logit + model.offers.offer * discount_share + more
    if device == PHONE:
        x += channel.phone_logit
    elif device == TABLET:
        x += channel.tablet_logit
    return logistic(x)


@inner
def returned_at(t: int) -> int:
    """Return when an order of ``t`` is sent back."""
    return t + 10 * 86400
