"""The solver: it finds what is there, says where there is nothing, and looks seldom."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.experiment.evidence.base_rate import jumps_over
from omnilab.experiment.evidence.solving import solve


class Looked:
    """A function that counts how often it is looked at, and never twice at one place."""

    def __init__(self, function: Callable[[float], float]) -> None:
        self.function, self.places = function, list[float]()

    def __call__(self, u: float) -> float:
        assert u not in self.places
        assert 0.0 <= u <= 1.0
        self.places.append(u)
        return self.function(u)


@given(root=st.floats(0.01, 0.99), power=st.floats(0.3, 3.0), down=st.booleans(),
       start=st.floats(0.0, 1.0) | st.none())  # fmt: skip
def test_a_monotone_function_is_met(
    root: float, power: float, down: bool, start: float | None
) -> None:
    def miss(u: float) -> float:
        off = (u**power - root**power) * 3
        return -off if down else off

    looked = Looked(miss)
    met = solve(looked, 0.01, None if start is None else (start, miss(start)))
    assert met.place is not None
    assert abs(miss(met.place)) <= 0.01
    assert len(looked.places) <= 16


def test_what_is_met_already_is_not_looked_at() -> None:
    looked = Looked(lambda u: u - 0.4)
    assert solve(looked, 0.01, (0.405, 0.005)).place == 0.405
    assert looked.places == []


@pytest.mark.parametrize("low", [0.1, 0.5])
def test_what_no_place_meets_is_said_with_both_ends(low: float) -> None:
    met = solve(lambda u: low + u, 0.01, (0.5, low + 0.5))
    assert met.place is None
    assert met.nearest == (low, low + 1.0)


def test_a_jump_over_the_bound_is_no_answer() -> None:
    met = solve(lambda u: -1.0 if u < 0.3 else 2.0, 0.01)
    assert met.place is None
    assert met.nearest == (-1.0, 2.0)


def test_a_known_place_between_two_ends_of_one_sign_has_an_answer_beside_it() -> None:
    def miss(u: float) -> float:
        return 0.2 - math.sin(math.pi * u)

    met = solve(miss, 0.01, (0.5, miss(0.5)))
    assert met.place is not None
    assert abs(miss(met.place)) <= 0.01


def test_a_jump_within_a_standard_error_is_met_at_the_nearer_place() -> None:
    tried = {0.2: 0.090, 0.4: 0.098, 0.41: 0.103, 0.9: 0.2}
    assert jumps_over(tried, 0.1, 0.03) == 0.4
    assert jumps_over(tried, 0.1, 0.01) is None  # the jump is farther than chance goes
    assert jumps_over({0.2: 0.09, 0.4: 0.098}, 0.1, 0.03) is None  # all are below: no jump
    assert jumps_over({}, 0.1, 0.5) is None
