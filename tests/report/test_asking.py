"""A customer's questions in words."""

from __future__ import annotations

import pytest

from omnilab.log import rows
from omnilab.report.asking import ASKING, asking

ANSWER = {"kind": rows.ANSWER, "by": 1, "solved": 1, "wait": 90, "length": 300}
SAID = [
    ({"kind": rows.QUESTION, "hard": 1, "after": 0}, "has a hard question about beans"),
    ({"kind": rows.QUESTION, "hard": 0, "after": 1}, "has an easy question about the order"),
    ({"kind": rows.CONTACT, "attempt": 0, "known": 1}, "asks at call, known there"),
    ({"kind": rows.CONTACT, "attempt": 2, "known": 0}, "asks again at call, unknown there"),
    (ANSWER, "answered at call after 1.5 min in 5.0 min"),
    ({**ANSWER, "wait": 0, "solved": 0}, "talks, without an answer, at call in 5.0 min"),
    ({**ANSWER, "by": 0}, "finds the answer at call"),
    ({"kind": rows.UNANSWERED, "why": 2}, "no answer: gives up"),
    ({"kind": rows.CALL_BACK, "wait": 30}, "hangs up at call after 0.5 min, to be called back"),
    ({"kind": rows.SURVEY, "unhappy": 1, "answered": 0},
     "survey at call, unhappy, does not answer"),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "words"), SAID)
def test_said(fact: dict[str, int], words: str) -> None:
    assert asking(fact, "beans", "at call") == words


def test_every_kind_is_told() -> None:
    assert {fact["kind"] for fact, _ in SAID} == ASKING
