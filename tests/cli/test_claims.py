"""``omnilab claims``: what is printed and written, and one line for what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import omnilab
from omnilab import cli
from omnilab.errors import OptionError
from omnilab.scenario import scenario_to_yaml
from tests.worlds import corner

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(scenario_to_yaml(corner()), encoding="utf-8")

    def function(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(args)
        return (code, *capsys.readouterr())

    return function


def test_it_prints_and_writes_what_python_says(call: Call, tmp_path: Path) -> None:
    few = ("--customers", "40", "--replications", "1", "--seed", "3")
    code, out, err = call("claims", "shop.yaml", *few, "--json", "o.json", "--page", "o.md")
    assert code == 0, err
    assert "corner-v1: claims of the trade, simulated and published" in out
    assert "as their sources measured them" in out
    data = json.loads((tmp_path / "o.json").read_text())
    assert data["format"] == "omnilab-published-claims-v1"
    page = (tmp_path / "o.md").read_text()
    assert "omnilab claims shop.yaml --customers 40 --replications 1 --seed 3" in page
    result = omnilab.claims("shop.yaml", customers=40, replications=1, seed=3)
    assert result.data == data
    assert set(result.table.reading) == {"causal", "as_measured", "gap", "unwritten"}
    assert "expectation" in result.missing
    assert "published figures" in repr(result)


def test_over_a_set_of_worlds(call: Call, tmp_path: Path) -> None:
    rows = "world.satisfaction.kappa,weight\n0.1,1\n1.0,3\n"
    (tmp_path / "set.csv").write_text(rows, encoding="utf-8")
    few = ("--customers", "40", "--replications", "1")
    code, out, err = call(
        "claims", "shop.yaml", *few, "--plausible", "set.csv", "--json", "-", "-q"
    )
    assert code == 0, err
    data = json.loads(out)
    assert (data["worlds"], data["worlds_file"]) == (2, "set.csv")
    reading = data["claims"][0]["readings"]["causal"]
    assert reading["world_low"] <= reading["value"] <= reading["world_high"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("retialer-v1",), "did you mean"),
        (("shop.yaml", "--worlds", "5"), "--worlds: how many of a set are run goes with"),
        (("shop.yaml", "--plausible", "auto"), "there is no shop.worlds.parquet"),
        (("shop.yaml", "--replications", "0"), "--replications"),
    ],
)
def test_bad_input_is_one_line(call: Call, args: tuple[str, ...], said: str) -> None:
    code, out, err = call("claims", *args)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("error:") == 1


def test_python_refuses_worlds_without_a_set() -> None:
    with pytest.raises(OptionError, match="goes with plausible"):
        omnilab.claims(corner(), worlds=5)
