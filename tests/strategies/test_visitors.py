"""The profile behind an order that `learn` is told, against a walk over the log row by row."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from omnilab.draws.philox import permute64
from omnilab.engine.visitors import NOBODY, Visitors
from omnilab.log import rows
from omnilab.lowering.cells import Population
from omnilab.scenario import load_scenario
from omnilab.strategy import Brand, Events, Plan, Sharing
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from tests.verification.worlds import log, run

MASK = 77
MIDNIGHT = 86_400


@cache
def _log(name: str) -> Any:
    """Return a story's log of all days, and where each cell of its customers begins."""
    scenario = load_scenario(name).with_customers(120)
    result = run(scenario, [load_strategy("omnichannel", scenario)])
    whole = log(result, "omnichannel").view(np.recarray)
    whole = whole[np.isin(whole.kind, (*rows.MEETINGS, rows.IDENTIFIER, rows.ORDER))]
    n = int(whole.person.max()) + 1
    return whole, Population(np.ones(n, np.int8), np.arange(0, n + 50, 50), 50)


def _naive(whole: Any, asked: Any, population: Population) -> list[int]:
    """Return the profile behind each order: the last that its visit showed, its own second too."""
    wanted, found = set(asked.tolist()), {}
    shown: dict[int, int] = {}
    meeting: dict[int, int] = {}
    orders: list[tuple[int, int, int, int]] = []
    for at, row in enumerate(rows.all_named(whole)):
        who = row["person"]
        if row["kind"] in rows.MEETINGS:
            meeting[who], shown[who] = at, -1
        elif row["kind"] == rows.IDENTIFIER and row["profile"] >= 0:
            shown[who] = row["profile"]
            for place, person, time, visit in orders:
                if (person, time, visit) == (who, row["time"], meeting.get(who, -1)):
                    found[place] = row["profile"]
        if at in wanted:
            found[at] = shown.get(who, -1)
            orders.append((at, who, row["time"], meeting.get(who, -1)))
    persons = whole.person[asked].tolist()
    return [
        NOBODY if found[at] < 0 else
        int(permute64((who // 50 << 24) | found[at], MASK))
        for at, who in zip(asked.tolist(), persons, strict=True)
    ]  # fmt: skip


def _by_parts(whole: Any, edges: list[int], population: Population) -> tuple[list[int], list[int]]:
    visitors, places, found = Visitors(MASK), [], []
    for low, high in pairwise(edges):
        part = np.arange(*np.searchsorted(whole.time, [low, high]))
        asked = np.flatnonzero(whole.kind[part] == rows.ORDER)
        found += visitors.read(whole[part], asked, population).tolist()
        places += part[asked].tolist()
    return places, found


@pytest.mark.parametrize("name", ["retailer-v1", "coffee-rewards-v1"])
@pytest.mark.parametrize("step", [MIDNIGHT, 1_800])
def test_an_orders_profile_is_that_of_its_visit_however_long_it_took(name: str, step: int) -> None:
    """Parts of half an hour fall between a visit and its order far more often than midnight."""
    whole, population = _log(name)
    edges = list(
        range(int(whole.time.min()) // step * step, int(whole.time.max()) + step + 1, step)
    )
    places, found = _by_parts(whole, edges, population)
    assert len(places) > 100
    assert found == _naive(whole, np.array(places), population)
    assert sum(one != NOBODY for one in found) > len(found) / 4


class Keeper:
    """It keeps the orders that it is told of."""

    name = "keeper"

    def __init__(self) -> None:
        self.orders: set[tuple[int, int]] = set()  # time, cents

    def __deepcopy__(self, memo: dict[int, Any]) -> Keeper:
        return self

    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def learn(self, observed: Events) -> None:
        at = observed.of_kind("order")
        assert (observed.profile[at] >= 0).all()
        self.orders |= set(zip(observed.time_s[at].tolist(), observed.cents[at].tolist(),
                               strict=True))  # fmt: skip


def test_learn_is_told_of_a_retailers_orders() -> None:
    """In this story all orders come minutes after the visit has shown who it is."""
    scenario = load_scenario("retailer-v1").with_customers(150)
    keeper = Keeper()
    plan = load_strategy("omnichannel", scenario).plan
    result = run(scenario, [LoadedStrategy("keeper", plan, keeper, "", False, True)])
    whole = log(result, "keeper").view(np.recarray)
    orders = rows.columns(whole[whole.kind == rows.ORDER], rows.ORDER)
    booked = {
        (t, cents) for t, cents in zip(orders.time.tolist(), orders.paid.tolist(), strict=True)
        if t >= scenario.time.burn_in
    }  # fmt: skip
    assert keeper.orders <= booked
    assert len(booked) > 50
    assert len(keeper.orders) > len(booked) / 4
