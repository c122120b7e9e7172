"""From a scenario's goods to arrays, and from a journey's `arrival` to when it runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from omnilab.brand.plan import Arrival
from omnilab.kernels.record import record_array
from omnilab.scenario.goods import arrivals_of, goods_in, popularity_in
from omnilab.scenario.model import Journey, Scenario
from omnilab.world.goods import Good

__all__ = ["lower_arrivals", "lower_goods"]

DAY = 86400
KNOWS = {"viewed": 1, "bought": 2, "either": 3}


def lower_goods(scenario: Scenario) -> dict[str, Any]:
    """Return the arrays of the model that say which goods there are, by name."""
    categories = scenario.categories
    goods = goods_in(categories)
    names = [good.name for _, good in goods]
    groups = list(dict.fromkeys(good.group for _, good in goods if good.group))
    popular = [x for c in categories for x in popularity_in(c, scenario.world.goods.rank)]
    made = record_array(Good, len(goods))
    for g, (n, good) in enumerate(goods):
        to = made[g]
        to.category, to.quality, to.popularity = n, good.quality, popular[g]
        to.price = max(round(good.price * 100), 1)
        to.dear = math.log(good.price / categories[n].spend.mean)
        to.group = -1 if good.group is None else groups.index(good.group)
        if good.arrives is not None:
            to.arrives = scenario.time.burn_in + good.arrives * DAY
        for other in good.goes_with:
            made[g].goes_with |= 1 << names.index(other)
            made[names.index(other)].goes_with |= 1 << g
    counts = [len(c.goods) for c in categories]
    return {
        "good": made,
        "first_good": np.cumsum([0, *counts])[:-1].astype(np.int64),
        "n_goods": np.array(counts, np.int64),
        "more_lines": np.array([c.lines - 1.0 for c in categories]),
    }


def lower_arrivals(journeys: Sequence[Journey], scenario: Scenario) -> Any:
    """Return the arrivals that journeys wait for, an entry for each journey, day and group."""
    goods = goods_in(scenario.categories)
    found = []
    for j, journey in enumerate(journeys):
        if journey.trigger != "arrival":
            continue
        asked = journey.arrival
        for day, new in arrivals_of(scenario, asked.group if asked else None):
            category, group = goods[new[0]][0], goods[new[0]][1].group
            alike = [
                g
                for g, (n, good) in enumerate(goods)
                if (good.group == group if group else n == category)
            ]
            at = scenario.time.burn_in + day * DAY + journey.at
            knows = KNOWS[asked.knows if asked else "either"]
            found.append((j, at, category, _bits(new), _bits(alike), knows))
    made = record_array(Arrival, len(found))
    for to, values in zip(made, found, strict=True):
        to.journey, to.time, to.category, to.goods, to.alike, to.knows = values
    return made


def _bits(goods: Sequence[int]) -> int:
    return sum(1 << g for g in goods)
