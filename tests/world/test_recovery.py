"""Apologies: what words and money take back, and what a promise that is broken costs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from omnilab.world import recovery, satisfaction
from omnilab.world.recovery import COMPLAINS
from omnilab.world.state import Person
from tests.plain import plain
from tests.worlds import DAY, drawn, model_of, record

VALUES = {"on": 1, "words": 0.1, "money": 0.6, "usual": 5.0, "broken": 0.5, "memory": 90.0 * DAY}
ON = {"on": 1, "pull": 1.0, "forget": 100.0 * DAY}
T = 1000


def world(**values: Any) -> Any:
    return model_of(recovery={**VALUES, **values}, preference=ON)


@pytest.mark.parametrize(
    ("heard", "worth", "part"),
    [
        (0.0, 0.0, 0.1),
        (1.0, 0.0, 0.05),
        (0.0, 5.0, 1 - 0.9 * 0.7),
        (3.0, 15.0, 1 - (1 - 0.1 / 4) * (1 - 0.6 * 0.75)),
    ],
)
def test_what_words_and_money_take_back(heard: float, worth: float, part: float) -> None:
    assert plain(recovery.part_taken_back)(world(), heard, worth) == pytest.approx(part)


def test_an_apology_takes_back_its_part_of_failures_and_of_the_loss_alone() -> None:
    model = world()
    person = record(Person, preference=0.4, preference_t=T, failures=2.0, failures_t=T)
    plain(recovery.is_hurt)(model, person, T, 0.7)  # it was .7, and is .4 now
    assert person.hurt == pytest.approx(0.3)
    part = plain(recovery.hears_apology)(model, person, T, 5.0)
    assert part == pytest.approx(1 - 0.9 * 0.7)
    assert person.failures == pytest.approx(2.0 * (1 - part))
    assert person.preference == pytest.approx(0.4 + 0.3 * part)
    assert person.hurt == pytest.approx(0.3 * (1 - part))


def test_where_nothing_went_wrong_an_apology_takes_nothing_back() -> None:
    person = record(Person, preference=0.4, preference_t=T)
    plain(recovery.hears_apology)(world(), person, T, 100.0)
    assert (person.preference, person.failures, person.apologies) == (0.4, 0.0, 1.0)


def test_what_is_taken_back_never_exceeds_a_whole_preference() -> None:
    person = record(Person, preference=0.99, preference_t=T, hurt=0.5, hurt_t=T)
    plain(recovery.hears_apology)(world(money=1.0), person, T, 1e9)
    assert person.preference == 1.0


def test_an_apology_is_a_promise_that_the_next_failure_breaks() -> None:
    model = world()
    person = record(Person)
    assert plain(recovery.weight_of_failure)(model, person, T) == 1.0
    for _ in range(2):
        plain(recovery.hears_apology)(model, person, T, 0.0)
    assert plain(recovery.weight_of_failure)(model, person, T) == pytest.approx(2.0)
    later = T + 90 * DAY
    assert plain(recovery.weight_of_failure)(model, person, later) == pytest.approx(
        1 + math.exp(-1)
    )
    assert plain(satisfaction.fail)(model, person, T, 2.0) == pytest.approx(2.0)


def test_who_complains() -> None:
    model = world(complains=0.4)
    assert not any(
        plain(recovery.complains)(world(), record(Person, entity=n, bads=1)) for n in range(50)
    )
    for n in range(50):
        person = record(Person, entity=8 * n, bads=n % 3)
        u = drawn(model, COMPLAINS, 8 * n, n % 3)[0]
        assert plain(recovery.complains)(model, person) == (u < 0.4)
