"""Read a customer's own purchase log, and tell what was left out of it and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date as Date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from omnilab.errors import DataError
from omnilab.fit.columns import Columns, find_columns, is_header
from omnilab.fit.parse import NO_TIME, parse_amounts, parse_times
from omnilab.fit.table import TextColumn, TextTable, load_table

__all__ = ["Dropped", "Transactions", "read_transactions"]

_DAY_S = 86_400
_EPOCH = Date(1970, 1, 1).toordinal()
_ABSENT = frozenset({"", "nan", "none", "null", "na", "n/a", "<na>"})

# A row counts under the first reason that holds.
_REASONS = {
    "missing_id": "no customer id",
    "bad_date": "unreadable or impossible date",
    "bad_amount": "unreadable amount",
    "negative": "negative amount or quantity (returns)",
    "zero": "zero amount",
    "duplicate": "exact copy of another row",
}


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows of a log that were left out, by reason.

    Parameters
    ----------
    missing_id, bad_date, bad_amount, negative, zero, duplicate
        Numbers of rows; each row counts once, under the first of these that holds.
    customers
        Customers of whom no row is left.
    returned_amount
        Money in the rows left out as negative, as a sum of 0 or above, in the log's currency.
    examples
        Reason -> a text of the log that shows it.
    """

    missing_id: int = 0
    bad_date: int = 0
    bad_amount: int = 0
    negative: int = 0
    zero: int = 0
    duplicate: int = 0
    customers: int = 0
    returned_amount: float = 0.0
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of rows left out, whatever the reason."""
        return sum(int(getattr(self, reason)) for reason in _REASONS)

    def lines(self) -> list[str]:
        """Return one line for each reason that left a row out, in the order of the checks."""
        lines = []
        for reason, words in _REASONS.items():
            n_rows = getattr(self, reason)
            if n_rows:
                example = f", such as {self.examples[reason]!r}" if reason in self.examples else ""
                lines.append(f"{n_rows:,} row{'s' * (n_rows != 1)}: {words}{example}")
        return lines


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
        Shape (n_orders,), above 0 (or 0 where zeros were kept): in the log's currency.
    quantity
        Shape (n_orders,): pieces, NaN where unknown; None without such a column.
    columns
        The columns that were read.
    rows_read
        Rows in the file, without its header.
    dropped
        What was left out.
    notes
        What a user should know of how the file was read, a line each.
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
    notes: tuple[str, ...] = ()

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
    date_format: str | None = None,
    keep_zero: bool = False,
    keep_duplicates: bool = False,
    encoding: str | None = None,
) -> Transactions:
    """Read a purchase log from CSV, JSON, Parquet or Feather, compressed or not.

    A row is an order, or a line of one: rows of one customer and day become one purchase
    occasion later, in `purchase_occasions`.

    Parameters
    ----------
    path
        The file; its kind is told from its bytes, not its name. The separator is a comma,
        semicolon, tab or bar; lines above the header are taken for a title, and rows with too few
        or too many fields, such as a footer, are left out.
    customer, date, amount, quantity
        Names of columns; without them they are found by the names logs usually have. A column
        of unit prices is multiplied by the quantity.
    date_format
        A `datetime.strptime` format for dates that are not read without it.
    keep_zero
        Keep orders of amount 0 (free goods) instead of leaving them out.
    keep_duplicates
        Keep rows that are the same in all columns; where a log has days without times and
        without order numbers, some copies are true second orders.

    encoding
        Of a text; found out if not given.

    Raises
    ------
    DataError
        With the file and, where known, the line: missing, empty, damaged or cut; no such column;
        no readable date or amount; no order left; one customer only.
    """
    path = Path(path)
    asked = (customer, date, amount, quantity)
    table = load_table(path, encoding=encoding, is_header=lambda row: is_header(row, asked))
    columns = find_columns(
        table.names, file=path, customer=customer, date=date, amount=amount, quantity=quantity
    )
    ids, has_id = _customers(table.column(columns.customer))
    time_s = _times(table.column(columns.date), path, columns.date, date_format)
    money, pieces = _money(table, columns, path)
    tests = {
        "missing_id": ~has_id,
        "bad_date": time_s == NO_TIME,
        "bad_amount": np.isnan(money),
        "negative": (money < 0) if pieces is None else (money < 0) | (pieces < 0),
        "zero": (money == 0) & (not keep_zero),
    }
    keep, out = _sieve(tests)
    out["duplicate"] = _copies(table, keep) if not keep_duplicates else np.empty(0, np.int64)
    keep[out["duplicate"]] = False
    dropped = _dropped(table, columns, out, money)
    if not keep.any():
        raise DataError(
            f"no order is left of {table.n_rows:,} rows ({'; '.join(dropped.lines())})", file=path
        )
    order = np.lexsort((time_s[keep], ids[keep]))
    names, codes = np.unique(ids[keep][order], return_inverse=True)
    if len(names) == 1:
        left_out = f"; left out {'; '.join(dropped.lines())}" if dropped.lines() else ""
        raise DataError(
            f"only one customer ({str(names[0])!r}): a fit needs many{left_out}", file=path
        )
    return Transactions(
        source=path.name,
        customer_ids=names,
        customer=codes.astype(np.int64),
        time_s=time_s[keep][order],
        amount=money[keep][order],
        quantity=None if pieces is None else pieces[keep][order],
        columns=columns,
        rows_read=table.n_rows,
        dropped=replace(dropped, customers=len(np.unique(ids[has_id])) - len(names)),
        notes=tuple(table.notes),
    )


def _customers(column: TextColumn) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.bool_]]:
    """Return each row's customer id and whether it has one."""
    texts = column.texts
    there = np.array([text.lower() not in _ABSENT for text in texts], dtype=np.bool_)
    # Whole numbers that a table with holes turned into floats.
    if all(re.fullmatch(r"\d+\.0", t) for t, is_id in zip(texts, there, strict=True) if is_id):
        texts = [text.removesuffix(".0") for text in texts]
    return np.array(texts, dtype=np.str_)[column.codes], there[column.codes]


