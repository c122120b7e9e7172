"""The tidy tables of a run: one row a number, with its unit and what it is held against.

Their columns are declared once, here. The Parquet files, the rows of ``result.json`` and the JSON
Schema that ``omnilab schema`` prints are all made of these declarations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from omnilab.experiment import groups, journeys, spread, weeks
from omnilab.experiment.columns import (
    HIGH,
    LOW,
    MEASURE,
    STRATEGY,
    TABLES_FORMAT,
    UNIT,
    Column,
    Row,
    unit_of,
    write_rows,
)
from omnilab.experiment.differences import FURTHER, REPORTED, Difference, differences
from omnilab.experiment.remarks import remarks
from omnilab.experiment.statistics import LEVEL
from omnilab.measure import breakdowns, layout

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison
    from omnilab.measure.ratio import Measure

__all__ = [
    "BREAKDOWNS",
    "DIFFERENCES",
    "RESULTS",
    "TABLES",
    "TABLES_FORMAT",
    "Column",
    "breakdown_rows",
    "difference_rows",
    "result_rows",
    "table_rows",
    "unit_of",
    "write_rows",
]

VALUE_ONLY: Final = "value only"
ONE: Final = "delta method, Student's t"
PAIRED: Final = "paired delta method, Student's t, Holm"
COUNT: Final = "count"


_LEVEL: Final = Column(
    "level", "Confidence level of low to high: 0.95; null without bounds.", "number", null=True
)
_CLUSTERS: Final = Column(
    "clusters", "Independent clusters of customers that the interval rests on.", "whole"
)
_NOTE: Final = Column("note", "What to know of this number; null if nothing.", null=True)

#: One row for each strategy and measure. Key: strategy, measure.
RESULTS: Final = (
    STRATEGY,
    MEASURE,
    UNIT,
    Column("value", "The measure; null where nothing can be divided by.", "number", null=True),
    LOW,
    HIGH,
    _LEVEL,
    Column(
        "reference",
        "The strategy that the measure itself is above (ROI: no_contact; ROI of messages: "
        "search_only); else null.",
        null=True,
    ),
    Column("method", "How the interval was made.", values=(ONE, VALUE_ONLY)),
    _CLUSTERS,
    _NOTE,
)
#: One row for each other strategy than the reference and each measure. Key: strategy, measure.
DIFFERENCES: Final = (
    STRATEGY,
    Column("reference", "The strategy that is subtracted: one and the same in all rows."),
    MEASURE,
    UNIT,
    Column(
        "value",
        "strategy - reference on the same customers; null where either has no value.",
        "number", null=True,
    ),
    LOW,
    HIGH,
    _LEVEL,
    Column("error", "Standard error of the difference.", "number", null=True),
    Column("p_value", "Two-sided, of this difference alone, 0 to 1.", "number", null=True),
    Column(
        "p_adjusted", "Holm's adjusted p-value within the family, 0 to 1.", "number", null=True
    ),
    Column(
        "hardly_chance",
        "The star of the report: p_adjusted is below 0.05. Null without a p-value.",
        "flag", null=True,
    ),
    Column(
        "family",
        "What was adjusted together: `reported`, the measures of the report's table of "
        "differences, or `further`, all others.",
        values=(REPORTED, FURTHER),
    ),
    Column("looks", "Differences with a p-value in the family.", "whole"),
    Column(
        "better",
        "Which sign is good for the brand.",
        values=("higher", "lower", "neither"),
    ),
    Column("method", "How interval and p-values were made.", values=(PAIRED, VALUE_ONLY)),
    _CLUSTERS,
    _NOTE,
)  # fmt: skip
#: One row for each number of a channel, journey or persona. Key: strategy, by, name, measure.
BREAKDOWNS: Final = (
    STRATEGY,
    Column("by", "What the customers' doings are parted by.",
           values=("channel", "journey", "persona")),
    Column("name", "Name of the channel, journey or persona."),
    Column("kind", "`sum` over the window, or a `measure`, which is a ratio of sums.",
           values=("sum", "measure")),
    Column("measure", "Name of the measure; a sum's name begins with `total_`."),
    UNIT,
    Column("value", "The number; null where nothing can be divided by. It has no interval: "
           "intervals are of whole strategies.", "number", null=True),
)  # fmt: skip

#: The tables by the names of their files.
TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "results": RESULTS,
    "differences": DIFFERENCES,
    "breakdowns": BREAKDOWNS,
    "groups": groups.GROUPS,
    "weeks": weeks.WEEKS,
    "days": weeks.DAYS,
    "funnel": journeys.FUNNEL,
    "causes": journeys.CAUSES,
    "transitions": journeys.TRANSITIONS,
    "paths": journeys.PATHS,
    "spread": spread.SPREAD_TABLE,
    "notable": spread.NOTABLE_TABLE,
}

# Sums of `layout` that are money, and how many of their units make one of the currency.
_MONEY: Final = dict.fromkeys(("revenue", "margin", "led_revenue", "led_margin"), 100)
_MONEY.update(cost=100_000, ltv=100_000)


def table_rows(
    comparison: Comparison, journeys_of: Mapping[str, Sequence[str]], against: str | None = None
) -> dict[str, list[Row]]:
    """Return the rows of all tables, by the names of `TABLES`.

    Parameters
    ----------
    comparison
        What was found.
    journeys_of
        Names of each strategy's journeys, in their order in the plan.
    against
        The strategy that differences are taken against; None for the usual one.
    """
    return {
        "results": result_rows(comparison),
        "differences": difference_rows(comparison, against),
        "breakdowns": breakdown_rows(comparison, journeys_of),
        "groups": groups.group_rows(comparison, journeys_of),
        "weeks": weeks.week_rows(comparison),
        "days": weeks.day_rows(comparison),
        "funnel": journeys.funnel_table(comparison, journeys_of),
        "causes": journeys.cause_rows(comparison, journeys_of),
        "transitions": journeys.transition_rows(comparison),
        "paths": journeys.path_rows(comparison),
        "spread": spread.spread_rows(comparison),
        "notable": spread.notable_rows(comparison),
    }


def result_rows(comparison: Comparison) -> list[Row]:
    """Return the rows of `RESULTS`, by the strategies' names."""
    moments, currency = comparison.moments, comparison.scenario.currency
    notes = _notes(comparison)
    rows = []
    for strategy in sorted(run.name for run in comparison.strategies):
        for name, measure in moments.measures.items():
            found = moments.estimate(name, strategy)
            rows.append(
                {
                    "strategy": strategy,
                    "measure": name,
                    "unit": unit_of(measure, currency),
                    **_bounds(found.value, found.low, found.high),
                    "reference": measure.baseline or None,
                    "method": VALUE_ONLY if found.low is None else ONE,
                    "clusters": moments.clusters,
                    "note": notes.get(name),
                }
            )
    return rows


