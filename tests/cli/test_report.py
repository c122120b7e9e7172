"""``omnilab report`` makes a run's page again, and refuses what is no run or no theme."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import omnilab.cli.page
from omnilab.experiment.tables import Column, write_rows
from omnilab.runs.directories import file_digest
from tests.report.sources import lives_by_hand


@pytest.fixture
def run(call) -> Path:
    code, _, err = call("compare", "lab.yaml", "--out", "x")
    assert code == 0, err
    return Path("x")


def test_it_is_the_page_that_the_command_left(call, run: Path) -> None:
    code, out, err = call("report", "x")
    assert (code, err) == (0, f"kept in {Path('x.html').absolute()}\n")
    assert Path("x.html").read_bytes() == (run / "report.html").read_bytes()
    assert re.search(r"(leads|earns|beats) .* LTV|more per customer", out)
    assert call("verify", "x")[0] == 0  # the run is as it was


def test_another_page_of_its_own_is_replaced_and_nobody_elses(call, run: Path) -> None:
    assert call("report", "x", "--out", "page.html", "-q")[0] == 0
    assert call("report", "x", "--out", "page.html", "-q")[0] == 0
    Path("mine.html").write_text("<p>mine</p>")
    code, _, err = call("report", "x", "--out", "mine.html")
    assert code == 2
    assert "omnilab did not write it" in err
    assert Path("mine.html").read_text() == "<p>mine</p>"
    assert call("report", "x", "--out", "mine.html", "--replace", "-q")[0] == 0
    code, _, err = call("report", "x", "--out", "x/report.html")
    assert code == 2
    assert "would overwrite a file that this command reads" in err


def test_a_view_is_another_page_of_the_same_run(call, run: Path) -> None:
    assert call("report", "x", "--view", "crm", "--out", "crm.html", "-q")[0] == 0
    page = Path("crm.html").read_text(encoding="utf-8")
    assert "Revenue per recipient" in page
    assert '<section id="numbers"' in page
    assert '<section id="assumptions"' not in page


def test_theme_and_locale(call, run: Path) -> None:
    Path("logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    Path("theme.yaml").write_text("name: Shop\nlogo: logo.svg\ncolours: {accent: navy}\n")
    code, _, err = call("report", "x", "--theme", "theme.yaml", "--locale", "de", "--out", "p.html")
    assert code == 0, err
    page = Path("p.html").read_text(encoding="utf-8")
    assert "--accent:#000080" in page
    assert "data:image/svg+xml" in page
    assert re.search(r"\d,\d\d\xa0€", page)
    code, _, err = call("report", "x", "--theme", "theme.yaml", "--out", "logo.svg")
    assert code == 2
    assert "(--theme)" in err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("report", "none"), "no such run directory|no such file"),
        (("report", "lab.yaml"), "there is no such run directory"),
        (("report", "x", "--locale", "xx_yy"), "--locale 'xx_yy': no such locale"),
        (("report", "x", "--view", "boss"), "boss"),
        (("report", "x", "--theme", "none.yaml"), "none.yaml"),
        (("report", "x", "--theme", "bad.yaml"), "bad.yaml:1: logo: none.png can't be read"),
        (("report", "x", "--theme", "odd.yaml"), "odd.yaml:1: colours.accent: 'nvay' is no colour"),
        (("report", "x", "--out", ""), "a file's name is needed"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    call, run: Path, args: tuple[str, ...], said: str
) -> None:
    Path("bad.yaml").write_text("logo: none.png\n")
    Path("odd.yaml").write_text("colours: {accent: nvay}\n")
    before = sorted(Path().rglob("*"))
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert re.search(said, err), err
    assert sorted(Path().rglob("*")) == before


def damage(run: Path, what: str) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    if what == "no manifest":
        (run / "manifest.json").unlink()
        return
    if what == "table missing":
        (run / "differences.parquet").unlink()
    elif what == "table changed":
        (run / "results.parquet").write_bytes(b"PAR1")
    elif what == "older format":
        manifest["format"] = "omnilab-run-v1"
    elif what == "older version":
        manifest.pop("about")
        manifest["omnilab"] = "0.0.9"
    elif what == "about of another form":
        manifest["about"]["assumptions"] = [{"key": 1}]
    elif what == "about incomplete":
        manifest["about"]["wrong"] = 1
    elif what == "option missing":
        del manifest["options"]["customers"]
    elif what == "option unknown":
        manifest["options"]["custmers"] = 1
    (run / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("no manifest", "x: is no finished run"),
        ("table missing", "differences.parquet: is missing: the run is incomplete"),
        ("table changed", "results.parquet: was changed since the run wrote it"),
        ("older format", "is of the format omnilab-run-v1"),
        ("older version", "omnilab 0.0.9 wrote it, without what a page needs: run it again"),
        ("about of another form", "manifest.json: is incomplete"),
        ("about incomplete", "manifest.json: is incomplete"),
        ("option missing", "manifest.json: is incomplete: its options have no 'customers'"),
        ("option unknown", "manifest.json: is incomplete: its options have unknown 'custmers'"),
    ],
)
def test_a_run_that_is_none_of_this_version_is_refused(
    call, run: Path, what: str, said: str
) -> None:
    damage(run, what)
    code, out, err = call("report", "x")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err
    assert not Path("x.html").exists()


NOTABLE = (
    Column("strategy", ""), Column("reference", ""), Column("kind", ""),
    Column("replication", "", "whole"), Column("customer", "", "whole"),
    Column("difference", "", "number"),
)  # fmt: skip


def name_notable(run: Path) -> None:
    """Add a table of notable customers to a run, as if the run had written it."""
    rows = [
        {"strategy": s, "reference": "multichannel", "kind": "won", "replication": 0,
         "customer": n, "difference": 3.0}
        for s in ("omnichannel", "no_contact") for n in range(4)
    ]  # fmt: skip
    path = run / "notable.parquet"
    write_rows(path, rows, NOTABLE)
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["files"][path.name] = file_digest(path)
    (run / "manifest.json").write_text(json.dumps(manifest))


def test_notable_customers_days_are_simulated_again(call, run: Path, monkeypatch) -> None:
    asked: list[tuple[list[str], int]] = []

    def lives(sized, strategies, seed):
        names = [s.name for s in strategies]
        asked.append((names, seed))
        return lambda rows, shown: lives_by_hand(shown, rows)

    monkeypatch.setattr(omnilab.cli.page, "lives_of", lives)
    name_notable(run)
    assert call("report", "x", "-q")[0] == 0
    page = Path("x.html").read_text(encoding="utf-8")
    assert page.count('name="twin"') == 4  # of a kind, and of the best strategy
    ((names, seed),) = asked
    assert sorted(names) == ["multichannel", "no_contact", "omnichannel"]
    assert seed == 1


def test_a_strategy_that_has_changed_has_no_days(call, run: Path, lab: SimpleNamespace) -> None:
    name_notable(run)
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["strategies"][0]["source"] = "0" * 64
    (run / "manifest.json").write_text(json.dumps(manifest))
    code, _, err = call("report", "x", "-q")
    assert code == 0
    assert "warning: no customer's days: multichannel has changed since the run" in err
    assert 'name="twin"' not in Path("x.html").read_text(encoding="utf-8")


EFFECTS = (
    Column("kind", ""), Column("switch", "", null=True), Column("measure", ""), Column("unit", ""),
    Column("value", "", "number"), Column("low", "", "number"), Column("high", "", "number"),
    Column("hardly_chance", "", "flag"),
)  # fmt: skip


@pytest.fixture
def ablation(run: Path) -> Path:
    """Leave what an ablation keeps, of the run's scenario."""
    folder = Path("a")
    folder.mkdir()
    (folder / "scenario.yaml").write_bytes((run / "scenario.yaml").read_bytes())
    effects = [("whole", None, 1.5), ("shapley", "identity", 2.0), ("shapley", "stop", -0.5)]
    rows = [
        {"kind": kind, "switch": switch, "measure": "ltv", "unit": "EUR", "value": value,
         "low": value - 0.1, "high": value + 0.1, "hardly_chance": True}
        for kind, switch, value in effects
    ]  # fmt: skip
    write_rows(folder / "effects.parquet", rows, EFFECTS)
    data = {"format": "omnilab-ablation-v1", "currency": "EUR", "customers": 200, "clusters": 50,
            "strategy": "omnichannel", "notes": ["A note."]}  # fmt: skip
    (folder / "result.json").write_text(json.dumps(data))
    manifest = {
        "format": "omnilab-ablation-v1", "omnilab": "0.1.0", "digest": "a" * 64,
        "scenario": {"id": "lab-v1", "digest": "b" * 64}, "options": {"seed": 1},
        "files": {path.name: file_digest(path) for path in folder.iterdir()},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_an_ablation_has_a_page_and_stands_beside_a_run(call, ablation: Path) -> None:
    code, out, err = call("report", "a")
    assert code == 0, err
    assert "All together raise LTV by €1.50; identity raises it most, by €2.00." in out
    page = Path("a.html").read_text(encoding="utf-8")
    assert 'data-figure="waterfall-ltv"' in page
    assert 'data-figure="forest-ltv"' not in page
    assert call("report", "x", "--with", "a", "-q")[0] == 0
    page = Path("x.html").read_text(encoding="utf-8")
    assert 'data-figure="waterfall-ltv"' in page
    assert 'data-figure="forest-ltv"' in page


@pytest.mark.parametrize(
    "what", ["format", "missing", "changed", "scenario", "incomplete", "none", "nowhere"]
)
def test_what_does_not_go_with_the_run_is_refused(call, ablation: Path, what: str) -> None:
    manifest = json.loads((ablation / "manifest.json").read_text())
    said = {
        "format": "is of the format omnilab-ablation-v9",
        "missing": "effects.parquet: is missing: the directory is incomplete",
        "changed": "result.json: was changed since it was written",
        "scenario": "a: is about other-v1, the run about lab-v1",
        "incomplete": "result.json: is incomplete: 'customers'",
        "nowhere": "nowhere: there is no such directory",
        "none": "is no directory of an ablation or a sweep",
    }[what]
    if what == "format":
        manifest["format"] = "omnilab-ablation-v9"
    elif what == "missing":
        (ablation / "effects.parquet").unlink()
    elif what == "changed":
        (ablation / "result.json").write_text("{}")
    elif what == "scenario":
        text = (ablation / "scenario.yaml").read_text().replace("lab-v1", "other-v1")
        (ablation / "scenario.yaml").write_text(text)
        manifest["files"]["scenario.yaml"] = file_digest(ablation / "scenario.yaml")
    elif what == "incomplete":
        (ablation / "result.json").write_text('{"currency": "EUR"}')
        manifest["files"]["result.json"] = file_digest(ablation / "result.json")
    (ablation / "manifest.json").write_text(json.dumps(manifest))
    given = {"none": "x", "nowhere": "nowhere"}.get(what, "a")
    code, out, err = call("report", "x", "--with", given)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err
    assert not Path("x.html").exists()
