"""``omnilab list``: what it finds, as a table and as JSON."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from omnilab import cli
from omnilab.cli import list_ as module
from omnilab.measure.catalogue import ABOUT, GUARDRAILS, MEASURES

ROOT = Path(__file__).resolve().parents[2]


def listed(capsys, kind: str) -> list[dict[str, str]]:
    assert cli.main(["list", kind, "--json"]) == 0
    rows: list[dict[str, str]] = json.loads(capsys.readouterr().out)
    return rows


@pytest.mark.parametrize("kind", list(module.KINDS))
def test_table_and_json_say_the_same(capsys, kind: str) -> None:
    rows = listed(capsys, kind)
    assert rows
    assert cli.main(["list", kind]) == 0
    table = capsys.readouterr().out
    for row in rows:
        short = [value for key, value in row.items() if key not in module.LONG]
        assert all(str(value) in table for value in short), row


def test_scenarios_are_the_shipped_files(capsys) -> None:
    rows = listed(capsys, "scenarios")
    assert {r["id"] for r in rows} == {p.stem for p in (ROOT / "scenarios").glob("*.yaml")}
    assert all(Path(r["path"]).is_file() for r in rows)


def test_strategies_are_found_without_importing_them(capsys, monkeypatch) -> None:
    points = EntryPoints(
        [
            EntryPoint("zeta", "broken_on_import:Zeta", "omnilab.strategies"),
            EntryPoint("alpha", "package:Alpha", "omnilab.strategies"),
            EntryPoint("alpha", "package:Alpha", "omnilab.strategies"),
        ]
    )
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points.select(group=group))
    assert [(r["name"], r["class"]) for r in listed(capsys, "strategies")] == [
        ("alpha", "package:Alpha"),
        ("zeta", "broken_on_import:Zeta"),
    ]


def test_nothing_found_is_said(capsys, monkeypatch) -> None:
    monkeypatch.setitem(module.KINDS, "strategies", list)
    assert cli.main(["list", "strategies"]) == 0
    assert capsys.readouterr() == ("", "no strategies found\n")


def test_names_are_unique(capsys) -> None:
    for kind, key in [("scenarios", "id"), ("channels", "name"), ("measures", "name")]:
        names = [r[key] for r in listed(capsys, kind)]
        assert len(set(names)) == len(names)


def test_measures_are_told_by_what_they_are_about(capsys) -> None:
    assert cli.main(["list", "measures", "--long"]) == 0
    lines = capsys.readouterr().out.splitlines()
    heads = [line for line in lines if line.startswith("== ")]
    assert heads[: len(ABOUT)] == [f"== {about} ==" for about in ABOUT]
    assert len(heads) == len(set(heads)) == len(ABOUT) + 1  # and those of breakdowns alone
    named = [line.split(" - ")[0] for line in lines]
    at = heads[2]
    assert named.index(at) < named.index("stop_rate") < named.index(heads[3])


def test_good_guardrails_are_marked_and_count_customers(capsys) -> None:
    """None is counted per message, which more messages would dilute."""
    marked = [r["name"] for r in listed(capsys, "measures") if r["guardrail"]]
    assert sorted(marked) == sorted(GUARDRAILS)
    for name in GUARDRAILS:
        assert [term for term, _ in MEASURES[name].denominator] == ["persons"], name
