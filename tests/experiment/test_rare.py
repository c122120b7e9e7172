"""Intervals of shares with few events or none: their coverage, and where they end."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from omnilab.experiment.rare import FEW, MANY, Rare, Side
from omnilab.experiment.statistics import Moments
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.layout import N_SUMS, SUMS, names_of

NAMES = names_of(SUMS)
AT = {name: i for i, name in enumerate(NAMES)}
PAIR = ("old", "new")
RATE = "unsubscribe_rate"
TRIALS = 300


def moments(messages: np.ndarray, events: np.ndarray) -> Moments:
    """Return the moments of messages and unsubscribes of each cell under both, shape (n, 2)."""
    block = np.zeros((len(messages), 2, N_SUMS), np.int64)
    block[:, :, AT["persons"]] = 1
    block[:, :, AT["n_delivered"]] = messages
    block[:, :, AT["n_unsubscribe"]] = events
    found = Moments(PAIR, {RATE: MEASURES[RATE]})
    found.add(block)
    return found


def drawn(
    rng: np.random.Generator, rates: tuple[float, float], each: tuple[float, float],
    n: int = 700, together: float = 0.0,
) -> Moments:  # fmt: skip
    """Draw cells: messages by Poisson's law, of each message an event with the side's rate.

    With ``together`` that share of cells has the rate for all its messages at once, as a customer
    who leaves a silo is counted once for each.
    """
    messages = rng.poisson(each, (n, 2))
    events = rng.binomial(messages, rates)
    if together:
        at_once = rng.random((n, 2)) < together
        whole = messages * (rng.random((n, 2)) < rates)
        events = np.where(at_once, whole, events)
    return moments(messages, events)


def misses(
    seed: int, rates: tuple[float, float], each: tuple[float, float], **more: float
) -> tuple[int, int]:
    """Return how often the truth is below and above the 95% interval of new less old."""
    rng, below, above = np.random.default_rng(seed), 0, 0
    for _ in range(TRIALS):
        found = drawn(rng, rates, each, **more)  # type: ignore[arg-type]
        got = found.difference(RATE, "new", "old")
        assert got.low is not None
        assert got.high is not None
        below += rates[1] - rates[0] < got.low
        above += rates[1] - rates[0] > got.high
    return below, above


@pytest.mark.parametrize("each", [(0.3, 6.0), (6.0, 0.3), (0.3, 0.3), (2.0, 2.0)])
@pytest.mark.parametrize(
    "rates", [(0.004, 0.004), (0.001, 0.02), (0.02, 0.001), (0.008, 0.03), (0.02, 0.02)]
)
def test_the_truth_is_outside_in_no_more_than_is_said(
    rates: tuple[float, float], each: tuple[float, float]
) -> None:
    """Of both sides' few messages; each bound is a gate's test, so each has half of the 5%."""
    for found in misses(1, rates, each):
        assert stats.binomtest(found, TRIALS, 0.025, alternative="greater").pvalue > 0.001, found


def test_events_that_come_together_are_worth_less() -> None:
    for found in misses(2, (0.003, 0.01), (4.0, 4.0), together=0.3):
        assert stats.binomtest(found, TRIALS, 0.025, alternative="greater").pvalue > 0.001, found


def test_a_side_without_events_is_known_as_well_as_its_messages_allow() -> None:
    """The newcomer's case: 210 messages without an unsubscribe, beside many with 0.42%."""
    rng = np.random.default_rng(3)
    messages = np.stack([np.repeat([1, 0], [210, 490]), np.full(700, 60)], axis=1)
    events = np.stack([np.zeros(700, int), rng.binomial(60, 0.0042, 700)], axis=1)
    found = moments(messages, events)
    got = found.difference(RATE, "new", "old")
    assert got.value == pytest.approx(events[:, 1].sum() / 42_000)
    most = 1.0 - 0.025 ** (1 / 210)
    assert got.low == pytest.approx(got.value - most, abs=2e-4)
    assert got.low < 0.0 < got.value < got.high < got.value + 0.001
    assert got.p_value == pytest.approx(2 * (1 - got.value) ** 210, rel=0.1)
    alone = found.estimate(RATE, "old")
    assert (alone.value, alone.low, alone.high) == (0.0, 0.0, pytest.approx(most))


