"""Where in the space of what varies a sweep's points lie: a grid, or spread by a seed.

References
----------
McKay, M. D., Beckman, R. J. and Conover, W. J. (1979). A comparison of three methods for selecting
values of input variables. Technometrics 21, 239-245. (Latin hypercube)
Owen, A. B. (1998). Scrambling Sobol' and Niederreiter-Xing points. Journal of Complexity 14.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any, Final

from omnilab.errors import OptionError
from omnilab.experiment.sweep.vary import Given, Vary

__all__ = ["DESIGNS", "count_of", "rows_of", "spread"]

DESIGNS: Final = ("grid", "lhs", "sobol")
#: Points of a design that is spread, where nobody says how many.
USUAL_POINTS: Final = 32


def count_of(varies: Sequence[Vary], design: str, points: int | None) -> int:
    """Return how many points a design has, without making them.

    Raises
    ------
    OptionError
        If a number of points is given for a grid, which has as many as its values make.
    """
    if design != "grid":
        return USUAL_POINTS if points is None else points
    if points is not None:
        raise OptionError("--points is for --design lhs and sobol: a grid has all combinations")
    return prod(len(v.grid()) for v in varies)  # of whole numbers some steps may be one


def rows_of(varies: Sequence[Vary], design: str, points: int, seed: int) -> list[tuple[Given, ...]]:
    """Return the values at each point, in the order of ``varies``.

    Parameters
    ----------
    varies
        What varies; nothing gives one point.
    design
        Of `DESIGNS`. Of a grid the last thing varies fastest.
    points
        Of `count_of`.
    seed
        Of the spread; the same seed gives the same points.
    """
    if not varies:
        return [()]
    if design == "grid":
        return list(product(*(v.grid() for v in varies)))
    table = spread(design, len(varies), points, seed)
    return [tuple(v.at(u) for v, u in zip(varies, row, strict=True)) for row in table.tolist()]


def spread(design: str, dimensions: int, points: int, seed: int) -> Any:
    """Return points in the unit cube, shape ``(points, dimensions)``."""
    from scipy.stats import qmc

    if design == "lhs":
        return qmc.LatinHypercube(dimensions, rng=seed).random(points)
    with warnings.catch_warnings():  # any number of points is even enough for a picture
        warnings.simplefilter("ignore", UserWarning)
        return qmc.Sobol(dimensions, rng=seed).random(points)
