"""Sift a log's rows: which are no sale or can't be read, which only repeat another."""

from __future__ import annotations

from datetime import date as Date

import numpy as np
import numpy.typing as npt
import pandas as pd

from omnilab.fit.account import REASONS, Dropped, finding
from omnilab.fit.columns import Columns
from omnilab.fit.dates import far_rows, future_rows
from omnilab.fit.fields import Fields
from omnilab.fit.parse import NO_TIME
from omnilab.fit.table import TextColumn, TextTable

__all__ = ["Sieve", "account_of", "sift", "sift_copies"]

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Sieve:
    """Which rows are left, and which reason was the first to throw out the others."""

    def __init__(self, n_rows: int) -> None:
        self.keep: Mask = np.ones(n_rows, dtype=np.bool_)
        self.thrown: dict[str, Rows] = {}

    def out(self, reason: str, rows: Mask | Rows) -> None:
        """Throw out rows, by a mask or by their positions; those already out keep their reason."""
        mask = np.zeros(len(self.keep), np.bool_)
        mask[rows] = True
        gone = np.flatnonzero(mask & self.keep)
        self.keep[gone] = False
        self.thrown[reason] = np.union1d(self.thrown.get(reason, gone), gone)


def sift(
    sieve: Sieve, table: TextTable, fields: Fields, *, keep_far: bool, today: Date | None
) -> None:
    """Throw out the rows that are no sale, or that can't be read."""
    sieve.out("line", fields.further)
    sieve.out("footer", _footers(table, fields))
    sieve.out("currency", fields.foreign)
    # A row that gives money back is no sale that failed: it belongs to an order.
    sale = ~fields.negative
    for meaning, mask in fields.statuses.not_sold.items():
        sieve.out(meaning, mask & (sale if meaning in ("refunded", "cancelled") else True))
    sieve.out("missing_id", fields.buyers.absent)
    sieve.out("guest", fields.buyers.guest)
    sieve.out("bad_date", fields.time_s == NO_TIME)
    if today is not None:
        sieve.out("future", future_rows(fields.time_s, sieve.keep, today))
    if not keep_far:
        sieve.out("far_date", far_rows(fields.time_s, sieve.keep))
    sieve.out("bad_amount", np.isnan(fields.money))


def sift_copies(sieve: Sieve, table: TextTable, columns: Columns, fields: Fields) -> None:
    """Throw out the rows that repeat another one, or a line of an order with another status."""
    sieve.out("duplicate", _copies(table, sieve.keep))
    sieve.out("restated", _restated(table, columns, fields, sieve.keep))


def account_of(
    table: TextTable, columns: Columns, sieve: Sieve, money: npt.NDArray[np.float64]
) -> Dropped:
    """Return the account of the rows that were thrown out."""
    shown = {
        "bad_date": columns.date, "far_date": columns.date, "future": columns.date,
        "bad_amount": columns.amount, "negative": columns.amount, "credit": columns.amount,
        "taken_back": columns.amount, "guest": columns.customer,
        "line": columns.order, "duplicate": columns.customer, "restated": columns.order,
        "currency": columns.currency or columns.amount,
    } | dict.fromkeys(
        ("cancelled", "refunded", "failed", "unpaid", "trashed", "voided"),
        next(iter((*columns.statuses, *columns.shipping, *columns.voids)), None),
    )  # fmt: skip
    findings = []
    for reason in REASONS:
        rows = sieve.thrown.get(reason)
        if rows is None or not len(rows):
            continue
        name = shown.get(reason)
        column = table.column(name) if name else TextColumn([""], np.zeros(table.n_rows, np.int64))
        findings.append(finding(reason, rows, number=table.row_number, text=column.text))
    returned = np.abs(money[sieve.thrown.get("negative", np.zeros(0, np.int64))]).sum()
    return Dropped(tuple(findings), returned_amount=float(returned))


def _footers(table: TextTable, fields: Fields) -> Rows:
    """Return the rows at the table's end that hold no order: a total, a note."""
    row = table.n_rows - 1
    while row >= 0 and fields.time_s[row] == NO_TIME and _sums_up(table, row):
        row -= 1
    return np.arange(row + 1, table.n_rows)


def _sums_up(table: TextTable, row: int) -> bool:
    words = ("total", "grand total", "sum", "summe", "gesamt", "totaal", "totale", "somme")
    texts = [column.texts[column.codes[row]].lower().rstrip(" :") for column in table.columns]
    return any(text.startswith(words) for text in texts)


def _copies(table: TextTable, keep: Mask) -> Rows:
    """Return the kept rows that repeat an earlier one in all named columns."""
    # A column without a name is a row number, which would make every row differ.
    named = [c for name, c in zip(table.names, table.columns, strict=True) if name]
    codes = pd.DataFrame({i: column.codes[keep] for i, column in enumerate(named)})
    copies: Rows = np.flatnonzero(keep)[codes.duplicated().to_numpy()]
    return copies


def _restated(table: TextTable, columns: Columns, fields: Fields, keep: Mask) -> Rows:
    """Return the kept rows that state a line of an order once more, with another status.

    Some logs have a row for each status an order went through. Where one of them says that it
    was cancelled or refunded, all of them are out; else the first one counts.
    """
    states = {*columns.statuses, *columns.shipping, *columns.voids}
    if fields.numbers is None or not states:
        return np.zeros(0, np.int64)
    changing = {*states, columns.date}
    fixed = [
        column.codes
        for name, column in zip(table.names, table.columns, strict=True)
        if name and name not in changing
    ]
    undone = fields.statuses.not_sold
    ended = (undone["cancelled"] | undone["refunded"] | undone["voided"]) & ~fields.negative
    looked_at = np.flatnonzero((keep | ended) & (fields.numbers != "") & ~fields.negative)
    frame = pd.DataFrame({i: codes[looked_at] for i, codes in enumerate(fixed)})
    if frame.empty:
        return np.zeros(0, np.int64)
    group = frame.groupby(list(frame.columns), sort=False).ngroup().to_numpy()
    over = np.bincount(group, ended[looked_at]) > 0
    kept = keep[looked_at]
    again = pd.Series(np.where(kept, group, -1)).duplicated().to_numpy()
    rows: Rows = looked_at[kept & (over[group] | again)]
    return rows
