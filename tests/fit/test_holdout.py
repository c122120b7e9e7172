"""The hold-out inside a log, and what is refused or left to the user."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from omnilab.errors import DataError, OptionError
from omnilab.fit import occasions_of, read_transactions
from omnilab.fit.enough import check_size
from omnilab.fit.histories import group_of
from omnilab.fit.holdout import HoldOut, WeekRow, default_days, split, week_sd
from omnilab.fit.request import FitRequest
from omnilab.fit.spend import choose_spend
from tests.fit.shop import DAY


def test_the_last_part_is_that_of_the_customers_seen_before() -> None:
    log = occasions_of(
        np.array([5, 5, 5, 7, 7, 9]), np.array([0, 10, 25, 3, 28, 22]) * DAY,
        np.array([1.0, 2, 4, 8, 16, 32]), n_days=30, start=date(2024, 1, 1),
    )  # fmt: skip
    seen, later, counts = split(log, 10)
    assert (seen.n_customers, seen.n_days, later.n_days) == (2, 20, 10)
    assert seen.amount.tolist() == [1.0, 2.0, 8.0]
    assert counts.tolist() == [1.0, 1.0]  # customer 9 is new
    assert later.amount.tolist() == [4.0, 16.0]
    assert (later.time_s // DAY).tolist() == [5, 8]
    assert later.start == date(2024, 1, 21)


def test_a_quarter_of_a_short_log_is_held_out() -> None:
    assert [default_days(n) for n in (800, 365, 273, 60, 40)] == [91, 91, 63, 14, 7]
    request = FitRequest(transactions=Path("x.csv"))
    assert [request.held_out_days(n) for n in (365, 60, 40)] == [91, 14, 0]
    assert FitRequest(transactions=Path("x.csv"), holdout="none").held_out_days(365) == 0
    assert FitRequest(transactions=Path("x.csv"), holdout="8w").held_out_days(365) == 56
    for wrong in ("soon", "200d", "1d"):
        with pytest.raises(OptionError, match="--holdout"):
            FitRequest(transactions=Path("x.csv"), holdout=wrong).held_out_days(365)


def test_a_season_is_told_by_twelve_factors() -> None:
    told = FitRequest(transactions=Path("x.csv"), season="2," + ",".join(["1"] * 11)).told_season
    assert told is not None
    assert sum(told) == pytest.approx(12, abs=1e-2)
    assert told[0] == pytest.approx(2 * told[1], rel=1e-3)
    for word in ("fit", "off"):
        assert FitRequest(transactions=Path("x.csv"), season=word).told_season is None
    for wrong in ("winter", "1,2,3", "0" + ",1" * 11, [1.0] * 11):
        with pytest.raises(OptionError, match="--season"):
            _ = FitRequest(transactions=Path("x.csv"), season=wrong).told_season


def test_weeks_that_differ_by_chance_alone_have_no_shocks() -> None:
    rng = np.random.default_rng(2)

    def log(sd: float):
        weekly = 400 * np.exp(sd * rng.standard_normal(52))
        week = np.repeat(np.arange(52), rng.poisson(weekly))
        when = (week * 7 + rng.integers(0, 7, len(week))) * DAY
        who = rng.integers(0, 3000, len(when))
        return occasions_of(who, when, np.ones(len(when)), n_days=364)

    assert week_sd(log(0.0)) < 0.05
    assert week_sd(log(0.25)) == pytest.approx(0.25, abs=0.09)


def test_an_interval_is_looked_at_with_both_ends() -> None:
    weeks = [WeekRow(None, 7, actual, 10.0, 6.0, 15.0) for actual in (5.0, 6.0, 15.0, 16.0)]
    assert [week.is_inside for week in weeks] == [False, True, True, False]
    found = HoldOut.__new__(HoldOut)
    object.__setattr__(found, "weeks", tuple(weeks))
    assert found.share_inside == 0.5


def test_groups_are_given_out_as_the_world_does() -> None:
    # As `tests/fit/test_forecast.py` has it of the engine: about as often as all have them.
    groups = group_of(np.arange(400), [3, 1])
    for n in (20, 100, 400):
        assert abs((groups[:n] == 1).sum() - n / 4) <= 3


def test_too_little_is_said_with_what_is_needed() -> None:
    few = occasions_of(np.array([0, 0, 1]), np.array([0, 5, 9]) * DAY, np.ones(3), n_days=20)
    with pytest.raises(DataError, match=r"2 customers, 1 of whom bought again, in 20 days; needed"):
        check_size(few)
    n = 60
    who, when = np.tile(np.arange(n), 2), np.repeat([0, 30], n) * DAY
    check_size(occasions_of(who, when, np.ones(2 * n), n_days=60))


def test_a_log_without_amounts_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("customer,date\na,2024-01-01\nb,2024-01-02\na,2024-02-01\n", encoding="utf-8")
    with pytest.raises(DataError, match="--no-amounts reads a log that has none"):
        read_transactions(path)
    found = read_transactions(path, no_amounts=True)
    assert (found.n_orders, found.n_customers, found.has_amounts) == (3, 2, False)
    assert set(found.amount) == {1.0}
    with pytest.raises(OptionError, match="one of them"):
        read_transactions(path, no_amounts=True, amount="date")


def test_wholesalers_are_a_class_of_their_own() -> None:
    rng = np.random.default_rng(3)
    n, each = 2000, 6
    big = rng.random(n) < 0.05
    usual = np.where(big, 800.0, 40.0) * np.exp(0.3 * rng.standard_normal(n))
    who = np.repeat(np.arange(n), each)
    amount = usual[who] * rng.gamma(5.0, 0.2, len(who))
    law = choose_spend(
        occasions_of(who, np.tile(np.arange(each), n) * 30 * DAY, amount, n_days=200)
    )
    assert len(law.classes) == 2
    assert law.classes[1].share == pytest.approx(0.05, abs=0.015)
    assert law.classes[1].mean / law.classes[0].mean == pytest.approx(20, rel=0.25)
    assert law.member[1][big].mean() > 0.95
    written = law.written_classes(tail=2.0)
    plain = law.written_classes()
    assert written[1]["spend"]["times"] == pytest.approx(2 * plain[1]["spend"]["times"], rel=1e-3)
    assert written[0] == plain[0]
    # What is known of a customer of many orders is about what those cost.
    logs = np.bincount(who, np.log(amount))
    known, square = law.known_spend(np.full(n, 6.0), np.bincount(who, amount), logs)
    assert np.median(np.abs(known / (np.bincount(who, amount) / each) - 1)) < 0.1
    assert (square > known**2).all()
