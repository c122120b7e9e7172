"""A hold-out inside the log: fit the first part, simulate the last, and look who was right.

The laws are chosen and fitted on the first part alone; the last part is only compared with. Beside
the simulation stand the laws themselves, the published BG/NBD and Pareto/NBD, and the rule that
each customer orders as often as in as many days before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from omnilab.fit.bgnbd import fit_bgnbd
from omnilab.fit.forecast import Forecast
from omnilab.fit.likely import LikelyLaws
from omnilab.fit.pareto import fit_pareto_nbd
from omnilab.fit.summary import Occasions, occasions_of, summarise

__all__ = [
    "ACCOUNTS",
    "MONTH_SD",
    "TOLD_MONTH_SD",
    "TOP",
    "ClassRow",
    "HoldOut",
    "WeekRow",
    "default_days",
    "held_out",
    "split",
    "week_sd",
    "weekly_bands",
]

Vector = npt.NDArray[np.float64]

_DAY_S = 86_400
_UNIT_DAYS = 7.0

#: Accounts of the last part, as a table's columns have them.
ACCOUNTS = ("log", "simulated", "laws", "BG/NBD", "Pareto/NBD", "past")

TOP = 7  # customers of so many repeats, or more, are one class, as in the published figures
# Months that no second year has told of differ by so much, as a standard deviation of logarithms;
# where two years or more have told of them, by this much from year to year. Assumptions (A): 0.1
# to 0.3, after the monthly factors of retail.
MONTH_SD, TOLD_MONTH_SD = 0.2, 0.1
_CHANCE = 0.90  # of an interval
_DRAWS = 4000
_NORMAL_MEDIAN = 0.6745  # of the absolute value of a standard normal number
_SMOOTH = 9  # weeks of the moving mean from which weeks' shocks are measured


@dataclass(frozen=True, slots=True)
class ClassRow:
    """Customers of so many repeats in the first part, and their orders in the last.

    Parameters
    ----------
    repeats
        In words: ``0`` to ``6``, ``7+``.
    customers
        How many.
    orders
        Account -> orders.
    sd
        By how much the log's orders would differ with as many other customers, one standard
        deviation.
    """

    repeats: str
    customers: int
    orders: dict[str, float]
    sd: float = 0.0


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A week: its orders in the log, in the simulation, and the 90% interval of these."""

    first_day: Date | None
    days: int
    actual: float
    expected: float
    low: float
    high: float

    @property
    def is_inside(self) -> bool:
        """Whether the log's orders lie in the interval."""
        return self.low <= self.actual <= self.high


@dataclass(frozen=True, slots=True)
class HoldOut:
    """What came of a forecast inside the log.

    Parameters
    ----------
    days, cut
        Length of the last part; the last day of the first.
    customers
        Those of the first part.
    likely
        The laws, of the first part alone.
    classes
        By repeats in the first part.
    orders, errors
        Account -> orders of all, and the mean absolute error of a customer's.
    week_errors
        Account -> sum over weeks of the absolute errors; of all accounts but Pareto/NBD.
    buyers
        Account -> share of customers with an order, where an account tells.
    repeats_before
        Repeats in the first part: what is cumulative is counted from there.
    weeks
        One by one.
    """

    days: int
    cut: Date | None
    customers: int
    likely: LikelyLaws
    classes: tuple[ClassRow, ...]
    orders: dict[str, float]
    errors: dict[str, float]
    week_errors: dict[str, float]
    buyers: dict[str, float]
    repeats_before: int
    weeks: tuple[WeekRow, ...]

    @property
    def share_inside(self) -> float:
        """Share of the weeks whose orders lie in the 90% interval."""
        return sum(week.is_inside for week in self.weeks) / len(self.weeks)

    def off(self, account: str = "simulated") -> float:
        """Return by which part an account's orders are off."""
        return self.orders[account] / max(self.orders["log"], 1e-9) - 1


