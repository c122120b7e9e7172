"""Which pattern pins which assumption, and assumptions chosen by matching targets.

Both run the scenario in many worlds, a Latin hypercube over the ranges of the assumptions, with
the same people in each. A sum of parabolas, one an assumption, is fitted to each pattern's misfit:
its highs and lows say how far an assumption moves a pattern. Matching looks for the values at
which those sums, of targets alone, are nearest to 0; it goes on in a smaller box around them, as
history matching does. An assumption that no target pins stays near its value in the scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.experiment.paths import changed_at
from omnilab.experiment.patterns.declared import TARGET
from omnilab.experiment.patterns.running import (
    executor_of_patterns,
    pattern_sums,
    pattern_values,
)
from omnilab.experiment.workers.executor import Beat

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.experiment.patterns.declared import Patterns
    from omnilab.scenario.model import Scenario

__all__ = ["Match", "Pins", "changed_scenario", "match_targets", "pins_of", "values_of"]

#: What it costs an assumption to go over its whole range, in squared tolerances of one target.
STAYS: Final = 0.25
#: Keeps a parabola flat where few worlds say how it bends.
_RIDGE: Final = 1.0
#: Each next box is so much of the one before.
_NARROWER: Final = 0.5

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Pins:
    """How far each assumption moves each pattern.

    Attributes
    ----------
    swing
        Tolerances that the pattern moves over the assumption's range, with the sign of the way
        from its low end to its high one; shape ``(n_patterns, n_assumptions)``.
    explained
        Share of a pattern's variance over the worlds that the parabolas foretell, each world from
        the others, ``(n_patterns,)``.
    worlds
        In how many worlds.
    """

    swing: NDArray[np.float64]
    explained: NDArray[np.float64]
    worlds: int


@dataclass(frozen=True)
class Match:
    """Assumptions that were chosen.

    Attributes
    ----------
    values
        Of each assumption, as a scenario file writes it, in the order of `Patterns.assumptions`.
    places
        Where in its range each is, 0 to 1.
    misfit
        Root of the mean squared misfit of the targets, in tolerances, as the parabolas see it.
    """

    values: tuple[Any, ...]
    places: tuple[float, ...]
    misfit: float


def values_of(patterns: Patterns, places: Sequence[float]) -> tuple[Any, ...]:
    """Return the values of all assumptions at places 0..1 of their ranges."""
    return tuple(a.vary.at(u).value for a, u in zip(patterns.assumptions, places, strict=True))


def changed_scenario(scenario: Scenario, patterns: Patterns, places: Sequence[float]) -> Scenario:
    """Return the scenario with its assumptions at places 0..1 of their ranges.

    Where an assumption is of several keys, the others keep their proportion to the first.
    """
    changes: dict[str, Any] = {}
    for assumed, u in zip(patterns.assumptions, places, strict=True):
        changes |= assumed.changes(scenario, u)
    return changed_at(scenario, changes, currency=scenario.currency, seconds=True)


def pins_of(
    scenario: Scenario, patterns: Patterns, *, worlds: int = 128, seed: int = 1,
    threads: int = 1, progress: Progress | None = None,
) -> Pins:  # fmt: skip
    """Measure which assumption moves which pattern, over whole ranges.

    Parameters
    ----------
    scenario
        With its own number of customers.
    patterns
        With at least one assumption.
    worlds
        How many; at least four an assumption say much.
    seed
        Of the worlds and of the people.
    """
    places = _hypercube(len(patterns.assumptions), worlds, seed)
    misfits = _misfits(scenario, patterns, places, seed, threads, progress, (0.0, 1.0))
    curves = [_Parabolas(places, misfits[:, k]) for k in range(misfits.shape[1])]
    return Pins(
        np.array([curve.swings() for curve in curves]),
        np.array([curve.explained for curve in curves]),
        worlds,
    )


def match_targets(
    scenario: Scenario, patterns: Patterns, *, worlds: int = 128, waves: int = 3, seed: int = 1,
    width: float = 1.0, threads: int = 1, progress: Progress | None = None,
) -> Match:  # fmt: skip
    """Choose the assumptions by matching the targets; checks are not looked at.

    Parameters
    ----------
    scenario, patterns, worlds, seed, threads, progress
        As those of `pins_of`; so many worlds a wave.
    waves
        How often to look, each time in a smaller box.
    width
        Of the first box, as a share of the ranges; below 1 it lies around the scenario's values.
    """
    targets = [k for k, p in enumerate(patterns.patterns) if p.role == TARGET]
    now = np.array([a.place(scenario) for a in patterns.assumptions])
    low, high = _box(now, width)
    best, cost = now, np.inf
    seen: list[Any] = []
    for wave in range(waves):
        share = (wave / waves, (wave + 1) / waves)
        places = low + (high - low) * _hypercube(len(now), worlds, seed + wave)
        places[0] = best  # where it is so far is always looked at
        seen.append((places, _misfits(scenario, patterns, places, seed, threads, progress, share)))
        inside = [_inside(p, m, low, high) for p, m in seen]
        known = np.concatenate([p for p, _ in inside]), np.concatenate([m for _, m in inside])
        curves = [_Parabolas(known[0], known[1][:, k]) for k in targets]
        best, cost = _lowest(curves, best, now, low, high)
        low, high = _box(best, width * _NARROWER ** (wave + 1))
    chosen = tuple(float(u) for u in best)
    return Match(values_of(patterns, chosen), chosen, cost)


def _box(middle: NDArray[np.float64], width: float) -> tuple[Any, Any]:
    """Return the ends of a box around a place, cut where ranges end; all of them if it is 1."""
    if width >= 1.0:
        return np.zeros(len(middle)), np.ones(len(middle))
    return np.clip(middle - width / 2, 0.0, 1.0), np.clip(middle + width / 2, 0.0, 1.0)


def _hypercube(n: int, worlds: int, seed: int) -> NDArray[np.float64]:
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(n, rng=np.random.default_rng(seed)).random(worlds))


def _misfits(
    scenario: Scenario, patterns: Patterns, places: NDArray[np.float64], seed: int, threads: int,
    progress: Progress | None, share: tuple[float, float],
) -> NDArray[np.float64]:  # fmt: skip
    """Return the misfit of each pattern in each world, NaN where there is nothing to measure."""
    say = progress or (lambda _what, _share: None)
    n = len(places)

    def tell(shares: Mapping[int, float]) -> None:
        done = sum(one >= 1.0 for one in shares.values())
        if done:
            say(f"world {done} of {n}", share[0] + (share[1] - share[0]) * done / n)

    executor = executor_of_patterns(scenario, patterns, threads)
    found = dict(executor.as_done(_misfit, places.tolist(), (scenario, patterns, seed), tell))
    return np.array([found[world] for world in range(n)])


def _misfit(
    common: tuple[Scenario, Patterns, int], place: list[float], _beat: Beat
) -> list[float]:  # fmt: skip
    """Return the misfit of each pattern in the world at a place."""
    scenario, patterns, seed = common
    changed = changed_scenario(scenario, patterns, place)
    values = pattern_values(patterns, pattern_sums(changed, patterns, seed=seed))
    return [
        (v - p.published) / p.tolerance if v is not None else np.nan
        for v, p in zip(values, patterns.patterns, strict=True)
    ]


def _inside(places: Any, misfits: Any, low: Any, high: Any) -> tuple[Any, Any]:
    """Return the worlds in a box, or all where few are: a parabola holds near by."""
    within = ((places >= low - 0.1) & (places <= high + 0.1)).all(axis=1)
    return (places[within], misfits[within])


def _lowest(
    curves: Sequence[_Parabolas], start: Any, now: Any, low: Any, high: Any
) -> tuple[NDArray[np.float64], float]:
    """Return the place at which the targets' misfits are least, and what is left of them."""
    from scipy.optimize import least_squares

    def left(u: Any) -> Any:
        return np.concatenate([[c.at(u) for c in curves], np.sqrt(STAYS) * (u - now)])

    inside = np.clip(start, low + 1e-6, high - 1e-6)
    found = least_squares(left, inside, bounds=(low, high), loss="soft_l1")
    misfits = np.array([c.at(found.x) for c in curves])
    return np.asarray(found.x), float(np.sqrt((misfits * misfits).mean()))


