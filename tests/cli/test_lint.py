"""``omnilab lint`` and ``omnilab preview``: exit codes, JSON and errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock, patch

import pytest

from omnilab import cli
from tests.cli.laboratory import SHOP


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    stopped = SHOP.replace("trigger: cart\n", "trigger: cart\n      until: [order]\n")
    Path("shop.yaml").write_text(stopped, encoding="utf-8")
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


def test_a_sound_plan_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lint", "shop.yaml", "--customers", "0"]) == 0
    assert "omnichannel: nothing found." in capsys.readouterr().out


def test_findings_exit_with_1_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    Path("shop.yaml").write_text(
        SHOP.replace("- message: {channels: [email]}\n    - name: news",
                     "- exit: true\n        - message: {channels: [email]}\n    - name: news"),
        encoding="utf-8",
    )  # fmt: skip
    assert cli.main(["lint", "shop.yaml", "--customers", "0", "--json", "-"]) == 1
    said = capsys.readouterr()
    data = json.loads(said.out)
    assert data["format"] == "omnilab-lint-v1"
    assert [f["rule"] for f in data["findings"]] == ["never_reached"]
    assert "error: cart, step 2: nobody gets here" in said.err


def test_a_preview_says_whom_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["preview", "shop.yaml", "--customers", "60", "--json", "out.json"]) == 0
    assert "frequency cap" in capsys.readouterr().out
    data = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert {r["rule"] for r in data["costs"]} == {"cap", "quiet_hours", "no policy"}
    assert {r["segment"] for r in data["stopped"]} > {"all"}


@pytest.mark.parametrize("command", ["lint", "preview"])
def test_bad_input_exits_with_2(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([command, "shop.yaml", "-s", "omnichanel"]) == 2
    assert "did you mean 'omnichannel'?" in capsys.readouterr().err
    assert cli.main([command, "gone.yaml"]) == 2
