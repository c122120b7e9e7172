"""The gate's own files: checked before its minutes of work, as omnilab's commands do."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bench.gate.__main__ import gate
from omnilab.cli.places import PlacesCommand, Writes


def test_its_outputs_are_declared() -> None:
    assert isinstance(gate, PlacesCommand)
    outputs = [p.name for p in gate.params if isinstance(p.type, Writes)]
    assert outputs == ["markdown_to", "json_to"]
    assert not any(isinstance(p.type, click.Path | click.File) for p in gate.params)


@pytest.mark.parametrize("option", ["--markdown", "--json"])
def test_a_file_of_the_users_is_not_written_over(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.md").write_text("mine", encoding="utf-8")
    for place, said in (
        ("mine.md", "omnilab did not write it"),
        ("none/table", "there is no directory"),
        ("/dev/full", "No space left on device"),
    ):
        done = CliRunner().invoke(gate, ["no-such-reference", option, place])
        assert done.exit_code == 2
        assert said in done.output
        assert "Traceback" not in done.output
    assert Path("mine.md").read_text(encoding="utf-8") == "mine"
