"""The how-to pages do what they say, in a folder of their own and with fewer customers."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from omnilab import cli
from omnilab.interop.kinds import KINDS as KINDS_OF_EXPORT
from omnilab.log.layout import fields_of
from omnilab.log.rows import KIND_NAMES, KINDS, WITH_UNITS
from omnilab.measure.catalogue import MEASURES
from tests.docs.pages import blocks, page


@pytest.fixture
def place(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder with the examples, as the working folder."""
    (tmp_path / "examples").symlink_to(root / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands(text: str) -> list[list[str]]:
    lines = "".join(blocks(text, "sh")).splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("omnilab ")]


def run_with(args: list[str], customers: int) -> int:
    if "--customers" in args:
        args = [*args]
        args[args.index("--customers") + 1] = str(customers)
    return cli.main(args)


def run_blocks(text: str, customers: int) -> dict[str, Any]:
    """Run the Python of a page with fewer customers; return its names."""
    names: dict[str, Any] = {}
    for block in blocks(text, "python"):
        few = re.sub(r"customers=\d+", f"customers={customers}", block)
        exec(compile(few, "page", "exec"), names)
    return names


@pytest.mark.slow
def test_a_channel_of_ones_own_is_used(place: Path) -> None:
    text = page("how-to/add-a-channel.md")
    (scenario,) = blocks(text, "yaml")
    (place / "coffee-rcs-v1.yaml").write_text(scenario, encoding="utf-8")
    for args in commands(text):
        assert run_with(args, 60) == 0, args
    names = run_blocks(text, 300)
    by_channel = names["result"].breakdown("channel")
    for strategy in ("multichannel", "omnichannel"):
        assert by_channel.loc[(strategy, "rcs"), "total_sent"] > 0
    assert by_channel.loc[("omnichannel", "email"), "total_sent"] > 0  # it is still there


