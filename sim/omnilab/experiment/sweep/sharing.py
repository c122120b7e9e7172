"""Which points are one run: those in which all that a run is made of is equal, byte for byte.

A run is a function of the model's arrays, the status quo's plan and the population, and then of
each strategy's plan and of the rate at which its LTV is discounted. So points with an equal first
part are one run with more strategies: they have one population, one burn-in, and whatever else the
cells do before the switch. The keys below are digests of exactly these inputs, so what is shared is
equal by construction and not by a list of keys that are believed to act late.

A window's length acts early: base rates are means over it, so that what a message meets in the
burn-in has other numbers. The run-out's acts early where somebody who will not see a message
before the run's end comes by instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from omnilab.engine.calibrate import calibrated_model, census, census_inputs
from omnilab.lowering.cells import Population, lay_out
from omnilab.lowering.digests import digest_of
from omnilab.lowering.model import build_model
from omnilab.lowering.plan import OF_MESSAGES, lower_plan
from omnilab.strategy.plan import Plan

if TYPE_CHECKING:
    from omnilab.experiment.sweep.points import Point
    from omnilab.scenario.model import Scenario
    from omnilab.world.model import Model

__all__ = ["Group", "Models", "groups_of"]

#: Strategies in one run: all of them take a cell on while it is in cache, but their sums don't fit.
MOST_TOGETHER: Final = 24
#: The same of strategies with hooks, whose cells are all kept.
MOST_HOOKED: Final = 4
#: Calibrated models that are kept.
_MOST_MODELS: Final = 64
#: The same of populations, of which each has a byte a household.
_MOST_POPULATIONS: Final = 16
#: Parts of a scenario that reach a run through plans alone, through a strategy's sums, or not.
_NOT_WORLD: Final = (
    "id", "title", "description", "brand", "strategies", "assumed", "fitted", "discount_rate"
)  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Points that are one run."""

    points: tuple[Point, ...]
    calibration: str  # key of the calibrated model
    census: str  # key of the needs that its base rates are solved for

    @property
    def scenario(self) -> Scenario:
        """The scenario of the first: the others' differ in nothing that the run sees."""
        scenario = self.points[0].scenario
        assert scenario is not None
        return scenario


class Models:
    """Calibrated models by their key, each made once, whatever thread asks first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._models: dict[str, Model] = {}
        self._populations: dict[Any, Population] = {}
        self._censuses: dict[str, tuple[Any, Any, Any]] = {}
        self.counted = 0  # censuses that were taken
        self.made = 0  # models that were calibrated
        self.laid_out = 0  # populations

    def of(self, group: Group) -> Model:
        """Return the calibrated model of a group; without the key of a replication."""
        key = group.calibration
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            model = self._models.get(key)
            if model is None:
                model = calibrated_model(group.scenario, partial(self._counted, group.census))
                with self._lock:
                    self.made += 1
                    self._models[key] = model
                    while len(self._models) > _MOST_MODELS:
                        del self._models[next(iter(self._models))]
            return model

    def _counted(self, key: str, scenario: Scenario, model: Model) -> tuple[Any, Any, Any]:
        """Return the census of a model: that of another one, where both are equal in its eyes."""
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            found = self._censuses.get(key)
            if found is None:
                found = census(scenario, model)
                with self._lock:
                    self.counted += 1
                    self._censuses[key] = found
                    while len(self._censuses) > _MOST_MODELS:
                        del self._censuses[next(iter(self._censuses))]
            return found

    def population(self, model: Model, customers: int, per_cell: int) -> Population:
        """Return how the customers of a model with its key fall into households and cells."""
        law = model.arrays()["household_cum"].tobytes()
        key = (int(model.key.k0), int(model.key.k1), law, customers, per_cell)
        with self._lock:
            if key not in self._populations:
                self.laid_out += 1
                self._populations[key] = lay_out(model, customers, per_cell)
                while len(self._populations) > _MOST_POPULATIONS:
                    del self._populations[next(iter(self._populations))]
            return self._populations[key]


def groups_of(points: Sequence[Point]) -> list[Group]:
    """Return the points by what they share, in the order of each group's first point."""
    worlds = _Worlds()
    found: dict[tuple[str, str, str], list[Point]] = {}
    for point in points:
        if not point.refused:
            found.setdefault(worlds.keys(point), []).append(point)
    return [
        Group(tuple(part), *keys[1:])
        for keys, together in found.items()
        for part in _parts(together)
    ]


def _parts(points: Sequence[Point]) -> list[list[Point]]:
    """Cut points that share a run into runs of not too many strategies."""
    parts: list[list[Point]] = []
    seen: set[str] = set()
    hooked: set[str] = set()
    for point in points:
        assert point.scenario is not None
        keys = dict(zip(point.keys, point.strategies, strict=True))
        asked = {k for k, s in keys.items() if s.decides or s.learns}
        full = len(seen | keys.keys()) > MOST_TOGETHER or len(hooked | asked) > MOST_HOOKED
        if not parts or full:
            parts.append([])
            seen, hooked = set(), set()
        parts[-1].append(point)
        seen |= keys.keys()
        hooked |= asked
    return parts


class _Worlds:
    """Keys of points, with the digests of models that several points have in common."""

    def __init__(self) -> None:
        self._arrays: dict[str, tuple[str, str]] = {}

    def keys(self, point: Point) -> tuple[str, str, str]:
        """Return keys of all that a point's run begins with, of its calibrated model, its census.

        A run begins with its model, the status quo's plan and the customers.
        """
        scenario, status_quo = point.scenario, point.status_quo
        assert scenario is not None
        assert status_quo is not None
        data = scenario.model_dump(mode="json", context={"currency": scenario.currency})
        brand = _text(data["brand"])
        world = _text({k: v for k, v in data.items() if k not in _NOT_WORLD})
        whole = _hash(world + brand)
        if whole not in self._arrays:
            model = build_model(scenario)
            own = digest_of({k: v for k, v in model.arrays().items() if k != "key"})
            self._arrays[whole] = own, digest_of(census_inputs(scenario, model))
        arrays, census_key = self._arrays[whole]
        # Calibration counts needs in a pilot in which the brand sends nothing.
        silent = _begun(Plan(paid=False), scenario)
        size = _text(data["population"]["customers"])
        pilot = _hash(world.replace(f'"customers":{size}', "", 1) + arrays + silent)
        return _hash(world + pilot + _begun(status_quo.plan, scenario)), pilot, census_key


def _begun(plan: Plan, scenario: Scenario) -> str:
    """Return a digest of the plan of a burn-in, without rules for messages that it never sends."""
    arrays = dict(lower_plan(plan, scenario).arrays())
    if not plan.journeys:
        arrays["rules"] = arrays["rules"].copy()
        for name in OF_MESSAGES:
            arrays["rules"][name] = 0
    return digest_of(arrays)


def _text(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
