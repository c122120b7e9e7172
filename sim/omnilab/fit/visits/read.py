"""Read a log of visits: a row a visit, or a row a page view, a cart or an order in one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab._files.placeholders import Placeholders, where_placeholders
from omnilab._files.tables import NULLS, Batch, open_table
from omnilab._files.times import TimeReader
from omnilab.errors import DataError, OptionError, nearest
from omnilab.fit.labels import factor, hashes
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
_NOBODY: Final = Placeholders(keep=["true", "false"])


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
    _check(columns or {}, words or {}, channels)
    table = open_table(path, is_header=_looks_like_log, nulls=NULLS)
    found = _columns(table.names, columns or {}, path)
    log = VisitLog(RowSpool(EVENT, "browser"), found, channels)
    reader = _Reader(log, dict(words or {}), Path(path))
    done = 0
    for batch in table.batches(list(dict.fromkeys(found.values()))):
        done += batch.n_rows
        log.spool.add(reader.rows(batch))
        if show is not None:
            show(done, batch.total)
    log.notes += [*table.notes(absent=False), *reader.notes()]
    if not log.spool.n_rows:
        why = "; ".join(f"{n:,} {what}" for what, n in reader.left_out.most_common(3))
        raise DataError(f"no visit is left of {done:,} rows: {why}", file=path)
    return log


def _check(asked: Mapping[str, str], words: Mapping[str, str], channels: Sequence[str]) -> None:
    for role in asked:
        if role not in ROLES:
            raise OptionError(
                f"--column {role}=...: no such role{nearest(role, ROLES)}; "
                f"there are {', '.join(ROLES)}"
            )
    for word, channel in words.items():
        if channel != "ignore" and channel not in channels:
            raise OptionError(
                f"--channel {word}={channel}: nobody can visit {channel!r}"
                f"{nearest(channel, (*channels, 'ignore'))}; one can {', '.join(channels)}"
            )


def _looks_like_log(fields: list[str]) -> bool:
    plain = {plain_name(f) for f in fields}
    return sum(bool(plain & set(names)) for names in ROLES.values()) >= 2


def _columns(names: Sequence[str], asked: Mapping[str, str], path: str | Path) -> dict[str, str]:
    plain = {plain_name(name): name for name in reversed(names) if name}
    found: dict[str, str] = {}
    for role, usual in ROLES.items():
        if role in asked:
            if asked[role] not in names:
                raise DataError(
                    f"column {asked[role]!r}, asked for as {role}, is not there"
                    f"{nearest(asked[role], names)}",
                    file=path,
                )
            found[role] = asked[role]
            continue
        name = next((plain[n] for n in usual if n in plain), None)
        if name is not None and name not in found.values():
            found[role] = name
    for role in ("time", "browser or person"):
        if not any(r in found for r in role.split(" or ")):
            first = role.split(" or ")[0]
            raise DataError(
                f"no column of the role {role} (such as {', '.join(ROLES[first][:4])}): name it "
                f"with --column {first}=NAME",
                file=path,
            )
    return found


class _Reader:
    """Turns batches of a table into rows of dtype `EVENT`."""

    def __init__(self, log: VisitLog, words: dict[str, str], path: Path) -> None:
        self._log, self._path = log, path
        self._own = {k.casefold(): v for k, v in words.items()}
        self._times = TimeReader(log.columns["time"])
        self.left_out: Counter[str] = Counter()

    def rows(self, batch: Batch) -> NDArray[Any]:
        """Return a batch's events."""
        rows = np.zeros(batch.n_rows, EVENT)
        keep = np.ones(batch.n_rows, bool)
        names = self._log.columns
        at = self._times.read(batch.raw(names["time"]))
        self._drop(keep, ~at.known, "without a time")
        rows["time"] = at.seconds
        for role in ("person", "browser"):
            if role in names:
                ids = batch.ids(names[role])
                none = np.asarray(ids.is_null()) | np.asarray(
                    where_placeholders(ids, _NOBODY).fill_null(True)
                )
                rows[role] = np.where(none, 0, hashes(ids))
        rows["browser"] = np.where(rows["browser"] == 0, rows["person"], rows["browser"])
        self._drop(keep, rows["browser"] == 0, "without cookie, device or person")
        self._labels(batch, rows, keep)
        rows = rows[keep]
        if len(rows):
            self._log.first = min(self._log.first, int(rows["time"].min()))
            self._log.last = max(self._log.last, int(rows["time"].max()))
        return rows

    def notes(self) -> list[str]:
        """Return what was left out, a line each."""
        found = [
            f"{self._path}: {n:,} rows are left out: {what}"
            for what, n in self.left_out.most_common()
        ]
        return found + [f"{self._path}: {note}" for note in self._times.notes()]

    def _drop(self, keep: NDArray[np.bool_], bad: NDArray[np.bool_], why: str) -> None:
        if n := int((keep & bad).sum()):
            self.left_out[why] += n
            keep &= ~bad

    def _labels(self, batch: Batch, rows: NDArray[Any], keep: NDArray[np.bool_]) -> None:
        names = self._log.columns
        for role, look_up, usual in (
            ("channel", self._channel, 0), ("device", _device, -1), ("event", _what, VIEW),
        ):  # fmt: skip
            to = "what" if role == "event" else role
            if role not in names:
                rows[to] = usual
                continue
            code, texts = factor(batch.texts(names[role]))
            rows[to] = np.array([look_up(t) for t in texts])[code]
        self._drop(keep, rows["what"] < 0, "events that are no view, cart or order")
        self._drop(keep, rows["channel"] < 0, "on a channel that is ignored or not named")

    def _channel(self, text: str | None) -> int:
        channels = self._log.channels
        if not text:
            return -1
        word = self._own.get(text.strip().casefold(), text.strip())
        if word == "ignore":
            return -1
        if word in channels:
            return channels.index(word)
        raise DataError(
            f"channel {word!r} is none of the scenario's that are visited: {', '.join(channels)}"
            f"{nearest(word, channels)}; give --channel {text}=NAME, or --channel {text}=ignore",
            file=self._path,
        )


def _device(text: str | None) -> int:
    return _DEVICES.get(plain_name(text or ""), -1)


def _what(text: str | None) -> int:
    letters = plain_name(text or "")
    if any(word in letters for word in _NOT_IN_A_SHOP):
        return -1
    return next((number for word, number in _WHAT if word in letters), -1)
