"""The what-if panel of a sweep: a slider for each thing that varied, and what is there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import log10
from pathlib import Path
from typing import Any, Final

from omnilab.experiment.sweep.between import Axis, Between, between
from omnilab.measure.catalogue import MEASURES
from omnilab.report.figures.parts import title_of
from omnilab.report.figures.sweep import paths_of
from omnilab.report.page.parts import Parts, broken, script_json
from omnilab.report.page.section import Section
from omnilab.report.source import Row, Source

__all__ = ["WHATIF"]

_SCRIPT: Final = Path(__file__).parent / "assets" / "whatif.js"
_MOST_AXES: Final = 8
_MOST_POINTS: Final = 1000
_MOST_MEASURES: Final = 6
_QUANTITY: Final = re.compile(r"(-?\d+(?:\.\d+)?)\s*(%|[a-z]+)?")
_WHOLE: Final = re.compile(r"-?\d+")
_DECADE: Final = 10.0  # from which ratio of its ends on a slider may be one of ratios
_NOTE: Final = (
    "At a computed point stands what was simulated, with its 95% interval. Between them values are "
    "interpolated, and ± is how far that is usually off: what the other points say of one that is "
    "left out, less what was simulated there (root mean square). Chance is in both. Nothing is "
    "said beyond the values that were swept."
)


def _whatif(source: Source, parts: Parts) -> str:
    found = _placed(source)
    if found is None:
        return ""
    scales, numbers, space = found
    rows = _rows(source, numbers)
    measures = list(dict.fromkeys(r["measure"] for r in source.rows("sweep")))
    data = {
        "axes": [_axis(scale) for scale in scales],
        "grid": space.grid,
        "points": space.points.tolist(),
        "order": space.order.tolist() if space.grid else [],
        "strategies": [
            {"name": name, "colour": parts.style.look.strategy(name)} for name in source.shown
        ],
        "reference": source.reference,
        "measures": [
            _measure(m, rows, numbers, space, source.shown, parts)
            for m in measures[:_MOST_MEASURES]
        ],
        "numbers": _numbers(parts),
    }
    if not any(m["strategies"] for m in data["measures"]):
        return ""
    sliders = "".join(_slider(n, scale) for n, scale in enumerate(scales))
    chosen = "".join(
        f'<option value="{escape(m["name"], quote=True)}">{escape(m["title"])}</option>'
        for m in data["measures"]
    )
    return (
        '<div class="figure whatif"><div class="sliders">'
        f'<p class="slider"><label for="whatif-measure">Measure</label>'
        f'<select id="whatif-measure">{chosen}</select></p>{sliders}</div>'
        '<p class="lead" id="whatif-lead" role="status"></p>'
        '<div class="wide" role="region" aria-label="Table: what if" tabindex="0">'
        '<table id="whatif-table"><caption class="hidden">What if</caption><thead></thead>'
        "<tbody></tbody></table></div>"
        '<p class="take"><button type="button" id="whatif-nearest">Go to the nearest computed '
        f'point</button></p><p class="note">{escape(_NOTE)}</p></div>'
        f'<script type="application/json" id="whatif-data">{script_json(data)}</script>'
        f"<script>{_SCRIPT.read_text(encoding='utf-8')}</script>"
    )


@dataclass(frozen=True)
class _Scale:
    """How a slider goes along an axis.

    Attributes
    ----------
    axis
        With the numbers as they are.
    log
        Whether it goes by ratios: its place is the number's logarithm to base 10, and so is what
        is interpolated along.
    whole
        Whether nothing is between whole numbers.
    """

    axis: Axis
    log: bool = False
    whole: bool = False

    @property
    def along(self) -> Axis:
        """The axis with the places of the slider."""
        if not self.log or self.axis.numbers is None:
            return self.axis
        return Axis(self.axis.path, self.axis.texts, tuple(map(self.place, self.axis.numbers)))

    def place(self, number: float) -> float:
        """Return where a number is on the slider."""
        return log10(number) if self.log else number


def _scale(axis: Axis) -> _Scale:
    """Return how a slider goes along an axis, by how the swept numbers lie.

    By ratios, where they span a decade and lie at least twice as evenly so. In whole numbers, where
    all are written so, without a unit.
    """
    numbers = axis.numbers
    if numbers is None or len(numbers) < 3:
        return _Scale(axis, whole=numbers is not None and _are_whole(axis))
    is_log = (
        numbers[0] > 0.0
        and numbers[-1] >= _DECADE * numbers[0]
        and 2.0 * _uneven([log10(x) for x in numbers]) <= _uneven(numbers)
    )
    return _Scale(axis, log=is_log, whole=_are_whole(axis))


def _are_whole(axis: Axis) -> bool:
    return all(_WHOLE.fullmatch(text) for text in axis.texts)


def _uneven(numbers: Sequence[float]) -> float:
    """Return how far numbers in order lie at most from an even spread, as a part of their span."""
    span = numbers[-1] - numbers[0]
    last = len(numbers) - 1
    return max(abs((x - numbers[0]) / span - n / last) for n, x in enumerate(numbers))


def _placed(source: Source) -> tuple[list[_Scale], list[int], Between] | None:
    """Return what varied, the points with values, and what is between them; None for no panel."""
    paths = paths_of(source)
    if not 0 < len(paths) <= _MOST_AXES or source.rows("tornado"):
        return None
    there = {r["point"] for r in source.rows("sweep")}
    at: dict[int, dict[str, Row]] = {}
    for row in source.rows("points"):
        if row["point"] in there and row["path"] in paths:
            at.setdefault(row["point"], {})[row["path"]] = row
    numbers = [n for n, places in at.items() if len(places) == len(paths)]
    if not 2 <= len(numbers) <= _MOST_POINTS:
        return None
    axes = [_axis_of(path, [at[n][path] for n in numbers]) for path in paths]
    if any(len(axis.texts) < 2 for axis in axes):
        return None
    scales = [_scale(axis) for axis in axes]
    where = [[_place(scale, at[n][scale.axis.path]) for scale in scales] for n in numbers]
    space = between([scale.along for scale in scales], where)
    return None if space is None else (scales, numbers, space)


def _axis_of(path: str, rows: Sequence[Row]) -> Axis:
    if all(row["number"] is not None for row in rows):
        found = {float(row["number"]): str(row["text"]) for row in rows}
        return Axis(path, tuple(found[x] for x in sorted(found)), tuple(sorted(found)))
    return Axis(path, tuple(dict.fromkeys(str(row["text"]) for row in rows)), None)


def _place(scale: _Scale, row: Row) -> float:
    if scale.axis.numbers:
        return scale.place(float(row["number"]))
    return float(scale.axis.texts.index(str(row["text"])))


def _rows(source: Source, numbers: Sequence[int]) -> dict[tuple[str, str, int], Row]:
    """Return a row for each measure, strategy and point, over all seeds."""
    rows = source.rows("sweep")
    together = any(r["seed"] is None for r in rows)
    wanted = set(numbers)
    return {
        (r["measure"], r["strategy"], r["point"]): r
        for r in rows
        if r["point"] in wanted and (r["seed"] is None or not together)
    }


def _measure(
    measure: str, rows: Mapping[tuple[str, str, int], Row], numbers: Sequence[int], space: Between,
    names: Sequence[str], parts: Parts,
) -> dict[str, Any]:  # fmt: skip
    """Return a measure's values at the points, and what is needed between them."""
    strategies: dict[str, Any] = {}
    unit = ""
    for name in names:
        found = [rows.get((measure, name, n)) for n in numbers]
        given = [row for row in found if row is not None and row["value"] is not None]
        if len(given) < len(numbers):  # at some point it has no value
            continue
        unit = str(given[0]["unit"])
        strategies[name] = {"value": _column(space, given, "value", "low", "high")}
        if all(row["difference"] is not None for row in given):
            strategies[name]["less"] = _column(
                space, given, "difference", "difference_low", "difference_high"
            )
    better = MEASURES[measure].better if measure in MEASURES else ""
    return {
        "name": measure, "title": title_of(measure), "unit": unit, "strategies": strategies,
        "better": str(better or ""),
    }  # fmt: skip


