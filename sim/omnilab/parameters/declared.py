"""Declare a mechanism's parameters: each key with its default, its unit and where that is from.

    class Fatigue(Parameters):
        exponent: Few = key(
            0.27,
            "At n messages a week the share seen is that at one a week times n to minus this.",
            unit="power, no unit", kind="V/D", source="GETR",
        )

The JSON Schema, ``docs/reference/keys.md`` and the tables of ``parameters.md`` are made from it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.fields import FieldInfo

__all__ = [
    "Few",
    "Many",
    "Often",
    "Parameters",
    "Part",
    "Times",
    "Words",
    "Written",
    "key",
    "words_of",
]

Times = Annotated[float, Field(ge=0, le=1_000)]  # a factor, or a rate a day or month
Few = Annotated[float, Field(ge=0, le=10)]  # an exponent, a spread of logarithms, a small factor
Often = Annotated[float, Field(ge=0.001, le=10_000)]  # times a week
Many = Annotated[float, Field(ge=0, le=1e6)]  # a number of messages or ads
Part = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Words:
    """What is said of a key.

    Attributes
    ----------
    what
        One sentence: what the key says.
    unit
        Of a bare number; durations, shares, amounts and times of day name their own.
    kind
        Of the default's source: V vendor, S survey, I independent, P peer-reviewed, D derived from
        those, A assumption (to be swept). A part with keys of its own has none.
    source
        A row of the addresses in ``docs/reference/parameters.md``, with remarks.
    without
        What it means to leave the key out, where it has no default or an empty one.
    values
        What each allowed word means.
    came_later
        The key was added when scenarios had been published. At its default it is left out of a
        scenario's text, so that they keep their digests; the default must turn it off.
    swept
        Of an assumption: both ends of the range in which it may well be, as a file writes them.
    """

    what: str
    unit: str = ""
    kind: str = ""
    source: str = ""
    without: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    came_later: bool = False
    swept: tuple[str, str] | None = None


def key(default: Any, what: str, **words: Any) -> Any:
    """Return the field of a key with this default; ``what`` and ``words`` are those of `Words`."""
    made: FieldInfo = Field(default=default)
    made.metadata.append(Words(what, **words))
    return made


def words_of(made: FieldInfo) -> Words | None:
    """Return what is said of a key beside its default, or None where nothing is."""
    return next((said for said in made.metadata if isinstance(said, Words)), None)


@cache
def _is_number(annotation: Hashable) -> bool:
    """Tell whether a field takes numbers and no truth values."""
    kinds: set[Any] = set()
    left: list[Any] = [annotation]
    while left:
        kind = left.pop()
        if get_origin(kind) is Annotated:
            left.append(get_args(kind)[0])
        elif get_origin(kind) in (Union, UnionType):
            left += get_args(kind)
        else:
            kinds.add(kind)
    return bool(kinds & {int, float}) and bool not in kinds


@cache
def _came_later(part: type[BaseModel]) -> tuple[tuple[str, Any], ...]:
    """Return the keys of a part that came later, each with its default."""
    said = ((name, made, words_of(made)) for name, made in part.model_fields.items())
    return tuple((name, made.default) for name, made, words in said if words and words.came_later)


class Written(BaseModel):
    """A part of a scenario: immutable, an unknown key is an error, later keys only where used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _yes_is_no_number(cls, data: Any) -> Any:
        """Refuse true and false in the place of a number, which Python takes for 1 and 0."""
        if isinstance(data, Mapping):
            for name, made in cls.model_fields.items():
                if isinstance(data.get(name), bool) and _is_number(
                    cast("Hashable", made.annotation)
                ):
                    raise ValueError(f"{name}: expected a number, found {str(data[name]).lower()}")
        return data

    @model_serializer(mode="wrap")
    def _without_what_came_later(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = write(self)
        for name, default in _came_later(type(self)):
            if getattr(self, name) == default:
                data.pop(name, None)
        return data


class Parameters(Written):
    """The parameters of one mechanism, or of several."""
