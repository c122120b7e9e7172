"""The page says all of it, says nothing that is not there, and takes no name for HTML."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from omnilab.errors import DataError, OptionError
from omnilab.measure.catalogue import MEASURES
from omnilab.report.bars import interval_bars, sparkline
from omnilab.report.document import Interval
from omnilab.report.locales import Numbers, check_locale
from omnilab.report.look import DARK, LIGHT
from omnilab.report.page import build_page
from omnilab.report.page.answer import sentence
from omnilab.report.page.build import SECTIONS
from omnilab.report.page.parts import script_json
from omnilab.report.theme import contrast, read_theme
from tests.report.sources import NAMES, source_by_hand

HOSTILE = "</script><img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Collects tags, ids and text, and checks that what is opened is closed in turn."""

    VOID = ("meta", "wbr", "img", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script") and data.strip():
            self.text.append(data.strip())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def page() -> str:
    return build_page(source_by_hand())


def without_scripts(page: str) -> str:
    return re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


def test_every_section_is_there_and_in_the_contents(page: str) -> None:
    reader = read(page)
    ids = [a["id"] for _, a in reader.tags if "id" in a]
    assert len(set(ids)) == len(ids)
    for section in SECTIONS:
        assert (section.name in ids) == (
            section.name not in ("sweep", "whatif")
        )  # which has no worlds
        assert (f'<a href="#{section.name}">' in page) == (section.name not in ("sweep", "whatif"))
    links = [a["href"] for a in reader.named("a") if a.get("href")]
    assert {link[1:] for link in links if link and link.startswith("#")} <= set(ids)


def test_a_section_without_its_table_is_left_out_with_one_line() -> None:
    page = build_page(source_by_hand(full=False))
    plain = without_scripts(page)
    kept = {s.name for s in SECTIONS if f'<section id="{s.name}"' in plain}
    assert kept == {"differences", "messages", "fatigue", "identity", "cost", "numbers", "words",
                    "method", "assumptions"}  # fmt: skip
    lines = re.findall(r"<li>(.*?)</li>", plain[plain.index('id="absent"') :])
    assert len(lines) == len(SECTIONS) - len(kept)
    assert (
        "What each sharing choice earns: <code>omnilab ablate</code> finds out; add it by "
        "<code>--with</code>."
    ) in lines


def test_one_strategy_alone_has_a_page() -> None:
    page = build_page(source_by_hand(("omnichannel",), reference=None, full=False))
    plain = without_scripts(page)
    assert '<p class="answer">Under omnichannel, LTV is €' in plain
    assert '<section id="differences"' not in plain
    read(page)


def test_nothing_is_fetched(page: str) -> None:
    """No address outside of namespaces, and a policy that forbids it."""
    plain = without_scripts(page)
    assert not re.search(r"https?:|url\(|@import|@font-face|<link|src=[\"']?(?!data:)", plain)
    assert "default-src 'none'" in page
    assert len(page.encode()) < 5_000_000


def test_a_screen_reader_finds_its_way(page: str) -> None:
    reader = read(page)
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert len(reader.named("caption")) == len(reader.named("table"))
    assert {a["scope"] for a in reader.named("th")} == {"col", "row"}
    for attributes in reader.named("div"):
        if attributes.get("class") == "wide":
            assert (attributes["tabindex"], attributes["role"]) == ("0", "region")
            assert attributes["aria-label"]
    assert len(reader.named("main")) == 1


def test_every_figure_has_title_unit_table_and_files(page: str) -> None:
    data = figures_of(page)
    figures = re.findall(r"<figure.*?</figure>", without_scripts(page), re.DOTALL)
    assert len(figures) == len(data)
    for text in figures:
        name = re.search(r'data-figure="([^"]+)"', text)
        assert name is not None
        assert "<h3>" in text
        assert re.search(r'<p class="unit">[^<]+</p>', text)
        rows = text.count("<tr>") - 1
        assert rows == min(len(data[name[1]]["rows"]), 400)
        assert text.count('data-take="csv"') == text.count('data-take="json"') == 1


def figures_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page)
    assert found is not None
    figures: dict[str, Any] = json.loads(found[1])["figures"]
    return figures


def test_hostile_names_are_text_everywhere() -> None:
    """In the title, strategies, channels, meanings, command, notes and customers' days."""
    names = (HOSTILE, f"b{HOSTILE}", "c")
    source = source_by_hand(
        names, reference=names[1], title=HOSTILE, channels=(HOSTILE, "web", "b & b", "d")
    )
    about = replace(
        source.about, command=HOSTILE, day=HOSTILE, version=HOSTILE, notes=[HOSTILE],
        meanings={names[0]: HOSTILE}, assumptions=[
            {"key": HOSTILE, "value": HOSTILE, "origin": HOSTILE, "what": HOSTILE,
             "is_declared": True}],
    )  # fmt: skip
    page = build_page(replace(source, about=about))
    reader = read(page)
    assert not [a for a in reader.named("img") if a.get("src") == "x"]
    assert not [a for _, a in reader.tags if "onerror" in a]
    scripts = reader.named("script")
    assert len(scripts) == 4  # figures, days, the library, the page's own
    assert HOSTILE in " ".join(reader.text)
    assert HOSTILE in {s for row in figures_of(page)["forest-ltv"]["rows"] for s in row if s}


