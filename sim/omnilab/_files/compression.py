"""Open a file for reading, unpacked if its first bytes say that it is compressed."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from omnilab._files.kinds import near_file
from omnilab.errors import DataError

__all__ = ["NO_PARQUET", "Stream", "magic", "open_stream", "reading", "said_by"]

# What some files begin with that are no tables a program could read as text.
_STRANGE = (
    (b"\xd0\xcf\x11\xe0", "a workbook of an old Excel: save the table as CSV"),
    (b"SQLite format 3", "a database of SQLite: export the table as CSV"),
    (b"%PDF", "a PDF: a table is needed, such as CSV"),
    (b"<!DOCTYPE", "a web page: was it the page of a log-in?"),
    (b"<html", "a web page: was it the page of a log-in?"),
    (b"Obj\x01", "an Avro file: convert it to Parquet"),
    (b"ORC", "an ORC file: convert it to Parquet"),
    (b"PARE", "an encrypted Parquet file"),
    (b"FEA1", "a Feather file of version 1: write it as version 2"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
)
NO_PARQUET = "it is no Parquet file, or one that is cut short"
_ZSTD = b"\x28\xb5\x2f\xfd"


class Stream:
    """Bytes of a file, unpacked, from its start to its end."""

    def __init__(self, file: IO[bytes], inner: Any = None) -> None:
        self._file, self._inner = file, inner or file

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes; fewer only at the end."""
        parts, left = [], size
        while left > 0:
            part = bytes(self._inner.read(left))
            if not part:
                break
            parts.append(part)
            left -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def position(self) -> int:
        """Return the bytes of the file itself that were read."""
        return self._file.tell() if self._file.seekable() else 0

    def close(self) -> None:
        """Close the file."""
        if self._inner is not self._file:
            self._inner.close()
        self._file.close()


class _Peeked:
    """A pipe whose first bytes were looked at."""

    def __init__(self, start: bytes, file: IO[bytes]) -> None:
        self._start, self._file = start, file

    def read(self, size: int = -1) -> bytes:
        if not self._start:
            return self._file.read(size)
        part = self._start if size < 0 else self._start[:size]
        self._start = self._start[len(part) :]
        return part

    def close(self) -> None:
        self._file.close()


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Turn what goes wrong in reading a file into one line that names it.

    Raises
    ------
    DataError
        In place of an error of the system, of a decompressor or of Arrow.
    """
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"no such file{near_file(path)}", file=path) from None
    except IsADirectoryError:
        raise DataError("this is a directory, not a file", file=path) from None
    except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zipfile.BadZipFile) as error:
        kind = "gzip" if isinstance(error, gzip.BadGzipFile) else _packed(path)
        hint = "; of a workbook, save the table as CSV" if kind == "zip" else ""
        raise DataError(f"the {kind} file is damaged or cut short{hint}", file=path) from None
    except (BrokenPipeError, DataError):
        raise
    except Exception as error:
        arrow = sys.modules.get("pyarrow")
        of_arrow = arrow is not None and isinstance(error, arrow.ArrowException)
        if not of_arrow and not isinstance(error, OSError):
            raise
        raise DataError(f"can't be read: {said_by(error)}", file=path) from None


def said_by(error: Exception) -> str:
    """Return what an error of the system or of Arrow says, in one line of the user's words."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if "magic bytes" in said or "Parquet file size is" in said:  # what every Parquet file ends with
        return NO_PARQUET
    return str(said).splitlines()[0][:200]


def magic(path: str | Path) -> bytes:
    """Return a file's first eight bytes; none of a pipe's, which could be read only once."""
    place = Path(path)
    if place.exists() and not place.is_file() and not place.is_dir():
        return b""
    with place.open("rb") as file:
        return file.read(8)


def open_stream(path: str | Path) -> Stream:
    """Open a file; gzip, bzip2, xz, Zstandard and zip with one file in it are unpacked.

    Raises
    ------
    DataError
        For an archive of several files, and a file that is known to be no table or text.
    """
    file = Path(path).open("rb")  # noqa: SIM115  handed on to the caller
    try:
        start = file.read(16)
        for mark, what in _STRANGE:
            if start.startswith(mark):
                raise DataError(what, file=path)
        whole: Any = file
        if file.seekable():
            file.seek(0)
        else:
            whole = _Peeked(start, file)
        opener = _opener(start)
        if opener is None:
            return Stream(file, whole)
        return Stream(file, opener(whole, path))
    except BaseException:
        file.close()
        raise


def _opener(start: bytes) -> Callable[[Any, str | Path], Any] | None:
    if start.startswith(b"\x1f\x8b"):
        return lambda file, _: gzip.GzipFile(fileobj=file, mode="rb")
    if start.startswith(b"BZh"):
        return lambda file, _: bz2.BZ2File(file)
    if start.startswith(b"\xfd7zXZ\0"):
        return lambda file, _: lzma.LZMAFile(file)
    if start.startswith(_ZSTD):
        return _zstandard
    return _zipped if start.startswith(b"PK\x03\x04") else None


def _zstandard(file: Any, path: str | Path) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")


def _zipped(file: Any, path: str | Path) -> Any:
    archive = zipfile.ZipFile(file)
    members = [m for m in archive.infolist() if not m.is_dir() and "__MACOSX" not in m.filename]
    if any(m.filename in ("[Content_Types].xml", "mimetype") for m in members):
        raise DataError("a workbook or document: save the table as CSV", file=path)
    if len(members) != 1:
        raise DataError(
            f"a zip archive of {len(members)} files: unpack it, and name one", file=path
        )
    if members[0].flag_bits & 1:
        raise DataError("a zip archive with a password: unpack it first", file=path)
    return archive.open(members[0])


def _packed(path: str | Path) -> str:
    """Return what a damaged file was packed by."""
    try:
        start = magic(path)
    except OSError:
        return "compressed"
    names = {b"\x1f\x8b": "gzip", b"BZ": "bzip2", b"\xfd7": "xz", b"PK": "zip"}
    return names.get(start[:2], "compressed")
