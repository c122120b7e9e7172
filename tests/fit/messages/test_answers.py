"""When a person last answered before a moment, against a loop over all answers."""

from __future__ import annotations

import numpy as np
import pytest

from omnilab.fit.messages.histories import last_answer
from omnilab.fit.messages.normal import MESSAGE, UNTIMED


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_latest_of_the_persons_own(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 200
    rows = np.zeros(n, MESSAGE)
    rows["sent"] = rng.integers(-50 if seed else 0, 1000, n)
    person = np.sort(rng.integers(0, 12, n))
    for name in ("opened", "clicked"):
        times = rows["sent"] + rng.integers(1, 90, n)
        rows[name] = rng.choice([-1, UNTIMED, 0], n)
        rows[name] = np.where(rows[name] == 0, np.maximum(times, 0), rows[name])
    who, at = rng.integers(0, 14, 300), rng.integers(0, 1200, 300)
    found = last_answer(rows, person, who, at)
    answers: dict[int, list[int]] = {}
    for row, p in zip(rows, person.tolist(), strict=True):
        timed = [int(row[k]) for k in ("opened", "clicked") if row[k] >= 0]
        untimed = any(row[k] == UNTIMED for k in ("opened", "clicked"))
        if timed:
            answers.setdefault(p, []).append(max(timed))
        elif untimed:
            answers.setdefault(p, []).append(int(row["sent"]) + 1)
    for k in range(300):
        before = [t for t in answers.get(int(who[k]), []) if 0 <= t < at[k]]
        assert found[k] == max(before, default=-1)


def test_without_answers_there_is_none() -> None:
    rows = np.zeros(3, MESSAGE)
    rows["opened"] = rows["clicked"] = -1
    none = last_answer(rows, np.zeros(3, np.int64), np.zeros(2, np.int64), np.array([5, 9]))
    assert none.tolist() == [-1, -1]
