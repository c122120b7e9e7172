"""Both clocks against sums over hours and months, and their inverses."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.kernels.compiling import kernel
from omnilab.world import clock
from tests.plain import plain
from tests.worlds import DAY, WEEK, corner, model_of

BUSY = corner(
    time={"start": "2025-02-12"},  # a Wednesday
    world={"hour_index": [10.0] * 8 + [150.0] * 12 + [60.0] * 4,
           "day_index": [100, 80, 120, 100, 140, 90, 70]},
    categories=[
        {"name": "beans", "every": "12d", "spend": {"mean": 20.0},
         "season": [60, 80, 90, 100, 110, 120, 100, 100, 80, 100, 120, 200]},
        {"name": "cups", "every": "40d", "spend": {"mean": 45.0}},
    ],
)  # fmt: skip
MODEL = model_of(BUSY)
MONDAY = 2 * DAY  # from the Monday before to the start
INDEX = np.outer(BUSY.world.day_index, BUSY.world.hour_index).ravel()
INDEX = INDEX / INDEX.mean()
to_activity, from_activity = plain(clock.to_activity), plain(clock.from_activity)


def naive(t: int) -> float:
    """Return hours of activity from the Monday before the start to ``t``."""
    hours, rest = divmod(t + MONDAY, 3600)
    whole = sum(INDEX[h % 168] for h in range(hours))
    return whole + INDEX[hours % 168] * rest / 3600


@pytest.mark.parametrize("t", [0, 1, 3599, 3600, 5 * DAY - 1, 5 * DAY, 40 * DAY + 12_345])
def test_activity_is_the_sum_of_the_hours_indices(t: int) -> None:
    assert to_activity(MODEL, t) == pytest.approx(naive(t), rel=1e-12)


def test_a_week_has_as_many_hours_of_activity_as_hours() -> None:
    assert to_activity(MODEL, 3 * WEEK) - to_activity(MODEL, 0) == pytest.approx(3 * 168)


@given(st.integers(0, 100 * DAY))
def test_from_activity_is_the_inverse(t: int) -> None:
    assert abs(from_activity(MODEL, to_activity(MODEL, t)) - t) <= 1


def test_from_activity_at_the_edges_of_all_hours() -> None:
    for hour in range(2 * 168):
        at = hour * 3600 - MONDAY
        assert abs(from_activity(MODEL, to_activity(MODEL, at)) - at) <= 1
        assert abs(from_activity(MODEL, to_activity(MODEL, at) + 1e-9) - at) <= 1


@pytest.mark.parametrize("delay_h", [0.5, 7.0, 100.0])
def test_a_delay_falls_where_people_are_active(delay_h: float) -> None:
    start = 9 * DAY + 777
    at = plain(clock.later)(MODEL, start, delay_h * 3600.0)
    assert naive(at) - naive(start) == pytest.approx(delay_h, abs=1e-3)


def test_later_is_at_least_a_second_later() -> None:
    assert plain(clock.later)(MODEL, 5000, 0.0) == 5001
    assert plain(clock.later)(MODEL, 5000, 1e-9) == 5001


def test_the_level_of_an_hour() -> None:
    for t in (0, 3599, 3600, 4 * DAY, 5 * DAY + 10 * 3600, 12 * DAY):
        want = math.log(INDEX[(t + MONDAY) // 3600 % 168])
        assert plain(clock.hour_level)(MODEL, t) == pytest.approx(want)


def test_the_need_clock_runs_by_the_months_index() -> None:
    season = np.array(BUSY.categories[0].season)
    season = season / season.mean()
    hours = to_activity(MODEL, 0)
    for days, month in ((3, 1), (16, 1), (18, 2), (40, 2), (50, 3), (120, 5)):
        a = hours + 24.0 * days
        step = plain(clock.to_need_clock)(MODEL, 0, a + 1.0) - plain(clock.to_need_clock)(
            MODEL, 0, a
        )
        assert step == pytest.approx(season[month], rel=0.02), days
        plain_step = plain(clock.to_need_clock)(MODEL, 1, a + 1.0) - plain(clock.to_need_clock)(
            MODEL, 1, a
        )
        assert plain_step == pytest.approx(1.0, rel=1e-9)


@given(st.floats(0.0, 6000.0), st.integers(0, 1))
def test_from_need_clock_is_the_inverse(a: float, category: int) -> None:
    n = plain(clock.to_need_clock)(MODEL, category, a)
    assert plain(clock.from_need_clock)(MODEL, category, n) == pytest.approx(a, abs=1e-7)


def test_the_need_clock_goes_on_at_the_edges_of_months_without_a_jump() -> None:
    for edge in MODEL.season_a[1:-1]:
        below, at, above = (
            plain(clock.to_need_clock)(MODEL, 0, float(edge) + x) for x in (-1e-6, 0.0, 1e-6)
        )
        assert below <= at <= above
        assert above - below < 1e-5


def test_local_time_is_that_of_the_zone() -> None:
    start = datetime(2025, 3, 24, tzinfo=ZoneInfo("Europe/Berlin"))
    model = model_of(corner(time={"start": "2025-03-24", "zone": "Europe/Berlin"}))
    for hour in (0, 100, 5 * 24 + 24, 6 * 24 + 1, 6 * 24 + 2, 50 * 24):
        at = datetime.fromtimestamp(start.timestamp() + hour * 3600, start.tzinfo)
        wanted = (at.replace(tzinfo=None) - start.replace(tzinfo=None)).total_seconds()
        assert plain(clock.local)(model, hour * 3600) == wanted


@kernel
def run_clocks(model: Any, out: Any) -> None:
    for k in range(40):
        t = k * 70_001
        out[k, 0] = clock.to_activity(model, t)
        out[k, 1] = clock.later(model, t, 50_000.0)
        out[k, 2] = clock.from_need_clock(model, 0, clock.to_need_clock(model, 0, out[k, 0]) + 9.0)
        out[k, 3] = clock.local(model, t)


def test_compiled_and_plain_are_equal() -> None:
    found = [np.zeros((40, 4)), np.zeros((40, 4))]
    run_clocks(MODEL, found[0])
    plain(run_clocks)(MODEL, found[1])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-14)
    assert len(np.unique(found[0][:, 1])) == 40
