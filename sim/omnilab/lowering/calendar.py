"""A scenario's calendar in arrays: busy hours, local time, and each category's busy months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from omnilab.lowering.records import one_record
from omnilab.scenario.model import Scenario
from omnilab.world.clock import Clock

__all__ = ["lower_calendar"]


def lower_calendar(scenario: Scenario) -> dict[str, Any]:
    """Return the arrays of the model that say when what is, by name."""
    time = scenario.time
    run_end = time.burn_in + time.window + time.run_out
    monday = time.start.weekday() * 86400
    activity = cum, rate, first = _activity(scenario)
    tz_at, tz_offset = _zone(scenario, run_end)
    season_a, season_n = _season(scenario, activity, run_end, monday)
    clock = {
        "switch": time.burn_in,
        "end": time.burn_in + time.window,
        "run_end": run_end,
        "monday": monday,
        "census": (1 - time.start.weekday()) % 7 * 86400 + 36000,
        "counts": 0,
    }
    return {
        "clock": one_record(Clock, clock),
        "tz_at": tz_at,
        "tz_offset": tz_offset,
        "act_cum": cum,
        "act_slope": rate / 3600.0,
        "act_pace": 3600.0 / rate,
        "act_level": np.log(rate),
        "act_first": first,
        "act_end": np.array([(run_end + monday) // 604800 * 168.0 + 168.0]),
        "season_a": season_a,
        "season_n": season_n,
    }


def _activity(scenario: Scenario) -> tuple[Any, Any, Any]:
    """Return cumulative activity by hour of the week, its rate, where each whole hour starts."""
    hours = np.array(scenario.world.hour_index)
    days = np.array(scenario.world.day_index)
    rate = (days[:, None] * hours[None, :]).ravel()
    rate = rate / rate.mean()
    cum = np.concatenate([[0.0], np.cumsum(rate)])
    cum[-1] = 168.0
    first = np.searchsorted(cum, np.arange(168.0), side="right") - 1
    return cum, rate, np.clip(first, 0, 167).astype(np.int64)


def _zone(scenario: Scenario, run_end: int) -> tuple[Any, Any]:
    """Return the change points of local time: simulated seconds run evenly, local clocks jump."""
    zone = ZoneInfo(scenario.time.zone)
    local_start = datetime.combine(scenario.time.start, datetime.min.time(), zone)
    utc_start = local_start.astimezone(UTC)
    base = local_start.utcoffset() or timedelta()

    def offset(hour: int) -> int:
        at = (utc_start + timedelta(hours=hour)).astimezone(zone)
        return int(((at.utcoffset() or timedelta()) - base).total_seconds())

    changes, offsets = [-(1 << 60)], [0]
    last = run_end // 3600 + 1
    for day in range(0, last + 1, 24):
        if offset(min(day + 23, last)) == offsets[-1]:
            continue  # clocks change once in many weeks, and not to and fro within a day
        for hour in range(day, min(day + 24, last + 1)):
            now = offset(hour)
            if now != offsets[-1]:
                changes.append(hour * 3600)
                offsets.append(now)
    return np.array(changes, dtype=np.int64), np.array(offsets, dtype=np.int64)


def _season(scenario: Scenario, activity: Any, run_end: int, monday: int) -> tuple[Any, Any]:
    """Return month edges on the activity clock, and each category's need clock at them."""
    cum, rate, _ = activity

    def active(t: int) -> float:
        p = t + monday
        week, r = divmod(p, 604800)
        h, s = divmod(r, 3600)
        return float(week * 168.0 + cum[h] + rate[h] * (s / 3600.0))

    start = scenario.time.start
    edges, months, day = [active(0)], [], start
    while (day - start).days * 86400 <= run_end + 31 * 86400:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        months.append(day.month - 1)
        edges.append(active((following - start).days * 86400))
        day = following
    factors = np.array([c.season for c in scenario.categories])
    factors = factors / factors.mean(axis=1, keepdims=True)
    steps = factors[:, months] * np.diff(np.array(edges))[None, :]
    clock = np.concatenate([np.zeros((len(factors), 1)), np.cumsum(steps, axis=1)], axis=1)
    return np.array(edges), np.ascontiguousarray(clock)
