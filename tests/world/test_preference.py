"""Preference: experiences move it, time takes it back, and it draws needs to the brand."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.world import preference, rivals
from omnilab.world.needs import Need
from omnilab.world.state import Person
from tests.plain import plain
from tests.worlds import DAY, drawn, eager, model_of, record

pleased = plain(preference.is_pleased)
disappointed = plain(preference.is_disappointed)
at = plain(preference.preference_at)


def model(**values: float) -> Any:
    return model_of(
        preference={"on": 1, "good": 0.1, "bad": 0.25, "forget": 200.0 * DAY, **values},
        rivals={"number": 1, "utility": 0.4},
    )


def test_experiences_go_a_part_of_the_way() -> None:
    m, person = model(), record(Person)
    pleased(m, person, 0)
    assert person.preference == pytest.approx(0.1)
    pleased(m, person, 0)
    assert person.preference == pytest.approx(0.19)
    disappointed(m, person, 0)
    assert person.preference == pytest.approx(0.19 - 0.25 * 1.19)


def test_it_fades() -> None:
    m, person = model(), record(Person, preference=-0.6, preference_t=10 * DAY)
    assert at(m, person, 110 * DAY) == pytest.approx(-0.6 * math.exp(-0.5))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 90)), max_size=60))
def test_it_stays_between_its_ends(steps: list[tuple[bool, int]]) -> None:
    m, person, t = model(good=0.7, bad=0.9), record(Person), 0
    for good, days in steps:
        t += days * DAY
        (pleased if good else disappointed)(m, person, t)
        assert -1.0 <= person.preference <= 1.0


def test_where_nothing_reads_it_it_is_not_kept() -> None:
    m, person = model_of(), record(Person)
    pleased(m, person, 5)
    disappointed(m, person, 9)
    assert (person.preference, person.preference_t) == (0.0, 0)


def fixed_point(m: Any, brand: float, rate: float, bad: float) -> tuple[float, float]:
    """Return share and preference where what experiences add is what fades, by bisection.

    da/dt = -a / forget + rate s [(1 - bad) good (1 - a) - bad worse (1 + a)], s a logit of a.
    """
    p = m.preference
    good, worse, forget = float(p.good), float(p.bad), float(p.forget) / DAY

    def share(a: float) -> float:
        away = math.exp(float(m.rivals.utility) - float(p.pull) * a)
        return brand / (brand + away)

    low, high = -1.0, 1.0
    for _ in range(80):
        a = (low + high) / 2
        moved = (1 - bad) * good * (1 - a) - bad * worse * (1 + a)
        if -a / forget + rate * share(a) * moved > 0:
            low = a
        else:
            high = a
    return share(low), low


@pytest.mark.parametrize(("pull", "bad"), [(0.0, 0.1), (1.0, 0.05), (1.0, 0.6), (2.0, 0.2)])
def test_the_share_of_wallet_settles_where_gains_and_fading_meet(pull: float, bad: float) -> None:
    """Small steps, so that the mean field is close; needs of one a day for forty years."""
    m = model(pull=pull, good=0.02, bad=0.04, forget=100.0 * DAY)
    person, need = record(Person, knows=1, last_channel=0, rival=-1), record(Need)
    weight = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    share, level = fixed_point(m, 1.0, 1.0, bad)
    draws = random.Random(5)
    came = seen = 0
    total = 0.0
    for day in range(4000):
        t = day * DAY
        rival = plain(rivals.rival_chosen)(m, person, need, t, 0.0, weight, draws.random())
        if rival < 0:
            (disappointed if draws.random() < bad else pleased)(m, person, t)
        if day >= 500:
            seen += 1
            came += rival < 0
            total += at(m, person, t)
    assert came / seen == pytest.approx(share, abs=0.035)
    assert total / seen == pytest.approx(level if pull > 0 or level else 0.0, abs=0.06)


def test_who_does_not_know_the_brand_has_allowed_it_nothing() -> None:
    m = model_of(preference={"known": 0.3})
    cell = eager(m, persons=40)
    for person in cell.person[:40]:
        person.knows, person.consent = 1, 63
        plain(preference.first_knowledge)(m, person)
        u = drawn(m, preference.KNOWS, person.entity, 0)[0]
        assert (person.knows, person.consent) == ((1, 63) if u < 0.3 else (0, 0))


def test_buyers_know_the_brand() -> None:
    m, person = model_of(preference={"known": 0.0}), record(Person, knows=1, purchases=2)
    plain(preference.first_knowledge)(m, person)
    assert person.knows == 1
