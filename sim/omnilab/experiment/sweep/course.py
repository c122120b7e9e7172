"""The course of a sweep: from what is asked for to every point's numbers."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from omnilab import __version__
from omnilab.errors import OmnilabError, OptionError
from omnilab.experiment.differences import check_reference
from omnilab.experiment.sweep.design import DESIGNS, count_of, rows_of
from omnilab.experiment.sweep.points import SCENARIO, Maker, Point
from omnilab.experiment.sweep.running import Outcome, Stopped, run_group
from omnilab.experiment.sweep.sharing import Group, Models, groups_of
from omnilab.experiment.sweep.vary import Given, Vary
from omnilab.kernels.compiling import watch_compiling
from omnilab.scenario.write import scenario_digest

if TYPE_CHECKING:
    from omnilab.experiment.sweep.store import Store
    from omnilab.scenario.model import Scenario

__all__ = [
    "MOST_RUNS",
    "SWEEP_FORMAT",
    "Failure",
    "Planned",
    "Settings",
    "Sweep",
    "grouped",
    "plan_sweep",
    "run_sweep",
]  # fmt: skip

SWEEP_FORMAT: Final = "omnilab-sweep-v1"
#: Runs, points times seeds, of one sweep: more have to be taken in parts.
MOST_RUNS: Final = 100_000
_SEEDS: Final = 1 << 63
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Settings:
    """What a sweep is asked for beside scenario, strategies and what varies.

    Attributes
    ----------
    seeds
        Each point is simulated with each of them.
    replications, engine, threads, chunk
        As `omnilab.experiment.compare.compare` takes them; results depend on the first alone.
    design, points, design_seed
        Of the points: see `omnilab.experiment.sweep.design`.
    against
        The strategy that differences are taken against, None for the usual one.
    apart
        Whether each point has customers of its own, so that chance is independent between points:
        a point's seed is then the given one plus its number plus 1.
    """

    seeds: tuple[int, ...] = (1,)
    replications: int = 1
    engine: str = "auto"
    threads: int = 1
    chunk: int | None = None
    design: str = "grid"
    points: int | None = None
    design_seed: int = 1
    against: str | None = None
    apart: bool = False

    def seed_of(self, seed: int, point: int) -> int:
        """Return the seed that a point is simulated with."""
        return (seed + 1 + point) % _SEEDS if self.apart else seed


@dataclass(frozen=True)
class Planned:
    """A sweep that is ready to run.

    Attributes
    ----------
    varies
        What varies.
    points
        All points, refused ones too.
    groups
        Which of them are one run.
    strategies
        Names, in the order in which the first point has them.
    digest
        Of all that the results depend on.
    """

    scenarios: Mapping[str, Scenario]
    varies: tuple[Vary, ...]
    settings: Settings
    maker: Maker
    points: tuple[Point, ...]
    groups: tuple[Group, ...]
    digest: str

    @property
    def runs(self) -> int:
        """Points times seeds."""
        return len(self.points) * len(self.settings.seeds)


@dataclass(frozen=True)
class Failure:
    """A strategy, or a whole point (strategy ""), that has no result, and why."""

    point: int
    seed: int | None
    strategy: str
    reason: str


@dataclass
class Sweep:
    """What a sweep found; every number is a function of what is in its digest.

    Attributes
    ----------
    planned
        What was asked for.
    outcomes
        (point, seed) -> what was found.
    failures
        What has no result, by point.
    shared
        Number -> how many of it there were: see `omnilab.experiment.sweep.tables.shared_words`.
    elapsed_s
        Seconds by the clock.
    """

    planned: Planned
    outcomes: dict[tuple[int, int], Outcome]
    failures: list[Failure]
    shared: dict[str, int] = field(default_factory=dict)
    elapsed_s: float = 0.0

    @cached_property
    def by_point(self) -> dict[int, list[Outcome]]:
        """The outcomes of each point that has some, by seed."""
        found: dict[int, list[Outcome]] = {}
        for outcome in self.outcomes.values():
            found.setdefault(outcome.point, []).append(outcome)
        return found


def plan_sweep(
    scenarios: Mapping[str, Scenario], varies: Sequence[Vary], strategies: Sequence[Any] | None,
    settings: Settings, *, rows: Sequence[tuple[Given, ...]] | None = None,
    sample: Callable[[Sequence[Vary]], Sequence[tuple[Given, ...]]] | None = None,
    refuse_many: Callable[[Maker, Sequence[Vary], int], None] | None = None,
) -> Planned:  # fmt: skip
    """Check all that is asked for and make the points.

    Parameters
    ----------
    scenarios
        Label -> scenario, with its customers. Several vary as path ``scenario``.
    varies
        What varies beside them.
    strategies
        As `Maker` takes them.
    settings
        All else.
    rows
        The points' values where no design makes them.
    sample
        Makes them of what varies, once that is checked.
    refuse_many
        Given the number of runs before any point is made; may raise.

    Raises
    ------
    OptionError
        If a path is not there, is given twice, or one of its values is refused at each point.
    """
    maker = Maker(scenarios, strategies)
    if len(scenarios) > 1:
        labels = tuple(Given(label, label) for label in scenarios)
        varies = [Vary(SCENARIO, labels), *varies]
    paths = [v.path for v in varies]
    for path in paths:
        if paths.count(path) > 1:
            raise OptionError(f"--vary {path} is given twice: give its values in one list")
    if rows is None and sample is None and settings.design not in DESIGNS:
        raise OptionError(f"--design {settings.design}: there are {', '.join(DESIGNS)}")
    checked = tuple(maker.check(v) for v in varies)
    if settings.against is not None:
        check_reference(settings.against, [s.name for s in maker.strategies])
    if sample is not None:
        rows = sample(checked)
    count = len(rows) if rows is not None else count_of(checked, settings.design, settings.points)
    if refuse_many is not None:
        refuse_many(maker, checked, count * len(settings.seeds))
    if count * len(settings.seeds) > MOST_RUNS:
        raise OptionError(
            f"{count:,} points with {len(settings.seeds)} seeds: at most {MOST_RUNS:,} runs are"
            " taken at once; take fewer values, or --design lhs --points 200"
        )
    if rows is None:
        rows = rows_of(checked, settings.design, count, settings.design_seed)
    points = tuple(maker.make(number, checked, row) for number, row in enumerate(rows))
    _refuse_values(maker, checked, points)
    groups = grouped(points, settings)
    digest = _digest(scenarios, maker, points, settings)
    return Planned(dict(scenarios), checked, settings, maker, points, groups, digest)


def grouped(points: Sequence[Point], settings: Settings) -> tuple[Group, ...]:
    """Return which points are one run; with seeds of their own each is."""
    if not settings.apart:
        return tuple(groups_of(points))
    return tuple(group for point in points for group in groups_of([point]))


def run_sweep(
    planned: Planned, store: Store | None = None, progress: Progress | None = None
) -> Sweep:
    """Run all points that the store does not have yet.

    Parameters
    ----------
    planned
        Of `plan_sweep`.
    store
        Where each finished point is kept, and found again by a sweep that was killed.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Raises
    ------
    OmnilabError
        If no point has a result; what failed elsewhere is in ``Sweep.failures``.
    """
    started = time.perf_counter()
    say = progress or (lambda _what, _share: None)
    outcomes = dict(store.load()) if store is not None else {}
    models, unkept = Models(), list[Failure]()
    tasks = _tasks(planned, outcomes)
    if outcomes and tasks:
        say(f"taking up a stopped sweep after {len(outcomes)} of {planned.runs} runs", 0.0)
    if tasks:
        with watch_compiling(lambda: say("compiling kernels (once a version)", 0.0)):
            models.of(tasks[0][0])
    for outcome in _Pool(planned, models, say).run(tasks, len(outcomes)):
        try:
            if store is not None:
                store.save(outcome)
        except OSError as error:
            reason = f"its result could not be kept: {error.strerror or error}"
            unkept.append(Failure(outcome.point, outcome.seed, "", reason))
            continue
        outcomes[outcome.point, outcome.seed] = outcome
    ordered = {key: outcomes[key] for key in sorted(outcomes)}
    failures = [*_refused(planned), *_failed(ordered), *unkept]
    failures.sort(key=lambda f: (f.point, f.seed or 0, f.strategy))
    if failures and all(outcome.moments is None for outcome in ordered.values()):
        raise OmnilabError(f"no point has a result: point {failures[0].point}:"
                           f" {failures[0].reason}")  # fmt: skip
    elapsed = time.perf_counter() - started
    return Sweep(planned, ordered, failures, _shared(planned), elapsed)


Task = tuple[Group, int]


def _tasks(planned: Planned, done: Mapping[tuple[int, int], Outcome]) -> list[Task]:
    """Return what is left to run: groups, or what is left of them, by seed."""
    tasks = []
    for seed in planned.settings.seeds:
        for group in planned.groups:
            own = planned.settings.seed_of(seed, group.points[0].number)
            left = tuple(p for p in group.points if (p.number, own) not in done)
            if left:
                tasks.append((replace(group, points=left), own))
    return tasks


class _Pool:
    """Runs tasks side by side, one a thread; few and large ones share the threads inside."""

    def __init__(self, planned: Planned, models: Models, say: Progress) -> None:
        self.planned, self.models, self.say = planned, models, say
        self.stop = Event()
        self.shares: dict[int, float] = {}

    def run(self, tasks: Sequence[Task], before: int) -> Any:
        """Yield the outcomes as they come."""
        if not tasks:
            return
        workers = min(self.planned.settings.threads, len(tasks))
        inner = max(1, self.planned.settings.threads // workers)
        weights = [len(group.points) for group, _ in tasks]
        total = before + sum(weights)
        with ThreadPoolExecutor(workers) as pool:
            try:
                running = {
                    pool.submit(self._one, number, task, inner): number
                    for number, task in enumerate(tasks)
                }
                left: set[Future[list[Outcome]]] = set(running)
                while left:
                    done, left = wait(left, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in sorted(done, key=lambda f: running[f]):
                        yield from future.result()
                    # By a copy: threads write to it meanwhile.
                    share = sum(weights[k] * part for k, part in list(self.shares.items()))
                    self.say("simulating", (before + share) / total)
            finally:
                self.stop.set()
                pool.shutdown(wait=True, cancel_futures=True)

    def _one(self, number: int, task: Task, threads: int) -> list[Outcome]:
        group, seed = task
        settings = self.planned.settings

        def say(share: float) -> None:
            self.shares[number] = share

        try:
            found = run_group(
                group, self.models, seed=seed, replications=settings.replications,
                engine=settings.engine, threads=threads, chunk=settings.chunk, stop=self.stop,
                say=say,
            )  # fmt: skip
        except Stopped:
            return []
        say(1.0)
        return found


def _refuse_values(maker: Maker, varies: Sequence[Vary], points: Sequence[Point]) -> None:
    """Refuse values with which no point can be simulated; others cost their own points."""
    for vary in varies:
        for given in vary.ends():
            own = [p for p in points if p.values[vary.path].text == given.text]
            if not own and vary.is_range:  # a spread design does not reach the ends
                own = [maker.make(-1, [vary], [given])]
            if own and all(p.refused for p in own):
                alone = maker.make(-1, [vary], [given])
                reason = alone.refused or own[0].refused
                raise OptionError(f"--vary {vary.path}={given.text}: {reason}")
    if points and all(p.refused for p in points):
        raise OptionError(f"each point is refused; point 0: {points[0].refused}")


def _refused(planned: Planned) -> list[Failure]:
    return [Failure(p.number, None, "", p.refused) for p in planned.points if p.refused]


def _failed(outcomes: Mapping[tuple[int, int], Outcome]) -> list[Failure]:
    return [
        Failure(point, seed, strategy, reason)
        for (point, seed), outcome in outcomes.items()
        for strategy, reason in outcome.failures.items()
    ]


def _shared(planned: Planned) -> dict[str, int]:
    """Count what the points have in common; a function of the plan, not of what was resumed."""
    seeds = len(planned.settings.seeds)
    distinct = asked = 0
    homes = set()
    for group in planned.groups:
        keys: list[str] = []
        for p in group.points:
            assert p.scenario is not None
            keys += p.keys
            people = p.scenario.population
            law = tuple(people.household_sizes)
            homes.add((people.customers, people.households_per_cell, law))
        asked += len(keys)
        distinct += len(set(keys))
    return {
        "points": len(planned.points),
        "seeds": seeds,
        "runs": len(planned.groups) * seeds,
        "populations": (len(planned.points) if planned.settings.apart else len(homes)) * seeds,
        "burn_ins": len(planned.groups) * seeds,
        "calibrations": len({group.calibration for group in planned.groups}),
        "censuses": len({group.census for group in planned.groups}),
        "strategies_asked": asked * seeds,
        "strategies_simulated": distinct * seeds,
    }


def _digest(
    scenarios: Mapping[str, Scenario], maker: Maker, points: Sequence[Point], settings: Settings
) -> str:
    """Return the SHA-256 of all that the results depend on."""
    first = next((p for p in points if not p.refused), None)
    sources = sorted({(s.name, s.source) for s in maker.loaded()})
    parts = [
        SWEEP_FORMAT, __version__,
        [(label, scenario_digest(s)) for label, s in scenarios.items()],
        [[(path, repr(given.value)) for path, given in p.values.items()] for p in points],
        sources, [s.name for s in first.strategies] if first else [],
        list(settings.seeds), settings.replications, settings.engine,
        *(["apart"] if settings.apart else []),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
