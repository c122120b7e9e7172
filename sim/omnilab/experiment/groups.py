"""The table of groups: every measure in every group of customers, beside the causal difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.columns import (
    HIGH,
    LOW,
    MEASURE,
    REFERENCE,
    STRATEGY,
    UNIT,
    Column,
    Row,
    unit_of,
)
from omnilab.experiment.lifts import products_in, ratio_estimate
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.groups import BEFORE, DIMENSIONS, Grouping
from omnilab.measure.layout import SUMS, names_of
from omnilab.measure.lifted import WORDS
from omnilab.measure.observed import COLUMNS
from omnilab.measure.ratio import Measure

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison

__all__ = ["GROUPED", "GROUPS", "group_rows", "widest"]

_NAMES: Final = names_of(SUMS)
#: Sums of a cell's profiles, which belong to no single person.
_OF_PROFILES: Final = frozenset(_NAMES[_NAMES.index("true_pairs") :])
#: The measures that groups have: all but those of profiles.
GROUPED: Final = {
    name: measure
    for name, measure in MEASURES.items()
    if not any(part in _OF_PROFILES for part, _ in (*measure.numerator, *measure.denominator))
}
_COLUMN: Final = {name: i for i, name in enumerate(COLUMNS)}

#: One row for each measure of a group. Key: strategy, by, group, measure.
GROUPS: Final = (
    STRATEGY,
    Column("by", "What customers are parted by: " + " ".join(
        f"`{d.name}`: {d.what[0].lower()}{d.what[1:]}" for d in DIMENSIONS),
        values=tuple(d.name for d in DIMENSIONS)),
    Column("group", "Name of the group."),
    Column("persons", "Customers in the group under this strategy.", "whole"),
    MEASURE,
    UNIT,
    Column("value", "The measure of the group under this strategy; null where nothing can be "
           "divided by.", "number", null=True),
    REFERENCE,
    Column("difference", "strategy - reference on the same customers. Groups that are settled "
           "before the window are the same customers under both. By `channels_used` and "
           "`channel_mix` they are those who were in the group under the reference, by "
           "`recipients` those who are in it under the strategy. Null where no such difference "
           "is kept.", "number", null=True),
    LOW,
    HIGH,
    Column("clusters", "Cells of customers that have somebody of those the difference is of.",
           "whole", null=True),
)  # fmt: skip


def group_rows(comparison: Comparison, journeys: Mapping[str, Sequence[str]]) -> list[Row]:
    """Return the rows of `GROUPS`; groups that nobody is in are left out.

    Parameters
    ----------
    comparison
        What was found.
    journeys
        Names of each strategy's journeys, in their order in the plan.
    """
    if "by_group" not in comparison.observed:
        return []
    return [
        row
        for name in sorted(run.name for run in comparison.strategies)
        for row in _Groups(comparison, name, journeys[name]).rows()
    ]


class _Groups:
    """One strategy's groups."""

    def __init__(self, comparison: Comparison, name: str, journeys: Sequence[str]) -> None:
        tables, of = comparison.observed, comparison.held_against
        self.name, self.journeys, self.reference = name, journeys, of
        self.currency = comparison.scenario.currency
        self.sums, self.others = tables["by_group"][name].tolist(), tables["by_group"][of].tolist()
        self.members, self.lifts = tables["members"][name].tolist(), tables["lifts"][name].tolist()
        self.bases = {
            measure.baseline: tables["by_group"][measure.baseline].tolist()
            for measure in GROUPED.values()
            if measure.baseline in tables["by_group"]
        }
        self.grouping = Grouping(comparison.scenario, widest(comparison))

    def rows(self) -> list[Row]:
        found: list[Row] = []
        for d, dimension in enumerate(DIMENSIONS):
            first = int(self.grouping.first[d])
            for k, label in enumerate(self.grouping.labels(d, self.journeys)):
                sums = _named(self.sums[first + k])
                if sums["persons"] == 0 and self.members[first + k][0] == 0:
                    continue
                where = {
                    "strategy": self.name, "by": dimension.name, "group": label,
                    "persons": sums["persons"],
                }  # fmt: skip
                found += [
                    where | self._row(measure, sums, first + k, dimension.settled)
                    for measure in GROUPED.values()
                ]
        return found

    def _row(self, measure: Measure, sums: Mapping[str, int], g: int, settled: str) -> Row:
        base = None
        if measure.baseline in self.bases and settled == BEFORE:
            base = _named(self.bases[measure.baseline][g])
        value = measure.value(sums, base)
        own = self.name == self.reference
        return {
            "measure": measure.name,
            "unit": unit_of(measure, self.currency),
            "value": value,
            "reference": None if own else self.reference,
            **(_NOTHING if own else self._difference(measure, value, g, settled, base)),
        }

    def _difference(
        self, measure: Measure, value: float | None, g: int, settled: str,
        base: Mapping[str, int] | None,
    ) -> Row:  # fmt: skip
        persons, clusters, squares = self.members[g]
        if measure.name in _COLUMN:
            row = self.lifts[g * len(COLUMNS) + _COLUMN[measure.name]]
            dd, dn = products_in(row, 2, 2 + WORDS)
            products, factor = (dd, dn, squares), measure.denominator[0][1]
            e = ratio_estimate(row[0] - row[1], persons, products, clusters, factor)
            return {
                "difference": e.value, "low": e.low, "high": e.high, "clusters": clusters,
            }  # fmt: skip
        if settled != BEFORE or value is None:
            return _NOTHING
        other = measure.value(_named(self.others[g]), base)
        return _NOTHING | {
            "difference": None if other is None else value - other, "clusters": clusters,
        }  # fmt: skip


_NOTHING: Final[Row] = {"difference": None, "low": None, "high": None, "clusters": None}


def widest(comparison: Comparison) -> int:
    """Return the journeys of the largest plan that took part."""
    opted_out = next(iter(comparison.observed["opted_out"].values()))
    return int(opted_out.shape[1]) - 1


def _named(numbers: Sequence[Any]) -> dict[str, int]:
    return dict(zip(_NAMES, numbers, strict=True))
