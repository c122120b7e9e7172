"""The tables of who gets nothing: how contacts and gains are spread, and a few customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.columns import HIGH, LOW, REFERENCE, STRATEGY, UNIT, Column, Row
from omnilab.experiment.lifts import products_in, ratio_estimate
from omnilab.experiment.notable import KINDS
from omnilab.measure.lifted import SPREAD, WORDS

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison

__all__ = ["NOTABLE_TABLE", "SPREAD_TABLE", "gini", "notable_rows", "spread_rows"]

_GINI: Final = (
    ("gini_contacts", "Gini coefficient of messages sent in the window over all customers."),
    (
        "gini_gain",
        "Gini coefficient of margin gained over all customers, a loss counted as no gain.",
    ),
)  # 0 where all have as much, near 1 where few have all
_OF_ONE: Final = "never_reached"  # the one that needs no reference

#: One row for each number of a spread. Key: strategy, measure.
SPREAD_TABLE: Final = (
    STRATEGY,
    REFERENCE,
    Column("measure", "Name. Gains are of each customer against the same one under the reference. "
           + " ".join(f"`{n}`: {w[0].lower()}{w[1:]}" for n, w in
                      (*((n, w) for n, _, _, w in SPREAD), *_GINI)),
           values=(*(n for n, _, _, _ in SPREAD), *(n for n, _ in _GINI))),
    UNIT,
    Column("value", "The number; null where nothing can be divided by.", "number", null=True),
    LOW,
    HIGH,
)  # fmt: skip
#: One row for each of a few customers. Key: strategy, kind, replication, customer.
NOTABLE_TABLE: Final = (
    STRATEGY,
    REFERENCE,
    Column("kind", "Whether the customer's LTV is among those that the strategy raises most, or "
           "lowers most.", values=KINDS),
    Column("replication", "From 0.", "whole"),
    Column("customer", "Number from 0, as `omnilab twin` takes it.", "whole"),
    UNIT,
    Column("difference", "LTV under the strategy less that under the reference.", "number"),
)  # fmt: skip


def spread_rows(comparison: Comparison) -> list[Row]:
    """Return the rows of `SPREAD_TABLE`; gains are of strategies other than the reference."""
    rows: list[Row] = []
    for name in sorted(comparison.observed.get("spread", {})):
        own = name == comparison.held_against
        where = {"strategy": name, "reference": None if own else comparison.held_against}
        rows += [
            where | row
            for row in _parts(comparison, name)
            if not own or row["measure"] in (_OF_ONE, "gini_contacts")
        ]
    return rows


def notable_rows(comparison: Comparison) -> list[Row]:
    """Return the rows of `NOTABLE_TABLE`, the largest differences first."""
    return [
        {
            "strategy": name,
            "reference": comparison.held_against,
            "kind": one.kind,
            "replication": one.replication,
            "customer": one.customer,
            "unit": comparison.scenario.currency,
            "difference": one.difference / 100_000,
        }
        for name in sorted(comparison.notable)
        for one in comparison.notable[name]
    ]


def gini(counts: Any) -> float | None:
    """Return the Gini coefficient of a sum over customers in classes.

    Parameters
    ----------
    counts
        Customers and their sum in each class, from the least to the most, shape ``(n, 2)``; within
        a class all count as equal.

    Returns
    -------
    float or None
        0 (all equal) to below 1; None where the sum is 0.

    References
    ----------
    Gini coefficient of grouped data: Lerman, R. I. and Yitzhaki, S. (1989), Improving the accuracy
    of estimates of Gini coefficients, Journal of Econometrics 42, 43-47.
    """
    persons, total = (sum(int(c) for c in counts[:, i]) for i in (0, 1))
    if total == 0:
        return None
    below, area = 0, 0  # twice the area below the Lorenz curve, times persons and total
    for n, part in counts.tolist():
        area += n * (2 * below + part)
        below += part
    return 1.0 - area / (persons * total)


def _parts(comparison: Comparison, name: str) -> list[Row]:
    tables = comparison.observed
    clusters = int(tables["members"][name][0, 1])
    rows: list[Row] = []
    for (measure, unit, factor, _), row in zip(
        SPREAD, tables["spread"][name].tolist(), strict=True
    ):
        products = products_in(row, 2, 2 + WORDS, 2 + 2 * WORDS)
        tt, tb, bb = products
        e = ratio_estimate(row[0], row[1], (tt, tb, bb), clusters, factor)
        money = comparison.scenario.currency if unit == "EUR" else unit
        rows.append({"measure": measure, "unit": money, "value": e.value, "low": e.low,
                     "high": e.high})  # fmt: skip
    gains = tables["gains"][name].copy()
    gains[0, 0] += comparison.customers * comparison.replications - int(gains[:, 0].sum())
    for measure, value in (
        ("gini_contacts", gini(tables["contacts"][name])), ("gini_gain", gini(gains)),
    ):  # fmt: skip
        rows.append({"measure": measure, "unit": "ratio", "value": value, "low": None,
                     "high": None})  # fmt: skip
    return rows
