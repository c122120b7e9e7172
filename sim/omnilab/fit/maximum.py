"""Maximise a log-likelihood over positive parameters, with standard errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

__all__ = ["Estimate", "Maximum", "maximise"]

Vector = npt.NDArray[np.float64]

# Far past what data can tell: a parameter that gets here isn't identified.
_FARTHEST = 14.0
_STEP = 1e-4  # of a logarithm; third-order error about 1e-8 of the gradient


@dataclass(frozen=True, slots=True)
class Estimate:
    """A fitted parameter.

    Parameters
    ----------
    name
        As the model calls it.
    value
        Above 0.
    standard_error
        From the curvature at the maximum; NaN where the data don't pin the parameter down.
    """

    name: str
    value: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where a log-likelihood is highest.

    Parameters
    ----------
    estimates
        One a parameter, in the model's order.
    log_likelihood
        Its value there.
    notes
        What a reader must know before trusting it; empty if nothing.
    """

    estimates: tuple[Estimate, ...]
    log_likelihood: float
    notes: tuple[str, ...]

    @property
    def values(self) -> tuple[float, ...]:
        """The parameters, in the model's order."""
        return tuple(estimate.value for estimate in self.estimates)


def maximise(
    value_and_gradient: Callable[[Vector], tuple[float, Vector]],
    names: Sequence[str],
    starts: Sequence[Sequence[float]],
) -> Maximum:
    """Return the maximum over parameters above 0, searched in their logarithms.

    Parameters
    ----------
    value_and_gradient
        Of the parameters, shape (n,): the log-likelihood and its gradient, shape (n,).
    names
        The parameters' names, n of them.
    starts
        Points to search from; the best end wins.
    """

    def loss(log_theta: Vector) -> tuple[float, Vector]:
        theta = np.exp(log_theta)
        value, gradient = value_and_gradient(theta)
        return -value, -gradient * theta

    best_x, best_loss = np.log(np.asarray(starts[0], dtype=np.float64)), np.inf
    for start in starts:
        centre = np.log(np.asarray(start, dtype=np.float64))
        found = minimize(
            loss,
            centre,
            jac=True,
            method="L-BFGS-B",
            bounds=[(float(c) - _FARTHEST, float(c) + _FARTHEST) for c in centre],
            options={"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-8},
        )
        if float(found.fun) < best_loss:
            best_x, best_loss = np.asarray(found.x, dtype=np.float64), float(found.fun)
    best_x, covariance = _polish(loss, best_x)
    value = -loss(best_x)[0]
    theta = np.exp(best_x)
    # By the delta method, from the logarithms.
    errors = theta * np.sqrt(np.diag(covariance))
    estimates = tuple(map(Estimate, names, map(float, theta), map(float, errors)))
    return Maximum(estimates, value, _notes(estimates))


def _polish(loss: Callable[[Vector], tuple[float, Vector]], x: Vector) -> tuple[Vector, Vector]:
    """Return the minimum after Newton steps, and the covariance there (NaN if it isn't one)."""
    for _ in range(5):
        value, gradient = loss(x)
        hessian = _hessian(loss, x)
        if not _is_positive(hessian):
            return x, np.full_like(hessian, np.nan)
        step = np.linalg.solve(hessian, gradient)
        if np.abs(step).max() > 1.0 or loss(x - step)[0] >= value:
            break
        x = x - step
    return x, np.asarray(np.linalg.inv(hessian), dtype=np.float64)


def _hessian(loss: Callable[[Vector], tuple[float, Vector]], x: Vector) -> Vector:
    """Return second derivatives, shape (n, n), by central differences of the gradient."""
    rows = []
    for i in range(len(x)):
        step = np.zeros_like(x)
        step[i] = _STEP
        rows.append((loss(x + step)[1] - loss(x - step)[1]) / (2 * _STEP))
    hessian = np.array(rows)
    return (hessian + hessian.T) / 2


def _is_positive(hessian: Vector) -> bool:
    """Tell whether the curvature pins every direction down, beyond rounding."""
    if not np.isfinite(hessian).all():
        return False
    eigenvalues = np.linalg.eigvalsh(hessian)
    return bool(eigenvalues[0] > 1e-9 * eigenvalues[-1] and eigenvalues[0] > 1e-6)


def _notes(estimates: Sequence[Estimate]) -> tuple[str, ...]:
    loose = [e.name for e in estimates if not e.standard_error < 2 * e.value]
    if not loose:
        return ()
    return (f"the data do not pin {', '.join(loose)} down: its standard error is over twice it",)
