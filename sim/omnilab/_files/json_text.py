"""Read JSON strictly: no field twice, no NaN; lines of objects, an array of them, or one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omnilab._files.left_out import LeftOut
from omnilab._files.text import TextFile
from omnilab.errors import DataError

__all__ = ["JsonError", "Number", "Objects", "decode", "read_objects", "text_of", "value_at"]

#: Objects handed out at a time, and bytes read at a time.
OBJECTS, CHUNK = 1 << 16, 1 << 22
#: Bytes of the longest object.
LONGEST = 1 << 24
_BETWEEN = re.compile(r"[ \t\r\n,\x1e]*")
_CUT = "not a whole JSON object"
_BLANK = re.compile(r"[ \t\r\n]*")


class JsonError(Exception):
    """What is wrong with a text that should be JSON."""


class Number(str):
    """A number with a fraction or an exponent, as it was written."""

    __slots__ = ()


@dataclass(frozen=True)
class Objects:
    """Some objects that follow each other; None stands for one that was left out.

    Attributes
    ----------
    rows
        The objects' fields.
    lines
        The line on which each begins, from 1.
    """

    rows: list[dict[str, Any] | None]
    lines: list[int]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object, but not of two fields of one name: either could be meant."""
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise JsonError(f"{twice[:60]!r} is there twice")
    return made


def _no_constant(constant: str) -> None:
    """Refuse NaN and the like, which Python reads though they are no JSON."""
    raise JsonError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(
    parse_constant=_no_constant, parse_float=Number, object_pairs_hook=_object
)


def decode(text: str) -> Any:
    """Return a text's one JSON value; numbers with a fraction are `Number`.

    Raises
    ------
    JsonError
        Where it is no JSON, has a field twice or is nested too deeply.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise JsonError("nested too deeply") from None
    except ValueError:
        raise JsonError(_CUT) from None


def value_at(row: Mapping[str, Any], path: str, steps: Sequence[str]) -> tuple[Any, bool]:
    """Return the value at a path of an object, and whether the path could be gone.

    Parameters
    ----------
    path, steps
        Such as ``traits.email`` and its parts; a field that has the whole path as its name is
        taken first.
    """
    if path in row or len(steps) == 1:
        return row.get(path), True
    found: Any = row
    for step in steps:
        if not isinstance(found, dict):
            return None, found is None
        found = found.get(step)
    return found, True


def text_of(value: Any) -> tuple[str | None, bool]:
    """Return a value as text, and whether it is text or a whole number, as identifiers are."""
    if value is None:
        return None, True
    if isinstance(value, Number):
        return str(value), False
    if isinstance(value, str):
        return (value, True) if value.isascii() or _is_whole(value) else (None, False)
    if isinstance(value, bool):
        return ("true" if value else "false"), False
    if isinstance(value, int):
        return str(value), True
    if isinstance(value, list) and all(type(part) in (str, int) for part in value):
        value = " ".join(map(str, value))
    else:
        value = json.dumps(value, ensure_ascii=False)
    return (value if _is_whole(value) else None), False


def _is_whole(text: str) -> bool:
    """Tell whether no half of a surrogate pair is in a text: an escape can write one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_objects(file: TextFile, left_out: LeftOut) -> Iterator[Objects]:
    """Read a file of objects: one a line, in one array, or one after the other.

    Parameters
    ----------
    left_out
        Takes the lines that hold no object; of other files than lines, such a fault ends all.

    Raises
    ------
    DataError
        For a file that was cut, or that is no JSON from some place on.
    """
    found = _lines(file, left_out) if _is_lines(file) else _stream(file, left_out)
    rows: list[dict[str, Any] | None] = []
    lines: list[int] = []
    for line, row in found:
        if row is None and not left_out.keep_places:
            continue
        rows.append(row)
        lines.append(line)
        if len(rows) == OBJECTS:
            yield Objects(rows, lines)
            rows, lines = [], []
    if rows:
        yield Objects(rows, lines)
    if file.ends_in_line and _is_lines(file):
        file.notes.append("the last line has no end; was the file cut?")


