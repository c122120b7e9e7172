"""Sums of patterns of visits, carts and orders. Each returns the sums over some whole persons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from omnilab.experiment.patterns.lives import DAY_S, DEVICES

if TYPE_CHECKING:
    from omnilab.experiment.patterns.lives import Lives

__all__ = [
    "buyers_again",
    "buyers_by_place",
    "cart_bought",
    "carts_left",
    "conversion",
    "conversion_ratio",
    "day_index",
    "devices_of_order",
    "ends_where_begun",
    "hour_index",
    "month_share",
    "order_value_ratio",
    "roomed",
    "visitors",
]

Options = Mapping[str, Any]

#: Visits of a cookie are one visitor's for so long, as web analytics report them.
VISITOR_S: Final = 30 * DAY_S


def buyers_by_place(lives: Lives, of: Options) -> list[float]:
    """Of persons who bought: those who visited for a need here alone, there alone, or both."""
    buyers = np.unique(lives.inside(lives.orders)["person"])
    visits = lives.inside(lives.visits)
    visits = visits[visits["need"] >= 0]
    went = {
        place: np.isin(buyers, lives.at(visits, place)["person"]) for place in ("store", "online")
    }
    store, online = went["store"], went["online"]
    found = {"several": store & online, "store": store & ~online, "online": online & ~store}
    return [int(found[of["place"]].sum()), int((store | online).sum())]


def roomed(lives: Lives, of: Options) -> list[float]:
    """Of persons who bought: those with an order there after a visit here for the same need."""
    orders = lives.inside(lives.orders)
    visits = lives.at(lives.visits, of["looked"])
    first = visits[visits["need"] >= 0].groupby(["person", "need"])["time"].min()
    bought = lives.at(orders, of["bought"]).join(first.rename("looked"), on=["person", "need"])
    both = bought[bought["looked"] < bought["time"]]["person"].nunique()
    return [both, orders["person"].nunique()]


def conversion(lives: Lives, of: Options) -> list[float]:
    """Orders and visits of some channels, by any device or one."""
    channels = lives.channels(of["channels"])
    sums: list[float] = []
    for table in (lives.orders, lives.visits):
        mine = lives.inside(table)
        mine = mine[mine["channel"].isin(channels)]
        if of["device"] is not None:
            mine = mine[mine["device"] == DEVICES.index(of["device"])]
        sums.append(len(mine))
    return sums


def conversion_ratio(lives: Lives, of: Options) -> list[float]:
    """Orders and visits by one device, and by another."""
    both = ({"channels": of["channels"], "device": of[name]} for name in ("device", "against"))
    return [x for one in both for x in conversion(lives, one)]


def order_value_ratio(lives: Lives, of: Options) -> list[float]:
    """Cents and orders by one device, and by another."""
    orders = lives.inside(lives.orders)
    orders = orders[orders["channel"].isin(lives.channels(of["channels"]))]
    sums: list[float] = []
    for name in ("device", "against"):
        mine = orders[orders["device"] == DEVICES.index(of[name])]
        sums += [int(mine["paid"].sum()), len(mine)]
    return sums


def carts_left(lives: Lives, of: Options) -> list[float]:
    """Carts of visits to a place that were not bought in the visit, and all carts there."""
    carts = len(lives.at(lives.inside(lives.carts), of["place"]))
    return [carts - len(lives.at(lives.inside(lives.orders), of["place"])), carts]


def cart_bought(lives: Lives, of: Options) -> list[float]:
    """Needs that were in a cart of a place, and of them those ordered at that place sometime."""
    key = ["person", "need"]
    carts = lives.at(lives.inside(lives.carts), of["place"]).drop_duplicates(key)[key]
    orders = lives.at(lives.orders, of["place"])[key]
    return [len(carts.merge(orders, on=key)), len(carts)]


def visitors(lives: Lives, of: Options) -> list[float]:
    """Cookies in spans of 30 days: with one visit, with more in one day, or on several days."""
    seen = lives.at(lives.inside(lives.cookies), "online")
    since = seen["time"] - lives.opens_s
    found = (
        pd.DataFrame({"code": seen["code"], "span": since // VISITOR_S, "day": since // DAY_S})
        .groupby(["code", "span"])["day"]
        .agg(["size", "nunique"])
    )
    single = found["size"] == 1
    kinds = {
        "single": single, "same_day": ~single & (found["nunique"] == 1),
        "longer": found["nunique"] > 1,
    }  # fmt: skip
    return [int(kinds[of["journey"]].sum()), len(found)]


def devices_of_order(lives: Lives, of: Options) -> list[float]:
    """Orders by a device whose need was looked at with two devices or more, and all by one."""
    orders, used = _by_device(lives)
    del of
    return [int((used.groupby(level=0)["device"].nunique() > 1).sum()), len(orders)]


def ends_where_begun(lives: Lives, of: Options) -> list[float]:
    """Orders whose first visit was by this device: those made with it, and all."""
    orders, used = _by_device(lives)
    first = used.groupby(level=0)["device"].first()
    begun = orders[first.reindex(orders.index) == DEVICES.index(of["device"])]
    return [int((begun["device"] == DEVICES.index(of["device"])).sum()), len(begun)]


def _by_device(lives: Lives) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return orders made with a device, and the visits by device for each, in time's order."""
    orders = lives.inside(lives.orders)
    orders = orders[orders["device"] >= 0]
    visits = lives.visits[lives.visits["device"] >= 0][["person", "need", "device", "time"]]
    used = orders.reset_index()[["index", "person", "need", "time"]].merge(
        visits, on=["person", "need"], suffixes=("", "_visit")
    )
    used = used[used["time_visit"] <= used["time"]].sort_values("time_visit", kind="stable")
    return orders, used.set_index("index")


def day_index(lives: Lives, of: Options) -> list[float]:
    """Online orders on a day of the week, and a seventh of all."""
    at = _local(lives, lives.at(lives.inside(lives.orders), "online")["time"])
    return [int((at.day_of_week == of["day"]).sum()), len(at) / 7]


def hour_index(lives: Lives, of: Options) -> list[float]:
    """Online orders an hour from one hour of the day to before another, and a mean hour's."""
    at = _local(lives, lives.at(lives.inside(lives.orders), "online")["time"])
    low, high = of["hours"]
    return [int(((at.hour >= low) & (at.hour < high)).sum()) / (high - low), len(at) / 24]


def month_share(lives: Lives, of: Options) -> list[float]:
    """Cents of a month of the year, and of the window; each per day that the window has of it."""
    orders = lives.inside(lives.orders)
    at = _local(lives, orders["time"])
    days = _local(lives, pd.Series(np.arange(lives.opens_s, lives.closes_s, DAY_S)))
    in_month, of_month = at.month == of["month"], int((days.month == of["month"]).sum())
    length = pd.Period(year=2025, month=of["month"], freq="M").days_in_month
    paid = float(orders["paid"][in_month].sum()) * (length / of_month if of_month else 0.0)
    return [paid, float(orders["paid"].sum()) * 365 / len(days)]


def buyers_again(lives: Lives, of: Options) -> list[float]:
    """Persons with so many orders in the window, and with one."""
    orders = lives.inside(lives.orders).groupby("person").size()
    return [int((orders >= of["orders"]).sum()), len(orders)]


def _local(lives: Lives, time: Any) -> pd.DatetimeIndex:
    """Return times on the customers' clocks."""
    start = pd.Timestamp(lives.scenario.time.start, tz=lives.scenario.time.zone)
    return start + pd.to_timedelta(np.asarray(time, np.int64), unit="s")
