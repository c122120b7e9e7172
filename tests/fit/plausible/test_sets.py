"""Sets of worlds of a log: what is written about them, and what can't be made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from omnilab import __version__
from omnilab.errors import OptionError
from omnilab.experiment.patterns import Patterns, read_patterns
from omnilab.experiment.patterns.running import pattern_sums, pattern_values
from omnilab.experiment.plausible.file import read_worlds, write_worlds
from omnilab.fit.plausible.log_moments import LOG_MOMENTS, log_moments
from omnilab.fit.plausible.ranges import Parameter, changed_world, of_scenario, values_at
from omnilab.fit.plausible.sets import Search, worlds_of_log, worlds_of_patterns
from omnilab.fit.scenario import simulated_occasions
from omnilab.fit.summary import Occasions, occasions_of
from omnilab.scenario.assumptions import Assumption
from omnilab.scenario.model import Scenario
from tests.verification.test_plausible import DAYS, shop
from tests.verification.worlds import world

pytest.importorskip("sklearn")
DAY = 86_400


def assumed(key: str, value: str, low: str, high: str, origin: str = "default") -> Assumption:
    return Assumption(key, value, origin, "", False, (low, high))


def assumptions() -> list[Assumption]:
    return [
        assumed("categories.goods.every", "40d", "30d", "53d", "fitted"),
        assumed("world.response.view_through", "5%", "0%", "15%"),
    ]


@pytest.fixture(scope="module")
def log() -> tuple[Scenario, Occasions]:
    scenario = shop()
    return scenario, simulated_occasions(scenario.with_customers(200), DAYS, seeds=(3,))


def test_moments_of_a_log_by_hand() -> None:
    # Two customers: one orders on days 0, 10 and 80 of 90, the other on day 5.
    times = np.array([0, 10, 80, 5]) * DAY
    occasions = occasions_of(
        np.array([0, 0, 0, 1]), times, np.array([10.0, 20.0, 30.0, 40.0]), n_days=90
    )
    values, covariance = log_moments(occasions)
    found = dict(zip(LOG_MOMENTS, values.tolist(), strict=True))
    assert found["orders"] == 2.0
    assert (found["two"], found["three"], found["five"]) == (0.5, 0.5, 0.0)
    assert (found["soon"], found["late"], found["late_orders"]) == (0.5, 0.5, 0.5)
    assert found["amount"] == 25.0
    assert found["weighted_amount"] == pytest.approx(30.0)  # 3000 / 100
    assert found["weighted_mean"] == pytest.approx((20 * 20 + 40 * 40) / 60)
    # Of the mean of 3 and 1: variance 2 over two customers.
    assert covariance[0, 0] == pytest.approx(1.0)


def test_what_was_fitted_may_move_by_twice_its_interval() -> None:
    found = of_scenario(shop(), assumptions())
    by_key = {one.key: one for one in found}
    every = by_key["categories.goods.every"]
    assert every.origin == "fitted"
    middle = (30 * 53) ** 0.5
    assert every.low / DAY == pytest.approx(middle * (30 / 53), rel=1e-6)
    assert every.high / DAY == pytest.approx(middle * (53 / 30), rel=1e-6)
    through = by_key["world.response.view_through"]
    assert (through.low, through.high) == (0.0, 0.15)


def test_keys_that_go_together_keep_their_proportion() -> None:
    scenario = shop()
    one = Parameter("population.dropout.a", ("population.dropout.b",), 1.0, 3.0, "patterns")
    values = values_at(scenario, [one], np.array([[0.0], [1.0]]))
    assert values["population.dropout.a"].tolist() == [1.0, 3.0]
    assert values["population.dropout.b"].tolist() == [10.0, 30.0]
    world = changed_world(scenario, values, 1)
    assert world.population.dropout is not None
    assert (world.population.dropout.a, world.population.dropout.b) == (3.0, 30.0)


def test_a_log_has_a_set_that_says_how_it_was_made(
    log: tuple[Scenario, Occasions], tmp_path: Path
) -> None:
    scenario, occasions = log
    search = Search(worlds=30, points=24, waves=1, customers=150)
    worlds = worlds_of_log(scenario, assumptions(), occasions, search)
    assert worlds.weights.sum() == pytest.approx(1.0)
    about = json.loads(json.dumps(dict(worlds.about)))
    assert about["version"] == __version__
    assert [p["key"] for p in about["parameters"]] == list(worlds.parameters)
    every, through = about["parameters"]
    assert every["identified"]
    assert every["spread"] < 0.6
    assert not through["identified"]
    assert {m["name"] for m in about["moments"]} <= set(LOG_MOMENTS)
    # The truth, 40 days, is among the worlds.
    days = worlds.values["categories.goods.every"] / DAY
    assert days.min() < 40 < days.max()
    path = tmp_path / "tiny-v1.worlds.parquet"
    write_worlds(worlds, path)
    assert read_worlds(path, scenario).n == worlds.n


def test_nothing_that_moves_has_no_set(log: tuple[Scenario, Occasions]) -> None:
    scenario, occasions = log
    with pytest.raises(OptionError, match="nothing has a range"):
        worlds_of_log(scenario, [], occasions, Search())


ASKED = """id: asked-v1
places: {store: [store], online: [web, app]}
patterns:
  - {name: converted, title: visits with an order, measure: conversion, of: {channels: [web]},
     published: %s, tolerance: 1%%, because: why, source: HBR17, kind: I, role: %s}
  - {name: alone, title: visits by themselves, measure: conversion, of: {channels: [app]},
     published: 99%%, tolerance: 1%%, because: a check may be far off, source: HBR17, kind: I,
     role: check}
