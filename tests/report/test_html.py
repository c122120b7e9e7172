"""The HTML page says what the terminal says, on any screen and on paper, whatever names hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from omnilab.report.document import Document, Table, _times
from omnilab.report.html import MOST_COLUMNS, MOST_UPRIGHT, html_page
from omnilab.report.style import LANDSCAPE, STYLE
from omnilab.report.words import Word

DOCUMENT = Document(
    "cafés & <script>alert(1)</script>",
    "10 customers",
    ("a has the highest LTV.",),
    (
        Table(
            "LTV", "x<y", ("a", 'b"c'), (("row & row", ("1 ±2", "-")),), "± & so on",
            names=("ltv",), words=(Word("ltv", "LTV", "What a <customer> gives."),),
        ),
    ),
    ("Depends on <everything>.",),
    (Word('b"c', 'b"c', "Shares `all` & more."),),
    "Made on 2026-11-29 by omnilab 1 <x>",
)  # fmt: skip


class Reader(HTMLParser):
    """Collects text, tags, ids and links, and checks that what is opened is closed in turn."""

    VOID = ("meta", "wbr")

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
        if self.open and self.open[-1] != "style" and data.strip():
            self.text.append(data.strip())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read(document: Document) -> Reader:
    reader = Reader()
    reader.feed(html_page(document))
    reader.close()
    assert reader.open == []
    return reader


def table_of(columns: int) -> Table:
    names = tuple(f"s{i}" for i in range(columns))
    return Table("T", "", names, (("r", tuple(f"v{i}" for i in range(columns))),))


def document_of(columns: int) -> Document:
    return Document("t", "s", (), (table_of(columns),), ())


def test_all_of_the_report_is_there_as_text() -> None:
    reader = read(DOCUMENT)
    assert "script" not in {tag for tag, _ in reader.tags}
    (table,), (word,) = DOCUMENT.tables, DOCUMENT.words
    assert reader.text == [
        DOCUMENT.title, DOCUMENT.title, DOCUMENT.setting, *DOCUMENT.headlines, table.title,
        f"{table.title}, 1 row", table.corner, *table.columns, "row & row", "1 ±2", "-",
        table.note, "LTV", "What a <customer> gives.", "Strategies", word.title, "Shares", "all",
        "& more.", "Notes", *DOCUMENT.notes, DOCUMENT.foot,
    ]  # fmt: skip


def test_it_needs_nothing_else() -> None:
    page = html_page(DOCUMENT)
    assert not re.search(r"https?:|src=|url\(|@import|@font-face|<link|<script", page)
    assert page == html_page(DOCUMENT)


def test_each_link_leads_to_a_definition_on_the_page() -> None:
    reader = read(DOCUMENT)
    links = [a["href"] for a in reader.named("a")]
    assert len(links) == 2  # the row's measure, and the one strategy that is explained
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert all(link and link.startswith("#") and link[1:] in ids for link in links)
    labels = [a["aria-labelledby"] for _, a in reader.tags if "aria-labelledby" in a]
    assert labels
    assert set(labels) <= set(ids)


def test_a_screen_reader_and_a_keyboard_find_their_way() -> None:
    """One h1, then h2; a caption a table; a scope each header; a stop where a table scrolls."""
    reader = read(DOCUMENT)
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert len(reader.named("caption")) == len(reader.named("table")) == 1
    assert {a["scope"] for a in reader.named("th")} == {"col", "row"}
    (wide,) = [a for a in reader.named("div") if a.get("class") == "wide"]
    assert (wide["tabindex"], wide["role"]) == ("0", "region")
    assert len(reader.named("main")) == 1
    assert "html lang" in html_page(DOCUMENT)


def test_an_empty_corner_is_no_header() -> None:
    page = html_page(document_of(2))
    assert "<thead><tr><td></td><th" in page


def rules(style: str, query: str) -> str:
    """Return the rules inside one media query."""
    start = style.index(f"@media {query} {{")
    depth, at = 0, style.index("{", start)
    for at in range(at, len(style)):  # noqa: B020
        depth += {"{": 1, "}": -1}.get(style[at], 0)
        if depth == 0:
            break
    return style[start:at]


def test_on_paper_no_column_is_cut() -> None:
    """Cells may wrap, nothing scrolls or sticks, the head comes again, colours are those of day."""
    paper = rules(STYLE, "print")
    for rule in (
        ".wide { overflow: visible; }",
        "thead { display: table-header-group; }",
        "color-scheme: light;",
        "--page: #fff; --ink: #000;",
        "position: static",
        "white-space: normal",
        "break-inside: avoid",
        "break-after: avoid",
    ):
        assert rule in paper
    assert "nowrap" not in paper
    assert "@page { margin:" in STYLE
    assert not re.search(r"size: *(A4|letter)", STYLE, re.IGNORECASE)  # the printer's own


@pytest.mark.parametrize("columns", [1, MOST_UPRIGHT, MOST_UPRIGHT + 1, MOST_COLUMNS, 13, 40])
def test_wide_tables_lie_and_very_wide_ones_are_parted(columns: int) -> None:
    document = document_of(columns)
    page = html_page(document)
    reader = read(document)
    parts = re.findall(r"<thead>.*?</thead>", page, re.DOTALL)
    widths = [part.count('scope="col"') for part in parts]
    assert sum(widths) == columns
    assert max(widths) <= MOST_COLUMNS
    assert max(widths) - min(widths) <= 1
    assert (LANDSCAPE in page) == (max(widths) > MOST_UPRIGHT)
    shown = [text for text in reader.text if re.fullmatch(r"[sv]\d+", text)]
    expected: list[str] = []
    at = 0
    for width in widths:
        expected += [f"s{i}" for i in range(at, at + width)]
        expected += [f"v{i}" for i in range(at, at + width)]
        at += width
    assert shown == expected


def test_the_first_column_stays_and_phones_wrap() -> None:
    assert re.search(r"tr > :first-child \{ left: 0;[^}]*position: sticky", STYLE)
    # What is below must not shine through: each cell has a colour of its own.
    assert re.search(r"th, td \{ background: var\(--page\)", STYLE)
    assert "background: var(--stripe)" in STYLE
    phone = rules(STYLE, "screen and (max-width: 40rem)")
    assert "white-space: normal" in phone
    assert "max-width: 7.5rem" in phone
    assert 'name="viewport"' in html_page(DOCUMENT)


def test_dark_and_light_have_the_same_colours_to_name() -> None:
    light = STYLE[: STYLE.index("@media")]
    dark = rules(STYLE, "(prefers-color-scheme: dark)")
    named = [set(re.findall(r"(--[a-z]+):", part)) for part in (light, dark)]
    assert named[0] == named[1] == set(re.findall(r"var\((--[a-z]+)\)", STYLE))


def luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(2 * c for c in colour)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("query", ["", "(prefers-color-scheme: dark)", "print"])
def test_text_can_be_read_on_its_ground(query: str) -> None:
    """WCAG 2.1 AA: a contrast of 4.5 to 1."""
    part = rules(STYLE, query) if query else STYLE[: STYLE.index("@media")]
    colours = dict(re.findall(r"--([a-z]+): #([0-9a-f]+)", part))
    for ink in ("ink", "soft"):
        for ground in ("page", "stripe"):
            low, high = sorted((luminance(colours[ink]), luminance(colours[ground])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (query, ink, ground)


def test_a_long_name_may_break_and_stays_whole() -> None:
    name = "x" * 64
    table = Table("T", "", (name, "single_channel"), (("r", ("1", "2")),))
    page = html_page(Document("t", "s", (), (table,), ()))
    assert "single_<wbr>channel" in page
    heads = re.findall(r'<th scope="col">(.*?)</th>', page)
    assert [head.replace("<wbr>", "") for head in heads] == [name, "single_channel"]
    assert max(len(piece) for piece in heads[0].split("<wbr>")) <= 12


@pytest.mark.parametrize(
    ("factor", "text"),
    [(1.234, "1.2"), (9.9, "9.9"), (12.3, "12"), (163.9, "160"), (98765.0, "99,000")],
)
def test_how_many_times_as_many(factor: float, text: str) -> None:
    assert _times(factor) == text
