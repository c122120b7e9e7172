"""The split tests of compared strategies, in words and as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from omnilab.parameters.quantity import format_duration
from omnilab.report.numbers import NOTHING
from omnilab.report.table import Table

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison

__all__ = ["basis_words", "split_tables", "tests_in", "unread_words"]

Row = Mapping[str, Any]


def tests_in(rows: Sequence[Row], *, read: bool) -> Iterator[tuple[str, str, list[Row]]]:
    """Yield strategy, test and its arms, of those that were read or of those that were not."""
    for (strategy, test), arms in groupby(rows, key=lambda r: (r["strategy"], r["test"])):
        found = list(arms)
        if (found[0]["customers"] is not None) == read:
            yield strategy, test, found


def split_tables(comparison: Comparison) -> list[Table]:
    """Return a table for each test that was read."""
    total = comparison.customers * comparison.replications
    return [
        Table(
            f"Split test {test} under {strategy}", "arm",
            (
                "share", "profiles", "bought", f"{arms[0]['unit']} a profile, more",
                "the tool says", f"{arms[0]['unit']} a customer, truly more", "in truth",
            ),
            tuple((row["arm"], _cells(row)) for row in arms),
            basis_words(arms[0], total),
        )
        for strategy, test, arms in tests_in(comparison.tests, read=True)
    ]  # fmt: skip


def unread_words(rows: Sequence[Row]) -> list[str]:
    """Return a line for each test that was not read, with the strategies that have a step of it."""
    found: dict[str, tuple[list[str], list[Row]]] = {}
    for strategy, test, arms in tests_in(rows, read=False):
        found.setdefault(test, ([], arms))[0].append(strategy)
    return [
        f"Split test {test} (divided by {arms[0]['by']}: "
        f"{', '.join(_with_share(row) for row in arms)}) of {', '.join(names)}: not read here; "
        f"omnilab arms SCENARIO STRATEGY --test {test} does."
        for test, (names, arms) in found.items()
    ]  # fmt: skip


def basis_words(row: Row, total: int) -> str:
    """Say on what a test's table rests, and what each of its sides is.

    Parameters
    ----------
    row
        Any of its rows.
    total
        Customers of the comparison, in all replications.
    """
    first = row["against"] or row["arm"]
    within = format_duration(row["within_s"])
    some = f"{row['customers']:,} of the {total:,} customers"
    on = some if row["customers"] < total else f"All {total:,} customers"
    share = row["contamination"]
    two = "" if share is None else f" {share:.1%} of the persons are in two arms or more."
    return (
        f"{on}, divided by {row['by']}; revenue less that of {first}. The tool has profiles in one "
        f"arm alone, within {within}, and the interval of two samples. The truth has twins: all "
        f"customers in this arm less all in {first}.{two} omnilab arms has the rest."
    )


def _with_share(row: Row) -> str:
    return f"{row['arm']} {row['share']:.0%}"


def _cells(row: Row) -> tuple[str, ...]:
    bought = f"{row['buyers'] / row['profiles']:.1%}" if row["profiles"] else NOTHING
    return (
        f"{row['share']:.0%}", f"{row['profiles']:,}", bought, _bounds(row, "seen"),
        row["seen_verdict"] or NOTHING, _bounds(row, "true"), row["true_verdict"] or NOTHING,
    )  # fmt: skip


def _bounds(row: Row, name: str) -> str:
    value, low, high = (row[k] for k in (name, f"{name}_low", f"{name}_high"))
    if value is None:
        return NOTHING
    return f"{value:+.2f}" if low is None else f"{value:+.2f} ({low:+.2f} to {high:+.2f})"
