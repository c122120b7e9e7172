"""Awareness: the share that knows the brand rises with contacts, less each time, and decays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.kernels.record import record_array
from omnilab.world import awareness
from omnilab.world.state import Person
from tests.plain import plain
from tests.worlds import DAY, WEEK, corner, model_of

FLIGHT = {"name": "spots", "medium": "radio", "grp": 100, "lasts": "28d"}
RULES = ("world/awareness.py",)


def world_of(known: float = 0.5, **changes: Any) -> Any:
    scenario = corner(
        brand={"media": [FLIGHT]},
        world={"rivals": {"number": 2}, "preference": {"known": known}, "awareness": changes},
    )
    return model_of(scenario)


def persons_of(model: Any, n: int) -> Any:
    people = record_array(Person, n)
    for k, person in enumerate(people):
        person.entity, person.knows, person.hard = 8 * k, 0, 1.0
        plain(awareness.first_recall)(model, person)
    return people


def share(people: Any, t: int) -> float:
    return float(np.mean([plain(awareness.knows_brand)(person, t) for person in people]))


def test_it_is_off_where_all_know_the_brand_or_nothing_tells_of_it() -> None:
    assert world_of(1.0).awareness.on == 0
    scenario = corner(world={"rivals": {"number": 2}, "preference": {"known": 0.5}})
    assert model_of(scenario).awareness.on == 0
    assert world_of(0.5).awareness.on == 1


def test_the_share_that_knows_is_that_of_the_stock_and_halves_as_it_says() -> None:
    """S = teaches * (1 + r + r^2 ...) after weekly contacts; 1 - exp(-S) know the brand."""
    model, n = world_of(teaches=0.3, half_life="14d"), 1500
    people, r, stock = persons_of(model, n), 0.5**0.5, 0.0
    for week in range(6):
        stock = stock * r + 0.3
        for person in people:
            plain(awareness.hear_of_brand)(model, person, week * WEEK)
        expected = 1 - math.exp(-stock)
        spread = 4 * math.sqrt(expected * (1 - expected) / n)
        assert share(people, week * WEEK) == pytest.approx(expected, abs=spread)
    for weeks in (2, 4, 10):
        expected = 1 - math.exp(-stock * r**weeks)
        spread = 4 * math.sqrt(expected * (1 - expected) / n)
        assert share(people, (5 + weeks) * WEEK) == pytest.approx(expected, abs=spread)


def test_the_defaults_are_those_of_a_published_experiment() -> None:
    """13 weekly ads teach 63%, of whom half have forgotten it four weeks later."""
    model = world_of()
    r = 0.5 ** (7 / 21)
    stock = 0.22 * (1 - r**13) / (1 - r)
    assert 1 - math.exp(-stock) == pytest.approx(0.63, abs=0.04)
    assert 1 - math.exp(-stock * r**4) == pytest.approx(0.32, abs=0.05)
    assert model.awareness.decay * 21 * DAY == pytest.approx(math.log(2))


def test_who_knows_it_for_good_does_not_forget_and_news_is_told_once() -> None:
    model = world_of(teaches=5.0, half_life="7d")
    (person,) = persons_of(model, 1)
    hear = plain(awareness.hear_of_brand)
    assert hear(model, person, 100)
    assert not hear(model, person, 200)
    until = int(person.known_until)
    stock = plain(awareness.recall_at)(model, person, until - 2)
    assert stock >= person.hard > plain(awareness.recall_at)(model, person, until + 2)
    assert not plain(awareness.knows_brand)(person, until)
    assert hear(model, person, until)
    person.knows = 1
    assert plain(awareness.knows_brand)(person, until + 1000 * DAY)
    assert not hear(model, person, until + 1000 * DAY)
