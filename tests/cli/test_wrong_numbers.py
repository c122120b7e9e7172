"""Numbers that are none, and options that contradict each other, are refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab import cli
from tests.cli.laboratory import SHOP


def _refused(capsys: pytest.CaptureFixture[str], argv: list[str]) -> str:
    """Return what a command that exits with 2 says."""
    assert cli.main(argv) == 2
    return " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("option", ["--difference", "--power", "--level", "--share"])
def test_a_plan_refuses_what_is_no_number(
    option: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop := tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    found = _refused(capsys, ["plan", str(shop), f"{option}={text}"])
    assert option in found
    assert text in found


@pytest.mark.parametrize(
    ("given", "meant"),
    [("10k", "10000"), ("1,000", "1000"), ("2 000 000", "2000000"), ("1e4", "10000")],
)
def test_a_number_that_is_written_otherwise_is_shown_how_to_write_it(
    given: str, meant: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop := tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    found = _refused(capsys, ["compare", str(shop), "--customers", given])
    assert f"'{given}' is not a whole number (did you mean {meant}?)" in found


def test_a_number_that_is_none_has_no_other_way_to_write_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop := tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    assert "did you mean" not in _refused(capsys, ["compare", str(shop), "--customers", "many"])


@pytest.mark.parametrize("command", ["validate", "compare", "twin"])
def test_no_scenario_is_read_from_stdin(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["3"] if command == "twin" else []
    assert _refused(capsys, [command, "-", *more]) == (
        "error: -: no scenario is read from stdin: write it to a file, and name that"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("guardrails: [{measure: ltv, worse_by: 1 EUR}]\n", "with `guardrails` this is a gate"),
        ("id: X1\nbase: boots-v1\nclaims: []\n", "which `omnilab evidence` takes"),
        ("name: mine\nsharing: {consent: all}\n", "which --strategy takes"),
    ],
)
def test_a_file_of_another_kind_is_no_scenario(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (other := tmp_path / "other.yaml").write_text(text, encoding="utf-8")
    found = _refused(capsys, ["validate", str(other)])
    assert found.startswith(f"error: {other}:1: no scenario: ")
    assert said in found


def test_a_scenario_is_no_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop := tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    found = _refused(capsys, ["check", str(shop), "--gate", str(shop), "-s", "omnichannel"])
    assert "no gate: with `population` this is a scenario" in found


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--vary", "cap.messages=1..4", "--vary", "cap.messages=2..3"], "is given twice"),
        (["--vary", "cap.messages=2..2"], "both ends of 2..2 are the same: give a range or a list"),
    ],
)
def test_a_search_refuses_what_leaves_no_choice(
    given: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop := tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    (gate := tmp_path / "gate.yaml").write_text(
        "guardrails: [{measure: unsubscribe_rate, worse_by: 1%}]\n", encoding="utf-8"
    )
    found = _refused(capsys, ["optimize", str(shop), "--gate", str(gate), *given])
    assert said in found


def test_a_backtest_refuses_worlds_without_a_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (log := tmp_path / "log.csv").write_text("customer,date,amount\na,2024-01-01,3\n", "utf-8")
    given = ["backtest", "retailer-v1", str(log), "--from", "2024-02-01", "--worlds", "3"]
    found = _refused(capsys, given)
    assert "--worlds: only with --plausible FILE" in found


def test_a_day_that_is_none_is_shown_how_to_write_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (log := tmp_path / "log.csv").write_text("customer,date,amount\na,2024-01-01,3\n", "utf-8")
    found = _refused(capsys, ["backtest", "retailer-v1", str(log), "--from", "yesterday"])
    assert "'yesterday' is no day: write it such as 2024-07-01" in found


def test_a_scenario_is_no_file_of_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop := tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    found = _refused(capsys, ["evidence", str(shop), "--check"])
    assert "no file of evidence: with `population` this is a scenario" in found
