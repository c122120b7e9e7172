"""The scalar rules: laws that any policy needs, and compiled equal to plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from omnilab.identity import rules

numbers = st.integers(-(1 << 40), 1 << 40)
values = st.lists(st.integers(0, 3), min_size=3, max_size=3)


def plain(function):
    return getattr(function, "py_func", function)


@given(numbers, numbers, numbers, numbers)
def test_exactly_one_of_two_survives(first_a, a, first_b, b):
    one, other = rules.survives(first_a, a, first_b, b), rules.survives(first_b, b, first_a, a)
    assert one != other or (first_a, a) == (first_b, b)
    assert one == ((first_a, a) < (first_b, b)) == plain(rules.survives)(first_a, a, first_b, b)


@given(values, values, st.integers(0, 3))
def test_conflict_is_two_different_values_of_one_type(a, b, n_types):
    expected = any(x and y and x != y for x, y in zip(a[:n_types], b[:n_types], strict=True))
    arrays = np.array(a, np.int64), np.array(b, np.int64)
    assert rules.conflict(*arrays, n_types) == expected
    assert rules.conflict(*arrays[::-1], n_types) == expected
    assert plain(rules.conflict)(*arrays, n_types) == expected


@given(numbers, st.integers(0, 1 << 40), st.integers(-2, 1 << 40))
def test_expiry_is_strictly_after_the_time_to_live(last, age, limit):
    expected = limit > 0 and age > limit
    assert rules.expired(last, last + age, limit) == expected
    assert plain(rules.expired)(last, last + age, limit) == expected


@given(st.integers(0, 9), st.integers(-2, 9))
def test_demotion_is_strictly_above_the_limit(fan_out, limit):
    assert rules.demoted(fan_out, limit) == (limit > 0 and fan_out > limit)
    assert plain(rules.demoted)(fan_out, limit) == rules.demoted(fan_out, limit)
