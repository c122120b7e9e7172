"""What several figures share: titles, units and ordinary layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from omnilab.measure.breakdowns import CHANNEL_MEASURES, JOURNEY_MEASURES, PERSONA_MEASURES
from omnilab.measure.catalogue import MEASURES
from omnilab.report.figures.figure import Style

__all__ = ["ZERO", "axis_of", "legend_of", "listed", "plotted", "title_of", "unit_title", "y_names"]

#: A line at zero, below what is drawn on it.
ZERO: Final[dict[str, Any]] = {
    "mark": {"type": "rule", "strokeWidth": 1.5, "aria": False},
    "encoding": {"x": {"datum": 0}},
}


def title_of(measure: str) -> str:
    """Return a measure's title; its name where it is none of the catalogue's."""
    for table in (MEASURES, PERSONA_MEASURES, CHANNEL_MEASURES, JOURNEY_MEASURES):
        if measure in table:
            return str(table[measure].title)
    return measure.replace("_", " ")


def unit_title(unit: str, currency: str, *, signed: bool = False) -> str:
    """Return a unit in words, for a subtitle or an axis."""
    if unit == "share":
        return "percentage points" if signed else "percent"
    return {"number": "per customer", "ratio": "ratio", "count": "count"}.get(unit, currency)


def plotted(unit: str, value: float | None, *, signed: bool = False) -> float | None:
    """Return a value as an axis has it: differences of shares are in points."""
    return value * 100 if value is not None and signed and unit == "share" else value


def axis_of(style: Style, unit: str, *, signed: bool = False, **more: Any) -> dict[str, Any]:
    """Return an axis that writes its numbers in a unit."""
    kind = "points" if signed and unit == "share" else unit
    axis: dict[str, Any] = {"format": style.numbers.axis(kind), "title": None, "tickCount": 5}
    if signed:
        axis |= {"format": "+" + axis["format"], "labelExpr": "datum.value ? datum.label : '0'"}
    return axis | more


def y_names(names: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return the rows of a figure, one for each name, in their order."""
    axis = {"title": None, "grid": False, "labelLimit": 150, **more}
    return {"field": "name", "type": "nominal", "sort": list(names), "axis": axis}


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them."""
    found = list(names)
    return " and ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)


def legend_of(style: Style, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return strategies with their colours."""
    return [(name, style.look.strategy(name)) for name in names]
