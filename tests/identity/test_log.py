"""The packed merge log against the plain list of what was put in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.identity import IdentityGraph, IdentityPolicy, _log

GAPS = st.sampled_from([0, 0, 1, 2, 127, 128, (1 << 23) - 1, 1 << 23, 1 << 26])
IDS = st.integers(0, (1 << 20) - 1)


@given(
    st.lists(st.tuples(IDS, IDS, GAPS, st.booleans()), max_size=30),
    st.lists(st.integers(20, 31), min_size=1, max_size=4),
)
def test_a_log_tells_what_was_put_in_with_ids_of_any_width(merges, widths):
    survivors, absorbed, gaps, split = np.array(merges, np.int64).reshape(-1, 4).T
    times, n = np.cumsum(gaps), len(merges)
    rows, late = _log.pack(survivors, absorbed, times, split != 0, widths[0], 0)
    log, meta = np.zeros(2 * n + 1, np.int64), _log.new_meta()
    log[:n] = rows
    log[len(log) - 1 - np.arange(len(late))] = late << 32 | times[late]
    meta[[_log.N_MERGES, _log.N_TICKS, _log.LOG_BITS]] = n, len(late), widths[0]
    for bits in widths:
        old, log = log, np.zeros(len(log), np.int64)
        _log.recode(old, log, meta, bits)
    ticks = int(meta[_log.N_TICKS])
    assert ticks == np.count_nonzero(gaps >= 1 << (63 - 2 * widths[-1]))
    back = _log.unpack(log[:n], log[::-1][:ticks], widths[-1])
    for part, given_in in zip(back, (survivors, absorbed, times, split != 0), strict=True):
        assert part.tolist() == given_in.tolist()


def test_a_graph_that_outgrows_its_ids_keeps_its_log():
    graph = IdentityGraph()
    wait = 1 << 22  # 23 bits; ids of 22 bits leave 19
    for k in range(4):
        graph.observe((k, k + 1), time=k * wait)
    graph.observe((5, 3_000_000), time=4 * wait)
    table = graph.history()
    assert table["time"].tolist() == [k * wait for k in range(5)]
    assert table["survivor"].tolist() == [0, 0, 0, 0, 5]
    assert table["absorbed"].tolist() == [1, 2, 3, 4, 3_000_000]
    assert graph._state.meta[_log.LOG_BITS] == 22
    assert graph._state.meta[_log.N_TICKS] == 4


@pytest.mark.parametrize("rules", [{}, {"unique": ("a",)}, {"time_to_live": {"b": 1 << 30}}])
def test_what_is_no_merge_leaves_nothing_in_the_log_however_long_after(rules):
    graph = IdentityGraph(IdentityPolicy(("a", "b"), **rules))
    n = 50
    again = np.arange(n, dtype=np.int64) * (1 << 24)
    sets = (
        {"a": np.zeros(n, np.int64), "b": np.ones(n, np.int64)}
        if rules
        else (again * 0, again * 0 + 1)
    )
    graph.observe(sets, time=again)
    assert graph._state.meta[[_log.N_MERGES, _log.N_TICKS]].tolist() == [1, 0]
    assert graph.history()["time"].tolist() == [0]
