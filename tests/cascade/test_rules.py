"""The shared rules: laws, plain counting, and the same answers compiled and plain."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.cascade import Zone, codes, rules
from omnilab.cascade.rules import DAY_S

STATUSES = (
    rules.NONE,
    rules.PROCESSED,
    rules.DELIVERED,
    rules.OPENED,
    rules.CLICKED,
    rules.DEFERRED,
    rules.BOUNCED,
    rules.DROPPED,
)
FAILED = (rules.BOUNCED, rules.DROPPED)
BERLIN = Zone.named("Europe/Berlin", 2024, 2027)


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    return getattr(function, "py_func", function)


def test_the_stronger_evidence_is_what_advances() -> None:
    """The engine takes the greater place among the strengths, which says the same."""
    for i, a in enumerate(codes.STRENGTHS):
        for j, b in enumerate(codes.STRENGTHS):
            assert rules.advance(a, b) == codes.STRENGTHS[max(i, j)]
    assert {rules.DEFERRED, *codes.STRENGTHS} == set(STATUSES)


@st.composite
def zones(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n = draw(st.integers(0, 3))
    gaps = draw(st.lists(st.integers(1, 3 * DAY_S), min_size=n, max_size=n))
    changes = [-(1 << 62), *np.cumsum(gaps).tolist()]
    quarter = st.integers(-56, 56).map(lambda q: 900 * q)
    offsets = draw(st.lists(quarter, min_size=n + 1, max_size=n + 1))
    return np.array(changes, np.int64), np.array(offsets, np.int64)


def test_the_order_and_number_of_receipts_do_not_matter() -> None:
    for a, b, c in itertools.product(STATUSES, repeat=3):
        assert rules.advance(a, b) == rules.advance(b, a)
        assert rules.advance(rules.advance(a, b), c) == rules.advance(a, rules.advance(b, c))
        assert rules.advance(rules.advance(a, b), b) == rules.advance(a, b)


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_never_goes_back(status: int) -> None:
    for receipt in STATUSES:
        after = rules.advance(status, receipt)
        assert after != rules.DEFERRED
        if status >= rules.DELIVERED:
            assert after >= status
        if status in FAILED:
            assert after in FAILED or after >= rules.DELIVERED
        if receipt in FAILED and status < rules.DELIVERED:
            assert after in FAILED


@pytest.mark.parametrize("success", range(rules.PROCESSED, rules.CLICKED + 1))
def test_success_is_a_step_on_the_scale(success: int) -> None:
    met = [rules.reached(s, success) for s in range(rules.NONE, rules.CLICKED + 1)]
    assert met == [s >= success for s in range(rules.NONE, rules.CLICKED + 1)]
    assert not any(rules.reached(s, success) for s in FAILED)


@given(st.permutations(range(6)), st.integers(0, 6), st.integers(0, 6), st.integers(0, 63))
def test_next_channel_is_the_first_usable(
    order: list[int], n: int, position: int, usable: int
) -> None:
    want = next((p for p in range(position, n) if usable >> order[p] & 1), n)
    assert rules.next_channel(np.array(order, np.int8), n, position, usable) == want


@given(
    st.lists(st.integers(-3, 40), max_size=8),
    st.integers(0, 40),
    st.integers(1, 20),
    st.integers(-1, 4),
)
def test_under_cap_counts_the_window(times: list[int], now: int, period: int, limit: int) -> None:
    window = set(range(now - period + 1, now + 1))
    seen = sum(t in window for t in times if t >= 0)
    want = limit <= 0 or seen + 1 <= limit
    assert rules.under_cap(np.array(times, np.int64), len(times), now, period, limit) == want


@given(st.integers(-DAY_S, 3 * DAY_S), st.integers(0, 23), st.integers(0, 23))
def test_quiet_hours_end_at_their_end(local: int, begin: int, end: int) -> None:
    wait = rules.quiet_until(local, begin * 3600, end * 3600)
    hour = local // 3600 % 24
    quiet_hours = {h % 24 for h in range(begin, end + 24 * (end < begin))}
    assert (wait > 0) == (hour in quiet_hours)
    if wait:
        assert wait <= DAY_S
        assert (local + wait) % DAY_S == end * 3600


@given(zones(), st.integers(-DAY_S, 9 * DAY_S), st.integers(0, 23), st.integers(0, 23))
def test_a_held_send_leaves_at_the_first_allowed_second(
    zone: tuple[np.ndarray, np.ndarray], t: int, begin: int, end: int
) -> None:
    changes, offsets = zone
    n = len(changes)

    def wait(second: int) -> int:
        local = rules.local_time(second, changes, offsets, n)
        return rules.quiet_until(local, begin * 3600, end * 3600)

    free = rules.allowed_at(t, begin * 3600, end * 3600, changes, offsets, n)
    assert free >= t
    assert wait(free) == 0
    # Quiet hours, changes and offsets lie on quarters of an hour or at changes.
    between = {s for s in range(t - t % 900, free, 900) if s >= t} | {t}
    between |= {int(c) for c in changes if t <= c < free}
    assert all(wait(s) > 0 for s in between if s < free)


@given(zones(), st.integers(0, 9 * DAY_S))
def test_a_day_starts_with_the_first_second_of_its_date(
    zone: tuple[np.ndarray, np.ndarray], t: int
) -> None:
    changes, offsets = zone
    n = len(changes)

    def day(second: int) -> int:
        return rules.calendar_day(rules.local_time(second, changes, offsets, n))

    start = rules.day_start(t, changes, offsets, n)
    assert start <= t
    assert day(start) >= day(t)
    # Nothing before has this date or a later one, as far back as offsets can shift it.
    before = set(range(start - 2 * DAY_S, start, 900)) | {start - 1}
    before |= {int(c) for c in changes if start - 2 * DAY_S <= c < start}
    assert all(day(s) < day(t) for s in before)


@given(st.integers(int(datetime(2024, 1, 2, tzinfo=UTC).timestamp()), 1798000000))
def test_a_named_zone_tells_its_civil_time(t: int) -> None:
    changes, offsets = np.array(BERLIN.change_at), np.array(BERLIN.offset_s)
    local = datetime.fromtimestamp(rules.local_time(t, changes, offsets, len(changes)), UTC)
    assert local.replace(tzinfo=None) == datetime.fromtimestamp(
        t, ZoneInfo("Europe/Berlin")
    ).replace(tzinfo=None)


@pytest.mark.parametrize("name", ["2025-03-30", "2025-10-26"])
def test_quiet_hours_in_the_night_when_the_clocks_change(name: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = datetime.fromisoformat(f"{name}T00:30").replace(tzinfo=berlin)
    morning = datetime.fromisoformat(f"{name}T08:00").replace(tzinfo=berlin)
    changes, offsets = np.array(BERLIN.change_at), np.array(BERLIN.offset_s)
    free = rules.allowed_at(
        int(night.timestamp()), 21 * 3600, 8 * 3600, changes, offsets, len(changes)
    )
    assert free == int(morning.timestamp())


@given(st.data())
def test_compiled_and_plain_are_the_same(data: st.DataObject) -> None:
    changes, offsets = data.draw(zones())
    n, t = len(changes), data.draw(st.integers(0, 9 * DAY_S))
    begin, end = data.draw(st.tuples(st.integers(0, DAY_S - 1), st.integers(0, DAY_S - 1)))
    a, b = data.draw(st.tuples(st.sampled_from(STATUSES), st.sampled_from(STATUSES)))
    calls: tuple[tuple[Callable[..., Any], tuple[Any, ...]], ...] = (
        (rules.advance, (a, b)),
        (rules.reached, (a, abs(b))),
        (rules.quiet_until, (t, begin, end)),
        (rules.local_time, (t, changes, offsets, n)),
        (rules.allowed_at, (t, begin, end, changes, offsets, n)),
        (rules.day_start, (t, changes, offsets, n)),
        (rules.under_cap, (changes[1:], n - 1, t, begin + 1, 2)),
        (rules.calendar_day, (t - DAY_S,)),
    )
    for function, arguments in calls:
        assert function(*arguments) == plain(function)(*arguments)
