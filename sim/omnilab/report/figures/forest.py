"""Forest plots: paired differences with their intervals, the best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.figures.parts import ZERO, axis_of, plotted, title_of, unit_title, y_names
from omnilab.report.source import Source

__all__ = ["forest", "forest_spec"]

Row = Mapping[str, Any]
FIELDS: Final = (
    Field("strategy", "Strategy"),
    Field("difference", "Difference", "row", signed=True),
    Field("low", "95% interval, from", "row", signed=True),
    Field("high", "to", "row", signed=True),
    Field("certain", "Hardly chance"),
    Field("unit", "Unit"),
)


def forest(source: Source, style: Style, measure: str = "ltv") -> Figure | None:
    """Return each strategy less the reference on the same customers.

    None where there is one strategy, or the measure has no difference.
    """
    rows = [r for r in source.rows("differences") if r["measure"] == measure]
    rows = [r for r in rows if r["value"] is not None]
    if not rows:
        return None
    rows = sorted(rows, key=lambda r: (-r["value"] * _sign(r), r["strategy"]))
    unit, reference = rows[0]["unit"], source.reference
    title = f"{title_of(measure)}: each strategy less {reference}"
    data = [
        {
            "strategy": r["strategy"], "difference": r["value"], "low": r["low"], "high": r["high"],
            "certain": _certain(r.get("hardly_chance")),
            "unit": unit,
        }
        for r in rows
    ]  # fmt: skip
    colours = {r["strategy"]: style.look.strategy(r["strategy"]) for r in rows}
    drawn = [{**d, "name": d["strategy"], "colour": colours[d["strategy"]]} for d in data]
    better = {"lower": ", lower is better", "higher": ", higher is better"}.get(
        str(rows[0].get("better")), ""
    )
    subtitle = f"{unit_title(unit, source.currency, signed=True)}, the same customers{better}"
    return Figure(
        f"forest-{measure}".replace("_", "-"), title, subtitle, FIELDS, data,
        forest_spec(style, title, unit, drawn, [r["strategy"] for r in rows]),
    )  # fmt: skip


def forest_spec(
    style: Style, title: str, unit: str, rows: Sequence[Row], names: Sequence[str], *,
    step: int = 46,
) -> dict[str, Any]:  # fmt: skip
    """Return points with intervals, a row for each name.

    Parameters
    ----------
    style, title, unit
        As of the figure.
    rows
        With ``name``, ``difference``, ``low``, ``high``, ``certain`` and ``colour``.
    names
        In the order of the rows.
    step
        Height of a row in pixels.
    """
    numbers, look = style.numbers, style.look
    values = []
    for r in rows:
        half = None if r["low"] is None else (r["high"] - r["low"]) / 2
        written = numbers.signed(unit, r["difference"], near=half)
        between = numbers.interval({**r, "value": r["difference"], "unit": unit}, signed=True)
        values.append(
            {
                "name": r["name"],
                "x": plotted(unit, r["difference"], signed=True),
                "low": plotted(unit, r["low"], signed=True),
                "high": plotted(unit, r["high"], signed=True),
                "label": written,
                "said": f"{r['name']}: {written}" + (f" ({between})" if between else ""),
                "colour": r["colour"],
                "fill": r["colour"] if r["certain"] == "yes" else look["card"],
            }
        )
    x = {
        "field": "x", "type": "quantitative", "axis": axis_of(style, unit, signed=True),
        "scale": {"padding": 36, "nice": False, "zero": True},
    }  # fmt: skip
    told = {
        "description": {"field": "said"}, "tooltip": {"field": "said"},
        "color": {"field": "colour", "type": "nominal", "scale": None},
    }  # fmt: skip
    y = y_names(names)
    return spec_of(
        style,
        title,
        {
            "height": step * len(names),
            "data": {"values": values},
            "layer": [
                ZERO,
                {
                    "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round",
                             "opacity": 0.55, "aria": False},
                    "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"},
                                 "color": told["color"]},
                },
                {
                    "mark": {"type": "point", "size": 110, "strokeWidth": 2.5, "opacity": 1},
                    "encoding": {"y": y, "x": x, **told,
                                 "fill": {"field": "fill", "type": "nominal", "scale": None}},
                },
                {
                    "mark": {"type": "text", "dy": -13, "fontSize": 12, "fontWeight": 600,
                             "aria": False},
                    "encoding": {"y": y, "x": x, "text": {"field": "label"}},
                },
            ],
        },
    )  # fmt: skip


def _sign(row: Row) -> int:
    return -1 if row.get("better") == "lower" else 1


def _certain(hardly_chance: bool | None) -> str:
    return "not known" if hardly_chance is None else "yes" if hardly_chance else "no"