def test_json_in_a_script_is_the_same_data_and_ends_nothing() -> None:
    data = {"</script>": ["<!--", "&amp;", "\u2028", 'a"b\\', 1.5, None]}
    text = script_json(data)
    assert json.loads(text) == data
    assert not set("<>&\u2028") & set(text)
    with pytest.raises(ValueError):
        script_json(float("nan"))


def test_every_word_of_the_tables_is_defined_on_the_page(page: str) -> None:
    places = set(re.findall(r'<div id="((?:measure|strategy)-[^"]+)">', page))
    links = set(re.findall(r'<a href="#((?:measure|strategy)-[^"]+)">', page))
    assert links <= places
    assert {f"measure-{m}" for m in MEASURES} <= places
    assert "Shares <code>all</code> it &lt;knows&gt;." in page


def test_all_is_said_of_how_it_was_made(page: str) -> None:
    foot = page[page.index("<footer>") :]
    for text in ("omnilab compare lab.yaml --seed 1", "e" * 64, "d" * 64, "2026-11-30",
                 "omnilab 1.2.3"):  # fmt: skip
        assert text in foot
    assert "world.<wbr>choice" in page
    assert "A note." in page


# --- The answer -----------------------------------------------------------------------------------


def changed(value: float, low: float, high: float, star: bool) -> Any:
    """Return the run with another LTV difference of the best strategy."""
    source = source_by_hand(full=False)
    best = next(s for s in source.strategies if s != source.reference)
    rows = [dict(r) for r in source.rows("differences")]
    for r in rows:
        if r["measure"] == "ltv" and r["strategy"] == best:
            r |= {"value": value, "low": low, "high": high, "hardly_chance": star}
    return replace(source, tables={**source.tables, "differences": rows})


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((1.5, 0.5, 2.5, True), "{best} earns €1.50 more per customer than {ref}."),
        ((-1.5, -2.5, -0.5, True), "{ref} earns €1.50 more per customer than {best}."),
        ((0.5, -1.0, 2.0, False),
         "{best} leads {ref} by €0.50 of LTV per customer, but that may be chance."),
        ((0.0, 0.0, 0.0, False), "{best} and {ref} have the same LTV."),
    ],
)  # fmt: skip
def test_the_answer_is_as_sure_as_the_numbers(
    numbers: tuple[float, float, float, bool], said: str
) -> None:
    source = changed(*numbers)
    first, interval = sentence(source, Numbers("EUR"))
    best = next(s for s in source.strategies if s != source.reference)
    assert first == said.format(best=best, ref=source.reference)
    if numbers[0]:
        assert interval.startswith("95% interval ")


def test_the_card_of_the_lift_is_relative_to_the_reference() -> None:
    source = source_by_hand(full=False)
    best = next(s for s in source.strategies if s != source.reference)
    d, base = source.difference(best, "ltv"), source.value("multichannel", "ltv")
    assert d is not None
    assert base is not None
    share = 100 * d["value"] / base["value"]
    wanted = f"{abs(share):.1f}" if abs(share) < 10 else f"{abs(share):.0f}"
    assert re.search(rf'<p class="number">[+−]{re.escape(wanted)}%</p>', build_page(source))


# --- Numbers, themes, letters ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "wanted"),
    [
        ("en", ("€1,234.50", "12.3%", "−1.20\xa0points", "+€0.05", "1,234")),
        ("de", ("1.234,50\xa0€", "12,3\xa0%", "−1,20\xa0points", "+0,0500\xa0€", "1.234")),
        ("pl", ("1\xa0234,50\xa0€", "12,3%", "", "", "")),
    ],
)
def test_numbers_are_written_as_the_locale_writes_them(
    locale: str, wanted: tuple[str, ...]
) -> None:
    n = Numbers("EUR", locale)
    found = (n.value("EUR", 1234.5), n.value("share", 0.123), n.signed("share", -0.012),
             n.signed("EUR", 0.05), n.whole(1234))  # fmt: skip
    if locale == "en":
        assert found[:3] + found[4:] == wanted[:3] + wanted[4:]
    elif locale == "de":
        assert found == wanted
    else:
        assert found[0] == wanted[0]
    assert n.value("share", None) == "–"
    assert n.signed("EUR", 0.0) == n.value("EUR", 0.0)


