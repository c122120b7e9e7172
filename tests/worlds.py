"""Small parts of a world, for tests of one rule each: a model, a plan, a cell, what happens in it.

The corner shop is a scenario in which activity is the clock's time, so that numbers come out plain.
Single records are changed by name: ``model_of(fatigue={"exponent": 0.5})``.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from omnilab.brand.plan import LoweredPlan
from omnilab.cell import queue
from omnilab.cell.keys import key_of
from omnilab.cell.memory import Cell, Shape, allocate, reset, reset_brand
from omnilab.draws.philox import draw4
from omnilab.engine.loop import act, people
from omnilab.kernels.record import record_array
from omnilab.log import rows
from omnilab.lowering.model import build_model
from omnilab.lowering.plan import lower_plan
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy
from omnilab.world.model import Model
from tests.plain import plain
from tests.verification.worlds import FLAT, build, merged

DAY, WEEK = 86400, 604800
WEB, APP, STORE, EMAIL, PUSH, AD = range(6)  # channels of the corner shop
IN_WEB, IN_APP, IN_STORE, IN_EMAIL = range(4)  # and its silos

#: Fields of a row that the brand can't know.
_WRITTEN_LATER = ("time", "person", "seq", "priority", "channel")

_MESSAGE = {"delivered": 0.9, "open": 0.3, "click": 0.1, "opt_out": 0.01, "cost": 0.002}
_CORNER: dict[str, Any] = {
    "id": "corner-v1",
    "time": {"start": "2025-01-06", "burn_in": "30d", "window": "100d", "run_out": "20d",
             "tick": "15min", "zone": "UTC"},
    "population": {
        "customers": 40, "household_sizes": [1.0],
        "personas": [{"name": "one", "share": 0.4, "needs": 1.5, "phone": 0.7},
                     {"name": "two", "share": 0.6, "prefers": {"app": 0.6}}],
    },
    "categories": [
        {"name": "beans", "every": "12d", "regularity": 2, "spend": {"mean": 20.0}},
        {"name": "cups", "every": "40d", "spend": {"mean": 45.0}},
    ],
    "channels": [
        {"name": "web", "silo": "web", "visit": {
            "idle": 2.0, "completes": 0.4, "devices": True, "utility": 0.5,
            "identifiers": [{"type": "cookie", "share": 1.0},
                            {"type": "email", "share": 0.9, "when": "order"}]}},
        {"name": "app", "silo": "app", "visit": {
            "idle": 1.0, "completes": 0.6, "identifiers": [{"type": "login", "share": 1.0}]}},
        {"name": "store", "silo": "store", "visit": {
            "completes": 0.7, "service": True, "typed": True, "commission": 0.1,
            "identifiers": [{"type": "loyalty", "share": 0.5, "carries": "app"}]}},
        {"name": "email", "silo": "email", "message": {
            **_MESSAGE, "address": "email", "landing": "web", "opt_in": 0.6, "signs_up": 0.3}},
        {"name": "push", "silo": "app", "message": {
            **_MESSAGE, "address": "login", "landing": "app", "opt_in": 0.6, "signs_up": 0.2}},
        {"name": "ad", "silo": "web", "message": {
            **_MESSAGE, "address": "cookie", "landing": "web", "ad": True, "opt_in": 1.0}},
    ],
    "world": FLAT,
    "brand": {
        "wiring": "tools_apart",
        "quiet_hours": None,
        "cap": {"messages": 2, "per": "7d"},
        "loyalty": {"card": 50, "worth": 5.0},
        "journeys": [
            {"name": "cart", "trigger": "cart", "sequence": ["web", "email"], "until": ["order"],
             "cooldown": "3d", "steps": [
                {"delay": "1h"},
                {"message": {"shows": "cart", "channels": ["email", "push"], "offer": 0.1,
                             "fallback_after": "6h", "success": "opened"}}]},
            {"name": "news", "trigger": "weekly", "weekday": 1, "at": "10:00",
             "sequence": ["email"], "steps": [{"message": {"channels": ["email", "ad"]}}]},
        ],
    },
}  # fmt: skip


def corner(**changes: Any) -> Scenario:
    """Return the corner shop, changed; lists are replaced."""
    return build(merged(copy.deepcopy(_CORNER), changes))


def model_of(scenario: Scenario | None = None, **changes: dict[str, Any]) -> Model:
    """Return a scenario's model (the corner shop's), with other values in some records."""
    return changed(_corner_model() if scenario is None else build_model(scenario), **changes)


def plan_of(
    scenario: Scenario | None = None, strategy: str = "omnichannel", **changes: dict[str, Any]
) -> LoweredPlan:
    """Return a strategy's plan (in the corner shop), with other values in its records."""
    scenario = _corner() if scenario is None else scenario
    return changed(lower_plan(load_strategy(strategy, scenario).plan, scenario), **changes)


def changed(bundle: Any, **changes: dict[str, Any]) -> Any:
    """Return a copy of a bundle in which single records have other values."""
    arrays = {name: array.copy() for name, array in bundle.arrays().items()}
    for name, values in changes.items():
        for field, value in values.items():
            arrays[name][field][0] = value
    return type(bundle)(arrays)


