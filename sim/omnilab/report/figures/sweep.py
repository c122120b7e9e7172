"""A measure over the values of what a sweep varied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from omnilab.report.figures.figure import Field, Figure, Style, spec_of
from omnilab.report.figures.parts import axis_of, legend_of, plotted, title_of, unit_title
from omnilab.report.source import Source

__all__ = ["others_of", "paths_of", "sweep"]

_FIELDS: Final = (
    Field("at", "Value"),
    Field("strategy", "Strategy"),
    Field("value", "Measure", "row"),
    Field("low", "95% interval, from", "row"),
    Field("high", "to", "row"),
    Field("unit", "Unit"),
)


def paths_of(source: Source) -> list[str]:
    """Return what varied, what has numbers and most values first."""
    values: dict[str, set[str]] = {}
    numbers: dict[str, bool] = {}
    for row in source.rows("points"):
        values.setdefault(row["path"], set()).add(row["text"])
        numbers[row["path"]] = numbers.get(row["path"], True) and row["number"] is not None
    moved = [path for path in values if len(values[path]) > 1]
    return sorted(moved, key=lambda p: (not numbers[p], -len(values[p]), p))


def others_of(source: Source, path: str) -> list[tuple[tuple[str, str], ...]]:
    """Return the settings of all else that varied, each once, in the order of the points."""
    found: dict[int, list[tuple[str, str]]] = {}
    others = [p for p in paths_of(source) if p != path]
    for row in source.rows("points"):
        place = found.setdefault(row["point"], [])
        if row["path"] in others:
            place.append((row["path"], row["text"]))
    return list(dict.fromkeys(tuple(sorted(where)) for where in found.values()))


def sweep(
    source: Source, style: Style, measure: str = "ltv", *, path: str | None = None,
    where: Sequence[tuple[str, str]] = (), difference: bool = False,
) -> Figure | None:  # fmt: skip
    """Return a measure over the values of one thing that varied, a line for each strategy.

    Parameters
    ----------
    source, style, measure
        As of every figure.
    path
        What varied; the first of `paths_of` by default.
    where
        Setting of all else that varied, as `others_of` has it.
    difference
        Whether each strategy less the reference is shown.
    """
    paths = paths_of(source)
    path = path or (paths[0] if paths else None)
    if path is None:
        return None
    points: dict[int, dict[str, Any]] = {}
    for row in source.rows("points"):
        points.setdefault(row["point"], {})[row["path"]] = row
    rows = [r for r in source.rows("sweep") if r["measure"] == measure]
    together = any(r["seed"] is None for r in rows)
    keys = ("difference", "difference_low", "difference_high") if difference else (
        "value", "low", "high"
    )  # fmt: skip
    data = []
    for r in rows:
        setting = points.get(r["point"], {})
        fits = all(p in setting and setting[p]["text"] == text for p, text in where)
        if path not in setting or not fits or r[keys[0]] is None:
            continue
        if together and r["seed"] is not None:
            continue
        at = setting[path]
        data.append(
            {"at": at["text"], "number": at["number"], "strategy": r["strategy"],
             "value": r[keys[0]], "low": r[keys[1]], "high": r[keys[2]], "unit": r["unit"]}
        )  # fmt: skip
    if len({d["at"] for d in data}) < 2:
        return None
    unit = data[0]["unit"]
    less = f", less {source.reference}" if difference else ""
    title = f"{title_of(measure)} over {path}{less}"
    said = "; ".join(f"{p} {text}" for p, text in where)
    subtitle = unit_title(unit, source.currency, signed=difference) + (f"; {said}" if said else "")
    names = [s for s in source.strategies if any(d["strategy"] == s for d in data)]
    slug = f"sweep-{measure}-{paths.index(path)}-{'d' if difference else 'v'}-"
    slug += str(others_of(source, path).index(tuple(where))) if where else "0"
    fields = tuple(
        Field(f.name, f.title, f.unit, signed=difference and f.unit == "row") for f in _FIELDS
    )
    kept = [{f.name: d[f.name] for f in fields} for d in data]
    return Figure(
        slug.replace("_", "-"), title, subtitle, fields, kept,
        _spec(style, title, unit, data, names, path, difference=difference),
        legend=legend_of(style, names),
    )  # fmt: skip


def _spec(
    style: Style, title: str, unit: str, data: list[dict[str, Any]], names: list[str], path: str,
    *, difference: bool,
) -> dict[str, Any]:  # fmt: skip
    look, numbers = style.look, style.numbers
    write = numbers.signed if difference else numbers.value
    numeric = all(d["number"] is not None for d in data)
    values = [
        {
            **d,
            "value": plotted(unit, d["value"], signed=difference),
            "low": plotted(unit, d["low"], signed=difference),
            "high": plotted(unit, d["high"], signed=difference),
            "said": f"{d['strategy']} at {d['at']}: {write(unit, d['value'])}",
        }
        for d in data
    ]
    x: dict[str, Any] = {"axis": {"title": path, "grid": False, "tickCount": 6}}
    if numeric:
        x |= {"field": "number", "type": "quantitative", "scale": {"zero": False, "padding": 12}}
    else:
        order = list(dict.fromkeys(d["at"] for d in data))
        x |= {"field": "at", "type": "ordinal", "sort": order}
        x["axis"] = {"title": path, "grid": False, "labelAngle": 0}
    y = {"field": "value", "type": "quantitative", "scale": {"zero": False},
         "axis": axis_of(style, unit, signed=difference)}  # fmt: skip
    colour = {"field": "strategy", "type": "nominal", "sort": names, "scale": look.scale(names)}
    return spec_of(
        style,
        title,
        {
            "height": 300,
            "data": {"values": values},
            "layer": [
                {
                    "transform": [{"filter": "isValid(datum.low)"}],
                    "mark": {"type": "area", "opacity": 0.12, "aria": False},
                    "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"},
                                 "color": colour},
                },
                {
                    "mark": {"type": "line", "strokeWidth": 2.5, "aria": False},
                    "encoding": {"x": x, "y": y, "color": colour},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                    "encoding": {"x": x, "y": y, "color": colour,
                                 "description": {"field": "said"}, "tooltip": {"field": "said"}},
                },
            ],
        },
    )  # fmt: skip
