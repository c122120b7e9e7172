"""Read a log of visits: a row a visit, or a row a page view, a cart or an order in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab._files.tables import NULLS, Batch, open_table
from omnilab.fit.logs.reader import LogReader, fill
from omnilab.fit.logs.roles import check_asked, check_words, find_roles, looks_like
from omnilab.fit.presets import plain_name
from omnilab.fit.spool import RowSpool
from omnilab.world.device import COMPUTER, PHONE, TABLET

__all__ = ["CART", "EVENT", "ORDER", "ROLES", "VIEW", "VisitLog", "read_visits"]

VIEW: Final = 0
CART: Final = 1
ORDER: Final = 2

EVENT: Final = np.dtype(
    [
        ("browser", "u8"),  # hash of the cookie or the device, of the person where there is none
        ("person", "u8"),  # hash of the id of who has logged in, 0 nobody
        ("time", "i8"),  # seconds since 1970-01-01 UTC
        ("channel", "i1"),  # of the scenario's that are visited
        ("device", "i1"),  # of `omnilab.world.device`, -1 not known
        ("what", "i1"),
    ]
)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: Role -> the plain names that a column of it usually has.
ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "time": _names(
        "timestamp time eventtime occurredat datetime visittime visitstarttime sessionstart "
        "starttime receivedat createdat date"
    ),
    "browser": _names(
        "anonymousid cookie cookieid fullvisitorid visitorid clientid userpseudoid deviceid "
        "browserid sessionid usersession"
    ),
    "person": _names("userid loginid customerid memberid accountid person personid"),
    "channel": _names("channel platform source property"),
    "device": _names("device devicetype devicecategory contextdevicetype devicename"),
    "event": _names("event eventname eventtype type action hittype"),
}

# By the letters of the event's name: the first that it has.
_WHAT: Final = (
    ("order", ORDER), ("purchase", ORDER), ("transaction", ORDER), ("checkoutcompleted", ORDER),
    ("addtocart", CART), ("addedtocart", CART), ("productadded", CART), ("cart", CART),
    ("view", VIEW), ("page", VIEW), ("visit", VIEW), ("session", VIEW), ("screen", VIEW),
)  # fmt: skip
_NOT_IN_A_SHOP: Final = ("refund", "cancel", "removed", "removefrom", "updated", "shipped")
_DEVICES: Final = {
    "desktop": COMPUTER, "computer": COMPUTER, "pc": COMPUTER, "laptop": COMPUTER,
    "mobile": PHONE, "phone": PHONE, "smartphone": PHONE, "ios": PHONE, "android": PHONE,
    "iphone": PHONE, "tablet": TABLET, "ipad": TABLET,
}  # fmt: skip


@dataclass
class VisitLog:
    """What was read of a log.

    Attributes
    ----------
    spool
        Rows of dtype `EVENT`, in parts.
    columns
        Role -> the file's name of its column.
    channels
        The scenario's channels that are visited, in its order.
    first, last
        Seconds since 1970-01-01 UTC.
    notes
        What a user should know of the file.
    """

    spool: RowSpool
    columns: Mapping[str, str]
    channels: tuple[str, ...]
    first: int = 1 << 62
    last: int = -(1 << 62)
    notes: list[str] = field(default_factory=list)


def read_visits(
    path: str | Path,
    channels: tuple[str, ...],
    *,
    columns: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
    show: Callable[[int, int | None], None] | None = None,
) -> VisitLog:
    """Read a log of visits.

    Parameters
    ----------
    path
        Any table that `omnilab._files.tables.open_table` reads.
    channels
        The scenario's channels that are visited.
    columns
        Role -> the file's own name of its column.
    words
        The file's word for a channel -> the scenario's, or ``ignore``.
    show
        Told how many rows are read, of how many.

    Raises
    ------
    OptionError
        For a role or a channel that there is none of.
    DataError
        For a file that can't be read, a column that is missing, a log in which no visit is left.
    """
    asked = columns or {}
    check_asked(asked, tuple(ROLES))
    check_words(words or {}, channels, "nobody can visit", "one can")
    named = list(asked.values())
    table = open_table(
        path, is_header=lambda f: looks_like(f, ROLES.values(), named), nulls=NULLS
    )  # fmt: skip
    found = find_roles(table.names, asked, ROLES, [("time",), ("browser", "person")], path)
    log = VisitLog(RowSpool(EVENT, "browser"), found, channels)
    reader = _Reader(path, log, words or {})
    fill(log.spool, table, reader, "visit", show)
    log.notes += [*table.notes(absent=False), *reader.notes()]
    return log


class _Reader(LogReader):
    """Turns batches of a table into rows of dtype `EVENT`."""

    def __init__(self, path: str | Path, log: VisitLog, words: Mapping[str, str]) -> None:
        super().__init__(path, log.columns, log.channels, words, ("time",), "that are visited")
        self._log = log

    def rows(self, batch: Batch) -> NDArray[Any]:
        """Return a batch's events."""
        rows = np.zeros(batch.n_rows, EVENT)
        keep = np.ones(batch.n_rows, bool)
        at = self.time(batch, "time")
        self.drop(keep, ~at.known, "without a time")
        rows["time"] = at.seconds
        for role in ("person", "browser"):
            if role in self.names:
                ids, nobody = self.ids(batch, role)
                rows[role] = np.where(nobody, 0, ids)
        rows["browser"] = np.where(rows["browser"] == 0, rows["person"], rows["browser"])
        self.drop(keep, rows["browser"] == 0, "without cookie, device or person")
        self._labels(batch, rows, keep)
        rows = rows[keep]
        if len(rows):
            self._log.first = min(self._log.first, int(rows["time"].min()))
            self._log.last = max(self._log.last, int(rows["time"].max()))
        return rows

    def _labels(self, batch: Batch, rows: NDArray[Any], keep: NDArray[np.bool_]) -> None:
        for to, role, number, usual in (
            ("channel", "channel", self.channel_of, 0), ("device", "device", _device, -1),
            ("what", "event", _what, VIEW),
        ):  # fmt: skip
            rows[to] = self.labels(batch, role, number) if role in self.names else usual
        self.drop(keep, rows["what"] < 0, "events that are no view, cart or order")
        self.drop(keep, rows["channel"] < 0, "on a channel that is ignored or not named")


def _device(text: str | None) -> int:
    return _DEVICES.get(plain_name(text or ""), -1)


def _what(text: str | None) -> int:
    letters = plain_name(text or "")
    if any(word in letters for word in _NOT_IN_A_SHOP):
        return -1
    return next((number for word, number in _WHAT if word in letters), -1)
