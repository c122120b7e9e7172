"""What a measure is likely to be between the points of a sweep: exact at the points, plain between.

Points that are a full grid are interpolated linearly in each thing that varies (multilinear).
Others, such as those of a Latin hypercube, by a sum of distances to all points and a plane, with
weights such that it goes through each point: the radial basis function r, whose result is linear
between the points of a line. What a leave-one-out finds is how far such a value is usually off.

References
----------
Rippa (1999), "An algorithm for selecting a good value for the parameter c in radial basis function
interpolation", Advances in Computational Mathematics 11: leaving one out in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Axis", "Between", "between"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """One thing that varied.

    Attributes
    ----------
    path
        What it is.
    texts
        Its values as they were given, in the order of their numbers, or of the points.
    numbers
        The same as numbers, ascending; None where some are none, so that nothing is between them.
    """

    path: str
    texts: tuple[str, ...]
    numbers: tuple[float, ...] | None

    @property
    def at(self) -> tuple[float, ...]:
        """Where its values are: their numbers, or their places."""
        return self.numbers or tuple(float(n) for n in range(len(self.texts)))


class Between:
    """Values between points.

    Parameters
    ----------
    axes
        What varied.
    points
        Where the points are on each axis, shape (points, axes).
    grid
        Whether they are a full grid.

    Attributes
    ----------
    order
        Of a grid: the points in the order of its cells, the last axis fastest.
    """

    def __init__(self, axes: Sequence[Axis], points: Floats, *, grid: bool) -> None:
        self.axes, self.points, self.grid = tuple(axes), points, grid
        self.shape = tuple(len(axis.at) for axis in axes)
        self.order = np.lexsort(points.T[::-1])
        self.low = np.array([axis.at[0] for axis in axes])
        self.span = np.array([axis.at[-1] - axis.at[0] for axis in axes])
        self._inverse: Floats | None = None
        if not grid:
            self._inverse = _inverse_of((points - self.low) / self.span)

    def weights(self, values: Sequence[float]) -> list[float]:
        """Return the weight of each point, the constant and the slopes; of a grid none."""
        if self._inverse is None:
            return []
        found: list[float] = (self._inverse[:, : len(values)] @ np.asarray(values)).tolist()
        return found

    def value(self, where: Sequence[float], values: Sequence[float]) -> float:
        """Return the value at a place within the axes."""
        if self.grid:
            return self._in_cell(where, np.asarray(values)[self.order].reshape(self.shape))
        u = (np.asarray(where) - self.low) / self.span
        far = np.linalg.norm((self.points - self.low) / self.span - u, axis=1)
        return float(np.concatenate([-far, [1.0], u]) @ np.asarray(self.weights(values)))

    def _in_cell(self, where: Sequence[float], table: Floats) -> float:
        for axis, x in zip(self.axes, where, strict=True):
            at = axis.at
            i = min(max(int(np.searchsorted(at, x, "right")) - 1, 0), max(len(at) - 2, 0))
            if len(at) == 1 or axis.numbers is None:
                table = table[at.index(x)]
                continue
            part = (x - at[i]) / (at[i + 1] - at[i])
            table = (1.0 - part) * table[i] + part * table[i + 1]
        return float(table)

    def left_out(self, values: Sequence[float]) -> Floats:
        """Return what the others say of each point less its value, shape (points,); NaN if nothing.

        In a grid a point's neighbours on both sides of it speak, mean over the axes on which it
        has them; so the error is that of steps twice as wide, and of a point amid, not of an edge.
        """
        given = np.asarray(values, np.float64)
        if self._inverse is not None:
            n = len(given)
            inner = self._inverse[:n, :n]
            # The point's own value less what the others say is w / (A^-1)_ii.
            return -(inner @ given) / np.diag(inner)
        table = given[self.order].reshape(self.shape)
        total, found = np.zeros(self.shape), np.zeros(self.shape)
        for a, axis in enumerate(self.axes):
            if axis.numbers is None or len(axis.at) < 3:
                continue
            lines, at = np.moveaxis(table, a, -1), np.asarray(axis.at)
            part = (at[1:-1] - at[:-2]) / (at[2:] - at[:-2])
            said = (1.0 - part) * lines[..., :-2] + part * lines[..., 2:]
            np.moveaxis(total, a, -1)[..., 1:-1] += said - lines[..., 1:-1]
            np.moveaxis(found, a, -1)[..., 1:-1] += 1.0
        errors = np.full(len(given), np.nan)
        with np.errstate(invalid="ignore"):
            errors[self.order] = (total / found).ravel()
        return errors

    def usual_error(self, values: Sequence[float]) -> float | None:
        """Return the root mean square of `left_out`; None where no point can be left out."""
        errors = self.left_out(values)
        known = errors[~np.isnan(errors)]
        return float(np.sqrt(np.mean(known**2))) if len(known) else None


def between(axes: Sequence[Axis], points: Sequence[Sequence[float]]) -> Between | None:
    """Return what is between the points; None where they are no grid, and too few or not numbers.

    Parameters
    ----------
    axes
        What varied, each with two values or more.
    points
        Where each point is on each axis, each place once.
    """
    where = np.asarray(points, np.float64).reshape(len(points), len(axes))
    there = set(map(tuple, where.tolist()))
    if not axes or len(there) < len(points):
        return None
    on_axes = all(x in axis.at for place in there for axis, x in zip(axes, place, strict=True))
    # Counted, not listed: a hundred points on five axes would have ten thousand million cells.
    if on_axes and len(there) == prod(len(axis.at) for axis in axes):
        return Between(axes, where, grid=True)
    if any(axis.numbers is None for axis in axes) or len(points) < len(axes) + 3:
        return None
    try:
        return Between(axes, where, grid=False)
    except np.linalg.LinAlgError:  # all on one plane
        return None


def _inverse_of(units: Floats) -> Floats:
    """Return the inverse of the system of a radial basis function with a plane.

    Raises
    ------
    LinAlgError
        If the points do not span all axes.
    """
    n, d = units.shape
    plane = np.column_stack([np.ones(n), units])
    if np.linalg.matrix_rank(plane) < d + 1:
        raise np.linalg.LinAlgError
    system: Any = np.zeros((n + d + 1, n + d + 1))
    system[:n, :n] = -np.linalg.norm(units[:, None] - units[None], axis=2)
    system[:n, n:], system[n:, :n] = plane, plane.T
    return np.asarray(np.linalg.inv(system), np.float64)
