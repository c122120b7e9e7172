"""A CRM manager's questions: what a message brings, what opens are true, how the list is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from omnilab.report.page.method import portions, with_half
from omnilab.report.page.parts import Parts, broken, wide_table
from omnilab.report.page.section import Section
from omnilab.report.source import Source

__all__ = ["MAILING"]

_SILENT: Final = "no_contact"
#: Titles of tables, their notes, and their rows: a measure and how a CRM manager calls it.
_OPENS: Final = (
    ("seen_open_rate", "Open rate that the tool reports"),
    ("open_rate", "Open rate, adjusted for machines and hidden opens"),
    ("seen_click_rate", "Click rate that the tool reports"),
    ("click_rate", "Click rate, adjusted for scanners"),
)
_HEALTH: Final = (
    ("delivery_rate", "Delivered"),
    ("bounce_rate", "Bounced"),
    ("unsubscribe_rate", "Unsubscribed, of delivered"),
    ("complaint_rate", "Spam complaints, of delivered"),
    ("stop_rate", "Customers who stopped all messages"),
    ("leave_messages_rate", "Customers who left because of messages"),
)
_BRINGS: Final = (
    "A recipient is one send. All revenue counts the orders that come without any message too; the "
    "row below it, where there is one, has what is above no_contact with the same customers. "
    "Neither is what a mail tool credits to itself: omnilab credit compares those. They are "
    "quotients without an interval; whether revenue itself differs by chance stands under Who wins."
)
_TRUE: Final = (
    "Only a simulation knows the adjusted rates: who opened, not which receipt came back."
)


def _mailing(source: Source, parts: Parts) -> str:
    senders = [s for s in source.strategies if _number(source, s, "messages_per_customer")]
    if not senders:
        return ""
    html = _table("Revenue per recipient", _revenue(source, parts, senders), senders, _BRINGS)
    for title, rows, note in (("Opens and clicks", _OPENS, _TRUE), ("List health", _HEALTH, "")):
        numbers = parts.style.numbers
        cells = [
            [broken(name), *(with_half(numbers, source.value(s, m)) for s in senders)]
            for m, name in rows
            if any(source.value(s, m) for s in senders)
        ]
        html += _table(title, cells, senders, note)
    return html


def _revenue(source: Source, parts: Parts, senders: Sequence[str]) -> list[list[str]]:
    """Return revenue a send, all of it and what is above that of nobody being written to."""
    numbers, unit = parts.style.numbers, source.currency
    silent = _number(source, _SILENT, "revenue")
    rows: list[list[str]] = [["All revenue"], ["Above no_contact"]]
    for s in senders:
        sends, revenue = (_number(source, s, m) for m in ("messages_per_customer", "revenue"))
        each = more = None
        if sends is not None and revenue is not None:
            each = revenue / sends
            more = None if silent is None else (revenue - silent) / sends
        rows[0].append(escape(numbers.value(unit, each)))
        rows[1].append(escape(numbers.signed(unit, more)))
    return rows if silent is not None else rows[:1]


def _number(source: Source, strategy: str, measure: str) -> float | None:
    row = source.value(strategy, measure)
    return None if row is None else row["value"]


def _table(title: str, rows: list[list[str]], names: Sequence[str], note: str) -> str:
    if not rows:
        return ""
    html, low = "", 0
    for some in portions(list(names)):
        part = [[row[0], *row[1 + low : 1 + low + len(some)]] for row in rows]
        html += wide_table(title, ["", *some], part)
        low += len(some)
    under = f'<p class="note">{escape(note)}</p>' if note else ""
    return f"<h3>{escape(title)}</h3>{html}{under}"


MAILING: Final = Section(
    "mailing", "Your messages and your list", ("results",),
    "Messages and list: no strategy sends.", _mailing,
)  # fmt: skip
