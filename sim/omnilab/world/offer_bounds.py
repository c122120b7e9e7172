"""Offers bound to goods or to places: where they act, on what, and what they draw a person to.

An offer that is bound to goods acts on an order with one of them in it. It takes off these lines
alone: with a share b, and lines of prices v_1 ... v_n of which those in B are bound,

    off = b * sum of v_j over j in B

and an amount takes off no more than these lines cost. A person who would use it counts on it while
it chooses: for a good g in B the price in its utility (`omnilab.world.goods`) is

    max(price_g - worth_g, one cent)

where ``worth_g`` is what the offer takes off that good alone, or what its gift is worth. The least
basket must be met by that good alone for the person to count on it; at the cart the basket counts.

An offer that is bound to places acts on a visit made at one of them. It draws to these places and
not to the whole channel: what draws a person there (Huff's attraction over the way,
`omnilab.world.places`) becomes ``exp(pulls * s * depth)`` times as much where the person chooses
where to go, with ``s`` the person's sensitivity to prices, as `omnilab.world.offers.draws_to` has
it of channels. The sum over places is a logsum, so for a channel with a single place the two are
the same.

References
----------
Huff (1964), "Defining and estimating a trading area", for the shares of places. McFadden (1974)
for the logit of goods. That a person counts on an offer at the price that it would pay is an
assumption.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.world.offers import holds, sensitivity_of, wants_to_use, worth_of_offer

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.money import OfferInHand
    from omnilab.world.needs import Need
    from omnilab.world.offers import LoweredCoupon
    from omnilab.world.state import Person, WorldCell

__all__ = ["acts_on", "counted_on", "is_bound_to_goods", "places_drawn_to", "price_with_offer"]


@inner
def is_bound_to_goods(model: Model, person: OfferInHand) -> bool:
    """Tell whether the offer in hand is for some goods only."""
    return bool(person.coupon > 0 and model.coupon[person.coupon - 1].goods >= 0)


@inner
def acts_on(
    cell: WorldCell, model: Model, person: OfferInHand, site: int, lines: int, value: int
) -> int:
    """Return the cents of an order on which the offer in hand acts, -1 where it does not.

    Parameters
    ----------
    site
        The place of the town where the visit is made, -1 none.
    lines
        The goods of the order, a bit each.
    value
        The order's, cents.
    """
    if person.coupon == 0:
        return value
    coupon = model.coupon[person.coupon - 1]
    if coupon.places >= 0 and (site < 0 or not _is_named(coupon, int(cell.site[site].kind))):
        return -1
    if coupon.goods < 0:
        return value
    bound, total = lines & int(coupon.goods), 0
    for g in range(len(model.good)):
        if (bound >> g) & 1 == 1:
            total += int(model.good[g].price)
    return total if total > 0 else -1


@inner
def _is_named(coupon: LoweredCoupon, kind: int) -> bool:
    """Tell whether an offer that is bound to places may be used at those of a kind."""
    return bool((coupon.places >> kind) & 1 == 1)


@inner
def counted_on(
    cell: WorldCell, model: Model, person: Person, t: int, channel: int, site: int, need: Need
) -> int:
    """Return the goods for which a person who chooses at a visit counts on the offer in hand.

    Parameters
    ----------
    site
        The place of the town where the visit is made, -1 none.

    Returns
    -------
    int
        The goods, a bit each; 0 without an offer that is bound to goods.
    """
    found = 0
    if not is_bound_to_goods(model, person):
        return found
    category, ordinal = int(need.category), int(need.ordinal)
    bound = int(model.coupon[person.coupon - 1].goods)
    for g in range(len(model.good)):
        price = int(model.good[g].price)
        if (bound >> g) & 1 == 0 or not holds(model, person, t, category, channel, price):
            continue
        if acts_on(cell, model, person, site, 1 << g, price) < 0:
            continue
        if wants_to_use(model, person, ordinal, worth_of_offer(model, person, price)):
            found |= 1 << g
    return found


@inner
def price_with_offer(model: Model, person: OfferInHand, g: int) -> float:
    """Return the part of a good's price that it costs a person who uses the offer in hand."""
    price = int(model.good[g].price)
    return max(price - worth_of_offer(model, person, price), 1) / price


@inner
def places_drawn_to(model: Model, person: Person, t: int) -> tuple[int, float]:
    """Return the kinds of places to which the offer in hand draws, and how many times as much.

    The kinds are a bit each, 0 where it draws to none.
    """
    if person.coupon == 0 or model.offers.pulls <= 0.0 or t > person.offer_until:
        return 0, 1.0
    coupon = model.coupon[person.coupon - 1]
    if coupon.places < 0 or t < coupon.first:
        return 0, 1.0
    drawn = model.offers.pulls * sensitivity_of(model, person) * coupon.depth
    return int(coupon.places), math.exp(drawn)
