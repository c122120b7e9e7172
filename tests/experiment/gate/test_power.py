"""Closed forms of power against simulated tests."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from omnilab.experiment.gate.power import one_sided, power_above, size_for, wrong_sign


def test_p_values_are_students() -> None:
    above, below = one_sided(1.0, 0.5, 9)
    assert above == pytest.approx(stats.t.sf(2.0, 9))
    assert above + below == pytest.approx(1.0)
    assert one_sided(0.0, 0.0, 9) == (1.0, 1.0)
    assert one_sided(1.0, 0.0, 9) == (0.0, 1.0)


@pytest.mark.parametrize(("n", "effect"), [(5, 1.0), (20, 0.5), (60, 0.0), (60, -0.2)])
def test_power_is_that_of_simulated_t_tests(n: int, effect: float) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(effect, 1.0, (20_000, n))
    t = x.mean(axis=1) / (x.std(axis=1, ddof=1) / sqrt(n))
    found = (t > stats.t.ppf(0.975, n - 1)).mean()
    assert power_above(effect, 1 / sqrt(n), n - 1, 0.025) == pytest.approx(found, abs=0.01)


def test_many_are_as_few_in_the_limit() -> None:
    assert power_above(3.0, 1.0, 10_000, 0.025) == pytest.approx(
        power_above(3.0, 1.0, 10_001, 0.025), abs=2e-4
    )


@pytest.mark.parametrize("effect", [30.0, 50.0, 1e3, 1e14])
def test_what_is_far_beyond_chance_is_always_found(effect: float) -> None:
    """Of so many standard errors SciPy's noncentral t says that it is no number."""
    assert power_above(effect, 1.0, 2.0, 0.025) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("effect", [0.05, 0.5, 2.0])
def test_the_size_reaches_its_power_and_little_more(effect: float, power: float) -> None:
    n = size_for(effect, 1.0, 0.025, power)
    reached = power_above(effect, 1.0 / sqrt(n), max(1.0, n - 2), 0.025)
    assert power - 2e-4 <= reached < power + 0.12
    if n > 100:
        assert reached < power + 0.02
    assert size_for(-effect, 1.0, 0.025, power) == n


def test_the_chance_of_the_wrong_sign() -> None:
    rng = np.random.default_rng(2)
    found = (rng.normal(0.5, 1.0, 100_000) < 0).mean()
    assert wrong_sign(0.5, 1.0) == wrong_sign(-0.5, 1.0) == pytest.approx(found, abs=0.005)
