"""Explain every key of a scenario file: what it says, its type, unit, range, default and source.

The words are in ``keys.yaml``, those of the world's mechanisms beside their defaults (see
`omnilab.parameters.declared`). Types, ranges and defaults come from the model, so that they can't
differ from what is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from omnilab.log.identifier_types import IDENTIFIER_TYPES
from omnilab.parameters.declared import words_of
from omnilab.scenario.document import read_document
from omnilab.scenario.limits import item_schema, range_of
from omnilab.scenario.tree import plain

__all__ = [
    "KINDS",
    "Key",
    "explained",
    "keys_of",
    "parts_of",
    "values_of",
    "written_default",
    "written_value",
]

#: Kind of a source -> what it is.
KINDS: Final = {
    "V": "vendor",
    "S": "survey",
    "I": "independent measurement",
    "P": "peer-reviewed",
    "D": "derived",
    "A": "assumption",
}

_FILE = Path(__file__).parent / "keys.yaml"
_TYPES: Final = {
    "duration": "duration",
    "share": "share",
    "amount": "amount",
    "clock": "time of day",
    "name": "name",
    "shows": "word, name, or names",
    "scenario-id": "scenario id",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "string": "text",
}
_UNITS: Final = {
    "duration": "written with s, min, h, d or w",
    "share": "written as a percentage or as a part of 1",
    "amount": "currency",
    "time of day": "HH:MM, local",
}


@dataclass(frozen=True)
class Key:
    """One key of a scenario file.

    Attributes
    ----------
    part, name
        The model's class and its field, such as ``Fatigue`` and ``ideal``.
    what
        One sentence or two.
    type, unit, range
        In words; the unit is "" where a value has none.
    default
        As a file writes it; None where the key must be given.
    kind, source
        Of the default: letters of `KINDS` and a row of the addresses; both may be "".
    without
        What it means to leave out a key that has no default or an empty one.
    values
        Allowed word -> its meaning.
    swept
        Of an assumption: both ends of the range in which it may well be; None where nobody says.
    """

    part: str
    name: str
    what: str
    type: str
    unit: str
    range: str
    default: str | None
    kind: str
    source: str
    without: str
    values: Mapping[str, str]
    swept: tuple[str, str] | None = None

    @property
    def description(self) -> str:
        """Return all of it as the text that an editor shows."""
        said = [self.what]
        said += [f"{word}: {text.rstrip('.')}." for word, text in self.values.items()]
        unit = f", {self.unit}" if self.unit else ""
        said.append(f"Type: {self.type}{unit}.")
        said += [f"{title}: {text.rstrip('.')}." for title, text in self.facts.items() if text]
        return " ".join(said)

    @property
    def facts(self) -> dict[str, str]:
        """Return range, default and source in words; a part with keys of its own has no source."""
        return {
            "Range": self.range or ("" if self.type == "mapping" else "any"),
            "Default": self._default(),
            "Source": self._source(),
        }

    def _default(self) -> str:
        if self.default:
            return self.default
        if self.default is None:
            return f"none. {self.without}" if self.without else "none, it must be given"
        empty = "those of its keys" if self.type == "mapping" else "empty"
        return f"{empty}. {self.without}".strip(" .")

    def _source(self) -> str:
        if self.kind:
            kinds = " / ".join(KINDS[letter] for letter in self.kind.split("/"))
            return f"{kinds}{f', {self.source}' if self.source else ''}"
        return "" if self.type == "mapping" else "whoever writes the scenario"


@cache
def explained(model: type[BaseModel]) -> dict[str, dict[str, Key]]:
    """Return the keys of a model and of all its parts, by class and field.

    Raises
    ------
    KeyError
        If a key has no explanation in ``keys.yaml``; the tests find it first.
    """
    return {part.__name__: keys_of(part) for part in parts_of(model)}


def keys_of(part: type[BaseModel]) -> dict[str, Key]:
    """Return the keys of one part, without those of the parts below it.

    Raises
    ------
    KeyError
        If a key has no explanation.
    """
    return {name: _key(part, name, field) for name, field in part.model_fields.items()}


def parts_of(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return a model's class and those of all its parts, each once, in the order of its keys."""
    found: dict[type[BaseModel], None] = {model: None}
    for field in model.model_fields.values():
        for below in _models_in(field.annotation):
            found |= dict.fromkeys(parts_of(below))
    return list(found)


