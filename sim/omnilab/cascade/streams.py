"""One file of starts, receipts or signals: its columns by our names, its words by their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from omnilab._files.placeholders import Placeholders, where_placeholders
from omnilab._files.tables import open_table
from omnilab._files.times import TimeForm, TimeReader
from omnilab.cascade.notes import Note, example, rows_of
from omnilab.cascade.tables import Ints
from omnilab.cascade.words import IGNORE, known_word
from omnilab.errors import DataError, OptionError, nearest

__all__ = ["RECEIPTS", "SIGNALS", "STARTS", "Stream", "check_columns", "codes_of"]

#: Columns of each kind of file, and whether they must be there.
STARTS = {"timestamp": True, "message_id": True, "profile_id": True}
STARTS |= {"plan": False, "channels": False, "zone": False}
RECEIPTS = {"timestamp": True, "message_id": True, "channel": True, "event": True}
SIGNALS = {"timestamp": True, "profile_id": True, "event": True, "channel": False}
_ALIASES = {"messageId": "message_id", "userId": "profile_id", "profileId": "profile_id"}
_ALIASES |= {"kind": "event", "type": "event", "at": "timestamp"}
# What programs write where an id is missing: as an id it would be one for many people. Here zero
# is an id, of any length, for a numbering may begin with it; so are truth values, as ever.
_NOBODY = Placeholders(keep=["true", "false", *("0" * n for n in range(1, 33))])
_TOLD = 10  # words of a column that are told one by one
_LEFT_OUT, _UNKNOWN = -3, -2


class Stream:
    """A file's rows.

    Parameters
    ----------
    path
        Any table that `open_table` reads.
    wanted
        `STARTS`, `RECEIPTS` or `SIGNALS`.
    columns
        The file's own names for these columns.

    Attributes
    ----------
    notes
        What a user should know of the file, filled in as its columns are read.
    unknown
        Words that stand for nothing, with the nearest ones that do, and how often each came.

    Raises
    ------
    DataError
        If the file can't be read or a column is missing.
    """

    def __init__(
        self, path: str | Path, wanted: Mapping[str, bool], columns: Mapping[str, str]
    ) -> None:
        self.path = Path(path)
        self.unknown: dict[str, int] = {}
        self._notes: list[Note] = []
        own = {theirs: ours for ours, theirs in columns.items()}

        def ours(name: str) -> str:
            return own.get(name) or (name if name in wanted else _ALIASES.get(name, ""))

        def is_header(fields: list[str]) -> bool:
            needed = {name for name, must in wanted.items() if must}
            return needed <= {ours(field) for field in fields}

        self._table = open_table(path, is_header=is_header)
        self._batch = self._table.whole(lambda name: ours(name) in wanted, empty=True)
        self.n_rows = self._batch.n_rows
        self.names = [
            name[:100] for name in dict.fromkeys([*self._table.names, *self._batch.names])
        ]
        self._found: dict[str, str] = {}
        for name in self._batch.names:
            if self._batch.names.count(name) > 1:
                raise DataError(f"column {name!r} comes twice", file=path)
            if ours(name) in self._found and name not in own:
                continue
            self._found[ours(name)] = name
        for name, needed in wanted.items():
            if needed and name not in self._found:
                close = nearest(name, self.names)
                raise DataError(f"column {name!r} is missing{close}", file=path)
        self.at, self.order, self.form = self._times()
        self._keep: Any = None

    def __contains__(self, name: str) -> bool:
        return name in self._found

    @property
    def notes(self) -> list[Note]:
        """What a user should know of the file, as far as it was read."""
        return [Note(line) for line in self._table.notes()] + self._notes

    def ids(self, name: str) -> Any:
        """Return a column of ids as text, null where there is none: such rows are rejected."""
        text = _without_empty(self._checked(_whole(self._batch.ids(self._found[name])), name))
        nobody = where_placeholders(text, _NOBODY)
        if n := pc.sum(nobody).as_py():
            such = example(pc.unique(text.filter(nobody)).to_pylist())
            what = f"{self.path}: {name} in {rows_of(n)} stands for no id: {such}"
            self._notes.append(Note(what))
            text = pc.if_else(nobody, None, text)
        if self.n_rows and text.null_count == self.n_rows:
            column = self._found[name]
            raise DataError(f"no row has an id in the column {column!r}", file=self.path)
        return text

    def rows(self, columns: Mapping[str, Ints]) -> dict[str, Ints]:
        """Return the columns of the rows that count, in order of time to the last digit."""
        found = dict(columns)
        keep = np.ones(self.n_rows, dtype=np.bool_)
        for column in columns.values():
            keep &= column != _LEFT_OUT
        if self.order is not None:
            found = {name: column[self.order] for name, column in found.items()}
            keep = keep[self.order]
        return found if keep.all() else {name: column[keep] for name, column in found.items()}

    def words(
        self,
        name: str,
        words: Sequence[str],
        default: int,
        *,
        find: Callable[[str], str | None] | None = None,
    ) -> Ints:
        """Return the number of each row's word.

        Parameters
        ----------
        name
            The column; a file need not have it.
        words
            The words, in the order of their numbers.
        default
            The number where there is no word.
        find
            Returns the one of `words` that a text stands for, `IGNORE` for a row that is to be
            left out, or None; by default only the words themselves.

        Returns
        -------
        numpy.ndarray
            Shape (n_rows,); -2 for an unknown word, -3 for a row that is left out.
        """
        if name not in self:
            return np.full(self.n_rows, default, dtype=np.int64)
        coded = _without_empty(self._text(name)).dictionary_encode()
        texts = coded.dictionary.to_pylist()
        number = {IGNORE: _LEFT_OUT} | {word: i for i, word in enumerate(words)}
        meant = [find(t) if find else t if t in words else None for t in texts]
        counts = np.bincount(_numbers(pc.fill_null(coded.indices, len(texts))))
        self._tell(name, words, dict(zip(texts, meant, strict=True)), counts)
        codes = [_UNKNOWN if word is None else number[word] for word in meant]
        found = pa.array(codes, pa.int64()).take(coded.indices)
        return _numbers(pc.fill_null(found, default))

    def masks(self, channels: Sequence[str]) -> Ints:
        """Return bit masks of the channels that each start lists; all where it lists none."""
        everything = (1 << len(channels)) - 1
        if "channels" not in self:
            return np.full(self.n_rows, everything, dtype=np.int64)
        text = self._text("channels")
        if 0 < text.null_count < self.n_rows:
            n = text.null_count
            what = f"{self.path}: no channels given in {rows_of(n)}: all are taken to be usable"
            self._notes.append(Note(what))
        coded = text.dictionary_encode()
        counts = np.bincount(_numbers(pc.fill_null(coded.indices, len(coded.dictionary))))
        bit = {name: 1 << i for i, name in enumerate(channels)}
        strange: Counter[str] = Counter()
        known: dict[str, str | None] = {}
        masks = []
        for names, n in zip(coded.dictionary.to_pylist(), counts.tolist(), strict=False):
            mask = 0
            for name in set(names.replace(",", " ").split()):
                if name not in known:
                    known[name] = known_word(name, channels, {})
                channel = known[name]
                mask |= bit[channel] if channel else 0
                strange[name] += 0 if channel else n
            masks.append(mask)
        for name, n in [(name, n) for name, n in strange.most_common(_TOLD) if n]:
            close = nearest(name[:100], channels)
            text = f"{self.path}: channel {name[:100]!r} in {rows_of(n)}: no plan uses it{close}"
            self._notes.append(Note(text))
        found = pa.array(masks, pa.int64()).take(coded.indices)
        return _numbers(pc.fill_null(found, everything))

    def _times(self) -> tuple[Ints, Ints | None, TimeForm | None]:
        """Return seconds, -1 for no time; the rows' order by finer times, if any; the form."""
        reader = TimeReader(self._found["timestamp"])
        try:
            times = reader.read(self._batch.raw(self._found["timestamp"]))
        except DataError as error:
            raise DataError(error.message, file=self.path) from None
        self._notes += [Note(f"{self.path}: {line}") for line in reader.notes()]
        if reader.n_bad:
            such = example(reader.examples)
            if not times.known.any():
                raise DataError(f"no timestamp can be read, such as {such}", file=self.path)
            text = f"{self.path}: timestamps can't be read in {rows_of(reader.n_bad)}: {such}"
            self._notes.append(Note(text))
        at = np.where(times.known, times.seconds, -1)
        self.nanoseconds = times.nanoseconds
        return at, self._order(at), reader.form

    def _order(self, at: Ints) -> Ints | None:
        """Return the rows' order by seconds and what is finer, None where nothing is."""
        finer = self.nanoseconds
        return np.lexsort((finer, at)) if finer.any() else None

    def leave_far(self, middle: int, most: int) -> None:
        """Take the time of rows that are further than `most` seconds from `middle` for none."""
        far = (self.at >= 0) & (np.abs(self.at - middle) > most)
        if not far.any():
            return
        rows = np.flatnonzero(far)
        lines = [self._batch.line(int(row)) for row in rows[:3]]
        where = f"line{'s' * (len(lines) > 1)} {', '.join(map(str, lines))}"
        what = f"{rows_of(len(rows))} with a time 17 years or more from most starts ({where})"
        self._notes.append(Note(f"{self.path}: {what}"))
        self.at = np.where(far, -1, self.at)
        self.order = self._order(self.at)

    def _text(self, name: str) -> Any:
        """Return a column of words, null where there is none."""
        raw = self._batch.raw(self._found[name])
        text = _whole(self._batch.texts(self._found[name]))
        if text.null_count > raw.null_count:
            raise DataError(f"{name} can't be read as text: it is no UTF-8", file=self.path)
        return self._checked(text, name)

    def _checked(self, text: Any, name: str) -> Any:
        """Return text of which all is UTF-8."""
        try:
            text.validate(full=True)
        except pa.ArrowException as error:
            message = f"{name} can't be read as text: {str(error).splitlines()[0][:200]}"
            raise DataError(message, file=self.path) from None
        return text

    def _tell(
        self, name: str, words: Sequence[str], meant: Mapping[str, str | None], counts: Ints
    ) -> None:
        """Say which texts were read as other words, left out, or stand for nothing."""
        n_of = dict(zip(meant, counts.tolist(), strict=False))
        strange, more = self._first(n_of, [t for t, word in meant.items() if word is None])
        for text in strange:
            short = text[:100]
            what = f"{self.path.name}: unknown {name} {short!r}{nearest(short, words)}"
            self.unknown[what] = self.unknown.get(what, 0) + n_of[text]
        if more:
            self.unknown[f"{self.path.name}: {name}: other unknown words"] = more
        others = {t: word for t, word in meant.items() if word not in (None, IGNORE, t)}
        if others:
            told, more = self._first(n_of, list(others))
            read = [f"{t[:64]!r} as {others[t]} ({n_of[t]:,})" for t in told]
            read += [f"others ({more:,})"] * (more > 0)
            rows = sum(n_of[t] for t in others)
            text = f"{self.path}: {name} in {rows_of(rows)} read by its meaning: {', '.join(read)}"
            self._notes.append(Note(text))
        left = [t for t, word in meant.items() if word == IGNORE and IGNORE not in words]
        if left:
            rows = sum(n_of[t] for t in left)
            text = f"{self.path}: {rows_of(rows)} left out, as --events says: {example(left)}"
            self._notes.append(Note(text))

    @staticmethod
    def _first(n_of: Mapping[str, int], texts: Sequence[str]) -> tuple[list[str], int]:
        """Return the most frequent texts, and how often the others came."""
        found = Counter({text: n_of[text] for text in texts}).most_common()
        return [text for text, _ in found[:_TOLD]], sum(n for _, n in found[_TOLD:])


def check_columns(columns: Mapping[str, str], streams: Sequence[Stream]) -> None:
    """Refuse names for columns that no file has.

    Raises
    ------
    OptionError
        With the nearest name that there is.
    """
    seen = [name for stream in streams for name in stream.names]
    for theirs in columns.values():
        if theirs not in seen:
            raise OptionError(f"no file has a column {theirs!r}{nearest(theirs, seen)}")


def codes_of(ids: Any, known: Any, missing: int) -> Ints:
    """Return each id's place among the known ones, or `missing`; -1 for no id at all."""
    places = pc.fill_null(pc.index_in(ids, value_set=known, skip_nulls=True), missing)
    return _numbers(pc.if_else(pc.is_null(ids), -1, places))


def _without_empty(text: Any) -> Any:
    """Return text with nulls for empty values."""
    return pc.if_else(pc.equal(text, ""), None, text)


def _whole(column: Any) -> Any:
    """Return a column in one piece, as large strings."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return column.cast(pa.large_string()) if not pa.types.is_large_string(column.type) else column


def _numbers(column: Any) -> Ints:
    """Return an Arrow column of whole numbers as an array."""
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)
