"""Targets and tiers as persons take them: progress, rewards, misses, another tier."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.kernels.record import record_array
from omnilab.world import programme
from omnilab.world.programme import LoweredTarget
from omnilab.world.state import Person
from tests.plain import plain
from tests.worlds import model_of, record

ON = {"on": 1, "pull": 1.0, "forget": 1e15}
VALUES = {
    "on": 1, "draws": 0.8, "reached": 0.1, "missed": 0.2, "promoted": 0.1, "demoted": 0.3,
}  # fmt: skip
LAST = 5000


def world(money: int = 0, amount: int = 4, **values: Any) -> Any:
    model = model_of(rewarding={**VALUES, **values}, preference=ON)
    target = record_array(LoweredTarget, 2)
    for to in target:
        to.amount, to.money, to.last, to.reward = amount, money, LAST, 3
    return model.replaced(target=target)


def test_who_is_after_one_target_takes_no_other_and_each_is_for_once() -> None:
    model, person = world(), record(Person)
    takes = plain(programme.takes_part)
    assert takes(model, person, 1, 77, 10)
    assert (person.aim, person.aim_of) == (1, 77)
    assert not takes(model, person, 2, 78, 10)
    plain(programme.reaches)(model, person, 20)
    assert person.aim == 0
    assert not takes(model, person, 1, 79, 30)
    assert takes(model, person, 2, 80, 30)


def test_nobody_takes_part_in_what_is_over() -> None:
    person = record(Person)
    assert not plain(programme.takes_part)(world(), person, 1, 77, LAST + 1)
    assert plain(programme.takes_part)(world(), person, 1, 77, LAST)


@pytest.mark.parametrize(("money", "own"), [(0, 2), (1, 1500)])
def test_the_own_count(money: int, own: int) -> None:
    model, person = world(money), record(Person, aim=1)
    for paid in (1000, 500):
        plain(programme.count_own)(model, person, LAST, paid)
    plain(programme.count_own)(model, person, LAST + 1, 700)
    assert person.aim_own == own


def test_a_target_draws_by_the_share_that_was_shown_until_it_is_over() -> None:
    model, person = world(), record(Person, aim=1, aim_shown=0.75)
    draw = plain(programme.draw_of_target)
    assert draw(model, person, LAST) == pytest.approx(0.6)
    assert draw(model, person, LAST + 1) == 0.0
    assert draw(model, record(Person), 0) == 0.0


@pytest.mark.parametrize(("own", "near"), [(0, 0.0), (1, 0.25), (3, 0.75), (9, 1.0)])
def test_a_target_missed_disappoints_by_how_near_it_was(own: int, near: float) -> None:
    model, person = world(), record(Person, aim=1, aim_own=own, preference=0.5, preference_t=9)
    assert plain(programme.misses)(model, person, 9) == near
    assert person.preference == pytest.approx(0.5 + 0.2 * near * (-1 - 0.5))
    assert person.aim == 0


def test_a_target_reached_pleases_and_gives_its_reward() -> None:
    model, person = world(), record(Person, aim=2, preference=0.5, preference_t=9)
    assert plain(programme.reaches)(model, person, 9) == 3
    assert person.preference == pytest.approx(0.5 + 0.1 * 0.5)


def test_another_tier_is_felt_once_and_the_lower_one_more() -> None:
    model, person = world(), record(Person, preference_t=9)
    shown = plain(programme.is_shown_tier)
    assert shown(model, person, 9, 2) == 0
    assert person.preference == pytest.approx(0.1)
    assert shown(model, person, 9, 2) == 2
    assert person.preference == pytest.approx(0.1)
    assert shown(model, person, 9, 1) == 2
    assert person.preference == pytest.approx(0.1 + 0.3 * (-1 - 0.1))
