"""Load a log's columns as texts, each distinct text once."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from omnilab._files.tables import open_table

__all__ = ["TextColumn", "TextTable", "load_table"]


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

    def text(self, row: int) -> str:
        """Return the text of a row."""
        return self.texts[self.codes[row]]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A file's named columns; names may repeat.

    Parameters
    ----------
    names, columns, n_rows
        The columns, and their length.
    line
        Return a row's line in the file, from 1; of Parquet and Feather the row's number.
    unit
        What that place is called: ``line`` or ``row``.
    notes
        What a user should know of how the file was read, and the rows that were left out as they
        could not be read at all, a line each.
    """

    names: list[str]
    columns: list[TextColumn]
    n_rows: int
    first_row: int = 2  # number in the file of the first row below the header

    def row_number(self, row: int) -> int:
        """Return the number in the file of a row, as a spreadsheet counts."""
        return row + self.first_row

    def column(self, name: str) -> TextColumn:
        """Return the first column called ``name``."""
        return self.columns[self.names.index(name)]


def load_table(
    path: Path,
    *,
    encoding: str | None = None,
    is_header: Callable[[list[str]], bool] | None = None,
) -> TextTable:
    """Return the table in ``path``.

    Parameters
    ----------
    path
        CSV, whatever parts its fields, JSON, Parquet or Feather, compressed or not.
    encoding
        Of a text; found out if not given.
    is_header
        Tells whether the fields of a row are the columns' names; lines above it are a title.

    Raises
    ------
    DataError
        Where the file is missing, empty, damaged, cut, or of another kind.
    """
    table = open_table(path, encoding=encoding, is_header=is_header)
    rows = table.whole()
    columns = [_text_column(rows.texts(i)) for i in range(len(rows.names))]
    return TextTable(rows.names, columns, rows.n_rows, rows.line, table.unit, table.notes())


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
    return replace(_text_table(names, table), first_row=n_lines + 1)


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
    encoded = pc.dictionary_encode(pc.fill_null(column, "")).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    raw = [text.strip() for text in encoded.dictionary.to_pylist()]
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    place = {text: i for i, text in enumerate(dict.fromkeys(raw))}
    if len(place) < len(raw):
        codes = np.array([place[text] for text in raw], dtype=np.int64)[codes]
    return TextColumn(list(place), codes)
