"""What a claim's interval says, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.experiment.evidence.verdict import asks_size, is_wide, verdict_of
from tests.experiment.evidence.claims import claim, lacking


@pytest.mark.parametrize(
    ("low", "high", "zero_within", "said"),
    [
        (0.1, 0.9, None, "+"),
        (-0.9, -0.1, None, "-"),
        (-0.1, 0.9, None, "undecided"),
        (0.0, 0.9, None, "undecided"),  # zero itself is not above zero
        (-0.9, 0.0, None, "undecided"),
        (0.0, 0.0, None, "0"),  # twins that are alike in everything
        (-0.1, 0.1, 0.1, "0"),
        (-0.1, 0.11, 0.1, "undecided"),
        (0.05, 0.09, 0.1, "0"),  # certain and too small to count
        (0.05, 0.2, 0.1, "+"),
        (-0.2, -0.05, 0.1, "-"),
        (None, None, 0.1, "undecided"),
    ],
)
def test_the_whole_interval_says_the_sign(
    low: float | None, high: float | None, zero_within: float | None, said: str
) -> None:
    for sign in ("+", "-", "0"):
        middle = 0.0 if low is None or high is None else (low + high) / 2
        verdict = verdict_of(
            claim("Aa", sign, low=low, high=high, simulated=middle, zero_within=zero_within)
        )
        assert verdict.said == said
        assert verdict.is_sign_right == (said == sign)
        assert verdict.is_failure == (said != sign)


@pytest.mark.parametrize(
    ("numbers", "size"),
    [
        # against an interval: they meet, also in a point
        ({"published": 1.0, "published_low": 0.8, "published_high": 1.2}, "right"),
        ({"published": 2.0, "published_low": 1.1, "published_high": 2.9}, "right"),
        ({"published": 2.0, "published_low": 1.2, "published_high": 2.8}, "wrong"),
        ({"published": 0.5, "published_low": 0.1, "published_high": 0.9}, "right"),
        ({"published": 0.5, "published_low": 0.2, "published_high": 0.8}, "wrong"),
        # from one side alone
        ({"published_low": 1.1}, "right"),
        ({"published_low": 1.2}, "wrong"),
        ({"published_high": 0.9}, "right"),
        ({"published_high": 0.8}, "wrong"),
        # without one: the value is within a factor of two, and of the same sign
        ({"published": 0.5}, "right"),
        ({"published": 0.49}, "wrong"),
        ({"published": 2.0}, "right"),
        ({"published": 2.01}, "wrong"),
        ({"published": -1.0}, "wrong"),
        # of no difference
        ({"sign": "0", "published": 0.0, "zero_within": 0.95}, "right"),
        ({"sign": "0", "published": 0.0, "zero_within": 0.8}, "wrong"),
    ],
)
def test_a_size_is_held_against_what_was_published(numbers: dict[str, Any], size: str) -> None:
    """Simulated is 1, from .9 to 1.1."""
    numbers = {"kind": "size", "simulated": 1.0, "low": 0.9, "high": 1.1, **numbers}
    assert verdict_of(claim("Aa", **numbers)).size == size


@pytest.mark.parametrize("value", [0.2, -0.2, 7.0])
def test_an_interval_from_none_to_the_double_is_wide(value: float) -> None:
    size = abs(value)

    def of(half: float, **more: Any) -> str | None:
        given = {"kind": "size", "published": value, "simulated": value, **more}
        return verdict_of(claim("Aa", low=value - half, high=value + half, **given)).size

    assert of(0.99 * size) == "right"
    assert of(1.01 * size) == "wide"
    assert of(1.01 * size, published_low=value - 0.1, published_high=value + 0.1) == "wide"
    assert of(50 * size) == "wide"


def test_wide_takes_the_published_interval_where_no_value_is_known() -> None:
    ends = {"kind": "size", "published_low": 1.0, "published_high": 3.0, "simulated": 2.0}
    assert not is_wide(claim("Aa", low=0.1, high=3.9, **ends))
    assert is_wide(claim("Aa", low=0.0, high=4.0, **ends))
    around = {"kind": "size", "published_low": -1.0, "published_high": 1.0, "simulated": 0.0}
    assert not is_wide(claim("Aa", low=-0.9, high=0.9, **around))
    assert is_wide(claim("Aa", low=-1.0, high=1.0, **around))


def test_a_size_is_asked_only_where_one_was_published() -> None:
    assert not asks_size(claim("Aa", kind="sign", published=1.0))
    assert not asks_size(claim("Aa", kind="ordering", published=1.0))
    assert not asks_size(claim("Aa", kind="size"))
    assert not asks_size(claim("Aa", kind="size", published=0.0))
    assert asks_size(claim("Aa", kind="size", published=0.1))
    assert asks_size(claim("Aa", kind="size", published_high=0.1))
    assert asks_size(lacking("Aa", kind="size", published=0.1))


def test_a_right_sign_of_a_wrong_size_is_a_failure() -> None:
    verdict = verdict_of(claim("Aa", kind="size", published=9.0))
    assert verdict.is_sign_right
    assert verdict.is_failure


def test_what_did_not_run_has_no_verdict() -> None:
    verdict = verdict_of(lacking("Aa", kind="size", published=1.0))
    assert (verdict.said, verdict.size) == (None, None)
    assert not verdict.is_sign_right
    assert not verdict.is_failure


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"low": 2.0, "high": 1.0}, "an interval from 2.0 to 1.0"),
        ({"published_low": 2.0, "published_high": 1.0}, "an interval from 2.0 to 1.0"),
        ({"simulated": float("nan")}, "not finite"),
        ({"high": float("inf")}, "not finite"),
        ({"zero_within": -0.1}, "zero_within is below 0"),
        ({"simulated": None}, "without a value"),
    ],
)
def test_numbers_that_no_claim_can_have_are_refused(numbers: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"claim Aa: .*{message}"):
        verdict_of(claim("Aa", **numbers))
