"""How well a strategy knows who is who, and what its mistakes cost."""

from __future__ import annotations

from typing import Final

from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.figures.forest import FIELDS, forest_spec
from omnilab.report.figures.parts import axis_of, legend_of, title_of, unit_title, y_names
from omnilab.report.source import Source

__all__ = ["IDENTITY", "identity", "identity_cost"]

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


def identity_cost(source: Source, style: Style, measure: str = "revenue") -> Figure | None:
    """Return what a perfect identity would add to a measure under each strategy.

    That is what errors of identity cost: the same customers with a brand that always knows who is
    there, less those with the brand as it is.
    """
    rows = [
        {"strategy": r["strategy"], "difference": r["value"], "low": r["low"], "high": r["high"],
         "certain": _beyond_zero(r["low"], r["high"]), "unit": r["unit"]}
        for r in source.rows("identity_errors")
        if r["measure"] == measure and r["value"] is not None
    ]  # fmt: skip
    if not rows:
        return None
    rows.sort(key=lambda r: (-r["difference"], r["strategy"]))
    unit, names = rows[0]["unit"], [r["strategy"] for r in rows]
    title = f"What errors of identity cost: {title_of(measure)}"
    drawn = [
        {**r, "name": r["strategy"], "colour": style.look.strategy(r["strategy"])} for r in rows
    ]
    return Figure(
        f"identity-cost-{measure}".replace("_", "-"), title,
        f"{unit_title(unit, source.currency, signed=True)}, with a perfect identity less without; "
        "filled: the interval leaves out 0", FIELDS, rows,
        forest_spec(style, title, unit, drawn, names),
    )  # fmt: skip


def _beyond_zero(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "not known"
    return "yes" if low > 0 or high < 0 else "no"
