"""What contact costs against what customers bring, and which strategies nobody beats in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.figures.parts import axis_of, title_of
from omnilab.report.source import Source

__all__ = ["fatigue", "frontier", "undominated"]

#: Of a scatter plot on a narrow screen, in pixels: labels are placed for it.
_PLOT: Final = (420.0, 300.0)
_SIDES: Final[dict[str, dict[str, Any]]] = {
    side: {"type": "text", "fontWeight": 600, "aria": False, **at}
    for side, at in (
        ("right", {"align": "left", "dx": 13}),
        ("left", {"align": "right", "dx": -13}),
        ("above", {"dy": -17}),
        ("below", {"dy": 19}),
    )
}
_FRONTIER: Final = (
    Field("strategy", "Strategy"),
    Field("cost", "Contact cost per customer", "row"),
    Field("ltv", "LTV", "row"),
    Field("low", "LTV, lowest beside the reference", "row"),
    Field("high", "highest", "row"),
    Field("on_frontier", "On the frontier"),
    Field("unit", "Unit"),
)


def frontier(source: Source, style: Style) -> Figure | None:
    """Return contact cost against LTV; None where fewer than two strategies have both."""
    found = [
        (s, cost, ltv)
        for s in source.strategies
        if (cost := source.value(s, "contact_cost")) and (ltv := source.value(s, "ltv"))
        and cost["value"] is not None and ltv["value"] is not None
    ]  # fmt: skip
    if len(found) < 2:
        return None
    best = undominated([(s, cost["value"], ltv["value"]) for s, cost, ltv in found])
    base = (source.value(source.reference or "", "ltv") or {"value": None})["value"]
    rows = []
    for s, cost, ltv in found:
        gap = source.difference(s, "ltv") or {"low": None}
        paired = gap["low"] is not None and base is not None
        rows.append(
            {
                "strategy": s, "cost": cost["value"], "ltv": ltv["value"],
                "low": base + gap["low"] if paired else None,
                "high": base + gap["high"] if paired else None,
                "on_frontier": "yes" if s in best else "no", "unit": source.currency,
            }
        )  # fmt: skip
    title = "Contact cost against LTV"
    unit = (
        f"{source.currency} per customer; dashed: none is better in both; upright: 95% interval "
        f"of the difference from {source.reference}"
    )
    return Figure("frontier", title, unit, _FRONTIER, rows, _frontier_spec(style, title, rows))


def undominated(points: Sequence[tuple[str, float, float]]) -> list[str]:
    """Return whose cost nobody undercuts with as much value, the cheapest first.

    Parameters
    ----------
    points
        Name, cost and value of each.
    """
    best: list[str] = []
    highest = float("-inf")
    for name, _, value in sorted(points, key=lambda p: (p[1], -p[2], p[0])):
        if value > highest:
            best.append(name)
            highest = value
    return best


def _frontier_spec(style: Style, title: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    numbers = style.numbers
    values = [
        {
            **r,
            "colour": style.look.strategy(r["strategy"]),
            "said": f"{r['strategy']}: contact cost {numbers.value(r['unit'], r['cost'])}, "
            f"LTV {numbers.value(r['unit'], r['ltv'])}",
        }
        for r in rows
    ]
    unit = rows[0]["unit"]
    x = {"field": "cost", "type": "quantitative", "scale": {"zero": False, "padding": 60},
         "axis": axis_of(style, unit, title="contact cost per customer")}  # fmt: skip
    y = {"field": "ltv", "type": "quantitative", "scale": {"zero": False, "padding": 30},
         "axis": axis_of(style, unit, title="LTV per customer")}  # fmt: skip
    return _scatter(style, title, _placed(values, "cost", "ltv"), x, y, line="on_frontier")


def _scatter(
    style: Style, title: str, values: Sequence[Mapping[str, Any]], x: Mapping[str, Any],
    y: Mapping[str, Any], *, line: str = "",
) -> dict[str, Any]:  # fmt: skip
    colour = {"field": "colour", "type": "nominal", "scale": None}
    joined: list[dict[str, Any]] = []
    if line:
        joined = [
            {
                "transform": [{"filter": {"field": line, "equal": "yes"}}],
                "mark": {"type": "line", "strokeDash": [5, 4], "strokeWidth": 1.5,
                         "color": style.look["soft"], "aria": False},
                "encoding": {"x": x, "y": y},
            }
        ]  # fmt: skip
    return spec_of(
        style,
        title,
        {
            "height": 300,
            "data": {"values": list(values)},
            "layer": [
                *joined,
                {
                    "transform": [{"filter": "isValid(datum.low)"}],
                    "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.3, "aria": False,
                             "strokeCap": "round"},
                    "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"},
                                 "color": colour},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 190, "opacity": 1},
                    "encoding": {"x": x, "y": y, "color": colour,
                                 "description": {"field": "said"}, "tooltip": {"field": "said"}},
                },
                *(
                    {
                        "transform": [{"filter": {"field": "side", "equal": side}}],
                        "mark": at,
                        "encoding": {"x": x, "y": y, "text": {"field": "strategy"},
                                     "color": colour},
                    }
                    for side, at in _SIDES.items()
                ),
            ],
        },
    )  # fmt: skip


def _placed(values: list[dict[str, Any]], x: str, y: str) -> list[dict[str, Any]]:
    """Say on which side of its point each label stands, so that few lie on each other."""
    left, right = min(v[x] for v in values), max(v[x] for v in values)
    heights = [h for v in values for h in (v[y], v["low"], v["high"]) if h is not None]
    low, high = min(heights), max(heights)
    taken: list[tuple[float, float, float, float]] = []

    def at(v: Mapping[str, Any]) -> tuple[float, float]:
        across = (v[x] - left) / (right - left) if right > left else 0.5
        up = (v[y] - low) / (high - low) if high > low else 0.5
        return 60 + across * (_PLOT[0] - 120), (1 - up) * (_PLOT[1] - 60) + 30

    points = [at(v) for v in values]
    taken += [(px - 8, py - 8, px + 8, py + 8) for px, py in points]
    for v, (px, py) in zip(values, points, strict=True):
        wide = 7.0 * len(v["strategy"])
        boxes = {
            "right": (px + 12, py - 8, px + 12 + wide, py + 8),
            "left": (px - 12 - wide, py - 8, px - 12, py + 8),
            "above": (px - wide / 2, py - 26, px + wide / 2, py - 10),
            "below": (px - wide / 2, py + 10, px + wide / 2, py + 26),
        }
        cost = {
            side: (box[0] < 0 or box[2] > _PLOT[0], sum(_overlaps(box, other) for other in taken))
            for side, box in boxes.items()
        }
        v["side"] = min(boxes, key=lambda side: (sum(cost[side]), list(boxes).index(side)))
        taken.append(boxes[v["side"]])
    return values


def _overlaps(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def fatigue(source: Source, style: Style, measure: str = "open_rate") -> Figure | None:
    """Return messages per customer against an answer to them, a point for each strategy."""
    found = [
        (s, sent, rate)
        for s in source.strategies
        if (sent := source.value(s, "messages_per_customer")) and (rate := source.value(s, measure))
        and sent["value"] is not None and rate["value"] is not None
    ]  # fmt: skip
    if len(found) < 2:
        return None
    title, unit = f"Messages against {_inside(title_of(measure))}", found[0][2]["unit"]
    rows = [
        {"strategy": s, "messages": sent["value"], "rate": rate["value"], "low": rate["low"],
         "high": rate["high"], "unit": unit}
        for s, sent, rate in found
    ]  # fmt: skip
    fields = (
        Field("strategy", "Strategy"),
        Field("messages", "Messages per customer", "number"),
        Field("rate", title_of(measure), "row"),
        Field("low", "95% interval, from", "row"),
        Field("high", "to", "row"),
        Field("unit", "Unit"),
    )
    numbers = style.numbers
    values = [
        {
            **r,
            "colour": style.look.strategy(r["strategy"]),
            "said": f"{r['strategy']}: {numbers.value('number', r['messages'])} messages, "
            f"{_inside(title_of(measure))} {numbers.value(unit, r['rate'])}",
        }
        for r in rows
    ]
    x = {"field": "messages", "type": "quantitative", "scale": {"zero": False, "padding": 50},
         "axis": axis_of(style, "number", title="messages per customer")}  # fmt: skip
    y = {"field": "rate", "type": "quantitative", "scale": {"zero": False, "padding": 30},
         "axis": axis_of(style, unit)}  # fmt: skip
    name = f"fatigue-{measure}".replace("_", "-")
    return Figure(
        name, title, "percent of delivered messages, with 95% intervals", fields, rows,
        _scatter(style, title, _placed(values, "messages", "rate"), x, y),
    )  # fmt: skip


def _inside(title: str) -> str:
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