def test_a_contrast_is_joined_by_hand() -> None:
    """Two of 50 against five of 80 of independent cells."""
    messages = np.stack([np.repeat([1, 0], [50, 80]), np.repeat([0, 1], [50, 80])], axis=1)
    events = np.zeros((130, 2), int)
    events[:2, 0] = events[50:55, 1] = 1
    got = moments(messages, events).difference(RATE, "new", "old")
    less = (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 129)) ** 2 * 129 / 130
    sides = []
    for y, n in ((2, 50), (5, 80)):
        low = stats.beta.ppf(0.025, less * y, less * (n - y) + 1)
        high = stats.beta.ppf(0.975, less * y + 1, less * (n - y))
        sides.append((y / n, low, high))
    (a, low_a, high_a), (b, low_b, high_b) = sides
    # The sides share no cell, and sums of cells correlate by nothing but the mean of their rates.
    assert got.low == pytest.approx(b - a - sqrt((b - low_b) ** 2 + (high_a - a) ** 2), rel=1e-6)
    assert got.high == pytest.approx(b - a + sqrt((high_b - b) ** 2 + (a - low_a) ** 2), rel=1e-6)


def test_it_goes_over_into_the_linearised_interval_without_a_jump() -> None:
    """One event more moves a bound by about what it moves the share, at every number of them."""
    freedom, n = 10_000, 100_000
    widths = []
    for events in range(1, 120):
        share = events / n
        side = Side(1.0, events, n, share * (1 - share) / n)
        rare = Rare(share, sqrt(side.variance), freedom, (side,), ((1.0,),))
        low, high = rare.bounds(0.025)
        widths.append((high - low) * n)
        if events > MANY:
            assert rare.exact == 0.0
            half = stats.t.ppf(0.975, freedom) * sqrt(events * (1 - share))
            assert low * n == pytest.approx(events - half)
        if events <= FEW:
            low_, high_ = stats.beta.ppf(
                (0.025, 0.975), (events, events + 1), (n - events + 1, n - events)
            )
            assert (low, high) == (pytest.approx(low_, rel=1e-3), pytest.approx(high_, rel=1e-3))
    steps = np.diff(widths)
    assert steps.min() > 0.0
    assert steps.max() < 2.0


def test_p_values_are_where_a_bound_meets() -> None:
    found = drawn(np.random.default_rng(5), (0.01, 0.02), (0.5, 2.0))
    got = found.difference(RATE, "new", "old")
    weights = [("new", 1), ("old", -1)]
    _, above, below = found.beyond(RATE, weights, got.low)
    assert above == pytest.approx(0.025)
    assert found.beyond(RATE, weights, got.high)[2] == pytest.approx(0.025)
    assert below > 0.5
    assert got.p_value == pytest.approx(2 * min(found.beyond(RATE, weights, 0.0)[1:]))
    assert found.difference(RATE, "old", "new").p_value == pytest.approx(got.p_value, rel=1e-9)
    assert found.estimate(RATE, "old").p_value is None


def test_the_same_results_differ_by_nothing_but_are_not_certain() -> None:
    messages = np.repeat([[2, 2]], 100, axis=0)
    found = moments(messages, np.zeros((100, 2), int))
    assert found.difference(RATE, "new", "old") == (0.0, 0.0, 0.0, 0.0, 1.0)
    seen, above, below = found.beyond(RATE, [("new", 1), ("old", -1)], 0.01)
    assert (seen.low, seen.high) == (pytest.approx(-(1 - 0.025 ** (1 / 200))), -seen.low)
    assert (above, below) == (1.0, pytest.approx(0.99**200))


def test_all_of_them_is_as_uncertain_as_none() -> None:
    messages = np.repeat([[1, 3]], 100, axis=0)
    got = moments(messages, messages).estimate(RATE, "old")
    assert (got.value, got.low, got.high) == (1.0, pytest.approx(0.025 ** (1 / 100)), 1.0)
