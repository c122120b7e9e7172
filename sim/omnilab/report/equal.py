"""Two strategies at equal volume, in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.match import equal_rows
from omnilab.experiment.statistics import Estimate
from omnilab.report.numbers import label, write_difference, write_interval
from omnilab.report.table import Table

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison

__all__ = ["HEADLINE", "equal_headlines", "equal_table", "verdict"]

#: The measure whose difference is said in a sentence.
HEADLINE: Final = "ltv"

Row = Mapping[str, Any]


def verdict(row: Row) -> str:
    """Say what is left of a difference at equal volume."""
    if row["survives"] is None:
        return "there was no certain difference before"
    if row["survives"]:
        return "the win survives"
    if row["low"] is None or row["low"] <= 0.0 <= row["high"]:
        return "the win does not survive: what is left may be chance"
    return "the win turns into a loss"


def equal_headlines(comparison: Comparison) -> list[str]:
    """Say whether the difference in LTV survives equal volume, in each way that was tried."""
    rows = [row for row in equal_rows(comparison) if row["measure"] == HEADLINE]
    measure = comparison.moments.measures[HEADLINE]
    lines = []
    for row in rows:
        gap = write_interval(measure, _estimate(row), f" {comparison.scenario.currency}", sign="+")
        lines.append(
            f"At equal volume {row['way']} ({_sent(row)} messages a customer) the {measure.title} "
            f"of {row['strategy']} less {row['reference']} is {gap}: {verdict(row)}."
        )
    return lines


def equal_table(comparison: Comparison) -> list[Table]:
    """Return the main differences as they are and at equal volume, where there are any."""
    found = equal_rows(comparison)
    if not found or comparison.equal is None:
        return []
    ways = list(dict.fromkeys(row["way"] for row in found))
    by = {(row["way"], row["measure"]): row for row in found}
    moments, first = comparison.moments, found[0]
    plain = [moments.estimate("messages_per_customer", first[k]) for k in ("strategy", "reference")]
    rows = [
        (
            "Messages a customer",
            (
                " and ".join(f"{e.value or 0.0:.3g}" for e in plain),
                *(_sent(by[way, HEADLINE]) for way in ways),
            ),
        )
    ]
    for name in dict.fromkeys(row["measure"] for row in found):
        measure = moments.measures[name]
        as_is = moments.difference(name, first["strategy"], first["reference"])
        cells = (as_is, *(_estimate(by[way, name]) for way in ways))
        rows.append(
            (
                label(measure, comparison.scenario.currency, difference=True),
                tuple(write_difference(measure, e) for e in cells),
            )
        )
    hows = " ".join(f"{way.capitalize()}: {by[way, HEADLINE]['how']}." for way in ways)
    total = comparison.customers * comparison.replications
    part = first["customers"]
    on = f" On {part:,} of the {total:,} customers: --equal-volume takes all."
    title = f"{first['strategy']} less {first['reference']} at equal volume"
    return [
        Table(title, "", ("as they are", *ways), tuple(rows), hows + (on if part < total else ""))
    ]


def _estimate(row: Row) -> Estimate:
    error = None if row["low"] is None else (row["high"] - row["low"]) / 2
    return Estimate(row["value"], row["low"], row["high"], error)


def _sent(row: Row) -> str:
    return f"{row['messages']:.3g} and {row['reference_messages']:.3g}"
