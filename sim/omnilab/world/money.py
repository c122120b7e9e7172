"""Prices, discounts, margin: integer cents."""

from __future__ import annotations

from typing import Any

from omnilab.kernels.compiling import inner

__all__ = ["completes", "discount_cents", "margin_cents"]

import math

from omnilab.world.intent import logistic


@inner
def discount_cents(person: Any, t: int, value: int, points_worth: int) -> int:
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
def completes(M: Any, channel: Any, on_phone: bool, discount_share: float) -> float:
    """Return the chance that a cart is bought in the visit in which the person stands before it."""
    if channel.completes >= 1.0:
        return 1.0
    x = channel.completes_logit + M.w[0].offer * discount_share
    if on_phone:
        x += channel.phone_logit
    return logistic(x)
