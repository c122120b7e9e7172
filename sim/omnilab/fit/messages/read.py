"""Read a message log into one form, some rows at a time: a row a message, or a row an event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab._files.tables import NULLS, Batch, open_table
from omnilab.cascade.codes import RECEIPTS
from omnilab.cascade.words import IGNORE, known_word
from omnilab.errors import DataError
from omnilab.fit.labels import factor, hashes
from omnilab.fit.logs.reader import LogReader, fill
from omnilab.fit.logs.roles import check_words
from omnilab.fit.messages.columns import LogColumns, find_log_columns, looks_like_log
from omnilab.fit.messages.normal import (
    BULK,
    COMPLAINT,
    HARD,
    HIDDEN,
    MESSAGE,
    OPT_OUT,
    SOFT,
    UNTIMED,
)
from omnilab.fit.messages.words import KIND_WORDS, NO, YES
from omnilab.fit.presets import plain_name
from omnilab.fit.spool import RowSpool

__all__ = ["MessageLog", "read_messages"]

Strings = NDArray[Any]
_MOST_JOURNEYS = 1000
_TOOL_CHANNELS = {
    "email": "email", "mail": "email", "mobilepush": "push", "push": "push", "webpush": "push",
    "pushnotification": "push", "sms": "sms", "text": "sms", "whatsapp": "messenger",
    "messenger": "messenger", "viber": "messenger", "telegram": "messenger", "call": "call",
    "phone": "call", "directmail": "mail", "post": "mail", "letter": "mail",
}  # fmt: skip


@dataclass
class MessageLog:
    """What was read of a log.

    Attributes
    ----------
    spool
        The messages, in parts.
    columns
        Which column is what.
    channels
        The scenario's message channels, in its order; the messages' ``channel`` counts in them.
    journeys
        Names by number.
    first, last
        Seconds since 1970-01-01 UTC of the first and of the last thing that the log tells.
    last_sent
        The same of the last message that was sent.
    notes
        What a user should know of the file.
    n_rows
        Rows that were read.
    """

    spool: RowSpool
    columns: LogColumns
    channels: tuple[str, ...]
    journeys: list[str] = field(default_factory=list)
    first: int = 1 << 62
    last: int = -(1 << 62)
    last_sent: int = -(1 << 62)
    notes: list[str] = field(default_factory=list)
    n_rows: int = 0


def read_messages(
    path: str | Path,
    channels: tuple[str, ...],
    *,
    columns: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
    show: Callable[[int, int | None], None] | None = None,
) -> MessageLog:
    """Read a log of messages.

    Parameters
    ----------
    path
        Any table that `omnilab._files.tables.open_table` reads; Parquet and CSV are streamed.
    channels
        The scenario's message channels.
    columns
        Role -> the file's own name of its column.
    words
        The file's word for a channel -> the scenario's channel, or ``ignore``.
    show
        Told how many rows are read, of how many.

    Raises
    ------
    OptionError
        For a role or a channel that there is none of.
    DataError
        For a file that can't be read, columns that are missing, a channel that the scenario does
        not have, and a log in which no message is left.
    """
    check_words(words or {}, channels, "the scenario writes no messages on", "it does on")
    asked = dict(columns or {})
    named = list(asked.values())
    table = open_table(path, is_header=lambda f: looks_like_log(f, named), nulls=NULLS)
    found = find_log_columns(table.names, asked, path)
    log = MessageLog(RowSpool(MESSAGE, "person"), found, channels)
    reader = _Reader(path, log, words or {})
    log.n_rows = fill(log.spool, table, reader, "message", show)
    log.notes += [*table.notes(absent=False), *reader.notes()]
    return log


class _Reader(LogReader):
    """Turns batches of a table into rows of dtype `MESSAGE`."""

    def __init__(self, path: str | Path, log: MessageLog, words: Mapping[str, str]) -> None:
        super().__init__(
            path, log.columns.names, log.channels, words, ("sent", "opened", "clicked", "time"),
            "that write messages",
        )  # fmt: skip
        self._log = log
        self._journey: dict[str, int] = {}
        self._unknown: Counter[str] = Counter()

    def rows(self, batch: Batch) -> NDArray[Any]:
        """Return a batch's messages, or its events as messages of which one thing is known."""
        rows = np.zeros(batch.n_rows, MESSAGE)
        for name in ("opened", "clicked", "sent"):
            rows[name] = -1
        keep = np.ones(batch.n_rows, bool)
        self._people(batch, rows, keep)
        self._labels(batch, rows, keep)
        (self._message if self._log.columns.wide else self._event)(batch, rows, keep)
        rows = rows[keep]
        for name in ("sent", "opened", "clicked"):
            known = rows[name][rows[name] >= 0]
            if len(known):
                self._log.first = min(self._log.first, int(known.min()))
                self._log.last = max(self._log.last, int(known.max()))
                if name == "sent":
                    self._log.last_sent = max(self._log.last_sent, int(known.max()))
        return rows

    def notes(self) -> list[str]:
        """Return what was left out and not understood, a line each."""
        unknown = [
            f"{self.path}: {word!r} in {n:,} rows is no event that is known"
            for word, n in self._unknown.most_common(5)
        ]
        return [*super().notes(), *unknown]

    def _people(self, batch: Batch, rows: NDArray[Any], keep: NDArray[np.bool_]) -> None:
        rows["person"], nobody = self.ids(batch, "person")
        self.drop(keep, nobody, "nobody's: the recipient is missing or a placeholder")
        if "message" in self.names and not self._log.columns.wide:
            ids = batch.ids(self.names["message"])
            self.drop(keep, np.asarray(ids.is_null()), "events without a message id")
            rows["id"] = hashes(ids)
        if "campaign" in self.names:
            texts = batch.texts(self.names["campaign"])
            rows["shot"] = np.where(np.asarray(texts.is_null()), 0, hashes(texts))

    def _labels(self, batch: Batch, rows: NDArray[Any], keep: NDArray[np.bool_]) -> None:
        names = self.names
        if "channel" in names:
            rows["channel"] = self.labels(batch, "channel", self.channel_of)
            self.drop(keep, rows["channel"] < 0, "on a channel that is ignored or not named")
        elif self._log.columns.wide:
            rows["channel"] = self._only_channel()
        else:
            rows["channel"] = -1  # the event's name may say it
        if "kind" in names:
            rows["kind"] = self.labels(batch, "kind", _kind_of)
        rows["journey"] = -1
        if "journey" in names:
            rows["journey"] = self.labels(batch, "journey", self._journey_of)

    def _message(self, batch: Batch, rows: NDArray[Any], keep: NDArray[np.bool_]) -> None:
        """Fill in rows of a log with a row a message."""
        names = self.names
        sent = self.time(batch, "sent")
        self.drop(keep, ~sent.known, "without a time of sending")
        rows["sent"] = sent.seconds
        for what in ("opened", "clicked"):
            if what in names:
                times = self.time(batch, what)
                early = times.known & (times.seconds < rows["sent"])
                self.drop(keep, early, f"{what} before they were sent")
                rows[what] = np.where(times.known, times.seconds, -1)
            if f"is_{what}" in names:
                yes = self._truth(batch, f"is_{what}")
                rows[what] = np.where(yes & (rows[what] < 0), UNTIMED, rows[what])
        hidden = (rows["clicked"] != -1) & (rows["opened"] == -1)
        flags = np.where(hidden, HIDDEN, 0)
        for role, bit in (
            ("is_out", OPT_OUT), ("is_hard", HARD), ("is_soft", SOFT), ("is_complaint", COMPLAINT),
        ):  # fmt: skip
            if role in names:
                flags |= np.where(self._truth(batch, role), bit, 0)
        rows["flags"] = flags

    def _event(self, batch: Batch, rows: NDArray[Any], keep: NDArray[np.bool_]) -> None:
        """Fill in rows of a log with a row an event: a message of which this alone is known."""
        names = self.names
        at = self.time(batch, "time")
        self.drop(keep, ~at.known, "without a time")
        code, texts = factor(batch.texts(names["event"]))
        events = [known_word(t, RECEIPTS, {}) if t else None for t in texts]
        unknown = np.array([e is None or e == IGNORE for e in events] or [True])[code]
        for i in np.unique(code[unknown & keep]).tolist():
            self._unknown[str(texts[i])] += int((code == i).sum())
        self.drop(keep, unknown, "events that say nothing of a message")
        if "channel" not in names:
            told = np.array([self._channel_in(t) for t in texts] or [-1])
            rows["channel"] = told[code]
        what = np.array([e or "" for e in events] or [""])[code]
        seconds = at.seconds
        sent = np.isin(what, ("processed", "delivered", "bounce", "dropped", "deferred"))
        rows["sent"] = np.where(sent, seconds, -1)
        rows["opened"] = np.where(what == "open", seconds, -1)
        rows["clicked"] = np.where(what == "click", seconds, -1)
        rows["flags"] = (
            np.where(what == "bounce", HARD, 0)
            | np.where(what == "dropped", SOFT, 0)
            | np.where(what == "unsubscribe", OPT_OUT, 0)
            | np.where(what == "spamreport", COMPLAINT, 0)
        )

    def _truth(self, batch: Batch, role: str) -> NDArray[np.bool_]:
        """Return a column of yes and no; a number above 0, a count, is a yes.

        Raises
        ------
        DataError
            For a word that is neither.
        """
        name = self.names[role]
        return self.labels(batch, role, lambda text: int(self._is_yes(text, name))) > 0

    def _is_yes(self, text: str | None, name: str) -> bool:
        word = (text or "").strip().casefold()
        if word in NO:
            return False
        if word in YES:
            return True
        try:
            number = float(word)
        except ValueError:
            number = -1.0
        if number < 0:
            raise DataError(
                f"column {name!r}: {text!r} is neither yes nor no nor a count", file=self.path
            )
        return number > 0

    def usual_channel(self, text: str) -> str | None:
        """Return the channel that a mail tool's word stands for."""
        return _TOOL_CHANNELS.get(plain_name(text))

    def _channel_in(self, event: str | None) -> int:
        """Return the channel that the name of an event tells, such as `Email Opened`."""
        letters = plain_name(event or "")
        for word, name in _TOOL_CHANNELS.items():
            if word in letters and name in self.channels:
                return self.channels.index(name)
        return self._only_channel()

    def _only_channel(self) -> int:
        channels = self.channels
        if len(channels) == 1:
            return 0
        if "email" not in channels:
            raise DataError(
                "no column names the channel: name it with --column channel=NAME", file=self.path
            )
        note = f"{self.path}: no column names the channel, so all is taken for email"
        if note not in self._log.notes:
            self._log.notes.append(note)
        return channels.index("email")

    def _journey_of(self, text: str | None) -> int:
        if not text:
            return -1
        if text not in self._journey:
            if len(self._journey) >= _MOST_JOURNEYS:
                return -1
            self._journey[text] = len(self._journey)
            self._log.journeys.append(text)
        return self._journey[text]


def _kind_of(text: str | None) -> int:
    return KIND_WORDS.get(plain_name(text or ""), BULK)
