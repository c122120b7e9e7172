"""From the offers that a brand declares to the records that rules read."""

from __future__ import annotations

from typing import Any, Final

from omnilab.kernels.record import record_array
from omnilab.scenario.goods import goods_in
from omnilab.scenario.model import Scenario
from omnilab.scenario.offer_bounds import channels_of_places, goods_bound
from omnilab.scenario.offers import Offer, goods_of
from omnilab.world.offers import LoweredCoupon

__all__ = ["lower_offers"]

DAY: Final = 86400


def lower_offers(scenario: Scenario) -> Any:
    """Return the records of `Brand.offers`, in the scenario's order."""
    lowered = record_array(LoweredCoupon, len(scenario.brand.offers))
    for to, offer in zip(lowered, scenario.brand.offers, strict=True):
        _lower(to, offer, scenario)
    return lowered


def _lower(to: Any, offer: Offer, scenario: Scenario) -> None:
    time, names = scenario.time, [c.name for c in scenario.channels]
    to.share, to.cents = offer.share, round(offer.amount * 100)
    worth = offer.amount
    if offer.gift is not None:
        to.gift, to.gift_cost = round(offer.gift.worth * 100), round(offer.gift.cost * 100)
        worth = offer.gift.worth
    to.minimum = round(offer.minimum * 100)
    to.category = -1
    if offer.category is not None:
        to.category = [c.name for c in scenario.categories].index(offer.category)
    bound_to = offer.channels or channels_of_places(offer, scenario)
    to.channels = sum(1 << names.index(name) for name in bound_to) or -1
    places = [place.name for place in scenario.places]
    to.places = sum(1 << places.index(name) for name in offer.places) or -1
    to.first = time.burn_in + offer.from_day * DAY if offer.from_day > 0 else 0
    end = time.burn_in + time.window + time.run_out
    to.last = end if offer.to_day is None else time.burn_in + (offer.to_day + 1) * DAY - 1
    to.lasts = offer.lasts or scenario.world.response.offer_lasts
    to.code = int(offer.code)
    to.goods = -1
    prices = [c.spend.mean for c in goods_of(offer, scenario.categories)]
    if offer.is_for_goods:
        goods, bound = goods_in(scenario.categories), goods_bound(offer, scenario)
        to.goods = sum(1 << g for g in bound)
        prices = [goods[g][1].price for g in bound]
    mean = sum(prices) / len(prices)
    to.depth = offer.share + min(worth / mean, 1.0)
