"""The rows of a log that touches and orders are made of, each kind as plain columns.

Profiles get numbers over all cells. Only what happened from the switch to the window's end is
taken: then the strategy's own brand is there, whose profiles are not those of the burn-in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from omnilab.log import rows
from omnilab.log.identifier_types import TYPES

__all__ = ["Answer", "Facts", "Order", "Visit", "facts_of"]

#: A profile's number over all cells: the cell's, then the profile's serial. As the streams have it.
_SERIAL_BITS: Final = 24
_MESSAGE_BITS: Final = 36  # of messages, which a cell has fewer of than the log has bytes
_CHANNEL_BITS: Final = 6
#: Kinds of rows that a person meets the brand with: what is shown from then on belongs to that.
_ADDRESSES: Final = (TYPES.index("email"), TYPES.index("phone"))


class Visit(NamedTuple):
    """A visit.

    Attributes
    ----------
    at
        Place of its row in the log.
    time, person, channel, need, cost
        As in the log.
    profile
        Whom the brand takes the person for; -1 where it sees nobody.
    message, sender
        What led to it, and over which channel; -1 without.
    clicked
        Whether it was a click that led to it. A person may also come by for what was only seen.
    source
        Of `omnilab.log.kinds.needs.Visit`: an unpaid result, a search of the name, a post.
    """

    at: int
    time: int
    person: int
    channel: int
    need: int
    cost: int
    profile: int
    message: int
    sender: int
    clicked: bool
    source: int = 0


class Order(NamedTuple):
    """An order, and the channel of the message whose click led to its visit, -1 without."""

    at: int
    time: int
    person: int
    channel: int
    revenue: int
    margin: int
    profile: int
    sender: int


class Answer(NamedTuple):
    """A click or an open: by whom, of which message, and whether the brand is told of it.

    The sends of one cascade are one message: ``message`` tells their channels apart.
    """

    at: int
    time: int
    person: int
    channel: int
    message: int
    told: bool
    machine: bool
    profile: int


@dataclass(frozen=True)
class Facts:
    """What a log says, in the order in which it was written.

    Attributes
    ----------
    visits, orders, clicks, opens
        As their classes have them.
    shown
        Ads that were shown: time, person, channel.
    merges
        Pairs of profiles that became one.
    has_address
        Profiles that showed an e-mail address or a phone number, or were written to by one.
    costs
        Milli-cents of sends, and then of paid clicks, by channel.
    sends
        By channel.
    """

    visits: list[Visit]
    orders: list[Order]
    clicks: list[Answer]
    opens: list[Answer]
    shown: list[tuple[int, int, int]]
    merges: list[tuple[int, int]]
    has_address: set[int]
    costs: Any
    sends: Any


def facts_of(
    log: Any, cells: Any, window: tuple[int, int], uploads: Sequence[bool], search: int
) -> Facts:
    """Read some whole cells.

    Parameters
    ----------
    log
        Rows, each cell's in the order in which it wrote them.
    cells
        The cell of each row.
    window
        The switch and the window's end, seconds.
    uploads
        By channel: whether messages over it go to an e-mail address or a phone number.
    search
        Channel with paid search, -1 without.
    """
    start, end = window
    now = (log["time"] >= start) & (log["time"] < end)
    reader = _Reader(log, cells, now)
    meeting, profile = _profiles_of_meetings(reader)
    n = len(uploads)
    at, sent = reader.kind(rows.SENT)
    owner = reader.numbers(at, sent["profile"])
    to = dict(zip(reader.messages(at, sent["message"]).tolist(), owner.tolist(), strict=True))
    costs = np.bincount(sent["channel"], weights=sent["cost"], minlength=n)
    if search >= 0:
        costs[search] += int(reader.kind(rows.VISIT)[1]["cost"].sum())
    visits = _visits(reader, meeting, profile)
    return Facts(
        visits=visits,
        orders=_orders(reader, meeting, profile, visits),
        clicks=[
            *_answers(reader, rows.CLICK, to, machine=False),
            *_answers(reader, rows.SCANNER_CLICK, to, machine=True),
        ],
        opens=[
            *_answers(reader, rows.OPEN, to, machine=False),
            *_answers(reader, rows.MACHINE_OPEN, to, machine=True),
        ],
        shown=_shown(reader),
        merges=_merges(reader),
        has_address=_with_address(reader, sent, owner, uploads),
        costs=costs,
        sends=np.bincount(sent["channel"], minlength=n),
    )


class _Reader:
    """A log's rows by kind, with their places."""

    def __init__(self, log: Any, cells: Any, now: Any) -> None:
        self.log, self.cells, self.now = log, cells, now

    def kind(self, kind: int, *, whole: bool = False) -> tuple[Any, Any]:
        """Return the places of a kind's rows, of the burn-in too if ``whole``, and the rows."""
        chosen = self.log["kind"] == kind
        at = np.flatnonzero(chosen if whole else chosen & self.now)
        return at, rows.columns(self.log[at], kind)

    def numbers(self, at: Any, serials: Any) -> Any:
        """Return profiles' numbers over all cells; -1 of none."""
        serials = np.asarray(serials, dtype=np.int64)
        return np.where(serials < 0, -1, (self.cells[at] << _SERIAL_BITS) | serials)

    def messages(self, at: Any, ids: Any) -> Any:
        """Return messages' numbers over all cells; -1 of none."""
        ids = np.asarray(ids, dtype=np.int64)
        return np.where(ids < 0, -1, (self.cells[at] << _MESSAGE_BITS) | ids)


