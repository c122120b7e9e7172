"""Read dates as people write them; what can't be read comes back as missing.

Every distinct spelling is read once, in plain Python, so that the answer depends neither on the
version of a library nor on which row comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date as Date
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from omnilab._files.iso import read_iso
from omnilab.errors import DataError
from omnilab.fit.money import parse_amounts

__all__ = ["NO_TIME", "parse_amounts", "parse_times", "read_times"]

NO_TIME = np.iinfo(np.int64).min
"""Stands for a date that can't be read."""

# Years outside are sentinels such as 1900-01-01 and 9999-12-31, which would ruin the ages.
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_PIVOT = 69  # two digits from here on are of the 1900s, as POSIX has it
_EPOCH = Date(1970, 1, 1).toordinal()
_DAY_S = 86_400
_END_S = (Date(_LAST_YEAR + 1, 1, 1).toordinal() - _EPOCH) * _DAY_S

_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]*\s+", re.IGNORECASE)
_SPLIT = re.compile(r"(.*?[^\s,])(?:(?:\s*,?\s+|,\s*|(?<=\d)[Tt](?=\d))(\d{1,2}:\d.*))?")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/.\s]*([^\W\d_]{3,})[-/.,\s]*(\d{4}|\d{2})")
_NAME_DAY = re.compile(r"([^\W\d_]{3,})[-/.\s]*(\d{1,2})(?:st|nd|rd|th)?[-/.,\s]+(\d{4}|\d{2})")
_YEAR_NAME = re.compile(r"(\d{4})[-/.\s]*([^\W\d_]{3,})[-/.\s]*(\d{1,2})")
# A month or a week, which no order can be dated by.
_NO_DAY = re.compile(r"\d{4}-\d\d|\d{4}-?W\d\d")
# Since 1970, from 1973 (nine digits) on.
_SECONDS = re.compile(r"(\d{9,10})(?:\.\d+)?")
_MILLISECONDS = re.compile(r"(\d{12,13})(?:\.0)?")
# Days since 1899-12-30, as spreadsheets count them; 1954 to 2119.
_SERIAL = re.compile(r"([2-7]\d{4})(?:\.\d+)?")
_SERIAL_EPOCH = Date(1899, 12, 30).toordinal() - _EPOCH
_ZONE = r"(?:z|[A-Za-z]{2,5})?\s*(?:[+-]\d{2}(?::?\d{2})?)?\s*(?:\([^)]*\))?"
_CLOCK = re.compile(
    rf"(\d{{1,2}}):(\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?\s*([ap]\.?m\.?)?\s*{_ZONE}", re.IGNORECASE
)
# By the first letters; other languages where they differ from English.
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    "oct": 10, "nov": 11, "dec": 12,
    "mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12,  # German
    "mrt": 3, "maa": 3, "mei": 5,  # Dutch
    "fév": 2, "avr": 4, "juin": 6, "juil": 7, "aoû": 8, "aou": 8, "déc": 12,  # French
    "ene": 1, "abr": 4, "ago": 8, "dic": 12, "gen": 1, "mag": 5, "giu": 6, "lug": 7,  # Spanish
    "set": 9, "ott": 10, "fev": 2, "out": 10, "maj": 5,  # Italian, Portuguese, Nordic
}  # fmt: skip
_ORDERS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
# Two orders of day and month that both have proofs: beyond this share no slip of a key.
_MIXED = 0.05


def parse_times(
    texts: Iterable[str], *, file: str | Path, column: str, date_format: str | None = None
) -> npt.NDArray[np.int64]:
    """Return wall-clock seconds since 1970-01-01 for each text; see `read_times`."""
    return read_times(texts, file=file, column=column, date_format=date_format)[0]


