"""Find the header of a CSV file: what parts its fields, its title lines, its columns' names."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from omnilab._files.text import TextFile
from omnilab.errors import DataError

__all__ = ["LONGEST", "SEPARATORS", "Header", "count_lines", "fields_of_any_length", "find_header"]

SEPARATORS = ",;\t|"
#: Bytes of the longest row.
LONGEST = 1 << 24
#: Rows looked at to find the header.
_SAMPLE = 200


@dataclass(frozen=True)
class Header:
    """What the start of a CSV file says.

    Attributes
    ----------
    names
        The columns' names without blanks around; they may repeat or be empty.
    separator
        The letter between fields.
    size, n_lines
        Bytes and lines up to the first row below the header.
    notes
        What a user should know.
    """

    names: list[str]
    separator: str
    size: int
    n_lines: int
    notes: list[str]


def find_header(
    file: TextFile, *, separator: str | None, is_header: Callable[[list[str]], bool] | None
) -> Header:
    """Find the separator and the header at a file's start.

    Parameters
    ----------
    separator
        What parts the fields; None: it is found out.
    is_header
        Tells whether a row's fields look like the names of columns. Lines above the first such row
        are a title. Without it, or if there is none, lines of one field are, above a wider row.

    Raises
    ------
    DataError
        For a file without any line, or a header that can't be read.
    """
    text = file.head.decode("utf-8", "surrogateescape")
    if not text.strip("\ufeff \t\r\n"):
        raise DataError("the file is empty", file=file.path)
    notes: list[str] = []
    said = re.match(r"[ \t]*\"?sep=(.)\"?[ \t]*(\r\n|\n|\r)", text, re.IGNORECASE)
    start = said.end() if said else 0
    if said and separator is None:
        separator = said[1]
    rows = {s: _sample(text[start:], s) for s in ([separator] if separator else SEPARATORS)}
    best = max(rows, key=lambda s: _fitness(rows[s], is_header))
    sample = rows[best]
    place = _header_row(sample, is_header)
    fields, end = sample[place]
    used = text[: start + end]
    if place:
        lines = "1 line" if place == 1 else f"{place} lines"
        notes.append(f"{lines} above the header taken for a title")
    size = len(used.encode("utf-8", "surrogateescape"))
    return Header(_stripped(fields), best, size, count_lines(used), notes)


def _sample(text: str, separator: str) -> list[tuple[list[str], int]]:
    """Return the fields of the first rows that are not blank, and where in the text each ends."""
    lines = re.findall(r"[^\r\n]*(?:\r\n|\n|\r|\Z)", text)
    ends = np.cumsum([len(line) for line in lines]).tolist()
    found: list[tuple[list[str], int]] = []
    with fields_of_any_length():
        reader = csv.reader(lines, delimiter=separator)
        try:
            for fields in reader:
                if any(field.strip() for field in fields):
                    found.append((fields, ends[reader.line_num - 1]))
                if len(found) > _SAMPLE:
                    break
        except csv.Error:
            pass
    return found or [([text.strip()], len(text))]


def _fitness(
    rows: Sequence[tuple[list[str], int]], is_header: Callable[[list[str]], bool] | None
) -> tuple[bool, float, int, int]:
    """Rate a separator: a header that is one, many rows as wide as it, no title, a wide header."""
    place = _header_row(rows, is_header)
    width = len(rows[place][0])
    known = is_header is not None and is_header(_stripped(rows[place][0]))
    same = sum(len(fields) == width for fields, _ in rows[place:]) / (len(rows) - place)
    # A decimal comma parts all rows but the header, which then looks like a title.
    return known, same - 0.2 * (place > 0) if width > 1 else 0.0, -place, width


def _header_row(
    rows: Sequence[tuple[list[str], int]], is_header: Callable[[list[str]], bool] | None
) -> int:
    """Return the place of the header; what stands above it is a title."""
    if is_header is not None:
        for i, (fields, _) in enumerate(rows[:50]):
            if is_header(_stripped(fields)):
                return i
    widths = [len(fields) for fields, _ in rows]
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    for i, (fields, _) in enumerate(rows[:50]):
        # Rows may end in one separator more than the header does.
        if sum(bool(field.strip()) for field in fields) > 1 and len(fields) >= usual - 1:
            return i
    return 0


def _stripped(fields: Sequence[str]) -> list[str]:
    return [field.strip() for field in fields]


class fields_of_any_length:  # noqa: N801  used like a function
    """Let the csv module read long fields: its limit holds for the whole process."""

    def __enter__(self) -> None:
        self._before = csv.field_size_limit(2 * LONGEST)

    def __exit__(self, *_: object) -> None:
        csv.field_size_limit(self._before)


def count_lines(data: str | bytes) -> int:
    """Return how many ends of lines a text has."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    if b"\r" not in data:
        return data.count(b"\n")
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