def cell_of(
    persons: int = 2, model: Model | None = None, plan: LoweredPlan | None = None, **sizes: int
) -> Cell:
    """Return an empty cell for so many persons, some of its arrays of other sizes."""
    model = _corner_model() if model is None else model
    plan = _corner_plan() if plan is None else plan
    cell = allocate(Shape.of(model, [plan]).sizes(persons, **sizes))
    plain(reset)(cell, 0, 0)
    plain(reset_brand)(cell)
    return cell


def inhabited(model: Model, persons: int = 2, plan: LoweredPlan | None = None) -> Cell:
    """Return a cell with persons of one household each, all of whose items are put aside."""
    cell = cell_of(persons, model, plan)
    plain(people)(cell, model, 0, persons, np.ones(persons, np.int64))
    quiet(cell)
    return cell


def eager(model: Model, persons: int = 2, plan: LoweredPlan | None = None) -> Cell:
    """Return a cell whose persons can go anywhere, allow all, buy what they look at, and stay."""
    cell = inhabited(model, persons, plan)
    for person in cell.person[:persons]:
        person.reach, person.consent, person.threshold = 63, 0, -50.0
        person.dropout, person.purchases, person.prior = 0.0, 0, 0
    return cell


def quiet(cell: Cell) -> None:
    """Put all that is due aside, and forget the log so far."""
    plain(queue.empty)(cell)
    cell.meta.rows = 0


def happen(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, kind: int, who: int, a: int = 0, b: int = 0
) -> None:
    """Act on one item of the queue, as the engine does."""
    key = plain(key_of)(t, kind, who, 0)
    plain(act)(cell, model, plan, key, a, b)


def shown(cell: Cell, *codes: int, carry: Sequence[int] = ()) -> int:
    """Let a visit show identifiers, each carried from a silo or -1; return how many there are."""
    for i, code in enumerate(codes):
        cell.code[i], cell.carry[i] = code, carry[i] if carry else -1
    return len(codes)


def said(cell: Cell, *kinds: str) -> list[dict[str, Any]]:
    """Take the rows that the brand has left for the log, of some kinds or all: fields by name."""
    found = []
    for note in cell.note[: int(cell.meta.notes)]:
        row = np.zeros(1, rows.ROW)[0]
        for name in ("kind", "silo", "a", "b", "c", "d"):
            row[name] = note[name]
        own = {k: v for k, v in rows.named(row).items() if k not in _WRITTEN_LATER}
        found.append({**own, "kind": rows.KIND_NAMES[int(note.kind)], "code": int(note.code)})
    cell.meta.notes = 0
    return [x for x in found if not kinds or x["kind"] in kinds]


def asked(cell: Cell) -> list[tuple[int, int, int, int]]:
    """Take what the brand asked to be woken for and still counts: (time, kind, copy, number)."""
    from omnilab.brand.journeys import is_live

    timers = [tuple(int(x[f]) for f in x.dtype.names) for x in cell.timer[: int(cell.meta.timers)]]
    cell.meta.timers = 0
    return [x for x in timers if plain(is_live)(cell, x[2], x[3])]  # type: ignore[misc]


def due(cell: Cell, kind: int = -1) -> list[tuple[int, int, int, int, int]]:
    """Return what is due, in order: (time, kind, who, a, b); of one kind, or of all."""
    found = []
    while True:
        plain(queue.close)(cell)
        key = plain(queue.soonest)(cell)
        if key == queue.NEVER:
            break
        a, b = plain(queue.pop)(cell, key)
        found.append((*(plain(f)(key) for f in (queue.time_of, queue.kind_of, queue.who_of)), a, b))
    return [item for item in found if kind in (-1, item[1])]


def logged(cell: Cell, *kinds: str) -> list[dict[str, Any]]:
    """Return the log's rows of some kinds, or of all: each field by its name."""
    found = []
    for row in cell.row[: int(cell.meta.rows)]:
        kind = rows.KIND_NAMES[int(row.kind)]
        if not kinds or kind in kinds:
            found.append({**rows.named(row), "kind": kind})
    return found


def needs_of(cell: Cell, who: int) -> list[Any]:
    """Return a person's open needs, the latest first."""
    found, i = [], int(cell.person[who].first_need)
    while i >= 0:
        found.append(cell.need[i])
        i = int(cell.need[i].next)
    return found


def drawn(model: Model, stream: int, entity: int, occasion: int) -> tuple[float, ...]:
    """Return the four uniforms at an address."""
    return plain(draw4)(int(model.key.k0), int(model.key.k1), stream, int(entity), int(occasion))


def record(kind: Any, **values: Any) -> Any:
    """Return one record, zeros but for these values."""
    made = record_array(kind, 1)[0]
    for name, value in values.items():
        made[name] = value
    return made


def middles(n: int) -> Sequence[float]:
    """Return the middles of n equal parts of (0, 1): uniforms without chance."""
    return [(k + 0.5) / n for k in range(n)]


@cache
def _corner() -> Scenario:
    return corner()


@cache
def _corner_model() -> Any:
    return build_model(_corner())


@cache
def _corner_plan() -> Any:
    return plan_of()
