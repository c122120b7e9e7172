"""A smooth stand-in for the simulation: moments as functions of the parameters.

Simulated moments are step functions with the chance of their customers in them. A lift is about a
product of chances, each a logistic function of a parameter. So the logarithm of a lift, moved by
part of its error so that it may be 0, is nearly linear in the points of a `Space`. It is fitted by
least squares as a quadratic around a centre, which averages the chance; what is left says
how large it is. A point in whose place much was simulated can be put in exactly, as an anchor.
Where the form is to hold over whole ranges, a Gaussian process takes what it misses (`process`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from omnilab.fit.experiment.process import Process, fit_process

__all__ = ["Emulator", "fit_emulator"]

Floats = npt.NDArray[np.float64]

#: Ridge on slopes, on curvatures and on products, in units of one observation.
_RIDGE: Final = (0.02, 0.3, 1.0)
#: Parts of a moment's offset: what a simulated moment is at least, once moved by the offset.
_FLOOR: Final = 0.1
#: With a process: chance that a parameter which moves nothing is taken to move any moment, and the
#: ridge of one that is not.
_TAKEN: Final = 0.01
_STILL_ONES: Final = 1e9
#: Rounds of least squares, the step of a logarithm at which they end, and the heaviest point.
_ROUNDS: Final = 25
_STILL: Final = 1e-4
_HEAVIEST: Final = 9.0
#: No emulated logarithm is further from that of the centre.
_LONGEST: Final = 4.0


@dataclass(frozen=True, slots=True)
class Emulator:
    """Moments around a centre.

    Parameters
    ----------
    centre
        Shape (p,).
    coefficients
        Shape (1 + 2 p + p (p - 1) / 2, m): constant, slopes, curvatures, products of the
        logarithms.
    offset
        Shape (m,), above 0: what is added to a moment before its logarithm is taken.
    covariance
        Shape (m, m): of what is left of the moments, which is the simulation's chance and what
        the form misses.
    effective
        Effective number of points.
    process
        What the form misses; None where that is taken for chance.
    inverse
        Shape (terms, terms): inverse of the points' information, for `known`; None without a
        process.
    """

    centre: Floats
    coefficients: Floats
    offset: Floats
    covariance: Floats
    effective: float
    process: Process | None = None
    inverse: Floats | None = None

    def __call__(self, u: Floats) -> Floats:
        """Return moments at points: shape (..., p) to shape (..., m)."""
        form = np.exp(self._logs(u)) - self.offset
        return np.asarray(form if self.process is None else form + self.process.mean(u))

    def known(self, u: Floats) -> tuple[Floats, Floats]:
        """Return emulated moments and how unsure they are: shape (..., p) to twice (..., m).

        Variances are those of the form, from what is left of the points, and of the process.
        """
        form = np.exp(self._logs(u)) - self.offset
        x = _terms(u - self.centre)
        inverse = np.zeros((x.shape[-1], x.shape[-1])) if self.inverse is None else self.inverse
        reach = np.einsum("...i,...i->...", x @ inverse, x)
        variance = reach[..., None] * np.diag(self.covariance)
        if self.process is None:
            return np.asarray(form), np.asarray(variance)
        mean, more = self.process(u)
        return np.asarray(form + mean), np.asarray(variance + more)

    def slopes(self, u: Floats) -> Floats:
        """Return derivatives of the form at one point: shape (m, p)."""
        d, p = u - self.centre, len(u)
        c = self.coefficients
        found = c[1 : 1 + p] + 2 * d[:, None] * c[1 + p : 1 + 2 * p]
        for k, (i, j) in enumerate(zip(*np.triu_indices(p, 1), strict=True)):
            found[i] += d[j] * c[1 + 2 * p + k]
            found[j] += d[i] * c[1 + 2 * p + k]
        inside = np.abs(_terms(d) @ c - c[0]) < _LONGEST
        return np.asarray((found * np.exp(self._logs(u)) * inside).T)

    def anchored(self, u: Floats, moments: Floats) -> Emulator:
        """Return the emulator moved so that it has ``moments`` at ``u``."""
        coefficients = self.coefficients.copy()
        form = moments if self.process is None else moments - self.process.mean(u)
        coefficients[0] += _logs_of(form, self.offset) - self._logs(u)
        return replace(self, coefficients=coefficients)

    def _logs(self, u: Floats) -> Floats:
        logs = _terms(u - self.centre) @ self.coefficients
        middle = self.coefficients[0]
        return np.asarray(np.clip(logs, middle - _LONGEST, middle + _LONGEST))


def _terms(d: Floats) -> Floats:
    """Return constant, coordinates, squares and products: shape (..., p) to (..., terms)."""
    i, j = np.triu_indices(d.shape[-1], 1)
    return np.concatenate([np.ones_like(d[..., :1]), d, d * d, d[..., i] * d[..., j]], axis=-1)


def _logs_of(moments: Floats, offset: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(moments + offset, _FLOOR * offset)))


def fit_emulator(
    points: Floats, moments: Floats, centre: Floats, spread: Floats, offset: Floats,
    *, process: bool = False,
) -> Emulator:  # fmt: skip
    """Fit an emulator to simulated points; near ones weigh more.

    Parameters
    ----------
    points, moments
        Shapes (k, p) and (k, m).
    centre
        Shape (p,): where it should be good.
    spread
        Shape (p,): distances at which a point counts for a quarter.
    offset
        Shape (m,): about the size of the moments' chance.
    process
        Whether a Gaussian process takes what the form misses.
    """
    k, p = points.shape
    d = points - centre
    near = (1.0 + np.mean((d / spread) ** 2, axis=1)) ** -2
    x = _terms(d)
    products = p * (p - 1) // 2
    ridge = np.diag([0.0, *[_RIDGE[0]] * p, *[_RIDGE[1]] * p, *[_RIDGE[2]] * products])
    coefficients = np.empty((x.shape[1], moments.shape[1]))
    used = 0.0
    for m in range(moments.shape[1]):
        held, y, least = ridge, moments[:, m], float(offset[m])
        coefficients[:, m], freedom = _log_link(x, y, near, held, least)
        if process:
            idle = _idle(x, y, near, held, least, coefficients[:, m], _TAKEN / moments.shape[1])
            held = ridge + np.diag(_STILL_ONES * idle)
            coefficients[:, m], freedom = _log_link(x, y, near, held, least)
        used += freedom / moments.shape[1]
    made = Emulator(centre, coefficients, offset, np.zeros((0, 0)), 0.0)
    if process:
        inverse = np.linalg.inv((x * near[:, None]).T @ x + ridge)
        made = replace(made, process=fit_process(points, moments - made(points)), inverse=inverse)
    left = (moments - made(points)) * np.sqrt(near / near.mean())[:, None]
    covariance = left.T @ left / max(float(k) - used, 1.0)
    effective = float(near.sum() ** 2 / (near**2).sum())
    return replace(made, covariance=covariance, effective=effective)


def _idle(
    x: Floats, y: Floats, near: Floats, ridge: Floats, offset: float, beta: Floats, taken: float
) -> Floats:
    """Return 1 for each term of a parameter that is not seen to move a moment, else 0.

    Least squares gives such a parameter the slopes that chance has. Taken for known, they rule out
    parts of its range that the data can't: of a linear world with four parameters and 100 points, a
    90% interval of a parameter that moves nothing held 84% of its range. A parameter stays if its
    slope, or all its terms together, are unlike chance; ``taken`` is the chance that either seems
    so. What is not known of the slopes stays in the emulator's variance.
    """
    terms = x.shape[1]
    p = next(p for p in range(1, terms) if 1 + 2 * p + p * (p - 1) // 2 == terms)
    size = np.exp(np.clip(x @ beta, beta[0] - _LONGEST, beta[0] + _LONGEST))
    sure = np.minimum((size / np.median(size)) ** 2, _HEAVIEST)
    inverse = np.linalg.inv((x * (near * sure)[:, None]).T @ x + ridge)
    left = (y + offset - size) / size
    freedom = max(near.sum() - np.trace(inverse @ (x * (near * sure)[:, None]).T @ x), 1.0)
    chance = float((near * sure * left**2).sum()) / freedom
    covariance = chance * inverse @ ((x * (near**2 * sure)[:, None]).T @ x) @ inverse
    first, second = np.triu_indices(p, 1)
    idle = np.zeros(terms)
    for j in range(p):
        own = np.r_[1 + j, 1 + p + j, 1 + 2 * p + np.flatnonzero((first == j) | (second == j))]
        slope = beta[1 + j] ** 2 / covariance[1 + j, 1 + j]
        whole = beta[own] @ np.linalg.solve(covariance[np.ix_(own, own)], beta[own])
        if min(chdtrc(1, slope), chdtrc(len(own), whole)) > taken / 2:
            idle[own] = 1.0
    return idle


def _log_link(
    x: Floats, y: Floats, near: Floats, ridge: Floats, offset: float
) -> tuple[Floats, float]:
    """Return coefficients of log(y + offset) by least squares of y itself, and terms used.

    A generalised linear model with a logarithmic link and one variance, by iterated weighted least
    squares (Nelder and Wedderburn 1972, Journal of the Royal Statistical Society A 135(3)): the
    logarithm of a chance moment is biased, its model is not.
    """
    logs = np.asarray(_logs_of(y, np.asarray(offset)))
    used = 0.0
    beta = np.zeros(x.shape[1])
    for _ in range(_ROUNDS):
        size = np.exp(logs)
        working = logs + np.clip((y + offset - size) / size, -1.0, 1.0)
        weight = near * np.minimum((size / np.median(size)) ** 2, _HEAVIEST)
        weighted = (x * weight[:, None]).T
        solve = np.linalg.solve(weighted @ x + ridge, weighted)
        beta = solve @ working
        used = float(np.trace(x @ solve))
        fitted = np.clip(x @ beta, beta[0] - _LONGEST, beta[0] + _LONGEST)
        if np.abs(fitted - logs).max() < _STILL:
            break
        logs = fitted
    return beta, used
