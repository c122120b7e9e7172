"""Read Parquet and Arrow's own files (Feather), some rows at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._files.compression import NO_PARQUET, said_by
from omnilab.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["column_names", "is_columnar", "read_columns"]

#: Rows read at a time: some tens of megabytes.
BATCH = 1 << 17
#: Bytes of a Parquet column read at a time.
BUFFER = 1 << 20
_PARQUET, _ARROW = b"PAR1", b"ARROW1"
#: A row number that pandas writes beside the table's own columns.
_ROW_NUMBER = re.compile(r"__index_level_\d+__")


def is_columnar(start: bytes) -> bool:
    """Tell by a file's first bytes whether it is Parquet or one of Arrow's own."""
    return start.startswith((_PARQUET, _ARROW))


def column_names(path: Path) -> list[str]:
    """Return the names of all columns, those that pandas made of row numbers left out.

    Raises
    ------
    DataError
        For a file that is damaged.
    """
    with _opened(path) as file:
        names = _names(file)
    return [name for name in names if not _ROW_NUMBER.fullmatch(name)]


def read_columns(
    path: Path, names: Sequence[str] | None
) -> Iterator[tuple[list[pa.Array], int, int]]:
    """Read columns by name, or all that `column_names` gives.

    A name such as ``traits.email`` is a field of a column of structs, if no column has it.

    Yields
    ------
    tuple
        The arrays, their length, and the number of rows of the whole file.
    """
    with _opened(path) as file:
        there = _names(file)
        places = [i for i, name in enumerate(there) if not _ROW_NUMBER.fullmatch(name)]
        if names is None:
            for batch, total in _batches(file, None):
                yield [batch.column(i) for i in places], batch.num_rows, total
            return
        roots = [name if name in there else name.split(".")[0] for name in names]
        for batch, total in _batches(file, list(dict.fromkeys(roots))):
            arrays = [
                _field(batch.column(root), name[len(root) + 1 :].split("."))
                if name != root
                else batch.column(root)
                for name, root in zip(names, roots, strict=True)
            ]
            yield arrays, batch.num_rows, total


def _field(column: pa.Array, steps: Sequence[str]) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    for step in steps:
        if not pa.types.is_struct(column.type) or column.type.get_field_index(step) < 0:
            return pa.nulls(len(column))
        column = pc.struct_field(column, step)
    return column


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a file; say what is wrong with a damaged one in one line."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kind = "Parquet"
    try:
        with path.open("rb") as start:
            is_arrow = start.read(6) == _ARROW
        if is_arrow:
            kind = "Arrow"
            with pa.memory_map(str(path)) as source:
                yield pa.ipc.open_file(source)
            return
        # Buffered ahead, the bytes of every row group would stay until the end, and without a
        # buffer's size those of a whole row group.
        with pq.ParquetFile(
            path, pre_buffer=False, buffer_size=BUFFER, page_checksum_verification=True
        ) as file:
            yield file
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        said = said_by(error)[:120]
        if said != NO_PARQUET:
            said = f"the {kind} file is damaged or cut short ({said})"
        raise DataError(f"can't be read: {said}", file=path) from None


def _names(file: Any) -> list[str]:
    schema = file.schema_arrow if hasattr(file, "schema_arrow") else file.schema
    return list(schema.names)


def _batches(file: Any, names: list[str] | None) -> Iterator[tuple[Any, int]]:
    if hasattr(file, "iter_batches"):
        for batch in file.iter_batches(BATCH, columns=names):
            yield batch, file.metadata.num_rows
        return
    total = sum(file.get_batch(i).num_rows for i in range(file.num_record_batches))
    gathered: list[Any] = []
    for i in range(file.num_record_batches):
        whole = file.get_batch(i)
        gathered.append(whole if names is None else whole.select(names))
        if sum(part.num_rows for part in gathered) >= BATCH or i + 1 == file.num_record_batches:
            for batch in _merged(gathered):
                yield batch, total
            gathered = []


def _merged(parts: Sequence[Any]) -> Iterator[Any]:
    """Yield the rows of small batches in batches of the usual size, as Parquet's come."""
    import pyarrow as pa

    yield from pa.Table.from_batches(parts).combine_chunks().to_batches(BATCH)
