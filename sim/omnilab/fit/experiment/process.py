"""What an emulator's form leaves, as a Gaussian process: smooth deviations, apart from chance.

A trend in parameters with a Gaussian process for the rest is the usual emulator of a simulator
(Kennedy, M. C. and O'Hagan, A., 2001, Bayesian calibration of computer models, Journal of the
Royal Statistical Society B 63, 425-464; Vernon, I., Goldstein, M. and Bower, R. G., 2010, Galaxy
formation: a Bayesian uncertainty analysis, Bayesian Analysis 5, 619-670). The process is
scikit-learn's, which the extra ``models`` installs; all parameters have one length, since a wave
of a hundred points does not tell ten lengths apart, and the simulation's chance is its nugget.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from omnilab.errors import OptionError

__all__ = ["Process", "fit_process"]

Floats = npt.NDArray[np.float64]

#: First guess and bounds of the length, in units of the priors and of the root of their number.
_LENGTH: Final = (1.0, 0.3, 10.0)
#: Of a moment's variance: the smooth part and chance, and how small either may be.
_PARTS: Final = (0.3, 0.7, 1e-5)
_NOTHING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Process:
    """A process for each moment.

    Parameters
    ----------
    models
        One a moment, None where nothing is left.
    scales
        Shape (m,): what each model's values are multiples of.
    """

    models: tuple[Any, ...]
    scales: Floats

    def mean(self, u: Floats) -> Floats:
        """Return the mean alone: shape (..., p) to (..., m)."""
        flat = u.reshape(-1, u.shape[-1])
        zero = np.zeros(len(flat))
        columns = [zero if model is None else model.predict(flat) for model in self.models]
        return (np.column_stack(columns) * self.scales).reshape(*u.shape[:-1], len(columns))

    def __call__(self, u: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance of the smooth part: shape (..., p) to twice (..., m)."""
        flat = u.reshape(-1, u.shape[-1])
        mean = np.zeros((len(flat), len(self.models)))
        variance = np.zeros_like(mean)
        for k, model in enumerate(self.models):
            if model is None:
                continue
            mean[:, k], sd = model.predict(flat, return_std=True)
            # The nugget is chance of one simulation, which is none of the mean's.
            nugget = float(model.kernel_.k2.noise_level)
            variance[:, k] = np.maximum(sd * sd - nugget, 0.0)
        shape = (*u.shape[:-1], len(self.models))
        return (mean * self.scales).reshape(shape), (variance * self.scales**2).reshape(shape)


def fit_process(points: Floats, left: Floats, seed: int = 1) -> Process:
    """Fit a process to what is left of each moment.

    Parameters
    ----------
    points, left
        Shapes (k, p) and (k, m).
    seed
        Of the search for length and variances.

    Raises
    ------
    OptionError
        If scikit-learn is not installed.
    """
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
    except ImportError:
        raise OptionError(
            "plausible worlds need scikit-learn: pip install 'omnilab[models]'"
        ) from None
    root = float(np.sqrt(points.shape[1]))
    length, shortest, longest = (x * root for x in _LENGTH)
    smooth, chance, least = _PARTS
    models: list[Any] = []
    scales = np.sqrt((left**2).mean(axis=0))
    for k in range(left.shape[1]):
        if scales[k] <= _NOTHING:
            models.append(None)
            continue
        kernel = ConstantKernel(smooth, (least, 10.0)) * RBF(length, (shortest, longest))
        kernel += WhiteKernel(chance, (least, 10.0))
        model = GaussianProcessRegressor(kernel, random_state=seed % (1 << 32))
        with warnings.catch_warnings():  # a part at its bound is there, or is not
            warnings.simplefilter("ignore", ConvergenceWarning)
            models.append(model.fit(points, left[:, k] / scales[k]))
    return Process(tuple(models), np.where(scales > _NOTHING, scales, 1.0))
