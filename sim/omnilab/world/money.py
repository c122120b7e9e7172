"""Prices, discounts, margin: integer cents."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.world.intent import logistic

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model

__all__ = ["LoweredOffers", "OfferInHand", "completes", "discount_cents", "margin_cents"]


class LoweredOffers(Record):
    """The parameters of offers and of the loyalty card."""

    offer: f8  # logit of completing a cart per unit of discount
    lasts: i8  # seconds
    card: i8  # points that fill a card, 0 without one
    card_worth: i8  # cents


class OfferInHand(Record):
    """The discount that a message brought."""

    offer: f8 = 0.0  # share of the value
    offer_until: i8 = -1


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
def completes(model: Model, channel: Channel, on_phone: bool, discount_share: float) -> float:
    """Return the chance that a cart is bought in the visit in which the person stands before it."""
    if channel.completes >= 1.0:
        return 1.0
    x = channel.completes_logit + model.offers.offer * discount_share
    if on_phone:
        x += channel.phone_logit
    return logistic(x)
