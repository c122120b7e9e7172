"""Read a customer's own purchase log, and tell what was left out of it and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from omnilab.errors import DataError
from omnilab.fit.account import REASONS, Dropped, Finding, finding
from omnilab.fit.columns import Columns, find_columns, looks_like_header
from omnilab.fit.dates import far_rows, future_rows
from omnilab.fit.fields import Fields, read_fields
from omnilab.fit.parse import NO_TIME
from omnilab.fit.sold import take_back
from omnilab.fit.table import TextColumn, TextTable, load_table

__all__ = ["Dropped", "Transactions", "read_transactions"]

_DAY_S = 86_400
_EPOCH = Date(1970, 1, 1).toordinal()

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Transactions:
    """The orders of a log that can be used, sorted by customer and time.

    Parameters
    ----------
    source
        The file's name.
    customer_ids
        Shape (n_customers,), sorted: ids as the log has them.
    customer
        Shape (n_orders,): position of each order's customer in ``customer_ids``.
    time_s
        Shape (n_orders,): seconds since 1970-01-01 by the log's own clock.
    amount
        Shape (n_orders,), above 0 (or 0 where zeros were kept): in the log's currency, net of
        what was given back.
    quantity
        Shape (n_orders,): pieces, NaN where unknown; None without such a column.
    columns
        The columns that were read.
    rows_read
        Rows in the file, without its header.
    dropped
        What was left out.
    not_understood
        What the log says that isn't understood; these rows were counted all the same.
    notes
        How the log was read, where it was decided by the whole of it.
    currency
        Three letters, where the log names one.
    """

    source: str
    customer_ids: npt.NDArray[np.str_]
    customer: npt.NDArray[np.int64]
    time_s: npt.NDArray[np.int64]
    amount: npt.NDArray[np.float64]
    quantity: npt.NDArray[np.float64] | None
    columns: Columns
    rows_read: int
    dropped: Dropped
    not_understood: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    currency: str | None = None

    @property
    def n_customers(self) -> int:
        """Number of customers with at least one usable order."""
        return len(self.customer_ids)

    @property
    def n_orders(self) -> int:
        """Number of usable orders (rows)."""
        return len(self.customer)

    @property
    def first_day(self) -> Date:
        """Day of the first order."""
        return Date.fromordinal(int(self.time_s.min()) // _DAY_S + _EPOCH)

    @property
    def last_day(self) -> Date:
        """Day of the last order."""
        return Date.fromordinal(int(self.time_s.max()) // _DAY_S + _EPOCH)


def read_transactions(
    path: str | Path,
    *,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    quantity: str | None = None,
    order: str | None = None,
    status: str | None = None,
    encoding: str | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    currency: str | None = None,
    preset: str | None = None,
    sold: Sequence[str] = (),
    not_sold: Sequence[str] = (),
    keep_zero: bool = False,
    keep_duplicates: bool = False,
    keep_far: bool = False,
    today: Date | None = None,
) -> Transactions:
    """Read a purchase log and keep what was sold.

    A row is an order, or a line of one: rows of one customer and day become one purchase
    occasion later, in `purchase_occasions`. Orders that a status calls cancelled, refunded,
    failed or unpaid are left out; refunds and credit notes are taken off the orders they belong
    to.

    Parameters
    ----------
    path
        The file: CSV, JSON, Parquet or Feather; its kind, its encoding and what parts its
        fields are told from its bytes, not its name.
    customer, date, amount, quantity, order, status
        Names of columns; without them they are found by the names logs usually have. A column
        of unit prices is multiplied by the quantity.
    encoding
        Of the text, where it isn't found out right.
    date_format
        A `datetime.strptime` format for dates that are not read without it.
    decimal
        ``"."`` or ``","``, where amounts don't show which of them is the decimal sign.
    currency
        Three letters: keep the rows in this currency, of a log in several.
    preset
        ``shopify``, ``woocommerce`` or ``magento``; found out by the columns if None.
    sold, not_sold
        Statuses that count as sold, and as not sold, whatever they usually mean.
    keep_zero
        Keep orders of amount 0 (free goods) instead of leaving them out.
    keep_duplicates
        Keep rows that are the same in all columns; where a log has days without times and
        without order numbers, some copies are true second orders.
    keep_far
        Keep orders dated far from all others.
    today
        Leave out orders dated later, if they are few; no day is too late if None.

    Raises
    ------
    DataError
        With the file and, where known, the line: missing, empty or damaged; no such
        column; no readable date or amount; several currencies; no order left; one customer only.
    """
    path = Path(path)
    asked = [name for name in (customer, date, amount, quantity, order, status) if name]
    table = load_table(
        path, encoding=encoding, is_header=lambda fields: looks_like_header(fields, asked)
    )
    columns = find_columns(
        table.names, file=path, customer=customer, date=date, amount=amount, quantity=quantity,
        order=order, status=status, preset=preset,
    )  # fmt: skip
    fields = read_fields(
        table, columns, path, date_format=date_format, decimal=decimal, currency=currency,
        sold=sold, not_sold=not_sold,
    )  # fmt: skip
    sieve = _Sieve(table.n_rows)
    _sift(sieve, table, fields, keep_far=keep_far, today=today)
    if not keep_duplicates:
        sieve.out("duplicate", _copies(table, sieve.keep))
        sieve.out("restated", _restated(table, columns, fields, sieve.keep))
    money, notes = _net(sieve, fields, keep_zero=keep_zero)
    dropped = _dropped(table, columns, sieve, money)
    if not sieve.keep.any():
        raise DataError(
            f"no order is left of {table.n_rows:,} rows ({'; '.join(dropped.lines())})", file=path
        )
    keep, ids, time_s, pieces = sieve.keep, fields.buyers.ids, fields.time_s, fields.pieces
    by_time = np.lexsort((time_s[keep], ids[keep]))
    names, codes = np.unique(ids[keep][by_time], return_inverse=True)
    if len(names) == 1:
        left_out = f"; left out {'; '.join(dropped.lines())}" if dropped.lines() else ""
        raise DataError(
            f"only one customer ({str(names[0])!r}): a fit needs many{left_out}", file=path
        )
    everybody = np.unique(ids[ids != ""])
    return Transactions(
        source=path.name,
        customer_ids=names,
        customer=codes.astype(np.int64),
        time_s=time_s[keep][by_time],
        amount=money[keep][by_time],
        quantity=None if pieces is None else pieces[keep][by_time],
        columns=columns,
        rows_read=table.n_rows,
        dropped=replace(dropped, customers=len(everybody) - len(names)),
        not_understood=fields.statuses.not_understood,
        notes=(*_without(path, table.notes), *fields.notes, *notes),
        currency=fields.currency,
    )


def _without(path: Path, notes: Sequence[str]) -> list[str]:
    """Return notes without the file's name, which stands above them."""
    return [note.removeprefix(f"{path}: ") for note in notes]


