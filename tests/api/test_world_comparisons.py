"""A comparison over a set of worlds from Python is that of the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import omnilab as ol
from omnilab import __version__, cli
from omnilab.errors import DataError, OptionError
from omnilab.experiment.plausible.file import WorldSet, write_worlds
from omnilab.scenario.write import scenario_digest

COFFEE = ol.load_scenario("mapples-coffee-v1")
KEYS = ("world.response.view_through", "world.taste.memory")
NAMES = ["no_contact", "multichannel", "omnichannel"]


@pytest.fixture
def worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorldSet:
    """Write a set beside the shipped scenario, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    values = {KEYS[0]: rng.uniform(0, 0.15, 5), KEYS[1]: rng.integers(90, 700, 5) * 86400.0}
    about = {
        "scenario": {"id": COFFEE.id, "digest": scenario_digest(COFFEE)}, "version": __version__,
        "parameters": [{"key": k, "keys": [k]} for k in KEYS],
    }  # fmt: skip
    found = WorldSet(values, np.full(5, 0.2), about)
    write_worlds(found, tmp_path / "mapples-coffee-v1.worlds.parquet")
    return found


def test_tables_are_those_of_the_command(worlds: WorldSet) -> None:
    found = ol.compare_plausible(COFFEE.id, strategies=NAMES, customers=40, seed=3, threads=1)
    command = ["compare", COFFEE.id, *(x for n in NAMES for x in ("-s", n)), "--seed", "3",
               "--plausible", "auto", "--customers", "40", "--threads", "1", "-q",
               "--json", "kept.json"]  # fmt: skip
    assert cli.main(command) == 0
    kept = json.loads(Path("kept.json").read_text(encoding="utf-8"))["plausible"]
    assert found.data() == kept
    shares = found.shares()
    assert sorted(shares.index) == sorted(NAMES)
    assert shares["share"].sum() == pytest.approx(1.0)
    assert (shares["low"] <= shares["share"]).all()
    differences = found.differences()
    assert "multichannel" not in differences.index  # the reference, the status quo
    assert (differences["world_low"] <= differences["world_high"]).all()
    information = found.information()
    assert set(information["path"].dropna()) == set(KEYS)
    assert information["path"].isna().sum() == 1
    assert len(found.sweep.table(["ltv"])) == worlds.n * len(NAMES)
    assert "worlds" in repr(found)


def test_a_loaded_scenario_and_a_table_of_ones_own_will_do(tmp_path: Path) -> None:
    table = tmp_path / "set.csv"
    table.write_text(f"{KEYS[0]},weight\n0,3\n0.1,1\n", encoding="utf-8")
    found = ol.compare_plausible(COFFEE, table, NAMES[:2], customers=20, threads=1)
    assert found.data()["worlds"] == 2
    assert found.data()["file"] == "set.csv"


def test_what_cannot_be_is_told_in_pythons_words(worlds: WorldSet, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="worlds: 1 "):
        ol.compare_plausible(COFFEE, worlds=1)
    with pytest.raises(OptionError, match="plausible: 3 is neither"):
        ol.compare_plausible(COFFEE, 3)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"there is no .*retailer-v1\.worlds\.parquet"):
        ol.compare_plausible("retailer-v1")
    other = tmp_path / "old.parquet"
    write_worlds(replace(worlds, about={**worlds.about, "version": "0.0.1"}), other)
    with pytest.raises(DataError, match=r"made by omnilab 0\.0\.1"):
        ol.compare_plausible(COFFEE, other)
