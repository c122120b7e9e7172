"""Tables by town and week for marketing mix models.

A week is seven days from the scenario's first on. Weeks of the status quo are in the tables too:
without a change of spending a model has nothing to learn from. A week that the window does not fill
is left out. Where the scenario has no towns there is one geo.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from omnilab.errors import DataError
from omnilab.interop.lives import CENTS
from omnilab.world.advertising import MILLICENTS

if TYPE_CHECKING:
    from omnilab.interop.lives import Life, Lives

__all__ = ["NATIONAL", "meridian", "meridian_columns", "robyn"]

WEEK: Final = 7 * 86400
#: What Meridian calls the geo of a model without geos.
NATIONAL: Final = "national_geo"


class _Grid:
    """Sums by town and week, shape ``(towns, weeks)``."""

    def __init__(self, lives: Lives) -> None:
        if lives.scenario.population.town is None:
            self.town, self.geos = np.zeros(lives.customers, np.int64), [NATIONAL]
        else:
            self.town = lives.town
            self.geos = [f"town_{i + 1}" for i in range(int(lives.town.max()) + 1)]
        self.n_weeks = lives.end // WEEK
        if self.n_weeks < 2:
            raise DataError("burn-in and window together have fewer than two whole weeks")
        first = lives.scenario.time.start
        self.weeks = [str(first + timedelta(days=7 * i)) for i in range(self.n_weeks)]
        self.people = np.bincount(self.town, minlength=len(self.geos))

    def add(self, rows: pd.DataFrame, weights: Any = None) -> Any:
        """Return how many rows there are, or what their weights add up to."""
        rows_in = (rows["time"] < self.n_weeks * WEEK).to_numpy()
        at = self.town[rows["person"].to_numpy()] * self.n_weeks + rows["time"].to_numpy() // WEEK
        weights = None if weights is None else np.asarray(weights, float)[rows_in]
        size = len(self.geos) * self.n_weeks
        return np.bincount(at[rows_in], weights, size).reshape(-1, self.n_weeks)

    def reach(self, rows: pd.DataFrame) -> Any:
        """Return how many persons there are in the rows."""
        once = rows.assign(week=rows["time"] // WEEK).drop_duplicates(["week", "person"])
        return self.add(once)


def _media(lives: Lives, life: Life, grid: _Grid) -> Iterator[tuple[str, bool, dict[str, Any]]]:
    """Yield each channel with its numbers, and whether it is one of ads."""
    sends, delivered = life.tables["sends"], life.tables["delivered"]
    for c, channel in enumerate(lives.scenario.channels):
        out, there = sends[sends["channel"] == c], delivered[delivered["channel"] == c]
        spend = grid.add(out, out["cost"] / MILLICENTS)
        if channel.search is not None:
            paid = life.tables["visits"][life.tables["visits"]["cost"] > 0]
            numbers = {"shown": grid.add(paid), "spend": grid.add(paid, paid["cost"] / MILLICENTS)}
            yield channel.name, False, {**numbers, "clicks": grid.add(paid)}
        elif channel.message is not None and len(out):
            clicks = life.tables["clicks"]
            yield (
                channel.name, channel.message.ad,
                {"shown": grid.add(there), "spend": spend, "reach": grid.reach(there),
                 "clicks": grid.add(clicks[clicks["channel"] == c])},
            )  # fmt: skip


def meridian(lives: Lives, life: Life) -> pd.DataFrame:
    """Return Meridian's input, long: one row for each geo and week.

    Returns
    -------
    DataFrame
        ``time`` (the week's first day), ``geo``, ``kpi`` (orders), ``revenue_per_kpi``,
        ``population``; of messages and paid search ``<channel>_impression`` and
        ``<channel>_spend``; of ads ``<channel>_reach``, ``<channel>_frequency`` and
        ``<channel>_rf_spend``.
    """
    grid = _Grid(lives)
    orders = life.tables["orders"]
    kpi, revenue = grid.add(orders), grid.add(orders, orders["paid"] / CENTS)
    whole = revenue.sum() / max(kpi.sum(), 1)
    frame = pd.DataFrame(
        {
            "time": np.tile(grid.weeks, len(grid.geos)),
            "geo": np.repeat(grid.geos, grid.n_weeks),
            "kpi": kpi.ravel(),
            # Of a week without orders the mean of all: Meridian takes no gap.
            "revenue_per_kpi": np.where(kpi > 0, revenue / np.maximum(kpi, 1), whole).ravel(),
            "population": np.repeat(grid.people, grid.n_weeks),
        }
    )
    for name, is_ad, numbers in _media(lives, life, grid):
        if is_ad:
            reach = numbers["reach"]
            frame[f"{name}_reach"] = reach.ravel()
            frame[f"{name}_frequency"] = (numbers["shown"] / np.maximum(reach, 1)).ravel()
            frame[f"{name}_rf_spend"] = numbers["spend"].ravel()
        else:
            frame[f"{name}_impression"] = numbers["shown"].ravel()
            frame[f"{name}_spend"] = numbers["spend"].ravel()
    if len(frame.columns) == 5:
        raise DataError(f"{life.name} sends nothing and buys nothing: there is no media")
    return frame


def meridian_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return which column is which, by the names of Meridian's ``CoordToColumns``."""
    found: dict[str, Any] = {
        "time": "time", "geo": "geo", "kpi": "kpi", "revenue_per_kpi": "revenue_per_kpi",
        "population": "population",
    }  # fmt: skip
    for key, end in (
        ("media", "_impression"), ("media_spend", "_spend"), ("reach", "_reach"),
        ("frequency", "_frequency"), ("rf_spend", "_rf_spend"),
    ):  # fmt: skip
        found[key] = [
            c for c in frame.columns
            if c.endswith(end) and not (end == "_spend" and c.endswith("_rf_spend"))
        ]  # fmt: skip
    return {key: value for key, value in found.items() if value}


def robyn(lives: Lives, life: Life) -> pd.DataFrame:
    """Return Robyn's input: ``DATE``, ``revenue``; of each channel ``_S``, ``_I``, ``_clicks_P``.

    Robyn models one market: all towns are added up.
    """
    grid = _Grid(lives)
    orders = life.tables["orders"]
    frame = pd.DataFrame(
        {"DATE": grid.weeks, "revenue": grid.add(orders, orders["paid"] / CENTS).sum(axis=0)}
    )
    for name, _, numbers in _media(lives, life, grid):
        frame[f"{name}_S"] = numbers["spend"].sum(axis=0)
        frame[f"{name}_I"] = numbers["shown"].sum(axis=0)
        frame[f"{name}_clicks_P"] = numbers["clicks"].sum(axis=0)
    if len(frame.columns) == 2:
        raise DataError(f"{life.name} sends nothing and buys nothing: there is no media")
    return frame
