"""Read each field of a log's rows: buyer, time, money, currency, statuses, order numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from omnilab.errors import DataError
from omnilab.fit.columns import Columns
from omnilab.fit.identify import Buyers, find_buyers
from omnilab.fit.money import currency_of, parse_amounts, read_amounts
from omnilab.fit.parse import NO_TIME, read_times
from omnilab.fit.sold import Statuses, further_lines, order_numbers, read_statuses
from omnilab.fit.table import TextColumn, TextTable

__all__ = ["Fields", "read_fields"]

_ABSENT = frozenset({"", "nan", "none", "null", "na", "n/a", "<na>"})
# Signs that stand for several currencies.
_SHARED = {
    "$": {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "CLP", "COP", "ARS"},
    "KR": {"SEK", "NOK", "DKK", "ISK"},
    "JPY": {"JPY", "CNY"},
}
_CODES = frozenset(
    {
        "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP",
        "EUR", "GBP", "HKD", "HRK", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "MAD",
        "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "RON", "RSD", "RUB", "SAR",
        "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "UYU", "VND", "ZAR", "$", "KR",
    }
)  # fmt: skip

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fields:
    """What each row says.

    Parameters
    ----------
    buyers, statuses
        Whose it is, and what became of it.
    time_s
        Shape (n_rows,), `NO_TIME` where unreadable.
    money, pieces, refunded
        Shape (n_rows,), NaN where unreadable; None without such a column.
    negative
        Shape (n_rows,): rows that give money back.
    numbers, originals
        Shape (n_rows,): order numbers, and those that a refund names; None without a column.
    further
        Shape (n_rows,): further lines of orders whose total stands elsewhere.
    foreign
        Shape (n_rows,): rows in another currency than the one asked for.
    currency
        Three letters, where the log names one.
    notes
        What was decided, for the reader.
    """

    buyers: Buyers
    statuses: Statuses
    time_s: npt.NDArray[np.int64]
    money: npt.NDArray[np.float64]
    pieces: npt.NDArray[np.float64] | None
    refunded: npt.NDArray[np.float64] | None
    negative: Mask
    numbers: npt.NDArray[np.object_] | None
    originals: npt.NDArray[np.object_] | None
    further: Mask
    foreign: Mask
    currency: str | None
    notes: tuple[str, ...]


def read_fields(
    table: TextTable, columns: Columns, path: Path, *, date_format: str | None,
    decimal: str | None, currency: str | None, sold: Sequence[str], not_sold: Sequence[str],
) -> Fields:  # fmt: skip
    """Return the fields of all rows.

    Raises
    ------
    DataError
        Where a whole column can't be read, or the log is in several currencies.
    """
    notes = [f"columns are those of an export of {columns.preset}"] if columns.preset else []
    statuses = read_statuses(table, columns, path, sold=sold, not_sold=not_sold)
    buyers = find_buyers(table, columns)
    time_s, time_note = _times(table.column(columns.date), path, columns.date, date_format)
    money, pieces, money_note = _money(table, columns, path, decimal)
    numbers = order_numbers(table, columns.order)
    sale = ~np.any(list(statuses.not_sold.values()), axis=0)
    further, line_note = further_lines(table, columns, numbers, money, sale)
    buyers, time_s = _filled(buyers, time_s, numbers)
    negative = (money < 0) | statuses.refund
    if pieces is not None:
        negative |= pieces < 0
    foreign, named = _currency(table, columns, path, currency, sale & ~further)
    refunded = None if columns.refund is None else _refunded(table, columns.refund)
    decided = (time_note, money_note, line_note)
    return Fields(
        buyers=buyers,
        statuses=statuses,
        time_s=time_s,
        money=money,
        pieces=pieces,
        refunded=refunded,
        negative=negative,
        numbers=numbers,
        originals=order_numbers(table, columns.original_order),
        further=further,
        foreign=foreign,
        currency=named,
        notes=(*notes, *(note for note in decided if note), *buyers.notes),
    )


def _times(
    column: TextColumn, path: Path, name: str, date_format: str | None
) -> tuple[npt.NDArray[np.int64], str | None]:
    """Return each row's time, `NO_TIME` where there is none."""
    there = [i for i, text in enumerate(column.texts) if text.lower() not in _ABSENT]
    texts = [column.texts[i].removesuffix(".0") for i in there]
    if not texts:
        raise DataError(f"column {name!r} has no date in it", file=path)
    times = np.full(len(column.texts), NO_TIME, dtype=np.int64)
    times[there], note = read_times(texts, file=path, column=name, date_format=date_format)
    return times[column.codes], note


