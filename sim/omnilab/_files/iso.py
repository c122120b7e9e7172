"""Read one time written as ISO 8601 or RFC 2822 write it, and write one in the same form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from functools import lru_cache

__all__ = ["Moment", "TextForm", "read_iso", "read_mail_time"]

_EPOCH = Date(1970, 1, 1).toordinal()
_DAY_S = 86_400
_GIGA = 1_000_000_000
_DATE = (
    r"(?P<year>\d{4})(?:"
    r"-(?P<month>\d\d)-(?P<day>\d\d)|(?P<month2>\d\d)(?P<day2>\d\d)"
    r"|-W(?P<week>\d\d)(?:-(?P<weekday>[1-7]))?|W(?P<week2>\d\d)(?P<weekday2>[1-7])?"
    r"|-(?P<ordinal>\d{3})|(?P<ordinal2>\d{3})|-(?P<month3>\d\d))"
)
_CLOCK = (
    r"(?P<hour>\d\d)(?:(?P<colon>:?)(?P<minute>\d\d)(?:(?P=colon)(?P<second>\d\d))?)?"
    r"(?:(?P<point>[.,])(?P<fraction>\d+))?"
)
_ZONE = (
    r"(?P<gap> ?)"
    r"(?P<zone>[Zz]|UTC|GMT|(?P<sign>[+\-\u2212])(?P<zh>\d\d)(?:(?P<zc>:?)(?P<zm>\d\d))?)"
    r"(?:\[[^\]]{1,60}\])?"
)
_ISO = re.compile(rf"{_DATE}(?:(?P<between>[Tt]| {{1,2}}){_CLOCK}(?:{_ZONE})?)?")
_MAIL = re.compile(r"(?:[A-Z][a-z]{2,8},\s+)?\d{1,2}[ -][A-Z][a-z]{2}[ -]\d{2,4}\s+\d{1,2}:\d\d")


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a time was written.

    Attributes
    ----------
    date
        ``calendar``, ``week`` or ``ordinal``.
    extended
        Whether hyphens part the date; and with `colons` colons the time.
    between
        What stands between date and time; empty for a date alone.
    parts
        Parts of the time that are written: 1 the hour, 2 the minute too, 3 the second.
    point, digits
        The sign before a fraction and its digits, 0 for none.
    zone
        The zone as it was written, empty if none.
    offset_s
        Seconds east of Greenwich, None without a zone.
    """

    date: str = "calendar"
    extended: bool = True
    colons: bool = True
    between: str = "T"
    parts: int = 3
    point: str = "."
    digits: int = 0
    zone: str = ""
    offset_s: int | None = None

    def write(self, seconds: int, nanoseconds: int = 0) -> str:
        """Return a time in this form; a finer time than the form shows gets the missing parts.

        Parameters
        ----------
        seconds, nanoseconds
            Since 1970-01-01 UTC; of a form without zone, by its own clock.
        """
        days, clock = divmod(seconds + (self.offset_s or 0), _DAY_S)
        date = self._date(days)
        if not self.between and not clock and not nanoseconds:
            return date
        parts = max(self.parts, 3 if clock % 60 or nanoseconds else 2 if clock % 3600 else 1)
        if self.digits and self.parts < 3:
            parts = 3
        pieces = [clock // 3600, clock // 60 % 60, clock % 60][:parts]
        text = (":" if self.colons else "").join(f"{piece:02d}" for piece in pieces)
        fraction = f"{nanoseconds:09d}"
        shown = max(self.digits if self.parts == 3 else 0, len(fraction.rstrip("0")))
        if shown:
            text += self.point + fraction[:shown].ljust(shown, "0")
        return f"{date}{self.between or 'T'}{text}{self.zone}"

    def _date(self, days: int) -> str:
        date = Date.fromordinal(days + _EPOCH)
        hyphen = "-" if self.extended else ""
        if self.date == "week":
            year, week, weekday = date.isocalendar()
            return f"{year:04d}{hyphen}W{week:02d}{hyphen}{weekday}"
        if self.date == "ordinal":
            return f"{date.year:04d}{hyphen}{date.timetuple().tm_yday:03d}"
        return f"{date.year:04d}{hyphen}{date.month:02d}{hyphen}{date.day:02d}"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that was read.

    Attributes
    ----------
    seconds, nanoseconds
        Since 1970-01-01 by the time's own clock, its zone not applied.
    form
        How it was written; with its `offset_s` the time is that of UTC.
    """

    seconds: int
    nanoseconds: int
    form: TextForm

    @property
    def utc(self) -> int:
        """Seconds since 1970-01-01 UTC; a time without a zone is taken for UTC."""
        return self.seconds - (self.form.offset_s or 0)


def read_iso(text: str) -> Moment | None:
    """Return a time of any form that ISO 8601 has; None for what is none.

    Calendar dates, week dates and ordinal dates, basic and extended; hours, minutes or seconds with
    a fraction behind a point or comma; 24:00 and second 60, which begin the next day and minute;
    Z and offsets; a month alone begins on its first day, a week alone on its Monday. Blanks may
    stand for the T, and a zone's name in brackets may follow.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    part = found.groupdict()
    day = _day(
        int(part["year"]),
        part["month"] or part["month2"] or part["month3"],
        part["day"] or part["day2"],
        part["week"] or part["week2"],
        part["weekday"] or part["weekday2"],
        part["ordinal"] or part["ordinal2"],
    )
    if day is None or (part["ordinal2"] and not part["between"]):
        return None  # seven digits alone are no date: they could be anything
    clock = _clock(part) if part["between"] else (0, 0)
    offset_s = _offset(part)
    if clock is None or offset_s is False:
        return None
    form = TextForm(
        date="week" if part["week"] or part["week2"] else
        "ordinal" if part["ordinal"] or part["ordinal2"] else "calendar",
        extended=not (part["day2"] or part["week2"] or part["ordinal2"]),
        colons=part["colon"] != "",
        between=part["between"] or "",
        parts=1 + bool(part["minute"]) + bool(part["second"]) if part["between"] else 0,
        point=part["point"] or ".",
        digits=min(len(part["fraction"] or ""), 9),
        zone=(part["gap"] or "") + part["zone"] if part["zone"] else "",
        offset_s=None if offset_s is None else int(offset_s),
    )  # fmt: skip
    return Moment(day * _DAY_S + clock[0], clock[1], form)


@lru_cache(maxsize=65_536)
def _day(
    year: int, month: str | None, day: str | None, week: str | None, weekday: str | None,
    ordinal: str | None,
) -> int | None:  # fmt: skip
    """Return days since 1970-01-01."""
    try:
        if week:
            return Date.fromisocalendar(year, int(week), int(weekday or 1)).toordinal() - _EPOCH
        if ordinal:
            found = Date(year, 1, 1) + timedelta(int(ordinal) - 1)
            return found.toordinal() - _EPOCH if found.year == year else None
        return Date(year, int(month or 1), int(day or 1)).toordinal() - _EPOCH
    except (ValueError, OverflowError):
        return None


def _clock(part: dict[str, str | None]) -> tuple[int, int] | None:
    """Return seconds since midnight and nanoseconds."""
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    unit_s = 1 if part["second"] else 60 if part["minute"] else 3600
    digits = part["fraction"] or ""
    fraction = int(digits) * unit_s * _GIGA // 10 ** len(digits) if digits else 0
    if minute > 59 or second > 60 or hour > 24:
        return None
    if hour == 24 and (minute or second or fraction):
        return None
    return hour * 3600 + minute * 60 + second + fraction // _GIGA, fraction % _GIGA


def _offset(part: dict[str, str | None]) -> int | bool | None:
    """Return seconds east of Greenwich, None without a zone, False for what is none."""
    if not part["zone"]:
        return None
    if not part["sign"]:
        return 0
    hours, minutes = int(part["zh"] or 0), int(part["zm"] or 0)
    if hours > 23 or minutes > 59:
        return False
    east = hours * 3600 + minutes * 60
    return east if part["sign"] == "+" else -east


def read_mail_time(text: str) -> Moment | None:
    """Return a time as e-mails and web servers write it (RFC 2822); None for what is none."""
    if not _MAIL.match(text):
        return None
    from email.utils import parsedate_tz

    try:
        found = parsedate_tz(text)
        if found is None:
            return None
        year, month, day, hour, minute, second = found[:6]
        if hour > 23 or minute > 59 or second > 60:
            return None
        days = Date(year, month, day).toordinal() - _EPOCH
    except (ValueError, TypeError, IndexError):
        return None
    seconds = days * _DAY_S + hour * 3600 + minute * 60 + second
    offset_s = found[9]
    zone = "" if offset_s is None else _zone_text(offset_s)
    return Moment(seconds, 0, TextForm(zone=zone, offset_s=offset_s))


def _zone_text(offset_s: int) -> str:
    if not offset_s:
        return "Z"
    hours, minutes = divmod(abs(offset_s) // 60, 60)
    return f"{'-' if offset_s < 0 else '+'}{hours:02d}:{minutes:02d}"
