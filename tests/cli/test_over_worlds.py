"""``sweep`` and ``ablate`` over worlds, and the commands that are about one world."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from omnilab import cli
from omnilab.experiment.schemas import output_schema
from omnilab.runs.directories import MANIFEST

Call = Callable[..., tuple[int, str, str]]
COFFEE = "mapples-coffee-v1"
SMALL = (COFFEE, "--customers", "20", "--plausible", "set.csv")
TWO = ("-s", "no_contact", "-s", "omnichannel")
VARY = ("--vary", "strategies.omnichannel.cap.messages=1,3")
SET = """world.response.view_through,world.continuity.give_up,weight
0.01,0.05,1
0.1,0.2,1
0.05,0.4,2
"""


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    monkeypatch.chdir(tmp_path)
    Path("set.csv").write_text(SET, encoding="utf-8")

    def function(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(args)
        return (code, *capsys.readouterr())

    return function


def test_a_sweep_over_worlds_keeps_its_tables_and_is_verified(call: Call) -> None:
    code, out, err = call("sweep", *SMALL, *TWO, *VARY, "--measure", "ltv,margin", "--out", "kept")
    assert code == 0, err
    assert "2 points in 3 worlds, 20 customers in each" in out
    assert "of the worlds" in out
    assert "same sign in" in out
    rows = pd.read_parquet("kept/point_differences.parquet")
    assert list(rows.columns) == list(output_schema("point_differences")["properties"])
    assert len(rows) == 2 * 2  # values, measures; one strategy less the other
    assert (rows.chance_low <= rows.value).all()
    assert (rows.low <= rows.high).all()
    assert rows.same_sign.between(0, 1).all()
    shares = pd.read_parquet("kept/point_shares.parquet")
    assert list(shares.columns) == list(output_schema("point_shares")["properties"])
    assert shares.groupby("at").share.sum().tolist() == pytest.approx([1.0, 1.0])
    data = json.loads(Path("kept/sweep.json").read_text(encoding="utf-8"))
    assert [one["values"] for one in data["over_worlds"]["varied"]] == [
        "strategies.omnichannel.cap.messages=1", "strategies.omnichannel.cap.messages=3",
    ]  # fmt: skip
    manifest = json.loads((Path("kept") / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["options"]["block"] == 2
    code, out, err = call("verify", "kept")
    assert code == 0, err
    assert "6 of 6 points" in out


@pytest.mark.slow
def test_an_ablation_over_worlds_is_printed_and_written(call: Call) -> None:
    code, out, err = call(
        "ablate", *SMALL, "--over", "identity", "--measure", "ltv", "--json", "found.json"
    )
    assert code == 0, err
    assert "taken apart in 3 worlds, 20 customers in each" in out
    data = json.loads(Path("found.json").read_text(encoding="utf-8"))
    assert data["format"] == "omnilab-ablated-worlds-v1"
    assert {row["kind"] for row in data["effects"]} == {"whole", "alone", "last", "shapley"}
    assert all(row["worlds"] == 3 for row in data["effects"])
    assert sorted(p.name for p in Path().iterdir()) == ["found.json", "set.csv"]
    code, out, _ = call(
        "ablate", *SMALL, "--over", "identity", "--measure", "ltv", "--json", "-", "--threads", "2"
    )
    assert json.loads(out) == data  # whatever runs side by side


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("sweep", *SMALL, *TWO, "--vary", "world.continuity.give_up=0.1,0.2"),
         "--vary world.continuity.give_up: the worlds of --plausible move it already"),
        (("sweep", *SMALL, "-s", "omnichannel", *VARY), "name two strategies or more"),
        (("sweep", *SMALL, *TWO, *VARY, "--seeds", "1,2"), "one seed"),
        (("sweep", *SMALL, *TWO, *VARY, "--indices", "sobol"), "without --plausible"),
        (("sweep", COFFEE, *TWO, *VARY, "--worlds", "3"), "goes with --plausible"),
        (("sweep", COFFEE, *TWO, *VARY, "--plausible", "auto"), "there is no"),
        (("sweep", COFFEE, *TWO, *VARY, "--plausible", "bad.csv"), "bad.csv: column"),
        (("ablate", *SMALL, "--over", "world.continuity.give_up=20%"), "move it already"),
        (("ablate", *SMALL, "--out", "kept"), "there is no run directory: give --json FILE"),
        (("ablate", *SMALL, "--wiring", "all"), "one silo map at a time"),
        (("ablate", COFFEE, "--worlds", "3"), "goes with --plausible"),
        (("credit", *SMALL), "--plausible: credit is handed out in the log of one world"),
        (("run", *SMALL), "--plausible: a run is the log of one world"),
        (("hangs", *SMALL), "--plausible: it moves each assumption by itself"),
        (("find", COFFEE, "--plausible", "set.csv"), "--plausible: it looks for customers of one"),
        (("twin", COFFEE, "3", "--plausible", "set.csv"), "--plausible: it shows the days of one"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(call: Call, args: tuple[str, ...], said: str) -> None:
    Path("bad.csv").write_text("world.continuity.give_up,weight\n7,1\n0.2,1\n", encoding="utf-8")
    before = sorted(Path().rglob("*"))
    code, out, err = call(*args)
    assert code == 2, err
    assert said in err
    assert [line for line in err.splitlines() if line.startswith("error: ")] == err.splitlines()
    assert len(err.splitlines()) == 1
    assert out == ""
    assert sorted(Path().rglob("*")) == before


@pytest.mark.slow
def test_a_gate_takes_a_set_with_other_customers(call: Call) -> None:
    # A set belongs to the scenario as its file has it, however many customers are asked for.
    from omnilab import __version__
    from omnilab.experiment.plausible.file import read_worlds, write_worlds
    from omnilab.scenario import load_scenario
    from omnilab.scenario.write import scenario_digest

    scenario = load_scenario(COFFEE)
    keys = ("world.response.view_through", "world.continuity.give_up")
    about = {
        "scenario": {"id": COFFEE, "digest": scenario_digest(scenario)}, "version": __version__,
        "parameters": [{"key": key, "keys": [key]} for key in keys],
    }  # fmt: skip
    worlds = read_worlds(Path("set.csv"), scenario)
    write_worlds(type(worlds)(worlds.values, worlds.weights, about), Path("set.parquet"))
    Path("gate.yaml").write_text("guardrails:\n  - {worlds: 50%}\n", encoding="utf-8")
    code, _, err = call("check", COFFEE, *TWO[2:], "--gate", "gate.yaml", "--customers", "20",
                          "--plausible", "set.parquet")  # fmt: skip
    assert code in (0, 1), err
    assert "changed since" not in err


def test_a_gate_asks_worlds_of_two_files_that_name_their_strategy_alike(call: Call) -> None:
    """As in a pull request: its file against that of the main branch."""
    Path("gate.yaml").write_text("guardrails:\n  - {worlds: 50%}\n", encoding="utf-8")
    for folder, name in (("here", "tea"), ("main", "tea"), ("apart", "other")):
        Path(folder).mkdir()
        sharing = "handoff" if folder == "here" else "silo"
        Path(folder, "tea.yaml").write_text(f"name: {name}\nsharing: {sharing}\n", encoding="utf-8")
    said = {}
    for folder in ("main", "apart"):
        code, _, err = call("check", COFFEE, "--gate", "gate.yaml", "-s", "here/tea.yaml",
                            "--against", f"{folder}/tea.yaml", "--customers", "20",
                            "--plausible", "set.csv", "--json", f"{folder}.json")  # fmt: skip
        assert code in (0, 1), err
        said[folder] = json.loads(Path(f"{folder}.json").read_text(encoding="utf-8"))
    assert (said["main"]["strategy"], said["main"]["reference"]) == ("tea-new", "tea-present")
    guards = [[g for g in one["guards"] if g["kind"] == "worlds"] for one in said.values()]
    assert guards[0] == guards[1]
    assert guards[0]
