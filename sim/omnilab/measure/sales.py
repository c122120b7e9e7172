"""Count how needs end: orders with their money and paths, returns, and needs that are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omnilab.kernels.compiling import inner
from omnilab.log import fields
from omnilab.measure.layout import (
    CLICK_DAYS,
    DAY_S,
    HOUR_S,
    NEED_CART_LEFT,
    NEED_CROSSED,
    NEED_LED,
    NEED_PAID,
    NEED_SOURCED,
    WINDOW_MID,
    WINDOW_START,
)
from omnilab.measure.memory import end_need, need_slot, or_last
from omnilab.measure.worth import MILLI, earn

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = ["count_lost", "count_order", "count_return"]


@inner
def count_order(
    row: np.void, one: np.void, sums: np.void, inside: bool, o: Observed, k: int
) -> None:
    """Count an order, its money and the path that it ended."""
    time, start = row["time"], o.clock[WINDOW_START]
    factor = earn(one, fields.order_margin(row) * MILLI, time, o, k)
    slot = need_slot(one, fields.order_need(row))
    if inside:
        _sale(row, one, sums, (time - start) // DAY_S, o, k)
        if slot >= 0:
            n = o.transitions.shape[0] - 1
            o.transitions[or_last(one["need_channel"][slot], n), n] += 1
            _path(row, one, slot, sums, o)
    elif time < start:
        if one["before"] == 0:
            one["first_order"] = time
        one["before"] += 1
    elif factor > 0:
        sums["runout_orders"] += 1
    end_need(one, slot)


@inner
def _sale(row: np.void, one: np.void, sums: np.void, day: int, o: Observed, k: int) -> None:
    """Count an order in the window, and what was paid."""
    paid, margin = fields.order_paid(row), fields.order_margin(row)
    sums["revenue"] += paid
    sums["margin"] += margin
    sums["discount"] += fields.order_discount(row)
    here = o.by_channel[or_last(row["channel"], o.by_channel.shape[0] - 1)]
    here["orders"] += 1
    here["revenue"] += paid
    here["margin"] += margin
    today, week = o.by_day[day], 3 * (day // 7)
    today["orders"] += 1
    today["revenue"] += paid
    today["margin"] += margin
    o.by_week[k, week + 1] += 1
    if one["orders_first"] + one["orders_second"] == 0:
        today["new_buyers"] += 1
        o.by_week[k, week + 2] += 1
    if row["time"] < o.clock[WINDOW_MID]:
        one["orders_first"] += 1
    else:
        one["orders_second"] += 1


@inner
def _path(row: np.void, one: np.void, slot: int, sums: np.void, o: Observed) -> None:
    """Count the path that ended in an order, and the last message or paid click on it."""
    paid, flags = fields.order_paid(row), one["need_flags"][slot]
    path = _count_path(one, slot, o)
    last = o.devices.shape[0] - 1
    o.by_path[path, 1] += 1
    o.by_path[path, 2] += paid
    if one["need_devices"][slot] > 0 and o.devices[or_last(row["channel"], last)] == 1:
        _on_devices(one, slot, paid, sums)
    sums["path_orders"] += 1
    sums["path_visits"] += one["need_visits"][slot]
    sums["cross_orders"] += 1 if flags & NEED_CROSSED else 0
    sums["carts_recovered"] += 1 if flags & NEED_CART_LEFT else 0
    for source in range(3):
        sums["sourced_orders"][source] += (flags // NEED_SOURCED) >> source & 1
    if flags & NEED_LED:
        sums["led_orders"] += 1
        journey = o.by_journey[or_last(one["need_led_journey"][slot], o.by_journey.shape[0] - 1)]
        journey["led_orders"] += 1
        journey["led_revenue"] += paid
        journey["led_margin"] += fields.order_margin(row)
    if flags & (NEED_LED | NEED_PAID):
        _since_click(row["time"] - one["need_led_time"][slot], sums)
        channel = o.by_channel[or_last(one["need_led_channel"][slot], o.by_channel.shape[0] - 1)]
        channel["led_orders"] += 1
        channel["led_revenue"] += paid
        channel["led_margin"] += fields.order_margin(row)


@inner
def _count_path(one: np.void, slot: int, o: Observed) -> int:
    """Count a need that has ended on its path; return the path's number."""
    index = one["need_path"][slot]
    if one["need_length"][slot] > o.path_base[1]:
        index += o.by_path.shape[0] // 2
    o.by_path[index, 0] += 1
    return int(index)


@inner
def count_lost(row: np.void, one: np.void, sums: np.void, inside: bool, o: Observed) -> None:
    """End a need that nobody met."""
    slot = need_slot(one, fields.need_lost_need(row))
    if inside:
        sums["lost"][fields.need_lost_fate(row) - 1] += 1
        if slot >= 0:
            n = o.transitions.shape[0] - 1
            o.transitions[or_last(one["need_channel"][slot], n), n + 1] += 1
            _count_path(one, slot, o)
    end_need(one, slot)


@inner
def count_return(
    row: np.void, one: np.void, sums: np.void, inside: bool, o: Observed, k: int
) -> None:
    """Take a return's money back."""
    refund, margin = fields.return_refund(row), fields.return_margin(row)
    earn(one, -margin * MILLI, row["time"], o, k)
    if inside:
        sums["refunds"] += refund
        sums["margin_lost"] += margin
        day = o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]
        day["revenue"] -= refund
        day["margin"] -= margin


@inner
def _on_devices(one: np.void, slot: int, paid: int, sums: np.void) -> None:
    """Count an order by the device on which it was placed, and the one on which it began."""
    device, began = one["need_last_device"][slot], one["need_device"][slot]
    sums["device_orders"][device] += 1
    sums["device_revenue"][device] += paid
    sums["device_began"][began] += 1
    if device == began:
        sums["device_kept"][began] += 1
    if one["need_devices"][slot] != 1 << device:
        sums["device_several"] += 1


@inner
def _since_click(took: int, sums: np.void) -> None:
    """Count an order by the seconds since the last click that led to a visit for its need."""
    if took <= CLICK_DAYS * DAY_S:
        sums["click_orders"] += 1
        if took <= DAY_S:
            sums["click_day"] += 1
        if took <= HOUR_S:
            sums["click_hour"] += 1
