"""The commands that sweep: exit codes, one line for what is wrong, and what is left on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from omnilab import cli
from omnilab.experiment.schemas import output_schema
from omnilab.scenario import load_scenario
from omnilab.strategy.loading import load_strategy

COFFEE = "mapples-coffee-v1"
SMALL = (COFFEE, "--customers", "30", "-s", "multichannel", "-s", "omnichannel")
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    monkeypatch.chdir(tmp_path)

    def function(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(args)
        return (code, *capsys.readouterr())

    return function


def test_one_command_makes_a_table(call: Call, tmp_path: Path) -> None:
    code, out, err = call(
        "sweep", *SMALL, "--vary", "world.continuity.give_up=0%,20%", "--vary",
        "strategies.omnichannel.cap.messages=1,3", "--seeds", "1..2", "--measure", "ltv,margin",
        "--out", "kept",
    )  # fmt: skip
    assert code == 0
    assert "8 comparisons in 4 runs, about" in err  # said before it starts
    assert "4 points with 2 seeds: 4 runs for 8 comparisons." in out
    assert "LTV, EUR: difference to multichannel" in out
    rows = pd.read_parquet("kept/sweep.parquet")
    assert set(rows.measure) == {"ltv", "margin"}
    assert len(rows) == 4 * 3 * 2 * 2  # points, seeds and all of them, strategies, measures
    assert list(rows.columns) == list(output_schema("sweep")["properties"])
    points = pd.read_parquet("kept/points.parquet")
    assert list(points.columns) == list(output_schema("points")["properties"])
    assert points[points.path == "world.continuity.give_up"].number.tolist() == [0, 0, 0.2, 0.2]
    assert points.run.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    data = json.loads(Path("kept/sweep.json").read_text())
    assert data["shared"]["burn_ins"] == 4
    assert data["failures"] == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kept"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--vary", "world.continuity.giveup=0"], "did you mean 'give_up'?"),
        (["--vary", "world.continuity.give_up=0..2"], "give_up=2: "),
        (["--vary", "brand.cap.messages=1..9:1000", "--vary", "world.continuity.give_up=0..1:1000"],
         "the sweep has 9,000 runs, about "),
        (["--vary", "world.intent.slope=1..9:1000", "--vary", "world.continuity.give_up=0..1:1000"],
         "the sweep has 1,000,000 runs, about "),
        (["--vary", "world.intent.slope=1..9:1000", "--vary", "world.continuity.give_up=0..1:1000",
          "--yes"], "at most 100,000 runs are taken at once"),
        (["--vary", "brand.cap.messages=1", "--vary", "brand.cap.messages=2"], "is given twice"),
        (["--vary", "brand.cap.messages=1", "--points", "9"], "a grid has all combinations"),
        (["--vary", "brand.cap.messages=1", "--seeds", "1,x"], "whole numbers"),
        (["--vary", "brand.cap.messages=1", "--seeds", "1,1"], "1 is given twice"),
        (["--vary", "brand.cap.messages=1", "--measure", "lvt"], "did you mean 'ltv'?"),
        (["--vary", "brand.cap.messages=1", "--against", "omnichanel"], "did you mean"),
        (["--vary", "strategies.omnichannel.cap.messages=1.."], "has not both ends of a range"),
        (["--vary", "brand.cap.messages=.."], "has not both ends of a range"),
        (["--vary", "strategies.omnichannel.cap.messages=x"], "strategy 'omnichannel', plan: cap"),
        (["--vary", "strategies=1,2"], "such as strategies.multichannel.sharing.identity"),
        (["--vary", "brand.cap.messages=1", "--measure", ""], "--measure ''"),
        ([], "Missing option '--vary'"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_leaves_nothing(
    call: Call, tmp_path: Path, args: list[str], message: str
) -> None:
    code, out, err = call("sweep", *SMALL, *args)
    lines = [line for line in err.splitlines() if line.startswith("error: ")]
    assert (code, out) == (2, "")
    assert len(lines) == 1
    assert message in lines[0]
    assert list(tmp_path.iterdir()) == []


def test_more_runs_than_meant_say_their_time(call: Call) -> None:
    _, _, err = call("sweep", *SMALL, "--vary", "world.intent.slope=1..9:2000")
    assert "the sweep has 2,000 runs, about" in err
    assert "give --yes" in err


def test_a_point_that_fails_is_listed_and_the_code_is_2(call: Call) -> None:
    code, out, err = call(
        "sweep", *SMALL, "--vary", "brand.cap.messages=1,3", "--vary",
        "strategies.omnichannel.cap.messages=1,2", "--measure", "ltv", "--out", "kept",
    )  # fmt: skip
    assert code == 2
    assert "error: point 1 (brand.cap.messages=1, strategies.omnichannel.cap.messages=2): " in err
    assert "3, 2" in out
    assert json.loads(Path("kept/manifest.json").read_text())["status"] == "partial"


def test_another_run_is_not_replaced(call: Call) -> None:
    one = ["sweep", *SMALL, "--quiet", "--out", "kept", "--vary"]
    assert call(*one, "brand.cap.messages=1,2")[0] == 0
    before = Path("kept/sweep.parquet").read_bytes()
    code, _, err = call(*one, "brand.cap.messages=2,3")
    assert code == 2
    assert "holds another run" in err
    assert Path("kept/sweep.parquet").read_bytes() == before
    assert call(*one, "brand.cap.messages=1,2")[0] == 0  # the same one is
    assert call(*one, "brand.cap.messages=2,3", "--replace")[0] == 0
    code, _, err = call("find", "kept", "--left")
    assert code == 2
    assert "is of the format omnilab-sweep-v1: give a directory of compare or run" in err


def test_json_has_the_rows(call: Call) -> None:
    code, out, _ = call("sweep", *SMALL, "--vary", "brand.cap.messages=1,2", "--json", "-")
    data = json.loads(out)
    assert code == 0
    assert data["format"] == "omnilab-sweep-v1"
    table = pd.read_parquet(next(Path("runs").iterdir()) / "sweep.parquet")
    kept: list[dict[str, Any]] = json.loads(table.to_json(orient="records", double_precision=15))
    assert len(kept) == len(data["rows"])
    assert [r["value"] for r in data["rows"]] == pytest.approx([r["value"] for r in kept])


@pytest.mark.slow
def test_scenarios_side_by_side(call: Call) -> None:
    args = ["--customers", "40", "-s", "multichannel", "-s", "omnichannel"]
    code, out, _ = call("compare", COFFEE, "boots-v1", *args, "--out", "kept")
    assert code == 0
    text = " ".join(out.split())
    assert text.count(f"{COFFEE}: ") == 1
    assert text.count("boots-v1: ") == 1
    table = pd.read_parquet("kept/sweep.parquet")
    for point, scenario in enumerate((COFFEE, "boots-v1")):
        assert call("compare", scenario, *args, "--quiet", "--out", f"run{point}")[0] == 0
        own = pd.read_parquet(f"run{point}/results.parquet").set_index(["strategy", "measure"])
        mine = table[table.point == point].set_index(["strategy", "measure"])
        assert mine["value"].dropna().to_dict() == own["value"].loc[mine.index].dropna().to_dict()
    ltv = table[table.measure == "ltv"].set_index(["point", "strategy"])["value"]
    winners = [ltv[point].idxmax() for point in (0, 1)]
    same = "has the best LTV in all 2 scenarios" in text
    assert same == (winners[0] == winners[1])
    assert call("compare", COFFEE, COFFEE, *args)[0] == 2


@pytest.mark.parametrize(
    "option",
    [
        ["--fail-if", "ltv(omnichannel) < 0"], ["--until", "1%"], ["--most-customers", "90"],
        ["--customers-table"], ["--equal-volume", "omnichannel,multichannel"],
    ],
)  # fmt: skip
def test_what_is_about_one_scenario_is_refused_of_several(
    call: Call, tmp_path: Path, option: list[str]
) -> None:
    code, out, err = call("compare", COFFEE, "boots-v1", "--customers", "20", *option)
    assert (code, out) == (2, "")
    assert err == f"error: {option[0]} is about one scenario: compare each by itself\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_it_hangs_on(call: Call) -> None:
    code, out, err = call("hangs", *SMALL, "--worlds", "4", "--out", "kept")
    assert code == 0
    assert "about" in err
    assert "of the worlds." in out
    assert "world.continuity.give_up" in out
    tornado = pd.read_parquet("kept/tornado.parquet")
    assert list(tornado.columns) == list(output_schema("tornado")["properties"])
    data = json.loads(Path("kept/sweep.json").read_text())["hangs"]
    assert data["worlds"] == 4
    assert [r["path"] for r in data["tornado"]] == tornado.path.tolist()
    for args, said in (
        ((*SMALL, "--vary", "world.continuity.giveup=0%..1%"), "did you mean 'give_up'?"),
        ((COFFEE, "-s", "omnichannel"), "one strategy always wins"),
        ((*SMALL, "--vary", "strategies.*.sharing=1..2"), "is no number"),
    ):
        code, _, err = call("hangs", *args)
        assert (code, said in err) == (2, True)


@pytest.mark.slow
def test_it_can_hang_on_a_plan(call: Call) -> None:
    path = "strategies.omnichannel.cap.messages"
    args = ("--worlds", "0", "--quiet", "--out", "kept")
    assert call("hangs", *SMALL, "--vary", f"{path}=1..3", *args)[0] == 0
    points = pd.read_parquet("kept/points.parquet").query("path == @path").sort_values("point")
    plan = load_strategy("omnichannel", load_scenario(COFFEE)).plan
    assert plan.cap is not None
    now = plan.cap.messages  # all other points keep what the strategy has
    assert points.number.iloc[0] == now
    assert sorted(points.number) == sorted([now] * (len(points) - 2) + [1, 3])
