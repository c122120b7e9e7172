"""Sorting by packed words: times and codes near their ends don't run into each other."""

from dataclasses import fields
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from omnilab.cascade import CascadeEngine, CascadePlan, Step, _order
from omnilab.cascade.state import OUT

HIGHEST = (1 << 31) - 1


def within(rows: Any) -> _order.Within:
    """Return what the rows' times and messages lie in, as tightly as can be."""
    return _order.Within(
        int(rows["at"].min(initial=HIGHEST)),
        int(rows["at"].max(initial=0)),
        int(rows["message"].max(initial=0)) + 1,
    )


def test_late_times_and_high_codes_fit_one_word_where_their_span_is_short() -> None:
    last = (1 << 31) - 1
    rows = np.zeros(4, dtype=OUT)
    rows["at"] = [last - 1, last - 3, last - 2, last - 3]
    rows["message"] = [1 << 30, (1 << 30) - 1, 5, 1 << 30]
    rows["what"] = [1, 2, 3, 4]

    at, message, upper, lower = _order.columns(rows, within(rows), 7, (7, 3), sort=True)

    assert at.tolist() == [last + 4, last + 4, last + 5, last + 6]
    assert message.tolist() == [(1 << 30) - 1, 1 << 30, 5, 1 << 30]
    assert (upper.tolist(), lower.tolist()) == ([0, 0, 0, 0], [2, 4, 3, 1])


def test_the_highest_code_keeps_its_bits_beside_the_latest_time() -> None:
    last, highest = (1 << 31) - 1, (1 << 22) - 1  # one more bit, and a word would be too short
    rows = np.zeros(3, dtype=OUT)
    rows["at"] = [last, last, 0]
    rows["message"] = [highest, 0, highest]
    rows["what"] = [1023, 1, 2]

    at, message, upper, lower = _order.columns(rows, within(rows), 5, (7, 3), sort=True)

    assert at.tolist() == [5, last + 5, last + 5]
    assert message.tolist() == [highest, 0, highest]
    assert (upper.tolist(), lower.tolist()) == ([0, 0, 127], [2, 1, 7])


def test_rows_whose_span_is_too_long_for_a_word_come_in_order_too() -> None:
    rows = np.zeros(3, dtype=OUT)
    rows["at"], rows["message"], rows["what"] = [HIGHEST, 0, 0], [HIGHEST, HIGHEST, 5], [1, 2, 3]

    at, message, _, lower = _order.columns(rows, within(rows), 7, (7, 3), sort=True)

    assert at.tolist() == [7, 7, HIGHEST + 7]
    assert message.tolist() == [5, HIGHEST, HIGHEST]
    assert lower.tolist() == [3, 2, 1]


@example([(HIGHEST, 1 << 9), (0, HIGHEST), (HIGHEST, 0), (HIGHEST, HIGHEST)], 0, 0, (1, 0))
@given(
    st.lists(st.tuples(st.integers(0, HIGHEST), st.integers(0, HIGHEST)), unique=True),
    st.integers(0, 31),
    st.integers(0, 31),
    st.tuples(st.integers(0, 7), st.integers(0, 5)),
)
def test_rows_come_by_time_and_message_however_many_bits_these_take(
    keys: list[tuple[int, int]], less_time: int, less_message: int, bits: tuple[int, int]
) -> None:
    keys = list({(at >> less_time, message >> less_message) for at, message in keys})
    rows = np.zeros(len(keys), dtype=OUT)
    what = [hash(key) & ((1 << sum(bits)) - 1) for key in keys]
    for row, key, value in zip(rows, keys, what, strict=True):
        row["at"], row["message"], row["what"] = *key, value

    at, message, upper, lower = _order.columns(rows, within(rows), 5, bits, sort=True)

    got = zip((at - 5).tolist(), message.tolist(), upper << bits[1] | lower, strict=True)
    assert list(got) == sorted((*key, value) for key, value in zip(keys, what, strict=True))


def test_answers_in_time_order_are_the_same_rows_sorted() -> None:
    plans = [CascadePlan("news", (Step("email", 86400), Step("sms", 86400)))]
    draw = np.random.default_rng(3)
    n = 400
    engine = CascadeEngine(plans)
    for begin in (0, 900_000_000):  # near the origin, and years after it
        starts = {
            "at": begin + np.append(0, np.sort(draw.integers(0, 90 * 86400, n - 1))),
            "message": np.arange(n) + (n if begin else 0),
            "profile": draw.permutation(n),
        }
        answer = engine.feed(starts, until=begin + 200 * 86400)
        for rows, ordered in (
            (answer.sends, answer.in_time_order().sends),
            (answer.finals, answer.in_time_order().finals),
        ):
            given, got = (
                list(zip(*(getattr(t, f.name).tolist() for f in fields(t)), strict=True))
                for t in (rows, ordered)
            )
            assert len(given) >= n
            assert got == sorted(given)
            assert given != got