def values_of(name: str) -> dict[str, str]:
    """Return the meanings of a list of words: ``triggers``, ``events`` or ``identifiers``."""
    if name == "identifiers":
        return {kind.name: kind.what for kind in IDENTIFIER_TYPES}
    return dict(_words()[name])


def written_default(field: FieldInfo) -> str | None:
    """Return a default as a scenario file writes it, None where the key must be given."""
    if field.default is PydanticUndefined:
        return None
    if isinstance(field.default, BaseModel):
        return _written_part(field.default)
    return _shown(_adapter(field).dump_python(field.default, mode="json"))


def written_value(field: FieldInfo, value: Any) -> str:
    """Return a field's value as a scenario file writes it."""
    return str(_shown(_adapter(field).dump_python(value, mode="json")))


@dataclass(frozen=True)
class Said:
    """What is said of a key by hand: all of a `Key` that needs no look at its type.

    Attributes
    ----------
    part, name, what, kind, swept
        As in `Key`.
    """

    part: str
    name: str
    what: str
    kind: str
    swept: tuple[str, str] | None


@cache
def said_of(part: type[BaseModel], name: str) -> Said:
    """Return what is said of a part's key."""
    word = _word(part, name, part.model_fields[name])
    return Said(part.__name__, name, word["what"], word.get("kind", ""), word.get("swept"))


def _word(part: type[BaseModel], name: str, field: FieldInfo) -> dict[str, Any]:
    said = words_of(field)
    word = asdict(said) if said else _words().get(part.__name__, {}).get(name)
    if word is None:
        raise KeyError(
            f"{part.__name__}.{name}: explain it in sim/omnilab/scenario/keys.yaml, or a"
            " mechanism's with `key` beside its default"
        )
    return dict(word)


def _key(part: type[BaseModel], name: str, field: FieldInfo) -> Key:
    word = _word(part, name, field)
    values = word.get("values", {})
    schema = _adapter(field).json_schema()
    kind = _type(schema)
    unit = word.get("unit", "") or next(
        (text for ending, text in _UNITS.items() if kind.rstrip("s").endswith(ending)), ""
    )
    return Key(
        part=part.__name__,
        name=name,
        what=word["what"],
        type=kind,
        unit=unit,
        range=range_of(field, schema),
        default=written_default(field),
        kind=word.get("kind", ""),
        source=word.get("source", ""),
        without=word.get("without", ""),
        values=values_of(values) if isinstance(values, str) else values,
        swept=word.get("swept"),
    )


@cache
def _adapter(field: FieldInfo) -> TypeAdapter[Any]:
    """Return what reads and writes a field's values; an annotated type needs one annotation."""
    return TypeAdapter(Annotated[(field.annotation, *field.metadata, "")])  # type: ignore[arg-type]


def _type(place: Mapping[str, Any]) -> str:
    """Return a JSON Schema's type in words."""
    if quantity := place.get("x-quantity"):
        return _TYPES[quantity]
    if "anyOf" in place:
        kinds = [_type(member) for member in place["anyOf"] if member.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in place or "properties" in place:
        return "mapping"
    if "enum" in place or "const" in place:
        return "true" if place.get("const") is True else "word"
    if place.get("type") == "array":
        return f"list of {_type(item_schema(place))}s"
    if place.get("type") == "object":
        return f"mapping of names to {_type(item_schema(place))}s"
    return "date" if place.get("format") == "date" else _TYPES[place["type"]]


def _written_part(part: BaseModel) -> str:
    """Return a part's own values as a mapping, or "" where they are all its keys' defaults."""
    written = part.model_dump(mode="json")
    if isinstance(written, str):  # a silo map that has a name
        return written
    differing = {
        name: text
        for name, field in type(part).model_fields.items()
        if field.default != getattr(part, name) and (text := _shown(written[name]))
    }
    inside = ", ".join(f"{name}: {text}" for name, text in differing.items())
    return f"{{{inside}}}" if inside else ""


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(str(_shown(item)) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{k}: {_shown(v)}" for k, v in value.items())
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = plain(read_document(_FILE))
    return words
