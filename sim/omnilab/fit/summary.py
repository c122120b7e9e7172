"""Summarise orders by customer and by week, as the models of repeat purchase need them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as Date
from typing import Literal

import numpy as np
import numpy.typing as npt

from omnilab.errors import DataError
from omnilab.fit.read import Transactions

__all__ = [
    "Occasions",
    "Summary",
    "acquisition",
    "cumulative_repeats",
    "later_occasions",
    "occasions_of",
    "purchase_occasions",
    "regularity",
    "repeat_distribution",
    "summarise",
]

Unit = Literal["week", "day"]
_DAY_S = 86_400
_UNIT_S: dict[str, int] = {"week": 7 * _DAY_S, "day": _DAY_S}
_EPOCH = Date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Occasions:
    """Purchase occasions within a window of whole days, sorted by customer and time.

    Parameters
    ----------
    customer
        Shape (n_occasions,): customers 0..n_customers-1, each with at least one occasion.
    time_s
        Shape (n_occasions,): seconds since the window's first midnight; with ``same_day`` the
        midnight of the occasion's day.
    amount
        Shape (n_occasions,): money of the occasion.
    first
        Shape (n_occasions,): whether it is the customer's first.
    n_customers
        Number of customers.
    n_days
        Length of the window.
    start
        The window's first day, where the calendar is known.
    same_day
        Whether a customer's orders of one day are one occasion.
    who
        Shape (n_customers,): positions of the customers among the log's, where it is of one.
    """

    customer: npt.NDArray[np.int64]
    time_s: npt.NDArray[np.int64]
    amount: npt.NDArray[np.float64]
    first: npt.NDArray[np.bool_]
    n_customers: int
    n_days: int
    start: Date | None = None
    same_day: bool = True
    who: npt.NDArray[np.int64] | None = None

    @property
    def n_weeks(self) -> int:
        """Number of weeks in the window, the last one perhaps not whole."""
        return -(-self.n_days // 7)

    @property
    def first_time_s(self) -> npt.NDArray[np.int64]:
        """Shape (n_customers,): time of each customer's first occasion."""
        return self.time_s[self.first]

    def end_s(self, week: int | None = None) -> int:
        """Return the time at which a week, or the window, is over for the observer.

        With ``same_day`` time moves in whole days, so the last day itself is the end: the usual
        convention, by which a customer's age is his last possible day less his first day.
        """
        n_days = self.n_days if week is None else min(7 * week, self.n_days)
        return (n_days - 1 if self.same_day else n_days) * _DAY_S


@dataclass(frozen=True, slots=True)
class Summary:
    """What the models of repeat purchase know of each customer.

    Parameters
    ----------
    frequency
        Shape (n_customers,), 0 or above: repeat purchases, the first one not counted.
    recency
        Shape (n_customers,), in 0..T, in ``unit``: age at the last purchase; 0 without repeats.
    T
        Shape (n_customers,), 0 or above, in ``unit``: age at the window's end, from the first
        purchase on.
    monetary_value
        Shape (n_customers,): mean money of the repeat purchases, NaN without repeats.
    unit
        ``"week"`` or ``"day"``.
    """

    frequency: npt.NDArray[np.int64]
    recency: npt.NDArray[np.float64]
    T: npt.NDArray[np.float64]
    monetary_value: npt.NDArray[np.float64]
    unit: Unit = "week"

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return len(self.frequency)


def purchase_occasions(
    transactions: Transactions,
    *,
    same_day: bool = True,
    end: Date | None = None,
    first_from: Date | None = None,
    first_until: Date | None = None,
) -> Occasions:
    """Return the purchase occasions of a log, from the day of its first order on.

    Parameters
    ----------
    transactions
        The log.
    same_day
        Count a customer's orders of one day as one occasion, as BG/NBD does.
    end
        Last day of the window; the log's last day if None. Later orders are left out.
    first_from, first_until
        Keep only customers whose first order falls on these days or between: those already
        customers when the log begins look like new ones, and don't behave like them.

    Raises
    ------
    DataError
        Where the window holds fewer than two customers or days.
    """
    end = end or transactions.last_day
    day = transactions.time_s // _DAY_S
    keep = day <= end.toordinal() - _EPOCH
    first_day = np.full(transactions.n_customers, np.iinfo(np.int64).max)
    np.minimum.at(first_day, transactions.customer, day)
    if first_from is not None:
        keep &= (first_day >= first_from.toordinal() - _EPOCH)[transactions.customer]
    if first_until is not None:
        keep &= (first_day <= first_until.toordinal() - _EPOCH)[transactions.customer]
    customers, codes = np.unique(transactions.customer[keep], return_inverse=True)
    if len(customers) < 2:
        raise DataError(
            f"{len(customers)} customers bought in the chosen window, up to {end}: "
            "a fit needs many",
            file=transactions.source,
        )
    start = int(day[keep].min())
    n_days = end.toordinal() - _EPOCH - start + 1
    if n_days < 2:
        raise DataError("all orders are of one day: a fit needs weeks", file=transactions.source)
    found = occasions_of(
        codes.astype(np.int64),
        transactions.time_s[keep] - start * _DAY_S,
        transactions.amount[keep],
        n_days=n_days,
        start=Date.fromordinal(start + _EPOCH),
        same_day=same_day,
    )
    return replace(found, who=customers)