def read_times(
    texts: Iterable[str], *, file: str | Path, column: str, date_format: str | None = None
) -> tuple[npt.NDArray[np.int64], str | None]:
    """Return wall-clock seconds since 1970-01-01 for each text, and how they were read.

    A time zone is not applied: the log's own clock says which orders share a day. All texts
    are read in one order of day and month, the one that reads more of them.

    Parameters
    ----------
    texts
        Shape (n,): distinct spellings, without blanks around.
    file, column
        For messages.
    date_format
        A `datetime.strptime` format, for dates that aren't read without it.

    Returns
    -------
    times, note
        Shape (n,), `NO_TIME` where unreadable; a sentence where something was decided by the
        whole column, else None.

    Raises
    ------
    DataError
        Where no text is a date, or day and month can't be told apart.
    """
    texts = list(texts)
    note = None
    if date_format is not None:
        times = [_by_format(text, date_format) for text in texts]
    elif texts and _n_read(serials := [_by_serial(t) for t in texts]) > 0.9 * len(texts):
        times = serials
        note = f"dates in column {column!r} are days since 1899-12-30, as spreadsheets count"
    else:
        times, note = _by_order(texts, file, column)
    if texts and not _n_read(times):
        wanted = f"as {date_format!r}" if date_format else "(--date-format names a format)"
        raise DataError(
            f"no date in column {column!r} can be read {wanted}, such as {texts[0][:40]!r}",
            file=file,
        )
    return np.array([NO_TIME if t is None else t for t in times], dtype=np.int64), note


def _by_order(
    texts: list[str], file: str | Path, column: str
) -> tuple[list[int | None], str | None]:
    """Return the times in the order of day, month and year that reads most, and the reason."""
    short = any((m := _NUMBERS.match(text)) and len(m[4]) == 2 for text in texts)
    ways = ["dmy", "mdy", *(["ymd"] if short else [])]
    if not any(_NUMBERS.match(text) for text in texts):
        ways = ways[:1]
    read = {way: [_time(text, way) for text in texts] for way in ways}
    ways.sort(key=lambda way: -_n_read(read[way]))
    best, times = ways[0], read[ways[0]]
    for way in ways[1:]:
        # Texts that only one of the two orders can read are its proofs.
        pairs = list(zip(texts, times, read[way], strict=True))
        ours = [t for t, one, other in pairs if one is not None and other is None]
        theirs = [t for t, one, other in pairs if one is None and other is not None]
        unsure = [t for t, one, other in pairs if one != other and None not in (one, other)]
        if len(theirs) > max(1, _MIXED * len(ours)) or (unsure and len(theirs) == len(ours)):
            raise _undecided(best, way, ours, theirs, unsure, file, column)
    proofs = [
        t
        for i, t in enumerate(texts)
        if times[i] is not None and all(read[way][i] is None for way in ways[1:])
    ]
    doubtful = any(read[way][i] != times[i] for way in ways[1:] for i in range(len(texts)))
    if not (doubtful and proofs):
        return times, None
    return times, (
        f"dates in column {column!r} are read {_ORDERS[best]}: {proofs[0][:40]!r} can't be read "
        "otherwise"
    )


def _undecided(
    best: str, way: str, ours: list[str], theirs: list[str], unsure: list[str],
    file: str | Path, column: str,
) -> DataError:  # fmt: skip
    """Return the error for dates that can be read, or are written, in two orders."""
    one, other = _ORDERS[best], _ORDERS[way]
    if ours and theirs:
        return DataError(
            f"dates in column {column!r} are written in two ways: {ours[0][:40]!r} is {one}, "
            f"{theirs[0][:40]!r} is {other}: write them in one, or name it with --date-format",
            file=file,
        )
    example = (unsure or theirs)[0][:40]
    return DataError(
        f"dates such as {example!r} in column {column!r} can be {one} or {other}: say which "
        f"with --date-format, such as '%d/%m/%Y'",
        file=file,
    )


def _n_read(times: list[int | None]) -> int:
    return sum(t is not None for t in times)


