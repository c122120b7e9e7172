"""What worlds say together: shares, intervals and worth, against closed forms and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from omnilab.experiment.plausible.smooth import Anchor, smooth_over_worlds
from omnilab.experiment.plausible.value import value_of_information
from omnilab.experiment.plausible.verdict import (
    Contrasts,
    difference_data,
    share_data,
    smoothed,
    worth_data,
)

Floats = NDArray[np.float64]


def contrasts(values: Floats, chance: float, names: tuple[str, ...] = ("a",)) -> Contrasts:
    n, k = values.shape
    covariance = np.tile(chance**2 * np.eye(k), (n, 1, 1))
    return Contrasts("ltv", names, "b", values, covariance, np.arange(n))


def test_worlds_that_differ_by_chance_alone_do_not_disagree() -> None:
    # A lead of 0.3 in every world, chance of 0.3 in each: by themselves one in six would not win.
    shares, raw = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        values = 0.3 + rng.normal(0, 0.3, (20, 1))
        found = contrasts(values, 0.3)
        draws = smoothed(found, rng.random((20, 8)), seed=seed).at_worlds
        (row,) = (r for r in share_data(found, draws, np.full(20, 0.05)) if r["strategy"] == "a")
        shares.append(row["share"])
        raw.append((values > 0).mean())
        assert row["low"] <= row["share"] <= row["high"]
    assert np.mean(raw) < 0.88
    assert np.mean(shares) > 0.93


def test_worlds_that_do_disagree_are_found_to() -> None:
    # The lead goes from -1 to 1 with the first parameter: the true share is a half.
    rng = np.random.default_rng(3)
    places = rng.random((40, 5))
    values = 2 * places[:, :1] - 1 + rng.normal(0, 0.3, (40, 1))
    found = contrasts(values, 0.3)
    elsewhere = rng.random((500, 5))
    draws = smoothed(found, places, elsewhere=elsewhere).elsewhere
    rows = {r["strategy"]: r for r in share_data(found, draws, np.full(500, 1 / 500))}
    assert rows["a"]["share"] == pytest.approx(0.5, abs=0.1)
    assert rows["a"]["low"] < 0.5 < rows["a"]["high"]
    assert rows["a"]["share"] + rows["b"]["share"] == pytest.approx(1.0)


def test_the_function_is_found_and_chance_is_not() -> None:
    rng = np.random.default_rng(1)
    places = rng.random((60, 3))
    true = np.column_stack([1 + 3 * places[:, 0], -2 * places[:, 1] ** 2])
    chance = np.array([[0.25, 0.2], [0.2, 0.25]])
    values = true + rng.multivariate_normal(np.zeros(2), chance, 60)
    draws = smooth_over_worlds(places, values, np.tile(chance, (60, 1, 1))).at_worlds
    off = np.sqrt(((draws.mean(axis=0) - true) ** 2).mean(axis=0))
    assert (off < 0.6 * np.sqrt(((values - true) ** 2).mean(axis=0))).all()
    # The draws say how far off they are.
    z = (draws.mean(axis=0) - true) / draws.std(axis=0)
    assert 0.6 < np.sqrt((z**2).mean()) < 1.4


def test_an_anchor_holds_the_level() -> None:
    rng = np.random.default_rng(2)
    places = rng.random((20, 2))
    values = rng.normal(0.0, 1.0, (20, 1))
    values += 0.5 - values.mean()  # as chance may have it, half a unit high
    chance = np.ones((20, 1, 1))
    anchor = Anchor(np.full(2, 0.5), np.array([0.0]), np.array([[0.0025]]))
    free = smooth_over_worlds(places, values, chance).at_worlds.mean()
    held = smooth_over_worlds(places, values, chance, anchor=anchor).at_worlds.mean()
    assert free == pytest.approx(0.5, abs=0.1)
    assert abs(held) < 0.8 * free


def test_equal_strategies_share_their_worlds_and_have_no_chance() -> None:
    values = np.column_stack([np.full(10, 1.0), np.full(10, 1.0)])
    chance = np.tile(np.array([[0.01, 0.01], [0.01, 0.01]]), (10, 1, 1))
    found = Contrasts("ltv", ("a", "twin"), "b", values, chance, np.arange(10))
    draws = smoothed(found, np.random.default_rng(0).random((10, 2))).at_worlds
    assert draws[:, :, 0] == pytest.approx(draws[:, :, 1])
    rows = {r["strategy"]: r["share"] for r in share_data(found, draws, np.full(10, 0.1))}
    assert rows["a"] == pytest.approx(rows["twin"])
    nothing = Contrasts("ltv", ("a",), "b", np.zeros((10, 1)), np.zeros((10, 1, 1)), np.arange(10))
    draws = smoothed(nothing, np.random.default_rng(0).random((10, 2))).at_worlds
    assert (draws == 0).all()


def test_two_doubts_add_up_to_the_one_of_both() -> None:
    rng = np.random.default_rng(5)
    places = rng.random((80, 1))
    values = 4 * places - 2 + rng.normal(0, 0.5, (80, 1))
    found = contrasts(values, 0.5)
    draws = smoothed(found, places).at_worlds
    (row,) = difference_data(found, draws, np.full(80, 1 / 80), "EUR")
    assert row["value"] == pytest.approx(0, abs=0.25)
    assert row["chance_high"] - row["chance_low"] == pytest.approx(
        2 * 1.96 * 0.5 / 80**0.5, rel=0.5
    )
    # Evenly over -2 to 2: 95% are within 1.9 of the middle.
    assert row["world_high"] - row["world_low"] == pytest.approx(3.8, rel=0.12)
    assert row["low"] <= row["world_low"] + 0.05
    assert row["high"] >= row["world_high"] - 0.05


def test_the_worth_of_perfect_knowledge_is_that_of_a_closed_form() -> None:
    # d = x evenly over -1..1: knowing it brings E max(d, 0) - max(E d, 0) = 1/4 a customer.
    x = (np.arange(2000) + 0.5) / 1000 - 1
    gains = np.stack([np.zeros_like(x), x], axis=1)[None].repeat(20, axis=0)
    noise = np.random.default_rng(0).random(2000)
    whole, (own, other) = value_of_information(
        gains, np.full(2000, 1 / 2000), np.column_stack([x, noise])
    )
    assert whole.value == pytest.approx(0.25, abs=0.02)
    assert own.value == pytest.approx(whole.value, abs=0.01)
    assert other.value < 0.02
    assert whole.low <= whole.value <= whole.high


def test_a_part_of_the_world_is_worth_its_part() -> None:
    # d = u + v, both normal: knowing a part brings its sd / sqrt(2 pi).
    rng = np.random.default_rng(4)
    u, v = rng.normal(0, 2, 3000), rng.normal(0, 1, 3000)
    gains = np.stack([np.zeros(3000), u + v], axis=1)[None].repeat(10, axis=0)
    whole, (of_u, of_v) = value_of_information(
        gains, np.full(3000, 1 / 3000), np.column_stack([u, v])
    )
    assert whole.value == pytest.approx(5**0.5 / (2 * np.pi) ** 0.5, rel=0.08)
    assert of_u.value == pytest.approx(2 / (2 * np.pi) ** 0.5, rel=0.1)
    assert of_v.value == pytest.approx(1 / (2 * np.pi) ** 0.5, rel=0.15)


def test_nothing_is_worth_knowing_where_one_always_wins() -> None:
    rng = np.random.default_rng(6)
    places = rng.random((30, 2))
    values = 5 + places[:, :1] + rng.normal(0, 0.1, (30, 1))
    found = contrasts(values, 0.1)
    draws = smoothed(found, places).at_worlds
    rows = worth_data(found, draws, np.full(30, 1 / 30), {"x": places[:, 0], "y": places[:, 1]},
                      "EUR")  # fmt: skip
    assert [r["path"] for r in rows[:1]] == [None]
    assert [r["value"] for r in rows] == pytest.approx([0, 0, 0], abs=1e-9)
