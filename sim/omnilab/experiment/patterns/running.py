"""Measure patterns: one strategy's log over several seeds, with intervals over the seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from omnilab.experiment.compare import compare
from omnilab.experiment.patterns.declared import RECEIVED
from omnilab.experiment.patterns.lives import Lives
from omnilab.experiment.workers.executor import Executor, executor_of_worlds
from omnilab.lowering.cells import cells_at_once
from omnilab.strategy.loading import load_strategy

if TYPE_CHECKING:
    from typing import Any

    from omnilab.experiment.patterns.declared import Pattern, Patterns
from omnilab.scenario.model import Scenario

__all__ = [
    "Found",
    "Measured",
    "executor_of_patterns",
    "measure_patterns",
    "pattern_sums",
    "pattern_values",
]

LEVEL: Final = 0.95
_CHUNK: Final = 512  # cells, whose whole log is held at once

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Found:
    """A pattern, and where the scenario comes out.

    Attributes
    ----------
    by_seed
        The value of each seed, None where there was nothing to measure.
    value
        Their mean; None where a seed has none.
    half_width
        Of the mean's 95% interval over seeds, by Student's t; None for one seed.
    """

    pattern: Pattern
    by_seed: tuple[float | None, ...]

    @property
    def value(self) -> float | None:
        """The mean over seeds; None where a seed has no value."""
        known = [v for v in self.by_seed if v is not None]
        return sum(known) / len(known) if len(known) == len(self.by_seed) else None

    @property
    def half_width(self) -> float | None:
        """Half the width of the mean's 95% interval over seeds; None for one seed."""
        from scipy.stats import t

        n = len(self.by_seed)
        if self.value is None or n < 2:
            return None
        sd = float(np.std([v for v in self.by_seed if v is not None], ddof=1))
        return float(t.ppf(0.5 + LEVEL / 2, n - 1)) * sd / sqrt(n)

    @property
    def misfit(self) -> float | None:
        """The value less the published one, in tolerances."""
        if self.value is None:
            return None
        return (self.value - self.pattern.published) / self.pattern.tolerance

    @property
    def is_within(self) -> bool:
        """Whether the mean is within the tolerance."""
        return self.misfit is not None and abs(self.misfit) <= 1.0


@dataclass(frozen=True)
class Measured:
    """All patterns of a scenario, measured."""

    scenario: Scenario
    patterns: Patterns
    strategy: str
    seeds: tuple[int, ...]
    found: tuple[Found, ...]

    def of_role(self, role: str) -> tuple[Found, ...]:
        """Return what was found of a role's patterns."""
        return tuple(f for f in self.found if f.pattern.role == role)


def measure_patterns(
    scenario: Scenario,
    patterns: Patterns,
    *,
    seeds: Sequence[int] = (1, 2, 3, 4, 5),
    engine: str = "auto",
    threads: int = 1,
    progress: Progress | None = None,
) -> Measured:
    """Run a scenario under its patterns' strategy, once a seed, and measure them all.

    Parameters
    ----------
    scenario
        With its own number of customers.
    patterns
        Read for this scenario.
    seeds
        At least one, no two alike.
    engine, threads
        As those of `omnilab.experiment.compare.compare`.
    progress
        Called with what is being done and how much of it is, 0 to 1.
    """
    name = patterns.strategy or scenario.brand.status_quo
    executor = executor_of_patterns(scenario, patterns, threads)
    common = (scenario, patterns, engine, 1 if executor.divides else threads)
    values_of = executor.in_order(_of_seed, seeds, common)
    by_seed = []
    for number, seed in enumerate(seeds):
        if progress is not None:
            progress(f"seed {seed}", number / len(seeds))
        by_seed.append(next(values_of))
    found = tuple(
        Found(p, tuple(values[i] for values in by_seed)) for i, p in enumerate(patterns.patterns)
    )
    return Measured(scenario, patterns, name, tuple(seeds), found)


def executor_of_patterns(scenario: Scenario, patterns: Patterns, threads: int) -> Executor:
    """Return where populations of a scenario under its patterns' strategy are run."""
    status_quo = scenario.brand.status_quo
    return executor_of_worlds([status_quo, patterns.strategy or status_quo], threads)


def _of_seed(
    common: tuple[Scenario, Patterns, str, int], seed: int
) -> Iterator[list[float | None]]:
    """Yield the values of all patterns in one population."""
    scenario, patterns, engine, threads = common
    sums = pattern_sums(scenario, patterns, seed=seed, engine=engine, threads=threads)
    yield pattern_values(patterns, sums)


def pattern_sums(
    scenario: Scenario, patterns: Patterns, *, seed: int, engine: str = "auto", threads: int = 1
) -> list[list[float]]:
    """Return the sums of each pattern over all persons of one population."""
    strategy = load_strategy(patterns.strategy or scenario.brand.status_quo, scenario)
    taker = _Sums(scenario, patterns, strategy.plan)
    compare(
        scenario, [strategy], seed=seed, engine=engine, threads=threads, recorder=taker,
        chunk=cells_at_once(_CHUNK, scenario.population.per_cell),
    )  # fmt: skip
    return taker.sums


def pattern_values(patterns: Patterns, sums: Sequence[Sequence[float]]) -> list[float | None]:
    """Return the value of each pattern of its sums."""
    return [p.measure.value(s, p.of) for p, s in zip(patterns.patterns, sums, strict=True)]


class _Sums:
    """Takes a run's log, some whole cells at a time, and keeps the sums alone."""

    def __init__(self, scenario: Scenario, patterns: Patterns, plan: Any) -> None:
        self._scenario, self._patterns, self._plan = scenario, patterns, plan
        self._places: Mapping[str, tuple[str, ...]] = patterns.places
        self.sums: list[list[float]] = []

    def begin(self, _model: Any, _plan: Any, _population: Any) -> None:
        """Take what the run is made of: nothing is needed of it."""

    def add(self, log: Any) -> None:
        """Take the rows of some whole cells."""
        lives = Lives(
            log, self._scenario, self._plan, dict(self._places),
            receipts=self._patterns.opens == RECEIVED,
        )  # fmt: skip
        new = [list(p.measure.sums(lives, p.of)) for p in self._patterns.patterns]
        old = self.sums or [[0.0] * len(s) for s in new]
        self.sums = [
            [a + b for a, b in zip(x, y, strict=True)] for x, y in zip(old, new, strict=True)
        ]
