"""Read a file's identifiers and times part by part, whatever the file is.

What can't be used is left out with a count and a few lines as examples, and keeps its row's place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab._files.compression import reading
from omnilab._files.json_text import read_objects, text_of, value_at
from omnilab._files.left_out import LeftOut
from omnilab._files.tables import NULLS, Table
from omnilab._files.times import TimeReader
from omnilab.errors import DataError
from omnilab.identity import _segment

__all__ = ["Part", "Source", "names_source", "open_source"]

Longs = NDArray[np.int64]
Rows = Sequence[dict[str, Any] | None]


@dataclass
class Part:
    """Hold some rows that follow each other.

    Attributes
    ----------
    n_rows
        Number of rows.
    sets
        (type, Arrow array of text) of each column of identifiers.
    seconds, timed, missing
        Second of each row, 0 where it is not known; where it is; where there is nothing at all.
        None without times.
    previous
        Of calls after the Segment spec, ``previousId``; else None.
    extra
        Further columns, as they are.
    line
        Gives a row's line in the file, from 1; of Parquet the row's number.
    gone
        Lines of the rows that hold nothing, as they could not be read.
    total
        Rows of the whole file, where that is known.
    """

    n_rows: int
    sets: list[tuple[str, Any]]
    seconds: Longs | None
    timed: NDArray[np.bool_] | None
    missing: NDArray[np.bool_] | None
    previous: Any
    extra: list[Any]
    line: Callable[[int], int]
    gone: set[int]
    total: int | None = None


@dataclass
class Source:
    """Hold a file that can be read part by part, and what is to be said of it.

    Attributes
    ----------
    table
        The file.
    identifiers, time
        (type, column) pairs and the time's column, or None.
    is_segment
        Whether its lines are calls after the Segment spec.
    extra
        Names of further columns.
    n_other
        Values that could not be identifiers, so far.
    """

    table: Table
    identifiers: Sequence[tuple[str, str]]
    time: str | None
    is_segment: bool
    extra: Sequence[str]
    n_other: int = 0
    _odd: dict[str, LeftOut] = field(default_factory=dict)
    _said: list[str] = field(default_factory=list)
    _clock: TimeReader | None = None
    _dotted: dict[str, int] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The file's path."""
        return self.table.path

    def parts(self) -> Iterator[Part]:
        """Read the file from its start."""
        self.n_other, self._odd, self._said, self._dotted = 0, {}, [], {}
        yield from self._calls() if self.table.kind == "json" else self._rows()

    def notes(self) -> list[str]:
        """Return what a user should know, a line each, once the file was read."""
        unit = self.table.unit
        own = [line for odd in self._odd.values() for line in odd.lines(unit)]
        return [f"{self.path}: {note}" for note in [*own, *self._said]]

    def bad_time(self) -> str:
        """Return the first time that could not be read; it may be cut."""
        return "" if self._clock is None else self._clock.example()

    # -- tables ---------------------------------------------------------------------------------

    def _rows(self) -> Iterator[Part]:
        names = [name for _, name in self.identifiers]
        wanted = [*names, *([] if self.time is None else [self.time]), *self.extra]
        clock = None if self.time is None else TimeReader(self.time)
        self._clock = clock
        for batch in self.table.batches(wanted, keep_places=True):
            sets = [(kind, batch.ids(name)) for kind, name in self.identifiers]
            seconds = timed = missing = None
            if clock is not None and self.time is not None:
                times = clock.read(batch.raw(self.time))
                seconds, timed, missing = times.seconds, times.known, times.missing
            extra = [_without_nulls(batch.raw(name)) for name in self.extra]
            yield Part(
                batch.n_rows, sets, seconds, timed, missing, None, extra, batch.line,
                self.table.left_out.places, batch.total,
            )  # fmt: skip
        self._said += [] if clock is None else clock.notes()
        self.n_other += self.table.n_odd
        self._said += [note.removeprefix(f"{self.path}: ") for note in self.table.notes()]

    # -- objects --------------------------------------------------------------------------------

    def _calls(self) -> Iterator[Part]:
        left_out = LeftOut(keep_places=True)
        names = [name for _, name in self.identifiers]
        given = [] if self.time is None else [self.time]
        absent = set() if self.is_segment else {*names, *given, *self.extra}
        clocks = {n: TimeReader(n) for n in (_segment.TIMES if self.is_segment else given)}
        self._clock = next(iter(clocks.values()), None)
        n_rows = n_calls = 0
        with reading(self.path), self.table.file() as file:
            for objects in read_objects(file, left_out):
                rows, lines = _segment.calls(objects, left_out)
                n_rows, n_calls = n_rows + len(rows), n_calls + sum(r is not None for r in rows)
                yield self._part(rows, lines, clocks, absent, left_out.places)
            self._said += file.notes
        self._refuse_nothing(n_calls, left_out)
        self._said += left_out.lines()
        self._said += [f"no line has a value at {n!r}" for n in (*names, *given) if n in absent]
        for name, n in self._dotted.items():
            if n:
                have = "1 line has" if n == 1 else f"{n:,} lines have"
                self._said.append(f"{have} a field called {name!r} itself, which was read")
        for clock in clocks.values():
            self._said += clock.notes()

    def _part(
        self, rows: Rows, lines: Sequence[int], clocks: dict[str, TimeReader], absent: set[str],
        gone: set[int],
    ) -> Part:  # fmt: skip
        plain = _segment.without_group(rows) if self.is_segment else rows
        sets = [(k, self._texts(plain, lines, name)) for k, name in self.identifiers]
        extra = [self._texts(rows, lines, name, any_kind=True) for name in self.extra]
        previous = None
        if self.is_segment:
            previous = sets.pop()[1]
            odd = self._odd.setdefault("externalIds", LeftOut("context.externalIds"))
            before = len(odd)
            found = _segment.external_ids(rows, lines, odd)
            self.n_other += len(odd) - before
            sets += [(kind, _array(values)) for kind, values in found]
        times = {
            name: clock.read(self._texts(rows, lines, name, any_kind=True))
            for name, clock in clocks.items()
        }
        seconds, timed, missing = _moments(times) if times else (None, None, None)
        columns = [column for _, column in sets]
        for name, column in zip((n for _, n in self.identifiers), columns, strict=False):
            if name in absent and column.null_count < len(column):
                absent.discard(name)
        for name, column in zip(self.extra, extra, strict=True):
            if column.null_count < len(column):
                absent.discard(name)
        for name, found_times in times.items():
            if not found_times.missing.all():
                absent.discard(name)
        return Part(
            len(rows),
            sets,
            seconds,
            timed,
            missing,
            previous,
            extra,
            lambda row: lines[row],
            gone,
        )

    def _texts(self, rows: Rows, lines: Sequence[int], path: str, *, any_kind: bool = False) -> Any:
        """Return the values at a path as text; values that are no identifiers are counted."""
        steps = path.split(".")
        if len(steps) > 1:
            n = sum(row is not None and path in row for row in rows)
            self._dotted[path] = self._dotted.get(path, 0) + n
        texts: list[str | None] = []
        for i, row in enumerate(rows):
            value, fine = (None, True) if row is None else value_at(row, path, steps)
            text, is_id = text_of(value)
            if not any_kind and not (fine and is_id):
                odd = self._odd.setdefault(path, LeftOut(path))
                odd.add(lines[i], "neither text nor a whole number")
                self.n_other += 1
                text = None
            texts.append(text)
        return _array(texts)

    def _refuse_nothing(self, n_calls: int, left_out: LeftOut) -> None:
        if n_calls:
            return
        if not left_out:
            raise DataError("there are no rows in it", file=self.path)
        reason, places = next(iter(left_out.examples.items()))
        raise DataError(f"{reason}; no row is left", file=self.path, line=places[0])


