"""Emulator and posterior against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from omnilab.fit.experiment.emulator import Emulator, fit_emulator
from omnilab.fit.experiment.posterior import Problem, draw, most_likely, profile

P, M = 3, 5
LARGE = 1e5  # an offset beside which the logarithm is linear


def linear(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return slopes, wanted moments and their covariance of a linear problem."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(P, M)), rng.normal(size=M), np.diag(rng.uniform(0.2, 2.0, M))


def emulated(slopes: np.ndarray) -> Emulator:
    """Return an emulator that is linear but for a ten-thousandth."""
    rows = np.zeros((1 + 2 * P + P * (P - 1) // 2, M))
    rows[0] = np.log(LARGE)
    rows[1 : 1 + P] = slopes / LARGE
    return Emulator(np.zeros(P), rows, np.full(M, LARGE), np.zeros((M, M)), 50.0)


def test_an_emulator_finds_a_quadratic_and_the_size_of_its_chance() -> None:
    rng = np.random.default_rng(2)
    u = rng.normal(size=(400, P))

    offset = np.array([0.02, 0.002])

    def truth(x: np.ndarray) -> np.ndarray:
        logs = np.stack(
            [-3 + 0.5 * x[:, 0] - 0.7 * x[:, 1], -5 + 0.4 * x[:, 2] + 0.2 * x[:, 0] * x[:, 1]],
            axis=1,
        )  # fmt: skip
        return np.exp(logs) - offset

    noisy = truth(u) + offset * rng.normal(size=(400, 2))
    emulator = fit_emulator(u, noisy, np.zeros(P), np.full(P, 3.0), offset)
    at = rng.normal(size=(50, P)) * 0.7
    np.testing.assert_allclose(emulator(at) / offset, truth(at) / offset, atol=0.6)
    np.testing.assert_allclose(
        np.sqrt(np.diag(emulator.covariance)), offset, rtol=0.25
    )  # fmt: skip
    # Its derivatives are those of its values.
    step = 1e-5
    for k in range(P):
        d = np.eye(P)[k] * step
        numeric = (emulator(at[0] + d) - emulator(at[0] - d)) / (2 * step)
        np.testing.assert_allclose(emulator.slopes(at[0])[:, k], numeric, atol=1e-7)
    moved = emulator.anchored(at[0], np.array([0.1, 0.01]))
    np.testing.assert_allclose(moved(at[0]), [0.1, 0.01])
    ratio = (moved(at) + offset) / (emulator(at) + offset)
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[0], ratio.shape))


def test_the_posterior_of_a_linear_problem_is_the_gaussian_one() -> None:
    slopes, wanted, covariance = linear()
    problem = Problem(emulated(slopes), wanted, covariance)
    precision = slopes @ np.linalg.inv(covariance) @ slopes.T + np.eye(P)
    mean = np.linalg.solve(precision, slopes @ np.linalg.inv(covariance) @ wanted)
    mode, chi, whole = most_likely(problem, np.zeros(P))
    np.testing.assert_allclose(mode, mean, atol=1e-3)
    assert whole == pytest.approx(chi + float(mode @ mode))
    draws = draw(problem, np.zeros(P), 20_000, 1)
    np.testing.assert_allclose(draws.mean(draws.points), mean, atol=0.03)
    np.testing.assert_allclose(
        draws.covariance(draws.points), np.linalg.inv(precision), atol=0.03
    )  # fmt: skip
    assert draws.effective > 5_000


def test_a_profile_is_flat_along_what_the_moments_do_not_tell_apart() -> None:
    slopes = np.zeros((P, M))
    slopes[0], slopes[1] = 1.0, 1.0  # only the sum of the two counts
    problem = Problem(emulated(slopes), np.ones(M), 0.01 * np.eye(M))
    grid = np.array([-1.0, 0.0, 1.0, 2.0])
    worse = profile(problem, np.zeros(P), (0, 1), (grid, grid))
    for i, a in enumerate(grid):
        for j, b in enumerate(grid):
            expected = M * (a + b - 1.0) ** 2 / 0.01
            assert worse[i, j] == pytest.approx(expected, rel=1e-3, abs=1e-3)
