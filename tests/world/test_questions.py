"""How long an answer takes, how long people wait, what a page answers, where they ask."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.world import desks, questions
from tests.plain import plain
from tests.towns.contact import asking
from tests.worlds import APP, STORE, WEB, middles, model_of, record

SCENARIO = asking({"effort": {"app": 1.0}, "page": {"channels": ["web"], "answers": 0.4}})
MODEL = model_of(SCENARIO)
U = middles(5_000)


def mean(hard: int, known: int) -> float:
    return sum(plain(questions.talk_length)(MODEL, hard, known, u) for u in U) / len(U)


@pytest.mark.parametrize(("hard", "length"), [(1, 381.0), (0, 190.0)])
def test_the_mean_length_is_the_key_and_the_history_saves_two_minutes(
    hard: int, length: float
) -> None:
    assert mean(hard, 1) == pytest.approx(length, rel=0.006)
    assert mean(hard, 0) - mean(hard, 1) == 120.0


def test_lengths_are_lognormal() -> None:
    logs = [math.log(plain(questions.talk_length)(MODEL, 1, 1, u)) for u in U]
    assert np.std(logs) == pytest.approx(0.7, rel=0.02)
    assert np.median(logs) == pytest.approx(math.log(381.0) - 0.49 / 2, abs=0.01)


def test_patience_is_exponential() -> None:
    waits = np.array([plain(questions.patience_of)(MODEL, u) for u in U])
    assert waits.mean() == pytest.approx(120.5, rel=0.006)
    assert (waits > 240).mean() == pytest.approx(math.exp(-2.0), abs=0.003)


def test_a_page_answers_easy_questions_of_those_who_try_it() -> None:
    n = 60
    found = sum(
        plain(questions.page_answers)(MODEL, 0, u, v) for u in middles(n) for v in middles(n)
    )
    assert found / n**2 == pytest.approx(0.81 * 0.4, abs=0.01)
    assert not plain(questions.page_answers)(MODEL, 1, 0.001, 0.001)


def someone(**values: Any) -> Any:
    from omnilab.world.state import Person

    return record(Person, reach=63, last_channel=-1, asked_at=-1, **values)


def shares(person: Any, hard: int = 1, t: int = 12 * 3600, model: Any = MODEL) -> dict[int, float]:
    """Return the share of each channel among the desks chosen."""
    weight = np.zeros(8)
    found: dict[int, float] = {}
    for u in middles(1000):
        d = plain(desks.choose_desk)(model, person, t, hard, 0, u, weight)
        c = int(model.desk[d].channel) if d >= 0 else -1
        found[c] = found.get(c, 0.0) + 1 / 1000
    return found


def test_desks_are_chosen_by_a_logit_of_effort_and_habit() -> None:
    person = someone()
    weight = {WEB: 1.0, APP: math.exp(-1.0), STORE: 1.0}
    total = sum(weight.values())
    assert shares(person) == pytest.approx({c: w / total for c, w in weight.items()}, abs=0.003)
    person.asked_at, person.last_channel = APP, WEB
    weight = {WEB: math.exp(float(MODEL.choice.inertia)), APP: 1.0, STORE: 1.0}
    total = sum(weight.values())
    assert shares(person) == pytest.approx({c: w / total for c, w in weight.items()}, abs=0.003)


def test_closed_and_unreachable_desks_and_those_without_the_skill_are_not_chosen() -> None:
    team = [{"name": "e", "channels": ["web"], "answers": ["easy"]},
            {"name": "h", "channels": ["store", "app"], "answers": ["hard"]}]  # fmt: skip
    model = model_of(asking({"agents": team}))
    assert shares(someone(), 0, model=model) == pytest.approx({WEB: 1.0})
    assert set(shares(someone(), 1, model=model)) == {STORE, APP}
    model.ch[STORE].opens, model.ch[STORE].closes = 9 * 3600, 20 * 3600
    assert shares(someone(), 1, 8 * 3600, model) == pytest.approx({APP: 1.0})
    person = someone()
    person.reach = 63 & ~(1 << APP)
    assert shares(person, 1, 8 * 3600, model) == pytest.approx({-1: 1.0})


def test_who_finds_nobody_comes_in_the_next_opening_hours() -> None:
    model = model_of(SCENARIO)
    model.ch[STORE].opens, model.ch[STORE].closes = 9 * 3600, 19 * 3600
    day = 86400
    for now, first in ((8 * 3600, 9 * 3600), (20 * 3600, day + 9 * 3600)):
        at = [
            plain(desks.opens_at)(model, 10 * day + now, STORE, u) - 10 * day for u in middles(100)
        ]
        assert min(at) == pytest.approx(first, abs=400)
        assert max(at) == pytest.approx(first + 10 * 3600, abs=400)
        assert np.mean(at) == pytest.approx(first + 5 * 3600, abs=60)  # activity is even
