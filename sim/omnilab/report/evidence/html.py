"""The scores and every claim as one HTML file that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from omnilab import __version__
from omnilab.experiment.evidence.score import Scores
from omnilab.report.evidence.text import claim_tables, score_tables
from omnilab.report.evidence.words import HOW, headlines
from omnilab.report.figures.figure import Style
from omnilab.report.figures.published import signs, sizes
from omnilab.report.locales import Numbers
from omnilab.report.look import page_look
from omnilab.report.page.parts import Parts, broken, wide_table
from omnilab.report.page.shell import Shown, whole_page
from omnilab.report.table import Table
from omnilab.report.theme import Theme

__all__ = ["evidence_html"]

#: Letters of a cell that is a text.
LONG: Final = 40


def evidence_html(
    scores: Scores, setting: str, command: str, *, day: str = "", theme: Theme | None = None,
    more: Sequence[Table] = (),
) -> str:  # fmt: skip
    """Return the page, the same text for the same scores.

    Parameters
    ----------
    scores
        What came out.
    setting
        In one line what was run.
    command
        What makes the page again.
    day
        When it was made, or empty.
    theme
        Logo, colours and letters; omnilab's own if not given.
    more
        Other tables of the run, such as how base rates were met.
    """
    dress = theme or Theme()
    parts = Parts(Style(page_look((), None, dress.font), Numbers("EUR")))
    first, *others = headlines(scores)
    answer, *doubts = others or [first]
    lines = [first, *doubts] if others else []
    top = f'<p class="answer">{escape(answer)}</p><ul class="doubts">'
    top += "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
    ran = sorted(scores.of_status("simulated"), key=lambda v: not v.is_failure)
    sections = [Shown("scores", "Scores", "".join(map(_table, score_tables(scores))))]
    for name, title, figure in (
        ("signs", "Signs", signs(ran, parts.style)),
        ("sizes", "Sizes", sizes(ran, parts.style)),
    ):
        if figure is not None:
            sections.append(Shown(name, title, parts.figure(figure)))
    claims = "".join(map(_table, claim_tables(scores)))
    how = "".join(f"<p>{escape(line)}</p>" for line in HOW)
    sections.append(Shown("claims", "Every claim", claims))
    if more:
        sections.append(Shown("run", "What was run", "".join(map(_table, more))))
    sections.append(Shown("method", "How it is scored", how))
    return whole_page(
        parts, dress, kind="Evidence", day=day, title="Published experiments, simulated",
        setting=setting, top=top, sections=sections,
        facts={"Command": command, "Made on": day, "By": f"omnilab {__version__}"},
    )  # fmt: skip


def _table(table: Table) -> str:
    rows = [[_cell(name), *map(_cell, cells)] for name, cells in table.rows]
    heads = [table.corner, *table.columns]
    shown = wide_table(table.title, heads, rows, note=table.note)
    return f"<h3>{escape(table.title)}</h3>{shown}"


def _cell(text: str) -> str:
    """Return a cell as HTML; a long text takes several lines."""
    return f'<span class="prose">{broken(text)}</span>' if len(text) > LONG else broken(text)
