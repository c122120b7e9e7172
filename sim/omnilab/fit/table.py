"""Load a log's columns as texts, from CSV, gzip CSV or Parquet, whichever the file's bytes say."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from omnilab.errors import DataError

__all__ = ["TextColumn", "TextTable", "load_table"]

_HEADER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column as its distinct texts and, for each row, which of them it holds.

    Parameters
    ----------
    texts
        Distinct texts without blanks around; an absent value is the empty text.
    codes
        Shape (n_rows,): positions in ``texts``.
    """

    texts: list[str]
    codes: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A file's named columns; names may repeat."""

    names: list[str]
    columns: list[TextColumn]
    n_rows: int

    def column(self, name: str) -> TextColumn:
        """Return the first column called ``name``."""
        return self.columns[self.names.index(name)]


def load_table(path: Path) -> TextTable:
    """Return the table in ``path``.

    Raises
    ------
    DataError
        Where the file is missing, empty, damaged, not UTF-8, or of another kind.
    """
    try:
        with path.open("rb") as handle:
            magic = handle.read(4)
        if not magic:
            raise DataError("the file is empty", file=path)
        if magic == b"PAR1":
            return _parquet(path)
        if magic[:2] == b"PK":
            raise DataError("a zip archive or workbook: save the table as CSV", file=path)
        return _csv(path, zipped=magic[:2] == b"\x1f\x8b")
    except FileNotFoundError:
        raise DataError("no such file", file=path) from None
    except IsADirectoryError:
        raise DataError("this is a folder, not a file", file=path) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DataError("the gzip file is damaged or cut short", file=path) from None
    except OSError as error:
        raise DataError(f"can't be read: {error.strerror or error}", file=path) from None


def _csv(path: Path, *, zipped: bool) -> TextTable:
    """Return a CSV's columns, all as texts."""
    with _open(path, zipped) as handle:
        header, n_lines = _header(handle, path)
        try:
            heads = {d: next(csv.reader([header], delimiter=d)) for d in ",;\t|"}
        except csv.Error as error:
            raise DataError(f"the header can't be read: {error}", file=path, line=n_lines) from None
        delimiter = max(heads, key=lambda d: len(heads[d]))
        names = [name.strip() for name in heads[delimiter]]
        places = [str(i) for i in range(len(names))]  # names may repeat
        try:
            # The handle stands behind the header; one thread, so that an error names its row.
            table = pyarrow.csv.read_csv(
                handle,
                read_options=pyarrow.csv.ReadOptions(column_names=places, use_threads=False),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=True
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=False
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):
                raise DataError("there is no row below the header", file=path) from None
            raise _csv_error(path, zipped, str(error), n_lines) from None
    return _text_table(names, table)


def _open(path: Path, zipped: bool) -> IO[bytes]:
    # Handed on to a `with` of the caller.
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb")


def _header(handle: IO[bytes], path: Path) -> tuple[str, int]:
    """Return the first line that isn't blank, and its number."""
    number = 0
    while raw := handle.readline(_HEADER_BYTES):
        number += 1
        try:
            line = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise DataError("not UTF-8 text: save it as UTF-8", file=path, line=number) from None
        line = line.rstrip("\r\n")
        if "\r" in line:
            raise DataError("lines end in a lone carriage return: save it anew", file=path)
        if line.strip():
            return line, number
    raise DataError("the file is empty", file=path)


def _csv_error(path: Path, zipped: bool, message: str, n_header: int) -> DataError:
    """Return the error for a CSV that can't be read, with its line."""
    with _open(path, zipped) as handle:
        for number, raw in enumerate(handle, start=1):
            try:
                raw.decode()
            except UnicodeDecodeError:
                return DataError("not UTF-8 text: save it as UTF-8", file=path, line=number)
    ragged = re.search(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)", message)
    if ragged:
        line = int(ragged[1]) + n_header if ragged[1] else None
        return DataError(f"{ragged[3]} fields where {ragged[2]} belong", file=path, line=line)
    return DataError(f"not a CSV table: {message.splitlines()[0][:120]}", file=path)


def _parquet(path: Path) -> TextTable:
    """Return a Parquet file's columns, all as texts."""
    try:
        table = pyarrow.parquet.ParquetFile(path).read()
        # A row number that pandas wrote isn't part of the log.
        names = enumerate(table.column_names)
        kept = [i for i, name in names if not name.startswith("__index_level_")]
        found = _text_table([table.column_names[i] for i in kept], table.select(kept))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"the Parquet file is damaged: {str(error).splitlines()[0][:120]}", file=path
        ) from None
    if found.n_rows == 0:
        raise DataError("the table has no row", file=path)
    return found


def _text_table(names: list[str], table: pa.Table) -> TextTable:
    columns = [_text_column(table.column(i)) for i in range(table.num_columns)]
    return TextTable(names, columns, table.num_rows)


def _text_column(column: pa.ChunkedArray) -> TextColumn:
    """Return the distinct texts of a column and each row's place among them."""
    encoded = _as_strings(column).combine_chunks()
    if not isinstance(encoded, pa.DictionaryArray):
        encoded = pc.dictionary_encode(pc.fill_null(encoded, ""))
    raw = [text.strip() for text in encoded.dictionary.to_pylist()]
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    place = {text: i for i, text in enumerate(dict.fromkeys(raw))}
    if len(place) < len(raw):
        codes = np.array([place[text] for text in raw], dtype=np.int64)[codes]
    return TextColumn(list(place), codes)


def _as_strings(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column as strings; a time as its own clock shows it."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_timestamp(kind):
        local = pc.local_timestamp(column) if kind.tz else column
        return local.cast(pa.timestamp("s"), safe=False).cast(pa.string())
    if pa.types.is_nested(kind):
        return pa.chunked_array([pa.array([str(v) for v in column.to_pylist()], pa.string())])
    return column.cast(pa.string())
