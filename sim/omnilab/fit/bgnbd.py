"""BG/NBD: how often customers buy again, and when they stop.

A customer buys at a rate lambda ~ Gamma(r, rate alpha); after each purchase he stops for good with
chance p ~ Beta(a, b); lambda and p are independent. After the first purchase he is alive.

References
----------
Fader, Hardie & Lee (2005), "Counting your customers" the easy way: an alternative to the
Pareto/NBD model, Marketing Science 24(2), 275-284.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh_tridiagonal
from scipy.special import betainc, betaln, digamma, expit, gammaln, xlogy

from omnilab.errors import DataError
from omnilab.fit.maximum import Estimate, maximise
from omnilab.fit.summary import Summary

__all__ = ["BgNbd", "BgNbdFit", "fit_bgnbd", "further_orders"]

Vector = npt.NDArray[np.float64]

_NAMES = ("r", "alpha", "a", "b")
# Enough for 1e-10 where a customer is watched up to 1e4 times alpha.
_NODES = 200
_BLOCK = 4096  # ages at a time, to keep memory small


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The model with its parameters, all above 0.

    Parameters
    ----------
    r, alpha
        Shape and rate of the purchase rate's gamma law; ``alpha`` in units of time, so that
        r / alpha is the mean rate.
    a, b
        Of the stopping chance's beta law; a / (a + b) is its mean.
    """

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        for name in _NAMES:
            value = getattr(self, name)
            if not 0 < value < np.inf:
                raise ValueError(f"{name} must be above 0 and finite, not {value!r}")

    def log_likelihood(
        self, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
    ) -> Vector:
        """Return each customer's log-likelihood, equation (6), without hypergeometrics.

        Parameters
        ----------
        frequency, recency, age
            Shape (n,): repeats, age at the last of them, age at the end (T).
        """
        x, t_x, t = (np.asarray(v, dtype=np.float64) for v in (frequency, recency, age))
        return _terms(self, x, t_x, t)[0]

    def expected_repeats(self, t: npt.ArrayLike) -> Vector:
        """Return E[X(t)], the repeats a new customer makes up to age ``t``; equation (9).

        The paper's form has a Gaussian hypergeometric function and a pole at a = 1. The same
        expectation, taken over lambda first and then over p, is
        ``E_p[(1 - (alpha / (alpha + p t))**r) / p]``: one smooth integral against a beta density,
        which Gauss-Jacobi quadrature gives to rounding.

        Parameters
        ----------
        t
            Any shape, 0 or above.
        """
        t = np.asarray(t, dtype=np.float64)
        p, weight = _beta_nodes(self.a, self.b)
        # Distinct ages only: a log has few.
        ages, place = np.unique(t, return_inverse=True)
        expected = np.empty(len(ages))
        for start in range(0, len(ages), _BLOCK):
            block = np.multiply.outer(ages[start : start + _BLOCK], p) / self.alpha
            stopped = -np.expm1(-self.r * np.log1p(block))
            expected[start : start + _BLOCK] = (stopped / p) @ weight
        return expected[place].reshape(t.shape)

    def alive_probabilities(
        self, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
    ) -> Vector:
        """Return the chance that each customer hasn't stopped; 1 for one without repeats.

        Parameters
        ----------
        frequency, recency, age
            Shape (n,), as `log_likelihood` takes them.

        References
        ----------
        Fader, Hardie & Lee (2008), Computing P(alive) using the BG/NBD model.
        """
        x, t_x, t = (np.asarray(v, dtype=np.float64) for v in (frequency, recency, age))
        odds = np.log(self.a) - np.log(self.b + np.maximum(x, 1.0) - 1)
        odds = odds + (self.r + x) * (np.log(self.alpha + t) - np.log(self.alpha + t_x))
        return np.asarray(np.where(x > 0, expit(-odds), 1.0))

    def expected_orders(
        self, ahead: float, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
    ) -> Vector:
        """Return the orders expected of each customer in the time ``ahead``; equation (10).

        Who hasn't stopped has the laws of a new customer with ``r + x``, ``alpha + T`` and
        ``b + x``, which gives the paper's form without hypergeometrics.

        Parameters
        ----------
        ahead
            Length of the time after ``age``, 0 or above.
        frequency, recency, age
            Shape (n,), as `log_likelihood` takes them.
        """
        x, t = (np.asarray(v, dtype=np.float64) for v in (frequency, age))
        alive = self.alive_probabilities(frequency, recency, age)
        return alive * further_orders(ahead, self.r + x, self.alpha + t, self.a, self.b + x)

    def repeat_probabilities(self, t: npt.ArrayLike, *, top: int = 3) -> Vector:
        """Return P(X(t) = 0), ..., P(X(t) = top - 1), P(X(t) >= top); equation (8).

        Parameters
        ----------
        t
            Shape (...), 0 or above.
        top
            1 or above.

        Returns
        -------
        Shape (..., top + 1); sums to 1 over the last axis.
        """
        t = np.asarray(t, dtype=np.float64)[..., None]
        x = np.arange(top, dtype=np.float64)
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        late = t / (alpha + t)
        count = (
            np.exp(gammaln(r + x) - gammaln(r) - gammaln(x + 1) + xlogy(x, late)) * (1 - late) ** r
        )
        alive = np.exp(betaln(a, b + x) - betaln(a, b))
        # Stopped right after purchase x >= 1: at least x would have come by t.
        stops = np.exp(betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b))
        at_least = betainc(np.maximum(x, 1), r, late)
        exact = alive * count + np.where(x > 0, stops * at_least, 0.0)
        rest = np.clip(1 - exact.sum(axis=-1, keepdims=True), 0.0, 1.0)
        return np.concatenate([exact, rest], axis=-1)


