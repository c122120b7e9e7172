"""MBG/NBD: BG/NBD in which customers may stop after the first purchase too.

The simulated world gives its customers that chance after every order, the first included, so this
is the model that its parameters are started from; the published BG/NBD is what a fit reports.

References
----------
Batislam, Denizel & Filiztekin (2007), Empirical validation and comparison of models for customer
base analysis, Int. J. of Research in Marketing 24(3), 201-209.
Hoppe & Wagner (2007), Customer base analysis: the case for a central variant of the Betageometric/
NBD model, Marketing: Journal of Research and Management 3(2), 75-90.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln, digamma, expit, gammaln, xlogy

from omnilab.fit.bgnbd import BgNbd, further_orders
from omnilab.fit.maximum import maximise

__all__ = ["MbgNbd", "fit_mbgnbd"]

Vector = npt.NDArray[np.float64]

_NAMES = ("r", "alpha", "a", "b")


@dataclass(frozen=True, slots=True)
class MbgNbd:
    """The model with its parameters, all above 0, as `BgNbd` has them."""

    r: float
    alpha: float
    a: float
    b: float

    def expected_repeats(self, t: npt.ArrayLike) -> Vector:
        """Return E[X(t)], the repeats up to age ``t`` (any shape).

        Who does not stop at the first purchase, which has chance 1 - p, is a customer of BG/NBD;
        weighting Beta(a, b) with 1 - p gives Beta(a, b + 1).
        """
        stays = self.b / (self.a + self.b)
        later = BgNbd(self.r, self.alpha, self.a, self.b + 1.0)
        return stays * later.expected_repeats(t)

    def alive_probabilities(self, frequency: Vector, recency: Vector, age: Vector) -> Vector:
        """Return the chance that each customer hasn't stopped, shape (n,).

        Parameters
        ----------
        frequency, recency, age
            Shape (n,): repeats, age at the last of them, age at the end.
        """
        x = frequency
        odds = np.log(self.a) - np.log(self.b + x)
        odds = odds + (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + recency))
        return np.asarray(expit(-odds))

    def expected_orders(
        self, ahead: float, frequency: Vector, recency: Vector, age: Vector
    ) -> Vector:
        """Return the orders expected of each customer in the time ``ahead``, shape (n,).

        Who hasn't stopped has a rate of law Gamma(r + x, alpha + T) and a chance to stop of law
        Beta(a, b + x + 1), independent of each other.
        """
        alive = self.alive_probabilities(frequency, recency, age)
        laws = (self.r + frequency, self.alpha + age, self.a, self.b + frequency + 1.0)
        return alive * further_orders(ahead, *laws)

    def repeat_probabilities(self, t: npt.ArrayLike, *, top: int = 3) -> Vector:
        """Return P(X(t) = 0), ..., P(X(t) >= top), shape (..., top + 1)."""
        t = np.asarray(t, dtype=np.float64)[..., None]
        x = np.arange(top, dtype=np.float64)
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        late = t / (alpha + t)
        count = (
            np.exp(gammaln(r + x) - gammaln(r) - gammaln(x + 1) + xlogy(x, late)) * (1 - late) ** r
        )
        at_least = np.where(x > 0, betainc(np.maximum(x, 1), r, late), 1.0)
        alive = np.exp(betaln(a, b + x + 1) - betaln(a, b))
        stops = np.exp(betaln(a + 1, b + x) - betaln(a, b))
        exact = alive * count + stops * at_least
        rest = np.clip(1 - exact.sum(axis=-1, keepdims=True), 0.0, 1.0)
        return np.concatenate([exact, rest], axis=-1)


def fit_mbgnbd(frequency: Vector, recency: Vector, age: Vector) -> MbgNbd:
    """Fit by maximum likelihood.

    Parameters
    ----------
    frequency, recency, age
        Shape (n,): repeats, age at the last of them, age at the window's end; one unit of time.
    """
    columns = np.column_stack([frequency, recency, age])
    rows, n_alike = np.unique(columns, axis=0, return_counts=True)
    x, t_x, t = rows[:, 0], rows[:, 1], rows[:, 2]
    weight = n_alike.astype(np.float64)

    def value_and_gradient(theta: Vector) -> tuple[float, Vector]:
        value, gradient = _terms(MbgNbd(*map(float, theta)), x, t_x, t)
        return float(weight @ value), gradient @ weight

    rate = float(frequency.sum() / age.sum())
    starts = [(1.0, 1.0 / rate, 1.0, 2.0), (0.5, 0.3 / rate, 1.0, 2.0)]
    return MbgNbd(*maximise(value_and_gradient, _NAMES, starts).values)


def _terms(model: MbgNbd, x: Vector, t_x: Vector, t: Vector) -> tuple[Vector, Vector]:
    """Return log-likelihoods, shape (n,), and their gradients, shape (4, n)."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    log_t, log_t_x = np.log(alpha + t), np.log(alpha + t_x)
    alive = betaln(a, b + x + 1) - (r + x) * log_t
    stopped = betaln(a + 1, b + x) - (r + x) * log_t_x
    either = np.logaddexp(alive, stopped)
    w_alive, w_stopped = np.exp(alive - either), np.exp(stopped - either)
    both = digamma(a + b) - digamma(a + b + x + 1)
    gradient = np.array(
        [
            digamma(r + x) - digamma(r) + np.log(alpha) - w_alive * log_t - w_stopped * log_t_x,
            r / alpha - (r + x) * (w_alive / (alpha + t) + w_stopped / (alpha + t_x)),
            both + w_stopped / a,
            both + digamma(b + x) - digamma(b) + w_alive / (b + x),
        ]
    )
    return common + either, gradient