def split(occasions: Occasions, days: int) -> tuple[Occasions, Occasions, Vector]:
    """Return a log's first part, what its customers did in the last days, and orders of each.

    Parameters
    ----------
    days
        Length of the last part, below the log's.

    Returns
    -------
    seen, later, counts
        ``later`` starts anew at day 0; ``counts`` has shape (customers of ``seen``,).
    """
    o, cut = occasions, (occasions.n_days - days) * _DAY_S
    early = o.time_s < cut
    seen = occasions_of(
        o.customer[early], o.time_s[early], o.amount[early], n_days=o.n_days - days, start=o.start,
        same_day=o.same_day,
    )  # fmt: skip
    known = np.unique(o.customer[early])
    late = ~early & np.isin(o.customer, known)
    start = None if o.start is None else o.start + timedelta(days=o.n_days - days)
    later = occasions_of(
        o.customer[late], o.time_s[late] - cut, o.amount[late], n_days=days, start=start,
        same_day=o.same_day,
    )  # fmt: skip
    counts = np.bincount(np.searchsorted(known, o.customer[late]), minlength=len(known))
    return seen, later, counts.astype(np.float64)


def held_out(
    seen: Occasions, later: Occasions, counts: Vector, likely: LikelyLaws, ahead: Forecast
) -> HoldOut:
    """Return the comparison of the last part with what the first one had said of it.

    Parameters
    ----------
    seen, later, counts
        From `split`.
    likely
        The laws, fitted on ``seen``.
    ahead
        The simulated forecast that follows from them, as long as ``later``.
    """
    days = later.n_days
    summary = summarise(seen)
    x, t_x, t = (np.asarray(v, np.float64) for v in (summary.frequency, summary.recency, summary.T))
    bgnbd, pareto = fit_bgnbd(summary).model, fit_pareto_nbd(summary)
    weeks_ahead = days / _UNIT_DAYS
    laws = ahead.standing.expected_orders(ahead.seasonal_days)
    each = {
        "log": counts,
        "simulated": ahead.each,
        "laws": laws,
        "BG/NBD": bgnbd.expected_orders(weeks_ahead, x, t_x, t),
        "Pareto/NBD": pareto.expected_orders(weeks_ahead, x, t_x, t),
        "past": _as_before(seen, days),
    }
    actual = _by_week(later.time_s, days)
    ends = [min(7.0 * (w + 1), days) for w in range(len(actual))]
    week_of = {
        "simulated": ahead.weeks,
        "BG/NBD": _steps(
            [float(bgnbd.expected_orders(e / 7, x, t_x, t).sum()) for e in ends]
        ),
        "past": _weeks_before(seen, days),
    }  # fmt: skip
    return HoldOut(
        days=days,
        cut=None if seen.start is None else seen.start + timedelta(days=seen.n_days - 1),
        customers=seen.n_customers,
        likely=likely,
        classes=tuple(_classes(x, each)),
        orders={name: float(of.sum()) for name, of in each.items()},
        errors={
            name: float(np.abs(of - counts).mean()) for name, of in each.items() if name != "log"
        },
        week_errors={name: float(np.abs(of - actual).sum()) for name, of in week_of.items()},
        buyers={
            "log": float((counts > 0).mean()),
            "simulated": ahead.simulated.buyers,
            "laws": float(ahead.chance.mean()),
            "past": float((each["past"] > 0).mean()),
        },
        repeats_before=int(np.count_nonzero(~seen.first)),
        weeks=weekly_bands(seen, likely, ahead, actual),
    )


