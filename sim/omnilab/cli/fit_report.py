"""What ``omnilab fit`` shows: fit and data side by side, parameters in words, notes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnilab.fit.forecast import Forecast, Outlook
    from omnilab.fit.found import Fitted
    from omnilab.fit.holdout import HoldOut
    from omnilab.fit.read import Transactions
    from omnilab.fit.summary import Occasions
    from omnilab.report.document import Table

__all__ = ["show_check", "show_fit"]

_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


def show_fit(fitted: Fitted, log: Transactions) -> None:
    """Print fit and data side by side on stdout.

    What stderr says as a warning stands here too, so that a report that is kept has it, but not
    where both are the same screen.
    """
    from omnilab.fit.found import written
    from omnilab.fit.words import in_words
    from omnilab.report.document import Document, Table
    from omnilab.report.terminal import print_document

    report, setting = fitted.report, fitted.setting
    beside = tuple(
        (row.quantity, (
            written(row.kind, row.data),
            written(row.kind, row.fitted), _misfit(row.kind, row.misfit),
            written(row.kind, row.simulated), _misfit(row.kind, row.simulated_misfit),
        )) for row in report.rows
    )  # fmt: skip
    estimates = tuple(
        (e.name, (f"{e.value:.4g}", f"{e.standard_error:.2g}")) for e in report.estimates
    )
    n = fitted.adjusted.needs
    needs = (
        ("days between needs, at the mean rate", (f"{n.every:g}",)),
        ("shape of rates over customers", (f"{n.shape:g}",)),
        ("leaving after an order, beta a and b", (f"{n.a:g}, {n.b:g}",)),
        ("mean spend", (f"{n.spend:.2f}",)),
    )
    tables = [
        Table("Fit and data", "", ("data", "fit", "misfit", "simulated", "misfit"), beside,
              "Fit: BG/NBD and Gamma-Gamma. Misfits of shares are in points."),
        Table("Maximum likelihood", f"time in {report.unit}s", ("value", "error"), estimates),
        Table("Needs, adjusted by simulation", "", ("value",), needs),
    ]  # fmt: skip
    if fitted.heldout is not None:
        tables += _held_out(fitted.heldout)
    if fitted.ahead is not None:
        tables.append(_outlook(fitted.ahead))
    words = in_words(setting.occasions, fitted.bgnbd, fitted.spend, setting.currency)
    setting_line = f"{fitted.size}, amounts in {setting.currency}"
    title = f"{setting.id}: {setting.title}"
    notes = (
        *(f"{term[:1].upper()}{term[1:]}: {sentence}" for term, sentence in words),
        *(() if _one_screen() else _said_of(log)),
        *(f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in report.notes),
        f"{fitted.laws_in_words}",
        *(note for note in fitted.notes if not (_one_screen() and note in fitted.cautions)),
    )
    print_document(Document(title, setting_line, (), tuple(tables), notes))


def show_check(log: Transactions, occasions: Occasions, path: Path) -> None:
    """Print what a log holds on stdout: how it was read, what was left out, who bought what."""
    import numpy as np

    from omnilab.fit.report import data_notes
    from omnilab.fit.summary import repeat_distribution, summarise
    from omnilab.report.document import Document, Table
    from omnilab.report.terminal import print_document

    summary = summarise(occasions)
    shares = repeat_distribution(summary.frequency) / occasions.n_customers
    spend = np.quantile(occasions.amount, _QUANTILES)
    facts = (
        ("rows read", f"{log.rows_read:,}"),
        ("rows left out", f"{log.dropped.rows:,}"),
        ("customers", f"{occasions.n_customers:,}"),
        ("customers of whom no row is left", f"{log.dropped.customers:,}"),
        ("orders (those of one day are one)", f"{len(occasions.customer):,}"),
        ("days", f"{occasions.n_days:,}, from {occasions.start}"),
        ("customers who bought again", f"{1 - shares[0]:.1%}"),
        ("with 1, 2, 3 or more repeats", ", ".join(f"{s:.1%}" for s in shares[1:])),
        ("money", f"{occasions.amount.sum():,.2f}"),
        ("mean order", f"{occasions.amount.mean():,.2f}"),
        ("largest order", f"{occasions.amount.max():,.2f}"),
    )
    tables = (
        Table("The log", "", ("",), tuple((name, (value,)) for name, value in facts)),
        Table("Columns", "", ("",), tuple(
            (role, (name,)) for role, _, name in (c.partition(": ") for c in log.columns.lines())
        )),
        Table("Orders, by size", "", tuple(f"{q:.0%}" for q in _QUANTILES),
              (("at most", tuple(f"{s:,.2f}" for s in spend)),)),
    )  # fmt: skip
    notes = (
        *(f"{note[:1].upper()}{note[1:]}." for note in log.notes),
        *_said_of(log),
        *(f"{note[:1].upper()}{note[1:]}." for note in data_notes(occasions, log)),
    )
    currency = f", amounts in {log.currency}" if log.currency else ""
    print_document(Document(f"{path.name}: checked", f"nothing was written{currency}", (), tables,
                            notes))  # fmt: skip


def _said_of(log: Transactions) -> list[str]:
    """Return what was left out of a log, and what was not understood, as sentences."""
    left_out = [f"Left out: {line}." for line in log.dropped.lines()]
    return [*left_out, *(f"Not understood: {one.line()}." for one in log.not_understood)]


def _one_screen() -> bool:
    """Tell whether stdout and stderr are both read at a terminal."""
    return sys.stdout.isatty() and sys.stderr.isatty()


def _outlook(ahead: Forecast) -> Table:
    from omnilab.report.document import Table

    accounts = [("BG/NBD", ahead.bgnbd), ("laws", ahead.expected),
                ("simulated", ahead.simulated)]  # fmt: skip
    if ahead.actual is not None:
        accounts.insert(0, (f"log, {ahead.actual_days} days", ahead.actual))

    def row(name: str, write: str) -> tuple[str, tuple[str, ...]]:
        def cell(account: Outlook) -> str:
            value = getattr(account, name)
            return "-" if value != value else format(value, write)

        return {"orders": "orders", "buyers": "customers who order", "spend": "mean order"}[
            name
        ], tuple(cell(account) for _, account in accounts)

    rows = (row("orders", ",.0f"), row("buyers", ".1%"), row("spend", ",.2f"))
    columns = tuple(name for name, _ in accounts)
    title = f"The log's {ahead.customers:,} customers in the {ahead.days} days after its end"
    season = "" if ahead.seasonal else (
        " Without seasons."
    )  # fmt: skip
    note = f"BG/NBD knows no seasons. New customers are not in it.{season}"
    return Table(title, "", columns, rows, note)


def _held_out(found: HoldOut) -> list[Table]:
    """Return the tables of the hold-out: classes of customers, and weeks."""
    from omnilab.fit.holdout import ACCOUNTS
    from omnilab.report.document import Table

    def line(orders: dict[str, float], of: str, write: str) -> tuple[str, ...]:
        return (of, *(format(orders[a], write) if a in orders else "-" for a in ACCOUNTS))

    columns = ("customers", "log", "sd", *ACCOUNTS[1:])

    def wide(cells: tuple[str, ...], sd: str = "") -> tuple[str, ...]:
        return (*cells[:2], sd, *cells[2:])

    rows = [
        (c.repeats, wide(line(c.orders, f"{c.customers:,}", ",.0f"), f"{c.sd:,.0f}"))
        for c in found.classes
    ]
    rows += [
        ("all", wide(line(found.orders, f"{found.customers:,}", ",.0f"))),
        ("with an order", wide(line({k: 100 * v for k, v in found.buyers.items()}, "%", ".1f"))),
        ("error of a customer", wide(line(found.errors, "mean", ".3f"))),
        ("error of the weeks", wide(line(found.week_errors, "sum", ",.0f"))),
    ]
    cumulative = (found.repeats_before + found.orders["simulated"]) / (
        found.repeats_before + found.orders["log"]
    ) - 1
    note = (
        f"Fitted up to {found.cut} alone; then, by repeats until then, the orders of the next "
        f"{found.days} days. sd: of the log's orders by chance; laws: as expected; simulated: in "
        "the world; past: as in as many days "
        f"before. Simulated orders are off by {found.off():+.1%}, repeats since the log's begin by "
        f"{cumulative:+.1%}. Errors are absolute."
    )
    weeks = tuple(
        (str(week.first_day or number), (
            f"{week.days}", f"{week.actual:,.0f}", f"{week.expected:,.0f}",
            f"{week.low:,.0f} to {week.high:,.0f}", "" if week.is_inside else "outside",
        ))
        for number, week in enumerate(found.weeks, 1)
    )  # fmt: skip
    return [
        Table(f"The last {found.days} days held out", "repeats", columns, tuple(rows), note),
        Table("Orders by week, held out", "week of", ("days", "log", "simulated", "90%", ""),
              weeks, f"{found.share_inside:.0%} of the weeks lie in the interval."),
    ]  # fmt: skip


def _misfit(kind: str, value: float | None) -> str:
    if value is None or value != value:
        return "-"
    return f"{100 * value:+.1f}" if kind == "share" else f"{100 * value:+.1f}%"
