"""Parquet files that grow while a run goes on: one row group is held, not the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ROWS_IN_GROUP", "RowGroups"]

ROWS_IN_GROUP = 1 << 18


class RowGroups:
    """A Parquet file written block by block, whatever their sizes, in row groups of one size.

    Parameters
    ----------
    path
        The file to write.
    schema
        Its columns.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        import pyarrow.parquet as pq

        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema)
        self._waiting: list[pa.RecordBatch] = []
        self._count = 0

    def write(self, columns: Sequence[Any]) -> None:
        """Take a block, one Arrow array a column."""
        import pyarrow as pa

        block = pa.record_batch(list(columns), schema=self._schema)
        self._waiting.append(block)
        self._count += block.num_rows
        if self._count >= ROWS_IN_GROUP:
            self._flush(ROWS_IN_GROUP)

    def close(self) -> None:
        """Write what is left and end the file."""
        if self._count:
            self._flush(1)
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def _flush(self, least: int) -> None:
        """Write row groups as long as there are ``least`` rows for one."""
        import pyarrow as pa

        table = pa.Table.from_batches(self._waiting, self._schema)
        while table.num_rows >= least:
            self._writer.write_table(table.slice(0, ROWS_IN_GROUP).combine_chunks())
            table = table.slice(ROWS_IN_GROUP)
        self._waiting, self._count = table.to_batches(), table.num_rows
