"""The report of credit as a page of Markdown, and as one HTML file that needs no network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from omnilab import __version__
from omnilab.report.credit.data import CREDIT_FORMAT
from omnilab.report.credit.document import credit_document
from omnilab.report.figures.figure import Style
from omnilab.report.locales import Numbers
from omnilab.report.look import page_look
from omnilab.report.page.parts import Parts, broken, wide_table
from omnilab.report.page.shell import Shown, whole_page
from omnilab.report.theme import Theme

if TYPE_CHECKING:
    from omnilab.experiment.crediting import Crediting
    from omnilab.report.table import Table

__all__ = ["credit_html", "credit_page"]


def credit_page(found: Crediting, command: str) -> str:
    """Return the report as Markdown; ``command`` makes it again."""
    document = credit_document(found)
    parts = [
        f"# {document.title}",
        f"Made by `{command}`; don't edit. Format {CREDIT_FORMAT}. {document.setting}.",
        *document.headlines,
        *map(_markdown, document.tables),
        "## Notes",
        "\n".join(f"- {note}" for note in document.notes),
    ]
    return "\n\n".join(parts) + "\n"


def credit_html(found: Crediting, command: str) -> str:
    """Return the report as a page, the same text for the same numbers."""
    document, dress = credit_document(found), Theme()
    parts = Parts(Style(page_look((), None, dress.font), Numbers(found.scenario.currency)))
    first, *others = document.headlines or ("Credit without the truth",)
    top = f'<p class="answer">{escape(first)}</p>'
    if others:
        lines = "".join(f"<li>{escape(line)}</li>" for line in others)
        top += f'<ul class="doubts">{lines}</ul>'
    notes = "".join(f"<p>{escape(note)}</p>" for note in document.notes)
    return whole_page(
        parts, dress, kind="Credit", day="", title=document.title, setting=document.setting,
        top=top,
        sections=[
            Shown("credit", "Credit and truth", "".join(map(_html, document.tables))),
            Shown("notes", "Notes", notes),
        ],
        facts={"Command": command, "By": f"omnilab {__version__}"},
    )  # fmt: skip


def _markdown(table: Table) -> str:
    head = f"| {table.corner} | {' | '.join(table.columns)} |"
    rule = "|" + "---|" * (len(table.columns) + 1)
    rows = [f"| {name} | {' | '.join(cells)} |" for name, cells in table.rows]
    note = [f"{table.note}\n"] if table.note else []
    return "\n".join([f"## {table.title}\n", *note, head, rule, *rows])


def _html(table: Table) -> str:
    rows = [[broken(name), *map(broken, cells)] for name, cells in table.rows]
    heads = [table.corner, *table.columns]
    shown = wide_table(table.title, heads, rows, note=table.note)
    return f"<h3>{escape(table.title)}</h3>{shown}"
