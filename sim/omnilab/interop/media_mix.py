"""A media mix model as it is usually fitted: adstock, ridge, no negative effect, by town and week.

Orders a head of a town and week are explained by what each channel showed a head, with a part that
carries over from week to week (geometric adstock), beside effects of the town and of the time. Two
towns or more give each week an effect of its own, so that only what differs between towns in the
same week counts; one town has a trend and a yearly wave. How much carries over and how much is
shrunk is what predicts left-out stretches of weeks best. Bounds are of a bootstrap that draws
stretches of weeks.

With saturation, what carries over goes through Hill's function with slope 1, as Meridian has it by
default: twice as much shown brings less than twice the orders.

It knows nothing of what makes a message go out: where messages answer to what customers do, it
takes their demand for the messages' effect. That is how such models are used.

References
----------
Jin, Y., Wang, Y., Sun, Y., Chan, D. and Koehler, J. (2017). Bayesian methods for media mix modeling
with carryover and shape effects. Google.
Kuensch, H. R. (1989). The jackknife and the bootstrap for general stationary observations. Annals
of Statistics 17, 1217-1241.
Google (2025). Meridian: media saturation and lagging; Hill's function of the adstock.
https://developers.google.com/meridian/docs/basics/media-saturation-lagging
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from omnilab.errors import DataError

__all__ = ["media_mix"]

#: What carries over to the next week, and shrinkage as a part of the data's own weight: tried, not
#: tuned; the first spans what Robyn's guide gives for digital and for slower media.
_CARRIED: Final = (0.0, 0.3, 0.6)
_SHRUNK: Final = (1e-4, 1e-2, 1e-1, 1.0)
#: Where half of the most is reached, in medians of what a channel showed where it showed anything:
#: the first is the mean of Meridian's own prior, the last is nearly a straight line.
_HALVES: Final = (0.8, 2.4, 8.0)
_LINE: Final = (None,)  # no saturation
_FOLDS: Final = 4  # stretches of weeks that are left out in turn
_BLOCK: Final = 4  # weeks of a stretch that the bootstrap draws
_DRAWS: Final = 400
_LEAST: Final = 12  # weeks
_YEAR: Final = 365.25 / 7.0
_LOW, _HIGH = 2.5, 97.5  # percentiles of a 95% interval


@dataclass(frozen=True)
class _Table:
    """Of each town and week: orders a head, what was shown a head, persons."""

    orders: Any  # (towns, weeks)
    shown: Any  # (channels, towns, weeks)
    people: Any  # (towns,)


def media_mix(
    media: pd.DataFrame, window_days: float, *, saturates: bool = False
) -> pd.DataFrame:  # fmt: skip
    """Return how many orders each channel brings in the window, as a media mix model has it.

    Parameters
    ----------
    media
        As `omnilab.interop.mmm.meridian` makes it: all weeks, those before the window too.
    window_days
        Length of the window at the table's end, days.
    saturates
        Whether what is shown brings less and less; where it is half, left-out weeks choose.

    Returns
    -------
    DataFrame
        ``channel``, ``orders``, ``low``, ``high``.

    Raises
    ------
    DataError
        For fewer than twelve weeks.
    """
    names, table = _read(media)
    weeks = table.orders.shape[1]
    if weeks < _LEAST:
        raise DataError(f"a media mix model takes {_LEAST} weeks at least, there are {weeks}")
    halves = _HALVES if saturates else _LINE
    carried, half, shrunk = min(
        ((a, h, b) for a in _CARRIED for h in halves for b in _SHRUNK),
        key=lambda one: _misses(table, *one),
    )
    stock = _stock(table.shown, carried, half)
    window = min(weeks, round(window_days / 7.0))
    heads = (stock[:, :, weeks - window :] * table.people[None, :, None]).sum(axis=(1, 2))
    every = np.arange(weeks)
    found = _effects(table.orders, stock, table.people, every, shrunk) * heads
    rng = np.random.default_rng(1)
    starts = rng.integers(0, weeks - _BLOCK + 1, (_DRAWS, -(-weeks // _BLOCK)))
    drawn = np.array(
        [
            _effects(table.orders, stock, table.people, _stretches(row, weeks), shrunk)
            for row in starts
        ]
    )
    low, high = np.percentile(drawn * heads, (_LOW, _HIGH), axis=0)
    return pd.DataFrame({"channel": names, "orders": found, "low": low, "high": high})


def _read(media: pd.DataFrame) -> tuple[list[str], _Table]:
    """Return the channels, and the table by town and week."""
    shape = (media["geo"].nunique(), media["time"].nunique())
    people = media["population"].to_numpy(float).reshape(shape)
    shown: dict[str, Any] = {}
    for column in media.columns:
        if column.endswith("_impression"):
            shown[column.removesuffix("_impression")] = media[column]
        elif column.endswith("_reach"):
            name = column.removesuffix("_reach")
            shown[name] = media[column] * media[f"{name}_frequency"]
    a_head = [column.to_numpy(float).reshape(shape) / people for column in shown.values()]
    orders = media["kpi"].to_numpy(float).reshape(shape) / people
    return list(shown), _Table(orders, np.array(a_head), people[:, 0])


def _stock(shown: Any, carried: float, half: float | None) -> Any:
    """Return what is explained by: what was shown and carries over, saturated if ``half`` is given.

    ``s / (s + half)``, where ``s`` is counted in medians of what a channel has where it has any.
    """
    stock = _adstock(shown, carried)
    if half is None:
        return stock
    usual = [float(np.median(one[one > 0])) if (one > 0).any() else 1.0 for one in stock]
    scaled = stock / np.array(usual)[:, None, None]
    return scaled / (scaled + half)


def _adstock(shown: Any, carried: float) -> Any:
    """Return what was shown with what carries over from the weeks before."""
    stock = np.array(shown, float)
    for week in range(1, stock.shape[2]):
        stock[:, :, week] += carried * stock[:, :, week - 1]
    return stock


def _misses(table: _Table, carried: float, half: float | None, shrunk: float) -> float:
    """Return the squared errors in stretches of weeks that the fit did not see."""
    stock = _stock(table.shown, carried, half)
    weeks = np.arange(table.orders.shape[1])
    error = 0.0
    for out in np.array_split(weeks, _FOLDS):
        kept = np.setdiff1d(weeks, out)
        effects = _effects(table.orders, stock, table.people, kept, shrunk)
        left = table.orders[:, out] - np.tensordot(effects, stock[:, :, out], 1)
        error += float((_without_time(left, table.people, out) ** 2).sum())
    return error


def _effects(orders: Any, stock: Any, people: Any, weeks: Any, shrunk: float) -> Any:
    """Return the effect of each channel: orders a head for what is shown a head, none below 0."""
    from scipy.optimize import nnls

    heavy = np.sqrt(people / people.mean())[:, None]
    y = (_without_time(orders[:, weeks], people, weeks) * heavy).ravel()
    columns = [(_without_time(one[:, weeks], people, weeks) * heavy).ravel() for one in stock]
    x = np.array(columns).T
    size = np.sqrt((x**2).sum(axis=0))
    size = np.where(size > 1e-12 * max(float(size.max()), 1e-300), size, np.inf)
    ridge = np.sqrt(shrunk) * np.eye(x.shape[1])
    found, _ = nnls(np.vstack([x / size, ridge]), np.concatenate([y, np.zeros(x.shape[1])]))
    return found / size


def _without_time(values: Any, people: Any, weeks: Any) -> Any:
    """Return what is left of values by town and week after effects of both."""
    if len(people) > 1:
        share = people / people.sum()
        by_week = share @ values
        by_town = values.mean(axis=1, keepdims=True)
        return values - by_week - by_town + by_week.mean()
    wave = 2.0 * np.pi * weeks / _YEAR
    columns = [np.ones(len(weeks)), weeks]
    if len(np.unique(weeks)) >= _YEAR:
        columns += [np.cos(wave), np.sin(wave)]
    design = np.column_stack(columns).astype(float)
    found = np.linalg.lstsq(design, values.T, rcond=None)[0]
    return values - (design @ found).T


def _stretches(starts: Any, weeks: int) -> Any:
    return (starts[:, None] + np.arange(_BLOCK)).ravel()[:weeks]
