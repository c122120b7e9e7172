"""What a graph takes, from the sizes of its arrays."""

from __future__ import annotations

import numpy as np
import pytest

from omnilab.identity import IdentityGraph, IdentityPolicy

TYPES = ("email", "cookie")
N = 20_000
UNIQUE = {"unique": ("email",)}
SHARED = {"fan_out": {"cookie": 20}}
FORGOTTEN = {"time_to_live": {"cookie": 1 << 20}}


def chained(**rules) -> IdentityGraph:
    """Merge as often as can be: every link but the first joins a new identifier to one profile."""
    graph = IdentityGraph(IdentityPolicy(TYPES, **rules))
    cookies = np.arange(1, N, dtype=np.int64)
    graph.observe({"email": np.zeros(N - 1, np.int64), "cookie": cookies}, time=cookies)
    assert len(graph) == N
    assert graph.counts["merges"] == N - 1 or rules.get("fan_out")
    return graph


def crowded(**rules) -> IdentityGraph:
    """Merge as `chained`, but a thousand times in each second."""
    graph = IdentityGraph(IdentityPolicy(TYPES, **rules))
    cookies = np.arange(1, N, dtype=np.int64)
    graph.observe({"email": np.zeros(N - 1, np.int64), "cookie": cookies}, time=cookies // 1000)
    return graph


def held(graph: IdentityGraph) -> int:
    """Sum what is used of each array; the room beyond was never written."""
    state = graph._state
    n = state.n_nodes
    rows = {"nodes": n, "codes": n, "of_code": n}
    total = sum(getattr(state, name)[:rows_].nbytes for name, rows_ in rows.items())
    total += 8 * int(state.meta[0] + state.meta[14])  # the log
    return total + state.history[: int(state.meta[11])].nbytes


@pytest.mark.parametrize(
    ("rules", "most"),
    [
        ({}, 12),
        (UNIQUE, 16),
        (SHARED, 16),
        (UNIQUE | SHARED, 16),
        (FORGOTTEN, 24),
        (UNIQUE | SHARED | FORGOTTEN, 24),
    ],
)
def test_an_identifier_takes_at_most_so_many_bytes(rules, most):
    graph = chained(**rules)
    assert held(graph) <= most * N + 100
    assert abs(graph.nbytes - held(graph)) <= 100


@pytest.mark.parametrize(
    ("rules", "most"),
    [({}, 12), (UNIQUE | SHARED, 16), (UNIQUE | SHARED | FORGOTTEN, 24)],
)
def test_a_second_is_logged_once(rules, most):
    assert held(crowded(**rules)) <= most * N + 200


@pytest.mark.parametrize("rules", [{}, UNIQUE, UNIQUE | SHARED | FORGOTTEN])
def test_a_link_of_history_takes_16_bytes(rules):
    with_history = held(chained(**rules, history=True))
    # Under a time-to-live `split` must know which identifier each node was: four more for each.
    names = 4 * N if "time_to_live" in rules else 0
    assert with_history - held(chained(**rules)) <= 16 * (N - 1) + 16 + names
