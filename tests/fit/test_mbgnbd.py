"""MBG/NBD: its closed forms against its story, its likelihood against finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from omnilab.fit.mbgnbd import MbgNbd, _terms, fit_mbgnbd

MODEL = MbgNbd(0.525, 6.18, 0.89, 1.61)


def story(model: MbgNbd, age: float, n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return repeats and age at the last, customer by customer."""
    rng = np.random.default_rng(seed)
    repeats, last = np.zeros(n), np.zeros(n)
    for i in range(n):
        rate, stop, now = rng.gamma(model.r, 1 / model.alpha), rng.beta(model.a, model.b), 0.0
        while rng.random() >= stop:
            now += rng.exponential(1 / max(rate, 1e-300))
            if now > age:
                break
            repeats[i] += 1
            last[i] = now
    return repeats, last


def test_closed_forms_are_those_of_the_story() -> None:
    n = 40_000
    for age in (2.0, 30.0):
        repeats, _ = story(MODEL, age, n)
        error = repeats.std() / np.sqrt(n)
        assert abs(repeats.mean() - MODEL.expected_repeats(age)) < 4 * error
        shares = np.bincount(np.minimum(repeats, 3).astype(int), minlength=4) / n
        assert np.abs(shares - MODEL.repeat_probabilities(age)).max() < 4 * np.sqrt(0.25 / n)


def test_probabilities_add_up_to_the_mean() -> None:
    shares = MODEL.repeat_probabilities(20.0, top=400)
    assert shares.sum() == pytest.approx(1)
    assert shares @ np.arange(401) == pytest.approx(float(MODEL.expected_repeats(20.0)), rel=1e-5)
    assert MODEL.repeat_probabilities(0.0)[0] == pytest.approx(1)


def test_gradient_is_that_of_the_likelihood() -> None:
    x, t_x, t = np.array([0.0, 1, 5]), np.array([0.0, 3, 20]), np.array([30.0, 31, 33])
    theta = np.array([MODEL.r, MODEL.alpha, MODEL.a, MODEL.b])
    _, gradient = _terms(MODEL, x, t_x, t)
    for i in range(4):
        step = np.zeros(4)
        step[i] = 1e-5
        up, down = (_terms(MbgNbd(*(theta + s)), x, t_x, t)[0] for s in (step, -step))
        np.testing.assert_allclose(gradient[i], (up - down) / 2e-5, rtol=1e-5, atol=1e-7)


def test_without_repeats_the_likelihood_is_the_chance_of_none() -> None:
    value, _ = _terms(MODEL, np.zeros(1), np.zeros(1), np.array([25.0]))
    assert np.exp(value[0]) == pytest.approx(MODEL.repeat_probabilities(25.0)[0])


def test_parameters_come_back() -> None:
    repeats, last = story(MODEL, 60.0, 30_000, seed=3)
    found = fit_mbgnbd(repeats, last, np.full(len(repeats), 60.0))
    assert found.r == pytest.approx(MODEL.r, rel=0.1)
    assert found.r / found.alpha == pytest.approx(MODEL.r / MODEL.alpha, rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(0.356, abs=0.03)
