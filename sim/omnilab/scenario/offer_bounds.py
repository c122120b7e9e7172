"""What a declared offer is bound to beside channels and days: goods, and stores of a town."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.errors import nearest
from omnilab.scenario.goods import goods_in

if TYPE_CHECKING:
    from omnilab.scenario.goods import Good
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.offers import Offer
    from omnilab.scenario.places import Place

__all__ = ["channels_of_places", "goods_bound", "wrong_bounds"]

ALWAYS: Final = 1 << 30  # a day after all others

Wrong = tuple[str, str] | None


def goods_bound(offer: Offer, scenario: Scenario) -> list[int]:
    """Return the numbers of the goods that an offer is for, all of its categories without bounds.

    A good is among them that is named, or of a group that is named, and in the band of prices.
    """
    found = []
    for g, (n, good) in enumerate(goods_in(scenario.categories)):
        if offer.category not in (None, scenario.categories[n].name):
            continue
        named = not (offer.goods or offer.groups)
        named = named or good.name in offer.goods or good.group in offer.groups
        if named and offer.price_from <= good.price <= (offer.price_to or good.price):
            found.append(g)
    return found


def channels_of_places(offer: Offer, scenario: Scenario) -> list[str]:
    """Return the channels of the stores at which an offer must be used."""
    stores = [p for p in scenario.places if p.name in offer.places]
    return list(dict.fromkeys(str(p.channel) for p in stores))


def wrong_bounds(offer: Offer, scenario: Scenario) -> Wrong:
    """Return the key and the sentence of what is wrong with an offer's bounds, or None."""
    return _wrong_goods(offer, scenario) or _wrong_places(offer, scenario)


def _wrong_goods(offer: Offer, scenario: Scenario) -> Wrong:
    if not offer.is_for_goods:
        return None
    field = next((f for f in ("goods", "groups", "price_to") if getattr(offer, f)), "price_from")
    goods = {good.name: (scenario.categories[n].name, good)
             for n, good in goods_in(scenario.categories)}  # fmt: skip
    if not goods:
        return field, "there are no goods to be for: give a category `goods`"
    for name in offer.goods:
        if name not in goods:
            return "goods", f"unknown good {name!r}{nearest(name, goods)}"
        category = goods[name][0]
        if offer.category not in (None, category):
            return "goods", (
                f"{name!r} is of {category}, and the offer holds for {offer.category}: write"
                f" category: {category}, or name goods of {offer.category}"
            )
    if wrong := _wrong_groups(offer, [one for _, one in goods.values()]):
        return wrong
    bound = goods_bound(offer, scenario)
    if not bound:
        return field, _no_good(offer, scenario)
    first = min(_arrives(list(goods.values())[g][1]) for g in bound)
    if offer.to_day is not None and first > offer.to_day:
        return "to_day", (
            f"{offer.to_day} is before the first good that it is for arrives, on day {first}: it"
            " would never hold"
        )
    return None


def _wrong_groups(offer: Offer, goods: list[Good]) -> Wrong:
    groups = list(dict.fromkeys(good.group for good in goods if good.group))
    for name in offer.groups:
        if name not in groups:
            there = nearest(name, groups) if groups else ": no good of categories has a group"
            return "groups", f"unknown group {name!r}{there}"
    return None


def _no_good(offer: Offer, scenario: Scenario) -> str:
    """Say that no good meets all that an offer asks for, and what goods there are."""
    here = [(n, g) for n, g in goods_in(scenario.categories)
            if offer.category in (None, scenario.categories[n].name)]  # fmt: skip
    if not here:
        return f"{offer.category} has no goods to be for: give the category `goods`"
    prices = [good.price for _, good in here]
    return (
        f"no good is all of what {offer.name!r} is for; those of"
        f" {offer.category or 'all categories'} cost {min(prices):g} to {max(prices):g}"
        f" {scenario.currency}"
    )


def _arrives(good: Good) -> int:
    return -1 if good.arrives is None else good.arrives


def _wrong_places(offer: Offer, scenario: Scenario) -> Wrong:
    stores = {p.name: p for p in scenario.places if p.kind == "store"}
    others = {p.name: p.kind for p in scenario.places if p.kind != "store"}
    for name in offer.places:
        if name in others:
            return "places", (
                f"{name!r} is a {others[name]}, where nobody buys of the brand"
                f"{nearest(name, stores) if stores else ''}: name a place of kind store"
            )
        if name not in stores:
            there = nearest(name, stores) if stores else ": there are no stores in `places`"
            return "places", f"unknown place {name!r}{there}"
        channel = stores[name].channel
        if offer.channels and channel not in offer.channels:
            return "places", (
                f"{name!r} is a place of {channel}, where the offer does not hold: add {channel}"
                f" to its channels ({', '.join(offer.channels)}), or leave them out"
            )
        if channel not in _sellers(scenario):
            return "places", (
                f"nobody buys at {name!r}: the visits of {channel} have `completes` 0; people buy"
                f" on {', '.join(_sellers(scenario))}"
            )
    if offer.places and all(_is_gone(stores[name], offer) for name in offer.places):
        days = f"from day {offer.from_day}" + (
            f" to {offer.to_day}" if offer.to_day is not None else " on"
        )
        return "places", f"none of {', '.join(offer.places)} is there {days}: it would never hold"
    return None


def _sellers(scenario: Scenario) -> list[str]:
    return [c.name for c in scenario.channels if c.visit and c.visit.completes > 0]


def _is_gone(place: Place, offer: Offer) -> bool:
    """Tell whether a store is not there on any day on which an offer holds."""
    first = 0 if place.opens_on is None else place.opens_on
    end = ALWAYS if place.closes_on is None else place.closes_on
    last = ALWAYS if offer.to_day is None else offer.to_day
    return first > last or 0 < offer.from_day >= end  # from day 0 on is in the burn-in, too
