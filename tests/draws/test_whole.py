"""A quotient without a sign is Python's own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from omnilab.draws.whole import quotient

WHOLE = st.integers(0, 2**62)


@given(WHOLE, st.integers(1, 2**62))
def test_a_quotient_is_that_of_whole_numbers(a: int, b: int) -> None:
    plain = getattr(quotient, "py_func", quotient)
    assert plain(a, b) == a // b
    assert type(plain(a, b)) is int