def later_occasions(
    transactions: Transactions,
    *,
    end: Date,
    days: int,
    same_day: bool = True,
    first_from: Date | None = None,
    first_until: Date | None = None,
) -> tuple[Occasions | None, int]:
    """Return what the customers of a window bought after it, for as long as the log goes on.

    Parameters
    ----------
    transactions
        The log.
    end, same_day, first_from, first_until
        Of the window, as `purchase_occasions` takes them.
    days
        Days after ``end`` to look at, at most.

    Returns
    -------
    occasions, days
        None and 0 where the log ends with the window.
    """
    days = min(days, (transactions.last_day - end).days)
    if days < 1:
        return None, 0
    day = transactions.time_s // _DAY_S - (end.toordinal() - _EPOCH + 1)
    first_day = np.full(transactions.n_customers, np.iinfo(np.int64).max)
    np.minimum.at(first_day, transactions.customer, day)
    theirs = first_day < 0
    for bound, sign in ((first_from, 1), (first_until, -1)):
        if bound is not None:
            theirs &= sign * first_day >= sign * ((bound - end).days - 1)
    keep = (day >= 0) & (day < days) & theirs[transactions.customer]
    start = (end.toordinal() - _EPOCH + 1) * _DAY_S
    found = occasions_of(
        transactions.customer[keep], transactions.time_s[keep] - start, transactions.amount[keep],
        n_days=days, same_day=same_day,
    )  # fmt: skip
    return found, days


def occasions_of(
    customer: npt.NDArray[np.int64],
    time_s: npt.NDArray[np.int64],
    amount: npt.NDArray[np.float64],
    *,
    n_days: int,
    start: Date | None = None,
    same_day: bool = True,
) -> Occasions:
    """Return purchase occasions from orders in any order; simulated ones come this way.

    Parameters
    ----------
    customer
        Shape (n_orders,): any whole numbers; they are renumbered from 0 in their order.
    time_s
        Shape (n_orders,), in 0..n_days*86400: seconds since the window's first midnight.
    amount
        Shape (n_orders,): money.
    n_days, start
        The window.
    same_day
        Whether a customer's orders of one day are one occasion, of their summed money.
    """
    if same_day:
        time_s = time_s // _DAY_S * _DAY_S
    order = np.lexsort((time_s, customer))
    customer, time_s, amount = customer[order], time_s[order], amount[order]
    another = np.ones(len(customer), dtype=np.bool_)
    another[1:] = customer[1:] != customer[:-1]
    if same_day and len(customer):
        starts = another.copy()
        starts[1:] |= time_s[1:] != time_s[:-1]
        amount = np.add.reduceat(amount, np.flatnonzero(starts))
        customer, time_s, another = customer[starts], time_s[starts], another[starts]
    codes = np.cumsum(another, dtype=np.int64) - 1
    return Occasions(codes, time_s, amount, another, int(another.sum()), n_days, start, same_day)


def summarise(occasions: Occasions, *, unit: Unit = "week") -> Summary:
    """Return repeats, recency, age and mean repeat spend of each customer.

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2).
    """
    n, who = occasions.n_customers, occasions.customer
    last = np.ones(len(who), dtype=np.bool_)
    last[:-1] = occasions.first[1:]
    first_s = occasions.first_time_s
    frequency = np.bincount(who, minlength=n).astype(np.int64) - 1
    repeat_sum = np.bincount(who, np.where(occasions.first, 0.0, occasions.amount), minlength=n)
    mean = np.full(n, np.nan)
    np.divide(repeat_sum, frequency, out=mean, where=frequency > 0)
    return Summary(
        frequency=frequency,
        recency=(occasions.time_s[last] - first_s) / _UNIT_S[unit],
        T=(occasions.end_s() - first_s) / _UNIT_S[unit],
        monetary_value=mean,
        unit=unit,
    )


def cumulative_repeats(occasions: Occasions) -> npt.NDArray[np.int64]:
    """Return the number of repeat purchases up to each week's end, shape (n_weeks,)."""
    weeks = occasions.time_s[~occasions.first] // _UNIT_S["week"]
    return np.cumsum(np.bincount(weeks, minlength=occasions.n_weeks), dtype=np.int64)


def regularity(occasions: Occasions) -> float:
    """Return how regular the gaps between orders are: 1 at random, k of gaps of k stages.

    Of two gaps of one customer the first is a share of both that varies the less, the more
    regular they are: its variance is 1 / (4 (2 k + 1)). NaN where nobody has two gaps.

    References
    ----------
    Wheat & Morrison (1990), Estimating purchase regularity with two interpurchase times, Journal
    of Marketing Research 27(1), 87-93.
    """
    o = occasions
    gap = np.diff(o.time_s)
    same = ~o.first[1:]
    # The gaps of a customer by number, from 0; each even one with the next makes a pair.
    number = np.arange(len(o.customer))[1:] - np.flatnonzero(o.first)[o.customer[1:]] - 1
    pair = np.flatnonzero(same[:-1] & same[1:] & (number[:-1] % 2 == 0))
    if len(pair) < 2:
        return float("nan")
    share = gap[pair] / (gap[pair] + gap[pair + 1])
    variance = float(np.mean((share - 0.5) ** 2))
    return (1 - 4 * variance) / (8 * variance)


def acquisition(occasions: Occasions) -> npt.NDArray[np.int64]:
    """Return the number of first purchases in each week, shape (n_weeks,)."""
    weeks = occasions.first_time_s // _UNIT_S["week"]
    return np.bincount(weeks, minlength=occasions.n_weeks).astype(np.int64)


def repeat_distribution(frequency: npt.NDArray[np.int64], *, top: int = 3) -> npt.NDArray[np.int64]:
    """Return the number of customers with 0, 1, ... ``top`` or more repeats, shape (top + 1,)."""
    return np.bincount(np.minimum(frequency, top), minlength=top + 1).astype(np.int64)
