"""Several offers at once: which a person keeps, thinks of and uses.

A person has one offer in hand (`omnilab.world.money.OfferInHand`), which every rule of
`omnilab.world.offers` is about, and up to ``holds - 1`` others put by, each with its own end,
bounds and code. With holds = 1 a new offer takes the place of the old one.

**Keeping.** A new offer comes into the hand, and the one that was there is put by. It takes a place
that is free or whose offer has ended. Where there is none, of those put by and the one that leaves
the hand the one is dropped that is worth least of a mean order,

    depth = share + min(amount or gift / mean order, 1)

and of equal ones the one that ends first, and of these the one that leaves the hand.

**Using.** Where a person stands before a price it takes into the hand, of the offers that hold for
the need at that place, the one that is worth most there: money off or a gift, as
`omnilab.world.offers.worth_of_offer` has it. Of equal ones it takes the one that ends first, and of
these the one in hand. So an order uses one offer at most, and of a chance of using that rises with
worth (`Offers.steep`) the best one has the highest. What holds nowhere here stays where it is. A
code that is not known at the till is found out by trying, and one is tried at each cart.

**Going.** Where a person chooses where to go, it thinks of the offer that draws most: of those that
are bound to channels or places the one of the greatest depth.

References
----------
None: how many offers a person minds at once is an assumption. That the best of those that hold is
used is what a person who wants the lower price does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import copier
from omnilab.world.money import OfferInHand
from omnilab.world.offer_bounds import acts_on
from omnilab.world.offers import MOST_HELD, holds, worth_of_offer

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.needs import Need
    from omnilab.world.state import WorldCell

__all__ = [
    "PUT_BY",
    "clear_wallet",
    "put_by",
    "take_best",
    "take_what_draws",
]

PUT_BY: Final = MOST_HELD - 1  # places beside the hand

_copy = copier(OfferInHand)


@inner
def clear_wallet(cell: WorldCell, model: Model, who: int) -> None:
    """Begin with nothing put by."""
    if model.offers.holds > 1:
        for k in range(PUT_BY):
            cell.held[who, k].offer_until = -1
            cell.held[who, k].coupon = 0


@inner
def _depth(model: Model, offer: OfferInHand) -> float:
    """Return what an offer is worth as a share of a mean order."""
    if offer.coupon > 0:
        return float(model.coupon[offer.coupon - 1].depth)
    return float(offer.offer)


@inner
def put_by(cell: WorldCell, model: Model, who: int, t: int) -> None:
    """Make room in the hand for a new offer: put the one that is there by, if it has not ended."""
    hand = cell.person[who]
    if model.offers.holds <= 1 or hand.offer_until < t:
        return
    place, least, ends = -1, _depth(model, hand), int(hand.offer_until)
    for k in range(model.offers.holds - 1):
        other = cell.held[who, k]
        if other.offer_until < t:
            place = k
            break
        depth, until = _depth(model, other), int(other.offer_until)
        if depth < least or (depth == least and until < ends):
            place, least, ends = k, depth, until
    if place >= 0:
        _copy(cell.held[who, place], hand)


@inner
def _swap(cell: WorldCell, who: int, k: int) -> None:
    """Take what is put by at a place into the hand, and put by what is there."""
    hand, other = cell.person[who], cell.held[who, k]
    offer, until, of = hand.offer, hand.offer_until, hand.offer_of
    code, silo, coupon = hand.offer_code, hand.offer_silo, hand.coupon
    _copy(hand, other)
    other.offer, other.offer_until, other.offer_of = offer, until, of
    other.offer_code, other.offer_silo, other.coupon = code, silo, coupon


@inner
def _worth_here(
    cell: WorldCell, model: Model, offer: OfferInHand, t: int, channel: int, site: int, need: Need
) -> int:
    """Return what an offer is worth at a need's cart at a place, cents; 0 where it does not hold.

    Before there is a cart, one that is for some goods counts at the dearest of them.
    """
    value, lines = int(need.value), int(need.goods_lines)
    if not holds(model, offer, t, int(need.category), channel, value):
        return 0
    if lines == 0 and offer.coupon > 0:
        bound, dearest = int(model.coupon[offer.coupon - 1].goods), -1
        for g in range(len(model.good) if bound >= 0 else 0):
            dearer = dearest < 0 or model.good[g].price > model.good[dearest].price
            if (bound >> g) & 1 == 1 and dearer:
                dearest = g
        lines = 1 << dearest if dearest >= 0 else 0
    base = acts_on(cell, model, offer, site, lines, value)
    return worth_of_offer(model, offer, base) if base > 0 else 0


@inner
def take_best(
    cell: WorldCell, model: Model, who: int, t: int, channel: int, site: int, need: Need
) -> None:
    """Take the offer into the hand that is worth most for a need at a place.

    Parameters
    ----------
    site
        The place of the town where the visit is made, -1 none.
    """
    if model.offers.holds <= 1:
        return
    hand = cell.person[who]
    best, most = -1, _worth_here(cell, model, hand, t, channel, site, need)
    ends = int(hand.offer_until)
    for k in range(model.offers.holds - 1):
        worth = _worth_here(cell, model, cell.held[who, k], t, channel, site, need)
        until = int(cell.held[who, k].offer_until)
        if worth > most or (worth == most and worth > 0 and until < ends):
            best, most, ends = k, worth, until
    if best >= 0:
        _swap(cell, who, best)


@inner
def _pull_of(model: Model, offer: OfferInHand, t: int) -> float:
    """Return the depth of an offer that draws to channels or places, 0 of any other."""
    if t > offer.offer_until or offer.coupon == 0:
        return 0.0
    coupon = model.coupon[offer.coupon - 1]
    if t < coupon.first or (coupon.channels < 0 and coupon.places < 0):
        return 0.0
    return float(coupon.depth)


@inner
def take_what_draws(cell: WorldCell, model: Model, who: int, t: int) -> None:
    """Take the offer into the hand that draws most to where it must be used, if any does."""
    if model.offers.holds <= 1 or model.offers.pulls <= 0.0:
        return
    best, most = -1, _pull_of(model, cell.person[who], t)
    for k in range(model.offers.holds - 1):
        pull = _pull_of(model, cell.held[who, k], t)
        if pull > most:
            best, most = k, pull
    if best >= 0:
        _swap(cell, who, best)
