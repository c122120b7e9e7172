"""What the simple rules and the published models say of the days after a log's first part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from omnilab.fit.bgnbd import fit_bgnbd
from omnilab.fit.pareto import fit_pareto_nbd
from omnilab.fit.summary import Occasions, summarise

__all__ = ["RULES", "Rule", "rules_of"]

Floats = npt.NDArray[np.float64]

#: Accounts beside the simulation.
RULES: Final = ("BG/NBD", "Pareto/NBD", "repeat the past", "last period")
#: Days of the last period.
LAST_DAYS: Final = 28
_DAY_S: Final = 86_400
_WEEK: Final = 7.0


@dataclass(frozen=True)
class Rule:
    """What one account says.

    Parameters
    ----------
    each
        Shape (n_customers,): orders of each.
    weeks
        Shape (n_weeks,): orders of all by week.
    buyers
        Share of customers with an order; NaN where it doesn't say.
    spend
        Money a customer.
    """

    each: Floats
    weeks: Floats
    buyers: float
    spend: float


def rules_of(seen: Occasions, days: int) -> dict[str, Rule]:
    """Return what each account says of so many days after the end.

    Parameters
    ----------
    seen
        The first part.
    days
        Length of what is predicted.

    Raises
    ------
    DataError
        Where no customer bought again.
    """
    summary = summarise(seen)
    x, t_x, t = (np.asarray(v, np.float64) for v in (summary.frequency, summary.recency, summary.T))
    bgnbd, pareto = fit_bgnbd(summary).model, fit_pareto_nbd(summary)
    own = np.bincount(seen.customer, seen.amount, seen.n_customers) / np.bincount(
        seen.customer, minlength=seen.n_customers
    )
    ahead = days / _WEEK
    comes = 1 - ((bgnbd.alpha + t) / (bgnbd.alpha + t + ahead)) ** (bgnbd.r + x)
    any_order = float((bgnbd.alive_probabilities(x, t_x, t) * comes).mean())
    found = {
        "BG/NBD": (lambda w: bgnbd.expected_orders(w, x, t_x, t), any_order),
        "Pareto/NBD": (lambda w: pareto.expected_orders(w, x, t_x, t), float("nan")),
    }
    rules = {name: _model(said, own, days, buyers) for name, (said, buyers) in found.items()}
    for name, back in (("repeat the past", days), ("last period", LAST_DAYS)):
        rules[name] = _again(seen, min(back, seen.n_days), days)
    return rules


def _model(each_in: Callable[[float], Floats], own: Floats, days: int, buyers: float) -> Rule:
    """Return a published model's account, each order at the customer's own mean spend."""
    ends = np.minimum(_WEEK * np.arange(1, -(-days // 7) + 1), days) / _WEEK
    up_to = [float(each_in(float(end)).sum()) for end in ends]
    each = each_in(days / _WEEK)
    return Rule(each, np.diff([0.0, *up_to]), buyers, float((each * own).mean()))


def _again(seen: Occasions, back: int, days: int) -> Rule:
    """Return the account that the last ``back`` days come again, week by week where they reach."""
    from_s = (seen.n_days - back) * _DAY_S
    recent = seen.time_s >= from_s
    n, scale = seen.n_customers, days / back
    each = np.bincount(seen.customer[recent], minlength=n) * scale
    lengths = np.diff([*range(0, days, 7), days])
    if back >= days:
        at = (seen.time_s[recent] - from_s) // (7 * _DAY_S)
        weeks = np.bincount(at, minlength=len(lengths)).astype(np.float64)
    else:
        weeks = each.sum() * lengths / days
    spend = float(seen.amount[recent].sum()) * scale / n
    return Rule(each.astype(np.float64), weeks, float((each > 0).mean()), spend)
