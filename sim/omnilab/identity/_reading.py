"""Read some columns of a user's file, a batch at a time: Parquet, CSV and JSON lines, or gzip.

What can't be read is said in one line with the file's name, and with the line where one is known.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn, cast

from omnilab.errors import DataError, nearest

__all__ = ["BATCH", "Batch", "is_json", "read_batches"]

#: Rows read at a time: some tens of megabytes.
BATCH = 1 << 17
#: Bytes of CSV read at a time, and of the longest row.
CHUNK, LONGEST = 1 << 22, 1 << 24
#: Bytes of a Parquet column read at a time.
BUFFER = 1 << 20
JSON_ENDINGS = (".jsonl", ".ndjson", ".json")

#: Arrow arrays by column, and the number of rows of the whole file where it is known.
Batch = tuple[dict[str, Any], int | None]


def is_json(path: Path) -> bool:
    """Tell whether a file is of JSON lines, by its ending."""
    return _ending(path) in JSON_ENDINGS


def read_batches(
    path: Path, names: Sequence[str], *, notes: list[str] | None = None
) -> Iterator[Batch]:
    """Read columns of a file.

    Parameters
    ----------
    path
        Its ending tells what it is, Parquet if none that is known; CSV and JSON lines may be
        compressed with gzip.
    names
        The columns; in JSON lines, paths such as ``traits.email``.
    notes
        Takes what a user should know of a file that could be read.

    Raises
    ------
    DataError
        For a file that is not there, cut, damaged, not UTF-8, without rows or such a column.
    """
    import pyarrow as pa

    names = list(dict.fromkeys(names))
    n_rows = 0
    try:
        for batch, total in _reader(path, names, notes):
            n_rows += len(batch[names[0]])
            yield batch, total
    except FileNotFoundError:
        raise DataError("no such file", file=path) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DataError("the gzip file is damaged or cut short", file=path) from None
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"can't be read: {str(error).splitlines()[0]}", file=path) from None
    if not n_rows:
        raise DataError("there are no rows in it", file=path)


def _ending(path: Path) -> str:
    """Return a file's ending in small letters, without that of gzip."""
    lower = path.suffix.lower()
    return Path(path.stem).suffix.lower() if lower == ".gz" else lower


def _open(path: Path) -> IO[bytes]:
    if path.suffix.lower() == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def _reader(path: Path, names: list[str], notes: list[str] | None) -> Iterator[Batch]:
    ending = _ending(path)
    if ending in JSON_ENDINGS:
        return _json_batches(path, names, notes)
    if ending == ".csv":
        return _csv_batches(path, names, notes)
    return _parquet_batches(path, names)


def _check_names(path: Path, names: list[str], there: list[str]) -> None:
    for name in names:
        if name not in there:
            raise DataError(f"no column {name!r}{nearest(name, there)}", file=path)
        if there.count(name) > 1:
            raise DataError(f"{there.count(name)} columns are named {name!r}", file=path)


def _parquet_batches(path: Path, names: list[str]) -> Iterator[Batch]:
    import pyarrow.parquet as pq

    # Buffered ahead, the bytes of every row group would stay until the end, and without a buffer's
    # size those of a whole row group.
    with pq.ParquetFile(
        path, pre_buffer=False, buffer_size=BUFFER, page_checksum_verification=True
    ) as file:
        _check_names(path, names, file.schema_arrow.names)
        for batch in file.iter_batches(BATCH, columns=names):
            yield {name: batch.column(name) for name in names}, file.metadata.num_rows


def _csv_batches(path: Path, names: list[str], notes: list[str] | None) -> Iterator[Batch]:
    import pyarrow as pa
    from pyarrow import csv

    # Left to guess, a column of digits in the first chunk fails on a letter in a later one.
    convert = csv.ConvertOptions(
        include_columns=names,
        column_types=dict.fromkeys(names, pa.string()),
        strings_can_be_null=True,
    )
    there: list[str] | None = None
    chunk = b""
    try:
        # Arrow's own reader of streams reads 32 blocks ahead, and a block must hold a whole row.
        for chunk in _chunks(path):
            read = csv.ReadOptions(column_names=there, block_size=len(chunk))
            if there is None:
                there = csv.open_csv(pa.BufferReader(chunk), read_options=read).schema.names
                _check_names(path, names, there)
            table = csv.read_csv(pa.BufferReader(chunk), read_options=read, convert_options=convert)
            for batch in table.to_batches():
                yield {name: batch.column(name) for name in names}, None
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        _refuse_csv(path, str(error).splitlines()[0])
    if notes is not None and chunk[-1:] not in b"\r\n":
        notes.append(f"{path}: the last line has no end; was the file cut?")