def _time(text: str, way: str) -> int | None:
    """Return seconds since 1970-01-01 of a date with or without a time of day."""
    for pattern, per_second in ((_SECONDS, 1), (_MILLISECONDS, 1000)):
        if number := pattern.fullmatch(text):
            seconds = int(number[1]) // per_second
            return seconds if seconds < _END_S else None
    if weekday := _WEEKDAY.match(text):
        text = text[weekday.end() :]
    parts = _SPLIT.fullmatch(text)
    day = _day(parts[1], way) if parts else None
    clock = _clock(parts[2]) if parts else None
    if day is None or clock is None:
        return _iso(text)
    return day * _DAY_S + clock


def _iso(text: str) -> int | None:
    """Return the time of the rarer forms of ISO 8601, by the text's own clock."""
    if _NO_DAY.fullmatch(text):
        return None
    moment = read_iso(text)
    return moment.seconds if moment is not None and 0 <= moment.seconds < _END_S else None


@lru_cache(maxsize=65_536)
def _day(text: str, way: str) -> int | None:
    """Return days since 1970-01-01 of a date without a time."""
    if match := _YEAR_FIRST.fullmatch(text):
        return _ordinal(match[1], int(match[3]), int(match[4]))
    if match := _COMPACT.fullmatch(text):
        return _ordinal(match[1], int(match[2]), int(match[3]))
    if match := _NUMBERS.fullmatch(text):
        return _numbers(match[1], match[2], match[3], match[4], way)
    for pattern, day, month, year in (
        (_DAY_NAME, 1, 2, 3), (_NAME_DAY, 2, 1, 3), (_YEAR_NAME, 3, 2, 1)
    ):  # fmt: skip
        match = pattern.fullmatch(text)
        if match and (number := _month(match[month])):
            return _ordinal(match[year], number, int(match[day]))
    return None


def _numbers(first: str, sign: str, second: str, third: str, way: str) -> int | None:
    """Return the day of three numbers in an order of day, month and year."""
    if way == "ymd":
        if len(third) == 4:
            return None
        return _ordinal(first, int(second), int(third)) if len(first) == 2 else None
    month, day = int(first), int(second)
    # A point is only used day first (12.01.2010).
    if way == "dmy" or sign == ".":
        month, day = day, month
    return _ordinal(third, month, day)


def _month(name: str) -> int | None:
    """Return the month of a name or its first letters, in any of some languages."""
    word = name.lower()
    return _MONTHS.get(word[:4]) or _MONTHS.get(word[:3])


def _ordinal(year: str | int, month: int, day: int) -> int | None:
    number = int(year)
    if isinstance(year, str) and len(year) == 2:
        number += 1900 if number >= _PIVOT else 2000
    if not _FIRST_YEAR <= number <= _LAST_YEAR:
        return None
    try:
        return Date(number, month, day).toordinal() - _EPOCH
    except ValueError:
        return None


@lru_cache(maxsize=131_072)
def _clock(text: str | None) -> int | None:
    """Return seconds since midnight; 0 without a time of day, None where it can't be read."""
    if text is None:
        return 0
    match = _CLOCK.fullmatch(text)
    if not match:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[4].lower().startswith("p") else 0)
    if hour > 23 or minute > 59 or second > 60:
        return None
    return hour * 3600 + minute * 60 + min(second, 59)


def _by_serial(text: str) -> int | None:
    """Return the time of a spreadsheet's day number."""
    if not _SERIAL.fullmatch(text):
        return None
    seconds = round(float(text) * _DAY_S) + _SERIAL_EPOCH * _DAY_S
    return seconds if 0 <= seconds < _END_S else None


def _by_format(text: str, date_format: str) -> int | None:
    try:
        moment = datetime.strptime(text, date_format)  # noqa: DTZ007  the log's own clock
    except ValueError:
        return None
    day = _ordinal(moment.year, moment.month, moment.day)
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return None if day is None else day * _DAY_S + seconds
