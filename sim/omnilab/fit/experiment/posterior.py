"""What a test says of the parameters: the most likely point, draws, and a profile over two of them.

Gaussian moments around the emulator, with standard normal priors. The draws are importance draws
from a Student's t around the most likely point, so that they follow curvature and bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from omnilab.fit.experiment.emulator import Emulator

__all__ = ["Draws", "Problem", "draw", "most_likely", "profile"]

Floats = npt.NDArray[np.float64]

#: A point further out, in units of the priors, is none.
_FURTHEST: Final = 4.0
_FREEDOM: Final = 6.0  # of Student's t


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be met.

    Parameters
    ----------
    emulator
        Of the moments.
    wanted
        Shape (m,): the test's.
    covariance
        Shape (m, m): of all that parts the two: the test's chance, the simulation's, and what the
        emulator leaves.
    """

    emulator: Emulator
    wanted: Floats
    covariance: Floats

    def whiten(self) -> Floats:
        """Return W with W'W the inverse covariance, shape (m, m)."""
        lower = np.linalg.cholesky(self.covariance)
        return np.asarray(np.linalg.inv(lower))


@dataclass(frozen=True, slots=True)
class Draws:
    """Weighted points.

    Parameters
    ----------
    points
        Shape (n, p), in units of the priors.
    weights
        Shape (n,), of sum 1.
    mode
        Shape (p,): the most likely point.
    chi_square
        At that point, of the moments alone.
    """

    points: Floats
    weights: Floats
    mode: Floats
    chi_square: float

    @property
    def effective(self) -> float:
        """Effective number of draws."""
        return float(1.0 / (self.weights**2).sum())

    def mean(self, values: Floats) -> Floats:
        """Return the weighted mean of values of the draws, over the first axis."""
        return np.asarray(np.tensordot(self.weights, values, axes=1))

    def covariance(self, values: Floats) -> Floats:
        """Return the weighted covariance of values of the draws, shape (m, m)."""
        d = values - self.mean(values)
        return np.asarray((d * self.weights[:, None]).T @ d)


def most_likely(
    problem: Problem, start: Floats, held: Sequence[tuple[int, float]] = ()
) -> tuple[Floats, float, float]:
    """Return the most likely point, its chi-square, and that with the priors' part.

    Parameters
    ----------
    start
        Shape (p,).
    held
        Places that are held at a value; their priors don't count.
    """
    white, p = problem.whiten(), len(start)
    free = np.array([i for i in range(p) if i not in {j for j, _ in held}])
    point = start.copy()
    for i, value in held:
        point[i] = value

    def at(x: Floats) -> Floats:
        full = point.copy()
        full[free] = x
        return full

    def residuals(x: Floats) -> Floats:
        return np.concatenate([white @ (problem.emulator(at(x)) - problem.wanted), x])

    def slopes(x: Floats) -> Floats:
        inner = white @ problem.emulator.slopes(at(x))[:, free]
        return np.concatenate([inner, np.eye(len(free))])

    found = least_squares(
        residuals, np.clip(point[free], -_FURTHEST + 0.01, _FURTHEST - 0.01), slopes,
        bounds=(-_FURTHEST, _FURTHEST),
    )  # fmt: skip
    best = at(found.x)
    r = white @ (problem.emulator(best) - problem.wanted)
    chi = float(r @ r)
    return best, chi, chi + float(found.x @ found.x)


def draw(problem: Problem, start: Floats, n: int, seed: int) -> Draws:
    """Return draws of what the test and the priors leave open."""
    mode, chi, _ = most_likely(problem, start)
    white = problem.whiten()
    slopes = white @ problem.emulator.slopes(mode)
    precision = slopes.T @ slopes + np.eye(len(mode))
    root = np.linalg.cholesky(np.linalg.inv(precision))
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, len(mode)))
    scale = np.sqrt(_FREEDOM / rng.chisquare(_FREEDOM, n))[:, None]
    points = np.clip(mode + scale * z @ root.T, -_FURTHEST, _FURTHEST)
    d = np.linalg.solve(root, (points - mode).T).T
    log_t = -0.5 * (_FREEDOM + len(mode)) * np.log1p((d**2).sum(axis=1) / _FREEDOM)
    r = (problem.emulator(points) - problem.wanted) @ white.T
    log_p = -0.5 * (r**2).sum(axis=1) - 0.5 * (points**2).sum(axis=1)
    log_w = log_p - log_t
    weights = np.exp(log_w - log_w.max())
    return Draws(points, weights / weights.sum(), mode, chi)


def profile(
    problem: Problem, start: Floats, places: tuple[int, int], grid: tuple[Floats, Floats]
) -> Floats:
    """Return how much worse the best fit is with two parameters held, shape of the grid.

    Chi-square of moments and of the other parameters' priors, less its least value on the grid.
    """
    found = np.zeros((len(grid[0]), len(grid[1])))
    for i, a in enumerate(grid[0]):
        for j, b in enumerate(grid[1]):
            held = [(places[0], float(a)), (places[1], float(b))]
            found[i, j] = most_likely(problem, start, held)[2]
    return found - found.min()
