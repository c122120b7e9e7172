"""The tables of weeks and days: measures in time, and the cumulative difference with its band."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.experiment.columns import (
    HIGH,
    LOW,
    MEASURE,
    REFERENCE,
    STRATEGY,
    UNIT,
    Column,
    Row,
)
from omnilab.experiment.lifts import products_in, ratio_estimate
from omnilab.measure.lifted import WORDS
from omnilab.measure.observed import DAY_SUMS, WEEKLY

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison
    from omnilab.experiment.statistics import Estimate

__all__ = ["DAYS", "WEEKS", "day_rows", "week_rows", "weekly_differences"]

#: Measure of days and weeks: its sum, what makes one of its unit, and the unit.
TIMED: Final = {
    "ltv": ("ltv", 100_000, "EUR"),
    "orders_per_customer": ("orders", 1, "number"),
    "purchase_rate": ("new_buyers", 1, "share"),
    "revenue": ("revenue", 100, "EUR"),
    "margin": ("margin", 100, "EUR"),
    "contact_cost": ("cost", 100_000, "EUR"),
    "messages_per_customer": ("sent", 1, "number"),
    "delivered_per_customer": ("delivered", 1, "number"),
    "opens_per_customer": ("opens", 1, "number"),
    "clicks_per_customer": ("clicks", 1, "number"),
    "opt_outs_per_customer": ("opt_outs", 1, "number"),
    "visits_per_customer": ("visits", 1, "number"),
}
_START: Final = Column("start", "Its first day, ISO 8601.")
_VALUE: Final = Column(
    "value", "In this time, for each customer. LTV goes on in the run-out, all else ends with the "
    "window. Of `purchase_rate` the customers whose first order in the window it is; deliveries, "
    "opens and clicks are without ads.", "number",
)  # fmt: skip
_CUMULATIVE: Final = Column("cumulative", "Since the window's start, for each customer.", "number")

#: One row for each week and measure. Key: strategy, week, measure.
WEEKS: Final = (
    STRATEGY,
    Column("week", "Number from 0, of seven days from the window's start on; the last may be "
           "shorter.", "whole"),
    _START,
    MEASURE,
    UNIT,
    _VALUE,
    _CUMULATIVE,
    REFERENCE,
    Column("difference", "Cumulative difference, strategy - reference on the same customers.",
           "number", null=True),
    LOW,
    HIGH,
)  # fmt: skip
#: One row for each day and measure. Key: strategy, day, measure.
DAYS: Final = (
    STRATEGY,
    Column("day", "Number from 0, since the window's start.", "whole"),
    _START,
    MEASURE,
    UNIT,
    _VALUE,
    _CUMULATIVE,
)


def week_rows(comparison: Comparison) -> list[Row]:
    """Return the rows of `WEEKS`; bands are of LTV, orders and purchase rate."""
    rows: list[Row] = []
    for name in _names(comparison):
        of = comparison.held_against
        for measure, unit, week, value, total, other in _stretches(comparison, name, of, 7):
            found = {"difference": None, "low": None, "high": None}
            if name != of:
                found["difference"] = total - other
                part = TIMED[measure][0]
                if part in WEEKLY:
                    found |= _band(comparison, name, WEEKLY.index(part), week, measure)
            rows.append(
                {
                    "strategy": name, "week": week, "start": _date(comparison, 7 * week),
                    "measure": measure, "unit": unit, "value": value, "cumulative": total,
                    "reference": None if name == of else of, **found,
                }
            )  # fmt: skip
    return rows


def day_rows(comparison: Comparison) -> list[Row]:
    """Return the rows of `DAYS`."""
    return [
        {
            "strategy": name, "day": day, "start": _date(comparison, day), "measure": measure,
            "unit": unit, "value": value, "cumulative": total,
        }
        for name in _names(comparison)
        for measure, unit, day, value, total, _ in _stretches(comparison, name, name, 1)
    ]  # fmt: skip


def _names(comparison: Comparison) -> list[str]:
    return sorted(comparison.observed.get("by_day", {}))


def _date(comparison: Comparison, day: int) -> str:
    time = comparison.scenario.time
    return str(time.start + timedelta(days=time.burn_in // 86400 + day))


def _stretches(comparison: Comparison, name: str, of: str, days: int) -> list[tuple[Any, ...]]:
    """Return measure, unit, number, value and cumulative value, also that of another strategy."""
    persons = comparison.customers * comparison.replications
    own, other = (_summed(comparison.observed["by_day"][n], days) for n in (name, of))
    found = []
    in_window = -(-comparison.scenario.time.window // (86400 * days))
    for measure, (part, factor, unit) in TIMED.items():
        at = (DAY_SUMS.names or ()).index(part)
        unit = comparison.scenario.currency if unit == "EUR" else unit
        last = len(own) if part == "ltv" else min(in_window, len(own))
        scale = factor * persons
        values = (own[:last, at] / scale).tolist()
        totals = (np.cumsum(own[:last, at]) / scale).tolist()
        others = (np.cumsum(other[:last, at]) / scale).tolist()
        numbers = zip(values, totals, others, strict=True)
        found += [(measure, unit, i, v, t, o) for i, (v, t, o) in enumerate(numbers)]
    return found


def _summed(by_day: Any, days: int) -> Any:
    starts = np.arange(0, len(by_day), days)
    return np.add.reduceat(by_day, starts, axis=0)


def weekly_differences(comparison: Comparison, name: str, measure: str) -> list[Estimate]:
    """Return the cumulative difference to the usual reference at the end of each week.

    Parameters
    ----------
    name
        Another strategy than ``comparison.held_against``.
    measure
        Of LTV, orders and purchase rate, which have sums by week.
    """
    m = WEEKLY.index(TIMED[measure][0])
    weeks = len(comparison.observed["week_lifts"][name]) // len(WEEKLY)
    return [_difference(comparison, name, m, week, measure) for week in range(weeks)]


def _band(comparison: Comparison, name: str, m: int, week: int, measure: str) -> Row:
    """Return a cumulative difference with its interval."""
    e = _difference(comparison, name, m, week, measure)
    return {"difference": e.value, "low": e.low, "high": e.high}


def _difference(comparison: Comparison, name: str, m: int, week: int, measure: str) -> Estimate:
    own, of = (
        comparison.observed["by_day"][n][: 7 * (week + 1)] for n in (name, comparison.held_against)
    )
    at = (DAY_SUMS.names or ()).index(WEEKLY[m])
    total = int((own[:, at] - of[:, at]).sum())
    row = comparison.observed["week_lifts"][name][week * len(WEEKLY) + m].tolist()
    dd, dn = products_in(row, 0, WORDS)
    persons, clusters, squares = comparison.observed["members"][name][0].tolist()
    return ratio_estimate(total, persons, (dd, dn, squares), clusters, TIMED[measure][1])
