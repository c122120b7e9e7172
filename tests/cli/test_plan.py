"""``omnilab plan``: the report, JSON, and errors."""

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
    Path("shop.yaml").write_text(SHOP, encoding="utf-8")
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


def run(*args: str) -> int:
    return cli.main(["plan", "shop.yaml", "--customers", "100", "--threads", "1", *args])


def test_a_plan_is_a_report_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    code = run("-s", "multichannel", "--against", "no_contact", "--difference", "0.5", "--days",
               "30", "--days", "60", "--reach", "900", "--json", "out.json")  # fmt: skip
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "A live test of multichannel against no_contact" in said.out
    assert "900 customers are" in said.out
    data = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert data["format"] == "omnilab-live-v1"
    assert [a["days"] for a in data["durations"]] == [30, 60]
    assert data["plan"]["difference"] == 0.5
    assert {"kept", "several", "unknown"} < set(data["brand_view"])


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("-s", "multichannel"), "against itself differs by 0"),
        (("--difference", "0"), "--difference 0: no test is large enough"),
        (("--unit", "town"), "has no towns"),
        (("--measure", "purchase_rat"), "did you mean 'purchase_rate'?"),
        (("--measure", "purchase_rate", "--difference", "3"), "a share of 1: did you mean 0.03?"),
        (("--measure", "purchase_rate", "--difference", "-300"), "purchase_rate is a share of 1"),
        (("--power", "2"), "--power"),
        (("--power", "80"), "80 is above 1: did you mean 80%?"),
        (("--power", "8x%"), "'8x%' is no share: write 0.8 or 80%"),
        (("--power", "100%"), "1.0 is not in the range"),
        (("--plausible", "auto"), "--plausible: the size of a test is that of one world"),
    ],
)
def test_bad_input_exits_with_2(
    args: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*args) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_share_may_be_a_percentage(capsys: pytest.CaptureFixture[str]) -> None:
    common = ("-s", "multichannel", "--against", "no_contact", "--difference", "0.5", "-q")
    plans = []
    for power, level in (("0.9", "0.01"), ("90%", " 1%")):
        assert run(*common, "--power", power, "--level", level, "--json", "out.json") == 0
        plans.append(json.loads(Path("out.json").read_text(encoding="utf-8"))["plan"])
    assert plans[0] == plans[1]
    assert run(*common, "--json", "out.json") == 0  # at 80% and 5%
    assert json.loads(Path("out.json").read_text(encoding="utf-8"))["plan"] != plans[0]
