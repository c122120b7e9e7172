"""What a strategy plans and hardly sends, beside what the reference does at the same step."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.experiment.gate.idle import idle_steps


def step(journey: str = "cart", number: int = 1, **ended: int) -> dict[str, Any]:
    return {"journey": journey, "step": number, "due": sum(ended.values()), "ended": ended}


def test_a_new_step_that_hardly_sends_is_idle() -> None:
    texts = step(number=2, sent=4, no_address=105)
    assert list(idle_steps((step(sent=100), texts), (step(sent=100),))) == [texts]
    other = step("news", 2, sent=4, no_address=105)  # another journey's step is another step
    assert list(idle_steps((other,), (texts,))) == [other]


@pytest.mark.parametrize(
    ("before", "is_idle"),
    [
        ({"sent": 10, "no_consent": 90}, True),  # sends twice the share
        ({"sent": 9, "no_consent": 91}, False),  # not twice: as idle as the new one
        ({"sent": 1, "no_consent": 99}, False),
        ({}, True),  # never fell due, so it says nothing of the share
    ],
)
def test_a_step_is_held_against_the_references(before: dict[str, int], is_idle: bool) -> None:
    now = step(sent=5, no_consent=95)
    assert list(idle_steps((now,), (step(**before),))) == ([now] if is_idle else [])


@pytest.mark.parametrize(
    "fine",
    [
        step(sent=10, no_address=90),  # a tenth is sent, as where few allow messages
        step(sent=5, declined=60, no_address=35),  # the strategy's own word
        step(sent=5, control=60, no_address=35),
        step(sent=1, no_address=18),  # of 19 messages chance may have kept most back
        step(),
    ],
)
def test_of_others_nothing_is_said(fine: dict[str, Any]) -> None:
    assert list(idle_steps((fine,), ())) == []


def test_nothing_sent_at_all_is_idle_unless_it_was_so_before() -> None:
    none = step(no_address=20)
    assert list(idle_steps((none,), ())) == [none]
    assert list(idle_steps((none,), (step(sent=1, no_address=99),))) == [none]
    assert list(idle_steps((none,), (step(no_address=50),))) == []
