"""The account of a log's rows: what was left out and why, what wasn't understood, with examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["REASONS", "Dropped", "Finding", "finding"]

_SHOWN = 3  # rows of each finding that are named
_LONGEST = 40

# A row counts under the first reason that holds.
REASONS: Mapping[str, str] = {
    "line": "further line of an order whose total was counted on another line",
    "footer": "a total or a note below the table, not an order",
    "currency": "in another currency",
    "cancelled": "cancelled",
    "refunded": "refunded or returned",
    "failed": "payment failed",
    "unpaid": "not paid, on hold or a draft",
    "trashed": "deleted or in the trash",
    "voided": "voided",
    "test": "a test order",
    "missing_id": "no customer id",
    "guest": "a placeholder in place of a customer id (guests)",
    "bad_date": "unreadable or impossible date",
    "far_date": "dated far from all other orders",
    "future": "dated in the future",
    "bad_amount": "unreadable amount",
    "duplicate": "exact copy of another row",
    "restated": "same line of an order as before, with another status",
    "credit": "refund or credit note that took back an order, or a part of one",
    "taken_back": "order that a refund or credit note took back",
    "negative": "negative amount or quantity (returns) without the order it belongs to",
    "zero": "zero amount",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Rows of a log about which one thing is to be said.

    Parameters
    ----------
    reason
        A stable name, such as ``cancelled``.
    words
        What is to be said of them.
    rows
        How many.
    examples
        The first of them: row number as in the file (the header's line is 1), and what it says.
    """

    reason: str
    words: str
    rows: int
    examples: tuple[tuple[int, str], ...] = ()

    def line(self) -> str:
        """Return the finding in one line, with its examples."""
        text = f"{self.rows:,} row{'s' * (self.rows != 1)}: {self.words}"
        if not self.examples:
            return text
        shown = ", ".join(f"{n} ({said!r})" if said else f"{n}" for n, said in self.examples)
        more = self.rows > len(self.examples)
        label = "such as row" if more else "row"
        return f"{text}, {label}{'s' * (len(self.examples) > 1)} {shown}"


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows of a log that were left out, by reason.

    A reason's number is an attribute too: ``dropped.missing_id``, ``dropped.cancelled``; the
    reasons are the keys of `REASONS`.

    Parameters
    ----------
    findings
        One a reason that left a row out, in the order of the checks; each row counts once.
    customers
        Customers of whom no row is left.
    returned_amount
        Money in the rows left out as negative, as a sum of 0 or above, in the log's currency.
    """

    findings: tuple[Finding, ...] = ()
    customers: int = 0
    returned_amount: float = 0.0

    def __getattr__(self, name: str) -> int:
        """Return the number of rows that a reason left out."""
        if name not in REASONS:
            raise AttributeError(name)
        return next((f.rows for f in self.findings if f.reason == name), 0)

    @property
    def rows(self) -> int:
        """Number of rows left out, whatever the reason."""
        return sum(f.rows for f in self.findings)

    @property
    def lost(self) -> int:
        """Number of rows left out but for the further lines of orders, which lose nothing."""
        return sum(f.rows for f in self.findings if f.reason != "line")

    def lines(self) -> list[str]:
        """Return one line for each reason that left a row out, in the order of the checks."""
        return [f.line() for f in self.findings]


def finding(
    reason: str,
    rows: Sequence[int] | npt.NDArray[np.int64],
    *,
    number: Callable[[int], int],
    text: Callable[[int], str] = lambda _row: "",
    words: str | None = None,
) -> Finding:
    """Return a finding about some rows.

    Parameters
    ----------
    reason, words
        The words are those of `REASONS` if None.
    rows
        Positions of the rows in the table.
    number, text
        The row number in the file of a position, and what is to be shown of it.
    """
    shown = tuple((number(int(r)), text(int(r))[:_LONGEST]) for r in rows[:_SHOWN])
    return Finding(reason, words or REASONS[reason], len(rows), shown)