def open_source(
    table: Table, identifiers: Sequence[tuple[str, str]], time: str | None, *,
    is_segment: bool = False, extra: Sequence[str] = (),
) -> Source:  # fmt: skip
    """Make a table ready to be read for its identifiers.

    Raises
    ------
    DataError
        For a column that is not there.
    """
    wanted = [name for _, name in identifiers] + ([] if time is None else [time]) + list(extra)
    if table.kind != "json":
        table.check(wanted)
    return Source(table, identifiers, time, is_segment, extra)


@contextmanager
def names_source(path: Path) -> Iterator[None]:
    """Put the file's name into errors about what it holds."""
    try:
        yield
    except DataError as error:
        if error.file is not None:
            raise
        raise DataError(error.message, file=path, line=error.line) from None


def _without_nulls(column: Any) -> Any:
    """Return a column of which the usual words for nothing are null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    return pc.if_else(pc.is_in(column, value_set=pa.array(NULLS, column.type)), None, column)


def _array(texts: Sequence[str | None]) -> Any:
    import pyarrow as pa

    return pa.array(texts, pa.large_string())


def _moments(times: dict[str, Any]) -> tuple[Longs, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return when each call happened: by its first time that can be read.

    Where the spec's own ``timestamp`` is missing it is made as the spec says: the client's time,
    less the difference between the client's clock and the server's.
    """
    found = [times[name] for name in times]
    seconds, known = found[0].seconds.copy(), found[0].known.copy()
    if len(found) == 1:
        return seconds, known, found[0].missing
    original, received, sent = found[1:]
    all_three = original.known & received.known & sent.known
    skewed = received.seconds - (sent.seconds - original.seconds)
    others = [(time.seconds, time.known) for time in (original, received, sent)]
    for value, there in ((skewed, all_three), *others):
        fill = ~known & there
        seconds[fill], known = value[fill], known | there
    return seconds, known, np.logical_and.reduce([time.missing for time in found])
