"""The calendar of a log: busy months, and a clock that runs faster in them."""

from __future__ import annotations

from calendar import month_name
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from omnilab.fit.closed import Flags, closed_days
from omnilab.fit.summary import Occasions

__all__ = [
    "LEVEL",
    "SEASON_YEARS",
    "Calendar",
    "calendar_of",
    "monthly_repeats",
    "ratio",
    "stopped_months",
]

Vector = npt.NDArray[np.float64]

LEVEL = (1.0,) * 12

# A log of fewer years shows no season: age, growth and the months of the year go together in it.
SEASON_YEARS = 2.0
_DAY_S = 86_400
_NO_CALENDAR = Date(2001, 1, 1)

# A month's factor may be so small or large at most, and move so far from the log's own.
SMALLEST, LARGEST, FURTHEST = 0.1, 8.0, 2.0

# Repeats that a month's factor is drawn towards 1 with, so that few orders make no season (ours).
_SHRINK = 50.0
# A month with fewer days in the window than this keeps factor 1 (ours).
_FEWEST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Calendar:
    """The months of a window's days.

    Parameters
    ----------
    month
        Shape (n_days,): 0..11.
    closed
        Shape (n_days,): on which of them nobody could order.
    """

    month: npt.NDArray[np.int64]
    closed: Flags

    @property
    def seen(self) -> npt.NDArray[np.bool_]:
        """Shape (12,): whether a month has enough days in the window to be told of."""
        return np.bincount(self.month, minlength=12) >= _FEWEST_DAYS

    def clock(self, season: tuple[float, ...]) -> Vector:
        """Return the seasonal days up to each midnight, shape (n_days + 1,).

        A time change: a Poisson process with monthly rates is an even one on this clock. It
        stands still on days on which the shop was closed.
        """
        steps = np.where(self.closed, 0.0, np.asarray(season, dtype=np.float64)[self.month])
        return np.concatenate([[0.0], np.cumsum(steps)])

    def levelled(self, factors: Vector, near: tuple[float, ...] | None = None) -> tuple[float, ...]:
        """Return factors with mean 1 over the months seen, and 1 for all others.

        Parameters
        ----------
        factors
            Shape (12,), above 0.
        near
            Factors from which none may move further than `FURTHEST` times, up or down. Few orders
            in a month, or a month that the log's end cuts, can drive its factor away round by
            round while the others follow.
        """
        seen = self.seen
        season = np.ones(12)
        if seen.any():
            season[seen] = factors[seen] / factors[seen].mean()
        low, high = np.full(12, SMALLEST), np.full(12, LARGEST)
        if near is not None:
            low = np.maximum(low, np.asarray(near) / FURTHEST)
            high = np.minimum(high, np.asarray(near) * FURTHEST)
        return tuple(map(float, np.clip(season, low, high)))


def calendar_of(occasions: Occasions) -> Calendar:
    """Return the calendar of a window."""
    start = occasions.start or _NO_CALENDAR
    months = [(start + timedelta(days=day)).month - 1 for day in range(occasions.n_days)]
    closed = closed_days(occasions.time_s // _DAY_S, occasions.n_days)
    return Calendar(np.array(months, dtype=np.int64), closed)


def monthly_repeats(occasions: Occasions, calendar: Calendar) -> npt.NDArray[np.int64]:
    """Return the repeat purchases in each month of the year, shape (12,)."""
    days = occasions.time_s[~occasions.first] // _DAY_S
    return np.bincount(calendar.month[days], minlength=12).astype(np.int64)


def stopped_months(season: tuple[float, ...], near: tuple[float, ...]) -> list[str]:
    """Return the months whose factors were stopped, by name."""
    stopped = []
    for number, (factor, own) in enumerate(zip(season, near, strict=True)):
        low, high = max(SMALLEST, own / FURTHEST), min(LARGEST, own * FURTHEST)
        # A file holds three digits.
        if factor <= low * 1.001 + 5e-4 or factor >= high * 0.999 - 5e-4:
            stopped.append(f"{month_name[number + 1]} at {factor:.2f}")
    return stopped


def ratio(data: npt.ArrayLike, model: npt.ArrayLike) -> Vector:
    """Return by how much each month's repeats exceed a model's of the same total, shape (12,)."""
    wanted, have = (np.asarray(v, dtype=np.float64) for v in (data, model))
    if have.sum() <= 0 or wanted.sum() <= 0:
        return np.ones(12)
    return np.asarray((wanted + _SHRINK) / (have * (wanted.sum() / have.sum()) + _SHRINK))