def _money(
    table: TextTable, columns: Columns, path: Path, decimal: str | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64] | None, str | None]:
    """Return each row's money and pieces, NaN where unreadable."""
    column = table.column(columns.amount)
    values, note = read_amounts(column.texts, file=path, column=columns.amount, decimal=decimal)
    money = values[column.codes]
    if np.isnan(money).all():
        example = next((t for t in column.texts if t), column.texts[0])[:40]
        raise DataError(
            f"no amount in column {columns.amount!r} can be read, such as {example!r}", file=path
        )
    if columns.quantity is None:
        return money, None, note
    pieces = _numbers(table.column(columns.quantity))
    return (money * np.abs(pieces) if columns.amount_is_unit_price else money), pieces, note


def _numbers(column: TextColumn) -> npt.NDArray[np.float64]:
    return parse_amounts(column.texts)[column.codes]


def _refunded(table: TextTable, name: str) -> npt.NDArray[np.float64]:
    return _numbers(table.column(name))


def _filled(
    buyers: Buyers, time_s: npt.NDArray[np.int64], numbers: npt.NDArray[np.object_] | None
) -> tuple[Buyers, npt.NDArray[np.int64]]:
    """Return buyers and times with those of an order on each of its lines."""
    if numbers is None or not (buyers.absent | (time_s == NO_TIME)).any():
        return buyers, time_s
    known: dict[str, int] = {}
    for row in np.flatnonzero((numbers != "") & ~buyers.absent & (time_s != NO_TIME)):
        known.setdefault(numbers[row], int(row))
    ids, absent, times = buyers.ids.copy(), buyers.absent.copy(), time_s.copy()
    guest = buyers.guest.copy()
    for row in np.flatnonzero(buyers.absent | (time_s == NO_TIME)):
        source = known.get(numbers[row])
        if source is None:
            continue
        if absent[row]:
            ids[row], absent[row], guest[row] = ids[source], False, guest[source]
        if times[row] == NO_TIME and buyers.absent[row]:
            times[row] = times[source]  # a line without either repeats neither
    return Buyers(ids, absent, guest, buyers.notes), times


def _currency(
    table: TextTable, columns: Columns, path: Path, asked: str | None, sale: Mask
) -> tuple[Mask, str | None]:
    """Return the rows in another currency, and the currency that the others are in."""
    rows = _marks(table.column(columns.amount))
    where = columns.amount
    if columns.currency is not None:
        column = table.column(columns.currency)
        codes = np.array([t.strip().upper() for t in column.texts], dtype=object)[column.codes]
        if (codes[sale] != "").any():
            rows, where = np.where(codes == "", rows, codes), columns.currency
    rows = np.where(np.isin(rows, ["NAN", "NONE", "NULL", "N/A"]), "", rows)
    none = np.zeros(table.n_rows, np.bool_)
    found, counts = np.unique(rows[sale & (rows != "")].astype(str), return_counts=True)
    if not len(found):
        return none, None
    if asked is not None:
        same = {asked, *(sign for sign, group in _SHARED.items() if asked in group)}
        if not same & set(found):
            raise DataError(
                f"column {where!r} says {', '.join(found)}, and --currency {asked}", file=path
            )
        foreign = (rows != "") & ~np.isin(rows.astype(str), list(same))
        return foreign, asked
    if len(found) > 1:
        listed = ", ".join(f"{c} in {n:,} rows" for c, n in zip(found, counts, strict=True))
        most = str(found[np.argmax(counts)])
        raise DataError(
            f"column {where!r} has several currencies ({listed}): keep one with "
            f"--currency {most if len(most) == 3 else 'USD'}",
            file=path,
        )
    only = str(found[0])
    return none, only if len(only) == 3 else None


def _marks(column: TextColumn) -> npt.NDArray[np.object_]:
    """Return the currency that each row's amount names, "" where none."""
    marks = [currency_of(text) or "" for text in column.texts]
    return np.array([m if m.upper() in _CODES else "" for m in marks], dtype=object)[column.codes]