def _column(space: Between, rows: Sequence[Row], value: str, low: str, high: str) -> dict[str, Any]:
    values = [float(row[value]) for row in rows]
    return {
        "at": [_short(x) for x in values],
        "low": [_short(row[low]) for row in rows],
        "high": [_short(row[high]) for row in rows],
        "weights": space.weights(values),
        "off": space.usual_error(values),
    }


def _short(value: float | None) -> float | None:
    """Return a number with as many digits as anybody can see of it, and some more."""
    return None if value is None else float(f"{value:.9g}")


def _axis(scale: _Scale) -> dict[str, Any]:
    axis = scale.axis
    factor, suffix = _written(axis)
    return {
        "path": axis.path, "texts": axis.texts, "at": scale.along.at,
        "between": axis.numbers is not None, "factor": factor, "suffix": suffix,
        "log": scale.log, "whole": scale.whole,
    }  # fmt: skip


def _written(axis: Axis) -> tuple[float, str]:
    """Return by what a number is multiplied to be written as the values are, and what follows."""
    found = [_QUANTITY.fullmatch(text) for text in axis.texts]
    units = {match[2] or "" for match in found if match}
    if axis.numbers is None or not all(found) or len(units) > 1:
        return 1.0, ""
    parts = [
        float(match[1]) / x for match, x in zip(found, axis.numbers, strict=True) if match and x
    ]
    even = parts and max(parts) - min(parts) <= 1e-9 * abs(parts[0])
    return (float(f"{parts[0]:.12g}"), units.pop()) if even else (1.0, "")


