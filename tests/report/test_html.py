"""The HTML page says what the terminal says, whatever characters names have."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from omnilab.report.document import Document, Table, _times
from omnilab.report.html import html_page

DOCUMENT = Document(
    "cafés & <script>alert(1)</script>",
    "10 customers",
    ("a has the highest LTV.",),
    (Table("LTV", "x<y", ("a", 'b"c'), (("row & row", ("1 ±2", "-")),), "± & so on"),),
    ("Hangs on <everything>.",),
)


class Reader(HTMLParser):
    """Collects the text, and checks that what is opened is closed in turn."""

    VOID = ("meta",)

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style" and data.strip():
            self.text.append(data.strip())


def test_all_of_the_report_is_there_as_text() -> None:
    reader = Reader()
    reader.feed(html_page(DOCUMENT))
    reader.close()
    assert reader.open == []
    assert "script" not in reader.tags
    table = DOCUMENT.tables[0]
    assert reader.text == [
        DOCUMENT.title, DOCUMENT.title, DOCUMENT.setting, *DOCUMENT.headlines, table.title,
        table.corner, *table.columns, "row & row", "1 ±2", "-", table.note, *DOCUMENT.notes,
    ]  # fmt: skip


def test_it_needs_nothing_else() -> None:
    assert not re.search(r"https?:|src=|href=|url\(|@import", html_page(DOCUMENT))
    assert html_page(DOCUMENT) == html_page(DOCUMENT)


@pytest.mark.parametrize(
    ("factor", "text"),
    [(1.234, "1.2"), (9.9, "9.9"), (12.3, "12"), (163.9, "160"), (98765.0, "99,000")],
)
def test_how_many_times_as_many(factor: float, text: str) -> None:
    assert _times(factor) == text
