"""A smooth stand-in for the simulation: moments as quadratic functions of the parameters.

Simulated moments are step functions with the chance of their customers in them. A weighted
least-squares fit of a constant, slopes and curvatures to points around a centre is smooth, averages
that chance, and its residuals say how large it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Emulator", "fit_emulator"]

Floats = npt.NDArray[np.float64]

#: Ridge on slopes and on curvatures, in units of one observation.
_RIDGE: Final = (0.02, 0.5)


@dataclass(frozen=True, slots=True)
class Emulator:
    """Moments around a centre.

    Parameters
    ----------
    centre
        Shape (p,).
    coefficients
        Shape (1 + 2 p, m).
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
        d = u - self.centre
        p = d.shape[-1]
        c = self.coefficients
        return np.asarray(c[0] + d @ c[1 : 1 + p] + (d * d) @ c[1 + p :])

    def slopes(self, u: Floats) -> Floats:
        """Return derivatives at one point: shape (m, p)."""
        d, p = u - self.centre, len(u)
        c = self.coefficients
        return np.asarray((c[1 : 1 + p] + 2 * d[:, None] * c[1 + p :]).T)


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
    weight = 1.0 / (1.0 + np.mean((d / spread) ** 2, axis=1))
    x = np.concatenate([np.ones((k, 1)), d, d * d], axis=1)
    ridge = np.diag([0.0, *[_RIDGE[0]] * p, *[_RIDGE[1]] * p])
    gram = (x * weight[:, None]).T @ x
    solve = np.linalg.solve(gram + ridge, (x * weight[:, None]).T)
    coefficients = solve @ moments
    left = moments - x @ coefficients
    used = float(np.trace(x @ solve))
    freedom = max(float(k) - used, 1.0)
    scaled = left * np.sqrt(weight / weight.mean())[:, None]
    covariance = scaled.T @ scaled / freedom
    return Emulator(centre, coefficients, covariance, float(weight.sum() ** 2 / (weight**2).sum()))
