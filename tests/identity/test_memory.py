"""What a graph takes, from the sizes of its arrays."""

from __future__ import annotations

import numpy as np
import pytest

from omnilab.identity import IdentityGraph, IdentityPolicy, _links, _log

TYPES = ("email", "cookie")
N = 20_000
LIFE = 1 << 20
UNIQUE = {"unique": ("email",)}
SHARED = {"fan_out": {"cookie": 20}, "undo_shared": False}
FORGOTTEN = {"time_to_live": {"cookie": LIFE}}
BOTH = UNIQUE | {"time_to_live": {"email": LIFE}}  # one type is unique and forgotten
ALL = {
    "unique": TYPES, "fan_out": {"email": 1 << 20}, "undo_shared": False,
    "time_to_live": {"email": 9, "cookie": LIFE},
}  # fmt: skip
EVERY = [{}, UNIQUE, SHARED, UNIQUE | SHARED, FORGOTTEN, UNIQUE | SHARED | FORGOTTEN, BOTH, ALL]


def chained(seconds: int = 1, **rules) -> IdentityGraph:
    """Merge as often as can be: every link but the first joins a new identifier to one profile.

    Each in a second of its own, so many after the last.
    """
    graph = IdentityGraph(IdentityPolicy(TYPES, **rules))
    cookies = np.arange(1, N, dtype=np.int64)
    graph.observe({"email": np.zeros(N - 1, np.int64), "cookie": cookies}, time=cookies * seconds)
    assert len(graph) == N
    assert graph.counts["merges"] == N - 1 or rules.get("fan_out")
    return graph


def crowded(**rules) -> IdentityGraph:
    """Merge as `chained`, but a thousand times in each second."""
    graph = IdentityGraph(IdentityPolicy(TYPES, **rules))
    cookies = np.arange(1, N, dtype=np.int64)
    graph.observe({"email": np.zeros(N - 1, np.int64), "cookie": cookies}, time=cookies // 1000)
    return graph


def parted(**rules) -> IdentityGraph:
    """Merge in pairs only, each in a second of its own."""
    graph = IdentityGraph(IdentityPolicy(TYPES, **rules))
    emails = np.arange(0, N, 2, dtype=np.int64)
    graph.observe({"email": emails, "cookie": emails + 1}, time=emails)
    return graph


def returning(**rules) -> IdentityGraph:
    """See the same emails after ten seconds again, beside other cookies: all were forgotten."""
    graph = IdentityGraph(IdentityPolicy(TYPES, **rules))
    cookies = np.arange(10, N, dtype=np.int64)
    graph.observe({"email": cookies % 10, "cookie": cookies}, time=cookies * 20)
    assert graph.counts["expired"] == N - 20
    return graph


def held(graph: IdentityGraph) -> int:
    """Sum what is used of every array; the room beyond was never written."""
    state = graph._state
    counted = {"of_code": [_links.N_CODES], "history": [_links.N_HISTORY]}
    counted["log"] = [_log.N_MERGES, _log.N_TICKS]
    used = {name: int(state.meta[counters].sum()) for name, counters in counted.items()}
    used["nodes"] = state.n_nodes
    small = ("meta", "rules", "_tick")
    arrays = {name: a for name, a in vars(state).items() if isinstance(a, np.ndarray)}
    return sum(a[: used.get(name)].nbytes for name, a in arrays.items() if name not in small)


@pytest.mark.parametrize("seconds", [1, 100, (1 << 31) // N])
@pytest.mark.parametrize(
    ("rules", "most"), list(zip(EVERY, [12, 16, 16, 16, 24, 24, 24, 24], strict=True))
)
def test_an_identifier_takes_at_most_so_many_bytes(rules, most, seconds):
    graph = parted(**rules) if rules is ALL else chained(seconds, **rules)
    assert held(graph) <= most * N + 100
    assert abs(graph.nbytes - held(graph)) <= 100


@pytest.mark.parametrize("rules", EVERY)
@pytest.mark.parametrize("stream", [crowded, parted])
def test_no_other_stream_takes_more(rules, stream):
    graph = stream(**rules)
    assert held(graph) <= 24 * graph._state.n_nodes + 100


@pytest.mark.parametrize("unique", [(), ("email",), TYPES])
def test_an_identifier_that_comes_back_takes_no_more_than_a_new_one(unique):
    graph = returning(unique=unique, time_to_live={"email": 9})
    assert graph._state.n_nodes == 2 * (N - 10)
    assert held(graph) <= 24 * graph._state.n_nodes + 100


@pytest.mark.parametrize("stream", [chained, crowded, parted])
@pytest.mark.parametrize("rules", [{}, UNIQUE, UNIQUE | SHARED | FORGOTTEN, BOTH])
def test_a_link_of_history_takes_16_bytes(rules, stream):
    graph = stream(**rules, history=True)
    links = int(graph._state.meta[_links.N_HISTORY]) // 2
    assert links >= N // 2
    assert held(graph) - held(stream(**rules)) <= 16 * links + 16
