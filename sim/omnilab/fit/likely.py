"""Choose the laws of purchase of a log by likelihood, and say how sure they are.

Few customers and short logs leave directions in which the likelihood is flat. Wide priors keep the
numbers finite there; what rests on its prior alone is called not identified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, logit, logsumexp

from omnilab.errors import DataError
from omnilab.fit.laws import Laws, Past, gap_terms, left_and_here
from omnilab.fit.season import LEVEL, calendar_of
from omnilab.fit.summary import Occasions

__all__ = ["PRIORS", "LikelyLaws", "choose_laws", "fit_laws", "log_likelihood", "past_of"]

Vector = npt.NDArray[np.float64]
Priors = Mapping[str, tuple[float, float]]

_DAY_S = 86_400
_MOST_STAGES = 8  # of a gap, as the simulated world has them at most

# Priors of what is searched (logarithms; of the mean chance to leave the logit), as mean and
# standard deviation: assumptions (A), so wide that a few hundred customers outweigh them. The pace
# of orders has none.
PRIORS: Final[Priors] = {
    "r": (float(np.log(0.8)), 1.5),
    "leaves": (float(logit(0.15)), 1.5),
    "alike": (float(np.log(4.0)), 1.2),
    "burst": (float(np.log(0.3)), 1.5),
    "burst_days": (float(np.log(30.0)), 1.0),
}
_BOUNDS = {
    "r": (-5.0, 5.0), "alpha": (-4.0, 13.0), "leaves": (-16.0, 7.0), "alike": (-3.0, 7.0),
    "burst": (-7.0, 4.0), "burst_days": (0.7, 6.0),
}  # fmt: skip
_NOBODY_LEAVES = -16.0
_TOLD = 1.92  # of log-likelihood: half of chi-square's 95% point with one degree of freedom
_FLATTEST = 0.2  # curvature: no direction is less sure than a wide prior
_STEP = 0.03


@dataclass(frozen=True, slots=True)
class LikelyLaws:
    """Laws of purchase with their doubt.

    Parameters
    ----------
    laws
        The most likely ones.
    names, mode, covariance
        What was searched, where its posterior is highest, and its covariance there.
    log_likelihood
        Of all customers, given their first orders.
    dropout_told
        By how much (log-likelihood) these laws beat those under which nobody ever leaves; NaN
        where it was not asked for.
    tried
        Each alternative that was tried, with its log-likelihood and its number of parameters.
    """

    laws: Laws
    names: tuple[str, ...]
    mode: Vector
    covariance: Vector
    log_likelihood: float
    dropout_told: float
    tried: tuple[tuple[str, float, int], ...] = ()

    @property
    def dropout_identified(self) -> bool:
        """Whether the log tells, at 95%, that customers leave."""
        return self.dropout_told > _TOLD

    def draws(self, number: int, seed: int = 0) -> list[Laws]:
        """Return laws drawn from the posterior, which is taken as normal in what was searched."""
        rng = np.random.default_rng(seed)
        noise = rng.standard_normal((number, len(self.mode))) @ _root(self.covariance).T
        return [_laws(self.names, self.mode + e, self.laws) for e in noise]

    def log_sd(self, of: Callable[[Laws], float]) -> float:
        """Return by how much the logarithm of a number of the laws may be off, one sd.

        By its slopes along the posterior's main axes.
        """
        slopes = []
        for axis in _root(self.covariance).T:
            up, down = (
                float(np.log(max(of(_laws(self.names, self.mode + s * axis, self.laws)), 1e-12)))
                for s in (0.25, -0.25)
            )
            slopes.append((up - down) / 0.5)
        return float(np.sqrt(np.square(slopes).sum()))


def past_of(occasions: Occasions, season: tuple[float, ...] = LEVEL) -> Past:
    """Return what a log shows of its customers, on the clock of 12 monthly factors."""
    o = occasions
    clock = calendar_of(o).clock(season)
    day = o.time_s // _DAY_S
    now, end = clock[day], o.n_days - 1 if o.same_day else o.n_days
    final = np.ones(len(day), dtype=np.bool_)
    final[:-1] = o.first[1:]
    began = now[o.first]
    later = np.flatnonzero(~o.first)
    return Past(
        repeats=np.bincount(o.customer, minlength=o.n_customers).astype(np.float64) - 1.0,
        last=now[final] - began,
        age=clock[end] - began,
        gap=now[later] - now[later - 1],
        until=now[later] - began[o.customer[later]],
    )


def log_likelihood(laws: Laws, past: Past) -> float:
    """Return the log-likelihood of all customers, given their first orders."""
    few, weight = _alike(past)
    return _total(laws, past, few, weight)


def choose_laws(past: Past) -> LikelyLaws:
    """Return the laws with the best Schwarz criterion: of some stages, with or without a burst.

    Raises
    ------
    DataError
        Where no customer bought again.
    """
    if not (past.repeats > 0).any():
        raise DataError("no customer bought twice: repeat purchase can't be fitted")
    tried: list[tuple[str, float, int]] = []

    def attempt(words: str, near: Laws, bursts: bool) -> LikelyLaws:
        found = fit_laws(past, near, bursts=bursts, doubt=False)
        tried.append((words, found.log_likelihood, len(found.names)))
        return found

    best = attempt("gaps of 1 stage", _guess(past), False)
    for k in range(2, _MOST_STAGES + 1):
        found = attempt(f"gaps of {k} stages", replace(best.laws, stages=k), False)
        if _score(found, past.n) <= _score(best, past.n):
            break
        best = found
    near = replace(best.laws, burst=0.5, burst_days=30.0)
    for k in (near.stages, near.stages + 1):
        if k <= _MOST_STAGES:
            words = f"gaps of {k} stage{'s' * (k > 1)} and a burst after the first order"
            found = attempt(words, replace(near, stages=k), True)
            better = _score(found, past.n) > _score(best, past.n)
            best = found if better else best
    final = fit_laws(past, best.laws, bursts=bool(best.laws.burst))
    return replace(final, tried=tuple(tried))


def fit_laws(
    past: Past, near: Laws, *, bursts: bool, doubt: bool = True, priors: Priors = PRIORS
) -> LikelyLaws:
    """Return the laws of highest posterior, of as many stages as the ones to start from.

    Parameters
    ----------
    past
        What the log shows.
    near
        Where to start.
    bursts
        Whether there may be a burst after the first order.
    doubt
        Whether covariance and identification are wanted too.
    priors
        Mean and standard deviation of the logarithms, as `PRIORS`; what is not in it has none.
    """
    names = ("r", "alpha", "leaves", "alike") + ("burst", "burst_days") * bursts
    base = near if bursts else replace(near, burst=0.0)
    few, weight = _alike(past)

    def loss(x: Vector) -> float:
        value = _total(_laws(names, x, base), past, few, weight)
        given = dict(zip(names, x, strict=True))
        prior = sum(((given[n] - m) / s) ** 2 / 2 for n, (m, s) in priors.items() if n in given)
        return float(-value + prior) if np.isfinite(value) else 1e15

    bounds = [_BOUNDS[name] for name in names]
    start = np.clip(_searched(names, base), *np.array(bounds).T)
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-10})
    mode = np.asarray(found.x, dtype=np.float64)
    laws = _laws(names, mode, base)
    value, told = _total(laws, past, few, weight), float("nan")
    covariance = np.zeros((len(mode), len(mode)))
    if doubt:
        covariance = _covariance(loss, mode)
        bounds[2] = (_NOBODY_LEAVES, _NOBODY_LEAVES)
        mode_0 = np.where(np.arange(len(mode)) == 2, _NOBODY_LEAVES, mode)
        nobody = minimize(loss, mode_0, method="L-BFGS-B", bounds=bounds)
        told = value - _total(_laws(names, nobody.x, base), past, few, weight)
    return LikelyLaws(laws, names, mode, covariance, value, told)


def _guess(past: Past) -> Laws:
    rate = float(past.repeats.sum() / max(past.age.sum(), 1.0))
    return Laws(0.7, 0.7 / max(rate, 1e-6), 0.6, 2.4)


def _score(found: LikelyLaws, customers: int) -> float:
    """Return the log-likelihood less Schwarz's penalty, half of log(n) a parameter."""
    return found.log_likelihood - len(found.names) * float(np.log(customers)) / 2


