"""The ways that needs take from channel to channel: ribbons, and the matrix of the changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.source import Source

__all__ = ["flow", "transitions"]

STEPS: Final = 4  # channels on a way that are shown one by one
ENDS: Final = ("order", "no order")
_FEWEST: Final = 0.02  # of needs that go so far, for a further column
_GAP: Final = 0.025  # between two places of a column, of the whole height
_SAMPLES: Final = 18  # points on a ribbon's edge
_WIDTH: Final = 0.012  # of a place's bar, of one step
_PATHS: Final = (
    Field("path", "Way"),
    Field("needs", "Needs", "count"),
    Field("orders", "Orders", "count"),
    Field("share", "Share of needs", "share"),
)
_MATRIX: Final = (
    Field("from", "From"),
    Field("to", "To"),
    Field("count", "Times", "count"),
    Field("share", "Share of those from there", "share"),
)


def flow(source: Source, style: Style, strategy: str) -> Figure | None:
    """Return the ways of needs under a strategy as ribbons, from first visit to order or none."""
    rows = [r for r in source.rows("paths") if r["strategy"] == strategy and r["needs"]]
    if not rows:
        return None
    rows = sorted(rows, key=lambda r: (-r["needs"], r["path"]))
    links = _links(rows)
    places = _places(links)
    title = f"Ways of needs under {strategy}"
    data = [{k: r[k] for k in ("path", "needs", "orders", "share")} for r in rows]
    spec = _ribbons(style, title, links, places, _colours(source, style))
    return Figure(
        f"flow-{_slug(source, strategy)}", title,
        "needs by the channels of their visits in turn; the height is their number", _PATHS, data,
        spec,
    )  # fmt: skip


def _links(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[int, str, str], float]:
    """Return how many needs go from a place of one column to a place of the next."""
    links: dict[tuple[int, str, str], float] = {}

    def add(column: int, a: str, b: str, n: float) -> None:
        if n:
            links[column, a, b] = links.get((column, a, b), 0.0) + n

    last = _steps(rows)
    for r in rows:
        way = ["further" if place == "..." else place for place in str(r["path"]).split(" > ")]
        shown = way[:last]
        for column, (a, b) in enumerate(pairwise(shown)):
            add(column, a, b, r["needs"])
        orders = min(r["orders"], r["needs"])
        for end, n in zip(ENDS, (orders, r["needs"] - orders), strict=True):
            at = len(shown) - 1
            for column in range(at, last - 1):  # an early end runs on to the last column
                add(column, shown[-1] if column == at else end, end, n)
            add(last - 1, shown[-1] if at == last - 1 else end, end, n)
    return links


def _steps(rows: Sequence[Mapping[str, Any]]) -> int:
    """Return how many columns of channels are worth their room: others hold next to nothing."""
    total = sum(r["needs"] for r in rows)
    for last in range(STEPS, 2, -1):
        long = sum(r["needs"] for r in rows if len(str(r["path"]).split(" > ")) >= last)
        if long >= _FEWEST * total:
            return last
    return min(2, max(len(str(r["path"]).split(" > ")) for r in rows))


def _places(
    links: Mapping[tuple[int, str, str], float],
) -> dict[tuple[int, str], tuple[float, float]]:
    """Return top and bottom of each place, 0 to 1 down, the largest above and the ends below."""
    size: dict[tuple[int, str], float] = {}
    for (column, a, b), n in links.items():
        if column == 0:
            size[0, a] = size.get((0, a), 0.0) + n
        size[column + 1, b] = size.get((column + 1, b), 0.0) + n
    overall: dict[str, float] = {}
    for (_, name), n in size.items():
        overall[name] = overall.get(name, 0.0) + n
    columns = sorted({column for column, _ in size})
    most = max(sum(1 for c, _ in size if c == column) for column in columns)
    total = max(sum(n for (c, _), n in size.items() if c == column) for column in columns)
    scale = (1 - _GAP * (most - 1)) / total
    found = {}
    for column in columns:
        names = [name for c, name in size if c == column]
        order = {name: n for n, name in enumerate(ENDS, 1)}
        names.sort(key=lambda name: (order.get(name, 0), -overall[name], name))
        top = 0.0
        for name in names:
            bottom = top + size[column, name] * scale
            found[column, name] = (top, bottom)
            top = bottom + _GAP
    return found


def _ribbons(
    style: Style, title: str, links: Mapping[tuple[int, str, str], float],
    places: Mapping[tuple[int, str], tuple[float, float]], colours: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    numbers = style.numbers
    total = sum(n for (column, _, _), n in links.items() if column == 0) or 1.0
    unit = sum(b - a for (c, _), (a, b) in places.items() if c == 0) / total
    leaves = {key: top for key, (top, _) in places.items()}
    comes = dict(leaves)
    ranked = sorted(links, key=lambda k: (k[0], places[k[0], k[1]][0], places[k[0] + 1, k[2]][0]))
    areas: list[dict[str, Any]] = []
    for column, a, b in ranked:
        n = links[column, a, b]
        thick = n * unit
        y0, y1 = leaves[column, a], comes[column + 1, b]
        leaves[column, a] += thick
        comes[column + 1, b] += thick
        said = f"{a} to {b}: {numbers.whole(n)}, {numbers.percent(n / total)} of all"
        colour = colours.get(b if b in ENDS else a, style.look["base"])
        for i in range(_SAMPLES + 1):
            t = i / _SAMPLES
            bend = t * t * (3 - 2 * t)
            y = y0 + (y1 - y0) * bend
            x = column + _WIDTH + t * (1 - 2 * _WIDTH)
            areas.append({"link": f"{column}/{a}/{b}", "x": round(x, 4), "y": round(y, 4),
                          "y2": round(y + thick, 4), "said": said if i == 0 else "",
                          "colour": colour})  # fmt: skip
    bars: list[dict[str, Any]] = []
    last = max(c for c, _ in places)
    for (column, name), (top, bottom) in places.items():
        n = (bottom - top) / unit
        share = numbers.percent(n / total)
        ends = column == last
        bars.append(
            {
                "x": column - _WIDTH, "x2": column + _WIDTH, "y": top, "y2": bottom,
                "at": column + (-0.03 if ends else 0.03), "mid": (top + bottom) / 2,
                "name": f"{name} {share}" if bottom - top >= 0.035 and (ends or name not in ENDS)
                else "",
                "align": "right" if ends else "left",
                "colour": colours.get(name, style.look["base"]),
                "said": f"{_column(column, last)}, {name}: {numbers.whole(n)}, {share} of all",
            }
        )  # fmt: skip
    across = {"field": "x", "type": "quantitative", "axis": None,
         "scale": {"domain": [-0.02, last + 0.02], "nice": False}}  # fmt: skip
    down = {"field": "y", "type": "quantitative", "axis": None,
         "scale": {"domain": [0, 1], "reverse": True, "nice": False}, "stack": None}  # fmt: skip
    told = {"description": {"field": "said"}, "tooltip": {"field": "said"},
            "color": {"field": "colour", "type": "nominal", "scale": None}}  # fmt: skip
    texts: list[dict[str, Any]] = [
        {
            "transform": [{"filter": {"field": "align", "equal": side}}],
            "mark": {"type": "text", "align": side, "fontSize": 12, "fontWeight": 600,
                     "aria": False, "stroke": style.look["card"], "strokeWidth": 3,
                     "strokeOpacity": 0.75, "strokeJoin": "round"},
            "encoding": {"x": {**across, "field": "at"}, "y": {**down, "field": "mid"},
                         "text": {"field": "name"}},
        }
        for side in ("left", "right")
    ]  # fmt: skip
    plain = [
        {**t, "mark": {k: v for k, v in t["mark"].items() if not k.startswith("stroke")}}
        for t in texts
    ]  # fmt: skip
    return spec_of(
        style,
        title,
        {
            "height": 380,
            "layer": [
                {
                    "data": {"values": areas},
                    "mark": {"type": "area", "opacity": 0.32, "line": False},
                    "encoding": {"x": across, "y": down, "y2": {"field": "y2"},
                                 "detail": {"field": "link"}, **told},
                },
                {
                    "data": {"values": bars},
                    "mark": {"type": "rect", "cornerRadius": 2},
                    "encoding": {"x": across, "x2": {"field": "x2"}, "y": down,
                                 "y2": {"field": "y2"},
                                 **told},
                },
                *({"data": {"values": bars}, **t} for t in (*texts, *plain)),
            ],
        },
    )  # fmt: skip


def _column(column: int, last: int) -> str:
    return "end" if column == last else f"visit {column + 1}"


def _colours(source: Source, style: Style) -> dict[str, str]:
    """Return a colour for each channel, and for order and none."""
    series = [f"s{n}" for n in (2, 5, 3, 4, 6, 7, 8)]
    names = [c.name for c in source.scenario.channels]
    found = {name: style.look[series[n % len(series)]] for n, name in enumerate(names)}
    return found | {"order": style.look["good"], "no order": style.look["base"]}


def transitions(source: Source, style: Style, strategy: str) -> Figure | None:
    """Return from where to where visits of one need go, as a heat map."""
    rows = [
        {k: r[k] for k in ("from", "to", "count", "share")}
        for r in source.rows("transitions")
        if r["strategy"] == strategy
    ]
    if not rows:
        return None
    title = f"Where the next step goes under {strategy}"
    names = [c.name for c in source.scenario.channels]
    order = {name: n for n, name in enumerate(["start", *names, "order", "lost"])}
    froms = sorted({r["from"] for r in rows}, key=lambda n: (order.get(n, 99), n))
    tos = sorted({r["to"] for r in rows}, key=lambda n: (order.get(n, 99), n))
    most = max((r["share"] or 0.0 for r in rows), default=0.0) or 1.0
    values = [
        {
            **r,
            "strength": (r["share"] or 0.0) / most,
            "label": style.numbers.percent(r["share"]) if (r["share"] or 0) >= 0.005 else "",
            "ink": style.look["on-accent"] if (r["share"] or 0) / most > 0.55
            else style.look["ink"],
            "said": f"{r['from']} to {r['to']}: {style.numbers.value('share', r['share'])}, "
            f"{style.numbers.value('count', r['count'])} times",
        }
        for r in rows
    ]  # fmt: skip
    x = {"field": "to", "type": "nominal", "sort": tos,
         "axis": {"title": "to", "orient": "top", "labelAngle": 0, "domain": False,
                  "ticks": False}}  # fmt: skip
    y = {"field": "from", "type": "nominal", "sort": froms, "axis": {"title": "from"}}
    spec = spec_of(
        style,
        title,
        {
            "height": 38 * len(froms),
            "data": {"values": values},
            "layer": [
                {
                    "mark": {"type": "rect", "cornerRadius": 3, "color": style.look["accent"],
                             "stroke": style.look["card"], "strokeWidth": 2},
                    "encoding": {
                        "x": x, "y": y,
                        "opacity": {"field": "strength", "type": "quantitative", "legend": None,
                                    "scale": {"domain": [0, 1], "range": [0.05, 1]}},
                        "description": {"field": "said"}, "tooltip": {"field": "said"},
                    },
                },
                {
                    "mark": {"type": "text", "fontSize": 11, "aria": False},
                    "encoding": {"x": x, "y": y, "text": {"field": "label"},
                                 "color": {"field": "ink", "type": "nominal", "scale": None}},
                },
            ],
        },
    )  # fmt: skip
    return Figure(
        f"transitions-{_slug(source, strategy)}", title,
        "percent of the steps from a place; within one need", _MATRIX, rows, spec,
    )  # fmt: skip


def _slug(source: Source, strategy: str) -> str:
    return str(source.strategies.index(strategy))
