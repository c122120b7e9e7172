"""A cell's memory: what it begins with, and what is copied when a strategy takes over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from omnilab.brand.context import start_context
from omnilab.brand.instances import start_copy
from omnilab.brand.state import DELAYED
from omnilab.cell.memory import (
    ITEMS_OF_A_BIRTH,
    ROWS_OF_A_BIRTH,
    Shape,
    copy_numbers,
    copy_world,
    reset,
    reset_brand,
)
from omnilab.engine.loop import people
from omnilab.kernels.compiling import kernel
from omnilab.lowering.model import build_model
from omnilab.scenario.load import load_scenario
from tests.plain import plain
from tests.worlds import cell_of, model_of

RULES = ("world/state.py", "brand/state.py")
#: Numbers of a cell that begin with something else than 0.
NONE = ("free_need", "free_message", "free_node", "free_profile", "free_context", "free_copy",
        "first_profile", "last_profile", "first_copy", "last_copy", "gone", "gone_way",
        "session")  # fmt: skip
#: Numbers that neither function sets.
OTHERS = ("outbox", "short_of")


def used() -> Any:
    """Return a cell whose numbers are those of its last use."""
    cell = cell_of(3)
    for name in cell.meta.dtype.names or ():
        cell.meta[name] = 5
    return cell


def test_an_empty_cell_counts_nothing() -> None:
    cell = used()
    plain(reset)(cell, 12, 340)
    plain(reset_brand)(cell)
    assert (cell.meta.number, cell.meta.first) == (12, 340)
    for name in cell.meta.dtype.names or ():
        if name not in ("number", "first", *OTHERS):
            wanted = -1 if name in NONE else 0
            assert np.all(cell.meta[name] == wanted), name


def test_a_new_brand_knows_nothing_and_the_world_goes_on() -> None:
    cell = used()
    plain(reset_brand)(cell)
    numbers = {name: int(np.sum(cell.meta[name])) for name in cell.meta.dtype.names or ()}
    brand = (
        "nodes", "profiles", "contexts", "copies", "notes", "timers", "profile_serial",
        "copy_serial", "brand_seq", "pending", "answers", "now", "forgotten", "stale",
    )  # fmt: skip
    assert {name: numbers[name] for name in brand} == dict.fromkeys(brand, 0)
    world = ("number", "first", "persons", "needs", "messages", "free_need", "message_serial")
    assert {name: numbers[name] for name in world} == dict.fromkeys(world, 5)


@kernel
def take_over(cell: Any, source: Any) -> None:
    copy_world(cell, source)
    copy_numbers(cell.meta, source.meta)


def test_a_strategy_takes_the_world_over_and_none_of_the_brand() -> None:
    """Only what is in use: a person has two devices."""
    of_persons = ("person", "rate", "spend", "gaps", "notice", "used_to", "used_to_t", "interest",
                  "interest_t", "theme", "tablet", "stay", "stay_due")  # fmt: skip
    world = dict.fromkeys(of_persons, 2) | {"device": 4, "need": 3, "message": 1}
    on = {"staying": 4, "habits": 4, "tablets": 4}  # arrays of mechanisms that are off here
    source, cell = cell_of(4, **on), cell_of(4, **on)
    source.meta.persons, source.meta.needs, source.meta.messages = 2, 3, 1
    source.meta.place, source.meta.number = 9, 8
    for name, array in source.arrays().items():
        if name not in ("meta", "word"):
            array.view(np.ndarray).view(np.uint8)[:] = 1
    take_over(cell, source)
    for name, array in cell.arrays().items():
        if name in ("meta", "word", "idle", "way", "lane") or len(array) == 0:
            continue
        bytes_ = array.view(np.ndarray).view(np.uint8).reshape(len(array), -1)
        copied = [bool(row.any()) for row in bytes_]
        n = world.get(name, 0)
        assert copied == [k < n for k in range(len(array))], name
    m = cell.meta
    assert (m.persons, m.needs, m.messages, m.number) == (2, 3, 1, 8)
    assert cell.meta.place == 0


def test_what_is_off_takes_no_memory() -> None:
    """And nothing of it is copied when a strategy takes over."""
    off = model_of()
    on = model_of(
        visit_time={"on": 1, "asides": 1}, habit={"fades": 86400}, persona={"no_computer": 1.0}
    )
    arrays = ("stay", "stay_due", "used_to", "used_to_t", "tablet")
    for model, rows in ((off, 0), (on, 3)):
        source, cell = cell_of(3, model), cell_of(3, model)
        source.meta.persons = 3
        assert [len(getattr(cell, name)) for name in arrays] == [rows] * 5
        take_over(cell, source)


def test_a_new_copy_and_a_new_context_are_clean() -> None:
    cell = cell_of(1)
    for name in cell.copy.dtype.names or ():
        cell.copy[0][name] = 5
    plain(start_copy)(cell.copy[0])
    x = cell.copy[0]
    zero = ("step", "length", "at", "sends", "status", "success", "decided", "usable", "timer")
    assert {name: int(x[name]) for name in zero} == dict.fromkeys(zero, 0)
    assert (x.state, x.message) == (DELAYED, -1)
    for name in cell.context.dtype.names or ():
        cell.context[0][name] = 5
    plain(start_context)(cell.context[0])
    y = {name: int(np.max(cell.context[0][name])) for name in cell.context.dtype.names or ()}
    nothing = (
        "cart_cents", "coupons", "points", "orders", "ring_at", "tally", "spent_now",
        "spent_before", "spent_ever", "spent_period", "balance", "viewed", "bought", "last_viewed",
        "last_bought", "stars", "searched", "given", "acts", "redeemed",
    )  # fmt: skip
    assert y == {name: 0 if name in nothing else -1 for name in y}


@kernel
def begin(cell: Any) -> None:
    reset_brand(cell)
    start_copy(cell.copy[0])


def test_compiled() -> None:
    cell = used()
    begin(cell)
    assert (cell.meta.nodes, cell.meta.free_node, cell.copy[0].state) == (0, -1, DELAYED)


def births(n: int) -> tuple[int, int]:
    """Return the rows and the queue's items that a town's people begin with, every room on."""
    model = build_model(load_scenario(Path(__file__).parents[2] / "bench" / "boots_all_on.yaml"))
    clock = model.arrays()["clock"].copy()
    clock[0].counts = 1
    model = model.replaced(clock=clock)
    cell = cell_of(n, model)
    people(cell, model, 0, n, np.ones(n, np.int64))
    return int(cell.meta.rows), int(cell.meta.items)


def test_there_is_room_for_all_that_births_write() -> None:
    few, many = births(150), births(550)
    scenario = load_scenario(Path(__file__).parents[2] / "bench" / "boots_all_on.yaml")
    items = ITEMS_OF_A_BIRTH + len(scenario.categories)
    assert 400 < many[0] - few[0] <= 400 * ROWS_OF_A_BIRTH
    assert 400 < many[1] - few[1] <= 400 * items
    sizes = Shape.of(build_model(scenario), []).sizes(10_000)
    assert sizes["row"] >= 10_000 * ROWS_OF_A_BIRTH
    assert sizes["item"] >= 10_000 * items
