"""Read and write quantities with units: ``24h``, ``0.27%``, ``12.50 EUR``, ``21:00``.

A scenario file says what a number means; the model keeps plain numbers in one unit each. Every
type here is an `Annotated` number that pydantic reads from the file's form, writes back in that
form (in JSON mode; in Python mode it stays the plain number), and describes in the JSON Schema.
Python code may give plain seconds, a file may not: its reader passes a validation context.
Reading and writing go through decimal arithmetic, so that a round trip is exact.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    SerializationInfo,
    ValidationInfo,
    WithJsonSchema,
)

from omnilab._files.messages import shown
from omnilab._files.quantities import (
    AMOUNT,
    CLOCK,
    DAY,
    DURATION,
    HOUR,
    LONGEST_S,
    MINUTE,
    SECONDS,
    SHARE,
    WEEK,
    format_clock,
    is_number,
    parse_clock,
    parse_duration,
    wrong,
)
from omnilab.errors import nearest

__all__ = [
    "DAY",
    "HOUR",
    "LARGEST_AMOUNT",
    "LONGEST_NAME",
    "LONGEST_S",
    "MINUTE",
    "WEEK",
    "Amount",
    "Clock",
    "Duration",
    "Index",
    "Line",
    "Logit",
    "Name",
    "Prose",
    "ScenarioId",
    "Shape",
    "Share",
    "Stimulus",
    "Weekday",
    "format_amount",
    "format_clock",
    "format_duration",
    "format_share",
    "parse_amount",
    "parse_clock",
    "parse_duration",
    "parse_name",
    "parse_scenario_id",
    "parse_share",
]

LARGEST_AMOUNT = 1e9  # 1e14 milli-cents, so that a million of them still fit 64 bits

#: Characters of a name.
LONGEST_NAME: Final = 64
_NAME = re.compile(rf"[a-z][a-z0-9_-]{{0,{LONGEST_NAME - 1}}}")
_SCENARIO_ID = re.compile(rf"{_NAME.pattern}-v[1-9][0-9]{{0,5}}")
_CONTROL = frozenset({"Cc", "Zl", "Zp"})  # Unicode's categories: controls, breaks of lines
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # the direction
_BREAKS = {ord(character): " " for character in "\n\t"}


def format_duration(seconds: int) -> str:
    """Write whole seconds in the largest unit that leaves no fraction, such as ``90min``."""
    for unit in ("w", "d", "h", "min"):
        if seconds and seconds % SECONDS[unit] == 0:
            return f"{seconds // SECONDS[unit]}{unit}"
    return f"{seconds}s"


def parse_share(value: object) -> float:
    """Read a share such as ``0.27%`` or ``0.0027`` and return it in 0..1.

    Raises
    ------
    ValueError
        If it is neither a percentage nor a number, or lies outside 0..1.
    """
    form = "a share is a percentage such as 0.27%, or a number from 0 to 1"
    if is_number(value):
        share = _as_float(value)
        if not 0.0 <= share <= 1.0:
            percent = f"; did you mean {shown(value)}%?" if 1 < share <= 100 else ""
            raise ValueError(f"{shown(value)} is outside 0..1{percent or f'; {form}'}")
        return share + 0.0  # turns -0.0 into 0.0
    match = SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(wrong(value, form))
    percentage = Decimal(match[1])
    if percentage > 100:
        raise ValueError(f"{shown(value)} is above 100%; {form}")
    return float(percentage / 100)


def format_share(share: float) -> str | float:
    """Write a share as a percentage that reads back as exactly the same float."""
    exact = Decimal(repr(float(share))) * 100
    places = -int(exact.as_tuple().exponent)
    if places > 20:  # too small to be readable as a percentage
        return float(share)
    return f"{_plain(exact)}%"


def parse_amount(value: object, currency: str | None = None) -> float:
    """Read an amount of money such as ``12.50 EUR`` or ``12.5`` and return currency units.

    Parameters
    ----------
    value
        A number, alone or followed by the currency's three letters.
    currency
        The scenario's currency; None takes any.

    Raises
    ------
    ValueError
        If it is not an amount, names another currency, is negative or above a thousand million.
    """
    form = f"an amount is a number, or one with its currency, such as 12.50 {currency or 'EUR'}"
    if is_number(value):
        amount = _as_float(value)
    else:
        match = AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise ValueError(wrong(value, form))
        if currency is not None and match[2] != currency:
            raise ValueError(
                f"{shown(value)} is in {match[2]}, but the scenario's currency is {currency}"
            )
        amount = float(Decimal(match[1]))
    if not 0.0 <= amount <= LARGEST_AMOUNT:
        problem = "negative" if amount < 0 else f"not at most {LARGEST_AMOUNT:.0f}"
        raise ValueError(f"{shown(value)} is {problem}; {form}")
    return amount + 0.0


def format_amount(amount: float, currency: str | None = None) -> str | float:
    """Write an amount with two or more decimals and its currency, or as a number without one."""
    exact = Decimal(repr(float(amount)))
    places = -int(exact.as_tuple().exponent)
    if currency is None or places > 20:
        return float(amount)
    return f"{exact:.{max(2, places)}f} {currency}"


def parse_name(value: object) -> str:
    """Check a name: lower-case letters, digits, ``_`` and ``-``, a letter first, 64 at most.

    Raises
    ------
    ValueError
        If it is written otherwise.
    """
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    raise ValueError(
        f"{shown(value)} is not a name; a name has lower-case letters, digits, _ and -, "
        "and starts with a letter"
    )


def parse_scenario_id(value: object) -> str:
    """Check a scenario's id: a name with its version, such as ``coffee-v1``.

    Raises
    ------
    ValueError
        If it is written otherwise.
    """
    if isinstance(value, str) and _SCENARIO_ID.fullmatch(value):
        return value
    raise ValueError(f"{shown(value)} is not a scenario id; write a name and a version: coffee-v1")


def _as_float(value: object) -> float:
    """Return a number as a float; a whole number beyond floats becomes infinite."""
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf


def _no_control(text: str) -> str:
    """Refuse characters that would move a terminal's cursor, or what stands beside them."""
    for at, character in enumerate(text, 1):
        if unicodedata.category(character) in _CONTROL or character in _TURNING:
            code = f"U+{ord(character):04X}"
            raise ValueError(f"character {at} is the control character {code}, which nobody sees")
    return text