def _is_lines(file: TextFile) -> bool:
    """Tell whether the first line that is not blank is a whole value, or at least no array."""
    start = file.head.lstrip()
    line, end, rest = start.partition(b"\n")
    if not end:
        line, end, rest = start.partition(b"\r")
    if not line.startswith((b"[", b"{")) or (line.startswith(b"{") and not rest.strip()):
        return True
    try:
        first = decode(line.decode("utf-8", "replace"))
    except JsonError as fault:
        # An object over several lines, or a line that alone is broken.
        nested = "deeply" in str(fault)
        return nested or (line.startswith(b"{") and rest.lstrip().startswith(b"{"))
    return isinstance(first, dict) or rest.lstrip().startswith(b"[")


def _lines(file: TextFile, left_out: LeftOut) -> Iterator[tuple[int, dict[str, Any] | None]]:
    number, rest = 0, b""
    for block in file.blocks(CHUNK):
        lines = (rest + block).split(b"\n")
        if len(lines) == 1 and b"\n" not in file.head and b"\r" in file.head:
            lines = (rest + block).split(b"\r")
        rest = lines.pop()
        if len(rest) > LONGEST:
            place = number + len(lines) + 1
            raise DataError(f"longer than {LONGEST >> 20} MB", file=file.path, line=place)
        for line in lines:
            number += 1
            if line.strip():
                yield number, _row(line, number, left_out)
    if rest.strip():
        row = _row(rest, number + 1, left_out)
        if row is None and left_out.last == (number + 1, _CUT):
            raise DataError(f"the last line was cut off: {_CUT}", file=file.path, line=number + 1)
        yield number + 1, row


def _row(line: bytes, number: int, left_out: LeftOut) -> dict[str, Any] | None:
    """Return a line's object; None, counted, for a line that holds none."""
    try:
        row = decode(line.strip(b"\x1e \t\r").decode())
        if isinstance(row, dict):
            return row
        reason = "not a JSON object"
    except UnicodeDecodeError:
        reason = "invalid UTF-8"
    except JsonError as fault:
        reason = str(fault)
    left_out.add(number, reason)
    return None


def _stream(file: TextFile, left_out: LeftOut) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Read an array of objects, or objects over several lines, as the file comes."""
    text, place, line, first = "", 0, 1, True
    blocks = file.blocks(CHUNK)
    done = closed = False
    need = 1
    while True:
        while not done and len(text) - place < need:
            block = next(blocks, None)
            done = block is None
            text, place = text[place:] + (block or b"").decode("utf-8", "replace"), 0
        start = (_BLANK if first else _BETWEEN).match(text, place)
        end = start.end() if start else place
        line += text.count("\n", place, end)
        place = end
        if first and text[place : place + 1] == "[":
            place, first, closed = place + 1, False, True
            continue
        first = False
        if place == len(text) and not done:
            need = CHUNK
            continue
        if place == len(text) or (text[place] == "]" and closed):
            break
        try:
            row, end = _DECODER.raw_decode(text, place)
        except (RecursionError, ValueError, JsonError) as error:
            if isinstance(error, ValueError) and not done and len(text) - place < LONGEST:
                need = 2 * (len(text) - place) + 1
                continue
            raise DataError(_fault(error, done=done), file=file.path, line=line) from None
        if done or end < len(text):
            yield line, _checked(row, line, left_out)
            line += text.count("\n", place, end)
            place, need = end, 1
        else:
            need = 2 * (len(text) - place) + 1
    if closed and place == len(text):
        raise DataError("the array has no end: was the file cut?", file=file.path, line=line)


def _checked(row: Any, line: int, left_out: LeftOut) -> dict[str, Any] | None:
    if isinstance(row, dict):
        return row
    left_out.add(line, "not a JSON object")
    return None


def _fault(error: BaseException, *, done: bool) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, JsonError):
        return str(error)
    return f"{_CUT}: was the file cut?" if done else _CUT
