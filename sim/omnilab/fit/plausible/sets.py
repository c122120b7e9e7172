"""Make a set of plausible worlds of a purchase log, or of a scenario's patterns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from omnilab import __version__
from omnilab.errors import OptionError
from omnilab.experiment.patterns.declared import TARGET
from omnilab.experiment.patterns.running import pattern_sums, pattern_values
from omnilab.experiment.plausible.file import WorldSet
from omnilab.experiment.workers.executor import Beat, executor_of_worlds
from omnilab.fit.plausible.log_moments import LOG_MOMENTS, log_moments
from omnilab.fit.plausible.matching import CUTOFF, IDENTIFIED, Matched, Target, match
from omnilab.fit.plausible.ranges import (
    Parameter,
    changed_world,
    of_patterns,
    of_scenario,
    values_at,
)
from omnilab.fit.scenario import simulated_occasions
from omnilab.scenario.write import scenario_digest

if TYPE_CHECKING:
    from omnilab.experiment.patterns.declared import Patterns
    from omnilab.fit.summary import Occasions
    from omnilab.scenario.assumptions import Assumption
    from omnilab.scenario.model import Scenario

__all__ = ["Search", "worlds_of_log", "worlds_of_patterns"]

Floats = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]

#: Seeds of a set's simulations are this much above its own, where a user's hardly are.
_SEEDS: Final = 1_000_000


@dataclass(frozen=True)
class Search:
    """How hard to look.

    Attributes
    ----------
    worlds
        In the set.
    points, waves
        Simulations of each wave, and waves; None for a number by the parameters.
    customers
        Of each simulation.
    seed, threads, progress
        The usual.
    """

    worlds: int = 100
    points: int | None = None
    waves: int = 3
    customers: int = 1000
    seed: int = 1
    threads: int = 1
    progress: Progress | None = None

    def points_of(self, p: int) -> int:
        """Return the simulations of a wave: ten a parameter (Loeppky and others, 2009), or 60."""
        return self.points or max(10 * p, 60)


def worlds_of_log(
    scenario: Scenario, assumptions: Sequence[Assumption], occasions: Occasions, search: Search
) -> WorldSet:
    """Return the worlds that a purchase log does not rule out.

    Parameters
    ----------
    scenario
        Fitted to the log, as its file has it: its window is the log's.
    assumptions
        What it assumes, with what was fitted.
    occasions
        The log's purchases.
    search
        How hard to look.

    Raises
    ------
    OptionError, OmnilabError
        If nothing can move, or nothing is left.
    """
    values, covariance = log_moments(occasions)
    usable = np.isfinite(values) & (np.diag(covariance) > 0)
    names = tuple(n for n, u in zip(LOG_MOMENTS, usable, strict=True) if u)
    target = Target(names, values[usable], covariance[np.ix_(usable, usable)])
    parameters = of_scenario(scenario, assumptions)
    sized = scenario.with_customers(search.customers)
    moments = _LogMoments(occasions.n_days, occasions.same_day, usable)
    return _made(scenario, sized, parameters, target, moments, search)


def worlds_of_patterns(
    scenario: Scenario, assumptions: Sequence[Assumption], patterns: Patterns, search: Search
) -> WorldSet:
    """Return the worlds in which a scenario's targets come out within their tolerances.

    A tolerance counts as one standard deviation, as in `match_targets`; checks are not looked at.

    Parameters
    ----------
    scenario, assumptions
        As its file has it, and what it assumes.
    patterns
        Its targets, and ranges of what may move.
    search
        How hard to look.

    Raises
    ------
    OptionError, OmnilabError
        If there is no target, nothing can move, or nothing is left.
    """
    places = [k for k, p in enumerate(patterns.patterns) if p.role == TARGET]
    if not places:
        raise OptionError(f"--worlds: {patterns.path} has no target to be met")
    targets = [patterns.patterns[k] for k in places]
    wanted = np.array([p.published for p in targets])
    variance = np.diag([p.tolerance**2 for p in targets])
    target = Target(tuple(p.name for p in targets), wanted, variance)
    own = of_patterns(patterns)
    taken = [key for one in own for key in (one.key, *one.others)]
    parameters = [*own, *of_scenario(scenario, assumptions, without=taken)]
    sized = scenario.with_customers(search.customers)
    moments = _PatternMoments(patterns, tuple(places))
    return _made(scenario, sized, parameters, target, moments, search)


class _Moments(Protocol):
    """Simulates a world, and returns what is held against the target, shape (n_moments,)."""

    @property
    def strategy(self) -> str:
        """By which the world is run; "" for its status quo."""
        ...

    def __call__(self, world: Scenario, seed: int) -> Floats: ...


@dataclass(frozen=True)
class _LogMoments:
    """A log's moments that are usable."""

    n_days: int
    same_day: bool
    usable: npt.NDArray[np.bool_]
    strategy: str = ""

    def __call__(self, world: Scenario, seed: int) -> Floats:
        found = simulated_occasions(world, self.n_days, same_day=self.same_day, seeds=(seed,))
        return log_moments(found)[0][self.usable]


