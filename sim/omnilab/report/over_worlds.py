"""A sweep, or an ablation, over plausible worlds: each number with its two doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.sweep.tables import shared_words
from omnilab.measure.catalogue import MEASURES
from omnilab.report.document import Document, Table, share_words
from omnilab.report.numbers import label
from omnilab.report.worlds import ends_of, mean_of

if TYPE_CHECKING:
    from omnilab.experiment.plausible.ablated import Ablated
    from omnilab.experiment.sweep.course import Sweep
    from omnilab.experiment.sweep.planned import Planned

__all__ = ["DOUBT_COLUMNS", "ablated_document", "doubt_cells", "swept_document"]

DOUBT_COLUMNS: Final = ("mean", "chance", "worlds", "both", "same sign in")
#: Points that a terminal shows, and measures.
_MOST_SHOWN: Final = 20
_MOST_MEASURES: Final = 3
_HOW: Final = (
    "Numbers are smoothed over the worlds' parameters, so that chance within a world is not read "
    "as disagreement between worlds. chance: of the mean; worlds: where 95% of the worlds are; "
    "both: the two together; same sign in: the share of worlds with the sign of the mean."
)
_SAME: Final = (
    "Each world has customers of its own, and the same ones at all values of what varies."
)
_WORTH: Final = (
    "What a switch is worth is its Shapley value: its mean gain over all orders in which switches "
    "come on; alone and last are under --json. Each is smoothed by itself, so that they add up to "
    "the whole only nearly."
)


def swept_document(planned: Planned, sweep: Sweep, data: Mapping[str, Any]) -> Document:
    """Return the report of a sweep over worlds.

    Parameters
    ----------
    planned, sweep
        What was run.
    data
        Of `omnilab.experiment.plausible.swept.over_worlds_data`.
    """
    scenario = planned.maker.base
    varied = data["varied"][:_MOST_SHOWN]
    setting = (
        f"{len(data['varied'])} points in {data['worlds']} worlds,"
        f" {scenario.population.customers:,} customers in each,"
        f" seed {planned.settings.seeds[0]}"
    )
    title = MEASURES[data["measures"][0]].title
    lines = [f"{one['values']}: {_best(one, data, title)}" for one in varied]
    if (left := len(data["varied"]) - len(varied)) > 0:
        lines.append(f"{left} more points are in the tables.")
    tables = [
        _table(measure, varied, data, scenario.currency)
        for measure in data["measures"][:_MOST_MEASURES]
    ]
    notes = (_HOW, _SAME, *shared_words(sweep.shared))
    return Document(scenario.id, setting, tuple(lines), tuple(tables), notes)


def ablated_document(found: Ablated, data: Mapping[str, Any]) -> Document:
    """Return the report of an ablation over worlds.

    Parameters
    ----------
    found, data
        What came of it, and the same of `omnilab.experiment.plausible.ablated.ablated_data`.
    """
    scenario = found.designed.scenario
    setting = (
        f"{data['strategy']} taken apart in {data['worlds']} worlds,"
        f" {found.customers:,} customers in each, seed {found.seed}"
    )
    first = data["measures"][0]
    values = [r for r in data["effects"] if r["measure"] == first and r["kind"] == "shapley"]
    lines = []
    if values:
        top = max(values, key=lambda r: abs(r["value"]))
        mean, _, _, both, same = doubt_cells(top, first)
        lines.append(
            f"{top['switch']} is worth most of {MEASURES[first].title}: {mean} ({both}), with the "
            f"same sign in {same} of the worlds."
        )
    tables = tuple(_effects(measure, data, scenario.currency) for measure in data["measures"])
    failed = len(found.failures)
    notes = [_HOW, _WORTH, f"Silo map {data['wiring']}."]
    if failed:
        notes.append(f"{failed} of {data['worlds']} worlds failed and are left out.")
    return Document(scenario.id, setting, tuple(lines), tables, tuple(notes))


def doubt_cells(row: Mapping[str, Any], measure: str) -> tuple[str, ...]:
    """Return the cells of `DOUBT_COLUMNS` of a row that has a number's doubts."""
    what = MEASURES[measure]
    share = {"share": row["same_sign"], "low": row["same_sign_low"], "high": row["same_sign_high"]}
    return (
        mean_of(row, what), ends_of(row, "chance_", what), ends_of(row, "world_", what),
        ends_of(row, "", what), share_words(share),
    )  # fmt: skip


def _best(one: Mapping[str, Any], data: Mapping[str, Any], title: str) -> str:
    """Say in what share of the worlds the best strategy of a point is the best."""
    rows = [r for r in data["point_shares"] if r["at"] == one["at"]]
    if not rows:
        return "fewer than two worlds have a value."
    return f"{rows[0]['strategy']} has the best {title} in {share_words(rows[0])} of the worlds."


def _table(
    measure: str, varied: Sequence[Mapping[str, Any]], data: Mapping[str, Any], currency: str
) -> Table:
    places = {one["at"] for one in varied}
    rows = tuple(
        (f"{row['values']}: {row['strategy']}", doubt_cells(row, measure))
        for row in data["point_differences"]
        if row["measure"] == measure and row["at"] in places
    )
    name = label(MEASURES[measure], currency, difference=True)
    return Table(f"{name}: difference to {data['reference']}", "", DOUBT_COLUMNS, rows)


def _effects(measure: str, data: Mapping[str, Any], currency: str) -> Table:
    """Return what each switch is worth by Shapley's value, and all of them."""
    rows = tuple(
        (row["switch"] or "all of them", doubt_cells(row, measure))
        for kind in ("shapley", "whole")
        for row in data["effects"]
        if row["measure"] == measure and row["kind"] == kind
    )
    name = label(MEASURES[measure], currency, difference=True)
    return Table(f"{name}: what each switch is worth", "", DOUBT_COLUMNS, rows)
