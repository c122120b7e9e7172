"""A shop whose law is written down: a simulator of purchase logs in a millisecond.

Customers enter evenly over the first month. The gaps between purchases are gamma of shape 2; after
each one a customer leaves for good with a chance of their own, which is Beta(a, 20). The last
parameter moves nothing: whatever is said of it has to be its even range.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnilab.fit.plausible.log_moments import LOG_MOMENTS, log_moments
from omnilab.fit.summary import Occasions

__all__ = ["KEYS", "USED", "moments_at"]

Floats = NDArray[np.float64]

DAYS: Final = 180
_ENTRY, _MOST = 30.0, 40
KEYS: Final = ("every", "spend", "dropout", "nothing")
#: Ends of the ranges: days between purchases, EUR an order, a of Beta(a, 20).
LOW: Final = np.array([20.0, 20.0, 0.5, 0.0])
HIGH: Final = np.array([90.0, 80.0, 6.0, 1.0])
#: Few moments; those with a heavy tail are left out, as a normal law would not hold for them.
USED: Final = ("orders", "two", "late", "soon", "amount")
_PLACES: Final = [list(LOG_MOMENTS).index(name) for name in USED]


def moments_at(place: Floats, customers: int, seed: int) -> tuple[Floats, Floats]:
    """Return the moments of a log and their covariance, shapes (m,) and (m, m).

    Parameters
    ----------
    place
        0..1 of the ranges, shape (4,).
    customers, seed
        Of the log.
    """
    every, spend, dropout, _ = LOW + place * (HIGH - LOW)
    rng = np.random.default_rng(seed)
    gaps = rng.gamma(2.0, every / 2.0, (customers, _MOST))
    gaps[:, 0] = rng.uniform(0.0, _ENTRY, customers)
    days = np.cumsum(gaps, axis=1)
    leaves = rng.random(days.shape) < rng.beta(dropout, 20.0, customers)[:, None]
    gone = np.cumsum(leaves, axis=1) - leaves > 0  # they leave after a purchase
    bought = (days < DAYS) & ~gone
    mean = spend * rng.gamma(6.0, 1.0 / 6.0, customers)
    amount = mean[:, None] * rng.gamma(4.0, 0.25, days.shape)
    customer, order = np.nonzero(bought)
    found = log_moments(Occasions(
        customer, (days[bought] * 86_400).astype(np.int64), amount[bought], order == 0,
        customers, DAYS, same_day=False,
    ))  # fmt: skip
    return found[0][_PLACES], found[1][np.ix_(_PLACES, _PLACES)]
