"""Small parts of a world, for tests of one rule each: a model, a cell, a plan, single records.

Records are changed by name: ``model_of(fatigue={"exponent": 0.5})``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from omnilab.brand.plan import LoweredPlan
from omnilab.cell.memory import Cell, Shape, allocate
from omnilab.kernels.record import record_array
from omnilab.lowering.model import build_model
from omnilab.lowering.plan import lower_plan
from omnilab.strategy.loading import load_strategy
from omnilab.world.model import Model
from tests.verification.worlds import world

#: What most tests of single rules ask of a cell.
SMALL = Shape(categories=2, channels=4, silos=3, journeys=2, sends=3, running=4)


def record(kind: Any, **values: Any) -> Any:
    """Return one record, zeros but for these values."""
    made = record_array(kind, 1)[0]
    for name, value in values.items():
        made[name] = value
    return made


def cell_of(persons: int = 2, shape: Shape = SMALL, **sizes: int) -> Cell:
    """Return an empty cell for so many persons, some of its arrays of other sizes."""
    return allocate(shape.sizes(persons, **sizes))


def model_of(**changes: dict[str, Any]) -> Model:
    """Return the small world's model, with other values in some of its records."""
    return changed(_model(), **changes)


def plan_of(strategy: str = "omnichannel", **changes: dict[str, Any]) -> LoweredPlan:
    """Return a built-in strategy's plan in the small world, with other values in its records."""
    return changed(_plan(strategy), **changes)


def changed(bundle: Any, **changes: dict[str, Any]) -> Any:
    """Return a bundle in which single records have other values; the others are shared."""
    arrays = {}
    for name, values in changes.items():
        arrays[name] = bundle.arrays()[name].copy()
        for field, value in values.items():
            arrays[name][field][0] = value
    return bundle.replaced(**arrays)


@cache
def _model() -> Any:
    return build_model(world())


@cache
def _plan(strategy: str) -> Any:
    scenario = world()
    return lower_plan(load_strategy(strategy, scenario).plan, scenario)
