"""A sweep and an ablation over a set of worlds from Python are those of the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import omnilab as ol
from omnilab import cli
from omnilab.errors import OptionError

COFFEE = "mapples-coffee-v1"
TWO = ["no_contact", "omnichannel"]
CAP = "strategies.omnichannel.cap.messages"
SET = """world.response.view_through,world.continuity.give_up,weight
0.01,0.05,1
0.1,0.2,1
0.05,0.4,2
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("set.csv").write_text(SET, encoding="utf-8")


def test_a_sweep_has_the_numbers_of_the_command() -> None:
    found = ol.sweep(
        COFFEE, {CAP: [1, 3]}, TWO, plausible="set.csv", customers=12, seeds=[4], threads=1,
        out="kept",
    )  # fmt: skip
    command = ["sweep", COFFEE, "--vary", f"{CAP}=1,3", "-s", TWO[0], "-s", TWO[1], "--seeds", "4",
               "--plausible", "set.csv", "--customers", "12", "--threads", "1", "-q",
               "--out", "said"]  # fmt: skip
    assert cli.main(command) == 0
    kept = json.loads(Path("kept/sweep.json").read_text(encoding="utf-8"))
    said = json.loads(Path("said/sweep.json").read_text(encoding="utf-8"))
    assert kept == said == json.loads(json.dumps(found.data()))
    assert Path("kept/point_shares.parquet").is_file()
    shares, differences = found.shares(), found.differences("margin")
    assert shares.to_dict("records") == said["over_worlds"]["point_shares"]
    assert differences.to_dict("records") == [
        r for r in said["over_worlds"]["point_differences"] if r["measure"] == "margin"
    ]
    assert shares.groupby("at").share.sum().tolist() == pytest.approx([1.0, 1.0])
    assert len(found.table(["ltv"])) == 3 * 2 * 2  # worlds, values, strategies


def test_an_ablation_has_the_numbers_of_the_command() -> None:
    found = ol.ablate(
        COFFEE, over=["identity", "stop"], measures=["ltv"], plausible="set.csv", worlds=2,
        customers=12, seed=4, threads=1,
    )  # fmt: skip
    command = ["ablate", COFFEE, "--over", "identity", "--over", "stop", "--measure", "ltv",
               "--plausible", "set.csv", "--worlds", "2", "--customers", "12", "--seed", "4",
               "--threads", "1", "-q", "--json", "said.json"]  # fmt: skip
    assert cli.main(command) == 0
    said = json.loads(Path("said.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(found.data())) == said
    assert found.switches == ["identity", "stop"]
    assert found.failures == {}
    assert found.shapley().index.tolist() == ["identity", "stop", "whole"]
    assert len(found.table()) == len(said["effects"])
    assert "2 worlds" in repr(found)
    with pytest.raises(OptionError, match="not one of ltv"):
        found.shapley("lvt")


def test_what_cannot_be_is_told_in_pythons_words() -> None:
    vary = {CAP: [1]}
    with pytest.raises(OptionError, match="worlds: how many of a set are run goes with plausible"):
        ol.sweep(COFFEE, vary, worlds=3)
    with pytest.raises(OptionError, match="worlds: how many of a set are run goes with plausible"):
        ol.ablate(COFFEE, worlds=3)  # type: ignore[call-overload]
    with pytest.raises(OptionError, match="plausible: 3 is neither"):
        ol.sweep(COFFEE, vary, plausible=3)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="plausible auto: there is no"):
        ol.ablate(COFFEE, plausible="auto")
    with pytest.raises(OptionError, match="indices: they are of one world"):
        ol.sweep(COFFEE, vary, plausible="set.csv", indices="sobol")
    with pytest.raises(OptionError, match=r"vary world\.continuity\.give_up: the worlds of plaus"):
        ol.sweep(COFFEE, {"world.continuity.give_up": [0.1]}, TWO, plausible="set.csv")
    with pytest.raises(OptionError, match=r"over world\.continuity\.give_up: the worlds of plaus"):
        ol.ablate(COFFEE, over=["world.continuity.give_up=20%"], plausible="set.csv")
    with pytest.raises(OptionError, match="name two strategies or more"):
        ol.sweep(COFFEE, vary, ["omnichannel"], plausible="set.csv")
    with pytest.raises(OptionError, match="this sweep is of one world"):
        ol.sweep(COFFEE, vary, TWO, customers=5, threads=1).shares()