def _profiles_of_meetings(reader: _Reader) -> tuple[Any, Any]:
    """Return, for each row, the meeting that it belongs to, and for each meeting its profile.

    A meeting goes by its row's place. Its profile is the last one that it showed identifiers of,
    those of its order too.
    """
    log = reader.log
    n = len(log)
    kinds = (*rows.MEETINGS, rows.IDENTIFIER, rows.ORDER)
    at = np.flatnonzero(np.isin(log["kind"], kinds) & reader.now)
    at = at[np.argsort(log["person"][at], kind="stable")]
    begins = np.isin(log["kind"][at], rows.MEETINGS)
    # Each row's last meeting before, of the same person.
    last = np.maximum.accumulate(np.where(begins, np.arange(len(at)), -1))
    own = (last >= 0) & (log["person"][at] == log["person"][at[last]])
    meeting = np.full(n, -1, np.int64)
    meeting[at[own]] = at[last[own]]
    profile = np.full(n, -1, np.int64)
    shown_at, shown = reader.kind(rows.IDENTIFIER)
    number = reader.numbers(shown_at, shown["profile"])
    known = (meeting[shown_at] >= 0) & (number >= 0)
    for row, one in zip(shown_at[known].tolist(), number[known].tolist(), strict=True):
        profile[meeting[row]] = one
    return meeting, profile


def _visits(reader: _Reader, meeting: Any, profile: Any) -> list[Visit]:
    at, v = reader.kind(rows.VISIT)
    messages = reader.messages(at, v["cause"])
    led = _led(reader, at, messages, v["time"])
    columns = (
        at, v["time"], v["person"], v["channel"], v["need"], v["cost"], profile[at], v["source"],
    )  # fmt: skip
    return [
        Visit(t, time, person, channel, need, cost, of, *by, source=source)
        for (t, time, person, channel, need, cost, of, source), by in zip(
            _rows(columns), led, strict=True
        )
    ]


def _led(reader: _Reader, at: Any, messages: Any, times: Any) -> list[tuple[int, int, bool]]:
    """Return what led to each visit: message, its channel, and whether it was clicked.

    A click leads to its visit in the same second. Who comes by for what was only seen comes for the
    message's latest send.
    """
    caused = np.unique(messages[messages >= 0])
    steps: list[tuple[int, int, int, int]] = []  # place, message, channel, time of a click or -1
    for kind in (rows.SENT, rows.OPEN, rows.CLICK):
        where, r = reader.kind(kind, whole=True)
        number = reader.messages(where, r["message"])
        of = np.isin(number, caused)
        clicks = r["time"][of] if kind == rows.CLICK else np.full(int(of.sum()), -1)
        columns = (where[of], number[of], r["channel"][of], clicks)
        steps += [(p, m, c, t) for p, m, c, t in _rows(columns)]
    steps.sort()
    last: dict[int, int] = {}
    click: dict[int, tuple[int, int]] = {}
    found, i = [], 0
    for place, message, time in zip(at.tolist(), messages.tolist(), times.tolist(), strict=True):
        while i < len(steps) and steps[i][0] < place:
            _, of_step, channel, clicked = steps[i]
            last[of_step] = channel
            if clicked >= 0:
                click[of_step] = (clicked, channel)
            i += 1
        if message < 0:
            found.append((-1, -1, False))
        elif message in click and click[message][0] == time:
            channel = click[message][1]
            found.append((_over(message, channel), channel, True))
        else:
            channel = last.get(message, -1)
            found.append((_over(message, channel), channel, False))
    return found


def _over(message: int, channel: int) -> int:
    """Return the number of a message over one channel."""
    return -1 if channel < 0 else (message << _CHANNEL_BITS) | channel


def _orders(reader: _Reader, meeting: Any, profile: Any, visits: list[Visit]) -> list[Order]:
    sender = {visit.at: visit.sender if visit.clicked else -1 for visit in visits}
    at, o = reader.kind(rows.ORDER)
    met = meeting[at]
    owners = np.where(met >= 0, profile[met], -1)
    columns = (at, o["time"], o["person"], o["channel"], o["paid"], o["margin"], owners)
    return [
        Order(t, time, person, channel, paid, margin, of, sender.get(m, -1))
        for m, (t, time, person, channel, paid, margin, of) in zip(
            met.tolist(), _rows(columns), strict=True
        )
    ]


def _rows(columns: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of some columns as plain numbers."""
    return zip(*(column.tolist() for column in columns), strict=True)


def _answers(reader: _Reader, kind: int, to: dict[int, int], *, machine: bool) -> Iterator[Answer]:
    """Yield opens or clicks, each with the profile that the message went to."""
    at, r = reader.kind(kind)
    number = reader.messages(at, r["message"])
    columns = (at, r["time"], r["person"], r["channel"], number, r["receipt"] == 0)
    for place, time, person, channel, message, told in _rows(columns):
        of = to.get(message, -1)
        yield Answer(place, time, person, channel, _over(message, channel), told, machine, of)


def _shown(reader: _Reader) -> list[tuple[int, int, int]]:
    _at, r = reader.kind(rows.DELIVERED)
    return list(zip(*(r[x].tolist() for x in ("time", "person", "channel")), strict=True))


def _merges(reader: _Reader) -> list[tuple[int, int]]:
    at, r = reader.kind(rows.MERGE)
    pairs = (reader.numbers(at, r[x]).tolist() for x in ("survivor", "absorbed"))
    return list(zip(*pairs, strict=True))


def _with_address(reader: _Reader, sent: Any, owner: Any, uploads: Sequence[bool]) -> set[int]:
    at, r = reader.kind(rows.IDENTIFIER)
    number = reader.numbers(at, r["profile"])
    found = set(number[np.isin(r["type"], _ADDRESSES)].tolist())
    found |= set(owner[np.asarray(uploads)[sent["channel"]]].tolist())
    return found - {-1}
