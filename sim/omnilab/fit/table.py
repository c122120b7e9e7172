"""Load a log's columns as texts, each distinct text once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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
    line: Callable[[int], int]
    unit: str = "line"
    notes: list[str] = field(default_factory=list)

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


def _text_column(column: Any) -> TextColumn:
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