assumptions:
  - {key: [categories.beans.every, categories.cups.every], range: [4d, 40d], because: why}
"""


def asked(folder: Path, published: str, role: str = "target") -> tuple[Scenario, Patterns]:
    """Return a small world whose needs come oftener or more seldom, and what is asked of it."""
    file = folder / "asked.yaml"
    file.write_text(ASKED % (published, role), encoding="utf-8")
    scenario = world()
    return scenario, read_patterns(file, scenario)


def test_the_worlds_of_patterns_are_those_where_targets_come_out(tmp_path: Path) -> None:
    scenario, patterns = asked(tmp_path, "10%")
    truth = changed_world(scenario.with_customers(200), {
        "categories.beans.every": np.array([8.0 * DAY]),
        "categories.cups.every": np.array([8.0 * DAY * scenario.categories[1].every
                                           / scenario.categories[0].every]),
    }, 0)  # fmt: skip
    published = pattern_values(patterns, pattern_sums(truth, patterns, seed=9))[0]
    assert published is not None
    scenario, patterns = asked(tmp_path, f"{100 * published:.2f}%")
    search = Search(worlds=20, points=20, waves=1, customers=150)
    worlds = worlds_of_patterns(scenario, [], patterns, search)
    # Both keys move, in proportion, and only one of them is a parameter; checks are not looked at.
    assert worlds.parameters == ("categories.beans.every",)
    beans, cups = (worlds.values[f"categories.{name}.every"] for name in ("beans", "cups"))
    own = scenario.categories[1].every / scenario.categories[0].every
    assert cups == pytest.approx(beans * own)
    (moment,) = worlds.about["moments"]
    assert (moment["name"], moment["sd"]) == ("converted", pytest.approx(0.01))
    assert moment["emulated"] == pytest.approx(published, abs=0.015)
    (every,) = worlds.about["parameters"]
    assert (every["low"], every["high"]) == (4 * DAY, 40 * DAY)
    assert every["spread"] < 0.7
    assert beans.min() < 8 * DAY < beans.max()
    path = tmp_path / "asked.worlds.parquet"
    write_worlds(worlds, path)
    assert read_worlds(path, scenario).n == worlds.n


def test_patterns_that_are_all_checks_have_no_set(tmp_path: Path) -> None:
    scenario, patterns = asked(tmp_path, "10%", "check")
    with pytest.raises(OptionError, match=r"asked\.yaml has no target to be met"):
        worlds_of_patterns(scenario, [], patterns, Search())
