"""Measures whose clusters are replications, and censuses that points of a sweep share."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from omnilab.engine.calibrate import UNREAD, census, census_inputs
from omnilab.experiment.statistics import MINIMUM_REPLICATIONS, Moments
from omnilab.lowering.digests import digest_of
from omnilab.lowering.model import build_model
from omnilab.measure import MEASURES
from omnilab.measure.layout import N_SUMS, SUMS, names_of
from tests.verification.worlds import all_on, world

AT = {name: i for i, name in enumerate(names_of(SUMS))}
CHOSEN = {name: MEASURES[name] for name in ("open_rate", "ltv")}


def blocks(replications: int) -> list[Any]:
    """Return the cells of some replications, whose rates of opens differ by replication."""
    draws = np.random.Generator(np.random.PCG64(3))
    found = []
    for _ in range(replications):
        block = np.zeros((30, 2, N_SUMS), np.int64)
        rate = draws.uniform(0.1, 0.4)
        block[:, :, AT["persons"]] = 5
        block[:, :, AT["ltv"]] = draws.integers(0, 900, (30, 2))
        block[:, :, AT["n_delivered"]] = draws.integers(20, 60, (30, 2))
        block[:, :, AT["n_open"]] = draws.binomial(block[:, :, AT["n_delivered"]], rate)
        found.append(block)
    return found


def added(parts: list[Any]) -> Moments:
    found = Moments(("a", "b"), CHOSEN, shared=("open_rate",))
    for block in parts:
        found.add(block[:11])
        found.add(block[11:])
        found.end_replication()
    return found


def test_their_interval_is_that_of_the_replications_totals() -> None:
    parts = blocks(12)
    found, cells = added(parts), Moments(("a", "b"), CHOSEN)
    whole = Moments.by_replication(("a", "b"), {"open_rate": CHOSEN["open_rate"]})
    for block in parts:
        cells.add(block)
        whole.add(block.sum(axis=0, keepdims=True))
    assert found.estimate("open_rate", "a") == whole.estimate("open_rate", "a")
    assert found.difference("open_rate", "a", "b") == whole.difference("open_rate", "a", "b")
    assert found.estimate("ltv", "a") == cells.estimate("ltv", "a")
    wide, narrow = (m.estimate("open_rate", "a").error for m in (found, cells))
    assert wide is not None
    assert narrow is not None
    assert wide > 3 * narrow  # what differs from replication to replication is in it


def test_few_replications_give_no_interval_and_states_go_round() -> None:
    found = added(blocks(MINIMUM_REPLICATIONS - 1))
    assert found.estimate("open_rate", "a")[1:3] == (None, None)
    assert found.estimate("open_rate", "a").value is not None
    again = Moments.from_state(found.state(), CHOSEN)
    assert again.state() == found.state()
    again.add(blocks(1)[0])
    again.end_replication()
    assert again.estimate("open_rate", "a").low is not None
    one, two = added(blocks(4)), added(blocks(4))
    one.merge(two)
    assert one.state() == added([*blocks(4), *blocks(4)]).state()


SCENARIO = all_on(world())


@pytest.fixture(scope="module")
def counted() -> Any:
    """Return a model with everything on, and its census."""
    model = build_model(SCENARIO)
    with patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 60):
        return model, census(SCENARIO, model)


def changed(model: Any, name: str, field: str) -> Any:
    """Return the model with one field of a record moved far."""
    records = model.arrays()[name].copy()
    column = records[field]
    records[field] = column + 1 if column.dtype.kind == "i" else column * 3 + 0.7
    return model.replaced(**{name: records})


@pytest.mark.parametrize(
    ("name", "field"), [(n, f) for n, fields in UNREAD.items() for f in fields]
)
def test_what_only_messages_meet_moves_no_census(counted: Any, name: str, field: str) -> None:
    model, before = counted
    other = changed(model, name, field)
    inputs = [digest_of(census_inputs(SCENARIO, m)) for m in (model, other)]
    assert inputs[0] == inputs[1]
    with patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 60):
        after = census(SCENARIO, other)
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize(("name", "field"), [("response", "generic"), ("intent", "decay")])
def test_what_needs_hang_on_does(counted: Any, name: str, field: str) -> None:
    model, before = counted
    other = changed(model, name, field)
    inputs = [digest_of(census_inputs(SCENARIO, m)) for m in (model, other)]
    assert inputs[0] != inputs[1]
    with patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 60):
        after = census(SCENARIO, other)
    assert not all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
