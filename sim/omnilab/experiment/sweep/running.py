"""Run the points of a group as one, and give each point what it would have found alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.draws.philox import make_key
from omnilab.engine.hooks import Hooks
from omnilab.engine.result import StrategySetup
from omnilab.errors import OmnilabError, StrategyError
from omnilab.experiment.comparison import StrategyRun
from omnilab.experiment.job import (
    BRAND_REPLICATION,
    CHUNK,
    CHUNK_ASKED,
    RUNNERS,
    shared_measures,
    step_of,
)
from omnilab.experiment.statistics import Moments
from omnilab.experiment.sweep.sharing import Group, Models
from omnilab.experiment.workers.executor import Stopped
from omnilab.log.digest import add_digests, hex_digest
from omnilab.lowering.model import with_key
from omnilab.lowering.plan import lower_plan

if TYPE_CHECKING:
    from omnilab.experiment.sweep.points import Point
    from omnilab.strategy.loading import LoadedStrategy
    from omnilab.world.model import Model

__all__ = ["Outcome", "Stopped", "run_group", "runner_of"]


@dataclass
class Outcome:
    """What became of a point with one seed.

    Attributes
    ----------
    point, seed
        Which.
    strategies
        Digest and rows of each strategy's log; those that failed are not among them.
    moments
        The sums of the measures; None if nothing was found.
    failures
        Strategy -> why it failed; "" stands for the whole point.
    """

    point: int
    seed: int
    strategies: list[StrategyRun] = field(default_factory=list)
    moments: Moments | None = None
    failures: dict[str, str] = field(default_factory=dict)


def run_group(
    group: Group, models: Models, *, seed: int, replications: int, engine: str, threads: int = 1,
    chunk: int | None = None, stop: Event | None = None,
    say: Callable[[float], None] | None = None,
) -> list[Outcome]:  # fmt: skip
    """Run a group's points with one seed.

    Where a strategy fails, each point runs by itself: it costs its own, and no other.

    Parameters
    ----------
    group
        Of `groups_of`.
    models
        The calibrated models of the sweep.
    seed, replications, engine, threads, chunk
        As `omnilab.experiment.compare.compare` takes them.
    stop
        Ends the run early when it is set.
    say
        Told what share is done.

    Raises
    ------
    Stopped
        If ``stop`` was set.
    """
    run = _Run(group, models, seed, replications, engine, threads, chunk, stop or Event(), say)
    try:
        return run.go()
    except OmnilabError as error:
        if len(group.points) > 1:
            parts = [replace(group, points=(point,)) for point in group.points]
            return [
                outcome
                for part in parts
                for outcome in run_group(
                    part, models, seed=seed, replications=replications, engine=engine,
                    threads=threads, chunk=chunk, stop=stop,
                )
            ]  # fmt: skip
        return [_alone(run, error)]


def runner_of(group: Group, models: Models, seed: int, engine: str, stop: Event) -> Any:
    """Return the runner of a group's first replication, for a pilot."""
    run = _Run(group, models, seed, 1, engine, 1, None, stop, None)
    return run.runner(models.of(group), run.distinct()[0], engine, 0)


def _alone(run: _Run, error: OmnilabError) -> Outcome:
    """Run a point again without the strategies that fail, as a comparison does."""
    (point,) = run.group.points
    failures: dict[str, str] = {}
    while True:
        name = getattr(error, "strategy", None)
        failures[name if isinstance(error, StrategyError) and name else ""] = str(error)
        left = tuple(s for s in point.strategies if s.name not in failures)
        if "" in failures or not left or len(left) == len(point.strategies):
            return Outcome(point.number, run.seed, failures=failures)
        try:
            (outcome,) = run.with_points((replace(point, strategies=left),)).go()
        except OmnilabError as another:
            if getattr(another, "strategy", None) in failures:
                return Outcome(point.number, run.seed, failures=failures | {"": str(another)})
            error = another
            continue
        outcome.failures = failures
        return outcome


