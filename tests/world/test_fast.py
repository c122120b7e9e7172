"""Each fast twin gives what its plain form gives, to the bit."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omnilab.cell.memory import Cell, Shape, allocate
from omnilab.kernels.compiling import kernel
from omnilab.lowering.model import build_model, with_key
from omnilab.scenario import load_scenario
from omnilab.world import choice, idle, traits
from omnilab.world import population as _p  # noqa: F401  (it declares a twin)
from omnilab.world.fast import TWINS
from omnilab.world.model import Model

RULES = (
    "world/fast/idle.py", "world/fast/looking_around.py", "world/fast/traits.py",
)  # fmt: skip
FAST = {plain.__name__: fast for plain, fast in TWINS}
fast_choose, fast_traits = FAST["choose_idle"], FAST["draw_traits"]
fast_start, fast_next = FAST["start_idle"], FAST["next_idle"]
fast_uniforms = FAST["idle_uniforms"]

#: Hours of the channels with visits without a need: as they are, all day, all closed at night.
HOURS = ("own", "always", "by day", "no such visits")


def test_every_twin_is_tested_here() -> None:
    tested = {"choose_idle", "draw_traits", "start_idle", "next_idle", "idle_uniforms"}
    assert set(FAST) == tested
    assert len(TWINS) == len(tested)


@cache
def world(hours: str) -> tuple[Cell, Model]:
    """Return a cell of two persons, and a model whose channels have these hours."""
    scenario = load_scenario("mapples-coffee-v1")
    channels = [channel.model_dump() for channel in scenario.channels]
    for channel in channels:
        if channel["visit"]:
            if hours in ("always", "by day"):
                channel["visit"] |= {"opens": 0, "closes": 86400}
            if hours == "by day":
                channel["visit"] |= {"opens": 28800, "closes": 72000}
            if hours == "no such visits":
                channel["visit"]["idle"] = 0.0
    model = build_model(scenario.changed({"channels": channels}))
    return allocate(Shape.of(model, []).sizes(2)), model


@kernel
def choose_both(cell: Any, model: Any, t: int, u: float, out: Any) -> None:
    out[0] = choice.choose_idle(model, cell.person[0], t, u)
    out[1] = fast_choose(model, cell.person[0], t, u)


@example("by day", 0, 0, 0.5)
@example("always", 0, -1, 1e-12)
@settings(max_examples=400)
@given(
    st.sampled_from(HOURS),
    st.integers(0, 10**8),
    st.integers(0, (1 << 32) - 1) | st.just((1 << 32) - 1),
    st.floats(0.0, 1.0, exclude_min=True, exclude_max=True),
)
def test_where_to(hours: str, t: int, reach: int, u: float) -> None:
    cell, model = world(hours)
    person = cell.person[0]
    person.reach = reach
    person.idle_rate = sum(
        float(channel.idle) for n, channel in enumerate(model.ch) if reach >> n & 1
    )
    out = np.full(2, -9, np.int64)
    choose_both(cell, model, t, u, out)
    assert out[0] == out[1]


@kernel
def walk_both(cell: Any, model: Any, t: int, out: Any) -> None:
    """Write time and uniforms of some visits: of the plain form, and of its twin."""
    plain_person, fast_person = cell.person[0], cell.person[1]
    out[0, 0, 0] = idle.start_idle(model, plain_person, t)
    out[1, 0, 0] = fast_start(model, fast_person, t)
    for n in range(1, out.shape[1]):
        a, b, c = idle.idle_uniforms(model, plain_person)
        out[0, n, 1], out[0, n, 2], out[0, n, 3] = a, b, c
        a, b, c = fast_uniforms(model, fast_person)
        out[1, n, 1], out[1, n, 2], out[1, n, 3] = a, b, c
        out[0, n, 0] = idle.next_idle(model, plain_person)
        out[1, n, 0] = fast_next(model, fast_person)


@settings(max_examples=60)
@given(
    st.integers(0, (1 << 55)),
    st.integers(0, 1000),
    st.integers(0, 10**7),
    st.just(0.0) | st.floats(1e-3, 1e4),
)
def test_visits_drawn_ahead(entity: int, seed: int, t: int, rate: float) -> None:
    cell, model = world("own")
    for person in cell.person[:2]:
        person.entity, person.idle, person.idle_rate = entity, 0, rate
    out = np.zeros((2, 20, 4))
    walk_both(cell, with_key(model, seed, 0), t, out)
    assert (np.diff(out[0, :, 0]) > 0).all()
    np.testing.assert_array_equal(out[0], out[1])


@kernel
def draw_both(cell: Any, model: Any, entity: int, household: int, out: Any) -> None:
    traits.draw_traits(cell, model, entity, household)
    out[0] = cell.trait
    fast_traits(cell, model, entity, household)
    out[1] = cell.trait


@settings(max_examples=60)
@given(st.integers(0, (1 << 50)), st.integers(0, 7), st.integers(0, 1000))
def test_traits(household: int, place: int, seed: int) -> None:
    cell, model = world("own")
    out = np.zeros((2, *cell.trait.shape))
    draw_both(cell, with_key(model, seed, 0), household * 8 + place, household, out)
    assert ((out > 0.0) & (out < 1.0)).all()
    np.testing.assert_array_equal(out[0], out[1])


@pytest.mark.parametrize("hours", HOURS)
def test_the_worlds_above_take_every_way_of_the_roulette(hours: str) -> None:
    looking_around = world(hours)[1].looking_around
    assert (int(looking_around.closes), int(looking_around.reach) >= 0) == {
        "own": (1, False),
        "always": (0, True),
        "by day": (1, False),
        "no such visits": (0, False),
    }[hours]
