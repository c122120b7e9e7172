"""Read a customer's own purchase log, and tell what was left out of it and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from omnilab.errors import DataError, OptionError
from omnilab.fit.account import Dropped, Finding
from omnilab.fit.columns import Columns, find_columns, looks_like_header
from omnilab.fit.fields import Fields, read_fields
from omnilab.fit.net import net_of_refunds
from omnilab.fit.sieve import Mask, Sieve, account_of, sift, sift_copies
from omnilab.fit.table import TextTable, load_table

__all__ = ["Dropped", "Transactions", "read_transactions"]

_DAY_S = 86_400
_NO_AMOUNTS = "(no amounts)"
_EPOCH = Date(1970, 1, 1).toordinal()


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
    has_amounts
        Whether the log has money; each amount is 1 if not.
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
    has_amounts: bool = True

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
    no_amounts: bool = False,
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
    no_amounts
        The log has no money, or none that is to be read: each row is an order.
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
    if no_amounts:
        if amount is not None:
            raise OptionError("--no-amounts and --amount: one of them")
        table = table.with_constant(_NO_AMOUNTS, "1")
        amount = _NO_AMOUNTS
    columns = find_columns(
        table.names, file=path, customer=customer, date=date, amount=amount, quantity=quantity,
        order=order, status=status, preset=preset,
    )  # fmt: skip
    fields = read_fields(
        table, columns, path, date_format=date_format, decimal=decimal, currency=currency,
        sold=sold, not_sold=not_sold,
    )  # fmt: skip
    sieve = Sieve(table.n_rows)
    sift(sieve, table, fields, keep_far=keep_far, today=today)
    if not keep_duplicates:
        sift_copies(sieve, table, columns, fields)
    money, notes = net_of_refunds(sieve, fields, keep_zero=keep_zero)
    dropped = account_of(table, columns, sieve, money)
    found = _transactions(path, table, columns, fields, sieve.keep, money, dropped, notes)
    return replace(found, has_amounts=False) if no_amounts else found


def _transactions(
    path: Path, table: TextTable, columns: Columns, fields: Fields, keep: Mask,
    money: npt.NDArray[np.float64], dropped: Dropped, notes: Sequence[str],
) -> Transactions:  # fmt: skip
    """Return the orders that were kept, sorted by customer and time.

    Raises
    ------
    DataError
        If no order is left, or one customer only.
    """
    why = "; ".join(dropped.lines())
    if not keep.any():
        raise DataError(f"no order is left of {table.n_rows:,} rows ({why})", file=path)
    ids, time_s, pieces = fields.buyers.ids, fields.time_s, fields.pieces
    by_time = np.lexsort((time_s[keep], ids[keep]))
    names, codes = np.unique(ids[keep][by_time], return_inverse=True)
    if len(names) == 1:
        left_out = f"; left out {why}" if why else ""
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
        not_understood=fields.statuses.counted(keep, table.row_number),
        notes=(*_without(path, table.notes), *fields.notes, *notes),
        currency=fields.currency,
    )


def _without(path: Path, notes: Sequence[str]) -> list[str]:
    """Return notes without the file's name, which stands above them."""
    return [note.removeprefix(f"{path}: ") for note in notes]
