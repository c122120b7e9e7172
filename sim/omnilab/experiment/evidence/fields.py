"""The kinds of values that files of evidence have, and what their parts share."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from omnilab._files.messages import shown
from omnilab.parameters.quantity import Name

__all__ = ["Changes", "Count", "Figure", "Id", "Names", "Part", "Words", "exactly_one"]

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_NUMBER = re.compile(r"([+-]?)\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(%?)")


def _read_id(value: object) -> str:
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise ValueError(
        f"{shown(value)} is no id: letters, digits, _ and -, a letter first, such as LEW14"
    )


def _read_figure(value: object) -> float:
    """Read ``5%``, ``-17%``, ``+0.05`` or ``1.3`` and return a plain number, shares 0..1."""
    if isinstance(value, bool):
        raise ValueError(f"{shown(value)} is no number, such as 5% or 1.3")
    if isinstance(value, int | float):
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(f"{shown(value)} is no number that could have been found")
        return number
    match = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{shown(value)} is no number, such as 5%, -17% or 1.3")
    number = float(match[2]) / (100.0 if match[3] else 1.0)
    return -number if match[1] == "-" else number


def _read_words(value: object) -> object:
    """Take one word where a list of them is meant."""
    return [value] if isinstance(value, str) else value


_FIGURE_SCHEMA = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[+-]?[0-9.]+%?$"}],
    "examples": ["5%", "-17%", 1.3],
}
Id = Annotated[
    str,
    BeforeValidator(_read_id),
    WithJsonSchema({"type": "string", "pattern": f"^{_ID.pattern}$", "examples": ["LEW14"]}),
]
Figure = Annotated[float, BeforeValidator(_read_figure), WithJsonSchema(_FIGURE_SCHEMA)]
#: Names, or one alone; it may be none at all.
Names: TypeAlias = Annotated[tuple[Name, ...], BeforeValidator(_read_words)]
#: The same, at least one.
Words: TypeAlias = Annotated[tuple[Name, ...], BeforeValidator(_read_words), Field(min_length=1)]
Count = Annotated[int, Field(ge=0, le=10**9)]
#: Values by dotted key, as a scenario file writes them.
Changes = dict[str, Any]


class Part(BaseModel):
    """A part of a file: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def exactly_one(part: Part, kinds: tuple[str, ...], what: str, name: str) -> None:
    """Refuse a part with none of some keys, or with two."""
    given = [k for k in kinds if getattr(part, k) is not None]
    if len(given) != 1:
        raise ValueError(
            f"{what} has exactly one of {', '.join(kinds)}; {name} has"
            f" {' and '.join(given) or 'none'}"
        )