@dataclass
class _Run:
    """One run of a group's points with one seed."""

    group: Group
    models: Models
    seed: int
    replications: int
    engine: str
    threads: int
    chunk: int | None
    stop: Event
    say: Callable[[float], None] | None

    def with_points(self, points: tuple[Point, ...]) -> _Run:
        """Return the run of other points."""
        return replace(self, group=replace(self.group, points=points))

    def go(self) -> list[Outcome]:
        """Run all replications."""
        model = self.models.of(self.group)
        distinct, places = self.distinct()
        shared = shared_measures(model)
        sums = [
            _Sums(point, place, shared)
            for point, place in zip(self.group.points, places, strict=True)
        ]
        for replication in range(self.replications):
            self._replicate(model, distinct, sums, replication)
            for one in sums:
                one.moments.end_replication()
        return [Outcome(s.point.number, self.seed, s.runs(), s.moments) for s in sums]

    def distinct(self) -> tuple[list[tuple[LoadedStrategy, Point]], list[list[int]]]:
        """Return the strategies that differ, and where those of each point are among them."""
        found: dict[str, tuple[LoadedStrategy, Point]] = {}
        places = []
        for point in self.group.points:
            keys = point.keys
            for key, strategy in zip(keys, point.strategies, strict=True):
                found.setdefault(key, (strategy, point))
            order = list(found)
            places.append([order.index(key) for key in keys])
        return list(found.values()), places

    def _replicate(
        self, calibrated: Model, strategies: Sequence[tuple[LoadedStrategy, Point]],
        sums: Sequence[_Sums], replication: int,
    ) -> None:  # fmt: skip
        engine = "compiled" if self.engine == "auto" else self.engine
        runner = self.runner(calibrated, strategies, engine, replication)
        setups, population = runner.strategies, runner.population
        asked = any(s.hooks is not None for s in setups)
        learns = any(s.learns for s in setups)
        most = CHUNK_ASKED if asked and not learns and engine == "compiled" else CHUNK[engine]
        step = step_of(population, most, self.threads, learns=learns)
        for result in runner.run(self.chunk or step, self.threads):
            if self.stop.is_set():
                raise Stopped
            for one in sums:
                one.take(result)
            if self.say is not None:
                self.say((replication + result.high / population.n_cells) / self.replications)

    def runner(
        self, calibrated: Model, strategies: Sequence[tuple[LoadedStrategy, Point]], engine: str,
        replication: int,
    ) -> Any:  # fmt: skip
        """Return the engine's runner of one replication."""
        scenario = self.group.scenario
        model = with_key(calibrated, self.seed, replication)
        people = scenario.population
        population = self.models.population(model, people.customers, people.per_cell)
        a, b = make_key(self.seed, BRAND_REPLICATION + replication)
        key = (int(a), int(b))
        status_quo = self.group.points[0].status_quo
        assert status_quo is not None
        plan = lower_plan(status_quo.plan, scenario, key=key)
        setups = [
            _setup(loaded.copy(), point, f"{number}", key, int(model.key.mask))
            for number, (loaded, point) in enumerate(strategies)
        ]
        return RUNNERS[engine](scenario, model, plan, setups, population)


def _setup(
    loaded: LoadedStrategy, point: Point, name: str, key: tuple[int, int], mask: int
) -> StrategySetup:
    assert point.scenario is not None
    plan = lower_plan(loaded.plan, point.scenario, decides=loaded.decides, key=key)
    hooks = None
    if loaded.decides or loaded.learns:
        hooks = Hooks(loaded, point.scenario, mask)
    rate = point.scenario.discount_rate
    return StrategySetup(name, plan, hooks, tables=False, discount_rate=rate)


class _Sums:
    """What one point's strategies add up to, out of a run of many points'.

    Parameters
    ----------
    point
        The point.
    places
        Where each of its strategies is in the run.
    shared
        As `Moments` takes them.
    """

    def __init__(self, point: Point, places: Sequence[int], shared: Sequence[str]) -> None:
        self.point, self.places = point, list(places)
        self.moments = Moments([s.name for s in point.strategies], shared=shared)
        self.digests, self.counts = [0] * len(places), [0] * len(places)

    def take(self, result: Any) -> None:
        """Add a chunk of cells."""
        self.moments.add(np.ascontiguousarray(result.block[:, self.places]))
        for k, place in enumerate(self.places):
            self.digests[k] = add_digests(self.digests[k], result.digests[place])
            self.counts[k] += result.events[place]

    def runs(self) -> list[StrategyRun]:
        """Return digest and rows of each strategy's log."""
        names = [s.name for s in self.point.strategies]
        return [
            StrategyRun(n, hex_digest(d), e)
            for n, d, e in zip(names, self.digests, self.counts, strict=True)
        ]
