"""Dates that can be read and can't be true: far from all others, or in the future."""

from __future__ import annotations

from datetime import date as Date

import numpy as np
import numpy.typing as npt

__all__ = ["far_rows", "future_rows"]

_DAY_S = 86_400
_EPOCH = Date(1970, 1, 1).toordinal()

# Few orders, a year or more away from the rest, which has no gap of nearly that length (ours).
_GAP_DAYS = 365
_TIMES_THE_LONGEST = 10
_FEW_ORDERS, _FEW_SHARE = 3, 0.002
_SMALL_LOG, _SMALL_LOG_GAP_DAYS, _FEWEST = 20, 5 * 365, 4

Rows = npt.NDArray[np.int64]


def far_rows(time_s: npt.NDArray[np.int64], usable: npt.NDArray[np.bool_]) -> Rows:
    """Return the rows dated so far after or before all others that the date must be a mistake.

    One such order makes every customer look lost for the years up to it.

    Parameters
    ----------
    time_s
        Shape (n_rows,): seconds since 1970-01-01.
    usable
        Shape (n_rows,): rows with a date that counts.
    """
    rows = np.flatnonzero(usable)
    day = time_s[rows] // _DAY_S
    late = _far_after(day)
    early = _far_after(-day) | _no_date(day)
    return np.asarray(np.sort(rows[late | early]), dtype=np.int64)


def _no_date(day: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which days are 1970-01-01, or before, where all others are a year or more later.

    Programs write it for no date, any number of times.
    """
    zero = day <= 0
    rest = day[~zero]
    return zero if len(rest) and rest.min() >= _GAP_DAYS else np.zeros(len(day), np.bool_)


def _far_after(day: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which days lie far after all others."""
    order = np.sort(day)
    n = len(order)
    far = np.zeros(n, np.bool_)
    if n <= _FEWEST:
        return far
    gaps = np.diff(order)
    for few in range(1, max(_FEW_ORDERS, int(_FEW_SHARE * n)) + 1):
        rest = n - few
        if rest < _FEWEST:
            break
        gap = gaps[rest - 1]
        longest = int(gaps[: rest - 1].max(initial=1))
        least = _GAP_DAYS if rest >= _SMALL_LOG else _SMALL_LOG_GAP_DAYS
        if gap > max(least, _TIMES_THE_LONGEST * longest):
            return np.asarray(day >= order[rest])
    return far


def future_rows(
    time_s: npt.NDArray[np.int64], usable: npt.NDArray[np.bool_], today: Date
) -> npt.NDArray[np.bool_]:
    """Return the rows dated after ``today``, if they are few.

    A log that is made up may lie in the future as a whole: it is left alone.
    """
    # A day's grace, for logs from where it is tomorrow already.
    later = usable & (time_s // _DAY_S > today.toordinal() - _EPOCH + 1)
    few = np.count_nonzero(later) <= max(_FEW_ORDERS, 0.01 * np.count_nonzero(usable))
    return later if few else np.zeros(len(time_s), np.bool_)
