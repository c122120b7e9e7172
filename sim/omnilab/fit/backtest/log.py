"""A purchase log after a date, beside what was predicted of it before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from omnilab.errors import DataError
from omnilab.fit.backtest.prediction import Prediction, interval
from omnilab.fit.backtest.verdict import Limits, Verdict, judge
from omnilab.fit.enough import least_days
from omnilab.fit.holdout import TOP, WeekRow
from omnilab.fit.summary import Occasions

__all__ = ["ClassBias", "Figure", "LogBacktest", "backtest_log", "days_after"]

Floats = npt.NDArray[np.float64]

_DAY_S: Final = 86_400
#: Days that must follow the date: fewer weeks tell nothing of coverage.
FEWEST_DAYS: Final = 28


@dataclass(frozen=True)
class Figure:
    """One number: what happened, what was predicted, and what the others say.

    Parameters
    ----------
    name
        ``orders``, ``buyers``, ``spend`` or ``error``.
    actual, predicted, low, high
        With the ends of the 90% interval. Of ``error``, ``actual`` is the error that the
        prediction made, and ``predicted`` the one to be expected if all is as simulated.
    rules
        Account -> its number, NaN where it says none.
    """

    name: str
    actual: float
    predicted: float
    low: float
    high: float
    rules: dict[str, float]


@dataclass(frozen=True)
class ClassBias:
    """Customers of so many repeats before the date: their orders after it.

    Parameters
    ----------
    repeats
        In words: ``0`` to ``6``, ``7+``.
    customers
        How many.
    actual, predicted
        Orders of all of them.
    """

    repeats: str
    customers: int
    actual: float
    predicted: float

    @property
    def bias(self) -> float:
        """Predicted over actual, less 1; NaN where nothing happened."""
        return self.predicted / self.actual - 1 if self.actual else float("nan")


@dataclass(frozen=True)
class LogBacktest:
    """What came of a prediction of a log.

    Parameters
    ----------
    source
        The log's file.
    start, first_day, last_day
        The log's first day, the first one predicted, and the last.
    customers
        Those of the first part; who came later is left out.
    figures, weeks, classes
        What was compared.
    week_rules
        Account -> orders by week, shape (n_weeks,).
    verdict
        By the weeks.
    prediction
        What was compared with.
    """

    source: str
    start: Date
    first_day: Date
    last_day: Date
    customers: int
    figures: tuple[Figure, ...]
    weeks: tuple[WeekRow, ...]
    classes: tuple[ClassBias, ...]
    week_rules: dict[str, Floats]
    verdict: Verdict
    prediction: Prediction


def days_after(occasions: Occasions, first_day: Date) -> int:
    """Return the days of a log from a date on.

    Raises
    ------
    DataError
        If the date is not in the log, or too little lies to either side of it; with the log's
        first and last day, and the dates that could be.
    """
    assert occasions.start is not None
    start, n = occasions.start, occasions.n_days
    last = start + timedelta(days=n - 1)
    span = f"the log goes from {start} to {last}"
    before, after = (first_day - start).days, (last - first_day).days + 1
    least = least_days()
    if n < least + FEWEST_DAYS:
        raise DataError(
            f"{span}, which is {n:,} days: a backtest needs {least + FEWEST_DAYS}, {least} to fit "
            f"and {FEWEST_DAYS} to predict"
        )
    earliest, latest = (
        start + timedelta(days=least), last - timedelta(days=FEWEST_DAYS - 1),
    )  # fmt: skip
    if before < least or after < FEWEST_DAYS:
        nearest = earliest if before < least else latest
        raise DataError(
            f"--from {first_day}: {span}, and {least} days before the date and {FEWEST_DAYS} from "
            f"it on are needed: from {earliest} to {latest}, the nearest is {nearest}"
        )
    return after


def backtest_log(
    prediction: Prediction, later: Occasions, counts: Floats, source: str,
    limits: Limits | None = None,
) -> LogBacktest:  # fmt: skip
    """Hold a prediction against what happened.

    Parameters
    ----------
    later, counts
        From `omnilab.fit.holdout.split`.
    source
        The log's name.
    """
    seen, days = prediction.seen, prediction.days
    assert seen.start is not None
    first_day = seen.start + timedelta(days=seen.n_days)
    n_weeks = prediction.weeks.shape[1]
    actual = np.bincount(later.time_s // (7 * _DAY_S), minlength=n_weeks).astype(np.float64)
    mean, low, high = interval(prediction.weeks)
    low, high = np.floor(low), np.ceil(high)  # orders are whole
    rules = {name: rule.weeks for name, rule in prediction.rules.items()}
    weeks = tuple(
        WeekRow(first_day + timedelta(days=7 * w), min(7, days - 7 * w),
                *(float(x[w]) for x in (actual, mean, low, high)))
        for w in range(n_weeks)
    )  # fmt: skip
    return LogBacktest(
        source=source, start=seen.start, first_day=first_day,
        last_day=first_day + timedelta(days=days - 1), customers=seen.n_customers,
        figures=_figures(prediction, later, counts), weeks=weeks,
        classes=_classes(prediction, counts), week_rules=rules,
        verdict=judge(actual, mean, low, high, rules, limits=limits), prediction=prediction,
    )  # fmt: skip


def _figures(p: Prediction, later: Occasions, counts: Floats) -> tuple[Figure, ...]:
    n = len(counts)
    spend = float(later.amount.sum()) / n
    buyers = float((counts > 0).mean())
    own = float(np.abs(p.each - counts).mean())
    said = p.rules.items()

    def figure(name: str, actual: float, draws: Floats, rules: dict[str, float]) -> Figure:
        mean, low, high = (float(x) for x in interval(draws))
        return Figure(name, actual, mean, low, high, rules)

    return (
        figure("orders", float(counts.sum()), p.orders,
               {name: float(rule.each.sum()) for name, rule in said}),
        figure("buyers", buyers, p.buyers, {name: rule.buyers for name, rule in said}),
        figure("spend", spend, p.spend, {name: rule.spend for name, rule in said}),
        figure("error", own, p.errors,
               {name: float(np.abs(rule.each - counts).mean()) for name, rule in said}),
    )  # fmt: skip


def _classes(p: Prediction, counts: Floats) -> tuple[ClassBias, ...]:
    repeats = np.bincount(p.seen.customer, minlength=p.seen.n_customers) - 1
    found = []
    for number in range(TOP + 1):
        of = repeats >= TOP if number == TOP else repeats == number
        if of.any():
            words = f"{number}{'+' * (number == TOP)}"
            found.append(ClassBias(
                words, int(of.sum()), float(counts[of].sum()), float(p.each[of].sum())
            ))  # fmt: skip
    return tuple(found)
