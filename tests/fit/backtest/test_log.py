"""A log of a known world, held against predictions of its later part; and the same log bent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from omnilab.errors import DataError
from omnilab.fit import occasions_of
from omnilab.fit.backtest.log import LogBacktest, backtest_log, days_after
from omnilab.fit.backtest.prediction import Prediction, interval, predict
from omnilab.fit.backtest.rules import RULES, rules_of
from omnilab.fit.course import foretell
from omnilab.fit.holdout import split
from omnilab.fit.laws import Laws
from omnilab.fit.request import FitRequest
from omnilab.fit.scenario import Setting
from omnilab.fit.summary import Occasions
from tests.fit.shop import DAY
from tests.fit.town import AT_ONCE, town

LAWS = Laws(0.9, 18.0, 0.6, 4.0)  # every 20 days, an eighth leaves after an order
DAYS, AHEAD = 168, 70
BASE = {
    "currency": "EUR",
    "population": {"personas": [{"name": "all", "share": "100%", "phone": "0%"}]},
    "categories": [
        {"name": "goods", "every": "20d", "spend": {"mean": 30}, "latent": "0d",
         "patience": "365d"}
    ],
    "brand": {"status_quo": "no_contact", "journeys": []},
    **AT_ONCE,
}  # fmt: skip


@pytest.fixture(scope="module")
def parts() -> tuple[Occasions, Occasions, np.ndarray]:
    # Of so many customers that chance alone makes a bias of a tenth about once in a hundred logs.
    o = town(LAWS, 2000, DAYS, seed=11).occasions
    start = date(2023, 1, 2)
    return split(occasions_of(o.customer, o.time_s, o.amount, n_days=DAYS, start=start), AHEAD)


@pytest.fixture(scope="module")
def prediction(parts: tuple[Occasions, Occasions, np.ndarray]) -> Prediction:
    seen = parts[0]
    setting = Setting("backtest-v1", "Backtest", "EUR", "no_contact", BASE, seen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("omnilab.fit.replay._FEWEST", 1500)  # customers of a forecast, for speed
        request = FitRequest(transactions=Path("log.csv"))
        foretold = foretell(setting, request, None, AHEAD, lambda _line: None)
    return predict(foretold, seen, replications=12)


def held(prediction: Prediction, customer, time_s, amount) -> LogBacktest:
    """Return the backtest against other orders of the same customers."""
    n = prediction.seen.n_customers
    later = occasions_of(customer, time_s, amount, n_days=AHEAD, same_day=False)
    counts = np.bincount(customer, minlength=n).astype(float)
    return backtest_log(prediction, later, counts, "log.csv")


def orders_of(parts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return customers, times and amounts of the later part, customers as numbered before."""
    _, later, counts = parts
    return np.repeat(np.arange(len(counts)), counts.astype(int)), later.time_s, later.amount


def test_the_same_law_is_trusted(parts, prediction: Prediction) -> None:
    _, later, counts = parts
    found = backtest_log(prediction, later, counts, "log.csv")
    assert found.verdict.verdict == "trust", found.verdict.reason
    assert found.first_day == date(2023, 4, 10)
    assert found.last_day == date(2023, 6, 18)
    figures = {f.name: f for f in found.figures}
    for name in ("orders", "buyers", "spend"):
        assert figures[name].low <= figures[name].actual <= figures[name].high, name
        assert set(figures[name].rules) == set(RULES)
    assert figures["orders"].actual == counts.sum() == sum(w.actual for w in found.weeks)
    assert figures["error"].actual == pytest.approx(figures["error"].predicted, rel=0.15)
    assert sum(c.actual for c in found.classes) == counts.sum()
    assert sum(c.customers for c in found.classes) == found.customers


def test_orders_that_double_are_corrected_by_two(parts, prediction: Prediction) -> None:
    who, when, amount = orders_of(parts)
    found = held(prediction, np.tile(who, 2), np.tile(when, 2), np.tile(amount, 2))
    assert found.verdict.verdict == "correct", found.verdict.reason
    assert found.verdict.factor == pytest.approx(2.0, rel=0.15)
    assert f"multiply them by {found.verdict.factor:.2f}" in found.verdict.reason


