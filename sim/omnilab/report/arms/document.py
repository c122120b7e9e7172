"""The report of a split test: as the tool reads it, by person, and on twins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.measure.catalogue import MEASURES
from omnilab.parameters.quantity import format_duration
from omnilab.report.document import Document
from omnilab.report.numbers import NOTHING, write_interval
from omnilab.report.table import Table

if TYPE_CHECKING:
    from omnilab.experiment.arm_tests import ArmTest, Compared
    from omnilab.experiment.statistics import Estimate

__all__ = ["arms_document"]

_CENTS: Final = 100
_COLUMNS: Final = ("share", "in it", "recipients", "sent", "opened", "clicked", "bought", "orders")


def arms_document(found: ArmTest) -> Document:
    """Return the report."""
    unit = found.scenario.currency
    tables = [
        _table(found.seen, f"What the tool says of {found.test.name}", "profiles", unit,
               "By the brand's profiles. Who fell into two arms is left out. Differences are to "
               "the first arm, with the 95% interval of two samples."),
        _table(found.true, "The persons behind it", "persons", unit,
               "The persons who are in one arm alone, with their own orders, opens and clicks."),
    ]  # fmt: skip
    if found.truth:
        tables.append(_truth(found))
    again = f" in {found.replications} replications" if found.replications > 1 else ""
    return Document(
        title=f"{found.scenario.id}: the test {found.test.name} under {found.strategy}",
        setting=f"{found.customers:,} customers{again}, seed {found.seed}, divided by "
        f"{found.test.by}, orders within {format_duration(found.within)}",
        headlines=_headlines(found),
        tables=tuple(tables),
        notes=_notes(found),
    )


def _headlines(found: ArmTest) -> tuple[str, ...]:
    if not found.persons:
        return ("Nobody fell into an arm in the window.",)
    share = found.contaminated / found.persons
    return (
        (
            f"{found.profiles:,} profiles of {found.persons:,} persons fell into an arm. "
            f"{found.contaminated:,} persons ({share:.1%}) are in two or more: the tool sees "
            f"{found.mixed:,} of its profiles so."
        ),
    )


def _table(arms: tuple[Compared, ...], title: str, unit: str, money: str, note: str) -> Table:
    rows = []
    for one in arms:
        s = one.sums
        per = f"{s.sums[2] / _CENTS / s.units:.2f}" if s.units else NOTHING
        bought = f"{s.sums[0]:,} ({s.sums[0] / s.units:.1%})" if s.units else NOTHING
        cells = (
            f"{one.share:.0%}", f"{s.units:,}", f"{s.recipients:,}", f"{s.sent:,}",
            f"{s.opened:,}", f"{s.clicked:,}", bought, f"{s.sums[1]:,}", per,
            _points(one.differences.get("bought")), _money(one.differences.get("revenue")),
        )  # fmt: skip
        rows.append((one.arm, cells))
    columns = (
        *_COLUMNS, f"{money} each", "bought, points more", f"{money} each, more",
    )  # fmt: skip
    return Table(f"{title} ({unit})", "arm", columns, tuple(rows), note)


def _points(estimate: Estimate | None) -> str:
    return _bounds(estimate, 100.0)


def _money(estimate: Estimate | None) -> str:
    return _bounds(estimate, 1.0 / _CENTS)


def _bounds(estimate: Estimate | None, scale: float) -> str:
    if estimate is None or estimate.value is None:
        return NOTHING
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value * scale:+.2f}"
    low, high = estimate.low * scale, estimate.high * scale
    return f"{estimate.value * scale:+.2f} ({low:+.2f} to {high:+.2f})"


def _truth(found: ArmTest) -> Table:
    measures = [MEASURES[m] for m in next(iter(found.truth.values()))]
    rows = tuple(
        (arm, tuple(write_interval(m, by[m.name], "", sign="+") for m in measures))
        for arm, by in found.truth.items()
    )
    return Table(
        f"What is true: all customers in this arm less all in {next(iter(found.test.arms))}",
        "arm", tuple(m.title for m in measures), rows,
        f"The same customers live in each arm. A customer, whether the test reached it or not; "
        f"money in {found.scenario.currency}.",
    )  # fmt: skip


def _notes(found: ArmTest) -> tuple[str, ...]:
    return (
        (
            "The tool counts an order of a profile that it knows, so it misses those of persons "
            "whom it does not know again, and takes two profiles of a person for two."
        ),
        *(() if found.truth else ("Without twins there is no truth: leave --quick out.",)),
    )
