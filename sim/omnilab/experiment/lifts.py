"""Intervals from the exact sums of `omnilab.measure.lifts`: ratios over cells, delta method.

With ``D = Y / N`` for sums ``y`` and persons ``n`` of the cells that have any, the variance of
``D`` is ``k / (k - 1) * sum((y - D n) ** 2) / N ** 2`` over ``k`` cells, as in
`omnilab.experiment.statistics`; all of the sum is in whole numbers until the division.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from typing import Final

from omnilab.experiment.statistics import LEVEL, Estimate
from omnilab.measure.lifted import WORDS, product_of

__all__ = ["products_in", "ratio_estimate"]

_UP: Final = (1.0 + LEVEL) / 2.0


def ratio_estimate(
    top: int, bottom: int, products: tuple[int, int, int], clusters: int, factor: int = 1
) -> Estimate:
    """Return ``top / (factor * bottom)`` with its interval; nothing where there is no bottom.

    Parameters
    ----------
    top, bottom
        Sums over clusters.
    products
        Sums over clusters of top times top, top times bottom and bottom times bottom.
    clusters
        With anything at the bottom; fewer than 2 give no interval.
    factor
        What the unit is divided by.
    """
    if bottom == 0:
        return Estimate(None, None, None)
    value = top / (factor * bottom)
    if clusters < 2:
        return Estimate(value, None, None)
    tt, tb, bb = products
    square = bottom * bottom * tt - 2 * top * bottom * tb + top * top * bb
    variance = clusters * square / ((clusters - 1) * (factor * bottom * bottom) ** 2)
    error = sqrt(max(variance, 0.0))
    half = _quantile(clusters - 1) * error
    return Estimate(value, value - half, value + half, error)


def products_in(row: Sequence[int], *places: int) -> tuple[int, ...]:
    """Return the products that are kept in a row, each from its place on."""
    return tuple(product_of(row[at : at + WORDS]) for at in places)


@lru_cache(maxsize=4096)
def _quantile(freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, _UP))
