"""Word of mouth: who tells, who hears, and how far it spreads."""

from __future__ import annotations

import heapq
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omnilab.cell import queue
from omnilab.interaction import word
from omnilab.world import tips
from omnilab.world.state import Person
from tests.plain import plain
from tests.worlds import drawn, due, eager, happen, logged, middles, model_of, plan_of, record

told = plain(tips.friend_told)


def town(model: Any, persons: int, number: int = 2) -> Any:
    made = eager(model, persons)
    made.meta.number = number
    return made


@pytest.mark.parametrize("preference", [-1.0, 0.0, 0.5])
def test_who_is_pleased_tells_more(preference: float) -> None:
    """logit(chance) = logit(per_order) + by_preference * preference."""
    model = model_of(tips={"per_order": 0.2, "usual": math.log(0.25), "by_preference": 1.5})
    cell = town(model, 4)
    cell.person[1].preference = preference
    found = sum(told(cell, model, 0, 1, u, 0.5) >= 0 for u in middles(1000)) / 1000
    x = math.log(0.25) + 1.5 * preference
    assert found == pytest.approx(1 / (1 + math.exp(-x)), abs=0.002)


def test_a_link_to_give_makes_telling_likelier() -> None:
    model = model_of(tips={"per_order": 0.2, "usual": math.log(0.25)}, referral={"eager": 1.0})
    cell = town(model, 4)
    shares = []
    for link in (0, 77):
        cell.person[1].own_link = link
        shares.append(sum(told(cell, model, 0, 1, u, 0.5) >= 0 for u in middles(1000)) / 1000)
    assert shares[0] == pytest.approx(0.2, abs=0.002)
    assert shares[1] == pytest.approx(1 / (1 + math.exp(-math.log(0.25) - 1.0)), abs=0.002)


def test_as_it_was_without_any_of_it() -> None:
    """Anybody of the cell, with one chance for all."""
    model = model_of(tips={"per_order": 0.06})
    cell = town(model, 5)
    assert told(cell, model, 0, 2, 0.0599, 0.01) == 0
    assert told(cell, model, 0, 2, 0.0599, 0.51) == 3
    assert told(cell, model, 0, 2, 0.0601, 0.5) == -1


def test_a_bad_experience_is_told_to_a_friend_whose_preference_it_lowers() -> None:
    model = model_of(tips={"warns": 1.0, "persuades": 0.3}, preference={"on": 1})
    cell = town(model, 3)
    plain(word.tell_bad)(cell, model, 5000, 0, 2)
    ((at, _, friend, giver, why),) = due(cell, queue.WARNING)
    assert at > 5000
    assert giver == 0
    assert friend != 0
    cell.person[friend].knows = 0
    happen(cell, model, plan_of(), at, queue.WARNING, friend, giver, why)
    (row,) = logged(cell, "warning")
    assert (row["person"], row["friend"], row["why"]) == (friend, 0, 2)
    assert cell.person[friend].preference == pytest.approx(-0.3)
    assert cell.person[friend].knows == 1


def test_so_many_are_told_as_the_chance_says() -> None:
    model = model_of(tips={"warns": 0.25})
    cell = town(model, 3)
    found = [plain(tips.friend_warned)(cell, model, t, 1, 2)[0] for t in range(2000)]
    assert sum(f >= 0 for f in found) / 2000 == pytest.approx(0.25, abs=0.03)


def test_nobody_is_told_where_nobody_warns() -> None:
    cell, model = town(model_of(), 3), model_of()
    for t in range(50):
        plain(word.tell_bad)(cell, model, t, 0, 2)
    assert not due(cell, queue.WARNING)


def test_a_tip_may_make_a_need() -> None:
    model = model_of(tips={"makes_need": 1.0, "persuades": 0.2}, preference={"on": 1})
    cell = town(model, 2)
    cell.person[0].knows = 0
    happen(cell, model, plan_of(), 9000, queue.TIP, 0, 1, (1 << 40) | 17)
    need = logged(cell, "need")
    assert [(row["category"], row["origin"]) for row in need] == [(1, 3)]
    assert logged(cell, "aware")[0]["cause"] == 2
    assert logged(cell, "visit")[0]["need"] == need[0]["need"]
    assert cell.person[0].knows == 1
    assert cell.person[0].preference > 0.19  # a fifth of the way, and more where it was bought
    assert tips.TIP_ORDINAL <= need[0]["need"] < 1 << 26


def test_a_tip_makes_needs_with_its_chance() -> None:
    model = model_of(tips={"makes_need": 0.3})
    person = record(Person, entity=11)
    found = sum(plain(tips.makes_need)(model, person, 3, n) for n in range(2000)) / 2000
    assert found == pytest.approx(0.3, abs=0.03)
    u = drawn(model, tips.TIP_NEED, 11, (3 << 32) | 5)[0]
    assert plain(tips.makes_need)(model, person, 3, 5) == (u < 0.3)


def grown(persons: int, start: float, spread: float, days: int, seed: int) -> list[float]:
    """Return the share that knows a brand by day; who knows tells ``spread`` others a day.

    A naive clock, but the rule itself says who is told.
    """
    model = model_of(tips={"per_order": 1.0}, friends={"each": 0})
    draws = np.random.default_rng(seed)
    knows = np.zeros(persons, bool)
    knows[: int(start * persons)] = True
    cell = SimpleNamespace(
        person=[record(Person)] * persons, meta=SimpleNamespace(number=1, persons=persons)
    )
    due_at = [(draws.exponential(1 / spread), k) for k in np.flatnonzero(knows).tolist()]
    heapq.heapify(due_at)
    shares, day = [], 0
    while day <= days:
        t, who = heapq.heappop(due_at)
        while t > day and day <= days:
            shares.append(float(knows.mean()))
            day += 1
        friend = told(cell, model, 0, who, 0.5, draws.random())
        for k in {who, friend} if not knows[friend] else {who}:
            heapq.heappush(due_at, (t + draws.exponential(1 / spread), k))
        knows[friend] = True
    return shares


def test_in_a_mixed_town_what_is_told_spreads_as_bass_says() -> None:
    """Without innovators, F(t) = 1 / (1 + (1 / F0 - 1) exp(-q t)): the mean field of tips."""
    start, spread, days = 0.05, 0.12, 60
    runs = np.array([grown(800, start, spread, days, seed) for seed in range(4)])
    t = np.arange(days + 1)
    bass = 1 / (1 + (1 / start - 1) * np.exp(-spread * t))
    assert np.abs(runs.mean(axis=0) - bass).max() < 0.06
    assert runs.mean(axis=0)[-1] > 0.95
