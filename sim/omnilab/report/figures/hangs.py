"""What a result is made of, and what it hangs on: a waterfall and a tornado."""

from __future__ import annotations

from typing import Any, Final

from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.figures.parts import ZERO, axis_of, plotted, title_of, unit_title, y_names
from omnilab.report.source import Source

__all__ = ["tornado", "waterfall"]

_WATERFALL: Final = (
    Field("part", "Choice"),
    Field("value", "Its part", "row", signed=True),
    Field("low", "95% interval, from", "row", signed=True),
    Field("high", "to", "row", signed=True),
    Field("unit", "Unit"),
)
_TORNADO: Final = (
    Field("key", "Assumption"),
    Field("low_setting", "Low setting"),
    Field("high_setting", "High setting"),
    Field("at_low", "Difference at the low setting", "row", signed=True),
    Field("at_high", "at the high setting", "row", signed=True),
    Field("as_is", "as it is", "row", signed=True),
    Field("unit", "Unit"),
)
_MOST: Final = 14  # assumptions in a tornado


def waterfall(source: Source, style: Style, measure: str = "ltv") -> Figure | None:
    """Return each choice's Shapley value, laid end to end from the first strategy to the last."""
    rows = [
        {"part": r["switch"], "value": r["value"], "low": r["low"], "high": r["high"],
         "unit": r["unit"]}
        for r in source.rows("effects")
        if r["kind"] == "shapley" and r["measure"] == measure and r["value"] is not None
    ]  # fmt: skip
    if not rows:
        return None
    unit, look, numbers = rows[0]["unit"], style.look, style.numbers
    rows.sort(key=lambda r: (-r["value"], r["part"]))
    values: list[dict[str, Any]] = []
    at = 0.0
    for r in rows:
        half = None if r["low"] is None else (r["high"] - r["low"]) / 2
        written = numbers.signed(unit, r["value"], near=half)
        between = numbers.interval(r, signed=True)
        values.append(
            {
                "name": r["part"], "x": plotted(unit, at, signed=True),
                "x2": plotted(unit, at + r["value"], signed=True), "label": written,
                "low": None if half is None else plotted(unit, at + r["low"], signed=True),
                "high": None if half is None else plotted(unit, at + r["high"], signed=True),
                "said": f"{r['part']}: {written}" + (f" ({between})" if between else ""),
                "colour": look["good"] if r["value"] > 0 else look["bad"],
            }
        )  # fmt: skip
        at += r["value"]
    values.append(
        {
            "name": "all together", "x": 0.0, "x2": plotted(unit, at, signed=True),
            "label": numbers.signed(unit, at), "said": f"all together: {numbers.signed(unit, at)}",
            "colour": look["ink"],
        }
    )  # fmt: skip
    title = f"Which choice earns the {title_of(measure)}"
    y = y_names([v["name"] for v in values])
    x = {"field": "x", "type": "quantitative", "scale": {"padding": 44, "nice": False},
         "axis": axis_of(style, unit, signed=True)}  # fmt: skip
    spec = spec_of(
        style,
        title,
        {
            "height": 36 * (len(rows) + 1),
            "data": {"values": values},
            "layer": [
                ZERO,
                {
                    "mark": {"type": "bar", "cornerRadius": 3, "height": 18},
                    "encoding": {"y": y, "x": x, "x2": {"field": "x2"},
                                 "color": {"field": "colour", "type": "nominal", "scale": None},
                                 "description": {"field": "said"}, "tooltip": {"field": "said"}},
                },
                {
                    "transform": [{"filter": "isValid(datum.low)"}],
                    "mark": {"type": "rule", "strokeWidth": 1.5, "color": look["ink"],
                             "opacity": 0.6, "aria": False},
                    "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
                },
                {
                    "transform": [
                        {"calculate": "max(datum.x, datum.x2, datum.high || 0)", "as": "end"}
                    ],
                    "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600,
                             "aria": False},
                    "encoding": {"y": y, "x": {**x, "field": "end"}, "text": {"field": "label"}},
                },
            ],
        },
    )  # fmt: skip
    unit_words = unit_title(unit, source.currency, signed=True)
    return Figure(
        f"waterfall-{measure}".replace("_", "-"), title,
        f"{unit_words}; Shapley values, which add up to the whole", _WATERFALL, rows, spec,
    )  # fmt: skip


