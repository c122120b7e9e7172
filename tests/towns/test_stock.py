"""Goods in whole runs: conserved at every moment, equal in both engines, silent if unlimited."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.engine.simpy_stock import StockError, StockMirror
from omnilab.log import rows
from omnilab.lowering.model import build_model
from omnilab.scenario.model import Scenario
from omnilab.strategy.plan import Sharing
from tests.effort import random_worlds
from tests.towns.stock import COLOUR, SIZE, stock_patch, with_stock
from tests.verification.worlds import (
    CHANNELS,
    TIMES,
    digests,
    load,
    log,
    mixture,
    of_kinds,
    run,
    same_rows,
    world,
)

UNITS = ("units_sold", "units_back", "units_ordered", "units_came", "units_spoiled", "units_held")
ROOM = (*UNITS, "stock_out")
#: Told where it is there again; no other messages, which would only take time here.
RESTOCK: dict[str, Any] = {
    "name": "restock", "trigger": "restock", "sequence": ["web", "email", "store"],
    "steps": [{"message": {"shows": "viewed", "channels": ["email", "push", "sms"]}}],
}  # fmt: skip
SMALL: dict[str, Any] = {
    "population": {"customers": 26, "town": 13},
    "time": {"burn_in": "6d", "window": "30d", "run_out": "2d"},
    "brand": {"journeys": [RESTOCK]},
}


def scarce(**changes: Any) -> Scenario:
    """Return a small world with few goods in a store and a warehouse, all policies in it."""
    scenario = world(**SMALL)
    categories = [
        {**c, "variants": [SIZE, COLOUR], "returns": 0.5}
        for c in scenario.model_dump()["categories"]
    ]
    places = [
        {"name": "high_street", "channels": ["store"], "ships": "1d", "goods": [
            {"category": "beans", "units": 8, "review": "6d", "lead": "2d", "life": "9d"},
            {"category": "cups", "units": 4, "order_point": 1, "lead": "5d"}]},
        {"name": "warehouse", "channels": ["web", "app"], "ships": "2d", "goods": [
            {"category": "beans", "units": 7, "order_point": 2, "lot": 2, "lead": "3d"},
            {"category": "cups", "units": 0}]},
    ]  # fmt: skip
    return scenario.changed(
        {"categories": categories, "stock": {"places": places, "feed": "12h"}} | changes
    )


@cache
def scarce_run(engine: str = "compiled") -> Any:
    scenario = scarce()
    compared = [*load(scenario, "no_contact", "omnichannel"),
                mixture(scenario, Sharing.every("handoff"), "asks")]  # fmt: skip
    return run(scenario, compared, pilot=4, engine=engine)


NAMES = ("no_contact", "omnichannel", "asks")


def test_the_engines_agree_and_containers_follow_the_log() -> None:
    """The SimPy engine holds its containers against the arrays after every step."""
    fast, slow = scarce_run(), scarce_run("simpy")
    for name in NAMES:
        same_rows(log(fast, name), log(slow, name))
    assert digests(fast) == digests(slow)


def test_everything_happens_somewhere() -> None:
    done, kinds = Counter[int](), Counter[int]()
    for name in NAMES:
        rows_ = log(scarce_run(), name)
        kinds.update(rows_["kind"].tolist())
        done.update(of_kinds(rows_, "stock_out")["does"].tolist())
    for number in range(rows.STOCK_OUT, rows.UNITS_HELD + 1):
        assert kinds[number], rows.KIND_NAMES[number]
    assert set(done) == set(range(rows.DOES_SUBSTITUTE, rows.DOES_NOTHING + 1))


def at_tills() -> Scenario:
    """Return few goods, before which people stand at tills for hours; reservations end there."""
    till = {"servers": 1, "service": "9h", "patience": "30h", "too_long": 0}
    tree = scarce().model_dump()
    channels = [
        {**c, "till": till} if c["visit"] and c["visit"]["completes"] else c
        for c in tree["channels"]
    ]
    goods = [{"category": name, "units": 2, "review": "2d"} for name in ("beans", "cups")]
    places = [{**place, "goods": goods} for place in tree["stock"]["places"]]
    return scarce(
        channels=channels, stock={"places": places, "keeps": "4h"},
        categories=[{**c, "every": "2d"} for c in tree["categories"]],
    )  # fmt: skip


def test_who_stands_at_a_till_has_the_unit_in_hand() -> None:
    scenario = at_tills()
    compared = [mixture(scenario, Sharing.every("handoff"), "asks")]
    fast, slow = (run(scenario, compared, pilot=4, engine=e) for e in ("compiled", "simpy"))
    same_rows(log(fast, "asks"), log(slow, "asks"))
    conserved(scenario, fast, "asks")


@pytest.mark.parametrize("name", NAMES)
def test_units_are_conserved_at_every_moment(name: str) -> None:
    """Town by town from the rows alone: no level is below zero, and `free` is what they add to."""
    conserved(scarce(), scarce_run(), name)


def conserved(scenario: Scenario, found: Any, name: str) -> None:
    """Hold the rows of units of a run of a scarce world against a count of them."""
    supply = build_model(scenario).supply
    variants = len(supply) // 2
    town_of = towns(found, name)
    free = {(t, i): int(s.level) for t in set(town_of.values()) for i, s in enumerate(supply)}
    held, coming = Counter[Any](), Counter[Any]()
    rows_ = of_kinds(log(found, name), *UNITS)
    assert len(rows_) > 50
    for row in rows_[np.lexsort((np.arange(len(rows_)), rows_["time"]))]:
        seen = rows.named(row)
        key = (town_of[seen["person"]], seen["place"] * variants + seen["variant"])
        kind, n = seen["kind"], seen.get("n", 1)
        if kind == rows.UNITS_ORDERED:
            coming[key] += n
            continue
        if kind == rows.UNITS_HELD:
            held[key] += n
            free[key] -= n
        elif kind == rows.UNITS_SOLD:
            held[key] -= seen["held"]
            free[key] -= 1 - seen["held"]
        elif kind == rows.UNITS_SPOILED:
            free[key] -= n
        else:
            free[key] += n
            coming[key] -= n if kind == rows.UNITS_CAME else 0
        assert min(free[key], held[key], coming[key]) >= 0, seen
    assert sum(coming.values()) >= 0


def towns(comparison: Any, name: str) -> dict[int, int]:
    """Return each person's town, by the households that a cell has."""
    people = of_kinds(log(comparison, name), "person")
    per_cell = comparison.scenario.population.per_cell
    return dict(
        zip(people["person"].tolist(), (people["household"] // per_cell).tolist(), strict=True)
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_order_of_a_bound_channel_takes_one_unit_and_each_return_brings_one(
    name: str,
) -> None:
    rows_ = log(scarce_run(), name)
    names = [c.name for c in scarce().channels]
    bound = [names.index(c) for c in ("store", "web", "app")]
    orders = of_kinds(rows_, "order")
    orders = orders[np.isin(orders["channel"], bound)]
    sold = of_kinds(rows_, "units_sold")
    assert keys(sold) == keys(orders)
    back = of_kinds(rows_, "units_back")
    assert keys(back) <= keys(of_kinds(rows_, "return")) & keys(sold)


def keys(rows_: Any) -> set[tuple[int, int]]:
    """Return persons and needs of rows; each is there once."""
    found = list(zip(rows_["person"].tolist(), rows_["need"].tolist(), strict=True))
    assert len(set(found)) == len(found)
    return set(found)


def test_what_a_need_wants_is_sold_unless_a_row_says_otherwise() -> None:
    """Where one variant is as good as another, so that others are taken."""
    scenario, taken = scarce(world={"stock": {"differs": 0.0}}), 0
    model = build_model(scenario)
    rows_ = log(run(scenario, load(scenario, "omnichannel"), pilot=4), "omnichannel")
    met = map(rows.named, rows_[rows_["kind"] == rows.STOCK_OUT])
    outs = {(o["person"], o["need"]): o for o in met if o["does"] == rows.DOES_SUBSTITUTE}
    for sold in map(rows.named, rows_[rows_["kind"] == rows.UNITS_SOLD]):
        out = outs.get((sold["person"], sold["need"]))
        if out and out["time"] == sold["time"]:
            assert sold["variant"] == model.first_variant[out["category"]] + out["took"]
            assert out["took"] != out["wanted"]
            taken += 1
    assert taken > 0


def test_unlimited_units_are_the_log_without_the_mechanism() -> None:
    """Goods without units write nothing at all; very many units nothing but their own rows."""
    scenario = world(**SMALL)
    scenario = scenario.changed({"categories": [
        {**c, "returns": 0.5} for c in scenario.model_dump()["categories"]]})  # fmt: skip
    compared = load(scenario, "omnichannel", "multichannel")
    base = run(scenario, compared, pilot=4)
    tree = scarce().model_dump()
    unlimited = [
        {**p, "goods": [{"category": g["category"]} for g in p["goods"]]}
        for p in tree["stock"]["places"]
    ]
    many = [
        {**p, "goods": [{"category": g["category"], "units": 10**6} for g in p["goods"]]}
        for p in tree["stock"]["places"]
    ]
    without = scarce(stock={"places": unlimited})
    assert digests(run(without, compared, pilot=4)) == digests(base)
    found = run(scarce(stock={"places": many}), compared, pilot=4)
    own = [rows.STOCK_OUT, *range(rows.UNITS_SOLD, rows.UNITS_HELD + 1)]
    fields = ("time", "person", "kind", "channel", "silo", "a", "b", "c", "d")
    for name in ("omnichannel", "multichannel"):
        rows_ = log(found, name)
        kept = rows_[~np.isin(rows_["kind"], own)]
        same_rows(kept, log(base, name), fields)
        assert (rows_["kind"] == rows.STOCK_OUT).sum() == 0


def test_strategies_see_what_their_choice_says() -> None:
    """Nothing is shipped or reserved where nobody can tell."""
    found = scarce_run()
    for name, may in (("no_contact", set()), ("asks", {rows.DOES_RESERVE}),
                      ("omnichannel", {rows.DOES_RESERVE, rows.DOES_SHIP})):  # fmt: skip
        outs = of_kinds(log(found, name), "stock_out")
        switch = scarce().time.burn_in
        done = set(outs["does"][outs["time"] >= switch].tolist())
        assert done & {rows.DOES_RESERVE, rows.DOES_SHIP} <= may, name


@random_worlds(1, 8)
@given(st.data())
def test_the_engines_agree_with_random_goods(data: st.DataObject) -> None:
    scenario = world(**SMALL)
    names = [c.name for c in scenario.categories]
    patch = data.draw(stock_patch(list(CHANNELS), names))
    scenario = with_stock(scenario, patch)
    if data.draw(st.booleans()):
        scenario = scenario.changed({"world": TIMES})
    compared = load(scenario, data.draw(st.sampled_from(("omnichannel", "cross_channel"))))
    seed = data.draw(st.integers(0, 2**62))
    fast = run(scenario, compared, pilot=4, seed=seed)
    slow = run(scenario, compared, pilot=4, seed=seed, engine="simpy")
    same_rows(log(fast, compared[0].name), log(slow, compared[0].name))
    assert digests(fast) == digests(slow)


def test_a_mirror_says_where_arrays_and_log_differ() -> None:
    import simpy

    from omnilab.cell.memory import Shape, allocate
    from tests.worlds import plan_of

    scenario = scarce()
    model = build_model(scenario)
    cell = allocate(Shape.of(model, [plan_of(scenario)]).sizes(2))
    mirror = StockMirror(model)
    mirror.enter(simpy.Environment())
    i = int(np.flatnonzero(model.supply.level > 0)[0])
    level = int(model.supply.level[i])
    row = np.zeros(1, rows.ROW)
    row["kind"] = rows.UNITS_SOLD
    variants = int(model.stock.variants)
    seen = rows.columns(row, rows.UNITS_SOLD)
    seen["place"], seen["variant"] = i // variants, i % variants
    cell.shelf[i].free = level - 1
    mirror.follow(row, cell)
    assert mirror.levels_of(i) == (level - 1, 0, 0)
    row["kind"] = rows.UNITS_ORDERED  # whose units are nowhere in the array
    ordered = rows.columns(row, rows.UNITS_ORDERED)
    ordered["place"], ordered["variant"], ordered["n"] = i // variants, i % variants, 3
    with pytest.raises(StockError, match="the containers hold"):
        mirror.follow(row, cell)
    row["kind"] = rows.UNITS_SOLD
    seen["place"], seen["variant"], seen["held"] = i // variants, i % variants, 1
    with pytest.raises(StockError, match="1 units are taken where 0 are"):
        mirror.follow(row, cell)
