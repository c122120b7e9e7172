"""Read a user's text file of any usual encoding and compression as UTF-8, a block at a time."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from omnilab._files.compression import Stream, open_stream, reading
from omnilab.errors import DataError, OptionError

__all__ = ["IdList", "TextFile", "check_encoding", "read_list", "read_text"]

#: Bytes looked at to find out what a file is, and bytes read at a time.
HEAD, BLOCK = 1 << 18, 1 << 22
#: Encodings by the mark that a file begins with; the longer marks first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: An encoding's name in notes, where Python's is not the usual one.
_NAMES = {"cp1252": "Windows-1252", "iso8859-1": "Latin-1"}
#: Bytes that no text has, in any encoding of one byte a letter.
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
#: The start of a letter of several bytes at the end of a block.
_BEGUN = re.compile(rb"[\xc2-\xdf]\Z|[\xe0-\xef][\x80-\xbf]?\Z|[\xf0-\xf4][\x80-\xbf]{0,2}\Z")


def check_encoding(name: str) -> str:
    """Return Python's own name of an encoding.

    Raises
    ------
    OptionError
        For a name that is none.
    """
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise OptionError(
            f"unknown encoding {name!r}; usual ones are utf-8, utf-16, cp1252, latin-1"
        ) from None


class TextFile:
    """An open text file, read as UTF-8 whatever its own encoding is.

    Parameters
    ----------
    path
        The file; it may be compressed.
    encoding
        Its encoding; without one it is found out: by a byte order mark, by the zero bytes of
        UTF-16, as UTF-8 where that can be, else as Windows-1252.

    Attributes
    ----------
    encoding
        Python's name of the encoding; it may change while an unmarked file is read, as long as
        no letter beyond ASCII was met.
    head
        The first bytes as UTF-8, without a mark.
    is_damaged
        Whether bytes that are no UTF-8 stand among UTF-8 that was read.
    notes
        What a user should know, a line each, without the file's name.

    Raises
    ------
    DataError
        For a file that is not there, is a directory, is no text or can't be decoded.
    """

    def __init__(self, path: str | Path, encoding: str | None = None) -> None:
        self.path = Path(path)
        self.notes: list[str] = []
        self.is_damaged = False
        self.ends_in_line = False
        self._given = None if encoding is None else check_encoding(encoding)
        self._beyond_ascii = False
        self._rest = b""
        with reading(self.path):
            self._stream: Stream = open_stream(self.path)
            try:
                raw = self._stream.read(HEAD)
                self.encoding, mark = self._detect(raw)
                self._decoder = self._new_decoder()
                self.head = self._to_utf8(raw[mark:], last=len(raw) < HEAD)
            except BaseException:
                self._stream.close()
                raise

    def __enter__(self) -> TextFile:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    @property
    def position(self) -> int:
        """Bytes of the file read so far, before decompression; 0 where that isn't known."""
        return self._stream.position()

    def blocks(self, size: int = 0) -> Iterator[bytes]:
        """Read the file once, from its start, in blocks of about `size` bytes of UTF-8."""
        size = size or BLOCK
        with reading(self.path):
            block = self.head
            while True:
                for start in range(0, len(block), size):
                    yield block[start : start + size]
                if block:
                    self.ends_in_line = block[-1:] not in (b"\n", b"\r")
                raw = self._stream.read(size)
                block = self._to_utf8(raw, last=not raw)
                if not raw:
                    if block:
                        self.ends_in_line = block[-1:] not in (b"\n", b"\r")
                        yield block
                    return

    def _detect(self, raw: bytes) -> tuple[str, int]:
        """Return the encoding and the length of the mark at the start."""
        for mark, name in _MARKS:
            if raw.startswith(mark) and (self._given is None or _same(self._given, name)):
                return name, len(mark)
        if self._given is not None:
            return self._given, 0
        wide = _without_mark(raw)
        if wide:
            self.notes.append(f"it is read as {wide.upper()}, which its zero bytes show")
            return wide, 0
        if len(raw.strip(b"\0")) < len(raw) // 2:
            raise DataError("most of its bytes are zero: was it written whole?", file=self.path)
        if len(_CONTROL.findall(raw[:4096])) * 50 > len(raw[:4096]):
            raise DataError(
                "it is no text and no table of a known kind (CSV, JSON, Parquet, Arrow)",
                file=self.path,
            )
        return "utf-8", 0

    def _new_decoder(self) -> codecs.IncrementalDecoder | None:
        if self.encoding == "utf-8":
            return None
        return codecs.getincrementaldecoder(self.encoding)("strict")

    def _to_utf8(self, raw: bytes, *, last: bool) -> bytes:
        """Return the bytes as UTF-8, without the start of a letter that goes on."""
        if self._decoder is not None:
            try:
                return self._decoder.decode(raw, last).encode()
            except UnicodeError:
                raise self._cannot_decode() from None
        if raw.isascii() and not self._rest:
            return raw
        data = self._rest + raw
        begun = None if last else _BEGUN.search(data, max(0, len(data) - 3))
        data, self._rest = (data[: begun.start()], data[begun.start() :]) if begun else (data, b"")
        try:
            data.decode()
        except UnicodeDecodeError:
            return self._not_utf8(data, last=last)
        self._beyond_ascii |= not data.isascii()
        return data

    def _not_utf8(self, data: bytes, *, last: bool) -> bytes:
        """Return bytes that are not all UTF-8: of another encoding, or with damage in them."""
        if self._given is None and not self._beyond_ascii and _is_western(data):
            data, self._rest = data + self._rest, b""
            self.encoding = "cp1252"
            self._decoder = self._new_decoder()
            self.notes.append("it is no UTF-8 and is read as Windows-1252")
            return self._to_utf8(data, last=last)
        self.is_damaged = self._beyond_ascii = True
        return data

    def _cannot_decode(self) -> DataError:
        name = _NAMES.get(self.encoding, self.encoding.upper())
        given = "" if self._given else "; say its encoding"
        return DataError(f"it can't be read as {name}{given}", file=self.path)