@dataclass(frozen=True, slots=True)
class BgNbdFit:
    """BG/NBD fitted by maximum likelihood.

    Parameters
    ----------
    model
        At the maximum.
    estimates
        r, alpha, a, b with standard errors.
    log_likelihood
        The sum over customers.
    n_customers
        How many it was fitted on.
    unit
        Of time: ``"week"`` or ``"day"``.
    notes
        What a reader must know before trusting it.
    """

    model: BgNbd
    estimates: tuple[Estimate, ...]
    log_likelihood: float
    n_customers: int
    unit: str
    notes: tuple[str, ...]


def fit_bgnbd(summary: Summary) -> BgNbdFit:
    """Fit BG/NBD by maximum likelihood.

    Raises
    ------
    DataError
        Where no customer bought again, so that nothing can be told of repeats.
    """
    if not (summary.frequency > 0).any():
        raise DataError("no customer bought twice: repeat purchase can't be fitted")
    columns = np.column_stack([summary.frequency, summary.recency, summary.T])
    rows, n_alike = np.unique(columns, axis=0, return_counts=True)
    x, t_x, t = rows[:, 0], rows[:, 1], rows[:, 2]
    weight = n_alike.astype(np.float64)

    def value_and_gradient(theta: Vector) -> tuple[float, Vector]:
        model = BgNbd(*map(float, theta))
        value, gradient = _terms(model, x, t_x, t)
        return float(weight @ value), gradient @ weight

    age = float(np.median(summary.T[summary.T > 0]))
    rate = float(summary.frequency.sum() / summary.T.sum())
    starts = [
        (1.0, 1.0 / rate, 1.0, 1.0),
        (0.3, 0.3 / rate, 0.5, 2.0),
        (0.3, 0.1 * age, 1.0, 3.0),
    ]
    best = maximise(value_and_gradient, _NAMES, starts)
    return BgNbdFit(
        model=BgNbd(*best.values),
        estimates=best.estimates,
        log_likelihood=best.log_likelihood,
        n_customers=summary.n_customers,
        unit=summary.unit,
        notes=best.notes,
    )


