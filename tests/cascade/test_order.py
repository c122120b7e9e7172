"""Sorting by packed words: times and codes near their ends don't run into each other."""

import numpy as np

from omnilab.cascade import _order
from omnilab.cascade.state import OUT


def test_late_times_and_high_codes_fit_one_word_where_their_span_is_short() -> None:
    last = (1 << 31) - 1
    rows = np.zeros(4, dtype=OUT)
    rows["at"] = [last - 1, last - 3, last - 2, last - 3]
    rows["message"] = [1 << 30, (1 << 30) - 1, 5, 1 << 30]
    rows["what"] = [1, 2, 3, 4]

    at, message, upper, lower = _order.columns(rows, 7, (1 << 30) + 1, (7, 3), sort=True)

    assert at.tolist() == [last + 4, last + 4, last + 5, last + 6]
    assert message.tolist() == [(1 << 30) - 1, 1 << 30, 5, 1 << 30]
    assert (upper.tolist(), lower.tolist()) == ([0, 0, 0, 0], [2, 4, 3, 1])


def test_the_highest_code_keeps_its_bits_beside_the_latest_time() -> None:
    last, highest = (1 << 31) - 1, (1 << 22) - 1  # one more bit, and a word would be too short
    rows = np.zeros(3, dtype=OUT)
    rows["at"] = [last, last, 0]
    rows["message"] = [highest, 0, highest]
    rows["what"] = [1023, 1, 2]

    for n_codes in (highest + 1, 1 << 31):
        at, message, upper, lower = _order.columns(rows, 5, n_codes, (7, 3), sort=True)
        assert at.tolist() == [5, last + 5, last + 5]
        assert message.tolist() == [highest, 0, highest]
        assert (upper.tolist(), lower.tolist()) == ([0, 0, 127], [2, 1, 7])
