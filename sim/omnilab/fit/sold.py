"""What of a log was sold: statuses, refunds and credit notes, lines of orders."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from omnilab.errors import DataError, nearest
from omnilab.fit.account import Finding, finding
from omnilab.fit.columns import Columns
from omnilab.fit.names import LINE_LEVEL, ORDER_LEVEL
from omnilab.fit.presets import PRESETS, plain_name
from omnilab.fit.status import NOT_SOLD, is_refund_kind, is_set, meaning_of, plain_status
from omnilab.fit.table import TextTable

__all__ = ["Statuses", "TakenBack", "further_lines", "order_numbers", "read_statuses", "take_back"]

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

_CENT = 0.005
_SHOWN = 8  # statuses that an error lists
# What shops put before or behind the number of the order that a credit note takes back.
_BEFORE = re.compile(r"^(?:c|cn|cr|cm|re|ref|refund|r|rma|g|gs|st)[-_ /#]?(?=\d)", re.IGNORECASE)
_AFTER = re.compile(r"[-_ /.](?:c|cn|cr|r|re|ref|refund|rma|return)?\d{0,2}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statuses:
    """What the log's status columns say of each row.

    Parameters
    ----------
    not_sold
        Meaning of `status.NOT_SOLD` -> shape (n_rows,): rows of which it holds.
    refund
        Shape (n_rows,): rows that give money back, by the kind of row.
    not_understood
        Column and status -> positions of the rows whose status says nothing to us.
    """

    not_sold: Mapping[str, Mask]
    refund: Mask
    not_understood: Mapping[tuple[str, str], Rows]

    def counted(self, keep: Mask, number: Callable[[int], int]) -> tuple[Finding, ...]:
        """Return a finding for each status that isn't understood, over the rows that count as sold.

        Parameters
        ----------
        keep
            Shape (n_rows,): rows that were not left out. What was left out, such as a refund, was
            not counted as sold, whatever its status.
        number
            The row number in the file of a position.
        """
        found = [
            finding(
                "status", rows[keep[rows]], number=number,
                words=f"status {status[:40]!r} in {column!r} isn't understood: "
                "counted as sold (say --sold or --not-sold)",
            )
            for (column, status), rows in self.not_understood.items() if keep[rows].any()
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda f: -f.rows))


def read_statuses(
    table: TextTable,
    columns: Columns,
    path: Path,
    *,
    sold: Sequence[str] = (),
    not_sold: Sequence[str] = (),
) -> Statuses:
    """Return what the status columns say.

    Parameters
    ----------
    sold, not_sold
        Statuses that the user says count as sold, and as not sold.

    Raises
    ------
    DataError
        If no row has such a status, with the nearest that one has.
    """
    _check_statuses(table, columns, path, {"--sold": sold, "--not-sold": not_sold})
    own = dict(PRESETS[columns.preset].statuses) if columns.preset else {}
    own |= {plain_status(text): "sold" for text in sold}
    own |= {plain_status(text): "cancelled" for text in not_sold}
    found = {meaning: np.zeros(table.n_rows, np.bool_) for meaning in NOT_SOLD}
    unknown: dict[tuple[str, str], Rows] = {}
    for name in (*columns.statuses, *columns.shipping):
        column = table.column(name)
        shipping = name in columns.shipping
        meanings = [meaning_of(text, own=own, shipping=shipping) for text in column.texts]
        for meaning in NOT_SOLD:
            found[meaning] |= np.array([m == meaning for m in meanings])[column.codes]
        odd = np.array([m is None for m in meanings])
        for code in np.flatnonzero(odd):
            unknown[name, column.texts[code]] = np.flatnonzero(column.codes == code)
    for name in columns.voids:
        column = table.column(name)
        marked = np.array([is_set(text) for text in column.texts])[column.codes]
        found["refunded" if _says_refund(name) else "cancelled"] |= marked
    for name in columns.tests:
        column = table.column(name)
        found["test"] |= np.array([is_set(text) for text in column.texts])[column.codes]
    refund = np.zeros(table.n_rows, np.bool_)
    if columns.kind is not None:
        column = table.column(columns.kind)
        refund = np.array([is_refund_kind(text) for text in column.texts])[column.codes]
    return Statuses(found, refund, unknown)


def _check_statuses(
    table: TextTable, columns: Columns, path: Path, asked: Mapping[str, Sequence[str]]
) -> None:
    """Refuse statuses that the user gave a meaning and that no row has."""
    names = (*columns.statuses, *columns.shipping)
    texts = [text for name in names for text in table.column(name).texts if text]
    known = {plain_status(text) for text in texts}
    for option, statuses in asked.items():
        for status in statuses:
            if plain_status(status) in known:
                continue
            if not names:
                raise DataError(
                    f"{option} {status!r}: no column of statuses was found: name it with --status",
                    file=path,
                )
            shown = ", ".join(map(repr, texts[:_SHOWN])) + ", ..." * (len(texts) > _SHOWN)
            hint = nearest(status, texts) or f"; there are {shown}"
            raise DataError(f"{option} {status!r}: no row has this status{hint}", file=path)


def _says_refund(name: str) -> bool:
    return "refund" in plain_name(name) or "return" in plain_name(name)


def order_numbers(table: TextTable, name: str | None) -> npt.NDArray[np.object_] | None:
    """Return each row's order number, "" where there is none; None without such a column."""
    if name is None:
        return None
    column = table.column(name)
    plain = [re.sub(r"^#|\.0$", "", text.strip()).lower() for text in column.texts]
    return np.array(plain, dtype=object)[column.codes]


