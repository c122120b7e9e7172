"""A plug-in that fails in the real simulation: one line, and the other strategies' results."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from omnilab import cli
from tests.cli.laboratory import SHOP

PLUG_IN = """
import numpy as np
from omnilab.scenario.model import Cap
from omnilab.strategy import Choices, Plan, Sharing

class Good:
    name = "good"
    def plan(self, brand):
        return Plan(sharing=Sharing.every("all"), journeys=brand.journeys)

class RaisesInPlan(Good):
    def plan(self, brand):
        raise ValueError("no plan")

class NoPlan(Good):
    def plan(self, brand):
        return {"journeys": 3}

class HigherCap(Good):
    def plan(self, brand):
        cap = Cap(messages=8, per=86400)
        return Plan(sharing=Sharing.every("all"), journeys=brand.journeys, cap=cap)

class Raises(Good):
    name = "raises"
    def decide(self, pending):
        raise ValueError("no model\\nat all")

class TooLong(Good):
    name = "too_long"
    def decide(self, pending):
        return Choices(send=np.ones(len(pending.cart_cents) + 1, bool))

class Nothing(Good):
    name = "nothing"
    def decide(self, pending):
        return None

class NaN(Good):
    name = "nan"
    def decide(self, pending):
        return Choices(send=np.full(len(pending.cart_cents), np.nan))

class Exits(Good):
    name = "exits"
    def decide(self, pending):
        raise SystemExit(0)

class NeverLearns(Good):
    name = "never_learns"
    def learn(self, observed):
        raise KeyError("receipts")
"""

# Class -> hook and message; those that fail before the simulation, and those that fail inside.
BEFORE = {
    "RaisesInPlan": r"plan: ValueError: no plan \(plugins.py, line 13\)",
    "NoPlan": "plan: returned dict, not a Plan",
    "HigherCap": "plan: cap: .*; a plan may lower the cap, not raise it",
    "Missing": "import: plugins.py has no class 'Missing'",
}
INSIDE = {
    "Raises": r"'raises', decide at day \d+ \d\dh: ValueError: no model at all \(plugins.py, .*\)",
    "TooLong": r"'too_long', decide at day \d+ \d\dh: send has shape \(\d+,\), expected \(\d+,\)",
    "Nothing": r"'nothing', decide at day \d+ \d\dh: returned NoneType, not Choices",
    "NaN": r"'nan', decide at day \d+ \d\dh: send is NaN in row \d+ .*; give booleans",
    "Exits": r"'exits', decide at day \d+ \d\dh: SystemExit: 0 .*",
    "NeverLearns": r"'never_learns', learn at day \d+ \d\dh: KeyError: 'receipts' .*",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yaml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "plugins.py").write_text(PLUG_IN, encoding="utf-8")
    return tmp_path


def compare(capsys, *args: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main(["compare", "lab.yaml", *args, "--quiet", "--json", "-"])
    return (code, *capsys.readouterr())


@pytest.mark.parametrize("name", BEFORE)
def test_what_fails_before_is_one_line_and_nothing_written(folder, capsys, name: str) -> None:
    code, out, err = compare(capsys, "-s", "no_contact", "-s", f"plugins.py:{name}")
    assert (code, out) == (2, "")
    wanted = f"error: strategy 'plugins.py:{name}', {BEFORE[name]}"
    assert re.match(wanted, err), err
    assert err.count("\n") == 1
    assert not (folder / "runs").exists()


@pytest.mark.parametrize("engine", [pytest.param("simpy", marks=pytest.mark.slow), "compiled"])
def test_what_fails_inside_keeps_the_others(folder, capsys, engine: str) -> None:
    """All in one comparison: each fails by itself, and no_contact has the numbers it has alone."""
    more = ("--engine", engine, "--customers", "60")
    code, alone, err = compare(capsys, "-s", "no_contact", *more, "--out", "alone")
    assert (code, err) == (0, "")
    failing = [part for name in INSIDE for part in ("-s", f"plugins.py:{name}")]
    code, out, err = compare(capsys, *failing, "-s", "no_contact", *more, "--out", "kept")
    assert code == 2
    lines = err.splitlines()
    assert len(lines) == len(INSIDE)
    for wanted in INSIDE.values():
        assert any(re.fullmatch(f"error: strategy {wanted}", line) for line in lines), lines
    assert json.loads(out)["strategies"] == json.loads(alone)["strategies"]
    manifest = json.loads((folder / "kept" / "manifest.json").read_text())
    assert manifest["status"] == "partial"


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        ("Raises", "compiled"),
        *(
            pytest.param(name, engine, marks=pytest.mark.slow)
            for name in INSIDE for engine in ("simpy", "compiled")
            if (name, engine) != ("Raises", "compiled")
        ),
    ],
)  # fmt: skip
def test_alone_it_leaves_nothing(folder, capsys, name: str, engine: str) -> None:
    more = ("--engine", engine, "--customers", "60", "--out", "none")
    code, out, err = compare(capsys, "-s", f"plugins.py:{name}", *more)
    assert (code, out) == (2, "")
    assert re.fullmatch(f"error: strategy {INSIDE[name]}\n", err), err
    assert sorted(path.name for path in folder.iterdir()) == ["lab.yaml", "plugins.py"]
