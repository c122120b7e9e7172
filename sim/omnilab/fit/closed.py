"""Days on which a shop was closed: nobody orders, though many would have.

A clock of purchases that runs through them takes them for days on which all customers chose not to
order: rates come out too low, and of who bought just before more seem to have left.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["closed_days", "in_words"]

Flags = npt.NDArray[np.bool_]

# A day is closed where the same weekday of the four weeks before and after has a median of so many
# orders and it has none: by chance that comes about in one of 22,000 days (Poisson).
FEWEST: Final = 10.0
_WEEKS: Final = 4
_NAMED: Final = 3  # days that a note names


def closed_days(day: npt.NDArray[np.int64], n_days: int) -> Flags:
    """Return on which days of a log nobody could order.

    A weekday that is always without orders is not among them: it is so in the days ahead too. Nor
    is what comes before the first order or after the last one.

    Parameters
    ----------
    day
        Shape (n_orders,): 0 to ``n_days`` - 1, of all customers' orders.
    n_days
        Length of the log.

    Returns
    -------
    Shape (n_days,).
    """
    closed = np.zeros(n_days, dtype=np.bool_)
    if not len(day):
        return closed
    orders = np.bincount(day, minlength=n_days)
    off = 7 * np.array([w for w in range(-_WEEKS, _WEEKS + 1) if w])
    silent = np.flatnonzero(orders == 0)
    for one in silent[(silent > day.min()) & (silent < day.max())]:
        near = one + off
        near = near[(near >= 0) & (near < n_days)]
        closed[one] = len(near) > 0 and float(np.median(orders[near])) >= FEWEST
    return closed


def in_words(closed: Flags, names: list[str]) -> str:
    """Return a sentence on the closed days, with the names of the first of them; empty if none."""
    at = np.flatnonzero(closed)
    if not len(at):
        return ""
    some = ", ".join(names[i] for i in at[:_NAMED])
    more = f" and {len(at) - _NAMED} more" if len(at) > _NAMED else ""
    days = "day" if len(at) == 1 else "days"
    return (
        f"On {len(at)} {days} nobody ordered where {FEWEST:.0f} or more were to be expected ({some}"
        f"{more}): they are taken as closed, and the clock of purchases stands still in them."
    )
