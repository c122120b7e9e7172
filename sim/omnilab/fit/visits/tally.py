"""Visits of a log: events of one browser with no half hour between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omnilab.fit.visits.read import CART, ORDER

__all__ = ["GAP", "VisitTally", "visits_of"]

GAP: Final = 1800  # seconds without an event that end a visit, as web analytics count
Ints = NDArray[np.int64]


def visits_of(rows: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return a part's visits as columns, in order of browser and time.

    Returns
    -------
    dict
        ``browser``, ``channel``, ``time`` (of the first event), ``device`` (the first known, -1
        none), ``known`` (somebody was logged in), ``carts`` and ``orders`` (events).
    """
    rows = rows[np.lexsort((rows["time"], rows["channel"], rows["browser"]))]
    new = np.ones(len(rows), bool)
    new[1:] = (
        (rows["browser"][1:] != rows["browser"][:-1])
        | (rows["channel"][1:] != rows["channel"][:-1])
        | (rows["time"][1:] - rows["time"][:-1] > GAP)
    )
    first = np.flatnonzero(new)
    return {
        "browser": rows["browser"][first],
        "channel": rows["channel"][first].astype(np.int64),
        "time": rows["time"][first],
        "device": np.maximum.reduceat(rows["device"], first).astype(np.int64),
        "known": np.add.reduceat((rows["person"] > 0).astype(np.int64), first) > 0,
        "carts": np.add.reduceat((rows["what"] == CART).astype(np.int64), first),
        "orders": np.add.reduceat((rows["what"] == ORDER).astype(np.int64), first),
    }


@dataclass
class VisitTally:
    """Counts of visits, added up part by part.

    Attributes
    ----------
    zone
        The scenario's, in which hours and days are told.
    visits, known, orders, with_cart, bought
        By channel: visits, those with somebody logged in, orders, visits with a cart or an order,
        visits with an order.
    devices
        Visits by channel and device, shape (channels, 3).
    hours, days
        Visits by local hour and by weekday from Monday.
    again
        Visits of browsers, and of them those that the same browser followed by another on the
        same day, and within 30 days later.
    """

    n_channels: int
    zone: str
    visits: Ints = field(init=False)
    hours: Ints = field(default_factory=lambda: np.zeros(24, np.int64))
    days: Ints = field(default_factory=lambda: np.zeros(7, np.int64))

    def __post_init__(self) -> None:
        """Begin with nothing."""
        for name in ("visits", "known", "orders", "with_cart", "bought"):
            setattr(self, name, np.zeros(self.n_channels, np.int64))
        self.devices = np.zeros((self.n_channels, 3), np.int64)

    known: Ints = field(init=False)
    orders: Ints = field(init=False)
    with_cart: Ints = field(init=False)
    bought: Ints = field(init=False)
    devices: Ints = field(init=False)

    def add(self, rows: NDArray[Any]) -> None:
        """Add a part."""
        v = visits_of(rows)
        c = v["channel"]
        carts = (v["carts"] > 0) | (v["orders"] > 0)
        for name, weight in (
            ("visits", np.ones(len(c))), ("known", v["known"]), ("orders", v["orders"]),
            ("with_cart", carts), ("bought", v["orders"] > 0),
        ):  # fmt: skip
            counted = np.bincount(c, weight, self.n_channels).astype(np.int64)
            setattr(self, name, getattr(self, name) + counted)
        told = v["device"] >= 0
        np.add.at(self.devices, (c[told], v["device"][told]), 1)
        local = pd.to_datetime(v["time"], unit="s", utc=True).tz_convert(ZoneInfo(self.zone))
        second = local.tz_localize(None).as_unit("s").asi8
        self.hours += np.bincount(second // 3600 % 24, minlength=24)
        self.days += np.bincount((second // 86400 + 3) % 7, minlength=7)
