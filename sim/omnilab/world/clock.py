"""Seasonality: the activity clock runs faster in busy hours, and needs' clock in busy months.

A delay drawn on the activity clock falls where people are active (hours and days of parameters.md
section 8); a gap drawn on a category's need clock falls in its busy months too. Both clocks are
piecewise linear, so inverting them needs no iteration: a time change of a Poisson process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cascade.rules import local_time
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Floats, Record, i8

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = [
    "Clock",
    "from_activity",
    "from_need_clock",
    "hour_level",
    "later",
    "local",
    "to_activity",
    "to_need_clock",
]

WEEK = 604800


class Clock(Record):
    """The run's times, in seconds from the scenario's start."""

    switch: i8  # the burn-in ends and the strategies take over
    end: i8  # of the measured window
    run_end: i8
    monday: i8  # from the Monday before to the start
    census: i8  # the first one
    counts: i8  # 1 where a census is taken (engine/calibrate.py)


@inner
def local(model: Model, t: int) -> int:
    """Return local civil seconds at ``t``."""
    return local_time(t, model.tz_at, model.tz_offset, len(model.tz_at))


@inner
def to_activity(model: Model, t: int) -> float:
    """Return hours of activity up to ``t`` seconds; on average one an hour."""
    p = t + model.clock.monday
    week = p // WEEK
    r = p - week * WEEK
    h = r // 3600
    return week * 168.0 + model.act_cum[h] + model.act_slope[h] * (r - h * 3600)


@inner
def from_activity(model: Model, a: float) -> int:
    """Return the second at which ``a`` hours of activity have passed; inverse of `to_activity`."""
    week = int(a * (1.0 / 168.0))  # perhaps one off at a week's edge, where both weeks agree
    r = a - week * 168.0
    i = int(r)
    if i > 167:
        i = 167
    h = model.act_first[i]
    while h < 167 and model.act_cum[h + 1] <= r:
        h += 1
    s = (r - model.act_cum[h]) * model.act_pace[h]
    return week * WEEK + h * 3600 + int(s) - model.clock.monday


@inner
def later(model: Model, t: int, delay_s: float) -> int:
    """Return ``t`` plus a delay on the activity clock; at least one second later."""
    at = from_activity(model, to_activity(model, t) + delay_s / 3600.0)
    return at if at > t else t + 1


@inner
def to_need_clock(model: Model, category: int, a: float) -> float:
    """Return the category's need clock at ``a`` hours of activity."""
    m = _month(model.season_a, a)
    x0, x1 = model.season_a[m], model.season_a[m + 1]
    y0, y1 = model.season_n[category, m], model.season_n[category, m + 1]
    return y0 + (a - x0) * ((y1 - y0) / (x1 - x0))


@inner
def from_need_clock(model: Model, category: int, n: float) -> float:
    """Return the hours of activity at which the need clock shows ``n``."""
    ns = model.season_n[category]
    m = _month(ns, n)
    x0, x1 = model.season_a[m], model.season_a[m + 1]
    return x0 + (n - ns[m]) * ((x1 - x0) / (ns[m + 1] - ns[m]))


@inner
def hour_level(model: Model, t: int) -> float:
    """Return the log of the hour's activity index at ``t``, 0 for an average hour."""
    r = (t + model.clock.monday) % WEEK
    return model.act_level[r // 3600]


@inner
def _month(edges: Floats, x: float) -> int:
    m = 0
    last = len(edges) - 2  # the last month goes on for ever
    while m < last and edges[m + 1] <= x:
        m += 1
    return m