def further_lines(
    table: TextTable, columns: Columns, numbers: npt.NDArray[np.object_] | None,
    money: npt.NDArray[np.float64], sale: Mask,
) -> tuple[Mask, str | None]:  # fmt: skip
    """Return the rows that repeat or leave out the total of an order on another row.

    Where a log has a row an item and the total of the order on all of its rows, or on the first
    alone, the total is counted once. Amounts of lines are added up later.

    Parameters
    ----------
    sale
        Shape (n_rows,): rows that no status calls unsold; the first of these counts.

    Returns
    -------
    mask, note
        Shape (n_rows,); a sentence where it was decided by the amounts, not by the name.
    """
    further = np.zeros(table.n_rows, np.bool_)
    if numbers is None or columns.amount_is_unit_price:
        return further, None
    has = numbers != ""
    blank = np.array([not t for t in table.column(columns.amount).texts])
    blank = blank[table.column(columns.amount).codes]
    frame = pd.DataFrame({"order": numbers, "money": money})[has & ~np.isnan(money)]
    paid = frame[frame["money"] > 0]
    stated = set(paid["order"])
    paid = paid[sale[paid.index]]
    further |= has & blank & np.array([n in stated for n in numbers])
    by_order = paid.groupby("order")["money"]
    several = by_order.size()[lambda n: n > 1].index
    if not len(several):
        return further, None
    inside = paid[paid["order"].isin(several)]
    groups = inside.groupby("order")["money"]
    alike = bool(((groups.max() - groups.min()) < _CENT).all())
    plain = plain_name(columns.amount)
    if not alike or plain in LINE_LEVEL:
        return further, None
    by_name = plain in ORDER_LEVEL
    # Without a telling name: totals of several orders, not one price for everything.
    if not by_name and (len(several) < 2 or groups.first().nunique() < 2):
        return further, None
    repeats = inside.index[inside.duplicated("order")]
    further[repeats] = True
    note = None if by_name else (
        f"{columns.amount!r} is the same on all rows of each order: taken as the order's total, "
        "counted once"
    )  # fmt: skip
    return further, note


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What refunds and credit notes did to the orders.

    Parameters
    ----------
    money
        Shape (n_rows,): amounts after what was taken back.
    credits, cancelled, unmatched
        Positions of the rows: refunds that found their order, orders they took back whole, and
        refunds without an order.
    reduced
        Number of orders of which a part was taken back.
    """

    money: npt.NDArray[np.float64]
    credits: Rows
    cancelled: Rows
    unmatched: Rows
    reduced: int


def take_back(
    usable: Mask, negative: Mask, money: npt.NDArray[np.float64], ids: npt.NDArray[np.str_],
    time_s: npt.NDArray[np.int64], numbers: npt.NDArray[np.object_] | None,
    originals: npt.NDArray[np.object_] | None,
) -> TakenBack:  # fmt: skip
    """Set refunds and credit notes off against the orders that they take back.

    A refund belongs to the order whose number it names, has, or has with a mark of credit notes
    (``C1001``, ``1001-R1``); else to the latest earlier order of the same customer over exactly
    its amount.

    Parameters
    ----------
    usable
        Shape (n_rows,): rows that are otherwise in order.
    negative
        Shape (n_rows,): rows that give money back, among the usable ones.
    money
        Shape (n_rows,): in any sign.
    """
    money = money.copy()
    refunds = np.flatnonzero(usable & negative)
    if not len(refunds):
        empty = np.zeros(0, np.int64)
        return TakenBack(money, empty, empty, empty, 0)
    sales = np.flatnonzero(usable & ~negative & (money > 0))
    by_number = _places(numbers, sales)
    by_amount: dict[tuple[str, int], list[int]] = {}
    for row in sales[np.argsort(time_s[sales], kind="stable")]:
        by_amount.setdefault((str(ids[row]), round(100 * money[row])), []).append(int(row))
    found: list[int] = []
    lost: list[int] = []
    touched: dict[int, float] = {}  # and what they were
    for row in refunds[np.argsort(time_s[refunds], kind="stable")]:
        size = abs(float(money[row]))
        target = _linked(int(row), by_number, numbers, originals, ids)
        target = [t for t in target if money[t] > _CENT]
        if not target:
            same = by_amount.get((str(ids[row]), round(100 * size)), [])
            early = [t for t in same if time_s[t] <= time_s[row] and money[t] > _CENT]
            target = early[-1:]
        total = float(sum(money[t] for t in target))
        if not target:
            lost.append(int(row))
            continue
        found.append(int(row))
        left = max(total - size, 0.0) / total
        for t in target:
            touched.setdefault(t, money[t])
            money[t] = money[t] * left if left * total > _CENT else 0.0
    gone = [t for t in touched if money[t] <= _CENT]
    return TakenBack(
        money,
        np.array(sorted(found), dtype=np.int64),
        np.array(sorted(gone), dtype=np.int64),
        np.array(sorted(lost), dtype=np.int64),
        len({_key(numbers, t) for t in touched} - {_key(numbers, t) for t in gone}),
    )


def _key(numbers: npt.NDArray[np.object_] | None, row: int) -> object:
    return row if numbers is None or not numbers[row] else numbers[row]


def _places(numbers: npt.NDArray[np.object_] | None, sales: Rows) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    if numbers is not None:
        for row in sales:
            if numbers[row]:
                places.setdefault(numbers[row], []).append(int(row))
    return places


def _linked(
    row: int, by_number: Mapping[str, list[int]], numbers: npt.NDArray[np.object_] | None,
    originals: npt.NDArray[np.object_] | None, ids: npt.NDArray[np.str_],
) -> list[int]:  # fmt: skip
    """Return the rows of the order that a refund names."""
    if originals is not None and originals[row] in by_number:
        return by_number[originals[row]]
    if numbers is None or not numbers[row]:
        return []
    own = numbers[row]
    if own in by_number:
        return by_number[own]
    for core in (_BEFORE.sub("", own), _AFTER.sub("", own), _AFTER.sub("", _BEFORE.sub("", own))):
        rows = by_number.get(core, []) if core != own else []
        if rows and all(ids[r] == ids[row] for r in rows):
            return rows
    return []
