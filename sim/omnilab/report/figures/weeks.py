"""How a measure grows over the weeks, and how far the strategies are apart by then."""

from __future__ import annotations

from typing import Any, Final

from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.figures.parts import axis_of, legend_of, plotted, title_of, unit_title
from omnilab.report.source import Source

__all__ = ["lead_by_week", "weeks"]

_FIELDS: Final = (
    Field("strategy", "Strategy"),
    Field("week", "Week"),
    Field("start", "Begins"),
    Field("cumulative", "By its end", "row"),
    Field("unit", "Unit"),
)
_LEAD: Final = (
    Field("strategy", "Strategy"),
    Field("week", "Week"),
    Field("start", "Begins"),
    Field("difference", "Difference by its end", "row", signed=True),
    Field("low", "95% interval, from", "row", signed=True),
    Field("high", "to", "row", signed=True),
    Field("unit", "Unit"),
)


def weeks(source: Source, style: Style, measure: str = "ltv") -> Figure | None:
    """Return a measure's sum since the start, a line for each strategy."""
    shown = source.shown
    rows = [
        {"strategy": r["strategy"], "week": r["week"], "start": _day(r["start"]),
         "cumulative": r["cumulative"], "unit": r["unit"]}
        for r in source.rows("weeks")
        if r["measure"] == measure and r["cumulative"] is not None and r["strategy"] in shown
    ]  # fmt: skip
    if not rows:
        return None
    unit = rows[0]["unit"]
    title = f"{title_of(measure)} over the weeks"
    values = [
        {**r, "said": f"{r['strategy']}, week {r['week']}: "
         f"{style.numbers.value(unit, r['cumulative'])}"}
        for r in rows
    ]  # fmt: skip
    names = [s for s in source.shown if any(r["strategy"] == s for r in rows)]
    y = {"field": "cumulative", "type": "quantitative", "axis": axis_of(style, unit)}
    return Figure(
        f"weeks-{measure}".replace("_", "-"), title,
        f"{unit_title(unit, source.currency)}, from the window's start", _FIELDS, rows,
        _lines(style, title, values, y, names), legend=legend_of(style, names),
    )  # fmt: skip


def lead_by_week(source: Source, style: Style, measure: str = "ltv") -> Figure | None:
    """Return each strategy less the reference since the start, with a band for its interval."""
    shown = source.shown
    rows = [
        {"strategy": r["strategy"], "week": r["week"], "start": _day(r["start"]),
         "difference": r["difference"], "low": r["low"], "high": r["high"], "unit": r["unit"]}
        for r in source.rows("weeks")
        if r["measure"] == measure and r["difference"] is not None
        and r["strategy"] != source.reference and r["strategy"] in shown
    ]  # fmt: skip
    if not rows:
        return None
    unit = rows[0]["unit"]
    title = f"{title_of(measure)} over the weeks, less {source.reference}"
    values = [
        {
            **r,
            "cumulative": plotted(unit, r["difference"], signed=True),
            "low": plotted(unit, r["low"], signed=True),
            "high": plotted(unit, r["high"], signed=True),
            "said": f"{r['strategy']}, week {r['week']}: "
            f"{style.numbers.signed(unit, r['difference'])}",
        }
        for r in rows
    ]
    names = [s for s in source.shown if any(r["strategy"] == s for r in rows)]
    y = {"field": "cumulative", "type": "quantitative",
         "axis": axis_of(style, unit, signed=True)}  # fmt: skip
    return Figure(
        f"lead-{measure}".replace("_", "-"), title,
        f"{unit_title(unit, source.currency, signed=True)}, the same customers; bands are 95% "
        "intervals", _LEAD, rows, _lines(style, title, values, y, names, band=True),
        legend=legend_of(style, names),
    )  # fmt: skip


def _lines(
    style: Style, title: str, values: list[dict[str, Any]], y: dict[str, Any], names: list[str], *,
    band: bool = False,
) -> dict[str, Any]:  # fmt: skip
    colour: dict[str, Any] = {
        "field": "strategy", "type": "nominal", "sort": names, "scale": style.look.scale(names)
    }  # fmt: skip
    x = {"field": "week", "type": "quantitative", "scale": {"nice": False},
         "axis": {"title": "week", "tickCount": 8, "format": "d", "grid": False}}  # fmt: skip
    bands: list[dict[str, Any]] = []
    if band:
        bands = [
            {
                "mark": {"type": "area", "opacity": 0.16, "aria": False},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"},
                             "color": colour},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 1.5, "aria": False},
                "encoding": {"y": {"datum": 0}},
            },
        ]  # fmt: skip
    return spec_of(
        style,
        title,
        {
            "height": 280,
            "data": {"values": values},
            "layer": [
                *bands,
                {
                    "mark": {"type": "line", "strokeWidth": 2.5, "aria": False},
                    "encoding": {"x": x, "y": y, "color": colour},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 40, "opacity": 0.01},
                    "encoding": {"x": x, "y": y, "color": colour,
                                 "description": {"field": "said"}, "tooltip": {"field": "said"}},
                },
            ],
        },
    )  # fmt: skip


def _day(value: object) -> str:
    return str(value)[:10]
