"""History matching on functions whose answer is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from omnilab.errors import OmnilabError
from omnilab.fit.experiment.emulator import fit_emulator
from omnilab.fit.plausible.matching import CUTOFF, Target, match

pytest.importorskip("sklearn")
Floats = NDArray[np.float64]
SD = np.array([0.1, 0.1])


def linear(noise: float = 0.5, seed: int = 0) -> Callable[[Floats, int], Floats]:
    rng = np.random.default_rng(seed)

    def simulate(u: Floats, _before: int) -> Floats:
        mean = np.column_stack([1 + 2 * u[:, 0], 2 + u[:, 0] - u[:, 1]])
        return mean + rng.normal(0, noise * SD, mean.shape)

    return simulate


def target(a: float, b: float) -> Target:
    return Target(("a", "b"), np.array([a, b]), np.diag(SD**2))


def test_what_is_left_is_the_posterior_of_a_linear_world() -> None:
    # The third parameter moves nothing and stays even over its range.
    found = match(linear(), target(1.8, 1.9), 3, points=60, waves=2)
    mean = found.mean(found.places)
    sd = np.sqrt(found.mean((found.places - mean) ** 2))
    # u = 0.4, sd 0.05; u - v = -0.1, so v = 0.5, sd (0.05^2 + 0.1^2)^0.5.
    assert mean[:2] == pytest.approx([0.4, 0.5], abs=0.03)
    assert sd[:2] == pytest.approx([0.05, 0.112], rel=0.2)
    assert mean[2] == pytest.approx(0.5, abs=0.05)
    assert sd[2] == pytest.approx(12**-0.5, rel=0.12)
    assert found.weights.sum() == pytest.approx(1.0)
    assert found.waves[-1].after < 0.5 * found.waves[0].left


def test_waves_rule_out_more_and_never_the_truth() -> None:
    found = match(linear(0.1), target(1.8, 1.9), 2, points=40, waves=3)
    left = [w.left for w in found.waves]
    assert left[0] == pytest.approx(1.0, abs=1e-3)
    assert left == sorted(left, reverse=True)
    inside = found.weights > 0
    near = np.abs(found.places[inside] - [0.4, 0.5]).max(axis=1).min()
    assert near < 0.05
    off = np.abs(1 + 2 * found.places[inside][:, 0] - 1.8) / 0.1
    assert off.max() < CUTOFF + 0.6  # the emulator may be off by a part of a standard deviation


def test_the_moment_that_rules_all_out_is_named() -> None:
    with pytest.raises(OmnilabError, match=r"no world is left: moment 'a' alone .* 3"):
        match(linear(), target(9.0, 2.0), 2, points=40, waves=3)
    # Each can be met, not both: the first has u = 0, with which the second is at most 2.
    with pytest.raises(OmnilabError, match=r"'a'.* and 'b'|'b'.* and 'a'"):
        match(linear(0.1), target(1.0, 2.65), 2, points=40, waves=2)


def test_moments_without_a_value_are_left_out_or_named() -> None:
    def simulate(u: Floats, before: int) -> Floats:
        found = linear()(u, before)
        found[u[:, 1] > 0.8, 1] = np.nan
        return found

    found = match(simulate, target(1.8, 1.9), 2, points=60, waves=1)
    assert found.mean(found.places)[0] == pytest.approx(0.4, abs=0.05)

    def lost(u: Floats, before: int) -> Floats:
        return linear()(u, before) * [1.0, np.nan]

    with pytest.raises(OmnilabError, match="'b' has no value in 20 of 20"):
        match(lost, target(1.8, 1.9), 2, points=20, waves=1)


@pytest.mark.slow
def test_a_thin_part_of_many_dimensions_is_found() -> None:
    def simulate(u: Floats, _before: int) -> Floats:
        return u @ np.eye(8) + 0.02 * np.sin(9 * u)

    wanted = np.full(8, 0.3)
    found = match(simulate, Target(tuple("abcdefgh"), wanted, np.eye(8) * 0.01**2), 8, points=80)
    assert found.mean(found.places) == pytest.approx(np.full(8, 0.3), abs=0.03)


def test_a_wave_says_how_many_worlds_it_simulated() -> None:
    # A shared first wave has its own number; where little is left, as many as the walk found.
    u = np.random.default_rng(2).random((30, 2))
    simulate = linear(0.1)
    first = u, simulate(u, 0)
    found = match(simulate, target(1.8, 1.9), 2, points=12, waves=2, first=first)
    assert [w.points for w in found.waves] == [30, 12]


def test_the_same_seed_gives_the_same_worlds() -> None:
    one, two = (match(linear(), target(1.8, 1.9), 2, points=30, waves=2) for _ in range(2))
    assert (one.places == two.places).all()
    assert (one.weights == two.weights).all()


def test_what_moves_nothing_gets_no_slopes_and_what_moves_keeps_its_own() -> None:
    # Of one parameter that moves both moments, a bent one, and one that moves nothing.
    still, moved = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        z = rng.normal(size=(60, 3))
        mean = np.column_stack([10 + z[:, 0] + 0.6 * z[:, 1] ** 2, 8 - 0.8 * z[:, 0]])
        made = fit_emulator(
            z, mean + rng.normal(0, 0.5, mean.shape), np.zeros(3), np.full(3, 3.0),
            np.full(2, 0.5), process=True,
        )  # fmt: skip
        still.append(np.abs(made.slopes(np.array([0.5, 0.5, 1.5]))[:, 2]).max())
        moved.append(made.slopes(np.array([0.0, 1.0, 0.0])))
    assert sorted(still)[-2] < 1e-6  # by chance one may be seen to move: one of a hundred
    mean = np.mean(moved, axis=0)
    assert mean[:, 0] == pytest.approx([1.0, -0.8], abs=0.2)
    assert mean[0, 1] == pytest.approx(1.2, abs=0.3)
