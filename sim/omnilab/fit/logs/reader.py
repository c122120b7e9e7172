"""Turn batches of a log into rows of one dtype: ids, channels, and what is left out, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab._files.placeholders import Placeholders, where_placeholders
from omnilab._files.tables import Batch, Table
from omnilab._files.times import TimeReader, Times
from omnilab.cascade.words import IGNORE
from omnilab.errors import DataError, nearest
from omnilab.fit.labels import factor, hashes
from omnilab.fit.spool import RowSpool

__all__ = ["LogReader", "fill"]

_NOBODY: Final = Placeholders(keep=["true", "false"])
Show = Callable[[int, int | None], None]
Mask = NDArray[np.bool_]


class LogReader:
    """What both kinds of logs are read by; each kind adds what its rows hold.

    Parameters
    ----------
    path
        The file, for messages.
    names
        Role -> the file's name of its column.
    channels
        The scenario's that rows may name; rows count in them.
    words
        The file's word for a channel -> the scenario's, or `IGNORE`.
    times
        Roles of times.
    that
        What the scenario's channels are, in an error, such as ``that are visited``.
    """

    def __init__(
        self, path: str | Path, names: Mapping[str, str], channels: tuple[str, ...],
        words: Mapping[str, str], times: Sequence[str], that: str,
    ) -> None:  # fmt: skip
        self.path, self.names, self.channels, self._that = Path(path), names, channels, that
        self._own = {k.casefold(): v for k, v in words.items()}
        self._times = {role: TimeReader(names[role]) for role in times if role in names}
        self._channel: dict[str, int] = {}
        self.left_out: Counter[str] = Counter()

    def rows(self, batch: Batch) -> NDArray[Any]:
        """Return what a batch holds, of the dtype of the kind of log."""
        raise NotImplementedError

    def notes(self) -> list[str]:
        """Return what was left out, a line each, and what is to be said of times."""
        found = [
            f"{self.path}: {n:,} rows are left out: {what}"
            for what, n in self.left_out.most_common()
        ]
        for reader in self._times.values():
            found += [f"{self.path}: {note}" for note in reader.notes()]
        return found

    def drop(self, keep: Mask, bad: Mask, why: str) -> None:
        """Leave out rows that are ``bad``, and count those that were still there."""
        if n := int((keep & bad).sum()):
            self.left_out[why] += n
            keep &= ~bad

    def time(self, batch: Batch, role: str) -> Times:
        """Return a column of times."""
        return self._times[role].read(batch.raw(self.names[role]))

    def ids(self, batch: Batch, role: str) -> tuple[NDArray[np.uint64], Mask]:
        """Return hashes of a column's ids, and where there is none or a placeholder."""
        ids = batch.ids(self.names[role])
        nobody = np.asarray(where_placeholders(ids, _NOBODY).fill_null(True))
        return hashes(ids), np.asarray(ids.is_null()) | nobody

    def labels(self, batch: Batch, role: str, number: Callable[[str | None], int]) -> Any:
        """Return a column of words as numbers, each word looked up once."""
        code, texts = factor(batch.texts(self.names[role]))
        return np.array([number(t) for t in texts] or [-1])[code]

    def channel_of(self, text: str | None) -> int:
        """Return the number of the scenario's channel that a word of the file names, or -1.

        Raises
        ------
        DataError
            For a word that is none and that nobody has told to ignore.
        """
        if not text or not text.strip():
            return -1
        if text not in self._channel:
            self._channel[text] = self._look_up(text)
        return self._channel[text]

    def usual_channel(self, text: str) -> str | None:
        """Return the channel that a word usually stands for; of its kind of log alone."""
        return None

    def _look_up(self, text: str) -> int:
        own = self._own.get(text.strip().casefold())
        if own == IGNORE:
            return -1
        for name in (own, text.strip(), self.usual_channel(text)):
            if name in self.channels:
                return self.channels.index(name)
        wrong = own if own is not None else text
        raise DataError(
            f"channel {wrong!r} is none of the scenario's {self._that}: "
            f"{', '.join(self.channels)}{nearest(wrong, self.channels)}; give --channel "
            f"{text}=NAME, or --channel {text}=ignore",
            file=self.path,
        )


def fill(spool: RowSpool, table: Table, reader: LogReader, what: str, show: Show | None) -> int:
    """Read a table into a spool; return how many rows it has.

    Parameters
    ----------
    what
        One of the things that rows tell of, such as ``message``.

    Raises
    ------
    DataError
        If none is left.
    """
    done = 0
    for batch in table.batches(list(dict.fromkeys(reader.names.values()))):
        done += batch.n_rows
        spool.add(reader.rows(batch))
        if show is not None:
            show(done, batch.total)
    if not spool.n_rows:
        why = "; ".join(f"{n:,} {said}" for said, n in reader.left_out.most_common(3))
        raise DataError(f"no {what} is left of {done:,} rows: {why}", file=reader.path)
    return done