class _Parabolas:
    """A sum of parabolas over the assumptions, fitted to one pattern's misfit.

    Parameters
    ----------
    places
        Of the worlds, 0..1, shape ``(n_worlds, n_assumptions)``.
    misfit
        Of the pattern in each, shape ``(n_worlds,)``; NaN is left out.
    """

    def __init__(self, places: NDArray[np.float64], misfit: NDArray[np.float64]) -> None:
        known = np.isfinite(misfit)
        self._n = places.shape[1]
        self._coefficients = np.zeros(1 + 2 * self._n)
        self.explained = 0.0
        if known.sum() < 3:
            return
        x, y = self._terms(places[known]), misfit[known]
        bend = np.diag(np.r_[0.0, np.full(self._n, 1e-6), np.full(self._n, _RIDGE)])
        self._coefficients = np.linalg.solve(x.T @ x + bend, x.T @ y)
        # Each world as the others foretell it, so that many parabolas on few worlds don't flatter.
        leverage = np.einsum("ij,ji->i", x, np.linalg.solve(x.T @ x + bend, x.T))
        left = (y - x @ self._coefficients) / np.maximum(1.0 - leverage, 1e-6)
        whole = float(((y - y.mean()) ** 2).sum())
        self.explained = max(1.0 - float((left * left).sum()) / whole, 0.0) if whole else 0.0

    @staticmethod
    def _terms(places: NDArray[np.float64]) -> NDArray[np.float64]:
        v = 2.0 * places - 1.0
        return np.column_stack([np.ones(len(v)), v, v * v - 1.0 / 3.0])

    def at(self, place: NDArray[np.float64]) -> float:
        """Return the misfit at one place."""
        return float((self._terms(place[None, :]) @ self._coefficients)[0])

    def swings(self) -> NDArray[np.float64]:
        """Return the height of each parabola over 0..1, with the sign of its slope."""
        v = np.linspace(-1.0, 1.0, 41)
        slope, bend = self._coefficients[1 : 1 + self._n], self._coefficients[1 + self._n :]
        curves = slope[:, None] * v + bend[:, None] * (v * v - 1.0 / 3.0)
        return np.where(slope < 0, -1.0, 1.0) * np.ptp(curves, axis=1)
