"""The verdict by hand-made cases, and what it must never depend on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from omnilab.fit.backtest.verdict import Limits, judge

N = 20
FLAT = np.full(N, 100.0)


def verdict(actual, predicted=FLAT, half=15.0, rules=None, **more):
    actual = np.asarray(actual, dtype=float)
    return judge(actual, predicted, predicted - half, predicted + half, rules, **more)


def weeks(inside: int, off: float = 5.0, far: float = 30.0):
    """Return what happened in 20 weeks, so many within: to either side by turns."""
    sign = np.where(np.arange(N) % 2, 1.0, -1.0)
    return FLAT + sign * np.where(np.arange(N) < inside, off, far)


@pytest.mark.parametrize(
    ("actual", "said"),
    [
        (weeks(20), "trust"),
        (weeks(18), "trust"),
        (weeks(16), "trust"),  # binom.ppf(.025, 20, .9) = 15
        (weeks(14), "don't"),  # too few within, to either side
        (weeks(20) * 1.05, "trust"),  # 5% too low: below the limit
        (weeks(20) * 2, "correct"),
        (weeks(20) / 2, "correct"),
        (weeks(20, off=1.0) * 1.12, "correct"),  # all within, and yet 11% too low in each week
        (weeks(0, far=60.0) * 1.5, "don't"),  # far off to both sides: no factor helps
        (np.where(np.arange(N) % 2, 0.0, 300.0), "don't"),  # 50% too low, to either side by turns
        (np.where(np.arange(N) % 2, 130.0, 400.0), "don't"),  # too low each week, unevenly
        (np.zeros(N), "don't"),
    ],
)  # fmt: skip
def test_cases_by_hand(actual, said: str) -> None:
    assert verdict(actual).verdict == said


def test_the_factor_is_that_of_the_sums() -> None:
    found = verdict(weeks(20) * 2)
    assert found.factor == pytest.approx(2.0)
    assert found.bias == pytest.approx(-0.5)
    assert found.steady == 1.0
    assert found.inside == 0
    assert found.inside_corrected == N
    assert "multiply them by 2.00" in found.reason
    assert "50% too low" in found.reason


def test_each_prediction_is_corrected_by_the_others_factor() -> None:
    # By their own factor, 1.5, both would lie within 90 to 210; by the other's, 2 and 1, neither.
    found = judge(np.array([100.0, 200.0]), np.full(2, 100.0), np.full(2, 60.0), np.full(2, 140.0))
    assert found.factor == pytest.approx(1.5)
    assert found.inside_corrected == 0


def test_a_rule_that_is_clearly_better_is_named() -> None:
    actual = weeks(20, off=9.0)
    better = actual + 1.0
    found = verdict(actual, rules={"worse": FLAT + 40, "repeat the past": better})
    assert (found.verdict, found.worse_than) == ("don't", "repeat the past")
    assert "rule 'repeat the past' is clearly better" in found.reason
    # A lead within what is allowed, or that chance makes, is none.
    assert verdict(actual, rules={"near": actual + 8.5}).verdict == "trust"
    rng = np.random.default_rng(1)
    noisy = FLAT + rng.normal(0, 9, N)
    assert verdict(actual, rules={"noise": noisy}).verdict == "trust"


def test_limits_move_the_verdict() -> None:
    actual = weeks(20, off=1.0) * 1.12
    assert verdict(actual, limits=Limits(bias=0.15)).verdict == "trust"
    some = np.where(np.arange(N) < 15, 130.0, 95.0)  # 15 of 20 to one side
    assert verdict(some, half=20.0).verdict == "don't"
    assert verdict(some, half=32.0, limits=Limits(bias=0.1, steady=0.7)).verdict == "correct"


def test_noise_in_what_happened_is_not_stretched() -> None:
    # Lifts of half their predicted size; the intervals are the measurement's own errors alone.
    rng = np.random.default_rng(3)
    predicted, noise = np.full(40, 4.0), np.ones(40)
    actual = 2.0 + rng.normal(0, 1, 40)
    half = 1.645 * noise
    found = judge(
        actual, predicted, predicted - half, predicted + half, noise=noise, weights=np.ones(40),
    )  # fmt: skip
    assert found.verdict == "correct"
    assert found.factor == pytest.approx(0.5, abs=0.1)


def test_order_and_units_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    actual = rng.poisson(130, N).astype(float)
    one = judge(actual, FLAT, FLAT - 20, FLAT + 20)
    turn = rng.permutation(N)
    assert judge(actual[turn], FLAT, FLAT - 20, FLAT + 20) == one
    other = judge(actual * 7, FLAT * 7, (FLAT - 20) * 7, (FLAT + 20) * 7)
    for name in ("bias", "factor"):
        assert getattr(other, name) == pytest.approx(getattr(one, name))
        other = replace(other, **{name: getattr(one, name)})
    assert other == one


def test_right_intervals_pass_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    trials = 300
    passed = 0
    for _ in range(trials):
        actual = rng.normal(FLAT, 10.0)
        found = judge(actual, FLAT, FLAT - 16.45, FLAT + 16.45)
        passed += found.inside >= found.least
    assert passed / trials > 0.95
