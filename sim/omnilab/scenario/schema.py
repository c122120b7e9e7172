"""Describe scenario files as JSON Schema, for editors, and tell which keys a place may have."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from omnilab.parameters.quantity import format_clock, format_duration, format_share
from omnilab.scenario.keys import explained
from omnilab.scenario.preset import SECTIONS, preset_names, preset_words
from omnilab.scenario.tree import Step
from omnilab.scenario.wiring import WORDS

__all__ = ["file_schema", "plain_schema", "valid_names"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PARTIAL = "Partial"  # a definition of which nothing is required: a preset or a base has the rest
_WRITTEN: dict[str, Callable[[Any], str | float]] = {
    "duration": format_duration,
    "share": format_share,
    "clock": format_clock,
}


def file_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a model's files, with ``extends`` and presets."""
    schema = plain_schema(model)
    definitions = schema.pop("$defs", {})
    definitions[model.__name__] = schema
    _explain(model, definitions)
    _allow_map_names(definitions)
    definitions |= {_PARTIAL + name: _partial(part) for name, part in definitions.items()}
    extends = {
        "type": "string",
        "description": "The id of a shipped scenario, or a path beside this file, to start from.",
        "examples": ["mapples-coffee-v1", "base.yaml"],
    }
    for name in (model.__name__, _PARTIAL + model.__name__):
        root = definitions[name]
        root["properties"] = {"extends": extends, **root.get("properties", {})}
        for path, kind in SECTIONS.items():
            _allow_presets(root, path, kind, definitions)
    based = definitions[_PARTIAL + model.__name__]
    based["required"] = ["id"]
    based["properties"] = {
        "extends": extends,
        "without": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string"},
            "description": "What shall not stay of the scenario that this file extends, by its "
            "dotted name: a key, or an item of a list by its `name`. It is taken away before this "
            "file's own keys are merged in.",
            "examples": [["channels.app", "categories"], ["brand.journeys.drops"]],
        },
        **based["properties"],
    }
    return {
        "$schema": _DIALECT,
        "title": f"omnilab {model.__name__.lower()} file",
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/{_PARTIAL}{model.__name__}"},
        "else": {"$ref": f"#/$defs/{model.__name__}"},
        "$defs": definitions,
    }


def _explain(model: type[BaseModel], definitions: dict[str, Any]) -> None:
    """Give each key its description, which an editor shows where the mouse rests on the key."""
    for part, keys in explained(model).items():
        for name, key in keys.items():
            definitions[part]["properties"][name]["description"] = key.description


def plain_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's own JSON Schema, with defaults in the form in which files write them."""
    schema = model.model_json_schema()
    for place in _places(schema):
        if len(place.get("allOf", ())) == 1:  # how pydantic before 2.9 wraps a reference
            place.update(place.pop("allOf")[0])
        write = _WRITTEN.get(str(place.get("x-quantity")))
        default = place.get("default")
        if write is not None and isinstance(default, int | float):
            place["default"] = write(default)
    return schema


def valid_names(schema: Mapping[str, Any], path: tuple[Step, ...]) -> list[str]:
    """Return the keys that the mapping at ``path`` may have, from the JSON Schema."""
    places = list(_alternatives(schema, schema))
    for step in path:
        below: list[Mapping[str, Any]] = []
        for place in places:
            if isinstance(step, int):
                inner = place.get("items")
            else:
                inner = place.get("properties", {}).get(step, place.get("additionalProperties"))
            if isinstance(inner, Mapping):
                below.extend(_alternatives(inner, schema))
        places = below
    return list(dict.fromkeys(name for place in places for name in place.get("properties", ())))


def _alternatives(
    place: Mapping[str, Any], schema: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas that a place may follow, references and unions resolved."""
    yield place
    if "$ref" in place:
        name = str(place["$ref"]).rpartition("/")[2]
        yield from _alternatives(schema["$defs"][name], schema)
    for union in ("anyOf", "oneOf", "allOf"):
        for member in place.get(union, ()):
            yield from _alternatives(member, schema)


def _partial(part: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a definition that requires nothing, nor do those that it refers to."""
    partial = copy.deepcopy(part)
    for place in _places(partial):
        place.pop("required", None)
        if isinstance(place.get("$ref"), str):
            head, _, name = place["$ref"].rpartition("/")
            place["$ref"] = f"{head}/{_PARTIAL}{name}"
    return partial


def _allow_presets(
    root: dict[str, Any], path: tuple[str, ...], kind: str, definitions: dict[str, Any]
) -> None:
    """Let the items of the list at ``path`` be preset names, or mappings over a preset."""
    place = root
    for key in path:
        place = _resolved(place, definitions).get("properties", {}).get(key, {})
    place = _resolved(place, definitions)
    item = place.get("items")
    if not isinstance(item, dict) or "$ref" not in item:
        return
    name = item["$ref"].rpartition("/")[2]
    names = _named_presets(kind)
    over = _PARTIAL + name.removeprefix(_PARTIAL)
    definitions[over]["properties"]["preset"] = names
    based = {"$ref": f"#/$defs/{over}"}
    if not name.startswith(_PARTIAL):
        based["required"] = ["preset"]  # type: ignore[assignment]
        place["items"] = {"anyOf": [names, item, based]}
    else:
        place["items"] = {"anyOf": [names, based]}


def _allow_map_names(definitions: dict[str, Any]) -> None:
    """Let a silo map be a preset's name alone."""
    place = definitions.get("Brand", {}).get("properties", {}).get("wiring")
    if place is None:
        return
    about = {k: place.pop(k) for k in ("default", "description") if k in place}
    named = {"enum": list(WORDS), "enumDescriptions": list(WORDS.values())}
    definitions["Brand"]["properties"]["wiring"] = {"anyOf": [named, dict(place)], **about}


def _named_presets(kind: str) -> dict[str, Any]:
    """Return the schema of a preset's name, with what each preset is."""
    words = preset_words(kind)
    said = [f"{name}: {words[name]}" for name in preset_names(kind)]
    return {
        "enum": preset_names(kind),
        "description": "\n\n".join([f"A preset of {kind}, from which this item starts.", *said]),
        "enumDescriptions": list(words.values()),  # what VS Code shows beside each name
    }


def _resolved(place: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference, if this is one."""
    if "$ref" not in place:
        return place
    found: dict[str, Any] = definitions[place["$ref"].rpartition("/")[2]]
    return found


def _places(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping inside a schema."""
    if isinstance(schema, dict):
        yield schema
        for inner in list(schema.values()):
            yield from _places(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _places(inner)
