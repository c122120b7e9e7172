"""An answer over plausible worlds in sentences and tables: who wins where, and what to find out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.statistics import Estimate
from omnilab.experiment.sweep.tables import shared_words
from omnilab.measure.catalogue import MEASURES
from omnilab.report.document import Document, Table, share_words
from omnilab.report.numbers import label, write_interval, write_value

if TYPE_CHECKING:
    from omnilab.experiment.sweep.course import Sweep
    from omnilab.experiment.sweep.planned import Planned
    from omnilab.measure.ratio import Measure

__all__ = ["ends_of", "mean_of", "worlds_document"]

_HOW: Final = (
    "Each world has customers of its own. Differences are smoothed over the worlds' parameters, so "
    "that chance within a world is not read as disagreement between worlds. chance: of the mean; "
    "worlds: where 95% of the worlds are; both: the two together; same sign in: the share of "
    "worlds with the sign of the mean."
)
_WORTH: Final = (
    "Worth knowing: what a customer would bring more, on average, if the strategy could be chosen "
    "after learning it, all else as uncertain as now."
)
_MOST_SHOWN: Final = 12


def worlds_document(planned: Planned, sweep: Sweep, data: Mapping[str, Any] | None) -> Document:
    """Return the report of a comparison over worlds.

    Parameters
    ----------
    planned, sweep
        What was run.
    data
        Of `omnilab.experiment.plausible.compared.plausible_data`.
    """
    scenario = planned.maker.base
    settings = planned.settings
    setting = (
        f"{len(planned.points)} worlds, {scenario.population.customers:,} customers in each,"
        f" seed {settings.seeds[0]}"
    )
    notes = shared_words(sweep.shared)
    if data is None:
        line = "There is nothing to compare: it takes two strategies, and two worlds with a value."
        return Document(scenario.id, setting, (line,), (), tuple(notes))
    what = MEASURES[data["measure"]]
    unit = _unit(what, scenario.currency)
    tables = (_shares(data), _differences(data, what, scenario.currency),
              _information(data, what, scenario.currency))  # fmt: skip
    lines = (_winner(data), _gap(data, what, unit), _settle(data, what, unit))
    return Document(
        scenario.id, setting, tuple(x for x in lines if x), tables, (_HOW, _WORTH, *notes)
    )


def _winner(data: Mapping[str, Any]) -> str:
    first, *others = data["shares"]
    title = MEASURES[data["measure"]].title
    said = f"{first['strategy']} has the best {title} in {share_words(first)} of the worlds"
    rest = [row for row in others if row["share"] >= 0.005]
    if rest:
        said += ", " + ", ".join(f"{row['strategy']} in {100 * row['share']:.0f}%" for row in rest)
    return f"{said}."


def _gap(data: Mapping[str, Any], what: Measure, unit: str) -> str:
    """Say how far the winner is before the reference, or the reference before the next."""
    best = data["shares"][0]["strategy"]
    rows = data["world_differences"]
    row = next((r for r in rows if r["strategy"] == best), rows[0])
    value = _interval(row, "", what, unit)
    return (
        f"{row['strategy']} less {row['reference']}: {value}, with chance and the worlds both; "
        f"chance alone {ends_of(row, 'chance_', what)}, "
        f"the worlds alone {ends_of(row, 'world_', what)}."
    )


def _settle(data: Mapping[str, Any], what: Measure, unit: str) -> str:
    """Say what would have to be known to settle it."""
    whole, *each = data["information"]
    if not each or whole["value"] <= 0.0:
        return "Knowing the world better would change no decision."
    said = f"To know the world would be worth {write_value(what, whole['value'])}{unit} a customer"
    said += f" ({_range(whole['low'], whole['high'], what)})"
    top = each[0]
    if top["value"] < 0.05 * whole["value"]:
        return f"{said}; no single parameter has a twentieth of it."
    return (
        f"{said}; to know {top['path']} alone, {write_value(what, top['value'])}"
        f" ({_range(top['low'], top['high'], what)})."
    )


def _shares(data: Mapping[str, Any]) -> Table:
    rows = tuple((row["strategy"], (share_words(row),)) for row in data["shares"])
    title = MEASURES[data["measure"]].title
    return Table(f"Best {title}, by world", "strategy", ("share of worlds",), rows)


def _differences(data: Mapping[str, Any], what: Measure, currency: str) -> Table:
    title = f"{label(what, currency, difference=True)}: difference to {data['reference']}"
    rows = tuple(
        (row["strategy"], (mean_of(row, what), ends_of(row, "chance_", what),
                           ends_of(row, "world_", what), ends_of(row, "", what),
                           f"{100 * row['same_sign']:.0f}%"))
        for row in data["world_differences"]
    )  # fmt: skip
    return Table(title, "strategy", ("mean", "chance", "worlds", "both", "same sign in"), rows)


def _information(data: Mapping[str, Any], what: Measure, currency: str) -> Table:
    rows = tuple(
        (row["path"] or "all together",
         (write_value(what, row["value"]), _range(row["low"], row["high"], what)))
        for row in _shown(data["information"])
    )  # fmt: skip
    title = f"Worth knowing, {label(what, currency, difference=True)} a customer"
    return Table(title, "parameter", ("worth", "95% interval"), rows)


def _shown(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    return [r for r in rows if r["path"] is None or r["value"] > 0.0][:_MOST_SHOWN]


def mean_of(row: Mapping[str, Any], what: Measure) -> str:
    """Return the mean of a row with doubts, as finely as they ask for."""
    e = Estimate(row["value"], row["low"], row["high"])
    return write_interval(what, e, "", sign="+").partition(" (")[0]


def ends_of(row: Mapping[str, Any], which: str, what: Measure) -> str:
    """Return an interval of such a row: ``chance_``, ``world_``, or "" for both together."""
    return _range(row[f"{which}low"], row[f"{which}high"], what, "+")


def _range(low: float, high: float, what: Measure, sign: str = "") -> str:
    """Return both ends as finely as their distance asks for, such as ``-0.12 to +0.30``."""
    said = write_interval(what, Estimate((low + high) / 2, low, high), "", sign=sign)
    return said.partition("(")[2].rstrip(")")


def _interval(row: Mapping[str, Any], which: str, what: Measure, unit: str) -> str:
    e = Estimate(row["value"], row[f"{which}low"], row[f"{which}high"])
    return write_interval(what, e, unit, sign="+")


def _unit(what: Measure, currency: str) -> str:
    return " points" if what.unit == "share" else f" {currency}" if what.unit == "EUR" else ""
