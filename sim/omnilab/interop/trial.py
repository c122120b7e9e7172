"""One trial of a strategy against another, customer by customer, with the truth of each.

Each customer lives twice, under the control and under the treatment, from the same draws. What an
analyst sees is one of the two lives. Who is treated is drawn (*randomised*), or is as the strategy
would have it (*targeted*): who would be written to in the window is treated. Its triggers are what
customers do, so those treated would have bought more anyway: the plain difference is confounded.

A life is one in which everybody is under that variant. So what one customer gets does not change
another, also where they share a household or a town.

**Features** are what the brand saw of a customer before the switch, under the status quo. Rows of
nobody that is known do not count. A table has one row for each true customer, so whoever works with
it has solved the linking of profiles already; `omnilab.interop.records` leaves that open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from omnilab.errors import DataError
from omnilab.interop.chance import uniforms
from omnilab.interop.lives import CENTS

if TYPE_CHECKING:
    from omnilab.interop.lives import Life, Lives

__all__ = ["OUTCOMES", "Trial", "experiment_table", "features", "trial_of", "uplift_table"]

DAY: Final = 86400
#: What a life comes to in the window.
OUTCOMES: Final = ("conversion", "sessions", "orders", "revenue", "margin")


@dataclass(frozen=True)
class Trial:
    """Two lives of the same customers.

    Attributes
    ----------
    x
        Features, a row for each customer.
    y0, y1
        `OUTCOMES` under control and treatment.
    randomised, targeted
        Who is treated, of 0 and 1.
    """

    x: pd.DataFrame
    y0: pd.DataFrame
    y1: pd.DataFrame
    randomised: Any
    targeted: Any

    def seen(self, treated: Any) -> pd.DataFrame:
        """Return the outcomes that an analyst sees."""
        chosen = np.broadcast_to(np.asarray(treated)[:, None] == 1, self.y1.shape)
        return self.y1.where(chosen, self.y0)

    @property
    def tau(self) -> pd.DataFrame:
        """What the treatment does to each customer."""
        return self.y1 - self.y0


def trial_of(lives: Lives, control: str, treatment: str) -> Trial:
    """Return the trial of one strategy against another.

    Raises
    ------
    DataError
        Where the treatment writes to nobody, so that there is nothing to tell apart.
    """
    zero, one = lives.lives[control], lives.lives[treatment]
    n = lives.customers
    written = one.within("sends", lives.switch, lives.end)["person"].unique()
    if not len(written):
        raise DataError(
            f"{treatment} writes to none of {n} customers in the window: nobody is treated"
        )
    targeted = np.zeros(n, np.int64)
    targeted[written] = 1
    drawn = (uniforms(lives.seed, "treatment", n) < 0.5).astype(np.int64)
    return Trial(features(lives, one), _outcomes(lives, zero), _outcomes(lives, one), drawn,
                 targeted)  # fmt: skip


def features(lives: Lives, life: Life) -> pd.DataFrame:
    """Return what the brand saw of each customer before the switch.

    Returns
    -------
    DataFrame
        ``orders``, ``revenue`` (money), ``days_since_order`` and ``days_since_visit`` (those of the
        burn-in where there is none), ``visits_<channel>``, ``messages``, ``opens`` and ``clicks``
        that came back.
    """
    n, seen = lives.customers, life.seen_before
    sends = life.within("sends", 0, lives.switch)
    found = {
        "orders": _count(seen["orders"], n),
        "revenue": _count(seen["orders"], n, seen["orders"]["amount"] / CENTS),
        "days_since_order": _since(seen["orders"], n, lives.switch),
        "days_since_visit": _since(seen["visits"], n, lives.switch),
        "messages": _count(sends, n),
        "opens": _count(seen["opens"], n),
        "clicks": _count(seen["clicks"], n),
    }
    for c, channel in enumerate(lives.scenario.channels):
        if channel.visit is not None:
            of = seen["visits"][seen["visits"]["channel"] == c]
            found[f"visits_{channel.name}"] = _count(of, n)
    return pd.DataFrame(found)


def uplift_table(trial: Trial, treated: Any, *, outcome: str = "conversion") -> pd.DataFrame:
    """Return customer_id, features ``x_...``, ``y``, ``treatment`` and the true ``tau``."""
    frame = trial.x.add_prefix("x_")
    frame.insert(0, "customer_id", np.arange(len(frame)))
    frame["y"] = trial.seen(treated)[outcome]
    frame["treatment"] = treated
    frame["tau"] = trial.tau[outcome]
    return frame


def experiment_table(lives: Lives, trial: Trial, life: Life) -> pd.DataFrame:
    """Return tea-tasting's table; covariates are the same metrics in the burn-in."""
    names = ["sessions", "orders", "revenue"]
    before = _outcomes(lives, life, (0, lives.switch))[names].add_suffix("_covariate")
    frame = pd.concat([trial.seen(trial.randomised)[names], before], axis=1)
    frame.insert(0, "user", np.arange(len(frame)))
    frame.insert(1, "variant", trial.randomised)
    return frame


def _outcomes(lives: Lives, life: Life, when: tuple[int, int] | None = None) -> pd.DataFrame:
    n = lives.customers
    start, end = when or (lives.switch, lives.end)
    orders = life.within("orders", start, end)
    count = _count(orders, n)
    return pd.DataFrame(
        {
            "conversion": (count > 0).astype(np.int64),
            "sessions": _count(life.within("visits", start, end), n),
            "orders": count,
            "revenue": _count(orders, n, orders["paid"] / CENTS),
            "margin": _count(orders, n, orders["margin"] / CENTS),
        }
    )


def _count(rows: pd.DataFrame, n: int, weights: Any = None) -> Any:
    person = rows["person"].to_numpy(np.int64)
    if weights is not None:
        return np.bincount(person, np.asarray(weights, float), n)
    return np.bincount(person, minlength=n)


def _since(rows: pd.DataFrame, n: int, end: int) -> Any:
    last = np.zeros(n)
    np.maximum.at(last, rows["person"].to_numpy(np.int64), rows["time"].to_numpy(float))
    return np.round((end - last) / DAY, 3)