def _same(given: str, marked: str) -> bool:
    """Tell whether a mark belongs to the encoding that the user gave."""
    return given.removesuffix("-sig") == marked or given == marked[:6]


def _without_mark(raw: bytes) -> str:
    """Return UTF-16's name if a text's zero bytes show it, else nothing."""
    sample = raw[:4096]
    half = len(sample) // 2
    if half < 2:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def _is_western(data: bytes) -> bool:
    """Tell whether bytes that are not all UTF-8 are Windows-1252 rather than damaged UTF-8."""
    with suppress(UnicodeDecodeError):
        data.decode("cp1252")
        text = data.decode("utf-8", "replace")
        beyond = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
        # Letters of several bytes come about by chance in few places of such a text.
        return 5 * beyond <= text.count("\ufffd")
    return False


def read_text(path: str | Path, encoding: str | None = None) -> tuple[str, list[str]]:
    """Return a whole text without its byte order mark, and notes on how it was read.

    Raises
    ------
    DataError
        As `TextFile`, and for invalid UTF-8, with its line.
    """
    with TextFile(path, encoding) as file:
        data = b"".join(file.blocks())
    try:
        return data.decode(), file.notes
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError("invalid UTF-8", file=path, line=line) from None


@dataclass(frozen=True)
class IdList:
    """The ids of a list, in its order, each once.

    Attributes
    ----------
    ids, lines
        The ids, and the line of each, from 1.
    notes
        What a user should know, a line each, with the file's name.
    """

    ids: list[str]
    lines: list[int]
    notes: list[str] = field(default_factory=list)


def read_list(path: str | Path, encoding: str | None = None) -> IdList:
    """Read a list of ids, one a line.

    Blanks around an id and quotes around a whole line are no part of it; empty lines are passed
    over, and so are lines that begin with ``#`` and a blank. An id itself is text and may have
    blanks in it.

    Raises
    ------
    DataError
        As `read_text`, and for a list without an id.
    """
    text, notes = read_text(path, encoding)
    found: dict[str, int] = {}
    repeated = 0
    for number, raw in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        line = raw.strip().strip("\0")
        if not line or line.startswith("# ") or line == "#":
            continue
        if len(line) > 1 and line[0] == line[-1] == '"' and '"' not in line[1:-1].replace('""', ""):
            line = line[1:-1].replace('""', '"').strip()
        repeated += line in found
        found.setdefault(line, number)
    if not found:
        raise DataError("there is no id in it", file=path)
    said = [f"{path}: {note}" for note in notes]
    if repeated:
        said.append(f"{path}: {repeated} line{'s' * (repeated > 1)} repeat an id of the list")
    return IdList(list(found), list(found.values()), said)
