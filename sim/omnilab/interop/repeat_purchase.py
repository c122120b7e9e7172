"""Transactions and summaries for models of repeat purchase, and what customers then really did.

History is from the scenario's start to the middle of the measured window, the holdout is the rest
of the window. A customer is there from the first order on that the history has; who bought before
the scenario's start looks new, as in any log that begins somewhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from omnilab.errors import DataError
from omnilab.interop.lives import CENTS

if TYPE_CHECKING:
    from omnilab.interop.lives import Life, Lives

__all__ = ["cut_of", "future", "summary", "transactions"]

DAY: Final = 86400


def cut_of(lives: Lives) -> int:
    """Return the second at which the history ends: a whole day."""
    return (lives.switch + (lives.end - lives.switch) // 2) // DAY * DAY


def transactions(lives: Lives, life: Life) -> pd.DataFrame:
    """Return the orders of the history: customer_id, datetime, value (money paid)."""
    orders = life.within("orders", 0, cut_of(lives)).sort_values(["time", "person"], kind="stable")
    if orders["person"].nunique() < 2:
        raise DataError(
            f"{orders['person'].nunique()} of {lives.customers} customers bought before the middle "
            "of the window: a summary needs two; take more customers"
        )
    return pd.DataFrame(
        {
            "customer_id": orders["person"].to_numpy(),
            "datetime": stamps(lives, orders["time"]),
            "value": orders["paid"].to_numpy() / CENTS,
        }
    )


def summary(lives: Lives, bought: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each customer who has bought.

    Orders of one day are one. Days are counted from the day of the first order.

    Returns
    -------
    DataFrame
        ``customer_id``, ``frequency`` (days with a repeat order), ``recency`` (days to the last of
        them, 0 without), ``T`` (days to the end of the history), ``monetary_value`` (mean value of
        a repeat day, 0 without).
    """
    end = pd.Timestamp(lives.scenario.time.start) + timedelta(seconds=cut_of(lives))
    day = pd.to_datetime(bought["datetime"]).dt.normalize()
    daily = bought.assign(day=day).groupby(["customer_id", "day"], as_index=False)["value"].sum()
    first = daily.groupby("customer_id")["day"].transform("min")
    repeats = daily[daily["day"] > first].groupby("customer_id")
    found = pd.DataFrame({"first": daily.groupby("customer_id")["day"].min()})
    found["frequency"] = repeats.size().reindex(found.index).fillna(0).astype(np.int64)
    last = repeats["day"].max().reindex(found.index)
    found["recency"] = (last - found["first"]).dt.days.fillna(0.0).astype(float)
    # The last day that the history has whole is the day before its end.
    found["T"] = (end - found["first"]).dt.days.astype(float) - 1.0
    found["monetary_value"] = repeats["value"].mean().reindex(found.index).fillna(0.0)
    return found.drop(columns="first").reset_index()


def future(lives: Lives, life: Life, who: Any) -> pd.DataFrame:
    """Return what some customers did in the holdout, and their LTV over the run.

    Returns
    -------
    DataFrame
        ``customer_id``, ``orders`` and ``value`` (money paid) of the holdout, ``ltv`` (margin less
        contact cost, over window and run-out).
    """
    orders = life.within("orders", cut_of(lives), lives.end)
    n, person = lives.customers, orders["person"].to_numpy(np.int64)
    value = np.bincount(person, orders["paid"].to_numpy(float) / CENTS, n)
    who = np.asarray(who, np.int64)
    return pd.DataFrame(
        {
            "customer_id": who, "orders": np.bincount(person, minlength=n)[who],
            "value": value[who], "ltv": life.ltv[who],
        }
    )  # fmt: skip


def stamps(lives: Lives, seconds: Any) -> list[str]:
    """Return seconds from the scenario's start as ISO dates and times of its own clock."""
    first = datetime.combine(lives.scenario.time.start, datetime.min.time())
    return [str(first + timedelta(seconds=int(s))) for s in seconds]
