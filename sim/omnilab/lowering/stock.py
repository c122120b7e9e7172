"""From a scenario's goods and places to arrays: variants, popularity, how each is supplied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from omnilab.kernels.record import record_array
from omnilab.scenario.model import Scenario
from omnilab.scenario.stock import Goods, StockPlace, variants_of
from omnilab.world.stock import ASPECTS, Aspect, Supply, Variant
from omnilab.world.stock import StockPlace as PlaceRecord

__all__ = ["lower_stock", "parted"]


def lower_stock(scenario: Scenario) -> dict[str, Any]:
    """Return the arrays of the model that say what is where, by name; empty where nothing is."""
    names = [c.name for c in scenario.channels]
    stock_at = np.full(len(names), -1, np.int64)
    places = scenario.stock.places if scenario.stock.holds_units else ()
    for n, place in enumerate(places):
        for name in place.channels:
            stock_at[names.index(name)] = n
    variants = [variants_of(c) for c in scenario.categories] if places else []
    counts = [len(v) for v in variants]
    made = record_array(Variant, sum(counts))
    made.popularity = [share for v in variants for _, share in v]
    aspects, popular = _aspects(scenario) if places else (record_array(Aspect, 0), np.zeros(0))
    return {
        "stock_at": stock_at,
        "stock_place": _places(scenario, places),
        "variant": made,
        "first_variant": np.cumsum([0, *counts])[:-1].astype(np.int64),
        "n_variants": np.array(counts, np.int64),
        "aspect": aspects,
        "popular": popular,
        "supply": _supplies(scenario, places, variants),
    }


def _places(scenario: Scenario, places: Sequence[StockPlace]) -> Any:
    made = record_array(PlaceRecord, len(places))
    names = [c.name for c in scenario.channels]
    for to, place in zip(made, places, strict=True):
        to.ships = -1 if place.ships is None else place.ships
        to.seller = names.index(place.channels[0])
        for name in place.channels:
            silo = scenario.channels[names.index(name)].silo
            to.silos |= 1 << scenario.silos.index(silo)
    return made


def _aspects(scenario: Scenario) -> tuple[Any, Any]:
    """Return `ASPECTS` records a category, and the popularity of values added up."""
    made = record_array(Aspect, ASPECTS * len(scenario.categories))
    popular: list[float] = []
    for n, category in enumerate(scenario.categories):
        stride = 1
        for k in reversed(range(len(category.variants))):
            spec, to = category.variants[k], made[n * ASPECTS + k]
            to.values, to.stride, to.first = len(spec.popularity), stride, len(popular)
            to.personal, to.ordered = int(spec.personal), int(spec.ordered)
            own = spec.differs
            to.differs = scenario.world.stock.differs if own is None else own
            popular += np.cumsum(list(spec.popularity.values())).tolist()
            stride *= len(spec.popularity)
    return made, np.array(popular)


def _supplies(scenario: Scenario, places: Sequence[StockPlace], variants: Any) -> Any:
    """Return a record for each place and variant; without units for what is never out."""
    made = record_array(Supply, len(places) * sum(len(v) for v in variants))
    made.level = -1
    made.order_point = -1
    names = [c.name for c in scenario.categories]
    at = 0
    for place in places:
        goods = {g.category: g for g in place.goods if g.units is not None}
        for name, of in zip(names, variants, strict=True):
            if name in goods:
                _fill(made[at : at + len(of)], goods[name], of)
            at += len(of)
    return made


def _fill(made: Any, goods: Goods, variants: list[tuple[str, float]]) -> None:
    assert goods.units is not None
    shares = [goods.split.get(name, 0.0) if goods.split else share for name, share in variants]
    made.level = parted(goods.units, shares)
    if goods.order_point is not None:
        made.order_point = parted(goods.order_point, shares)
        made.lot = goods.lot or 0
    made.review, made.lead = goods.review or 0, goods.lead
    made.life = goods.life or 0


def parted(units: int, shares: Sequence[float]) -> list[int]:
    """Part units by shares into whole numbers that add up: the largest remainders get one more."""
    exact = [units * share for share in shares]
    whole = [int(x + 1e-9) for x in exact]
    order = sorted(range(len(shares)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: units - sum(whole)]:
        whole[i] += 1
    return whole
