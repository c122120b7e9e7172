"""Friends: a small world that is found, not stored."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnilab.errors import ScenarioError
from omnilab.world import friends
from tests.plain import plain
from tests.worlds import corner, model_of

friends_of = plain(friends.friends_of)
nth_friend = plain(friends.nth_friend)
friend_of = plain(friends.friend_of)


def world_of(each: int, rewired: float) -> Any:
    return model_of(friends={"each": each, "rewired": rewired})


def circle(model: Any, town: int, persons: int, who: int) -> list[int]:
    found: list[int] = []
    while (friend := nth_friend(model, town, persons, who, len(found))) >= 0:
        found.append(friend)
    return found


def graph(model: Any, persons: int, town: int = 7) -> list[list[int]]:
    return [circle(model, town, persons, who) for who in range(persons)]


def clustering(edges: list[list[int]]) -> float:
    """Return the mean over persons of the share of pairs of friends who are friends."""
    known = [set(friends) - {who} for who, friends in enumerate(edges)]
    shares = []
    for mine in known:
        pairs = [(a, b) for a in mine for b in mine if a < b]
        if pairs:
            shares.append(sum(b in known[a] for a, b in pairs) / len(pairs))
    return float(np.mean(shares))


def path_length(edges: list[list[int]], sources: int = 40) -> float:
    """Return the mean way between persons, in friendships."""
    ways: list[int] = []
    for source in range(0, len(edges), max(1, len(edges) // sources)):
        far, todo = {source: 0}, deque([source])
        while todo:
            x = todo.popleft()
            for y in edges[x]:
                if y not in far:
                    far[y] = far[x] + 1
                    todo.append(y)
        ways.extend(far.values())
    return float(np.mean(ways))


@settings(deadline=None, max_examples=12)
@given(
    st.integers(2, 60), st.sampled_from((2, 4, 6)), st.sampled_from((0.0, 0.3, 1.0)),
    st.integers(0, 9),
)  # fmt: skip
def test_friends_know_each_other(persons: int, each: int, rewired: float, town: int) -> None:
    model = world_of(each, rewired)
    if plain(friends.is_mixed)(model, persons):
        return
    edges = graph(model, persons, town)
    for who, mine in enumerate(edges):
        assert who not in mine
        for other in mine:
            assert 0 <= other < persons
            assert mine.count(other) == edges[other].count(who)
    assert sum(map(len, edges)) == persons * each  # so many in the mean, exactly


def test_an_unwired_ring_has_the_clustering_and_the_ways_of_a_lattice() -> None:
    edges = graph(world_of(8, 0.0), 120)
    assert all(len(mine) == 8 for mine in edges)
    assert clustering(edges) == pytest.approx(3 * (8 - 2) / (4 * (8 - 1)))
    assert path_length(edges) == pytest.approx(120 / (2 * 8), rel=0.06)


def test_few_rewired_edges_shorten_ways_and_leave_the_clusters() -> None:
    """Watts and Strogatz: C(p) / C(0) is about (1 - p)^3, and ways are those of a random graph."""
    lattice = 3 * (8 - 2) / (4 * (8 - 1))
    some = graph(world_of(8, 0.1), 200)
    assert clustering(some) == pytest.approx(lattice * 0.9**3, rel=0.08)
    assert path_length(some) < 0.45 * 200 / (2 * 8)
    assert path_length(some) < 1.6 * np.log(200) / np.log(8)
    random = graph(world_of(8, 1.0), 200)
    assert clustering(random) < 0.06
    assert path_length(random) == pytest.approx(np.log(200) / np.log(8), rel=0.2)


def test_rewired_edges_spread_as_the_law_says() -> None:
    """Of each stride: one's own edge, a neighbour's with 1 - p, a stranger's with p."""
    degrees = np.array([len(mine) for mine in graph(world_of(6, 0.4), 500)])
    assert degrees.mean() == 6.0
    assert degrees.var() == pytest.approx(3 * 2 * 0.4 * 0.6, rel=0.2)


def test_another_town_has_other_friends_and_changes_none() -> None:
    model = world_of(6, 0.5)
    here, there = graph(model, 80, town=0), graph(model, 80, town=1)
    assert here != there
    assert graph(model, 80, town=0) == here


def test_a_friend_is_drawn_evenly() -> None:
    model = world_of(4, 0.3)
    mine = circle(model, 3, 50, 20)
    assert friends_of(model, 3, 50, 20) == len(mine)
    drawn = [friend_of(model, 3, 50, 20, (k + 0.5) / 200) for k in range(200)]
    for other in set(mine):
        assert drawn.count(other) / 200 == pytest.approx(mine.count(other) / len(mine), abs=0.01)


@pytest.mark.parametrize(("each", "persons"), [(0, 9), (8, 9), (8, 4), (2, 2)])
def test_in_a_small_town_everybody_is_a_friend(each: int, persons: int) -> None:
    model = world_of(each, 0.5)
    drawn = {friend_of(model, 1, persons, 1, (k + 0.5) / 100) for k in range(100)}
    assert drawn == set(range(persons)) - {1}


def test_who_lives_alone_has_none() -> None:
    assert friend_of(world_of(4, 0.1), 1, 1, 0, 0.5) == -1


def refused(**changes: Any) -> str:
    with pytest.raises(ScenarioError) as error:
        corner(**changes)
    return str(error.value)


@pytest.mark.parametrize(
    ("each", "town", "says"),
    [(5, 100, "5 is odd"), (-2, 100, "must be at least 0"), (20, 12, "a town of 12")],
)
def test_bad_friends_are_refused(each: int, town: int, says: str) -> None:
    said = refused(world={"friends": {"each": each}}, population={"town": town})
    assert "friends.each" in said
    assert says in said
    assert "\n" not in said.strip()
