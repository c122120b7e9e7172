"""Rows of a table as they are read: their columns as the file has them, as text, as ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from omnilab._files.columns import as_ids, as_texts, where_true
from omnilab.errors import DataError

__all__ = ["Batch", "Column", "joined"]


class Source(Protocol):
    """The table that a batch is of."""

    path: Path

    def count_odd(self, name: str, place: int, n: int = 1) -> None:
        """Count values of a column that are no identifiers."""


@dataclass(frozen=True)
class Column:
    """A column's values, and where a value of JSON is neither text nor a whole number."""

    values: Any
    odd: Any = None


class Batch:
    """Some rows of a table that follow each other, or all of them.

    Attributes
    ----------
    n_rows
        Number of rows.
    total
        Number of rows of the whole file, where it is known before all are read.
    names
        The columns' names, in their order; those of a whole CSV file may repeat.
    """

    def __init__(
        self, table: Source, names: Sequence[str], columns: Sequence[Column], n_rows: int,
        lines: Callable[[], NDArray[np.int64]], total: int | None = None,
    ) -> None:  # fmt: skip
        self.names, self.n_rows, self.total = list(names), n_rows, total
        self._table, self._columns, self._lines = table, list(columns), lines
        self._known: NDArray[np.int64] | None = None

    def raw(self, column: str | int) -> Any:
        """Return a column as the file has it: text of CSV and JSON, else of the file's own type.

        Parameters
        ----------
        column
            Its name, or its place among `names`.
        """
        return self._column(column).values

    def texts(self, column: str | int) -> Any:
        """Return a column as text: numbers by their digits, times as their own clock shows them."""
        return as_texts(self._column(column).values)

    def ids(self, column: str | int) -> Any:
        """Return a column of identifiers as text, null where there is none.

        A value that can't be one (a fraction, a truth value, an object) is left out and counted in
        the table's notes.

        Raises
        ------
        DataError
            If the column's type holds no identifiers.
        """
        name = column if isinstance(column, str) else self.names[column]
        found = self._column(column)
        if found.odd is not None:
            values, odd = found.values, found.odd
        else:
            try:
                values, odd = as_ids(found.values, name)
            except DataError as error:
                raise DataError(error.message, file=self._table.path) from None
        if odd is None:
            return values
        import pyarrow.compute as pc

        places = where_true(odd)
        for place in places[:3].tolist():
            self._table.count_odd(name, self.line(place))
        if len(places) > 3:
            self._table.count_odd(name, self.line(int(places[3])), len(places) - 3)
        return pc.if_else(odd, None, values)

    def line(self, row: int) -> int:
        """Return a row's line in the file, from 1; of Parquet and Feather the row's number."""
        if self._known is None:
            self._known = self._lines()
        return int(self._known[row])

    def _column(self, column: str | int) -> Column:
        return self._columns[self.names.index(column) if isinstance(column, str) else column]


def joined(table: Source, parts: Sequence[Batch], names: Sequence[str] | None) -> Batch:
    """Put all parts of a table into one batch.

    Parameters
    ----------
    table
        Whose parts they are.
    parts
        In their order.
    names
        The columns, which all parts have in this order; None: all that any part has, as in JSON,
        where a part may lack a column that another has.
    """
    if names is None:
        names = list(dict.fromkeys(name for part in parts for name in part.names))
        columns = [_stacked([_or_nulls(part, name) for part in parts]) for name in names]
    else:
        columns = [_stacked([part._columns[i] for part in parts]) for i in range(len(names))]

    def lines() -> NDArray[np.int64]:
        return np.concatenate([part._lines() for part in parts])

    return Batch(table, names, columns, sum(part.n_rows for part in parts), lines)


def _or_nulls(part: Batch, name: str) -> Column:
    import pyarrow as pa

    if name in part.names:
        return part._column(name)
    odd = pa.array(np.zeros(part.n_rows, np.bool_))
    return Column(pa.nulls(part.n_rows, pa.large_string()), odd)


def _stacked(columns: Sequence[Column]) -> Column:
    """Put columns below each other; texts of CSV become large, so that no size is too much."""
    import pyarrow as pa

    if not columns:
        return Column(pa.chunked_array([], pa.large_string()))
    values = pa.chunked_array([column.values for column in columns])
    if pa.types.is_string(values.type):
        values = values.cast(pa.large_string())
    odd = [column.odd for column in columns]
    return Column(values, None if odd[0] is None else pa.chunked_array(odd))
