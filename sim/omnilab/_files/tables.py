"""Read a user's table, whatever it is stored in: CSV and its kin, JSON, Parquet, Feather.

What a file is can be seen in it: its compression, its encoding, what parts its fields. The ending
of its name decides only what can't be seen. A row that can't be used is left out and counted, with
its line; a file that was cut or damaged is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab._files import columnar, delimited, json_text
from omnilab._files.batches import Batch, Column, joined
from omnilab._files.compression import magic, reading
from omnilab._files.header import find_header
from omnilab._files.left_out import LeftOut
from omnilab._files.text import TextFile
from omnilab.errors import DataError, nearest

__all__ = ["NULLS", "Batch", "Table", "is_json", "open_table", "read_whole"]

#: Texts that stand for no value, beside the empty one, where a caller wants them to.
NULLS = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "N/A", "NA", "NULL", "NaN", "n/a", "nan", "null",
)  # fmt: skip
_JSON_ENDINGS = (".jsonl", ".ndjson", ".json")
_PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")


class Table:
    """A table in a file, to be read once or more often.

    Attributes
    ----------
    path
        The file.
    kind
        ``csv`` (whatever parts its fields), ``json`` or ``columnar``.
    names
        The columns' names: of JSON the fields that the first objects have, those of inner objects
        as ``traits.email``.
    left_out
        Rows that could not be used, once the table was read.
    """

    def __init__(
        self, path: str | Path, *, encoding: str | None = None, separator: str | None = None,
        is_header: Callable[[list[str]], bool] | None = None, nulls: Sequence[str] = ("",),
    ) -> None:  # fmt: skip
        self.path = Path(path)
        self.left_out = LeftOut()
        self._odd: dict[str, LeftOut] = {}
        self._encoding, self._nulls = encoding, nulls
        self._notes: list[str] = []
        self._absent: list[str] = []
        with reading(self.path):
            start = magic(self.path)
        if not start and self.path.is_file():
            raise DataError("the file is empty: there are no rows in it", file=self.path)
        if columnar.is_columnar(start):
            self.kind = "columnar"
            self.names = columnar.column_names(self.path)
            return
        self._open: TextFile | None = TextFile(self.path, encoding)
        if is_json(self.path, self._open.head):
            self.kind = "json"
            self.names = _first_fields(self._open.head)
            return
        self.kind = "csv"
        self._header = find_header(self._open, separator=separator, is_header=is_header)
        self.names = self._header.names

    @property
    def unit(self) -> str:
        """What a row's place is called: its ``line``, or its ``row`` where there are no lines."""
        return "row" if self.kind == "columnar" else "line"

    def check(self, names: Sequence[str]) -> None:
        """Refuse names that no column has, or more than one; any path of JSON may come later.

        Raises
        ------
        DataError
            With the nearest name that there is.
        """
        for name in names:
            n = self.names.count(name)
            if n > 1:
                raise DataError(f"{n} columns are named {name!r}", file=self.path)
            if n or self.kind == "json" or (self.kind == "columnar" and "." in name):
                continue
            listed = [n for n in self.names if n][:200]
            raise DataError(f"no column {name!r}{nearest(name, listed)}", file=self.path)

    def batches(self, names: Sequence[str], *, keep_places: bool = False) -> Iterator[Batch]:
        """Read columns, some rows at a time, within some tens of megabytes.

        Parameters
        ----------
        names
            The columns; of JSON paths such as ``traits.email``.
        keep_places
            Whether a row that is left out stays among the others, with null in each column.

        Raises
        ------
        DataError
            For a column that is not there, and a file that is cut or damaged, has no row or none
            that can be used.
        """
        names = list(dict.fromkeys(names))
        self.check(names)
        self._begin(keep_places)
        n_rows = 0
        with reading(self.path):
            for batch in self._read(names):
                n_rows += batch.n_rows
                yield batch
        self._refuse_nothing(n_rows - (len(self.left_out) if keep_places else 0))

    def whole(self, wanted: Callable[[str], bool] | None = None, *, empty: bool = False) -> Batch:
        """Read the table whole.

        Parameters
        ----------
        wanted
            Tells which columns to read; None: all of them.
        empty
            Whether a table without rows is one; else it is refused.

        Raises
        ------
        DataError
            As `batches`.
        """
        self._begin(keep_places=False)
        parts: list[Batch] = []
        with reading(self.path):
            if self.kind == "json":
                parts = list(self._json_whole(wanted))
            else:
                keep = [i for i, n in enumerate(self.names) if wanted is None or wanted(n)]
                parts = list(self._read_places(keep))
        n_rows = sum(part.n_rows for part in parts)
        if n_rows or self.left_out or not empty:
            self._refuse_nothing(n_rows)
        if self.kind == "json":
            return joined(self, parts, None)
        return joined(self, parts, [n for n in self.names if wanted is None or wanted(n)])

    def notes(self, *, absent: bool = True) -> list[str]:
        """Return what a user should know of the file as far as it was read, a line each.

        Parameters
        ----------
        absent
            Whether to name the paths at which no object of a JSON file has a value.
        """
        found = list(self._notes)
        if absent:
            found += [f"no line has a value at {name!r}" for name in self._absent]
        found += self.left_out.lines(self.unit)
        for odd in self._odd.values():
            found += odd.lines(self.unit)
        return [f"{self.path}: {note}" for note in found]

    def count_odd(self, name: str, place: int, n: int = 1) -> None:
        """Count values of a column that are no identifiers."""
        odd = self._odd.setdefault(name, LeftOut(name))
        odd.add(place, "neither text nor a whole number", n)

    @property
    def n_odd(self) -> int:
        """How many values that were read as identifiers are none, so far."""
        return sum(map(len, self._odd.values()))

    def file(self) -> TextFile:
        """Return the file's text, for who reads its objects in another way."""
        return self._file()

    def _begin(self, keep_places: bool) -> None:
        """Forget what an earlier reading found."""
        self.left_out = LeftOut(keep_places=keep_places)
        self._odd, self._notes, self._absent = {}, [], []

    def _file(self) -> TextFile:
        """Return the file, which was opened to see what it is; a pipe can be opened only once."""
        file, self._open = self._open, None
        return file or TextFile(self.path, self._encoding)

    def _read(self, names: Sequence[str]) -> Iterator[Batch]:
        if self.kind == "json":
            yield from self._json(names)
        elif self.kind == "csv":
            yield from self._read_places([self.names.index(name) for name in names])
        else:
            yield from self._columnar(names)

    def _read_places(self, places: Sequence[int]) -> Iterator[Batch]:
        names = [self.names[i] for i in places]
        if self.kind == "columnar":
            yield from self._columnar(None, places)
            return
        with self._file() as file:
            chunks = delimited.read_chunks(file, self._header, places, self._nulls, self.left_out)
            for chunk in chunks:
                columns = [Column(array) for array in chunk.columns]
                yield Batch(self, names, columns, chunk.n_rows, chunk.lines)
            self._notes += [*file.notes, *self._header.notes]

    def _columnar(
        self, names: Sequence[str] | None, places: Sequence[int] | None = None
    ) -> Iterator[Batch]:
        done = 0
        for arrays, n_rows, total in columnar.read_columns(self.path, names):
            kept = arrays if places is None else [arrays[i] for i in places]
            given = names if places is None else [self.names[i] for i in places]
            lines = _counted(done, n_rows)
            yield Batch(self, given or [], [Column(a) for a in kept], n_rows, lines, total)
            done += n_rows

    def _json(self, names: Sequence[str]) -> Iterator[Batch]:
        paths = [(name, name.split(".")) for name in names]
        absent = set(names)
        with self._file() as file:
            for objects in json_text.read_objects(file, self.left_out):
                columns = [_values(objects.rows, *path) for path in paths]
                absent -= {n for n, c in zip(names, columns, strict=True) if _any_there(c)}
                yield Batch(self, names, columns, len(objects.rows), _listed(objects.lines))
            self._notes += file.notes
        self._absent = [name for name in names if name in absent]

    def _json_whole(self, wanted: Callable[[str], bool] | None) -> Iterator[Batch]:
        with self._file() as file:
            for objects in json_text.read_objects(file, self.left_out):
                flat = [_flat(row, wanted) for row in objects.rows if row is not None]
                names = dict.fromkeys(name for row in flat for name in row)
                kept = [name for name in names if wanted is None or wanted(name)]
                columns = [_values(flat, name, [name]) for name in kept]
                yield Batch(self, kept, columns, len(flat), _listed(objects.lines))
            self._notes += file.notes

    def _refuse_nothing(self, n_rows: int) -> None:
        """Refuse a table of which no row is left."""
        if n_rows:
            return
        if not self.left_out:
            raise DataError("there are no rows in it", file=self.path)
        reason, places = next(iter(self.left_out.examples.items()))
        line = places[0] if self.unit == "line" else None
        raise DataError(
            f"{reason}; no row is left of {len(self.left_out):,}", file=self.path, line=line
        )


