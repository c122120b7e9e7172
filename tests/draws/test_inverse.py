"""Inverse distribution functions against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from omnilab.draws.inverse import TABLE_SIZE, exponential, from_table, make_table, normal
from tests.draws.reference import plain

UNIFORMS = st.integers(0, 2**32 - 1).map(lambda bits: (bits + 0.5) * 2.0**-32)

# The shapes that scenarios use: rates, spend given the person, persons' spend, leaving.
DISTRIBUTIONS = {
    "gamma .243": stats.gamma(0.243),
    "gamma 1": stats.gamma(1.0),
    "gamma 3.74": stats.gamma(3.74),
    "gamma 6.25": stats.gamma(6.25),
    "beta .793 2.426": stats.beta(0.793, 2.426),
    "beta .8 20": stats.beta(0.8, 20.0),
    "uniform": stats.uniform(),
}


def grid() -> np.ndarray:
    """Return probabilities all over (0, 1), dense in both tails down to the smallest uniforms."""
    tail = 2.0 ** -np.linspace(1, 32.9, 4001)
    return np.concatenate([np.linspace(0.001, 0.999, 4001), tail, 1.0 - tail])


@given(u=UNIFORMS)
def test_normal_and_exponential(u: float) -> None:
    assert normal(u) == plain(normal)(u) == pytest.approx(special.ndtri(u), rel=2e-9, abs=2e-9)
    assert exponential(u) == plain(exponential)(u) == pytest.approx(-np.log(u), rel=1e-15)


def test_normal_everywhere() -> None:
    u = grid()
    ours = np.array([normal(x) for x in u])
    # Acklam's relative error is below 1.2e-9; near the median only the absolute one means anything.
    np.testing.assert_allclose(ours, special.ndtri(u), rtol=1.3e-9, atol=1e-9)
    assert (np.diff(ours[np.argsort(u)]) >= -1e-9).all()


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_tables_against_scipy(name: str) -> None:
    """Linear interpolation stays within a percent of a value that is not nearly 0."""
    distribution = DISTRIBUTIONS[name]
    table = make_table(distribution.ppf)
    assert table.shape == (TABLE_SIZE,)
    u = grid()
    ours = np.array([from_table(table, x) for x in u])
    np.testing.assert_allclose(ours, distribution.ppf(u), rtol=0.01, atol=1e-6)
    ordered = ours[np.argsort(u)]
    assert (np.diff(ordered) >= -1e-12).all()


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_tables_keep_the_moments(name: str) -> None:
    """Mean and variance of evenly spread uniforms are the distribution's."""
    distribution = DISTRIBUTIONS[name]
    table = make_table(distribution.ppf)
    u = (np.arange(200_000) + 0.5) / 200_000
    values = np.array([from_table(table, x) for x in u])
    assert values.mean() == pytest.approx(distribution.mean(), rel=1e-3)
    assert values.var() == pytest.approx(distribution.var(), rel=2e-3)


@given(u=UNIFORMS)
def test_a_table_read_compiled_and_plain(u: float) -> None:
    table = TABLE
    assert from_table(table, u) == plain(from_table)(table, u)


def test_ends_are_finite() -> None:
    for distribution in DISTRIBUTIONS.values():
        table = make_table(distribution.ppf)
        assert np.isfinite(table).all()
        for u in (0.5 * 2.0**-32, 1.0 - 0.5 * 2.0**-32):
            assert np.isfinite(from_table(table, u))


TABLE = make_table(stats.gamma(0.243).ppf)