def difference_rows(comparison: Comparison, against: str | None = None) -> list[Row]:
    """Return the rows of `DIFFERENCES`, by the strategies' names."""
    notes = _notes(comparison)
    return [_difference(d, comparison, notes) for d in differences(comparison, against)]


def breakdown_rows(comparison: Comparison, journeys: Mapping[str, Sequence[str]]) -> list[Row]:
    """Return the rows of `BREAKDOWNS`; what has no channel or no journey is left out.

    Parameters
    ----------
    comparison
        What was found.
    journeys
        Names of each strategy's journeys, in their order in the plan.
    """
    scenario = comparison.scenario
    channels = [c.name for c in scenario.channels]
    personas = [p.name for p in scenario.population.personas]
    rows: list[Row] = []
    for strategy in sorted(run.name for run in comparison.strategies):
        for by, records, names, dtype, measures in (
            ("channel", comparison.by_channel, channels, layout.CHANNEL_SUMS,
             breakdowns.CHANNEL_MEASURES),
            ("journey", comparison.by_journey, journeys[strategy], layout.JOURNEY_SUMS,
             breakdowns.JOURNEY_MEASURES),
            ("persona", comparison.by_persona, personas, layout.PERSONA_SUMS,
             breakdowns.PERSONA_MEASURES),
        ):  # fmt: skip
            if strategy not in records:
                continue
            fields = layout.names_of(dtype)
            table = layout.as_integers(records[strategy]).reshape(-1, len(fields)).tolist()
            for name, numbers in zip(names, table, strict=False):
                sums = dict(zip(fields, numbers, strict=True))
                where = {"strategy": strategy, "by": by, "name": name}
                rows += [where | part for part in _parts(sums, measures, scenario.currency)]
    return rows


def _parts(sums: Mapping[str, int], measures: Mapping[str, Measure], currency: str) -> list[Row]:
    """Return the sums of one record in their units, and the measures made of them."""
    parts: list[Row] = []
    for name, number in sums.items():
        money = _MONEY.get(name)
        parts.append(
            {
                "kind": "sum",
                "measure": f"total_{name}",
                "unit": currency if money else COUNT,
                "value": number / (money or 1),
            }
        )
    for measure in measures.values():
        value = measure.value(sums)
        unit = unit_of(measure, currency)
        parts.append({"kind": "measure", "measure": measure.name, "unit": unit, "value": value})
    return parts


def _difference(d: Difference, comparison: Comparison, notes: Mapping[str, str]) -> Row:
    found = d.estimate
    return {
        "strategy": d.strategy,
        "reference": d.reference,
        "measure": d.measure.name,
        "unit": unit_of(d.measure, comparison.scenario.currency),
        **_bounds(found.value, found.low, found.high),
        "error": found.error,
        "p_value": found.p_value,
        "p_adjusted": d.p_adjusted,
        "hardly_chance": d.hardly_chance,
        "family": d.family,
        "looks": d.looks,
        "better": d.measure.better,
        "method": VALUE_ONLY if found.low is None else PAIRED,
        "clusters": comparison.moments.clusters,
        "note": notes.get(d.measure.name),
    }


def _bounds(value: float | None, low: float | None, high: float | None) -> Row:
    return {"value": value, "low": low, "high": high, "level": None if low is None else LEVEL}


def _notes(comparison: Comparison) -> dict[str, str]:
    """Return what there is to know of a measure, by its name."""
    notes: dict[str, list[str]] = {}
    for remark in remarks(comparison):
        for name in remark.measures:
            notes.setdefault(name, []).append(remark.text)
    return {name: " ".join(texts) for name, texts in notes.items()}