def test_the_page_and_its_charts_have_one_locale() -> None:
    page = build_page(source_by_hand(full=False), locale="de")
    found = re.search(r'id="figures">(.*?)</script>', page)
    assert found is not None
    locale = json.loads(found[1])["locale"]
    assert locale["number"]["decimal"] == ","
    assert locale["number"]["currency"] == ["", "\xa0€"]
    assert locale["time"]["months"][2] == "März"
    assert locale["time"]["days"][0] == "Sonntag"
    assert re.search(r"\d,\d\d\xa0€", page)


def test_an_unknown_locale_names_the_nearest() -> None:
    assert check_locale("pt-BR") == "pt_BR"
    with pytest.raises(OptionError, match=r"--locale 'xx_nope': no such locale"):
        check_locale("xx_nope")


THEME = """\
name: Mapples & Co
logo: logo.svg
font: "Inter, 'Gill Sans'"
colours: {accent: navy, s1: '#123456'}
dark: {accent: '#9cf'}
strategies: {omnichannel: '#702963'}
"""


def test_a_theme_dresses_the_page(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "theme.yaml").write_text(THEME)
    theme = read_theme(tmp_path / "theme.yaml")
    page = build_page(source_by_hand(full=False), theme=theme)
    assert "Mapples &amp; Co" in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert "--accent:#000080;" in page
    assert "--on-accent:#ffffff;" in page
    assert "--accent:#99ccff;" in page
    assert "--on-accent:#000000;" in page
    assert "#702963" in page
    assert "--font:Inter, 'Gill Sans', system-ui" in page
    read(page)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("logo: none.png", r"theme.yaml:1: logo: .*none.png can't be read: No such file"),
        ("logo: logo.exe", "logo: logo.exe is no picture"),
        ("name: x\ncolours: {accent: tael}", r"theme.yaml:2: colours.accent: 'tael' is no colour"),
        ("colours: {acent: teal}", r"colours.acent: no such key \(did you mean 'accent'\?\)"),
        ("colours: {ink: '#eeeeee'}", "colours.ink: #eeeeee can't be seen on page #f6f7f9"),
        ("colours: {accent: 1}", "colours.accent: '1' is no colour"),
        ("color: {accent: teal}", r"color: no such key \(did you mean 'colours'\?\)"),
        ("font: 'x; } body { display: none'", "font: .* is no list of font families"),
        ('font: "\'Gill"', "font: .* is no list of font families"),
        ("name: [a]", "name: a text was expected"),
        ("strategies: navy", "strategies: keys and values were expected"),
        ("- a", "mapping"),
    ],
)
def test_a_wrong_theme_is_one_error(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "theme.yaml").write_text(text)
    with pytest.raises(DataError, match=said) as caught:
        read_theme(tmp_path / "theme.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_own_colours_can_be_seen(colours: dict[str, str]) -> None:
    """WCAG 2.2 AA: 4.5 to 1 for text, 3 to 1 for what is drawn."""
    assert set(LIGHT) == set(DARK)
    for ground in ("page", "card", "stripe"):
        for name in ("ink", "soft"):
            assert contrast(colours[name], colours[ground]) >= 4.5
        for name in ("accent", "good", "bad", "base", *(f"s{n}" for n in range(1, 9))):
            assert contrast(colours[name], colours[ground]) >= 3
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert contrast(colours["card"], colours["ink"]) >= 4.5


def test_bars_of_a_terminal_lie_on_one_axis() -> None:
    rows = [Interval("a", "", 1.0, -1.0, 3.0), Interval("b", "", -4.0, -5.0, -3.0)]
    a, b = interval_bars(rows, 41, plain=True)
    assert (a.index("o"), b.index("o")) == (30, 5)  # 5 a unit, from -5 to 3
    assert a.index("|") == b.index("|") == 25
    assert (len(a) - 1, b.index("-")) == (40, 0)
    assert all(len(bar) <= 41 for bar in (a, b))


def test_a_sparkline_rises_with_its_numbers() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([3, 3]) == "▁▁"
    assert sparkline([]) == ""
    assert len(sparkline(list(range(1000)), most=40)) == 40
    assert sparkline([5, 5], between=(0, 10)) == "▅▅"
    assert sparkline([0, 7], plain=True).isascii()


@pytest.mark.slow
def test_strategies_beyond_the_panels_stand_in_the_tables() -> None:
    names = tuple(f"s{n:02d}" for n in range(15))
    page = build_page(source_by_hand(names, reference=names[0]))
    plain = without_scripts(page)
    tables = re.findall(r"<thead><tr>(.*?)</tr></thead>", plain)
    heads = [re.sub("<[^>]*>", " ", t).split() for t in tables]
    widest = max(len(h) for h in heads if h and h[0].startswith("s0"))
    assert widest <= 6
    assert {name for h in heads for name in h} >= set(names)
    assert set(NAMES) & set(names) == set()
