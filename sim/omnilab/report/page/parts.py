"""The parts that sections are made of: text that can't be taken for HTML, figures, tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from omnilab.report.figures.figure import Field, Figure, Style
from omnilab.report.locales import NOTHING, Numbers

__all__ = ["Parts", "broken", "prose", "script_json", "wide_table"]

#: Where a long name may go on in the next line.
_PIECES: Final = re.compile(r".*?(?:_+|[^\s_]{12})(?=\S)|.+", re.DOTALL)
_CODE: Final = re.compile(r"`([^`]+)`")
MOST_ROWS: Final = 400  # of a figure's table on the page; its files have all


class Parts:
    """Makes figures into HTML, and keeps what the script draws them from.

    Parameters
    ----------
    style
        Of the figures.
    """

    def __init__(self, style: Style) -> None:
        self.style = style
        self.figures: dict[str, dict[str, Any]] = {}
        self._switches = 0

    def figure(self, figure: Figure | None, *, note: str = "") -> str:
        """Return a figure with its title, its units, its table and its files; "" for none."""
        if figure is None:
            return ""
        if figure.name in self.figures:
            raise ValueError(f"two figures are named {figure.name}")
        self.figures[figure.name] = {
            "title": figure.title,
            "fields": [field.name for field in figure.fields],
            "rows": [[row[field.name] for field in figure.fields] for row in figure.rows],
            "spec": figure.spec,
        }
        title = escape(figure.title)
        under = f'<p class="note">{escape(note)}</p>' if note else ""
        return (
            f'<figure class="figure" id="figure-{figure.name}">'
            f"<figcaption><h3>{title}</h3>"
            f'<p class="unit">{escape(figure.unit)}</p></figcaption>'
            f"{_legend(figure)}"
            f'<div class="chart" data-figure="{figure.name}"></div>{under}'
            f'<div class="take"><details><summary>Table'
            f'<span class="hidden"> of {title}</span></summary>'
            f"{self._table(figure)}</details>"
            f'<button type="button" data-take="csv" data-of="{figure.name}">CSV'
            f'<span class="hidden"> of {title}</span></button>'
            f'<button type="button" data-take="json" data-of="{figure.name}">JSON'
            f'<span class="hidden"> of {title}</span></button></div></figure>'
        )

    def switch(self, what: str, panels: Sequence[tuple[str, str]]) -> str:
        """Return panels of which one is shown at a time, with a choice above; "" for none.

        Parameters
        ----------
        what
            Is chosen, such as ``Strategy``.
        panels
            Names and HTML; those without HTML are left out.
        """
        shown = [(name, html) for name, html in panels if html]
        if len(shown) < 2:
            return "".join(html for _, html in shown)
        self._switches += 1
        group = f"switch-{self._switches}"
        choices = "".join(
            f'<label><input type="radio" name="{group}" value="{n}"{" checked" if n == 0 else ""}>'
            f"<span>{escape(name)}</span></label>"
            for n, (name, _) in enumerate(shown)
        )
        bodies = "".join(
            f'<div class="panel" data-panel="{n}">{html}</div>' for n, (_, html) in enumerate(shown)
        )
        return (
            f'<div class="switch"><fieldset class="choices"><legend>{escape(what)}</legend>'
            f"{choices}</fieldset>{bodies}</div>"
        )

    def _table(self, figure: Figure) -> str:
        numbers = self.style.numbers
        heads = [field.title for field in figure.fields if field.name != "unit"]
        fields = [field for field in figure.fields if field.name != "unit"]
        rows = [[_cell(numbers, field, row) for field in fields] for row in figure.rows]
        more = len(rows) - MOST_ROWS
        note = f"{more:,} more rows are in the files." if more > 0 else ""
        return wide_table(figure.title, heads, rows[:MOST_ROWS], note=note)


def _legend(figure: Figure) -> str:
    items = "".join(
        f'<li><i style="background:{escape(colour, quote=True)}"></i>{escape(name)}</li>'
        for name, colour in figure.legend
    )
    return f'<ul class="legend" aria-label="Colours">{items}</ul>' if items else ""


def _cell(numbers: Numbers, field: Field, row: Mapping[str, Any]) -> str:
    value = row[field.name]
    unit = row.get("unit", "") if field.unit == "row" else field.unit
    if value is None:
        return escape(NOTHING)
    if not unit or isinstance(value, str):
        return broken(str(value))
    return escape(numbers.signed(unit, value) if field.signed else numbers.value(unit, value))


def wide_table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, note: str = "",
    linked: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """Return a table that scrolls where it is wide, by keyboard too.

    Parameters
    ----------
    title
        Said before it, for those who hear it.
    heads
        Plain text.
    rows
        Cells as HTML; the first of each row is its head.
    note
        Below it.
    linked
        Where heads lead to, by their text.
    """
    places = linked or {}
    top = "".join(
        f'<th scope="col">{_linked(head, places.get(head, ""))}</th>' if head else "<td></td>"
        for head in heads
    )
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td>{cell}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    said = escape(title, quote=True)
    below = f'<p class="note">{escape(note)}</p>' if note else ""
    return (
        f'<div class="wide" role="region" aria-label="Table: {said}" tabindex="0"><table>'
        f'<caption class="hidden">{said}</caption><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{below}"
    )


def broken(text: str) -> str:
    """Return a text as HTML in which long names may go on in the next line."""
    return "<wbr>".join(escape(piece) for piece in _PIECES.findall(text))


def prose(text: str) -> str:
    """Return a text as HTML in which what stands between backquotes is code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def script_json(data: Any) -> str:
    """Return data as JSON that can stand in a script element, whatever its texts hold."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _linked(text: str, place: str) -> str:
    return f'<a href="#{escape(place, quote=True)}">{broken(text)}</a>' if place else broken(text)
