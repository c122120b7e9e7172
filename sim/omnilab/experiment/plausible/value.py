"""What it is worth to know the world better: of all of it, and of one parameter.

With what is known the best that can be done is the strategy with the highest mean over the worlds.
Who knew the world would take the best one in each: the mean gain is the expected value of perfect
information (EVPI). Who knew one parameter would take the best one at each of its values: that of
partial perfect information (EVPPI). Its inner mean, given the parameter, is a penalised spline
over the worlds, which need not be independent in their parameters.

References
----------
Strong, M., Oakley, J. E. and Brennan, A. (2014). Estimating multiparameter partial expected value
of perfect information from a probabilistic sensitivity analysis sample: a nonparametric regression
approach. Medical Decision Making 34, 311-326.
Heath, A., Manolopoulou, I. and Baio, G. (2017). A review of methods for analysis of the expected
value of information. Medical Decision Making 37, 747-758.
Eilers, P. H. C. and Marx, B. D. (1996). Flexible smoothing with B-splines and penalties.
Statistical Science 11, 89-121.
Rubin, D. B. (1981). The Bayesian bootstrap. Annals of Statistics 9, 130-134. (the weights)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Worth", "value_of_information"]

Floats = NDArray[np.float64]

_KNOTS: Final = 5
_PENALTIES: Final = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
_TAIL: Final = 0.025
_FLAT: Final = 1e-9


@dataclass(frozen=True)
class Worth:
    """Gain per customer from knowing something, 0 or more, with its 95% interval."""

    value: float
    low: float
    high: float


def value_of_information(
    draws: Floats, weights: Floats, places: Floats, *, seed: int = 1
) -> tuple[Worth, list[Worth]]:
    """Return the worth of knowing all, and of knowing each parameter.

    Parameters
    ----------
    draws
        What each strategy gains in each world, the more the better, shape
        ``(n_draws, n_worlds, n_strategies)``; only differences between strategies count.
    weights
        Of the worlds, shape ``(n_worlds,)``, of sum 1.
    places
        The worlds' parameters, shape ``(n_worlds, n_parameters)``.
    seed
        Of the weights' bootstrap: other worlds might have been drawn.

    Notes
    -----
    A spline takes a little chance for a sign, so a parameter that moves nothing has a worth of a
    little above 0. The one that the means over all draws call flat has none.
    """
    rng = np.random.default_rng(seed)
    n_draws, n = draws.shape[:2]
    own = rng.exponential(size=(n_draws, n)) * weights
    own /= own.sum(axis=1, keepdims=True)
    everything = [_gain(d, d, w) for d, w in zip(draws, own, strict=True)]
    mean = draws.mean(axis=0)
    each = []
    for k in range(places.shape[1]):
        basis = _basis(places[:, k])
        penalty = _best_penalty(basis, mean, weights)
        if penalty is None:
            each.append(Worth(0.0, 0.0, 0.0))
            continue
        found = [
            _gain(_fitted(basis, d, w, penalty), d, w) for d, w in zip(draws, own, strict=True)
        ]
        each.append(_worth(found))
    return _worth(everything), each


def _gain(known: Floats, gains: Floats, weights: Floats) -> float:
    """Return what choosing by ``known`` brings over one choice for all worlds."""
    return max(float(weights @ known.max(axis=1) - (weights @ known).max()), 0.0)


def _worth(found: list[float]) -> Worth:
    low, high = np.quantile(found, (_TAIL, 1 - _TAIL))
    return Worth(float(np.mean(found)), float(low), float(high))


def _basis(x: Floats) -> Floats:
    """Return a cubic spline's terms: constant, line, and a bend at each inner knot."""
    spread = float(np.ptp(x))
    v = np.zeros(len(x)) if spread < _FLAT else (x - x.min()) / spread
    knots = np.quantile(v, np.linspace(0, 1, _KNOTS + 2)[1:-1])
    return np.column_stack(
        [np.ones(len(v)), v - 0.5, *(np.maximum(v - k, 0.0) ** 3 for k in knots)]
    )


def _fitted(basis: Floats, y: Floats, weights: Floats, penalty: float) -> Floats:
    """Return the spline's values; y has a column a strategy."""
    return _smoother(basis, weights, penalty) @ y


def _smoother(basis: Floats, weights: Floats, penalty: float) -> Floats:
    w = weights * len(weights)
    ridge = np.diag(np.r_[1e-9, 1e-6, np.full(basis.shape[1] - 2, penalty)])
    return np.asarray(basis @ np.linalg.solve((basis.T * w) @ basis + ridge, basis.T * w))


def _best_penalty(basis: Floats, y: Floats, weights: Floats) -> float | None:
    """Return the penalty by generalised cross-validation; None where a constant does as well."""
    n = len(y)
    scale = y.std(axis=0)
    y = y[:, scale > _FLAT * max(float(scale.max(initial=0.0)), _FLAT)]
    if y.shape[1] == 0 or float(np.ptp(basis[:, 1])) < _FLAT:
        return None
    y = (y - weights @ y) / y.std(axis=0)

    def score(fit: Floats, freedom: float) -> float:
        return float((weights[:, None] * (y - fit) ** 2).sum()) / (1 - freedom / n) ** 2

    best, found = score(np.zeros_like(y), 1.0), None
    for penalty in _PENALTIES:
        smoother = _smoother(basis, weights, penalty)
        freedom = float(np.trace(smoother))
        if freedom < n - 1 and (now := score(smoother @ y, freedom)) < best:
            best, found = now, penalty
    return found
