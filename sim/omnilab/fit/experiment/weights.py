"""Weigh simulated customers so that they are, before the test, what the table's customers are.

Raking: iterative proportional fitting of weights to the shares of the groups of each stratum.

References
----------
Deming and Stephan (1940), On a least squares adjustment of a sampled frequency table when the
expected marginal totals are known, Annals of Mathematical Statistics 11(4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Weighted", "rake", "rake_what_can"]

_ROUNDS: Final = 200
_CLOSE: Final = 1e-4  # of a share
#: Times the mean weight beyond which one customer would stand for too many.
_LARGEST: Final = 12.0
#: Least effective part of the customers that weighing must leave.
_LEAST: Final = 0.35

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weighted:
    """Weights, and how well they do.

    Parameters
    ----------
    weights
        Shape (n,), of mean 1.
    effective
        Kish's effective number of customers, (sum w)^2 / sum w^2.
    worst
        The largest difference of a group's share that is left.
    missing
        Groups (stratum, group) with customers in the table and none simulated.
    """

    weights: Floats
    effective: float
    worst: float
    missing: tuple[tuple[int, int], ...]


def rake(codes: Sequence[Codes], shares: Sequence[Floats]) -> Weighted:
    """Return the weights of simulated customers.

    Parameters
    ----------
    codes
        For each stratum, the group of each simulated customer, shape (n,).
    shares
        For each stratum, the share of each group in the table.
    """
    n = len(codes[0]) if codes else 0
    weights = np.ones(n)
    targets, missing = [], []
    for s, (code, share) in enumerate(zip(codes, shares, strict=True)):
        there = np.bincount(code, minlength=len(share)) > 0
        missing += [(s, g) for g in np.flatnonzero(~there & (share > 0)).tolist()]
        target = np.where(there, share, 0.0)
        targets.append(target / target.sum())
    worst = 0.0
    for _ in range(_ROUNDS):
        worst = 0.0
        for code, target in zip(codes, targets, strict=True):
            now = np.bincount(code, weights, minlength=len(target)) / weights.sum()
            worst = max(worst, float(np.abs(now - target).max()))
            factor = np.divide(target, now, out=np.zeros_like(target), where=now > 0)
            weights *= factor[code]
        mean = weights.sum() / max(np.count_nonzero(weights), 1)
        weights = np.minimum(weights, _LARGEST * mean)
        if worst < _CLOSE:
            break
    weights /= weights.mean()
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return Weighted(weights, effective, worst, tuple(missing))


def rake_what_can(
    names: Sequence[str], codes: Sequence[Codes], shares: Sequence[Floats]
) -> tuple[Weighted, list[str]]:
    """Return weights by as many strata as leave enough customers, and the names of the others.

    Strata come in the order in which they matter; the last go first.
    """
    use = len(names)
    while True:
        found = rake(codes[:use], shares[:use])
        if use <= 1 or found.effective >= _LEAST * len(found.weights):
            return found, list(names[use:])
        use -= 1
