"""A strategy that a scenario misspells is told at its line, by each command that runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab import cli
from tests.cli.laboratory import SHOP

COMMANDS = {
    "compare": ["compare", "lab.yaml", "-s", "no_contact"],
    "run": ["run", "lab.yaml", "-s", "no_contact"],
    "validate": ["validate", "lab.yaml"],
    "twin": ["twin", "lab.yaml", "1"],
    "bench": ["bench", "no_contact", "--scenario", "lab.yaml"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_status_quo(tmp_path: Path, monkeypatch, capsys, command: str) -> None:
    monkeypatch.chdir(tmp_path)
    text = SHOP.replace("brand:\n", "brand:\n  status_quo: multichanel\n")
    Path("lab.yaml").write_text(text, encoding="utf-8")
    line = text.splitlines().index("  status_quo: multichanel") + 1
    assert cli.main(COMMANDS[command]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    wanted = "'multichanel': no such strategy (did you mean 'multichannel'?)"
    assert err == f"error: lab.yaml:{line}: brand.status_quo: {wanted}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["lab.yaml"]


@pytest.mark.parametrize(
    ("listed", "key", "wanted"),
    [
        ("[]", "strategies", "empty: name one at least, or leave the key out"),
        ("[no_contact, omnichannel, no_contact]", "strategies[2]", "'no_contact' is listed twice"),
    ],
)
@pytest.mark.parametrize("command", [["validate", "lab.yaml"], ["compare", "lab.yaml"]])
def test_the_list_of_strategies(
    tmp_path: Path, monkeypatch, capsys, command: list[str], listed: str, key: str, wanted: str
) -> None:
    monkeypatch.chdir(tmp_path)
    kept = [line for line in SHOP.splitlines() if not line.startswith("strategies:")]
    Path("lab.yaml").write_text("\n".join([*kept, f"strategies: {listed}", ""]), encoding="utf-8")
    assert cli.main(command) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"error: lab.yaml:{len(kept) + 1}: {key}: {wanted}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["lab.yaml"]


@pytest.mark.parametrize("command", [["verify", "."], ["twin", ".", "0"]])
def test_a_folder_that_is_no_run_is_named(tmp_path: Path, monkeypatch, capsys, command) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(command) == 2
    assert capsys.readouterr().err == "error: .: is no finished run: it has no manifest.json\n"
