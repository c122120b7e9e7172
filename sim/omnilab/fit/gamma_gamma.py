"""Gamma-Gamma: how much a customer spends per purchase, and how customers differ in it.

A purchase's money is Gamma(p, rate nu), and nu ~ Gamma(q, rate gamma) over customers, independent
of how often they buy.

References
----------
Fader & Hardie (2013), The Gamma-Gamma model of monetary value, brucehardie.com/notes/025.
Colombo & Jiang (1999), A stochastic RFM model, Journal of Interactive Marketing 13(3), 2-12.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, digamma

from omnilab.errors import DataError
from omnilab.fit.maximum import Estimate, maximise

__all__ = ["GammaGamma", "GammaGammaFit", "fit_gamma_gamma"]

Vector = npt.NDArray[np.float64]

_NAMES = ("p", "q", "gamma")


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """The model with its parameters, all above 0.

    Parameters
    ----------
    p
        Shape of a customer's purchases; 1 / sqrt(p) is their coefficient of variation.
    q, gamma
        Shape and rate of the law of nu over customers; ``gamma`` in the log's currency.
    """

    p: float
    q: float
    gamma: float

    def __post_init__(self) -> None:
        for name in _NAMES:
            value = getattr(self, name)
            if not 0 < value < np.inf:
                raise ValueError(f"{name} must be above 0 and finite, not {value!r}")

    def log_likelihood(self, n_orders: npt.ArrayLike, mean_amount: npt.ArrayLike) -> Vector:
        """Return the log-density of each customer's mean amount over ``n_orders``; equation (1a).

        Parameters
        ----------
        n_orders
            Shape (n,), 1 or above.
        mean_amount
            Shape (n,), above 0.
        """
        x, z = (np.asarray(v, dtype=np.float64) for v in (n_orders, mean_amount))
        return _terms(self, x, z)[0]

    @property
    def mean(self) -> float:
        """Mean amount over customers, p gamma / (q - 1); infinite where q is 1 or below."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else float("inf")

    @property
    def sd_between(self) -> float:
        """Standard deviation of customers' own means; infinite where q is 2 or below."""
        return self.mean / float(np.sqrt(self.q - 2)) if self.q > 2 else float("inf")

    @property
    def sd(self) -> float:
        """Standard deviation of one amount of one customer drawn at random."""
        if self.q <= 2:
            return float("inf")
        return self.mean * float(np.sqrt((self.p + self.q - 1) / (self.p * (self.q - 2))))

    def expected_amount(self, n_orders: npt.ArrayLike, mean_amount: npt.ArrayLike) -> Vector:
        """Return E[own mean | data], each customer's mean drawn towards all's; equation (5).

        Parameters
        ----------
        n_orders
            Shape (n,), 0 or above; together with p and q, p n + q must be above 1.
        mean_amount
            Shape (n,): not looked at where ``n_orders`` is 0.
        """
        x = np.asarray(n_orders, dtype=np.float64)
        total = np.where(x > 0, x * np.asarray(mean_amount, dtype=np.float64), 0.0)
        below = self.p * x + self.q - 1
        infinite = np.full(np.broadcast(total, below).shape, np.inf)
        np.divide(self.p * (self.gamma + total), below, out=infinite, where=below > 0)
        return infinite


@dataclass(frozen=True, slots=True)
class GammaGammaFit:
    """Gamma-Gamma fitted by maximum likelihood.

    Parameters
    ----------
    model
        At the maximum.
    estimates
        p, q, gamma with standard errors.
    log_likelihood
        The sum over customers.
    n_customers
        How many it was fitted on.
    notes
        What a reader must know before trusting it.
    """

    model: GammaGamma
    estimates: tuple[Estimate, ...]
    log_likelihood: float
    n_customers: int
    notes: tuple[str, ...]


def fit_gamma_gamma(n_orders: npt.ArrayLike, mean_amount: npt.ArrayLike) -> GammaGammaFit:
    """Fit Gamma-Gamma by maximum likelihood.

    Parameters
    ----------
    n_orders
        Shape (n,): orders behind each mean; `Summary.frequency` for repeat orders, as published.
    mean_amount
        Shape (n,): mean amount. Customers without orders or without money are left out.

    Raises
    ------
    DataError
        Where fewer than three customers are left, or all spend the same.
    """
    x, z = (np.asarray(v, dtype=np.float64) for v in (n_orders, mean_amount))
    usable = (x > 0) & (z > 0)
    x, z = x[usable], z[usable]
    if len(x) < 3:
        raise DataError(f"{len(x)} customers with repeat orders: spend can't be fitted")
    if np.ptp(z) <= 1e-9 * float(z.max()):
        raise DataError(f"every customer spends {z[0]:g}: the spread of spend can't be fitted")
    # In units of the mean, so that the search doesn't depend on the currency.
    scale = float(np.average(z, weights=x))
    rows, n_alike = np.unique(np.column_stack([x, z / scale]), axis=0, return_counts=True)
    weight = n_alike.astype(np.float64)

    def value_and_gradient(theta: Vector) -> tuple[float, Vector]:
        value, gradient = _terms(GammaGamma(*map(float, theta)), rows[:, 0], rows[:, 1])
        return float(weight @ value), gradient @ weight

    starts = [(p, q, (q - 1) / p) for p, q in ((1.0, 3.0), (6.0, 4.0), (3.0, 10.0))]
    best = maximise(value_and_gradient, _NAMES, starts)
    p, q, gamma = best.estimates
    gamma = Estimate(gamma.name, gamma.value * scale, gamma.standard_error * scale)
    model = GammaGamma(p.value, q.value, gamma.value)
    return GammaGammaFit(
        model=model,
        estimates=(p, q, gamma),
        log_likelihood=best.log_likelihood - len(x) * float(np.log(scale)),
        n_customers=len(x),
        notes=(*best.notes, *_notes(model)),
    )


def _terms(model: GammaGamma, x: Vector, z: Vector) -> tuple[Vector, Vector]:
    """Return log-densities, shape (n,), and their gradients, shape (3, n)."""
    p, q, gamma = model.p, model.q, model.gamma
    px, total = p * x, x * z
    log_all = np.log(gamma + total)
    value = -betaln(px, q) + q * np.log(gamma) + px * np.log(total) - np.log(z) - (px + q) * log_all
    both = digamma(px + q)
    gradient = np.array(
        [
            x * (both - digamma(px) + np.log(total) - log_all),
            both - digamma(q) + np.log(gamma) - log_all,
            q / gamma - (px + q) / (gamma + total),
        ]
    )
    return value, gradient


def _notes(model: GammaGamma) -> tuple[str, ...]:
    if model.q <= 1:
        return ("q is 1 or below: the fitted spend has no finite mean (a few huge orders?)",)
    if model.q <= 2:
        return ("q is 2 or below: the fitted spend has no finite variance (a few huge orders?)",)
    return ()
