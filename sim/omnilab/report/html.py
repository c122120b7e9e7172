"""Show a report as one HTML page that needs nothing else: no script, no font, no address."""

from __future__ import annotations

from html import escape

from omnilab.report.document import Document, Table

__all__ = ["html_page"]

_STYLE = """\
:root { color-scheme: light dark; --faint: #8884; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 0.5rem; }
.setting, .note, footer { opacity: 0.75; }
.headline { border-left: 4px solid #2a8; padding-left: 0.75rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.75rem; text-align: right; white-space: nowrap; }
thead th { border-bottom: 2px solid var(--faint); }
tbody tr:nth-child(even) { background: var(--faint); }
tbody th { font-weight: normal; }
th:first-child { padding-left: 0.25rem; text-align: left; }
"""


def html_page(document: Document) -> str:
    """Return a report as a page, the same text for the same report."""
    body = [
        f"<h1>{escape(document.title)}</h1>",
        f'<p class="setting">{escape(document.setting)}</p>',
        *(f'<p class="headline">{escape(line)}</p>' for line in document.headlines),
        *(_table(table) for table in document.tables),
        "<footer>",
        *(f"<p>{escape(note)}</p>" for note in document.notes),
        "</footer>",
    ]
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(document.title)}</title>",
        f"<style>\n{_STYLE}</style>",
    ]
    page = ["<!doctype html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *body]
    return "\n".join([*page, "</body>", "</html>", ""])


def _table(table: Table) -> str:
    columns = "".join(f'<th scope="col">{escape(c)}</th>' for c in (table.corner, *table.columns))
    rows = [
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, cells in table.rows
    ]
    note = [f'<p class="note">{escape(table.note)}</p>'] if table.note else []
    return "\n".join(
        [
            f"<h2>{escape(table.title)}</h2>",
            f'<div class="wide"><table><thead><tr>{columns}</tr></thead><tbody>',
            *rows,
            "</tbody></table></div>",
            *note,
        ]
    )