def further_orders(ahead: float, r: Vector, alpha: Vector, a: float, b: Vector) -> Vector:
    """Return the orders ``ahead`` of customers who haven't stopped, each with laws of its own.

    Parameters
    ----------
    ahead
        Length of time, 0 or above.
    r, alpha, b
        Shape (n,): shape and rate of the gamma law of rates; second shape of the beta law.
    a
        First shape of the beta law.
    """
    expected = np.empty(len(r))
    values, group = np.unique(b, return_inverse=True)
    for number, value in enumerate(values):
        p, weight = _beta_nodes(a, float(value))
        rows = np.flatnonzero(group == number)
        for start in range(0, len(rows), _BLOCK):
            at = rows[start : start + _BLOCK]
            block = np.multiply.outer(ahead / alpha[at], p)
            stopped = -np.expm1(-r[at, None] * np.log1p(block))
            expected[at] = (stopped / p) @ weight
    return expected


def _terms(model: BgNbd, x: Vector, t_x: Vector, t: Vector) -> tuple[Vector, Vector]:
    """Return log-likelihoods, shape (n,), and their gradients, shape (4, n).

    The likelihood is common * (alive + stopped): still alive at ``t``, or stopped right after
    the last repeat, at ``t_x``; the sum is taken in logarithms.
    """
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    repeats = x > 0
    at_least_one = np.maximum(x, 1.0)
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    log_t, log_t_x = np.log(alpha + t), np.log(alpha + t_x)
    alive = -(r + x) * log_t
    stopped = np.where(
        repeats, np.log(a) - np.log(b + at_least_one - 1) - (r + x) * log_t_x, -np.inf
    )
    either = np.logaddexp(alive, stopped)
    w_alive, w_stopped = np.exp(alive - either), np.exp(stopped - either)
    beta_sum = digamma(a + b) - digamma(a + b + x)
    gradient = np.array(
        [
            digamma(r + x) - digamma(r) + np.log(alpha) - w_alive * log_t - w_stopped * log_t_x,
            r / alpha - (r + x) * (w_alive / (alpha + t) + w_stopped / (alpha + t_x)),
            beta_sum + w_stopped / a,
            beta_sum + digamma(b + x) - digamma(b) - w_stopped / (b + at_least_one - 1),
        ]
    )
    return common + either, gradient


@lru_cache(maxsize=64)
def _beta_nodes(a: float, b: float, n: int = _NODES) -> tuple[Vector, Vector]:
    """Return points in (0, 1) and weights that sum to 1: Gauss quadrature under Beta(a, b).

    They are kept, and so not to be written: a fit asks for the same ones while it moves other
    parameters, and they take longer than what is made of them.

    References
    ----------
    Golub & Welsch (1969), Calculation of Gauss quadrature rules, Math. Comp. 23, 221-230.
    """
    k = np.arange(1, n, dtype=np.float64)
    s = 2 * k + a + b - 2
    middle = np.empty(n)
    middle[0] = a / (a + b)
    middle[1:] = (1 + (a - b) * (a + b - 2) / (s * (s + 2))) / 2
    # k = 1 apart: its fraction is 0/0 where a + b = 1.
    side = np.empty(n - 1)
    side[0] = a * b / ((a + b) ** 2 * (a + b + 1))
    k, s = k[1:], s[1:]
    side[1:] = k * (k + a - 1) * (k + b - 1) * (k + a + b - 2) / (s**2 * (s + 1) * (s - 1))
    points, vectors = eigh_tridiagonal(middle, np.sqrt(side))
    weights = vectors[0] ** 2
    found: tuple[Vector, Vector] = (
        np.clip(points, np.finfo(float).tiny, 1.0),
        weights / weights.sum(),
    )
    for part in found:
        part.flags.writeable = False
    return found