def test_acts_are_asked_for(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = page("how-to/ask-for-an-act.md")
    scenario, records = blocks(text, "yaml")
    journeys = scenario.split("brand:\n")[1]
    with_records = scenario.replace("brand:\n" + journeys, records + journeys)
    (place / "shop-acts-v1.yaml").write_text(with_records, encoding="utf-8")
    check, compare = commands(text)
    assert cli.main(check) == 0
    assert "warning" not in "".join(capsys.readouterr())
    assert run_with(compare, 60) == 0
    measures = re.findall(r"`([a-z_]+_per_customer|act_cost|cost_per_lead)`", text)
    assert set(measures) <= set(MEASURES)
    assert len(measures) == 8


@pytest.mark.slow
def test_ads_have_a_budget_and_strategies_have_costs(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = page("how-to/budgets-and-costs.md")
    scenario, strategy = blocks(text, "yaml")
    (place / "coffee-ads-v1.yaml").write_text(scenario, encoding="utf-8")
    (place / "one_suite.yaml").write_text(strategy, encoding="utf-8")
    for args in commands(text):
        assert run_with(args, 1000) == 0, args
    assert "one_suite costs" in " ".join(capsys.readouterr().out.split())
    names = run_blocks(text, 1000)
    assert names["money"].loc["one_suite", "fixed_cost_eur"] > 1.0
    assert len(names["result"].pay_back()) == 1
    assert (names["stages"][["no_money", "not_shown"]] > 0).all()
    table = text.split("| measure | what it says |")[1]
    measures = re.findall(r"`([a-z_]+)`", table.split("\n\n")[0])
    assert set(measures) <= set(MEASURES)
    assert len(measures) == 8


def test_stores_are_put_on_a_map(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = page("how-to/places-and-positions.md")
    (scenario,) = blocks(text, "yaml")
    (place / "coffee-street-v1.yaml").write_text(scenario, encoding="utf-8")
    for args in commands(text):
        assert run_with(args, 120) == 0, args
    assert "journeys.passing" in capsys.readouterr().out
    assert {"lives", "stands", "at_place", "passed", "position"} <= set(KIND_NAMES.values())


def test_one_customer_can_be_followed(place: Path) -> None:
    text = page("how-to/debug-one-customer.md")
    names = run_blocks(text, 120)
    assert names["gain"][names["customer"]] >= 1
    assert len(names["apart"]) > 0
    assert set(names["rows"]["person"]) == {names["customer"]}
    (shown,) = [args for args in commands(text) if args[0] == "twin"]
    assert run_with(shown, 120) == 0
    table = text.split("| question | rows |")[1].split("\n\n")[0]
    named = re.findall(r"`([a-z_]{2,})`", table)
    kinds = set(named) & set(KIND_NAMES.values())
    assert len(kinds) >= 9
    fields = {WITH_UNITS.get(f, f) for kind in KINDS if KIND_NAMES[kind] in kinds
              for f in fields_of(KINDS[kind])}  # fmt: skip
    assert set(named) - kinds <= fields


@pytest.mark.slow
def test_one_finds_out_why(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = page("how-to/find-out-why.md")
    names = run_blocks(text, 120)
    assert set(names["segments"]["strategy"]) == {"multichannel", "omnichannel"}
    assert names["segments"]["persons"].groupby(names["segments"]["strategy"]).sum().eq(120).all()
    assert len(names["weeks"]) > 20
    named = set(re.findall(r"`([a-z_]+)`", text.split("## On which ways")[0].split("cap;")[0]))
    assert {"no_consent", "capped"} <= named & set(names["funnel"]["stage"])
    assert 1 <= len(names["found"]) <= 3
    shown = commands(text)
    assert [args[0] for args in shown] == ["compare", "find"]
    for args in shown:
        assert run_with(args, 120) == 0, args
    twin = next(x for x in capsys.readouterr().out.splitlines() if "omnilab twin" in x)
    assert cli.main(shlex.split(twin[twin.index("omnilab twin") :])[1:]) == 0


@pytest.mark.slow
def test_the_streams_can_be_read(place: Path) -> None:
    text = page("how-to/export-streams.md")
    assert [args[0] for args in commands(text)] == ["run", "identity", "identity", "cascade"]
    for args in commands(text):
        assert run_with(args, 60) == 0, args
    names = run_blocks(text, 60)
    assert names["sightings"]["person"].nunique() > 50
    assert {"delivered", "open"} <= set(names["receipts"]["event"])


@pytest.mark.slow
def test_tables_and_bundles_are_exported(place: Path) -> None:
    """With fewer customers, and only the kinds that such few can fill."""
    text = page("how-to/export-to-other-tools.md")
    shown = commands(text)
    assert [args[0] for args in shown] == ["export", "export", "export", "score"]
    named = {kind for args in shown[:2] for kind in args[args.index("--to") + 1].split(",")}
    listed = set(
        re.findall(r"^\| `([a-z][a-z-]+)` \|", text.split("## What is true")[0], re.MULTILINE)
    )
    assert named < listed == set(KINDS_OF_EXPORT)
    for args in shown[:2]:
        assert run_with(args, 120) == 0, args
    assert "inside" in (place / "tables" / "trial-truth.csv").read_text(encoding="utf-8")


def test_a_strategy_can_be_tested(place: Path) -> None:
    text = page("how-to/test-your-strategy.md")
    run_blocks(text, 60)
    for args in commands(text):
        assert cli.main([*args[:-2], "--customers", "60", "--repeats", "1"]) == 0, args
        assert args[-2] == "--max-ms-per-1000"
        assert cli.main([*args[:-1], "0.001", "--customers", "60", "--repeats", "1"]) == 1, args


@pytest.mark.slow
def test_claims_are_checked_as_the_page_says(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = page("how-to/check-claims.md")
    (claims,) = blocks(text, "yaml")
    (place / "claims.yaml").write_text(claims.replace("2000", "60"), encoding="utf-8")
    ((command, file),) = commands(text)
    assert cli.main([command, file, "--only", "order", "--threads", "1"]) in (0, 1)
    assert " of 3 claims are kept." in capsys.readouterr().out
    checks = run_blocks(text, customers=60)["checks"]
    assert list(checks.table["check"].unique()) == ["study", "again", "order"]


@pytest.mark.slow
def test_a_policy_is_learned(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gymnasium")
    monkeypatch.syspath_prepend(str(place / "examples"))
    names = run_blocks(page("how-to/learn-a-policy.md"), 20)
    assert names["total"] == pytest.approx(names["info"]["booked"])
    assert len(names["info"]["digest"]) == 32
    assert len(names["best"]) > 1
    assert set(names["best"]) <= set(range(names["env"].action_space.n))
