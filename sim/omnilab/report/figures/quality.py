"""How well a strategy knows who is who, and what its mistakes cost."""

from __future__ import annotations

from typing import Final

from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.figures.parts import axis_of, legend_of, title_of, y_names
from omnilab.report.source import Source

__all__ = ["IDENTITY", "identity"]

IDENTITY: Final = (
    "identity_precision", "identity_recall", "identity_f1", "false_merge_rate", "false_split_rate",
)  # fmt: skip
_FIELDS: Final = (
    Field("measure", "Measure"),
    Field("strategy", "Strategy"),
    Field("value", "Value", "share"),
    Field("low", "95% interval, from", "share"),
    Field("high", "to", "share"),
)


def identity(source: Source, style: Style) -> Figure | None:
    """Return precision, recall and errors of the links that each strategy made."""
    rows = [
        {"measure": title_of(m), "strategy": s, "value": r["value"], "low": r["low"],
         "high": r["high"]}
        for m in IDENTITY
        for s in source.shown
        if (r := source.value(s, m)) and r["value"] is not None
    ]  # fmt: skip
    if not rows:
        return None
    title = "Does the brand know who is who?"
    names = [s for s in source.shown if any(r["strategy"] == s for r in rows)]
    measures = list(dict.fromkeys(r["measure"] for r in rows))
    values = [
        {**r, "name": r["measure"],
         "said": f"{r['strategy']}, {r['measure']}: {style.numbers.value('share', r['value'])}"}
        for r in rows
    ]  # fmt: skip
    x = {"field": "value", "type": "quantitative", "scale": {"domain": [0, 1]},
         "axis": axis_of(style, "share")}  # fmt: skip
    colour = {"field": "strategy", "type": "nominal", "sort": names,
              "scale": style.look.scale(names)}  # fmt: skip
    offset = {"field": "strategy", "sort": names}
    spec = spec_of(
        style,
        title,
        {
            "height": len(measures) * max(15 * len(names), 30),
            "data": {"values": values},
            "encoding": {"y": y_names(measures), "yOffset": offset},
            "layer": [
                {
                    "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.5, "aria": False,
                             "strokeCap": "round"},
                    "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"},
                                 "color": colour},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
                    "encoding": {"x": x, "color": colour, "description": {"field": "said"},
                                 "tooltip": {"field": "said"}},
                },
            ],
        },
    )  # fmt: skip
    return Figure(
        "identity", title, "percent of pairs of identifiers, held against the truth", _FIELDS,
        rows, spec, legend=legend_of(style, names),
    )  # fmt: skip
