"""The page of a run directory: best strategy first, every word defined, and how it was made."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from omnilab import __version__, cli
from omnilab.experiment.checkpoint import Checkpoint
from omnilab.glossary import strategy_words
from omnilab.measure.words import measure_words
from omnilab.report.words import command_line

PLUG_IN = '''
from omnilab.strategy import Plan
class Mine:
    """Sends <nothing>
    to anybody.

    More that is too long.
    """
    name = "omnichannel"
    def plan(self, brand):
        return Plan()
class Silent(Mine):
    name = "silent"
'''


def page_of(call, *args: str) -> str:
    code, _, err = call("compare", "lab.yaml", "--out", "x", *args)
    assert code == 0, err
    return Path("x/report.html").read_text(encoding="utf-8")


def plain(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text)


def columns(text: str) -> list[str]:
    """Return the strategies of the table of measures."""
    table = text[text.index('<section id="numbers"') :]
    (heads, *_) = re.findall(r"<thead>(.*?)</thead>", table, re.DOTALL)
    return [plain(head) for head in re.findall(r'<th scope="col">(.*?)</th>', heads)]


@pytest.mark.parametrize(
    "order", [(), ("omnichannel", "no_contact"), ("no_contact", "omnichannel")]
)
def test_the_best_strategy_stands_first(call, order: tuple[str, ...]) -> None:
    """Page and terminal have the same order, of falling LTV."""
    args = [word for name in order for word in ("-s", name)]
    code, out, _ = call("compare", "lab.yaml", "--out", "x", *args)
    assert code == 0
    page = Path("x/report.html").read_text(encoding="utf-8")
    row = re.search(r'<a href="#measure-ltv">LTV</a></th>(.*?)</tr>', page)
    assert row is not None
    values = [float(v) for v in re.findall(r"<td>€(-?[\d.]+) <span", row[1])]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == len(values) == len(columns(page))
    assert re.search(rf"LTV: {columns(page)[0]} has|^{columns(page)[0]} has", out, re.MULTILINE)
    head = next(line for line in out.splitlines() if set(line.split()) == set(columns(page)))
    assert head.split() == columns(page)


def test_all_words_of_the_page_are_defined_on_it(call) -> None:
    page = page_of(call)
    places = set(re.findall(r'<div id="([a-z]+-[^"]+)">', page))
    for name in columns(page):
        assert f"strategy-{name}" in places
    said = plain(page)
    assert "What a visit adds to the stock." in said
    assert strategy_words()["multichannel"].replace("`", "") in said
    assert measure_words()["ltv"].replace("'", "&#x27;") in said
    assert "single_channel" not in said


@pytest.mark.slow
def test_a_strategy_of_ones_own_is_described_by_its_class(call) -> None:
    """Also where it has the name of a built-in one."""
    Path("mine.py").write_text(PLUG_IN)
    page = page_of(call, "-s", "mine.py:Mine", "-s", "mine.py:Silent", "-s", "no_contact")
    assert "Sends &lt;nothing&gt; to anybody." in page
    assert "too long" not in page
    assert "All silos work on one profile" not in page
    assert '<div id="strategy-silent">' not in page
    assert '<div id="strategy-no_contact">' in page


def foot_of(page: str) -> dict[str, str]:
    """Return what the foot says, by its titles."""
    foot = page[page.index("<footer>") :]
    facts = re.findall(r"<dt>(.*?)</dt><dd><code>(.*?)</code>", foot)
    return {title: unescape(text) for title, text in facts}


def test_the_foot_has_date_version_and_a_command_that_makes_it_again(call, monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    args = ["--customers", "100", "--seed", "7", "-s", "omnichannel", "-s", "no_contact"]
    page = page_of(call, *args)
    foot = foot_of(page)
    assert foot["Made on"] == "2023-11-14"
    assert foot["By"].startswith(f"omnilab {__version__}, engine ")
    manifest = json.loads(Path("x/manifest.json").read_text())
    assert (foot["Run"], foot["Scenario"]) == (manifest["digest"], manifest["scenario"]["digest"])
    again = shlex.split(foot["Command"])
    assert again[:3] == ["omnilab", "compare", "lab.yaml"]
    assert cli.main([*again[1:], "--out", "y", "--quiet"]) == 0
    assert Path("y/report.html").read_text(encoding="utf-8") == page


def test_what_changes_no_number_is_not_in_it(call, monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    page = page_of(call)
    assert page_of(call, "--threads", "1", "--chunk", "7", "--json", "z.json") == page
    assert page_of(call, "--customers", "100", "--replace") != page


def test_without_an_epoch_the_date_is_the_day_of_the_start(call, monkeypatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    days = {datetime.now(UTC).date().isoformat()}
    page = page_of(call)
    days.add(datetime.now(UTC).date().isoformat())
    assert foot_of(page)["Made on"] in days


@pytest.mark.parametrize("epoch", ["", "soon", "-1", "9" * 30])
def test_an_epoch_that_is_none_is_not_taken(call, monkeypatch, epoch: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert re.match(r"20\d\d-", foot_of(page_of(call))["Made on"])


def test_a_run_that_is_taken_up_keeps_its_day(tmp_path: Path) -> None:
    first, later = (datetime(2026, 5, day, 23, 59, 58, tzinfo=UTC) for day in (1, 2))
    Checkpoint(tmp_path, "d", started=first).save(["a"], {"done": 1})
    assert Checkpoint(tmp_path, "d", started=later).started == first
    assert Checkpoint(tmp_path, "other", started=later).started == later


def test_the_command_is_a_line_for_a_shell() -> None:
    options = {"-s": ("a(b=1)", "c d"), "--seed": 0, "--events": True, "--off": False, "--no": None}
    line = command_line("omnilab run", "x y", options)
    assert line == "omnilab run 'x y' -s 'a(b=1)' -s 'c d' --seed 0 --events"
