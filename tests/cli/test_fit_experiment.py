"""``fit --experiment`` and ``compare --plausible``: what they print and write, and their errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnilab import cli
from omnilab.fit.experiment.course import carry_out_test
from omnilab.scenario import load_scenario
from tests.fit.experiment.tables import rows_of, write_table

Call = Callable[..., tuple[int, str, str]]
COFFEE = "mapples-coffee-v1"
GIVEN = ("--control", "control", "--within", "14d")


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Call a command in a folder that has the table of a test, its simulations small ones."""
    monkeypatch.chdir(tmp_path)
    small = partial(carry_out_test, customers=500, take_part=100, waves=(6, 3))
    monkeypatch.setattr("omnilab.fit.experiment.course.carry_out_test", small)
    write_table(tmp_path / "test.csv", rows_of())

    def function(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(args)
        return (code, *capsys.readouterr())

    return function


def test_a_test_becomes_a_scenario_and_draws(call: Call, tmp_path: Path) -> None:
    arguments = ("fit", "--experiment", "test.csv", *GIVEN, "-o", "mine-v1.yaml")
    code, out, err = call(*arguments)
    assert code == 0, err
    for words in ("Lifts", "held out", "Parameters", "pinned", "Base rates", "created"):
        assert words in out
    assert "base rates, round 1" in err
    assert "written to mine-v1.yaml" in err
    assert "written to mine-v1-draws.parquet" in err
    assert load_scenario(Path("mine-v1.yaml")).id == "mine-v1"
    # A second fit would replace what the first one wrote, and not what is somebody else's.
    (tmp_path / "mine-v1-draws.parquet").write_text("mine", encoding="utf-8")
    code, _, err = call(*arguments)
    assert code == 2
    assert "mine-v1-draws.parquet" in err


def test_a_check_reads_and_writes_nothing(call: Call, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    code, out, err = call("fit", "--experiment", "test.csv", *GIVEN, "--check")
    assert code == 0, err
    assert "test.csv: checked" in out
    assert "control is the control arm" in out
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--experiment", "test.csv", "--control", "control"], "Missing option '--within'"),
        (["--experiment", "test.csv", "--control", "x", "--within", "14d", "-o", "a.yaml"],
         "is no arm of test"),
        (["--experiment", "test.csv", *GIVEN], "Missing option '-o'"),
        (["--experiment", "test.csv", *GIVEN, "--status", "s"], "--status: not with --experiment"),
        (["log.csv", "--experiment", "test.csv", *GIVEN], "are two fits"),
        (["log.csv", "--control", "a"], "--control: only with --experiment TABLE"),
        ([], "Missing argument 'TRANSACTIONS'"),
        (["--experiment", "test.csv", *GIVEN, "--content", "mn=men", "-o", "a.yaml"],
         "did you mean 'men'?"),
        (["--experiment", "test.csv", *GIVEN, "--channel", "emial", "-o", "a.yaml"],
         "did you mean 'email'?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(
    call: Call, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "log.csv").write_text("a\n", encoding="utf-8")
    before = set(tmp_path.iterdir())
    code, out, err = call("fit", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert set(tmp_path.iterdir()) == before


@pytest.mark.slow
def test_a_comparison_runs_in_the_worlds_of_draws(call: Call, tmp_path: Path) -> None:
    table = {
        "world.response.created": np.array([0.01, 0.3]),
        "channels.email.message.open": np.array([0.1, 0.3]),
        "weight": np.array([0.5, 0.5]),
    }
    write_table(tmp_path / "draws.csv", table)
    arguments: list[Any] = [
        "compare", COFFEE, "--customers", "60", "-s", "no_contact", "-s", "omnichannel",
    ]  # fmt: skip
    code, out, err = call(*arguments, "--draws", "draws.csv", "--worlds", "2", "--out", "run")
    assert code == 0, err
    assert "2 worlds, 60 customers in each" in out
    assert "of the worlds" in out
    code, _, err = call(*arguments, "--worlds", "2")
    assert code == 2
    assert "--worlds: only with --plausible" in err
    code, _, err = call(*arguments, "--plausible", "draws.csv", "--until", "1%")
    assert code == 2
    assert "--until is about one world" in err
    (tmp_path / "draws.csv").write_text("world.response.creatd,weight\n1,1\n", encoding="utf-8")
    code, _, err = call(*arguments, "--draws", "draws.csv")
    assert code == 2
    assert "world.response.creatd" in err
