"""``omnilab verify``: equal runs pass, anything changed is named."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from omnilab.cli import main
from omnilab.errors import StrategyError
from tests.cli import laboratory


@pytest.fixture
def made(call) -> Path:
    args = ["--seed", "3", "--customers", "40", "--replications", "2", "--out", "made", "-q"]
    assert call("compare", "lab.yaml", *args)[0] == 0
    return Path("made")


def test_an_equal_run_is_0(call, made: Path) -> None:
    Path("lab.yaml").unlink()  # the run has all it needs
    code, out, err = call("verify", str(made))
    assert code == 0
    assert err.splitlines() == ["multichannel", "no_contact", "omnichannel"]  # its progress
    assert [line.split(":")[0] for line in out.splitlines()] == [
        "multichannel",
        "no_contact",
        "omnichannel",
    ]
    assert call("verify", str(made), "--quiet") == (0, "", "")


def test_another_engine_must_agree(call, lab, made: Path) -> None:
    seen = []

    def spy(*args, **options) -> SimpleNamespace:
        seen.append(options["engine"])
        return laboratory.compare(*args, **options)

    lab.compare = spy
    assert call("verify", str(made), "--engine", "compiled")[0] == 0
    assert seen == ["compiled"]


@pytest.mark.parametrize(
    "name", ["scenario.yaml", "result.json", "results.parquet", "breakdowns.parquet"]
)
def test_a_changed_file_is_1(call, made: Path, name: str) -> None:
    file = made / name
    file.write_bytes(file.read_bytes() + b"\n")
    code, _, err = call("verify", str(made))
    assert code == 1
    assert f"{name}: changed" in err
    if name.startswith("r") and name.endswith("t"):
        file.unlink()
        assert f"{name}: missing" in call("verify", str(made))[2]


def test_another_log_or_number_is_1(call, lab, made: Path) -> None:
    def other(*args, **options) -> SimpleNamespace:
        return laboratory.compare(*args, **(options | {"seed": 4}))

    lab.compare = other
    code, out, err = call("verify", str(made))
    assert (code, out) == (1, "")
    assert "omnichannel: the log differs" in err
    assert "strategies.omnichannel.measures.ltv.value" in err


@pytest.mark.slow
def test_a_changed_plugin_is_1(call) -> None:
    Path("mine.py").write_text(
        "from omnilab.strategy import Plan\nclass Mine:\n    name = 'mine'\n"
        "    def plan(self, brand):\n        return Plan()\n"
    )
    args = ["-s", "mine.py:Mine", "-s", "no_contact", "--out", "made", "-q"]
    assert call("compare", "lab.yaml", *args)[0] == 0
    assert call("verify", "made")[0] == 0
    with Path("mine.py").open("a") as file:
        file.write("# changed\n")
    code, _, err = call("verify", "made")
    assert code == 1
    assert "mine: its source has changed" in err
    Path("mine.py").unlink()
    assert call("verify", "made")[0] == 2


def test_a_strategy_that_now_fails_is_1(call, lab, made: Path) -> None:
    error = StrategyError("no", strategy="omnichannel", hook="decide", time_s=5)
    lab.compare = partial(laboratory.compare, failing={"omnichannel": error})
    code, _, err = call("verify", str(made))
    assert code == 1
    assert "strategy 'omnichannel', decide" in err


def test_the_version_is_said_where_something_differs(call, made: Path) -> None:
    manifest = json.loads((made / "manifest.json").read_text())
    (made / "manifest.json").write_text(json.dumps(manifest | {"omnilab": "0.0.1"}))
    assert call("verify", str(made))[0] == 0
    manifest["strategies"][0]["log_digest"] = "0" * 32
    (made / "manifest.json").write_text(json.dumps(manifest | {"omnilab": "0.0.1"}))
    code, _, err = call("verify", str(made))
    assert code == 1
    assert "made by omnilab 0.0.1" in err


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "omnilab-run-v1"}', '{"format": "other"}', "[" * 10**5]
)
def test_a_bad_manifest_is_2(call, made: Path, text: str) -> None:
    (made / "manifest.json").write_text(text)
    code, out, err = call("verify", str(made))
    assert (code, out) == (2, "")
    assert err.startswith("error: made/manifest.json")
    assert err.count("\n") == 1


def test_no_run_is_2(call) -> None:
    assert call("verify", "nothing")[0] == 2
    assert call("verify", "lab.yaml")[0] == 2


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Go where a small shop's file is."""
    from omnilab.scenario.write import scenario_to_yaml
    from tests.worlds import corner

    monkeypatch.chdir(tmp_path)
    names = ["multichannel", "omnichannel"]
    scenario = corner(population={"customers": 30}, strategies=names)
    Path("shop.yaml").write_text(scenario_to_yaml(scenario))


@pytest.mark.slow
def test_a_sweep_is_run_again_point_by_point(shop, capsys) -> None:
    vary = ["--vary", "strategies.*.cap.messages=1,2", "--vary", "world.fatigue.exponent=.2,.3,.4"]
    args = [*vary, "--seeds", "1,2", "--out", "swept", "--quiet"]
    assert main(["sweep", "shop.yaml", *args]) == 0
    assert main(["verify", "swept", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["verify", "swept", "--points", "2"]) == 0
    assert capsys.readouterr().out == "2 of 6 points, 2 seeds: equal\n"
    point = Path("swept/points/p000005-s2.json")
    kept = json.loads(point.read_text())
    kept["strategies"][0]["log_digest"] = "0" * 32
    point.write_text(json.dumps(kept))
    assert main(["verify", "swept", "--points", "2"]) == 1
    said = capsys.readouterr().err
    assert "points: changed since it was written" in said
    assert "point 5, seed 2, multichannel: the log differs: 00000000" in said


def test_scenarios_side_by_side_are_run_again_too(shop, capsys) -> None:
    Path("other.yaml").write_text(
        Path("shop.yaml").read_text().replace("exponent: 0.27", "exponent: 0.3")
    )
    assert main(["compare", "shop.yaml", "other.yaml", "--out", "two", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["verify", "two"]) == 0
    assert capsys.readouterr().out == "2 of 2 points, 1 seed: equal\n"


def test_an_ablation_is_run_again(shop, capsys) -> None:
    asked = ["ablate", "shop.yaml", "--over", "identity", "--over", "context"]
    assert main([*asked, "--out", "apart", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["verify", "apart"]) == 0
    assert "equal" in capsys.readouterr().out
    path = Path("apart/result.json")
    result = json.loads(path.read_text())
    result["combinations"][0]["log_digest"] = "0" * 32
    path.write_text(json.dumps(result))
    assert main(["verify", "apart"]) == 1
    assert "combinations" in capsys.readouterr().err
    assert main(["verify", "apart", "--points", "1"]) == 2
    assert "--points: is about a sweep" in capsys.readouterr().err
