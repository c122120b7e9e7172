"""The course of a sweep: from its points to every point's numbers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from omnilab.errors import OmnilabError
from omnilab.experiment.sweep.planned import Planned
from omnilab.experiment.sweep.pool import Pool, Progress, Task
from omnilab.experiment.sweep.running import Outcome
from omnilab.experiment.sweep.sharing import Models
from omnilab.kernels.compiling import watch_compiling

if TYPE_CHECKING:
    from omnilab.experiment.sweep.store import Store

__all__ = ["Failure", "Sweep", "run_sweep"]


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
    for outcome in Pool(planned, models, say).run(tasks, len(outcomes)):
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
            homes.add((people.customers, people.per_cell, law))
        asked += len(keys)
        distinct += len(set(keys))
    return {
        "points": len(planned.points),
        "seeds": seeds,
        "runs": len(planned.groups) * seeds,
        "populations": _populations(planned, len(homes)) * seeds,
        "burn_ins": len(planned.groups) * seeds,
        "calibrations": len({group.calibration for group in planned.groups}),
        "censuses": len({group.census for group in planned.groups}),
        "strategies_asked": asked * seeds,
        "strategies_simulated": distinct * seeds,
    }


def _populations(planned: Planned, homes: int) -> int:
    """Return how many populations a seed has: one a block of points, or as laws differ."""
    settings = planned.settings
    return -(-len(planned.points) // settings.block) if settings.apart else homes