@dataclass(frozen=True)
class _PatternMoments:
    """The values of some patterns."""

    patterns: Patterns
    places: tuple[int, ...]

    @property
    def strategy(self) -> str:
        return self.patterns.strategy or ""

    def __call__(self, world: Scenario, seed: int) -> Floats:
        found = pattern_values(self.patterns, pattern_sums(world, self.patterns, seed=seed))
        return np.array([np.nan if (v := found[k]) is None else v for k in self.places])


def _moments(
    common: tuple[Scenario, Mapping[str, Any], _Moments, int], row: int, _beat: Beat
) -> Floats:
    """Return the moments of one world."""
    sized, values, moments, seed = common
    return moments(changed_world(sized, dict(values), row), seed + row)


def _made(
    scenario: Scenario, sized: Scenario, parameters: Sequence[Parameter], target: Target,
    moments: _Moments, search: Search,
) -> WorldSet:  # fmt: skip
    if not parameters:
        raise OptionError(
            "--worlds: nothing has a range: name assumptions under `assumed`, or fit a log"
        )
    points = search.points_of(len(parameters))
    say = search.progress or (lambda _what, _share: None)
    total = points * search.waves

    def simulate(places: Floats, before: int) -> Floats:
        def tell(shares: Mapping[int, float]) -> None:
            say("simulating worlds", (before + sum(shares.values())) / total)

        common = (
            sized, values_at(sized, parameters, places), moments, search.seed + _SEEDS + before,
        )  # fmt: skip
        executor = executor_of_worlds([sized.brand.status_quo, moments.strategy], search.threads)
        found = dict(executor.as_done(_moments, range(len(places)), common, tell))
        return np.array([found[row] for row in range(len(places))])

    matched = match(
        simulate, target, len(parameters), points=points, waves=search.waves, seed=search.seed,
        progress=say,
    )  # fmt: skip
    return _picked(scenario, parameters, target, matched, search)


def _picked(
    scenario: Scenario, parameters: Sequence[Parameter], target: Target, matched: Matched,
    search: Search,
) -> WorldSet:  # fmt: skip
    """Return some of the draws as a set: systematic by weight, in an order that chance makes."""
    order = np.random.default_rng(search.seed).permutation(len(matched.weights))
    up_to = np.cumsum(matched.weights[order])
    at = np.searchsorted(up_to, (np.arange(search.worlds) + 0.5) / search.worlds)
    rows, counts = np.unique(order[np.minimum(at, len(order) - 1)], return_counts=True)
    values = values_at(scenario, parameters, matched.places[rows])
    return WorldSet(values, counts / search.worlds, _about(scenario, parameters, target, matched,
                                                           search))  # fmt: skip


def _about(
    scenario: Scenario, parameters: Sequence[Parameter], target: Target, matched: Matched,
    search: Search,
) -> dict[str, Any]:  # fmt: skip
    emulated = matched.mean(matched.moments)
    return {
        "scenario": {"id": scenario.id, "digest": scenario_digest(scenario)},
        "version": __version__,
        "seed": search.seed,
        "customers": search.customers,
        "cutoff": CUTOFF,
        "identified_to": IDENTIFIED,
        "effective": matched.effective,
        "waves": [
            {"points": w.points, "left": w.left, "after": w.after} for w in matched.waves
        ],
        "moments": [
            {"name": n, "wanted": float(w), "sd": float(s), "emulated": float(e)}
            for n, w, s, e in zip(target.names, target.wanted, target.sd, emulated, strict=True)
        ],
        "parameters": [
            {**one.described(), "spread": float(s), "identified": bool(s <= IDENTIFIED)}
            for one, s in zip(parameters, matched.spread, strict=True)
        ],
    }  # fmt: skip