def _times(
    column: TextColumn, path: Path, name: str, date_format: str | None
) -> npt.NDArray[np.int64]:
    """Return each row's time, `NO_TIME` where there is none."""
    there = [i for i, text in enumerate(column.texts) if text.lower() not in _ABSENT]
    texts = [column.texts[i].removesuffix(".0") for i in there]
    if not texts:
        raise DataError(f"column {name!r} has no date in it", file=path)
    times = np.full(len(column.texts), NO_TIME, dtype=np.int64)
    times[there] = parse_times(texts, file=path, column=name, date_format=date_format)
    return times[column.codes]


def _money(
    table: TextTable, columns: Columns, path: Path
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64] | None]:
    """Return each row's money and pieces, NaN where unreadable."""
    money = _numbers(table.column(columns.amount))
    if np.isnan(money).all():
        example = table.column(columns.amount).texts[0][:40]
        raise DataError(
            f"no amount in column {columns.amount!r} can be read, such as {example!r}", file=path
        )
    if columns.quantity is None:
        return money, None
    pieces = _numbers(table.column(columns.quantity))
    return (money * np.abs(pieces) if columns.amount_is_unit_price else money), pieces


def _numbers(column: TextColumn) -> npt.NDArray[np.float64]:
    return parse_amounts(column.texts)[column.codes]


def _sieve(
    tests: dict[str, npt.NDArray[np.bool_]],
) -> tuple[npt.NDArray[np.bool_], dict[str, npt.NDArray[np.int64]]]:
    """Return which rows no test throws out, and the rows each test was first to throw out."""
    keep = np.ones(len(tests["bad_date"]), dtype=np.bool_)
    out = {}
    for reason, fails in tests.items():
        out[reason] = np.flatnonzero(keep & fails)
        keep &= ~fails
    return keep, out


def _copies(table: TextTable, keep: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the kept rows that repeat an earlier one in all named columns."""
    # A column without a name is a row number, which would make every row differ.
    named = [c for name, c in zip(table.names, table.columns, strict=True) if name]
    codes = pd.DataFrame({i: column.codes[keep] for i, column in enumerate(named)})
    copies: npt.NDArray[np.int64] = np.flatnonzero(keep)[codes.duplicated().to_numpy()]
    return copies


def _dropped(
    table: TextTable,
    columns: Columns,
    out: dict[str, npt.NDArray[np.int64]],
    money: npt.NDArray[np.float64],
) -> Dropped:
    """Return the account of the rows in ``out``, which holds them by reason."""
    shown = {"bad_date": columns.date, "bad_amount": columns.amount, "negative": columns.amount}
    examples = {}
    for reason, name in shown.items():
        if len(out[reason]):
            column = table.column(name)
            examples[reason] = column.texts[column.codes[out[reason][0]]][:40]
    return Dropped(
        **{reason: len(rows) for reason, rows in out.items()},
        examples=examples,
        returned_amount=float(np.abs(money[out["negative"]]).sum()),
    )
