"""Read dates and amounts as people write them; what can't be read comes back as missing.

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

__all__ = ["NO_TIME", "parse_amounts", "parse_times"]

NO_TIME = np.iinfo(np.int64).min
"""Stands for a date that can't be read."""

# Years outside are sentinels such as 1900-01-01 and 9999-12-31, which would ruin the ages.
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_EPOCH = Date(1970, 1, 1).toordinal()
_DAY_S = 86_400
_END_S = (Date(_LAST_YEAR + 1, 1, 1).toordinal() - _EPOCH) * _DAY_S

_SPLIT = re.compile(r"(\S+?)(?:(?:\s+|(?<=\d)[Tt](?=\d))(\d.*))?")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
_NAMED = re.compile(r"(\d{1,2})[-/.]?([A-Za-z]{3})[A-Za-z]*[-/.]?(\d{4})")
# A month or a week, which no order can be dated by.
_NO_DAY = re.compile(r"\d{4}-\d\d|\d{4}-?W\d\d")
# Since 1970, from 1973 (nine digits) on.
_SECONDS = re.compile(r"(\d{9,10})(?:\.\d+)?")
_MILLISECONDS = re.compile(r"(\d{12,13})(?:\.0)?")
_CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]m)?\s*(?:z|utc|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def parse_times(
    texts: Iterable[str], *, file: str | Path, column: str, date_format: str | None = None
) -> npt.NDArray[np.int64]:
    """Return wall-clock seconds since 1970-01-01 for each text, `NO_TIME` where unreadable.

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

    Raises
    ------
    DataError
        Where no text is a date, or day and month can't be told apart.
    """
    texts = list(texts)
    if date_format is not None:
        times = [_by_format(text, date_format) for text in texts]
    else:
        day_first = [_time(text, day_first=True) for text in texts]
        unsure = any(_YEAR_LAST.match(text) for text in texts)
        month_first = [_time(text, day_first=False) for text in texts] if unsure else day_first
        n_day, n_month = _n_read(day_first), _n_read(month_first)
        if n_day == n_month and day_first != month_first:
            differ = zip(texts, day_first, month_first, strict=True)
            example = next(text for text, d, m in differ if d != m)
            raise DataError(
                f"dates such as {example!r} in column {column!r} can be day first or month "
                f"first: say which with --date-format, such as '%d/%m/%Y'",
                file=file,
            )
        times = day_first if n_day > n_month else month_first
    if texts and not _n_read(times):
        wanted = f"as {date_format!r}" if date_format else "(--date-format names a format)"
        raise DataError(
            f"no date in column {column!r} can be read {wanted}, such as {texts[0][:40]!r}",
            file=file,
        )
    return np.array([NO_TIME if t is None else t for t in times], dtype=np.int64)


def parse_amounts(texts: Iterable[str]) -> npt.NDArray[np.float64]:
    """Return amounts of money, NaN where unreadable.

    Currency signs and codes are left out, ``(12.50)`` is negative, and whether the comma is
    the decimal sign or parts the thousands is decided for all texts together.

    Parameters
    ----------
    texts
        Shape (n,): distinct spellings.
    """
    bare = [_bare_number(text) for text in texts]
    # "1,234" says nothing, "12,5" and "1.234,50" say decimal comma, "1,234.5" says the reverse.
    comma = sum(bool(re.search(r",\d{1,2}$|\.\d{3},", text)) for text in bare)
    point = sum(bool(re.search(r"\.\d{1,2}$|,\d{3}\.", text)) for text in bare)
    swap = comma > point
    return np.array([_number(text, swap) for text in bare], dtype=np.float64)


def _n_read(times: list[int | None]) -> int:
    return sum(t is not None for t in times)


def _time(text: str, *, day_first: bool) -> int | None:
    """Return seconds since 1970-01-01 of a date with or without a time of day."""
    for pattern, per_second in ((_SECONDS, 1), (_MILLISECONDS, 1000)):
        if number := pattern.fullmatch(text):
            seconds = int(number[1]) // per_second
            return seconds if seconds < _END_S else None
    parts = _SPLIT.fullmatch(text)
    day = _day(parts[1], day_first) if parts else None
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
def _day(text: str, day_first: bool) -> int | None:
    """Return days since 1970-01-01 of a date without a time."""
    if match := _YEAR_FIRST.fullmatch(text):
        return _ordinal(int(match[1]), int(match[3]), int(match[4]))
    if match := _COMPACT.fullmatch(text):
        return _ordinal(int(match[1]), int(match[2]), int(match[3]))
    if match := _YEAR_LAST.fullmatch(text):
        one, two, year = int(match[1]), int(match[3]), int(match[4])
        # A point is only used day first (12.01.2010).
        if day_first or match[2] == ".":
            one, two = two, one
        return _ordinal(year, one, two)
    if (match := _NAMED.fullmatch(text)) and match[2].lower() in _MONTHS:
        return _ordinal(int(match[3]), _MONTHS.index(match[2].lower()) + 1, int(match[1]))
    return None


def _ordinal(year: int, month: int, day: int) -> int | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return Date(year, month, day).toordinal() - _EPOCH
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
        hour = hour % 12 + (12 if match[4].lower() == "pm" else 0)
    if hour > 23 or minute > 59 or second > 60:
        return None
    return hour * 3600 + minute * 60 + min(second, 59)


def _by_format(text: str, date_format: str) -> int | None:
    try:
        moment = datetime.strptime(text, date_format)  # noqa: DTZ007  the log's own clock
    except ValueError:
        return None
    day = _ordinal(moment.year, moment.month, moment.day)
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return None if day is None else day * _DAY_S + seconds


def _bare_number(text: str) -> str:
    """Return a number's digits, signs, commas and points; empty where it is no number."""
    bare = re.sub(r"[\s\u00a0\u202f']", "", text)
    bare = bare.replace("\u2212", "-")
    if re.fullmatch(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+", bare):
        return bare
    bare = re.sub(r"^([+-]?)(?:[A-Za-z]{3}|[$€£¥₽₹]|[A-Z]{2}\$)", r"\1", bare)
    bare = re.sub(r"(?:[A-Za-z]{3}|[$€£¥₽₹])$", "", bare)
    if re.fullmatch(r"\(.+\)", bare):
        bare = "-" + _bare_number(bare[1:-1])
    return bare


def _number(text: str, swap: bool) -> float:
    """Return the number; ``swap`` where the comma is the decimal sign."""
    if swap:
        text = text.translate(_SWAPPED)
    if re.search(r",(?!\d{3}(?:\D|$))", text):
        return float("nan")  # a comma that parts no thousands
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return float("nan")
    return value if np.isfinite(value) else float("nan")


_SWAPPED = str.maketrans(",.", ".,")
