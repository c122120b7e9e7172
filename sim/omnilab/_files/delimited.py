"""Read the rows of CSV and its kin, chunk by chunk.

A chunk of whole rows is read by Arrow. What Arrow would refuse for one row's sake, or read another
way than the usual programs do, is read again by Python's csv module, which knows each row's line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omnilab._files.header import LONGEST, Header, count_lines, fields_of_any_length
from omnilab._files.left_out import LeftOut
from omnilab._files.text import TextFile
from omnilab.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CHUNK", "Chunk", "read_chunks"]

#: Bytes read at a time.
CHUNK = 1 << 22
_UNCLOSED = "a quote is opened and not closed"
#: A quote that is open at the end of a cut file was opened at most so many lines before it.
_CUT_LINES = 20


@dataclass(frozen=True)
class Chunk:
    """Some rows that follow each other.

    Attributes
    ----------
    columns
        A string array for each column that was asked for.
    lines
        Return the line on which each row begins, from 1.
    n_rows
        Number of rows.
    """

    columns: list[pa.Array]
    lines: Callable[[], NDArray[np.int64]]
    n_rows: int


def read_chunks(
    file: TextFile, header: Header, columns: Sequence[int], nulls: Sequence[str], left_out: LeftOut
) -> Iterator[Chunk]:
    """Read columns of a CSV file.

    Parameters
    ----------
    columns
        Positions of the columns.
    nulls
        Texts that stand for no value.
    left_out
        Takes the rows that can't be used.

    Raises
    ------
    DataError
        For a row that is too long, and for a file that was cut in its last row.
    """
    line = header.n_lines + 1
    for data, is_proper, is_last in _whole_rows(file, header, left_out):
        cut = is_last and file.ends_in_line
        part = _Part(data, line, header, columns, nulls, cut, file)
        chunk = part.fast() if is_proper and not file.is_damaged else None
        chunk = chunk or part.careful(left_out)
        line += part.n_lines
        if chunk.n_rows:
            yield chunk
    if file.ends_in_line:
        file.notes.append("the last line has no end; was the file cut?")


def _whole_rows(
    file: TextFile, header: Header, left_out: LeftOut
) -> Iterator[tuple[bytes, bool, bool]]:
    """Cut a file behind rows; tell whether its quotes are as they should be, and the last piece."""
    skip, rest = header.size, b""
    newline = 13 if b"\n" not in file.head and b"\r" in file.head else 10
    for block in file.blocks(CHUNK):
        if skip >= len(block):
            skip -= len(block)
            continue
        rest += block[skip:]
        skip = 0
        end, is_proper = _last_row_end(rest, ord(header.separator), newline)
        if end:
            yield rest[:end], is_proper, False
            rest = rest[end:]
        while len(rest) > LONGEST:
            # Taken out, the line is a row by itself, which its open quote leaves out.
            first = rest.find(newline) + 1
            if not first or first > LONGEST:
                raise DataError(f"a row is longer than {LONGEST >> 20} MB", file=file.path)
            yield rest[:first], False, False
            rest = rest[first:]
            end, is_proper = _last_row_end(rest, ord(header.separator), newline)
            if end:
                yield rest[:end], is_proper, False
                rest = rest[end:]
    if rest:
        end, is_proper = _last_row_end(rest, ord(header.separator), newline)
        yield rest, is_proper and (end == len(rest) or b'"' not in rest[end:]), True


def _last_row_end(data: bytes, separator: int, newline: int) -> tuple[int, bool]:
    """Return where the last whole row ends, and whether all quotes are as they should be."""
    if b'"' not in data:
        return data.rfind(newline) + 1, True
    letters = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(letters == 34)
    ends = np.flatnonzero(letters == newline)
    if _are_proper(letters, quotes, separator):
        outside = np.searchsorted(quotes, ends) % 2 == 0
        where = np.flatnonzero(outside)
        return (int(ends[where[-1]]) + 1 if len(where) else 0), True
    spans = _quoted_spans(data, separator)
    starts = np.array([start for start, _ in spans], np.int64)
    stops = np.array([stop for _, stop in spans], np.int64)
    place = np.searchsorted(starts, ends) - 1
    inside = np.zeros(len(ends), np.bool_)
    if spans:
        inside = (place >= 0) & (ends < stops[np.maximum(place, 0)])
    where = np.flatnonzero(~inside)
    return (int(ends[where[-1]]) + 1 if len(where) else 0), False


def _are_proper(letters: NDArray[np.uint8], quotes: NDArray[np.int64], separator: int) -> bool:
    """Tell whether quotes stand only around fields, or twice within them.

    Then each second one closes what the one before opened, and their number tells the inside.
    """
    before = letters[np.maximum(quotes[0::2] - 1, 0)]
    opens = (before == separator) | (before == 10) | (before == 13) | (before == 34)
    opens |= quotes[0::2] == 0
    last = len(letters) - 1
    after = letters[np.minimum(quotes[1::2] + 1, last)]
    closes = (after == separator) | (after == 10) | (after == 13) | (after == 34)
    closes |= quotes[1::2] == last
    return bool(opens.all() and closes.all())


def _quoted_spans(data: bytes, separator: int) -> list[tuple[int, int]]:
    """Return where quoted fields begin and end, if some quotes stand within bare fields."""
    spans = []
    place = data.find(b'"')
    while place >= 0:
        if place and data[place - 1] not in (separator, 10, 13):
            place = data.find(b'"', place + 1)
            continue
        close = data.find(b'"', place + 1)
        while close >= 0 and data[close + 1 : close + 2] == b'"':
            close = data.find(b'"', close + 2)
        if close < 0:
            spans.append((place, len(data)))
            break
        spans.append((place, close))
        place = data.find(b'"', close + 1)
    return spans


class _Part:
    """A piece of a file that holds whole rows."""

    def __init__(
        self, data: bytes, line: int, header: Header, columns: Sequence[int], nulls: Sequence[str],
        is_cut: bool, file: TextFile,
    ) -> None:  # fmt: skip
        self.data, self.line, self.header = data, line, header
        self.columns, self.nulls, self.is_cut, self.file = columns, nulls, is_cut, file
        self.n_lines = count_lines(data)

    def fast(self) -> Chunk | None:
        """Read the rows by Arrow; None where there is something odd in one of them."""
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        if b"\0" in self.data:
            return None
        places = [str(i) for i in range(len(self.header.names))]
        wanted = [places[i] for i in self.columns]
        quoted = b'"' in self.data
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(self.data),
                read_options=arrow_csv.ReadOptions(column_names=places, block_size=len(self.data)),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.header.separator, newlines_in_values=quoted
                ),
                convert_options=arrow_csv.ConvertOptions(
                    include_columns=wanted,
                    column_types=dict.fromkeys(wanted, pa.string()),
                    strings_can_be_null=True,
                    null_values=list(self.nulls),
                ),
            )
        except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeDecodeError):
            return None
        found = [_one_array(table.column(i)) for i in range(len(wanted))]
        if self._has_header(found):
            return None
        return Chunk(found, lambda: self._lines(table.num_rows), table.num_rows)

    def _has_header(self, columns: list[pa.Array]) -> bool:
        """Tell whether a row may be the header again: its columns asked for end in their names."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not columns:
            return False
        name = self.header.names[self.columns[0]]
        rows = pc.indices_nonzero(pc.fill_null(pc.ends_with(columns[0], name), False))
        others = zip(columns[1:], self.columns[1:], strict=True)
        near = [pc.ends_with(column.take(rows), self.header.names[i]) for column, i in others]
        alike = pa.array(np.ones(len(rows), np.bool_))
        for column in near:
            alike = pc.and_(alike, pc.fill_null(column, False))
        return bool(pc.any(alike).as_py())

    def _lines(self, n_rows: int) -> NDArray[np.int64]:
        """Return the line of each row, of rows that all can be used."""
        whole = self.n_lines + (self.data[-1:] not in (b"\n", b"\r"))
        if n_rows == whole:
            return np.arange(self.line, self.line + n_rows, dtype=np.int64)
        return np.array([line for line, _ in self._rows()], np.int64)

    def careful(self, left_out: LeftOut) -> Chunk:
        """Read the rows one by one, and leave out those that can't be used."""
        import pyarrow as pa

        rows: list[list[str | None]] = []
        lines: list[int] = []
        nulls = frozenset(self.nulls)
        for line, fields in self._rows():
            reason, values = self._chosen(fields)
            if reason:
                self._refuse_cut(reason, line, fields)
                left_out.add(line, reason)
                if not left_out.keep_places:
                    continue
            rows.append([None if v in nulls else v for v in values])
            lines.append(line)
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(self.columns)
        arrays = [pa.array(column, pa.string()) for column in columns]
        return Chunk(arrays, lambda: np.array(lines, np.int64), len(rows))

    def _chosen(self, fields: list[str] | None) -> tuple[str, list[str]]:
        """Return why a row can't be used, or nothing, and its fields of the columns asked for."""
        none = [""] * len(self.columns)
        width = len(self.header.names)
        if fields is None:
            return _UNCLOSED, none
        if len(fields) < width or any(field.strip() for field in fields[width:]):
            return f"{len(fields)} field{'s' * (len(fields) != 1)} where {width} belong", none
        names = [field.strip("\ufeff \t") for field in fields[:width]]
        if width > 1 and names == self.header.names:
            return "the header again", none
        values = [fields[i] for i in self.columns]
        for value in values:
            if "\0" in value:
                return "a zero byte", none
            if not value.isascii() and re.search(r"[\udc80-\udcff]", value):
                return "invalid UTF-8", none
        return "", values

    def _refuse_cut(self, reason: str, line: int, fields: list[str] | None) -> None:
        """Refuse a file whose last row was cut off: nobody knows how much is missing."""
        last = self.line + self.n_lines
        if not self.is_cut or line < last - (_CUT_LINES if fields is None else 0):
            return
        # One field alone may be a footer.
        if fields is None or len(fields) > 1 or len(self.header.names) < 3:
            raise DataError(f"the last row was cut off: {reason}", file=self.file.path, line=line)

    def _rows(self) -> Iterator[tuple[int, list[str] | None]]:
        """Yield each row that is not blank with its line; None where its quotes aren't closed."""
        text = self.data.decode("utf-8", "surrogateescape")
        lines = list(io.StringIO(text, newline=""))
        place = 0
        with fields_of_any_length():
            while place < len(lines):
                start = begun = place
                ahead = map(lines.__getitem__, range(start, len(lines)))
                reader = csv.reader(ahead, delimiter=self.header.separator, strict=True)
                try:
                    for fields in reader:
                        if len(fields) > 1 or any(field.strip() for field in fields):
                            yield self.line + begun, fields
                        begun = start + reader.line_num
                    return
                except csv.Error as error:
                    end = start + reader.line_num
                    place, row = self._loose(lines, begun, end, "end of data" in str(error))
                    yield self.line + begun, row

    def _loose(
        self, lines: list[str], begun: int, end: int, is_open: bool
    ) -> tuple[int, list[str] | None]:
        """Read a row that has quotes where none belong; return the line after it too.

        Parameters
        ----------
        begun, end
            The row's first line, and the one after that in which it went wrong.
        is_open
            Whether its quotes are still open there.
        """
        separator = re.escape(self.header.separator)
        # What seems to close the row's quotes opens others: the row's own are never closed.
        opens = re.search(rf'(?:^|{separator})"[^"{separator}\r\n]', lines[end - 1])
        if end - begun == 1 or not (is_open or opens):
            row = next(csv.reader(lines[begun:end], delimiter=self.header.separator), [])
            if len(row) >= len(self.header.names):
                return end, row
        return begun + 1, None


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return found.chunk(0) if hasattr(found, "chunk") else found