def weekly_bands(
    seen: Occasions, likely: LikelyLaws, ahead: Forecast, actual: Vector | None = None
) -> tuple[WeekRow, ...]:
    """Return the weeks of a forecast with their 90% intervals.

    An interval holds the doubt of the laws, months that the log does not tell of, the shocks that
    its own weeks show, and chance.

    Parameters
    ----------
    actual
        Shape (n_weeks,): what the log has in them; NaN in the rows where None.
    """
    laws_sd = likely.log_sd(lambda laws: float(ahead.total_of(laws)))
    month_sd = TOLD_MONTH_SD if ahead.seasonal else MONTH_SD
    sd = float(np.sqrt(laws_sd**2 + month_sd**2 + week_sd(seen) ** 2))
    rng = np.random.default_rng(20_260_101)
    rows = []
    for number, mean in enumerate(ahead.weeks):
        factor = np.exp(sd * rng.standard_normal(_DRAWS) - sd**2 / 2)
        orders = rng.poisson(mean * factor)
        low, high = np.quantile(orders, [(1 - _CHANCE) / 2, (1 + _CHANCE) / 2])
        first = ahead.start
        rows.append(
            WeekRow(
                None if first is None else first + timedelta(days=7 * number),
                min(7, ahead.days - 7 * number),
                float("nan") if actual is None else float(actual[number]),
                float(mean), float(low), float(high),
            )
        )  # fmt: skip
    return tuple(rows)


def week_sd(seen: Occasions) -> float:
    """Return how much weeks differ beyond chance, as a standard deviation of logarithms.

    Of the repeats of up to a year's last whole weeks, each against the mean of the nine around it.
    """
    whole = seen.n_days // 7
    repeats = _by_week(seen.time_s[~seen.first], 7 * whole)[-52:]
    if len(repeats) < _SMOOTH + 4:
        return 0.0
    ones = np.ones(_SMOOTH)
    around = np.convolve(repeats, ones, "same") / np.convolve(np.ones(len(repeats)), ones, "same")
    used = around > 5
    if used.sum() < 4:
        return 0.0
    off = (repeats[used] / around[used] - 1) * np.sqrt(_SMOOTH / (_SMOOTH - 1))
    # Robust: a week of holidays, when a shop is closed, says little of the other weeks.
    usual = (float(np.quantile(np.abs(off), 0.5)) / _NORMAL_MEDIAN) ** 2
    return max(usual - float(np.mean(1 / around[used])), 0.0) ** 0.5


def _classes(repeats: Vector, each: dict[str, Vector]) -> list[ClassRow]:
    rows = []
    for number in range(TOP + 1):
        of = repeats >= TOP if number == TOP else repeats == number
        if of.any():
            orders = {name: float(counts[of].sum()) for name, counts in each.items()}
            sd = float(each["log"][of].std() * np.sqrt(of.sum()))
            rows.append(ClassRow(f"{number}{'+' * (number == TOP)}", int(of.sum()), orders, sd))
    return rows


def _as_before(seen: Occasions, days: int) -> Vector:
    """Return each customer's orders in as many days before, scaled where the log is shorter."""
    from_s = max(seen.n_days - days, 0) * _DAY_S
    recent = seen.customer[seen.time_s >= from_s]
    counts = np.bincount(recent, minlength=seen.n_customers)
    return np.asarray(counts * (days / min(days, seen.n_days)), dtype=np.float64)


def _weeks_before(seen: Occasions, days: int) -> Vector:
    if days > seen.n_days:
        return np.full(-(-days // 7), _as_before(seen, days).sum() / (days / 7))
    from_s = (seen.n_days - days) * _DAY_S
    return _by_week(seen.time_s[seen.time_s >= from_s] - from_s, days)


def _by_week(time_s: npt.NDArray[np.int64], days: int) -> Vector:
    weeks = time_s[time_s < days * _DAY_S] // (7 * _DAY_S)
    return np.bincount(weeks, minlength=-(-days // 7)).astype(np.float64)


def _steps(cumulative: list[float]) -> Vector:
    return np.diff(np.concatenate([[0.0], cumulative]))


def default_days(n_days: int) -> int:
    """Return the length of the last part where the user names none: 13 weeks, or a quarter."""
    return min(91, n_days // 4 // 7 * 7)
