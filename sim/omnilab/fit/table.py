"""A log's columns as texts, each distinct text once."""

from __future__ import annotations

from collections.abc import Callable
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
    names, columns
        Of each column.
    n_rows
        Rows that could be read.
    row_number
        Gives a row's line in the file, from 1; of Parquet the row's number.
    notes
        What is to be known of the file: its encoding, its title, rows that could not be read.
    """

    names: list[str]
    columns: list[TextColumn]
    n_rows: int
    row_number: Callable[[int], int]
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> TextColumn:
        """Return the first column called ``name``."""
        return self.columns[self.names.index(name)]

    def with_constant(self, name: str, text: str) -> TextTable:
        """Return the table with a column more that says the same in all rows."""
        column = TextColumn([text], np.zeros(self.n_rows, dtype=np.int64))
        return replace(self, names=[*self.names, name], columns=[*self.columns, column])


def load_table(
    path: Path,
    *,
    encoding: str | None = None,
    is_header: Callable[[list[str]], bool] | None = None,
) -> TextTable:
    """Return the table in ``path``: CSV and its kin, JSON, Parquet, Feather.

    Parameters
    ----------
    encoding
        Of its text; found out if None.
    is_header
        Tells whether the fields of a line look like the names of columns.

    Raises
    ------
    DataError
        Where the file is missing, empty, damaged, or of another kind.
    OptionError
        For an encoding that is not known.
    """
    table = open_table(path, encoding=encoding, is_header=is_header)
    # A row number that pandas wrote isn't part of the log.
    batch = table.whole(lambda name: not name.startswith("__index_level_"))
    columns = [_text_column(batch.texts(i)) for i in range(len(batch.names))]
    names = [name.strip() for name in batch.names]
    return TextTable(names, columns, batch.n_rows, batch.line, tuple(table.notes()))


def _text_column(column: Any) -> TextColumn:
    """Return the distinct texts of a column and each row's place among them."""
    encoded = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not isinstance(encoded, pa.DictionaryArray):
        encoded = pc.dictionary_encode(pc.fill_null(encoded, ""))
    raw = [(text or "").strip() for text in encoded.dictionary.to_pylist()]
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    place = {text: i for i, text in enumerate(dict.fromkeys(raw))}
    if len(place) < len(raw):
        codes = np.array([place[text] for text in raw], dtype=np.int64)[codes]
    return TextColumn(list(place), codes)
