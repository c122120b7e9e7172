"""Tables into files of the usual formats, written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from omnilab._files.writing import drafts, names_file
from omnilab.errors import DataError

__all__ = ["check_ending", "write_table", "write_tables"]


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
    paths = [Path(name) for _, name in tables]
    kinds = [_kind(path) for path in paths]
    with drafts(paths) as written:
        for (table, _), kind, draft, path in zip(tables, kinds, written, paths, strict=True):
            with names_file(path):
                _write(table, draft, kind)


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
            text = table.to_pandas().to_json(
                orient="records", lines=True, date_format="iso", date_unit="s"
            )
            stream.write(text.encode())


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
