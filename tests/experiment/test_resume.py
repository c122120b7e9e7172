"""A run that is killed between replications goes on there, to the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from omnilab import cli
from omnilab.experiment.checkpoint import CHECKPOINT, Checkpoint, holds_checkpoint
from tests.cli.laboratory import SHOP

ROOT = Path(__file__).resolve().parents[2]

# The real command, which ends itself by a signal after so many checkpoints.
CHILD = """
import os, sys
from omnilab.experiment.checkpoint import Checkpoint
save, saved = Checkpoint.save, []
def save_and_die(self, names, state):
    save(self, names, state)
    saved.append(state["done"])
    if len(saved) == 2:
        os.kill(os.getpid(), {number})
Checkpoint.save = save_and_die
from omnilab.cli import main
sys.exit(main(sys.argv[1:]))
"""
BROKEN = """
from omnilab.strategy import Choices, Plan, Sharing
class Broken:
    name = "broken"
    def plan(self, brand):
        return Plan(Sharing.every("all"), journeys=brand.journeys)
    def decide(self, pending):
        raise ValueError("no")
"""


def arguments(folder: Path, out: str, *more: str) -> list[str]:
    return [
        "compare", str(folder / "lab.yaml"), "-s", "multichannel", "-s", "omnichannel", *more,
        "--customers", "40", "--replications", "4", "--out", str(folder / out),
        "--json", str(folder / f"{out}.json"),
    ]  # fmt: skip


def killed(folder: Path, number: int, *more: str) -> int:
    path = f"{ROOT / 'sim'}:{ROOT / 'strategies'}:{ROOT}"
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(number=number), *arguments(folder, "runs/x", *more)],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    return done.returncode


def result(file: Path) -> dict:
    found: dict = json.loads(file.read_text())
    found.pop("elapsed_s")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lab.yaml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "broken.py").write_text(BROKEN, encoding="utf-8")
    (tmp_path / "runs").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGKILL, -9), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow)],
)
def test_a_killed_run_goes_on_to_the_same_bytes(folder, capsys, number: int, code: int) -> None:
    assert cli.main(arguments(folder, "runs/whole")) == 0
    assert killed(folder, number) == code
    assert not (folder / "runs" / "x").exists()
    (left,) = (folder / "runs").glob(".x.*.partial")
    assert sorted(p.name for p in left.iterdir()) == [CHECKPOINT]
    capsys.readouterr()
    assert cli.main(arguments(folder, "runs/x")) == 0
    assert "taking up a stopped run after 2 of 4 replications" in capsys.readouterr().err
    assert result(folder / "runs" / "x.json") == result(folder / "runs" / "whole.json")
    for name in ("results.parquet", "breakdowns.parquet", "report.html", "scenario.yaml"):
        whole, again = (folder / "runs" / r / name for r in ("whole", "x"))
        assert whole.read_bytes() == again.read_bytes(), name
    assert list((folder / "runs").glob(".x.*")) == []
    assert CHECKPOINT not in {p.name for p in (folder / "runs" / "x").iterdir()}


def test_another_run_does_not_take_it_up(folder, capsys) -> None:
    killed(folder, signal.SIGKILL)
    assert cli.main(arguments(folder, "runs/x", "--seed", "2")) == 0
    assert "taking up" not in capsys.readouterr().err
    assert list((folder / "runs").glob(".x.*")) == []


@pytest.mark.slow
def test_a_strategy_that_failed_fails_again(folder, capsys) -> None:
    more = ("-s", f"{folder / 'broken.py'}:Broken")
    assert cli.main(arguments(folder, "runs/whole", *more)) == 2
    assert killed(folder, signal.SIGKILL, *more) == -9
    capsys.readouterr()
    assert cli.main(arguments(folder, "runs/x", *more)) == 2
    err = capsys.readouterr().err
    assert "taking up a stopped run after 2 of 4" in err
    assert "strategy 'broken', decide" in err
    assert result(folder / "runs" / "x.json") == result(folder / "runs" / "whole.json")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "other"}'])
def test_what_cannot_be_read_is_no_checkpoint(tmp_path: Path, text: str) -> None:
    checkpoint = Checkpoint(tmp_path, "d")
    assert checkpoint.load(["a"]) is None
    (tmp_path / CHECKPOINT).write_text(text)
    assert checkpoint.load(["a"]) is None
    checkpoint.save(["a"], {"done": 1, "sum": 2**200})
    assert checkpoint.load(["a"]) == {"done": 1, "sum": 2**200}
    assert checkpoint.load(["b"]) is None
    assert Checkpoint(tmp_path, "e").load(["a"]) is None
    assert (holds_checkpoint(tmp_path, "d"), holds_checkpoint(tmp_path, "e")) == (True, False)
    checkpoint.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_without_room_ends_nothing(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "not there", "d")
    checkpoint.save(["a"], {"done": 1})
    assert checkpoint.load(["a"]) is None
