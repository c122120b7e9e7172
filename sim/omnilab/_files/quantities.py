"""Read the quantities that users' files share: lengths of time and times of day.

Scenarios, strategies and plans of cascades write them alike. The forms of the other quantities
stand here too, so that an error can say what a text is instead.
"""

from __future__ import annotations

import re
from decimal import Decimal

from omnilab._files.messages import shown

__all__ = [
    "AMOUNT",
    "CLOCK",
    "DAY",
    "DURATION",
    "HOUR",
    "LONGEST_S",
    "MINUTE",
    "SECONDS",
    "SHARE",
    "WEEK",
    "format_clock",
    "is_number",
    "parse_clock",
    "parse_duration",
    "wrong",
]

MINUTE, HOUR, DAY, WEEK = 60, 3_600, 86_400, 604_800

SECONDS = {"s": 1, "min": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
LONGEST_S = 36_525 * DAY  # a century: keeps sums of times far inside 64 bits

# At most 12 digits before and 20 after the point: enough for any float, and no text bombs.
_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,20})?"
DURATION = re.compile(rf"({_NUMBER}) ?(s|min|h|d|w)")
SHARE = re.compile(rf"({_NUMBER}) ?%")
AMOUNT = re.compile(rf"({_NUMBER}) ?([A-Z]{{3}})")
CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?|24:00(?::00)?")

_KINDS = (("duration", DURATION), ("share", SHARE), ("amount", AMOUNT), ("clock time", CLOCK))
# How else people write a time of day and a length of time: told what to write instead.
_LIKE_CLOCK = re.compile(
    r"([0-9]{1,2})(?:[:.h ]?([0-5][0-9]))?(?::[0-5][0-9])? ?(h|hrs?|uhr|o'clock)?"
    r"([ap])?\.? ?(?:m\.?)?"
)
_LIKE_DURATION = re.compile(rf"({_NUMBER}) ?([a-z]+)\.?")
# 12,5 is no thousands: those have three digits.
_COMMA = re.compile(r"[0-9]+,[0-9]{1,2}(?![0-9])")
_UNITS = {
    "s": ("sec", "secs", "second", "seconds"),
    "min": ("m", "mins", "minute", "minutes"),
    "h": ("hr", "hrs", "hour", "hours"),
    "d": ("day", "days"),
    "w": ("wk", "wks", "week", "weeks"),
}
_UNIT = {word: unit for unit, words in _UNITS.items() for word in words}


def parse_duration(value: object) -> int:
    """Read a length of time such as ``24h`` and return whole seconds, 0 or more.

    Parameters
    ----------
    value
        A number with one of the units s, min, h, d, w, or the bare number 0.

    Raises
    ------
    ValueError
        If the unit is missing or unknown, or the time is negative, not whole seconds, or longer
        than a century.
    """
    form = "a duration is a number with a unit (s, min, h, d, w), such as 24h"
    if is_number(value):
        if value == 0:
            return 0
        raise ValueError(f"{shown(value)} has no unit; {form}")
    match = DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(wrong(value, form) + _duration_meant(value))
    seconds = Decimal(match[1]) * SECONDS[match[2]]
    if seconds != int(seconds):
        raise ValueError(f"{shown(value)} is not a whole number of seconds")
    if seconds > LONGEST_S:
        raise ValueError(f"{shown(value)} is longer than a century ({LONGEST_S // DAY}d)")
    return int(seconds)


def parse_clock(value: object) -> int:
    """Read a time of day such as ``21:00`` and return seconds after midnight, 0..86400.

    A number is none: 9 may mean nine o'clock, nine minutes or nine seconds.

    Raises
    ------
    ValueError
        If it is not written H:MM or HH:MM (or HH:MM:SS) from 00:00 to 24:00, the end of the day.
    """
    match = CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        form = "a clock time is written HH:MM from 00:00 to 24:00"
        raise ValueError(wrong(value, form) + _clock_meant(value))
    if match[1] is None:
        return DAY
    return int(match[1]) * HOUR + int(match[2]) * MINUTE + int(match[3] or 0)


def format_clock(second_of_day: int) -> str:
    """Write seconds after midnight as ``HH:MM``, with ``:SS`` only where seconds are left."""
    hours, rest = divmod(second_of_day, HOUR)
    minutes, seconds = divmod(rest, MINUTE)
    return f"{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")


def is_number(value: object) -> bool:
    """Tell whether a value of a file is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def wrong(value: object, form: str) -> str:
    """Say what a value of the wrong kind looks like, and the right form."""
    text = value.strip() if isinstance(value, str) else ""
    for kind, pattern in _KINDS:
        if pattern.fullmatch(text) and not form.startswith(f"a {kind}"):
            return f"{shown(value)} is {'an' if kind == 'amount' else 'a'} {kind}; {form}"
    if text.startswith("-"):
        return f"{shown(value)} is negative; {form}"
    return f"{shown(value)} can't be read; {form}{_point_meant(text) or _share_meant(text, form)}"


def _share_meant(text: str, form: str) -> str:
    """Return the share that a number without its sign means, to be offered, "" where it is none."""
    if not form.startswith("a share") or not re.fullmatch(_NUMBER, text):
        return ""
    number = Decimal(text)
    percent = number * 100 if number <= 1 else number
    return f" (did you mean {percent.normalize():f}%?)" if percent <= 100 else ""


def _point_meant(text: str) -> str:
    """Return the text with a point for its comma, to be offered, "" where it would be none."""
    with_point = text.replace(",", ".")
    known = any(pattern.fullmatch(with_point) for _, pattern in _KINDS)
    if _COMMA.match(text) and (known or re.fullmatch(_NUMBER, with_point)):
        return f" (did you mean {with_point}?)"
    return ""


def _duration_meant(value: object) -> str:
    """Return the length of time that another unit's name probably means, to be offered."""
    match = _LIKE_DURATION.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if match is None and isinstance(value, str) and re.fullmatch(_NUMBER, value.strip()):
        return f" (did you mean {value.strip()}d?)"
    unit = None if match is None else _UNIT.get(match[2], match[2] if match[2] in SECONDS else "")
    return f" (did you mean {match[1]}{unit}?)" if match is not None and unit else ""


def _clock_meant(value: object) -> str:
    """Return the time of day that a number, ``9 pm`` or the like probably means, to be offered."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    if isinstance(value, int) and not 0 <= value <= 24:
        return ""
    match = _LIKE_CLOCK.fullmatch(str(value).strip().lower())
    if match is None:
        return ""
    hour, minute, half = int(match[1]), int(match[2] or 0), match[4]
    if half is not None:
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + 12 * (half == "p")
    second = hour * HOUR + minute * MINUTE
    return f" (did you mean {format_clock(second)}?)" if second <= DAY else ""
