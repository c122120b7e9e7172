"""Verdicts by hand, and how often chance alone makes one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.experiment.conclusion.declared import Claim
from omnilab.experiment.conclusion.judged import Seen, judge, moved, seen_of
from omnilab.experiment.conclusion.terms import Term
from omnilab.experiment.statistics import Estimate

TERM = Term("ltv", "a", "b")


def claim(kind: Any = "greater", bound: float = 0.0, direction: Any = "up") -> Claim:
    return Claim("", kind, TERM, bound, direction=direction)


def said(one: Claim, value: float | None, half: float | None, *steps: Any) -> str:
    (found,) = judge([one], [Seen(value, half, steps)])
    return found.said


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(1.01, "holds"), (0.99, "undecided"), (0.0, "undecided"), (-0.99, "undecided"),
     (-1.01, "turns")],
)  # fmt: skip
def test_greater_is_where_the_interval_is(value: float, verdict: str) -> None:
    assert said(claim(), value, 1.0) == verdict
    assert said(claim(bound=5.0), value + 5.0, 1.0) == verdict
    assert said(claim(bound=5.0, direction="down"), 5.0 - value, 1.0) == verdict


@pytest.mark.parametrize(
    ("value", "half", "verdict"),
    [(0.0, 0.99, "holds"), (0.0, 1.01, "undecided"), (0.5, 0.49, "holds"),
     (-0.5, 0.51, "undecided"), (1.5, 0.51, "undecided"), (1.5, 0.49, "turns"),
     (-1.5, 0.49, "turns")],
)  # fmt: skip
def test_none_needs_the_whole_interval_within(value: float, half: float, verdict: str) -> None:
    assert said(claim("none", 1.0), value, half) == verdict


def test_monotone_needs_its_ends_and_no_step_back() -> None:
    up, down = claim("monotone"), claim("monotone", direction="down")
    assert said(up, 2.0, 1.0, (1.0, 1.0), (1.0, 1.0)) == "holds"
    assert said(down, -2.0, 1.0, (-1.0, 1.0), (-1.0, 1.0)) == "holds"
    assert said(down, 2.0, 1.0, (1.0, 0.5), (1.0, 0.5)) == "turns"
    assert said(up, 0.5, 1.0, (0.2, 1.0), (0.3, 1.0)) == "undecided"
    assert said(up, 2.0, 1.0, (3.0, 0.5), (-1.0, 0.5)) == "turns"  # up, and back for certain
    assert said(up, 2.0, 1.0, (2.5, 0.5), (-0.5, 0.5)) == "holds"  # back, by chance of two


def test_exact_numbers_have_no_chance() -> None:
    assert said(claim(), 0.0, 0.0) == "undecided"
    assert said(claim(), 0.1, 0.0) == "holds"
    assert said(claim("none", 1e-9), 0.0, 0.0) == "holds"
    assert said(claim(), None, None) == "undecided"
    assert said(claim(), 3.0, None) == "undecided"


def test_many_claims_are_corrected_for() -> None:
    """2.2 standard errors are enough for one claim, and not for three of them."""
    seen = Seen(2.2, 1.96)
    assert [j.said for j in judge([claim()], [seen])] == ["holds"]
    assert [j.said for j in judge([claim()] * 3, [seen] * 3)] == ["undecided"] * 3


def test_chance_alone_makes_a_claim_in_one_of_twenty_studies() -> None:
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(2000):
        verdicts = judge([claim()] * 4, [Seen(x, 1.96) for x in rng.normal(size=4)])
        wrong += any(v.said == "holds" for v in verdicts)
    assert 0.012 < wrong / 2000 < 0.04  # a half of 5%, as a claim has one side


def test_moving_is_by_chance_at_its_own_rate() -> None:
    """Of twins of half and whole size, and of other people: 5% each."""
    rng = np.random.default_rng(4)
    n, trials = 400, 1500
    nested = apart = 0
    for _ in range(trials):
        people = rng.normal(size=2 * n)
        halves = [1.96 * people[:k].std() / np.sqrt(k) for k in (n, 2 * n)]
        small, large = Seen(people[:n].mean(), halves[0]), Seen(people.mean(), halves[1])
        other = rng.normal(size=n)
        else_where = Seen(other.mean(), 1.96 * other.std() / np.sqrt(n))
        one, two = moved(small, large, nested=True), moved(small, else_where, nested=False)
        assert one is not None
        assert two is not None
        nested += one < 0.05
        apart += two < 0.05
    assert 0.03 < nested / trials < 0.07
    assert 0.03 < apart / trials < 0.07


def test_estimates_are_read_with_their_intervals() -> None:
    one = Estimate(1.0, 0.5, 1.5)
    assert seen_of(claim(), [one]) == Seen(1.0, 0.5)
    assert seen_of(claim(), [Estimate(1.0, None, None)]) == Seen(1.0, None)
    up = claim("monotone")
    seen = seen_of(up, [one, Estimate(2.0, 0.8, 3.2), Estimate(4.0, 3.7, 4.3)])
    assert seen.value == 3.0
    assert seen.half == pytest.approx(np.hypot(0.5, 0.3))
    assert seen.steps == ((1.0, pytest.approx(1.3)), (2.0, pytest.approx(np.hypot(1.2, 0.3))))
    assert seen_of(up, [one, Estimate(None, None, None)]) == Seen(None, None)
    assert moved(Seen(None, None), seen, nested=False) is None
