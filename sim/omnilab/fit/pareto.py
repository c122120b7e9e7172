"""Pareto/NBD: gamma rates of purchase, and gamma rates of leaving that no order sets off.

Only a yardstick: in the simulated world customers leave after orders, as in BG/NBD.

References
----------
Schmittlein, Morrison & Colombo (1987), Counting your customers, Management Science 33(1), 1-24.
Fader & Hardie (2005), A note on deriving the Pareto/NBD model, brucehardie.com/notes/009.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

from omnilab.fit.summary import Summary

__all__ = ["ParetoNbd", "fit_pareto_nbd"]

Vector = npt.NDArray[np.float64]

_LEAST = 1e-15  # of a difference of logarithms
_BOUNDS = [(-8.0, 12.0)] * 4
_STARTS = ((0.6, 8.0, 0.6, 11.0), (1.0, 4.0, 0.3, 4.0))


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """The model with its parameters, all above 0.

    Parameters
    ----------
    r, alpha
        Shape and rate of the gamma law of purchases.
    s, beta
        Shape and rate of the gamma law of leaving.
    """

    r: float
    alpha: float
    s: float
    beta: float

    def log_likelihood(self, frequency: Vector, recency: Vector, age: Vector) -> Vector:
        """Return each customer's log-likelihood, shape (n,)."""
        here, left = self._ways(frequency, recency, age)
        return np.asarray(np.logaddexp(here, left))

    def alive_probabilities(self, frequency: Vector, recency: Vector, age: Vector) -> Vector:
        """Return the chance that each customer hasn't left, shape (n,)."""
        here, left = self._ways(frequency, recency, age)
        return np.asarray(np.exp(here - np.logaddexp(here, left)))

    def expected_orders(
        self, ahead: float, frequency: Vector, recency: Vector, age: Vector
    ) -> Vector:
        """Return each customer's expected orders in the time ``ahead``, shape (n,)."""
        late = self.beta + age
        if abs(self.s - 1) < 1e-9:
            stay = late * np.log1p(ahead / late)
        else:
            stay = late / (self.s - 1) * -np.expm1((self.s - 1) * np.log(late / (late + ahead)))
        alive = self.alive_probabilities(frequency, recency, age)
        return np.asarray(alive * (self.r + frequency) / (self.alpha + age) * stay)

    def _ways(self, x: Vector, t_x: Vector, t: Vector) -> tuple[Vector, Vector]:
        """Return log-weights of being there still and of having left, shape (n,) each."""
        r, alpha, s, beta = self.r, self.alpha, self.s, self.beta
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        here = common - (r + x) * np.log(alpha + t) - s * np.log(beta + t)
        late, soon = max(alpha, beta), min(alpha, beta)
        total = r + s + x
        second = np.full_like(x, s + 1) if alpha >= beta else r + x

        def part(at: Vector) -> Vector:
            series = hyp2f1(total, second, total + 1, (late - soon) / (late + at))
            return np.asarray(np.log(series) - total * np.log(late + at))

        with np.errstate(all="ignore"):
            first, last = part(t_x), part(t)
            gap = np.log(-np.expm1(np.minimum(last - first, -_LEAST)))
            left = common + np.log(s) - np.log(total) + first + gap
        return here, np.where(np.isfinite(left) & (t > t_x), left, -np.inf)


def fit_pareto_nbd(summary: Summary) -> ParetoNbd:
    """Fit by maximum likelihood; times are in the summary's unit."""
    columns = np.column_stack([summary.frequency, summary.recency, summary.T]).astype(np.float64)
    rows, weight = np.unique(columns, axis=0, return_counts=True)
    x, t_x, t = rows.T

    def loss(log_theta: Vector) -> float:
        value = float(weight @ ParetoNbd(*np.exp(log_theta)).log_likelihood(x, t_x, t))
        return -value if np.isfinite(value) else 1e15

    found = [minimize(loss, np.log(s), method="L-BFGS-B", bounds=_BOUNDS) for s in _STARTS]
    best = min(found, key=lambda one: float(one.fun))
    return ParetoNbd(*map(float, np.exp(best.x)))
