"""The time from sending to opening: lognormal, from counts in classes that end at a week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import ndtr

from omnilab.fit.messages.tally import DELAY_EDGES, QUICK, SETTLED

__all__ = ["Delay", "fit_delay"]


@dataclass(frozen=True)
class Delay:
    """A lognormal delay.

    Attributes
    ----------
    median
        Seconds.
    sigma
        Of the natural logarithm.
    n
        Opens that it was fitted to.
    """

    median: float
    sigma: float
    n: int

    def within(self, seconds: float) -> float:
        """Return the share of opens that come within so many seconds."""
        return float(ndtr((np.log(seconds) - np.log(self.median)) / self.sigma))

    @property
    def settled(self) -> float:
        """The share of opens that come within the week that is counted."""
        return self.within(SETTLED)


def fit_delay(counts: NDArray[np.int64], least: int = 200) -> Delay | None:
    """Fit a lognormal by maximum likelihood to opens between a minute and a week after sending.

    The first minute is left out, since machines open then; the law is truncated at both ends, so
    that leaving out bends nothing.

    Parameters
    ----------
    counts
        Opens by class of `DELAY_EDGES`, shape (59,).
    least
        Fewer opens than this are too few; then None.
    """
    start = int(np.searchsorted(DELAY_EDGES, QUICK))
    n = counts[start:].astype(np.float64)
    if n.sum() < least:
        return None
    edges = np.log(DELAY_EDGES[start:])
    middle = (edges[1:] + edges[:-1]) / 2
    mean = float((n * middle).sum() / n.sum())
    spread = float(np.sqrt((n * (middle - mean) ** 2).sum() / n.sum()))

    def loss(x: NDArray[np.float64]) -> float:
        sigma = np.exp(x[1])
        at = ndtr((edges - x[0]) / sigma)
        whole = max(at[-1] - at[0], 1e-300)
        return -float((n * np.log(np.maximum(np.diff(at) / whole, 1e-300))).sum()) / n.sum()

    found = minimize(loss, [mean, np.log(max(spread, 0.1))], method="Nelder-Mead",
                     options={"xatol": 1e-4, "fatol": 1e-9, "maxiter": 2000})  # fmt: skip
    return Delay(float(np.exp(found.x[0])), float(np.exp(found.x[1])), int(n.sum()))