def open_table(
    path: str | Path, *, encoding: str | None = None, separator: str | None = None,
    is_header: Callable[[list[str]], bool] | None = None, nulls: Sequence[str] = ("",),
) -> Table:  # fmt: skip
    """Find out what a table's file is, and what columns it has.

    Parameters
    ----------
    path
        CSV with commas, semicolons, tabs or bars; JSON, a line or an array; Parquet; Feather. Text
        may be compressed, and of any usual encoding.
    encoding, separator
        What the file's text is written in, and what parts its fields; found out if not given.
    is_header
        Tells whether the fields of a row look like the columns' names; lines above it are a title.
    nulls
        Texts of CSV that stand for no value.

    Raises
    ------
    DataError
        For a file that is not there, is empty, damaged or no table.
    OptionError
        For an encoding that is not known.
    """
    return Table(path, encoding=encoding, separator=separator, is_header=is_header, nulls=nulls)


def read_whole(path: str | Path, what: str) -> tuple[Table, Batch]:
    """Read a table whole, or not at all.

    Parameters
    ----------
    path
        As `open_table` takes it.
    what
        What the table is of, with its verb, for the error: "answers are".

    Raises
    ------
    DataError
        As `Table.whole`, and if a row had to be left out.
    """
    table = open_table(path)
    batch = table.whole()
    if table.left_out:
        raise DataError(
            f"{table.left_out.lines(table.unit)[0]}: {what} read whole or not at all", file=path
        )
    return table, batch