def _chunks(path: Path) -> Iterator[bytes]:
    """Read a file in chunks of whole lines, leaving out empty ones."""
    rest = b""
    with _open(path) as file:
        while data := file.read(CHUNK):
            end = data.rfind(b"\n") + 1
            if end:
                chunk, rest = rest + data[:end], data[end:]
                if chunk.strip():
                    yield chunk
            else:
                rest += data
            if len(rest) > LONGEST:
                raise DataError(f"a row is longer than {LONGEST >> 20} MB", file=path)
    if rest.strip():
        yield rest


def _refuse_csv(path: Path, reason: str) -> NoReturn:
    """Say what is wrong with a CSV file in a user's words, and in which line if we can."""
    with _open(path) as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                raise DataError("invalid UTF-8; save it as UTF-8", file=path, line=number) from None
    raise DataError(f"can't be read: {reason[:200]}", file=path) from None


def _json_batches(path: Path, names: list[str], notes: list[str] | None) -> Iterator[Batch]:
    import pyarrow as pa

    def arrays() -> dict[str, Any]:
        return {n: pa.array(c, pa.string()) for n, c in zip(names, columns, strict=True)}

    paths = [name.split(".") for name in names]
    columns: list[list[str | None]] = [[] for _ in names]
    absent = set() if notes is None else set(names)
    with _open(path) as file:
        for number, line in enumerate(file, 1):
            event = _event(line, path, number)
            if event is None:
                continue
            for column, steps in zip(columns, paths, strict=True):
                column.append(_at(event, steps, path, number))
            if absent:
                absent -= {n for n, c in zip(names, columns, strict=True) if c[-1] is not None}
            if len(columns[0]) == BATCH:
                yield arrays(), None
                columns = [[] for _ in names]
    if columns[0]:
        yield arrays(), None
    if notes is not None:
        notes += [f"{path}: no line has a value at {n!r}" for n in names if n in absent]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object, but not of two fields of one name: either could be meant."""
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return made


class _TwiceError(Exception):
    """A field that an object has twice."""


def _no_constant(constant: str) -> None:
    """Refuse NaN and the like, which Python reads though they are no JSON."""
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_object)


def _event(line: bytes, path: Path, number: int) -> dict[str, Any] | None:
    """Return a line's object, None for an empty line."""
    if number == 1:
        line = line.removeprefix(b"\xef\xbb\xbf")  # a byte order mark
    line = line.strip()
    if not line:
        return None
    try:
        event = _DECODER.decode(line.decode())
    except UnicodeDecodeError:
        raise DataError("invalid UTF-8", file=path, line=number) from None
    except _TwiceError as error:
        raise DataError(f"{str(error)!r} is there twice", file=path, line=number) from None
    except RecursionError:
        raise DataError("nested too deeply", file=path, line=number) from None
    except ValueError:
        raise DataError("not a whole JSON object", file=path, line=number) from None
    if not isinstance(event, dict):
        raise DataError("not a JSON object", file=path, line=number)
    return event


def _at(event: Any, steps: list[str], path: Path, number: int) -> str | None:
    """Return the text at a path in an object, None where there is nothing."""
    for step in steps:
        if not isinstance(event, dict):
            if event is None:
                return None
            raise DataError(f"{'.'.join(steps)!r}: not an object", file=path, line=number)
        event = event.get(step)
    if event is None:
        return None
    if isinstance(event, str):
        if not event.isascii():
            _check_text(event, path, number)
        return event
    if type(event) is not int:
        raise DataError(
            f"{'.'.join(steps)!r}: neither text nor a whole number", file=path, line=number
        )
    return str(event)


def _check_text(text: str, path: Path, number: int) -> None:
    """Refuse half of a surrogate pair, which an escape can write but no UTF-8 can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise DataError("invalid UTF-8", file=path, line=number) from None
