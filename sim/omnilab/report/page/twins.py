"""The twin explorer: one customer's days under each strategy, side by side on one axis of time."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from omnilab.report.figures.figure import spec_of
from omnilab.report.lives import Life, Lives, chosen
from omnilab.report.page.parts import Parts, script_json
from omnilab.report.page.section import Section
from omnilab.report.source import Source

__all__ = ["TWINS", "twins_html"]

#: What stands before a kind of customer in the list.
_KINDS: Final = {
    "won": "Worth more than under the reference",
    "lost": "Worth less",
}
_CLASSES: Final = (
    ("need", "need", "base", 8), ("message", "message", "s3", 14),
    ("answer", "opened, clicked", "s4", 18), ("visit", "visit", "s2", 24),
    ("order", "order", "good", 38), ("loss", "loss", "bad", 30),
)  # fmt: skip


def _twins(source: Source, parts: Parts) -> str:
    rows = source.rows("notable")
    if not rows or source.lives is None:
        return ""
    strategy = next((s for s in source.strategies if s != source.reference), "")
    picked = chosen(rows, strategy) or chosen(rows, rows[0]["strategy"])
    return twins_html(source.lives(picked, source.shown), source, parts) if picked else ""


def twins_html(lives: Lives, source: Source, parts: Parts) -> str:
    """Return the explorer; the script fills it from the data beside it."""
    if not lives.customers:
        return ""
    numbers = parts.style.numbers
    by_kind: dict[str, list[tuple[int, Life]]] = {}
    for n, life in enumerate(lives.customers):
        by_kind.setdefault(life.row["kind"], []).append((n, life))
    groups = []
    for kind, found in by_kind.items():
        choices = "".join(
            f'<label><input type="radio" name="twin" value="{n}"{" checked" if n == 0 else ""}>'
            f"<span>Customer {life.row['customer']}"
            f"<small>{escape(_beside(life, source, numbers))}</small></span></label>"
            for n, life in found
        )
        words = _KINDS.get(kind, kind.replace("_", " "))
        groups.append(f'<p class="kind">{escape(words)}</p>{choices}')
    pair = {lives.customers[0].row["strategy"], lives.customers[0].row["reference"]}
    boxes = "".join(
        f'<label><input type="checkbox" name="lane" value="{n}"{" checked" if s in pair else ""}>'
        f"<span>{escape(s)}</span></label>"
        for n, s in enumerate(lives.strategies)
    )
    legend = "".join(
        f'<li><i style="background:{parts.style.look[colour]}"></i>{words}</li>'
        for _, words, colour, _ in _CLASSES
    )
    data = script_json(_data(lives, source, parts))
    return (
        '<div class="twins" id="twin-explorer">'
        '<fieldset class="people"><legend>Customer, by what happened</legend>'
        f"{''.join(groups)}</fieldset>"
        '<div class="days"><fieldset class="choices"><legend>Strategies side by side</legend>'
        f"{boxes}</fieldset>"
        '<label class="only"><input type="checkbox" id="twin-differs"> Only what differs</label>'
        '<h3 id="twin-title" aria-live="polite"></h3><dl class="sums" id="twin-sums"></dl>'
        f'<ul class="legend" aria-label="Colours">{legend}</ul>'
        '<div class="chart" id="twin-lanes"></div>'
        '<div class="wide" role="region" aria-label="Days side by side" tabindex="0">'
        '<table id="twin-days"><caption class="hidden">Days side by side</caption>'
        "<thead></thead><tbody></tbody></table></div></div></div>"
        f'<script type="application/json" id="twin-data">{data}</script>'
    )


def _beside(life: Life, source: Source, numbers: Any) -> str:
    """Return persona and difference, beside a customer's number."""
    words = [life.persona.replace("_", " ")] if life.persona else []
    if life.row.get("difference") is not None:
        unit = life.row.get("unit") or source.currency
        words.append(numbers.signed(unit, life.row["difference"]))
    return " · ".join(words)


def _data(lives: Lives, source: Source, parts: Parts) -> dict[str, Any]:
    start = source.scenario.time.burn_in
    return {
        "strategies": list(lives.strategies),
        "words": {name: [words, size] for name, words, _, size in _CLASSES},
        "customers": [
            {
                "title": f"Customer {life.row['customer']}"
                + (f", {life.persona.replace('_', ' ')}" if life.persona else ""),
                "sums": list(life.sums),
                "moments": [
                    [
                        round((m.time_s - start) / 86400, 4),
                        m.local,
                        [list(lane) for lane in m.lanes],
                    ]
                    for m in life.moments
                ],
            }
            for life in lives.customers
        ],
        "spec": _lanes(parts),
    }


def _lanes(parts: Parts) -> Mapping[str, Any]:
    look = parts.style.look
    words = [w for _, w, _, _ in _CLASSES]
    return spec_of(
        parts.style,
        "Days under each strategy",
        {
            "height": 88,  # the script sets it for more
            "data": {"values": []},
            "mark": {"type": "tick", "thickness": 3, "opacity": 0.9},
            "encoding": {
                "x": {"field": "day", "type": "quantitative", "scale": {"nice": False},
                      "axis": {"title": "day", "grid": True, "tickCount": 8}},
                "y": {"field": "strategy", "type": "nominal", "sort": None,
                      "axis": {"title": None, "grid": False, "labelLimit": 130}},
                "size": {"field": "size", "type": "quantitative", "scale": None},
                "order": {"field": "size", "type": "quantitative"},
                "color": {"field": "what", "type": "nominal", "sort": words,
                          "scale": {"domain": words, "range": [look[c] for _, _, c, _ in _CLASSES]},
                          "legend": None},
                "description": {"field": "said"}, "tooltip": {"field": "said"},
            },
        },
    )  # fmt: skip


TWINS: Final = Section(
    "twins", "One customer, twice", ("notable",),
    "Days of single customers: the run names none, or its strategies can't be run again here.",
    _twins,
)  # fmt: skip