def tornado(source: Source, style: Style, strategy: str | None = None) -> Figure | None:
    """Return how far a difference moves with each assumption, the most first.

    Parameters
    ----------
    source, style
        As of every figure.
    strategy
        Whose difference; that of the first in the table by default.
    """
    found = [r for r in source.rows("tornado") if r["swing"] is not None]
    strategy = strategy or next((r["strategy"] for r in found), None)
    rows = [
        {
            "key": r["path"], "low_setting": r["low"], "high_setting": r["high"],
            "at_low": r["difference_low"], "at_high": r["difference_high"],
            "as_is": r["difference_as_is"], "unit": r["unit"],
        }
        for r in found
        if r["strategy"] == strategy and None not in (r["difference_low"], r["difference_high"])
    ]  # fmt: skip
    if not rows or strategy is None:
        return None
    first = next(r for r in found if r["strategy"] == strategy)
    rows.sort(key=lambda r: (-abs(r["at_high"] - r["at_low"]), r["key"]))
    rows = rows[:_MOST]
    title = f"What {strategy} less {first['reference']} hangs on"
    words = title_of(first["measure"])
    look = style.look
    slug = source.strategies.index(strategy) if strategy in source.strategies else 0
    return Figure(
        f"tornado-{slug}", title,
        f"{words}, {unit_title(first['unit'], source.currency, signed=True)}, as each assumption "
        "goes from low to high; upright: all as it is", _TORNADO, rows,
        _tornado_spec(style, title, rows),
        legend=[("low setting", look["s3"]), ("high setting", look["s2"])],
    )  # fmt: skip


def _tornado_spec(style: Style, title: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    numbers, look, unit = style.numbers, style.look, rows[0]["unit"]
    short = _short([r["key"] for r in rows])
    values: list[dict[str, Any]] = []
    for r in rows:
        said = (
            f"{r['key']}: {numbers.signed(unit, r['at_low'])} at {r['low_setting']}, "
            f"{numbers.signed(unit, r['at_high'])} at {r['high_setting']}"
        )
        values += [
            {"name": short[r["key"]], "end": f"{end} setting", "said": said,
             "x": plotted(unit, r[f"at_{end}"], signed=True),
             "from": plotted(unit, r["at_low"], signed=True),
             "to": plotted(unit, r["at_high"], signed=True)}
            for end in ("low", "high")
        ]  # fmt: skip
    settings = ["low setting", "high setting"]
    ends = {"field": "end", "type": "nominal", "sort": settings,
            "scale": {"domain": settings, "range": [look["s3"], look["s2"]]}}  # fmt: skip
    y = y_names([short[r["key"]] for r in rows], labelLimit=200)
    x = {"field": "x", "type": "quantitative", "scale": {"padding": 16, "nice": False},
         "axis": axis_of(style, unit, signed=True)}  # fmt: skip
    here = plotted(unit, rows[0]["as_is"], signed=True)
    as_is = [
        {"mark": {"type": "rule", "strokeDash": [4, 4], "color": look["soft"], "aria": False},
         "encoding": {"x": {"datum": here}}}
    ]  # fmt: skip
    return spec_of(
        style,
        title,
        {
            "height": 30 * len(rows),
            "data": {"values": values},
            "layer": [
                ZERO,
                *(as_is if here is not None else []),
                {
                    "transform": [{"filter": {"field": "end", "equal": "low setting"}}],
                    "mark": {"type": "bar", "height": 8, "cornerRadius": 4, "opacity": 0.35,
                             "color": look["base"]},
                    "encoding": {"y": y, "x": {**x, "field": "from"}, "x2": {"field": "to"},
                                 "description": {"field": "said"}, "tooltip": {"field": "said"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1,
                             "aria": False},
                    "encoding": {"y": y, "x": x, "color": ends, "tooltip": {"field": "said"}},
                },
            ],
        },
    )  # fmt: skip


def _short(keys: list[str]) -> dict[str, str]:
    """Return the last two parts of each dotted key, the whole where two have the same."""
    ends = {key: ".".join(key.split(".")[-2:]) for key in keys}
    taken = list(ends.values())
    return {key: end if taken.count(end) == 1 else key for key, end in ends.items()}
