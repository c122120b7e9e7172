"""Days on which a shop was closed."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from omnilab.fit import occasions_of
from omnilab.fit.closed import closed_days, in_words
from omnilab.fit.laws import Laws
from omnilab.fit.likely import fit_laws, past_of
from omnilab.fit.season import LEVEL, calendar_of
from tests.fit.shop import DAY


def days_of(per_day: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(per_day)), per_day)


def test_a_day_without_orders_where_many_are_usual_is_closed() -> None:
    per_day = np.tile([20, 25, 30, 30, 40, 0, 15], 20)  # shut on the sixth day of each week
    per_day[[30, 31, 32, 90]] = 0
    found = closed_days(days_of(per_day), 140)
    assert list(np.flatnonzero(found)) == [30, 31, 32, 90]


def test_two_weeks_of_holidays_are_closed_but_not_what_lies_outside_of_the_orders() -> None:
    per_day = np.full(140, 25)
    per_day[40:54] = 0
    per_day[:5] = per_day[-9:] = 0
    assert list(np.flatnonzero(closed_days(days_of(per_day), 140))) == list(range(40, 54))


def test_few_orders_say_nothing() -> None:
    rng = np.random.default_rng(1)
    assert not closed_days(days_of(rng.poisson(4.0, 400)), 400).any()
    assert not closed_days(days_of(rng.poisson(12.0, 4000)), 4000).any()
    assert not closed_days(np.zeros(0, dtype=np.int64), 30).any()


def test_the_clock_stands_still_and_rates_are_those_of_open_days() -> None:
    rng = np.random.default_rng(2)
    n, days = 1500, 200
    shut = np.arange(60, 80)
    when = [np.sort(rng.choice(days, 10, replace=False)) for _ in range(n)]
    kept = [np.setdiff1d(own, shut) for own in when]
    log = occasions_of(
        np.repeat(np.arange(n), [len(k) for k in kept]), np.concatenate(kept) * DAY,
        np.ones(sum(map(len, kept))), n_days=days, start=date(2024, 1, 1),
    )  # fmt: skip
    calendar = calendar_of(log)
    assert list(np.flatnonzero(calendar.closed)) == list(shut)
    clock = calendar.clock(LEVEL)
    assert clock[80] == clock[60] == 60
    assert clock[-1] == days - 20
    laws = fit_laws(past_of(log), Laws(5.0, 100.0, 0.1, 5.0), bursts=False, doubt=False).laws
    assert laws.alpha / laws.r == pytest.approx(days / 10, rel=0.04)


def test_a_note_names_some_of_them() -> None:
    closed = np.zeros(9, dtype=np.bool_)
    assert in_words(closed, list("abcdefghi")) == ""
    closed[[1, 2, 4, 6]] = True
    assert "On 4 days nobody ordered" in in_words(closed, list("abcdefghi"))
    assert "(b, c, e and 1 more)" in in_words(closed, list("abcdefghi"))
