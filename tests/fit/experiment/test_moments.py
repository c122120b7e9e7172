"""Moments and weights against naive sums, and their errors against repeated draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from omnilab.fit.experiment.moments import found_by, moments_of
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.strata import Past, make_strata, of_moments
from omnilab.fit.experiment.table import RandomisedTest, read_test
from omnilab.fit.experiment.weights import rake, rake_what_can
from tests.fit.experiment.tables import rows_of, write_table


def table(folder: Path, n: int = 1500, seed: int = 1) -> RandomisedTest:
    """Return a test of known truth."""
    path = write_table(folder / f"{seed}.csv", rows_of(n, seed))
    return read_test(ExperimentRequest(table=path, control="control", within="14d"))


def test_a_lift_is_a_difference_of_means_with_the_binomial_error(tmp_path: Path) -> None:
    test = table(tmp_path)
    strata = of_moments(make_strata(test, "USD"), test)
    moments = moments_of(test, strata)
    found = found_by(test, moments, {s.name: s.codes(Past.of(test)) for s in strata})
    y = test.outcomes["visit"]
    for moment, value, error in zip(moments, found.values, found.errors, strict=True):
        if moment.outcome != "visit" or moment.stratum not in ("all", "bought men"):
            continue
        here = test.bought["men"] if moment.stratum != "all" else np.ones(test.n, bool)
        control = y[here & (test.arm == 0)]
        if moment.is_base:
            assert value == pytest.approx(control.mean())
            continue
        treated = y[here & (test.arm == test.arms.index(moment.arm))]
        assert value == pytest.approx(treated.mean() - control.mean())
        variance = treated.var() / len(treated) + control.var() / len(control)
        assert error == pytest.approx(np.sqrt(variance))


def test_the_covariance_is_that_of_repeated_tests(tmp_path: Path) -> None:
    drawn, said = [], []
    for seed in range(1, 41):
        test = table(tmp_path, 1200, seed)
        strata = of_moments(make_strata(test, "USD"), test)
        moments = [m for m in moments_of(test, strata) if m.stratum in ("all", "bought men")]
        found = found_by(test, moments, {s.name: s.codes(Past.of(test)) for s in strata})
        drawn.append(found.values)
        said.append(found.covariance)
    spread, mean = np.cov(np.array(drawn).T), np.mean(said, axis=0)
    ratio = np.diag(spread) / np.diag(mean)
    assert ratio.min() > 0.4
    assert ratio.max() < 2.1  # chi-square of 39 at one in ten thousand
    # Two arms share their control: their lifts covary by as much as its variance, and against it.
    names = [(m.outcome, m.arm, m.stratum) for m in moments]
    a, b, c = (names.index(("visit", arm, "all")) for arm in ("men", "women", ""))
    assert mean[a, b] == pytest.approx(mean[c, c])
    assert mean[a, c] == pytest.approx(-mean[c, c])


def test_groups_mean_the_same_in_data_and_simulation(tmp_path: Path) -> None:
    test = table(tmp_path)
    strata = {s.name: s for s in make_strata(test, "USD")}
    assert [*strata] == ["bought", "recency", "newbie", "history"]
    month = 365.25 / 12
    recency = strata["recency"]
    # The months 1 to 12 of the table, and simulated days in them, fall into the same groups.
    codes = recency.codes(Past.of(test))
    days = np.asarray(rows_of()["recency"], float) * month - 0.3 * month
    np.testing.assert_array_equal(
        codes, recency.codes(Past(days, None, None, {}))
    )  # fmt: skip
    assert len(np.unique(codes)) == len(recency.labels)
    assert strata["bought"].labels == ("none of them", "men", "women", "men and women")


def test_raking_meets_all_shares_and_says_what_it_cannot() -> None:
    rng = np.random.default_rng(3)
    codes = [rng.integers(0, 3, 4000), rng.integers(0, 2, 4000)]
    shares = [np.array([0.6, 0.3, 0.1]), np.array([0.25, 0.75])]
    found = rake(codes, shares)
    for code, share in zip(codes, shares, strict=True):
        now = np.bincount(code, found.weights) / found.weights.sum()
        np.testing.assert_allclose(now, share, atol=1e-3)
    assert found.weights.mean() == pytest.approx(1)
    assert found.effective < 4000
    alike = rake(codes, [np.bincount(c) / 4000 for c in codes])
    np.testing.assert_allclose(alike.weights, 1, atol=1e-3)
    lonely = rake([np.zeros(100, int)], [np.array([0.5, 0.5])])
    assert lonely.missing == ((0, 1),)
    _, left = rake_what_can(
        ["one", "rare"], [codes[0], (np.arange(4000) < 20).astype(int)],
        [shares[0], np.array([0.1, 0.9])],
    )  # fmt: skip
    assert left == ["rare"]