def is_json(path: str | Path, head: bytes) -> bool:
    """Tell by a text's start, or by its name's ending where that says nothing, if it is JSON."""
    start = head[:4096].lstrip()
    inner = start[1:].lstrip()[:1]
    if start[:1] == b"{":
        return inner in (b'"', b"}", b"")
    if start[:1] == b"[":
        return inner in (b"{", b"]", b"[", b"") or _ending(path) in _JSON_ENDINGS
    return _ending(path) in _JSON_ENDINGS


def _ending(path: str | Path) -> str:
    """Return a name's ending in small letters, without that of a compression."""
    place = Path(path)
    last = place.suffix.lower()
    return Path(place.stem).suffix.lower() if last in _PACKED else last


def _first_fields(head: bytes) -> list[str]:
    """Return the fields that the objects at a file's start have."""
    names: dict[str, None] = {}
    for line in head.split(b"\n")[:1000]:
        try:
            found = json_text.decode(line.strip().strip(b"[],").decode("utf-8", "replace"))
        except json_text.JsonError:
            continue
        if isinstance(found, dict):
            names.update(dict.fromkeys(_flat(found)))
    return list(names)


def _flat(
    row: Mapping[str, Any], wanted: Callable[[str], bool] | None = None, above: str = ""
) -> dict[str, Any]:
    """Return an object's fields, those of inner objects as ``traits.email``."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        is_object = isinstance(value, dict) and bool(value)
        if is_object:
            found |= _flat(value, wanted, f"{above}{name}.")
        if not is_object or (wanted is not None and wanted(above + name)):
            found[above + name] = value
    return found


def _values(rows: Sequence[Mapping[str, Any] | None], path: str, steps: Sequence[str]) -> Column:
    """Return the values at a path as texts, and where they are no identifiers."""
    import pyarrow as pa

    texts: list[str | None] = []
    odd: list[int] = []
    for i, row in enumerate(rows):
        if row is None:
            texts.append(None)
            continue
        value, fine = json_text.value_at(row, path, steps)
        text, is_id = json_text.text_of(value)
        texts.append(text)
        if not (fine and is_id):
            odd.append(i)
    mask = np.zeros(len(texts), np.bool_)
    mask[odd] = True
    return Column(pa.array(texts, pa.large_string()), pa.array(mask))


def _any_there(column: Column) -> bool:
    return bool(column.values.null_count < len(column.values) or column.odd.true_count)


def _counted(done: int, n_rows: int) -> Callable[[], NDArray[np.int64]]:
    return lambda: np.arange(done + 1, done + n_rows + 1, dtype=np.int64)


def _listed(lines: Sequence[int]) -> Callable[[], NDArray[np.int64]]:
    return lambda: np.array(lines, np.int64)
