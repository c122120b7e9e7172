"""A smooth stand-in for the simulation: moments as quadratic functions of the parameters.

Simulated moments are step functions with the chance of their customers in them. A weighted
least-squares fit of a constant, slopes and curvatures to points around a centre is smooth, averages
that chance, and its residuals say how large it is. A point in whose place much was simulated can
be put in exactly, as an anchor.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Emulator", "fit_emulator"]

Floats = npt.NDArray[np.float64]

#: Ridge on slopes, on curvatures and on products, in units of one observation.
_RIDGE: Final = (0.01, 0.1, 0.3)


@dataclass(frozen=True, slots=True)
class Emulator:
    """Moments around a centre.

    Parameters
    ----------
    centre
        Shape (p,).
    coefficients
        Shape (1 + 2 p + p (p - 1) / 2, m): constant, slopes, curvatures, products.
    covariance
        Shape (m, m): of what is left, which is the simulation's chance and what is not quadratic.
    effective
        Effective number of points.
    """

    centre: Floats
    coefficients: Floats
    covariance: Floats
    effective: float

    def __call__(self, u: Floats) -> Floats:
        """Return moments at points: shape (..., p) to shape (..., m)."""
        return np.asarray(_terms(u - self.centre) @ self.coefficients)

    def slopes(self, u: Floats) -> Floats:
        """Return derivatives at one point: shape (m, p)."""
        d, p = u - self.centre, len(u)
        c = self.coefficients
        found = c[1 : 1 + p] + 2 * d[:, None] * c[1 + p : 1 + 2 * p]
        for k, (i, j) in enumerate(zip(*np.triu_indices(p, 1), strict=True)):
            found[i] += d[j] * c[1 + 2 * p + k]
            found[j] += d[i] * c[1 + 2 * p + k]
        return np.asarray(found.T)

    def anchored(self, u: Floats, moments: Floats) -> Emulator:
        """Return the emulator moved so that it has ``moments`` at ``u``."""
        coefficients = self.coefficients.copy()
        coefficients[0] += moments - self(u)
        return replace(self, coefficients=coefficients)


def _terms(d: Floats) -> Floats:
    """Return constant, coordinates, squares and products: shape (..., p) to (..., terms)."""
    i, j = np.triu_indices(d.shape[-1], 1)
    return np.concatenate([np.ones_like(d[..., :1]), d, d * d, d[..., i] * d[..., j]], axis=-1)


def fit_emulator(points: Floats, moments: Floats, centre: Floats, spread: Floats) -> Emulator:
    """Fit an emulator to simulated points; near ones weigh more.

    Parameters
    ----------
    points, moments
        Shapes (k, p) and (k, m).
    centre
        Shape (p,): where it should be good.
    spread
        Shape (p,): distances at which a point counts for about half.
    """
    k, p = points.shape
    d = points - centre
    weight = (1.0 + np.mean((d / spread) ** 2, axis=1)) ** -2
    x = _terms(d)
    products = p * (p - 1) // 2
    ridge = np.diag([0.0, *[_RIDGE[0]] * p, *[_RIDGE[1]] * p, *[_RIDGE[2]] * products])
    gram = (x * weight[:, None]).T @ x
    solve = np.linalg.solve(gram + ridge, (x * weight[:, None]).T)
    coefficients = solve @ moments
    left = moments - x @ coefficients
    used = float(np.trace(x @ solve))
    freedom = max(float(k) - used, 1.0)
    scaled = left * np.sqrt(weight / weight.mean())[:, None]
    covariance = scaled.T @ scaled / freedom
    return Emulator(centre, coefficients, covariance, float(weight.sum() ** 2 / (weight**2).sum()))