class _Sieve:
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


def _sift(
    sieve: _Sieve, table: TextTable, fields: Fields, *, keep_far: bool, today: Date | None
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


def _net(
    sieve: _Sieve, fields: Fields, *, keep_zero: bool
) -> tuple[npt.NDArray[np.float64], list[str]]:
    """Take what was given back off the orders, and throw out what is nothing after that."""
    usable, money = sieve.keep, fields.money
    signed = np.where(fields.negative, -np.abs(money), money)
    net, reduced = _less_refunds(signed, fields, usable)
    fully = usable & ~fields.negative & (money > 0) & (net <= 0.005)
    sieve.out("refunded", fully)
    taken = take_back(
        sieve.keep.copy(), fields.negative, net, fields.buyers.ids, fields.time_s, fields.numbers,
        fields.originals,
    )  # fmt: skip
    belongs = taken.unmatched[[_names_lost_order(fields, sieve, row) for row in taken.unmatched]]
    sieve.out("credit", np.concatenate([taken.credits, belongs.astype(np.int64)]))
    sieve.out("taken_back", taken.cancelled)
    sieve.out("negative", taken.unmatched)
    if not keep_zero:
        sieve.out("zero", taken.money == 0)
    notes = []
    if reduced:
        notes.append(f"{_orders(reduced)} counted net of what was refunded")
    if taken.reduced:
        notes.append(f"{_orders(taken.reduced)} counted net of a part that was taken back")
    return taken.money, notes


def _orders(n: int) -> str:
    return "1 order is" if n == 1 else f"{n:,} orders are"


def _names_lost_order(fields: Fields, sieve: _Sieve, row: int) -> bool:
    """Return whether a refund names an order that was left out for another reason already."""
    named = [x[row] for x in (fields.numbers, fields.originals) if x is not None and x[row]]
    if not named or fields.numbers is None:
        return False
    same = np.isin(fields.numbers, named) & ~sieve.keep & ~fields.negative
    return bool(same.any())


def _less_refunds(
    money: npt.NDArray[np.float64], fields: Fields, usable: Mask
) -> tuple[npt.NDArray[np.float64], int]:
    """Return amounts less the refunds in a column of their own, and how many orders have some.

    A refund that stands on several lines of an order is the order's, and taken off once.
    """
    if fields.refunded is None:
        return money, 0
    back = np.where(np.isnan(fields.refunded), 0.0, np.abs(fields.refunded))
    rows = np.flatnonzero(usable & (money > 0))
    keys = [fields.numbers[r] if fields.numbers is not None else "" for r in rows]
    frame = pd.DataFrame(
        {"order": [k or f"\0{r}" for k, r in zip(keys, rows, strict=True)],
         "money": money[rows], "back": back[rows]}, index=rows,
    )  # fmt: skip
    groups = frame.groupby("order", sort=False)
    total = groups["money"].transform("sum")
    alike = groups["back"].transform("min") == groups["back"].transform("max")
    owed = groups["back"].transform("max").where(alike, groups["back"].transform("sum"))
    left = ((total - owed) / total).clip(lower=0.0)
    net = money.copy()
    net[rows] = (frame["money"] * left).to_numpy()
    part = frame["order"][(owed > 0) & (left > 0)].nunique()
    return net, int(part)


def _dropped(
    table: TextTable, columns: Columns, sieve: _Sieve, money: npt.NDArray[np.float64]
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
