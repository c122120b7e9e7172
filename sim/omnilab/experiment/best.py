"""The chance of each strategy to be the best, as far as the customers' chances leave it open.

The values of all strategies on the same customers are jointly normal, with the covariance that
twins leave between them. A strategy's chance is that of a draw of these values in which its own is
the highest. What two strategies have in common moves no chance, and equal ones share theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab.experiment.until import MAIN

if TYPE_CHECKING:
    from omnilab.experiment.statistics import Moments

__all__ = ["MAIN", "best_chances", "chances_to_be_best", "chances_to_be_highest"]

#: Points of the lattice: chances are whole shares of it, so they add up to 1.
_POINTS: Final = 1 << 16
_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)
_NOTHING: Final = 1e-12  # of a variance: what rounding leaves of none

Floats = NDArray[np.float64]


def best_chances(moments: Moments, strategies: Sequence[str]) -> dict[str, dict[str, float] | None]:
    """Return the chances for each main measure that is kept; None where they are unknown."""
    return {
        measure: chances_to_be_best(moments, measure, strategies)
        for measure in MAIN
        if measure in moments.measures
    }


def chances_to_be_best(
    moments: Moments, measure: str, strategies: Sequence[str]
) -> dict[str, float] | None:
    """Return each strategy's chance to be the best by a measure; they add up to 1.

    Parameters
    ----------
    moments
        Of the same customers under all strategies.
    measure
        Its name; the lowest is best where the measure says so.
    strategies
        Names, one at least.

    Returns
    -------
    dict or None
        None where a strategy has no value or nothing is known of how the values vary.
    """
    apart: list[str] = []
    like: dict[str, list[str]] = {}
    for name in sorted(strategies):  # so that the order in which they are named changes nothing
        equal = (a for a in apart if _equal(moments, measure, name, a))
        first = next(equal, None)
        if first is None:
            apart.append(name)
            like[name] = []
        else:
            like[first].append(name)
    found = moments.joint(measure, apart)
    if found is None:
        return None
    values, covariance = found
    sign = -1.0 if moments.measures[measure].better == "lower" else 1.0
    chances = chances_to_be_highest(sign * values, covariance)
    shares: dict[str, float] = {}
    for name, chance in zip(apart, chances, strict=True):
        group = [name, *like[name]]
        shares |= dict.fromkeys(group, float(chance) / len(group))
    return {name: shares[name] for name in strategies}


def chances_to_be_highest(values: Floats, covariance: Floats) -> Floats:
    """Return the chances of jointly normal values to be the highest, shape (n,), sum 1.

    For two that is a formula. For more the values are drawn at the points of a Kronecker lattice,
    which are the same in every run; the chances are within some thousandths.

    Parameters
    ----------
    values
        Means, shape (n,).
    covariance
        Shape (n, n); may be singular.

    References
    ----------
    Niederreiter, H. (1978). Quasi-Monte Carlo methods and pseudo-random numbers. Bulletin of the
    American Mathematical Society 84, 957-1041.
    """
    from scipy.special import ndtr, ndtri

    n = len(values)
    if n == 1:
        return np.ones(1)
    gaps = values[1:] - values[0]  # what all have in common drops out
    c = covariance
    table = c[1:, 1:] - c[1:, :1] - c[:1, 1:] + c[0, 0]
    if n == 2:
        spread = float(np.sqrt(max(table[0, 0], 0.0)))
        up = float(ndtr(gaps[0] / spread)) if spread > 0 else float((np.sign(gaps[0]) + 1) / 2)
        return np.array([1.0 - up, up])
    root = _root(table, float(np.diag(c).max()))
    steps = np.arange(1, _POINTS + 1)
    draws = np.zeros((n, _POINTS))
    uniform = [np.mod(steps * np.sqrt(_PRIMES[k % len(_PRIMES)] + k // len(_PRIMES)), 1.0)
               for k in range(n - 1)]  # fmt: skip
    normal = ndtri(np.clip(np.array(uniform), 1e-12, 1 - 1e-12))
    for i in range(n - 1):
        draws[i + 1] = gaps[i] + sum(root[i, k] * normal[k] for k in range(i + 1))
    counts = np.bincount(draws.argmax(axis=0), minlength=n)
    return counts / _POINTS


def _root(table: Floats, scale: float) -> Floats:
    """Return a lower triangle whose square is a covariance, which may be singular."""
    n = len(table)
    root: Any = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            rest = float(table[i, j]) - sum(float(root[i, k] * root[j, k]) for k in range(j))
            if i == j:
                root[i, i] = np.sqrt(rest) if rest > _NOTHING * scale else 0.0
            else:
                root[i, j] = rest / root[j, j] if root[j, j] else 0.0
    return root


def _equal(moments: Moments, measure: str, a: str, b: str) -> bool:
    """Tell whether two strategies differ for no customer."""
    difference = moments.difference(measure, a, b)
    return difference.value == 0.0 and difference.error == 0.0
