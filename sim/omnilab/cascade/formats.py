"""Tables in files of the usual formats: read with one clear error, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from omnilab.errors import DataError

__all__ = ["check_ending", "first_line", "read_table", "write_table", "write_tables"]

_BLOCK = 1 << 26  # bytes; no row can be longer


def write_table(table: pa.Table, path: str | Path) -> None:
    """Write Parquet, CSV or JSON lines, by the name's end; whole or not at all.

    Raises
    ------
    DataError
        If the ending is none of these or the file can't be written.
    """
    write_tables([(table, path)])


def write_tables(tables: Sequence[tuple[pa.Table, str | Path]]) -> None:
    """Write several tables, all of them or none.

    Raises
    ------
    DataError
        As in `write_table`.
    """
    partials = []
    try:
        for table, name in tables:
            path = Path(name)
            partials.append((path.with_name(f".{path.name}.{os.getpid()}.partial"), path))
            try:
                _write(table, partials[-1][0], _kind(path))
            except (pa.ArrowException, OSError) as error:
                raise DataError(f"can't be written: {first_line(error)}", file=path) from error
        for partial, path in partials:
            try:
                partial.replace(path)
            except OSError as error:
                raise DataError(f"can't be written: {error.strerror}", file=path) from error
    finally:
        for partial, _ in partials:
            partial.unlink(missing_ok=True)


def _write(table: pa.Table, path: Path, kind: str) -> None:
    """Write one file."""
    if kind == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, path)
        return
    with pa.output_stream(path, compression="gzip" if kind.endswith(".gz") else None) as stream:
        if kind.startswith("csv"):
            import pyarrow.csv as csv

            csv.write_csv(table, stream)
        elif table.num_rows:
            text = table.to_pandas().to_json(orient="records", lines=True, date_unit="s")
            stream.write(text.encode())


def first_line(error: BaseException) -> str:
    """Return the start of what an error says, without names of files of ours."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def check_ending(path: str | Path) -> None:
    """Refuse a file of which the ending doesn't tell the format.

    Raises
    ------
    DataError
        If it is none that we know.
    """
    _kind(Path(path))


def _kind(path: Path) -> str:
    """Return parquet, csv or jsonl; the latter two with .gz where they are compressed."""
    kinds = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv"}
    kinds |= {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}
    kinds |= {f"{ending}.gz": f"{kind}.gz" for ending, kind in kinds.items() if kind != "parquet"}
    ending = "".join(path.suffixes[-2:]) if path.suffix.lower() == ".gz" else path.suffix
    if ending.lower() not in kinds:
        known = ", ".join(sorted(kinds))
        raise DataError(f"can't tell the format by the ending; use one of {known}", file=path)
    return kinds[ending.lower()]


def read_table(path: Path, text: Sequence[str]) -> pa.Table:
    """Return a file's table; the columns `text` of a CSV file are read as text.

    Raises
    ------
    DataError
        If the file can't be read.
    """
    kind = _kind(path)
    try:
        if kind == "parquet":
            import pyarrow.parquet as pq

            return pq.read_table(path, partitioning=None)
        with pa.input_stream(path, compression="gzip" if kind.endswith(".gz") else None) as stream:
            if kind.startswith("csv"):
                import pyarrow.csv as csv

                types = dict.fromkeys(text, pa.string())
                options = csv.ConvertOptions(column_types=types, strings_can_be_null=True)
                blocks = csv.ReadOptions(block_size=_BLOCK)
                return csv.read_csv(stream, convert_options=options, read_options=blocks)
            import pyarrow.json as json

            return json.read_json(stream, read_options=json.ReadOptions(block_size=_BLOCK))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"can't be read: {first_line(error)}", file=path) from error
