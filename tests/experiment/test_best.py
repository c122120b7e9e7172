"""Chances of being best against closed forms, random draws, and each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from omnilab.experiment.best import best_chances, chances_to_be_best, chances_to_be_highest
from omnilab.experiment.statistics import Moments
from omnilab.measure.catalogue import MEASURES
from tests.experiment.test_statistics import TRIO, clusters

SOME = {name: MEASURES[name] for name in ("ltv", "purchase_rate", "contact_cost")}


def covariance(rng: np.random.Generator, n: int, rank: int) -> np.ndarray:
    """Return a covariance in which most is common to all, as between twins."""
    a = rng.normal(size=(n, rank))
    return a @ a.T + 1000.0


@given(st.integers(0, 2**32), st.integers(2, 6), st.integers(1, 6))
def test_chances_are_those_of_random_draws_and_add_up(seed, n, rank):
    rng = np.random.default_rng(seed)
    values, table = rng.normal(size=n), covariance(rng, n, rank)
    chances = chances_to_be_highest(values, table)
    assert chances.sum() == pytest.approx(1.0, abs=1e-15)
    draws = rng.multivariate_normal(values, table, 40_000, method="eigh")
    counted = np.bincount(draws.argmax(axis=1), minlength=n) / 40_000
    assert chances == pytest.approx(counted, abs=0.015)


@pytest.mark.parametrize("gap", [-2.0, 0.0, 0.3, 9.0])
def test_of_two_it_is_the_normal_probability(gap):
    table = np.array([[5.0, 4.5], [4.5, 5.0]])  # the difference has variance 1
    low, high = chances_to_be_highest(np.array([0.0, gap]), table)
    assert high == pytest.approx(stats.norm.cdf(gap), abs=1e-12)
    assert low + high == 1.0


@pytest.mark.parametrize("n", [3, 5, 8])
def test_of_alike_ones_each_has_the_same_chance(n):
    chances = chances_to_be_highest(np.zeros(n), np.eye(n) + 7.0)
    assert chances == pytest.approx(np.full(n, 1 / n), abs=0.005)


def test_what_never_varies_is_certain():
    assert chances_to_be_highest(np.array([1.0, 2.0, 3.0]), np.ones((3, 3))).tolist() == [0, 0, 1]
    assert chances_to_be_highest(np.array([1.0]), np.ones((1, 1))).tolist() == [1]


def test_equal_strategies_share_and_the_others_keep_their_chances():
    block = clusters(5, 60, strategies=4, effect=0.0)
    block[:, 3] = block[:, 2]
    names = (*TRIO, "again")
    found = Moments(names, SOME)
    found.add(block)
    chances = chances_to_be_best(found, "ltv", names)
    alone = chances_to_be_best(found, "ltv", TRIO)
    assert chances["omnichannel"] == chances["again"]
    halved = {**alone, "omnichannel": alone["omnichannel"] / 2}
    assert {n: chances[n] for n in TRIO} == pytest.approx(halved, abs=0.003)
    assert chances_to_be_best(found, "ltv", names[::-1]) == chances
    assert sum(chances.values()) == pytest.approx(1.0, abs=1e-15)
    assert chances_to_be_best(found, "ltv", ("again", "omnichannel")) == {
        "again": 0.5, "omnichannel": 0.5,
    }  # fmt: skip


def test_two_strategies_have_the_chance_of_their_difference():
    found = Moments(TRIO, SOME)
    found.add(clusters(7, 60, effect=0.0, noise=2.0))
    names = ("omnichannel", "multichannel")
    d = found.difference("ltv", *names)
    chances = chances_to_be_best(found, "ltv", names)
    assert chances["omnichannel"] == pytest.approx(stats.norm.cdf(d.value / d.error), abs=1e-9)
    cost = found.difference("contact_cost", *names)
    cheaper = chances_to_be_best(found, "contact_cost", names)
    lower = MEASURES["contact_cost"].better == "lower"
    wanted = -cost.value if lower else cost.value
    assert cheaper["omnichannel"] == pytest.approx(stats.norm.cdf(wanted / cost.error), abs=1e-9)


def test_the_main_measures_that_are_kept_have_chances():
    found = Moments(TRIO, SOME)
    assert best_chances(found, TRIO) == {"ltv": None, "purchase_rate": None}
    found.add(clusters(7, 30))
    assert set(best_chances(found, TRIO)) == {"ltv", "purchase_rate"}
    assert set(best_chances(found, TRIO)["ltv"]) == set(TRIO)