def _searched(names: tuple[str, ...], laws: Laws) -> Vector:
    own = {
        "r": np.log(laws.r), "alpha": np.log(laws.alpha),
        "leaves": logit(laws.a / (laws.a + laws.b)), "alike": np.log(laws.a + laws.b),
        "burst": np.log(max(laws.burst, 1e-3)), "burst_days": np.log(laws.burst_days),
    }  # fmt: skip
    return np.array([own[name] for name in names])


def _laws(names: tuple[str, ...], x: Vector, base: Laws) -> Laws:
    given = dict(zip(names, map(float, x), strict=True))
    mean, alike = float(expit(given.pop("leaves"))), float(np.exp(given.pop("alike")))
    a, b = max(mean * alike, 1e-9), max((1 - mean) * alike, 1e-9)
    own = {n: float(np.exp(v)) for n, v in given.items()}
    return Laws(
        own["r"], own["alpha"], a, b, base.stages, own.get("burst", base.burst),
        own.get("burst_days", base.burst_days),
    )  # fmt: skip


def _alike(past: Past) -> tuple[Past, Vector]:
    """Return one customer of each kind, without gaps, and how many there are of it."""
    columns = np.column_stack([past.repeats, past.last, past.age])
    rows, number = np.unique(columns, axis=0, return_counts=True)
    repeats, last, age = rows.T
    none = np.zeros(0)
    return Past(repeats, last, age, none, none), number.astype(np.float64)


def _total(laws: Laws, past: Past, few: Past, weight: Vector) -> float:
    """Return the log-likelihood of all customers: kinds of customers, and gaps, apart."""
    here, left = left_and_here(laws, few)
    return float(weight @ np.logaddexp(logsumexp(here, axis=0), left)) + gap_terms(laws, past)


def _covariance(loss: Callable[[Vector], float], mode: Vector) -> Vector:
    """Return the inverse curvature, by differences wide enough for a floor of rounding."""
    at, steps = loss(mode), np.eye(len(mode)) * _STEP
    up = np.array([loss(mode + s) for s in steps])
    down = np.array([loss(mode - s) for s in steps])
    hessian = np.diag((up - 2 * at + down) / _STEP**2)
    for i in range(len(mode)):
        for j in range(i):
            both = loss(mode + steps[i] + steps[j]) + loss(mode - steps[i] - steps[j])
            one = up[i] + down[i] + up[j] + down[j] - 2 * at
            hessian[i, j] = hessian[j, i] = (both - one) / (2 * _STEP**2)
    values, vectors = np.linalg.eigh(hessian)
    return np.asarray((vectors / np.maximum(values, _FLATTEST)) @ vectors.T)


def _root(covariance: Vector) -> Vector:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