def _no_control_but_breaks(text: str) -> str:
    _no_control(text.translate(_BREAKS))
    return text


def _plain(exact: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros."""
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _read_duration(value: object, info: ValidationInfo) -> int:
    seconds = _seconds(value, info, LONGEST_S)
    return parse_duration(value) if seconds is None else seconds


def _read_clock(value: object, info: ValidationInfo) -> int:
    seconds = _seconds(value, info, DAY)
    return parse_clock(value) if seconds is None else seconds


def _seconds(value: object, info: ValidationInfo, most: int) -> int | None:
    """Return plain seconds where Python code gives them; a file may not."""
    from_python = info.context is None or info.context.get("seconds", False)
    if not from_python or not isinstance(value, int) or isinstance(value, bool):
        return None
    if not 0 <= value <= most:
        raise ValueError(f"{shown(value)} seconds are outside 0..{most}")
    return value


def _currency(context: Any) -> str | None:
    return context.get("currency") if isinstance(context, Mapping) else None


def _read_amount(value: object, info: ValidationInfo) -> float:
    return parse_amount(value, _currency(info.context))


def _write_amount(amount: float, info: SerializationInfo) -> str | float:
    return format_amount(amount, _currency(info.context))


def _text_schema(kind: str, pattern: str, *examples: str, number: Any = None) -> WithJsonSchema:
    """Describe a quantity's text form and, beside it, the plain numbers that are allowed."""
    text: dict[str, Any] = {"type": "string", "pattern": f"^(?:{pattern})$"}
    schema = {"anyOf": [text, number]} if number is not None else text
    return WithJsonSchema({**schema, "examples": list(examples), "x-quantity": kind})


Duration = Annotated[
    int,
    BeforeValidator(_read_duration),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
    _text_schema("duration", DURATION.pattern, "24h", "90min", "365d", number={"const": 0}),
]
"""Whole seconds, 0 or more, written ``24h``."""

Share = Annotated[
    float,
    BeforeValidator(parse_share),
    PlainSerializer(format_share, when_used="json"),
    _text_schema(
        "share", SHARE.pattern, "0.27%", "16%",
        number={"type": "number", "minimum": 0, "maximum": 1},
    ),
]  # fmt: skip
"""A probability or a part of a whole in 0..1, written ``0.27%`` or ``0.0027``."""

Amount = Annotated[
    float,
    BeforeValidator(_read_amount),
    PlainSerializer(_write_amount, when_used="json"),
    _text_schema(
        "amount", AMOUNT.pattern, "12.50 EUR", "0.0008 EUR",
        number={"type": "number", "minimum": 0, "maximum": LARGEST_AMOUNT},
    ),
]  # fmt: skip
"""Money in currency units, 0 or more, written ``12.50 EUR`` or ``12.5``.

The currency is checked against the validation context's ``currency`` and written when the
serialisation context has one.
"""

Clock = Annotated[
    int,
    BeforeValidator(_read_clock),
    PlainSerializer(format_clock, return_type=str, when_used="json"),
    _text_schema("clock", CLOCK.pattern, "21:00", "08:30"),
]
"""Seconds after local midnight, 0..86400, written ``21:00``."""

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _read_weekday(value: object) -> object:
    """Return the number of a day that is named in English, whole or by its first three letters."""
    if isinstance(value, str):
        text = value.strip().lower()
        for number, day in enumerate(_DAYS):
            if text in (day, day[:3]):
                return number
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 6:
        hint = nearest(str(value).lower(), _DAYS) if isinstance(value, str) else ""
        raise ValueError(
            f"{shown(value)} is no day of the week{hint}; write its name, or 0 for Monday to 6 for "
            "Sunday"
        )
    return value


Weekday = Annotated[
    int,
    BeforeValidator(_read_weekday),
    Field(ge=0, le=6),
    WithJsonSchema({
        "anyOf": [{"type": "integer", "minimum": 0, "maximum": 6}, {"enum": list(_DAYS)}],
        "examples": ["thursday", 3],
    }),
]  # fmt: skip
"""A day of the week, 0 for Monday to 6 for Sunday, written as its name or number."""

Name = Annotated[
    str, BeforeValidator(parse_name), _text_schema("name", _NAME.pattern, "web", "loyalty_card")
]
"""The name of a thing in a scenario, such as ``web``."""

Line = Annotated[str, AfterValidator(_no_control)]
"""A line of a user's words, such as a title: without control characters."""

Prose = Annotated[str, AfterValidator(_no_control_but_breaks)]
"""A user's words over one line or more: without other control characters."""

ScenarioId = Annotated[
    str,
    AfterValidator(parse_scenario_id),
    _text_schema("scenario-id", _SCENARIO_ID.pattern, "mapples-coffee-v1"),
]
"""A scenario's name and version, such as ``mapples-coffee-v1``."""

# A plain number has the range in which the model is meaningful. Beyond it a result would be
# infinite or depend on rounding, without any sign of it.

Logit = Annotated[float, Field(ge=-50, le=50)]
"""A utility or logit: at 50 one chance in 5e21 is left."""

Stimulus = Annotated[float, Field(ge=0, le=50)]
"""A stimulus, a spread over persons, or a slope, on the scale of logits."""

Shape = Annotated[float, Field(ge=1e-6, le=1e9)]
"""The shape of a gamma distribution: below it all but a few are 0, above it all are alike."""

Index = Annotated[float, Field(ge=0.01, le=10_000)]
"""A busy hour, day or month against others; only their ratios count."""