def test_noise_is_not_trusted(parts, prediction: Prediction) -> None:
    who, when, amount = orders_of(parts)
    rng = np.random.default_rng(1)
    # As many orders, all of them in three weeks that chance picks, of customers that it picks.
    weeks = rng.choice(AHEAD // 7, 3, replace=False)
    noise = rng.choice(weeks, len(when)) * 7 * DAY + when % (7 * DAY)
    found = held(prediction, rng.permutation(who), noise, amount)
    assert found.verdict.verdict == "don't", found.verdict.reason


def test_another_law_is_not_trusted(parts, prediction: Prediction) -> None:
    who, when, amount = orders_of(parts)
    early = when < 14 * DAY  # then everybody is gone
    found = held(prediction, who[early], when[early], amount[early])
    assert found.verdict.verdict == "don't", found.verdict.reason


def test_draws_are_as_the_forecast(prediction: Prediction) -> None:
    mean, low, high = interval(prediction.weeks)
    assert mean.sum() == pytest.approx(prediction.foretold.ahead.simulated.orders, rel=0.06)
    assert (low <= mean).all()
    assert (mean <= high).all()
    # Weeks have doubts of their own, so that the whole is relatively surer than each of them.
    spread = prediction.weeks.std(axis=0) / mean
    assert prediction.orders.std() / prediction.orders.mean() < spread.min()
    assert ((prediction.buyers >= 0) & (prediction.buyers <= 1)).all()


def test_simple_rules_repeat_what_was(parts) -> None:
    log = occasions_of(
        np.array([0, 0, 0, 1, 1, 2, 2]), np.array([0, 40, 80, 60, 83, 5, 30]) * DAY,
        np.array([5.0, 10, 20, 30, 10, 4, 6]), n_days=84,
    )  # fmt: skip
    rules = rules_of(log, 42)
    assert tuple(rules) == RULES
    past = rules["repeat the past"]
    assert past.each.tolist() == [1.0, 2.0, 0.0]  # of days 42 to 83
    assert past.weeks.tolist() == [0.0, 0.0, 1.0, 0.0, 0.0, 2.0]
    assert past.buyers == pytest.approx(2 / 3)
    assert past.spend == pytest.approx(60 / 3)
    last = rules["last period"]
    assert last.each.tolist() == [1.5, 3.0, 0.0]  # of days 56 to 83, half as long again
    assert last.weeks == pytest.approx(np.full(6, 4.5 / 6))
    for rule in rules.values():
        assert rule.weeks.sum() == pytest.approx(rule.each.sum())


@pytest.mark.parametrize(
    ("days", "first_day", "said"),
    [
        (200, "2023-12-01", "the log goes from 2024-01-01 to 2024-07-18"),
        (200, "2023-12-01", "from 2024-02-12 to 2024-06-21, the nearest is 2024-02-12"),
        (200, "2024-07-01", "the nearest is 2024-06-21"),
        (200, "2025-07-01", "the nearest is 2024-06-21"),
        (31, "2024-01-15", "which is 31 days: a backtest needs 70, 42 to fit and 28 to predict"),
    ],
)
def test_dates_that_leave_too_little(days: int, first_day: str, said: str) -> None:
    log = occasions_of(
        np.arange(2), np.zeros(2, int), np.ones(2), n_days=days, start=date(2024, 1, 1)
    )
    with pytest.raises(DataError) as error:
        days_after(log, date.fromisoformat(first_day))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_days_from_a_date_on_are_counted_with_it() -> None:
    log = occasions_of(
        np.arange(2), np.zeros(2, int), np.ones(2), n_days=200, start=date(2024, 1, 1)
    )
    assert days_after(log, date(2024, 2, 12)) == 200 - 42
    assert days_after(log, date(2024, 6, 21)) == 28
