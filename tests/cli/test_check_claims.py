"""``omnilab check-claims`` and ``ol.check_claims``: exit codes, JSON and the report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock, patch

import pytest

import omnilab as ol
from omnilab import cli
from omnilab.errors import OptionError
from omnilab.strategy import Plan
from tests.cli.laboratory import SHOP

KEPT = """\
scenario: shop.yaml
strategies: [multichannel, no_contact]
customers: 40
exact: 20
claims:
  - messages_per_customer(multichannel) > messages_per_customer(no_contact)
"""
TURNS = KEPT + "  - messages_per_customer(multichannel) < 0.01\n"


class Mine:
    name = "mine"

    def plan(self, brand: object) -> Plan:
        return Plan(journeys=brand.journeys)  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(SHOP, encoding="utf-8")
    Path("kept.yaml").write_text(KEPT, encoding="utf-8")
    Path("turns.yaml").write_text(TURNS, encoding="utf-8")
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


def run(*args: str) -> int:
    return cli.main(["check-claims", "--threads", "1", *args])


def test_claims_that_are_kept_exit_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("kept.yaml") == 0
    said = capsys.readouterr().out
    assert "1 of 1 claims are kept." in said
    for check in ("study", "again", "order", "labels", "engine", "streams", "doubled", "tick"):
        assert check in said


def test_a_claim_that_turns_exits_with_1_and_comes_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("turns.yaml", "--only", "order", "--json", "-") == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["format"], data["kept"]) == ("omnilab-conclusion-v1", False)
    assert [c["kept"] for c in data["claims"]] == [True, False]
    (study, order) = data["claims"][1]["findings"]
    assert (study["check"], study["verdict"], study["fault"]) == ("study", "turns", True)
    assert study["seen"]["value"] > 0.01
    assert (order["check"], order["verdict"], order["seen"]) == ("order", "equal", None)
    assert run("turns.yaml", "--only", "order") == 1
    said = capsys.readouterr().out
    assert "1 of 2 claims are kept." in said
    assert "messages_per_customer(multichannel) < 0.01. study: turns." in said


def test_bad_input_exits_with_2_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("kept.yaml", "--only", "ordr", "--json", "out.json") == 2
    assert "no check 'ordr' (did you mean 'order'?)" in capsys.readouterr().err
    Path("bad.yaml").write_text(KEPT.replace("no_contact]", "no_contct]"), encoding="utf-8")
    assert run("bad.yaml", "--json", "out.json") == 2
    assert capsys.readouterr().err.startswith("error: bad.yaml:2: strategies: ")
    assert not Path("out.json").exists()


def test_from_python_with_an_object_of_ones_own() -> None:
    Path("mine.yaml").write_text(
        KEPT.replace("multichannel(", "mine(").replace("(multichannel)", "(mine)"),
        encoding="utf-8",
    )
    found = ol.check_claims("mine.yaml", strategies=[Mine()], only=["order", "halved"], threads=1)
    assert found.kept
    assert repr(found) == "<ClaimChecks 1 of 1 claims are kept.>"
    assert found.table["check"].tolist() == ["study", "order", "halved"]
    assert found.table["value"].notna().tolist() == [True, False, True]
    assert found.data["kept"]
    with pytest.raises(OptionError, match="only: there is no check 'ordr'"):
        ol.check_claims("mine.yaml", strategies=[Mine()], only="ordr")
    with pytest.raises(OptionError, match="file: 3 is no path"):
        ol.check_claims(3)  # type: ignore[arg-type]
