"""What a brand reads off its own test: the closed form against arms that are really drawn."""

from __future__ import annotations

import numpy as np
import pytest

from omnilab.experiment.live.view import brand_view, kept_share, profile_shares
from omnilab.log.rows import IDENTIFIER, MERGE, ORDER, SENT
from tests.log.building import log_of

A, B, C = (0, 1), (0, 2), (0, 3)


def test_one_profile_a_person_reads_the_truth() -> None:
    worth, one = {0: 2.0, 1: -1.0}, {0: {A: 1.0}, 1: {B: 1.0}}
    assert kept_share(worth, one, one) == 1.0
    assert kept_share(worth, {0: {A: 1.0}, 1: {A: 1.0}}, {0: {A: 1.0}, 1: {A: 1.0}}) == 1.0


def test_what_is_not_known_is_lost() -> None:
    worth = {0: 1.0}
    assert kept_share(worth, {0: {A: 1.0}}, {0: {A: 0.6}}) == pytest.approx(0.6)
    assert kept_share(worth, {0: {A: 1.0}}, {0: {B: 1.0}}) == 0.0
    assert kept_share(worth, {0: {A: 0.5, B: 0.5}}, {}) == pytest.approx(0.5)
    assert kept_share({0: 0.0}, {}, {}) is None


def test_the_closed_form_is_that_of_arms_that_are_drawn() -> None:
    """Draw arms for profiles, give each person its share of the effect, book it, compare."""
    rng = np.random.default_rng(1)
    people, profiles, runs = 30, 50, 20_000
    worth = rng.normal(1.0, 0.5, people)
    own = [rng.choice(profiles, 3, replace=False) for _ in range(people)]
    w = np.zeros((people, profiles))
    v = np.zeros((people, profiles))
    for i, mine in enumerate(own):
        w[i, mine] = rng.dirichlet([1, 1, 1])
        v[i, mine] = rng.dirichlet([1, 1, 1]) * 0.8  # a fifth of the orders is nobody's
    arms = rng.random((runs, profiles)) < 0.5
    outcome = (arms @ w.T) * worth  # of each person, beyond what it is without the strategy
    booked = outcome @ v  # by profile
    # Twice the covariance with the arm is the difference of the sums, a half of profiles in each.
    seen = 4 * (booked * (arms - 0.5)).mean(axis=0).sum()
    shares = [
        {i: {(0, q): x for q, x in enumerate(row) if x} for i, row in enumerate(table)}
        for table in (w, v)
    ]
    found = kept_share(dict(enumerate(worth)), *shares)
    assert found is not None
    assert seen / worth.sum() == pytest.approx(found, rel=0.05)
    assert found < 0.6


def logged() -> np.ndarray:
    facts = [
        (100, 0, SENT, {"profile": 1}), (110, 0, SENT, {"profile": 2}),
        (120, 0, SENT, {"profile": 4}),
        (10, 0, SENT, {"profile": 3}),  # before the window
        (200, 0, IDENTIFIER, {"profile": 1}), (300, 0, ORDER, {}),
        (9000, 0, ORDER, {}),  # nobody was seen in the hour before
        (130, 0, MERGE, {"survivor": 1, "absorbed": 4}),
        (100, 1, SENT, {"profile": 1}),  # another cell's first profile
    ]  # fmt: skip
    rows = ({"time": t, "person": p, "seq": i, "kind": k, **more}
            for i, (t, p, k, more) in enumerate(facts))  # fmt: skip
    return log_of(rows)


def test_shares_are_those_of_the_log() -> None:
    to, at, orders, unknown = profile_shares(logged(), np.array([0, 1]), 50)
    assert to == {0: {(0, 1): pytest.approx(2 / 3), (0, 2): pytest.approx(1 / 3)}, 1: {(1, 1): 1.0}}
    assert at == {0: {(0, 1): 0.5}}
    assert (orders, unknown) == (2, 1)


def test_the_view_of_a_log() -> None:
    view = brand_view([logged()], {0: 3.0, 1: 0.0}, np.array([0, 1]), start=50)
    assert view.kept == pytest.approx(2 / 3 * 0.5)
    assert (view.truth, view.several, view.unknown, view.customers) == (1.5, 0.5, 0.5, 2)
