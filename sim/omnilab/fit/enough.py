"""Whether a log has enough for a fit, and what stands in for what it does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from omnilab.errors import DataError
from omnilab.fit.gamma_gamma import GammaGamma, GammaGammaFit
from omnilab.fit.likely import LikelyLaws
from omnilab.fit.scenario import validated
from omnilab.fit.summary import Occasions
from omnilab.scenario.customers import Spend

__all__ = ["check_size", "declared_spend", "least_days", "not_identified", "of_declared"]

# Below these a fit is a fit of chance; rules of thumb of ours.
_CUSTOMERS, _BUYERS_AGAIN, _DAYS = 50, 10, 42


def check_size(occasions: Occasions) -> None:
    """Refuse a log of too few customers or days.

    Raises
    ------
    DataError
        With what it has, and what is needed.
    """
    n, days = occasions.n_customers, occasions.n_days
    again = int((np.bincount(occasions.customer, minlength=n) > 1).sum())
    if n >= _CUSTOMERS and again >= _BUYERS_AGAIN and days >= _DAYS:
        return
    raise DataError(
        f"too little for a fit: {n:,} customers, {again:,} of whom bought again, in {days:,} days; "
        f"needed are {_CUSTOMERS}, {_BUYERS_AGAIN} and {_DAYS}"
    )


def least_days() -> int:
    """Return the days that a log needs for a fit."""
    return _DAYS


def not_identified(likely: LikelyLaws, occasions: Occasions) -> str:
    """Return what is to be said where a log does not tell whether customers leave."""
    laws = likely.laws
    return (
        "dropout is not identified: that nobody leaves fits these "
        f"{occasions.n_customers:,} customers in {occasions.n_days:,} days as well; needed is a "
        "log in which customers could fall silent for several times their usual gap (longer, or "
        "with customers from their first order on, --first-from), or --accept, which takes the "
        f"most likely chance of {laws.a / (laws.a + laws.b):.2%} an order as it is"
    )


def declared_spend(base: Mapping[str, Any]) -> Spend:
    """Return what an order costs where a log has no amounts: as the base's first category says."""
    return validated({"id": "base-v1", **base}).categories[0].spend


def of_declared(spend: Spend) -> GammaGammaFit:
    """Return declared spend as though it had been fitted, without estimates."""
    model = GammaGamma(spend.p, spend.q, spend.mean * (spend.q - 1) / spend.p)
    note = (
        f"the log has no amounts: an order is taken as {spend.mean:g} on average, as the base says"
    )
    return GammaGammaFit(model, (), float("nan"), 0, (note,))
