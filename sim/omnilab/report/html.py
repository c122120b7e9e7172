"""Show a report as one HTML page that needs nothing else: no script, no font, no address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from omnilab.report.document import Document, Table
from omnilab.report.style import LANDSCAPE, STYLE
from omnilab.report.words import Word

__all__ = ["html_page"]

#: More columns than this do not fit a landscape page in a size that can be read.
MOST_COLUMNS: Final = 12
#: More than this do not fit an upright page.
MOST_UPRIGHT: Final = 6
#: Where a long name may go on in the next line, so that one column does not take a phone's width.
_PIECES: Final = re.compile(r".*?(?:_+|[^\s_]{12})(?=\S)|.+", re.DOTALL)
_CODE: Final = re.compile(r"`([^`]+)`")


def html_page(document: Document) -> str:
    """Return a report as a page, the same text for the same report."""
    known = {_place("measure", word.name) for table in document.tables for word in table.words}
    known |= {_place("strategy", word.name) for word in document.words}
    body = [
        "<main>",
        f"<h1>{escape(document.title)}</h1>",
        f'<p class="setting">{escape(document.setting)}</p>',
        *(f'<p class="headline">{escape(line)}</p>' for line in document.headlines),
        *(_section(table, n, known) for n, table in enumerate(document.tables, 1)),
        *_definitions("strategy", "Strategies", document.words),
        *_notes(document),
        "</main>",
    ]
    if document.foot:
        body.append(f"<footer><p>{escape(document.foot)}</p></footer>")
    widest = max([len(part) for t in document.tables for part in _parts(len(t.columns))], default=0)
    style = STYLE + (LANDSCAPE if widest > MOST_UPRIGHT else "")
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(document.title)}</title>",
        f"<style>\n{style}</style>",
    ]
    page = ["<!doctype html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *body]
    return "\n".join([*page, "</body>", "</html>", ""])


def _notes(document: Document) -> list[str]:
    if not document.notes:
        return []
    notes = [f"<p>{escape(note)}</p>" for note in document.notes]
    return ['<section aria-labelledby="notes">', '<h2 id="notes">Notes</h2>', *notes, "</section>"]


def _section(table: Table, number: int, known: set[str]) -> str:
    """Return a heading, the table in parts that fit a page, its note and its definitions."""
    name = f"table-{number}"
    parts = _parts(len(table.columns))
    note = [f'<p class="note">{escape(table.note)}</p>'] if table.note else []
    return "\n".join(
        [
            f'<section aria-labelledby="{name}">',
            f'<h2 id="{name}">{escape(table.title)}</h2>',
            *(_table(table, part, name, known) for part in parts),
            *note,
            *_definitions("measure", "", table.words),
            "</section>",
        ]
    )


def _parts(columns: int) -> list[range]:
    """Return column numbers in parts of nearly equal width, so that none is cut in print."""
    n = max(1, -(-columns // MOST_COLUMNS))
    return [range(i * columns // n, (i + 1) * columns // n) for i in range(n)]


def _table(table: Table, part: Sequence[int], name: str, known: set[str]) -> str:
    heads = "".join(
        f'<th scope="col">{_linked("strategy", table.columns[i], table.columns[i], known)}</th>'
        for i in part
    )
    corner = f'<th scope="col">{escape(table.corner)}</th>' if table.corner else "<td></td>"
    names = table.names or ("",) * len(table.rows)
    rows = [
        f'<tr><th scope="row">{_linked("measure", key, title, known)}</th>'
        + "".join(f"<td>{escape(cells[i])}</td>" for i in part)
        + "</tr>"
        for key, (title, cells) in zip(names, table.rows, strict=True)
    ]
    rows_said = f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
    # A region that scrolls must be reached by keyboard, and so has a name and a place to stop at.
    return "\n".join(
        [
            f'<div class="wide" role="region" aria-labelledby="{name}" tabindex="0">',
            "<table>",
            f"<caption>{escape(table.title)}, {rows_said}</caption>",
            f"<thead><tr>{corner}{heads}</tr></thead>",
            "<tbody>",
            *rows,
            "</tbody>",
            "</table></div>",
        ]
    )


def _definitions(kind: str, title: str, words: Sequence[Word]) -> list[str]:
    if not words:
        return []
    name = f"{kind}-words"
    heading = [f'<h2 id="{name}">{escape(title)}</h2>'] if title else []
    entries = [
        f'<div id="{_place(kind, word.name)}"><dt>{escape(word.title)}</dt>'
        f"<dd>{_prose(word.meaning)}</dd></div>"
        for word in words
    ]
    listed = ['<dl class="words">', *entries, "</dl>"]
    if not title:
        return listed
    return [f'<section aria-labelledby="{name}">', *heading, *listed, "</section>"]


def _prose(text: str) -> str:
    """Return a text in which what stands between backquotes is code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _linked(kind: str, name: str, title: str, known: set[str]) -> str:
    """Return a title that leads to its definition, where there is one on the page."""
    place = _place(kind, name)
    text = "<wbr>".join(escape(piece) for piece in _PIECES.findall(title))
    return f'<a href="#{place}">{text}</a>' if name and place in known else text


def _place(kind: str, name: str) -> str:
    """Return the id of a definition: what an address can't hold is written by its number."""
    return f"{kind}-{re.sub(r'[^a-z0-9_-]', lambda found: f'.{ord(found[0]):x}', name)}"
