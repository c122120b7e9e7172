"""Sets of worlds as files: what is written is read, and what does not belong is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnilab import __version__
from omnilab.errors import DataError, OptionError
from omnilab.experiment.plausible.compared import plan_compared, plausible_data
from omnilab.experiment.plausible.file import (
    WorldSet,
    find_worlds,
    is_worlds,
    read_worlds,
    worlds_beside,
    write_worlds,
)
from omnilab.experiment.sweep import Settings
from omnilab.experiment.sweep.course import run_sweep
from omnilab.scenario import load_scenario
from omnilab.scenario.write import scenario_digest

COFFEE = load_scenario("mapples-coffee-v1")
KEYS = ("world.response.view_through", "world.taste.memory")


def a_set(n: int = 6, **about: Any) -> WorldSet:
    rng = np.random.default_rng(0)
    values = {KEYS[0]: rng.uniform(0, 0.15, n), KEYS[1]: rng.integers(90, 700, n) * 86400.0}
    said = {
        "scenario": {"id": COFFEE.id, "digest": scenario_digest(COFFEE)},
        "version": __version__, "parameters": [{"key": k, "keys": [k]} for k in KEYS], **about,
    }  # fmt: skip
    return WorldSet(values, np.full(n, 1 / n), said)


def test_a_set_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = worlds_beside(tmp_path / "shop-v1.yaml")
    assert path.name == "shop-v1.worlds.parquet"
    worlds = a_set()
    write_worlds(worlds, path)
    assert is_worlds(path)
    found = read_worlds(path, COFFEE)
    assert found.about == worlds.about
    assert found.parameters == KEYS
    for key in KEYS:
        assert found.values[key] == pytest.approx(worlds.values[key])
    assert found.places.min(axis=0).tolist() == [0.0, 0.0]
    assert found.places.max(axis=0).tolist() == [1.0, 1.0]
    assert find_worlds("auto", tmp_path / "shop-v1.yaml") == path
    with pytest.raises(OptionError, match=r"there is no .*other\.worlds\.parquet"):
        find_worlds("auto", tmp_path / "other.yaml")


def test_what_is_no_parquet_is_said_to_be_none(tmp_path: Path) -> None:
    (path := tmp_path / "bad.parquet").write_text("hello", encoding="utf-8")
    with pytest.raises(DataError, match="this is no Parquet file, though its name ends so"):
        read_worlds(path, COFFEE)


def test_fewer_worlds_stand_for_as_much_as_their_weights() -> None:
    worlds = replace(a_set(4), weights=np.array([0.5, 0.25, 0.25, 0.0]))
    assert worlds.fewer(None).n == 3  # a world without weight is none
    few = worlds.fewer(4)
    assert few.weights.sum() == pytest.approx(1.0)
    many = replace(a_set(50), weights=np.arange(50.0) / np.arange(50).sum())
    some = many.fewer(20)
    assert some.n <= 20
    mean = [float(s.weights @ s.values[KEYS[0]]) for s in (many, some)]
    assert mean[0] == pytest.approx(mean[1], abs=0.01)


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"version": "0.0.1"}, f"made by omnilab 0.0.1, this is {__version__}"),
        ({"scenario": {"id": "retailer-v1", "digest": "x"}}, "worlds of retailer-v1, not of"),
        ({"scenario": {"id": COFFEE.id, "digest": "x" * 64}}, "has changed since .*xxxxxxxx then"),
        ({"parameters": [{"key": "a.b", "keys": ["a.b"]}]}, "parameter 'a.b' has no column"),
        ({"parameters": 3}, "metadata is damaged"),
    ],
)
def test_a_set_of_something_else_is_refused(
    about: dict[str, Any], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.worlds.parquet"
    write_worlds(a_set(**about), path)
    with pytest.raises(DataError, match=said) as error:
        read_worlds(path, COFFEE)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("world.response.view_through\n0.1\n", "no column 'weight'"),
        ("world.response.view_through,weight\n0.1,0\n0.2,0\n", "0 or more, one above 0"),
        ("world.response.view_thru,weight\n0.1,1\n", "world.response.view_thru"),
        ("world.response.view_through,weight\n0.1,1\nnan,1\n", "csv:3: .* 1 of 2 worlds"),
        ("world.response.view_through,weight\nmuch,1\ninf,1\n", "csv:2: .*'much' .* 2 of 2"),
        ("world.response.view_through,weight\n0.1,1\n,1\n", "csv:3: .*there is no number"),
        ("world.response.view_through,weight\n0.1,1\n0.2,-1\n", "csv:3: .*-1 is below 0"),
        ("world.response.view_through,weight\n0.1,1\n0.2\n", "1 row left out: .*line 3"),
        ("a,b\n1,2\n", "no column 'weight' among 'a', 'b': a set of worlds has"),
        ("world.response.view_through,weight\n0.1,1\n1.5,1\n", "outside 0..1"),
        ("weight\n1\n", "nothing varies"),
    ],
)
def test_a_table_that_is_no_set_is_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_worlds(path, COFFEE)


def test_strategies_are_compared_over_a_set() -> None:
    small = COFFEE.changed(
        {"population": {"customers": 60}, "time": {"burn_in": 20 * 86400, "window": 40 * 86400}}
    )
    worlds = a_set(6)
    planned = plan_compared(
        COFFEE.id, small, worlds, ["no_contact", "omnichannel"], Settings(seeds=(7,))
    )
    for point, value in zip(planned.points, worlds.values[KEYS[1]], strict=True):
        assert point.scenario is not None
        assert point.scenario.world.taste.memory == value
    sweep = run_sweep(planned)
    seeds = [seed for _, seed in sweep.outcomes]
    assert len(set(seeds)) == 6  # each world has customers of its own
    data = plausible_data(planned, sweep, worlds, "ltv")
    assert data is not None
    assert data["worlds"] == 6
    assert sum(row["share"] for row in data["shares"]) == pytest.approx(1.0)
    (row,) = data["world_differences"]
    assert row["chance_low"] <= row["value"] <= row["chance_high"]
    assert {r["path"] for r in data["information"]} == {None, *KEYS}
    assert all(r["value"] >= 0 for r in data["information"])
    again = plausible_data(planned, run_sweep(planned), worlds, "ltv")
    assert again == data
    with pytest.raises(OptionError, match="two or more are needed"):
        plan_compared(COFFEE.id, small, worlds.fewer(1), ["no_contact"], Settings())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_other_encodings_and_decimal_commas_are_read(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text(f"{KEYS[0]};weight\n0,05;1\n0,1;3\n", encoding=encoding)
    found = read_worlds(path, COFFEE)
    assert found.values[KEYS[0]].tolist() == [0.05, 0.1]
    assert found.weights.tolist() == [0.25, 0.75]


def test_half_of_a_file_is_no_set(tmp_path: Path) -> None:
    path = tmp_path / "a.worlds.parquet"
    write_worlds(a_set(), path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match="or one that is cut short"):
        read_worlds(path, COFFEE)
