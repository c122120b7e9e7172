"""Moments of a purchase log, with their chance: each is a ratio of two sums over customers."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from omnilab.fit.summary import Occasions

__all__ = ["LOG_MOMENTS", "log_moments"]

Floats = npt.NDArray[np.float64]

_DAY_S: Final = 86_400
_SOON_DAYS: Final = 30
_LAST: Final = 1 / 3

#: Name -> what it is.
LOG_MOMENTS: Final = {
    "orders": "orders a customer",
    "two": "share of customers with two orders or more",
    "three": "the same with three",
    "five": "the same with five",
    "soon": "share of customers with a second order within 30 days",
    "late": "share of customers with an order in the last third of the window",
    "late_orders": "orders a customer in the last third",
    "amount": "money an order",
    "weighted_amount": "money of the order that a mean euro was spent in",
    "weighted_mean": "mean money an order of the customer, weighed by itself",
}


def log_moments(occasions: Occasions) -> tuple[Floats, Floats]:
    """Return the moments of a log and their covariance, by the delta method over its customers.

    Returns
    -------
    values, covariance
        Shapes (m,) and (m, m), in the order of `LOG_MOMENTS`; NaN where nothing is there.
    """
    tops, bottoms = _sums(occasions)
    n = occasions.n_customers
    top, bottom = tops.sum(axis=0), bottoms.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(bottom > 0, top / bottom, np.nan)
        slopes = (tops - values * bottoms) / bottom
    covariance = slopes.T @ slopes * (n / max(n - 1, 1))
    return values, covariance


def _sums(occasions: Occasions) -> tuple[Floats, Floats]:
    """Return numerators and denominators of each customer, shape (n_customers, m)."""
    n = occasions.n_customers

    def count(weights: Floats | None = None) -> Floats:
        return np.bincount(occasions.customer, weights, n).astype(np.float64)

    orders = count()
    amount, squares = count(occasions.amount), count(occasions.amount**2)
    end = occasions.n_days * _DAY_S
    late = count((occasions.time_s >= (1 - _LAST) * end).astype(np.float64))
    since = occasions.time_s - occasions.first_time_s[occasions.customer]
    again = (~occasions.first) & (since <= _SOON_DAYS * _DAY_S)
    soon = count(again.astype(np.float64))
    own = amount / np.maximum(orders, 1)
    one = np.ones(n)
    pairs = [
        (orders, one), (orders >= 2, one), (orders >= 3, one), (orders >= 5, one), (soon > 0, one),
        (late > 0, one), (late, one), (amount, orders), (squares, amount), (own * own, own),
    ]  # fmt: skip
    tops = np.column_stack([np.asarray(a, dtype=np.float64) for a, _ in pairs])
    return tops, np.column_stack([np.asarray(b, dtype=np.float64) for _, b in pairs])
