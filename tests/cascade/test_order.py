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

    at, message, upper, lower = _order.columns(rows, 7, (7, 3), sort=True)

    assert at.tolist() == [last + 4, last + 4, last + 5, last + 6]
    assert message.tolist() == [(1 << 30) - 1, 1 << 30, 5, 1 << 30]
    assert (upper.tolist(), lower.tolist()) == ([0, 0, 0, 0], [2, 4, 3, 1])
