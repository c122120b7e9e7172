"""A folder with a small scenario, and the simulation's stand-in for the commands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from omnilab import cli
from tests.cli import laboratory

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Put the stand-in where commands look for the simulation; tests may change its parts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    (tmp_path / "lab.yaml").write_text(laboratory.SHOP, encoding="utf-8")
    stand_in = SimpleNamespace(compare=laboratory.compare, person_rows=laboratory.person_rows)
    for name in ("compare", "singles"):
        monkeypatch.setitem(sys.modules, f"omnilab.experiment.{name}", stand_in)
    return stand_in


@pytest.fixture
def call(lab: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line; return its code, stdout and stderr."""

    def function(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(args)
        return (code, *capsys.readouterr())

    return function