def _slider(n: int, scale: _Scale) -> str:
    axis = scale.axis
    name = f'<label for="whatif-{n}">{broken(axis.path)}</label>'
    if axis.numbers is None:
        options = "".join(
            f'<option value="{i}">{escape(text)}</option>' for i, text in enumerate(axis.texts)
        )
        return f'<p class="slider">{name}<select id="whatif-{n}">{options}</select></p>'
    low, high = scale.along.at[0], scale.along.at[-1]
    step = "1" if scale.whole and not scale.log else "any"
    ends = (
        f"<small><span>{escape(axis.texts[0])}</span><span>{escape(axis.texts[-1])}</span></small>"
    )
    return (
        f'<p class="slider">{name}<output for="whatif-{n}"></output>'
        f'<input type="range" id="whatif-{n}" min="{low!r}" max="{high!r}" step="{step}">'
        f"<small>{ends}</small></p>"
    )


def _numbers(parts: Parts) -> dict[str, Any]:
    """Return how numbers are written in the report's language: what stands around them."""
    numbers = parts.style.numbers
    more = numbers.value("count", 1234)
    return {
        "point": numbers.value("number", 1.25)[1], "group": more[1:-3],
        "share": numbers.value("share", 0.888).replace(numbers.value("number", 88.8), "#"),
        "points": numbers.signed("share", 0.888).replace(numbers.value("number", 88.8), "#")[1:],
        "currency": numbers.value(numbers.currency, 12_345.0).replace(
            numbers.value("count", 12_345), "#"
        ),
        "none": numbers.value("number", None), "minus": numbers.value("number", -8)[0],
    }  # fmt: skip


WHATIF: Final = Section(
    "whatif", "What if", ("sweep", "points"),
    "Sliders over what varied: they take a sweep of numbers; `omnilab sweep --vary` makes one.",
    _whatif,
)  # fmt: skip
