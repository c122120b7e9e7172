"""``omnilab check`` and ``ol.check``: exit codes, JSON, JUnit and the summary."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock, patch
from xml.etree import ElementTree

import pytest

import omnilab as ol
from omnilab import cli
from omnilab.errors import OptionError
from omnilab.strategy import Plan
from omnilab.strategy.loading import load_strategy
from tests.cli.laboratory import SHOP

#: More messages are the goal: which multichannel reaches and no_contact does not.
GATE = """\
goal: {measure: messages_per_customer, better_by: 0.01, better: higher}
guardrails:
  - {measure: ltv, worse_by: 100 EUR}
  - {harmed: 99%, by: 1 EUR}
"""

#: A channel of texts.
TEXTS = """\
  - name: sms
    silo: sms
    message:
      {address: phone, delivered: 98%, open: 20%, click: 2%, opt_out: 0.2%, cost: 0.01 EUR,
       landing: web}
brand:
"""
PLANS = """\
name: texts
sharing: {identity: all}
journeys:
  - name: texts
    trigger: weekly
    sequence: [email, sms]
    steps:
      - message: {channels: [email]}
      - delay: 1d
      - message: {channels: [sms]}
"""


class Silent:
    name = "silent"

    def plan(self, brand: object) -> Plan:
        return Plan()


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(SHOP, encoding="utf-8")
    Path("gates.yaml").write_text(GATE, encoding="utf-8")
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


def run(*args: str) -> int:
    common = ["shop.yaml", "--gate", "gates.yaml", "--customers", "100", "--threads", "1"]
    if "-s" not in args:
        common += ["-s", "omnichannel"]
    return cli.main(["check", *common, *args])


def test_what_is_judged_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of a CI that lost its -s must not gate a shipped strategy for ever."""
    assert cli.main(["check", "shop.yaml", "--gate", "gates.yaml"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: Missing option '-s' / '--strategy'")
    assert error.count("\n") == 1


def test_a_margin_above_all_that_there_is_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    Path("gates.yaml").write_text(GATE.replace("100 EUR", "100000 EUR"), encoding="utf-8")
    code = run("-s", "multichannel", "--against", "no_contact", "--json", "-")
    said = capsys.readouterr()
    assert code == 0, said.err
    start = "gates.yaml:3: ltv: a margin of 100,000"
    (warning,) = json.loads(said.out)["warnings"]
    assert warning.startswith(start)
    assert "is above the whole value under no_contact" in warning
    assert f"warning: {warning}\n" in said.err
    Path("gates.yaml").write_text(GATE.replace("100 EUR", "0.01 EUR"), encoding="utf-8")
    run("-s", "multichannel", "--against", "no_contact", "--json", "-")
    assert json.loads(capsys.readouterr().out)["warnings"] == []


def test_what_is_not_sent_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A text that hardly anybody gets harms nobody, so guards pass: the reader is told."""
    shop = SHOP.replace("brand:\n", TEXTS).replace("40%}", "40%, opt_in: {sms: 5%}}")
    shop = shop.replace("needs: 2.0}", "needs: 2.0, opt_in: {sms: 5%}}")
    Path("shop.yaml").write_text(shop, encoding="utf-8")
    Path("texts.yaml").write_text(PLANS, encoding="utf-8")
    Path("gates.yaml").write_text(GATE.replace("100 EUR", "1 EUR"), encoding="utf-8")
    run("-s", "texts.yaml", "--json", "out.json", "--github-summary", "summary.md")
    printed = capsys.readouterr()
    (warning,) = json.loads(Path("out.json").read_text(encoding="utf-8"))["warnings"]
    assert warning.startswith("no guard sees what is not sent: texts, step 3: 9")
    assert " messages that fell due had no channel with an address" in warning
    assert "customers give one (phone) at visits" in warning
    assert warning.endswith("(in a run of 100 customers)")
    assert f"warning: {warning}" in Path("summary.md").read_text(encoding="utf-8")
    assert warning in " ".join(printed.out.split())
    assert "no guard sees" not in printed.err  # the report has it
    run("-s", "texts.yaml", "-q")
    assert f"warning: {warning}\n" in capsys.readouterr().err
    # The reference has the same step, so the plan changes nothing about it.
    more = PLANS.replace("name: texts\n", "name: more\n", 1).replace("1d", "2d")
    Path("more.yaml").write_text(more, encoding="utf-8")
    run("-s", "more.yaml", "--against", "texts.yaml", "-q")
    assert "no guard sees" not in capsys.readouterr().err


def test_ship_exits_with_0_and_writes_all_forms(capsys: pytest.CaptureFixture[str]) -> None:
    Path("summary.md").write_text("before\n", encoding="utf-8")
    code = run("-s", "multichannel", "--against", "no_contact", "--json", "out.json", "--junit",
               "out.xml", "--github-summary", "summary.md")  # fmt: skip
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "SHIP: of 3 guards 3 pass" in said.out
    data = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert (data["format"], data["verdict"], data["reasons"]) == ("omnilab-gate-v1", "ship", [])
    assert [g["state"] for g in data["guards"]] == ["passes"] * 3
    suites = ElementTree.parse("out.xml").getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("3", "0")
    assert len(suites.findall("testsuite/testcase")) == 3
    assert suites.findall(".//failure") == []
    summary = Path("summary.md").read_text(encoding="utf-8")
    assert summary.startswith("before\n<!-- omnilab check -->\n### SHIP")
    # What omnilab wrote may be replaced, and a summary goes on.
    assert run("-s", "multichannel", "--against", "no_contact", "--junit", "out.xml", "-q") == 0


def test_how_much_is_sold_and_sent_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A reader holds these against the own shop: they are those of a run by itself."""
    run("-s", "multichannel", "--against", "no_contact", "--github-summary", "summary.md")
    said = " ".join(capsys.readouterr().out.split())
    names = ["no_contact", "multichannel"]
    alone = ol.compare("shop.yaml", strategies=names, customers=100).table()
    first, second = (alone.loc[name, "orders_per_customer"] for name in names)
    sent = alone.loc["multichannel", "messages_per_customer"]
    words = (
        f"Orders and messages a customer in 60 days: no_contact {first:.3f} and 0.0, multichannel "
        f"{second:.3f} and {sent:.2f}."
    )
    assert words in said, said[:400]
    assert words in Path("summary.md").read_text(encoding="utf-8")


def test_do_not_exits_with_1_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    code = run("-s", "no_contact", "--against", "multichannel", "--junit", "out.xml", "-q",
               "--github-summary", "summary.md")  # fmt: skip
    said = capsys.readouterr()
    assert (code, said.out) == (1, "")
    warning, error, *_ = said.err.splitlines()
    assert warning.startswith(
        "warning: gates.yaml:3: ltv: a margin of 100.00 EUR is above the whole"
    )
    assert error.startswith("error: goal: Messages per customer: fails: -")
    suite = ElementTree.parse("out.xml").getroot().find("testsuite")
    assert suite is not None
    (failure,) = suite.findall("testcase/failure")
    assert failure.get("type") == "fails"
    assert "certainly worse" in str(failure.get("message"))
    assert "### DO NOT SHIP" in Path("summary.md").read_text(encoding="utf-8")


def test_do_not_alone_fails_where_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    Path("gates.yaml").write_text("guardrails:\n  - {worlds: 80%}\n", encoding="utf-8")
    code = run("-s", "omnichannel", "--fail-on", "do-not", "--junit", "out.xml", "--json",
               "out.json", "--github-summary", "summary.md")  # fmt: skip
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "error:" not in said.err
    data = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert (data["verdict"], data["fail_on"], data["failed"]) == ("discuss", "do not", False)
    suite = ElementTree.parse("out.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "2")
    assert "undecided" in str(suite.findall("testcase/skipped")[0].get("message"))
    assert "it fails on do not alone" in Path("summary.md").read_text(encoding="utf-8")


def test_a_reason_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-s", "no_contact", "--against", "multichannel") == 1
    said = capsys.readouterr()
    assert said.out.count("certainly worse") == 1
    assert "certainly worse" not in said.err
    assert said.err.endswith("failed: the verdict is do not\n")


def test_sharing_that_links_nobody_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    """A team that shares its stops and caps without its customers shares nothing."""
    Path("alone.yaml").write_text("name: alone\nsharing: {stop: all}\n", encoding="utf-8")
    run("-s", "alone.yaml")
    said = capsys.readouterr().err
    assert "alone: sharing.stop: no effect while sharing.identity is silo" in said
    Path("alone.yaml").write_text("name: alone\nsharing: {identity: all, stop: all}\n")
    run("-s", "alone.yaml")
    assert "no effect while" not in capsys.readouterr().err


def test_two_versions_of_one_name_are_told_apart_by_content() -> None:
    """The pull request's file against the main branch's: both say `silent`."""

    class Same(Silent):
        pass

    class Talks(Silent):
        def plan(self, brand: object) -> Plan:
            return load_strategy("multichannel", ol.load_scenario("shop.yaml")).plan

    same = ol.check(
        "shop.yaml", "gates.yaml", Silent(), against=Same(), customers=100, threads=1
    )  # fmt: skip
    assert same.verdict == "ship"
    assert "SHIP: no change: silent-new did with every customer what silent-present" in repr(same)
    assert same.data()["no_change"] is True
    assert "| not asked |" in same.markdown()
    assert ElementTree.fromstring(same.junit()).get("failures") == "0"
    other = ol.check(
        "shop.yaml", "gates.yaml", Silent(), against=Talks(), customers=100, threads=1
    )  # fmt: skip
    assert (other.verdict, other.data()["no_change"]) == ("do not", False)
    assert (other.data()["strategy"], other.data()["reference"]) == (
        "silent-new", "silent-present",
    )  # fmt: skip
    assert set(other.data()["logs"]) == {"silent-new", "silent-present"}


def test_a_scenario_in_which_hardly_anything_is_sent_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with patch("omnilab.experiment.remarks.THIN", 1e6):
        run("-s", "multichannel", "--against", "no_contact")
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("Hardly any message is sent under") == 1  # no_contact sends none on purpose
    assert "under multichannel" in said


def test_nothing_known_is_to_be_discussed(capsys: pytest.CaptureFixture[str]) -> None:
    Path("gates.yaml").write_text("guardrails:\n  - {worlds: 80%}\n", encoding="utf-8")
    assert run("-s", "omnichannel", "--json", "-") == 1
    said = capsys.readouterr()
    data = json.loads(said.out)
    assert data["verdict"] == "discuss"
    assert data["guards"][1]["why"].startswith("no worlds were run")
    assert len(data["reasons"]) == len(said.err.splitlines())


WORLDS = "guardrails:\n  - {worlds: 50%}\n"


def test_small_worlds_stand_beside_it_where_there_are_customers_enough() -> None:
    Path("gates.yaml").write_text(WORLDS, encoding="utf-8")
    with patch("omnilab.experiment.plausible.standing.FEWEST_CUSTOMERS", 100):
        found = ol.check("shop.yaml", "gates.yaml", "no_contact", customers=400, threads=1)
    (_, guard) = found.data()["guards"]
    assert found.data()["worlds"] >= 8
    assert 0 <= guard["low"] <= guard["value"] <= guard["high"] <= 1
    assert guard["state"] == ("passes" if guard["low"] >= 0.5 else "undecided")


def test_a_set_of_worlds_decides_its_guardrail(capsys: pytest.CaptureFixture[str]) -> None:
    Path("gates.yaml").write_text(WORLDS, encoding="utf-8")
    rows = "".join(f"{gain},1\n" for gain in (0.2, 0.3, 0.4, 0.5))
    Path("w.csv").write_text(f"world.intent.visit_gain,weight\n{rows}", encoding="utf-8")
    code = run("-s", "no_contact", "--plausible", "w.csv", "--json", "-")
    said = capsys.readouterr()
    assert code == 1, said.err
    data = json.loads(said.out)
    assert data["worlds"] == 4
    assert data["guards"][1]["value"] is not None


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("-s", "multichannel"), "multichannel is the strategy that it is held against"),
        (("-s", "omnichanel"), "did you mean 'omnichannel'?"),
        (("--worlds", "10"), "--worlds: only with --plausible FILE"),
        (("--plausible", "auto"), "has no guardrail on worlds"),
        (("--github-summary", "gates.yaml"), "gates.yaml"),
        (("--json", "shop.yaml"), "shop.yaml"),
    ],
)
def test_bad_input_exits_with_2(
    args: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path("gates.yaml").read_text(encoding="utf-8")
    assert run(*args) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert Path("gates.yaml").read_text(encoding="utf-8") == before


def test_a_bad_gate_exits_with_2_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    Path("gates.yaml").write_text(GATE.replace("100 EUR", "-1 EUR"), encoding="utf-8")
    with patch("omnilab.experiment.gate.running.compare", Mock(side_effect=AssertionError)):
        assert run("--json", "out.json") == 2
    assert capsys.readouterr().err.startswith("error: gates.yaml:3: worse_by: -1 EUR is of the")
    assert not Path("out.json").exists()


def test_from_python_with_an_object_of_ones_own() -> None:
    found = ol.check("shop.yaml", "gates.yaml", Silent(), customers=100, threads=1)
    assert (found.verdict, found.may_ship) == ("do not", False)
    assert found.table()["guard"].tolist() == ["goal", "ltv", "harmed"]
    assert "<omnilab gate: DO NOT SHIP" in repr(found)
    assert found.data()["strategy"] == "silent"
    assert len(found.reasons) == 1
    assert ElementTree.fromstring(found.junit()).get("failures") == "1"
    with pytest.raises(OptionError, match="gate: 3 is no path"):
        ol.check("shop.yaml", 3, "omnichannel")  # type: ignore[arg-type]
