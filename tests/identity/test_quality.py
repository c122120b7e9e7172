"""Scores against their definitions, over all pairs and all sightings."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.errors import DataError
from omnilab.identity import score

ids = st.one_of(st.none(), st.integers(0, 5))


@given(st.lists(st.tuples(ids, ids), max_size=30))
def test_scores_are_their_definitions(rows):
    result = score([p for p, _ in rows], [t for _, t in rows])
    known = [(p, t) for p, t in rows if p is not None and t is not None]
    assert (result.n_scored, result.n_left_out) == (len(known), len(rows) - len(known))
    joined = {(i, j) for i, j in combinations(range(len(known)), 2) if known[i][0] == known[j][0]}
    same = {(i, j) for i, j in combinations(range(len(known)), 2) if known[i][1] == known[j][1]}
    right = len(joined & same)
    assert result.pairwise_precision == (right / len(joined) if joined else None)
    assert result.pairwise_recall == (right / len(same) if same else None)

    def mean_share(own: int, other: int) -> float | None:
        shares = []
        for row in known:
            group = [r for r in known if r[own] == row[own]]
            shares.append(sum(r[other] == row[other] for r in group) / len(group))
        return sum(shares) / len(shares) if shares else None

    assert result.bcubed_precision == pytest.approx(mean_share(0, 1))
    assert result.bcubed_recall == pytest.approx(mean_share(1, 0))
    profiles, persons = {p for p, _ in known}, {t for _, t in known}
    assert result.false_merges == sum(len({t for q, t in known if q == p}) - 1 for p in profiles)
    assert result.false_splits == sum(len({p for p, u in known if u == t}) - 1 for t in persons)


def test_perfect_and_worst():
    best = score(["a", "a", "b"], [1, 1, 2])
    assert (best.pairwise_f1, best.bcubed_f1, best.false_merges, best.false_splits) == (1, 1, 0, 0)
    none = score(["a", "b"], [1, 1])
    assert (none.pairwise_precision, none.pairwise_recall, none.pairwise_f1) == (None, 0, None)
    assert score([-1, 3], [1, 1]).n_left_out == 1


def test_unequal_columns():
    with pytest.raises(DataError, match="2 profiles for 1"):
        score([1, 2], [1])
