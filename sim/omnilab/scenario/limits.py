"""Say in words which values a key of a scenario may have, from the model's own constraints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, get_args, get_origin

from pydantic.fields import FieldInfo

from omnilab.parameters.quantity import (
    LARGEST_AMOUNT,
    LONGEST_S,
    format_clock,
    format_duration,
    format_share,
)

__all__ = ["item_schema", "range_of"]

Bounds = dict[str, Any]

_LIMITS: Final = ("gt", "ge", "lt", "le")
_SIZES: Final = ("min_length", "max_length")
#: Quantity -> its own bounds, and how a file writes one of its values.
_QUANTITIES: Final[dict[str, tuple[Bounds, Callable[[Any], Any]]]] = {
    "share": ({"ge": 0.0, "le": 1.0}, format_share),
    "duration": ({"ge": 0, "le": LONGEST_S}, format_duration),
    "clock": ({"ge": 0, "le": 86400}, format_clock),
    "amount": ({"ge": 0.0, "le": LARGEST_AMOUNT}, lambda value: f"{value:,.10g}"),
}
_WORDS: Final = {
    "name": "lower-case letters, digits, _ and -, a letter first, at most 64",
    "shows": "cart, viewed, bought, generic, the name of a category, or 2 to 4 such names",
    "scenario-id": "a name, then -v and a whole number",
}


def range_of(field: FieldInfo, schema: Mapping[str, Any]) -> str:
    """Return the allowed values of a field in words, "" where any value of its type is.

    Parameters
    ----------
    field
        Of a pydantic model; its constraints may be its own or its type's, or of its items.
    schema
        The JSON Schema of the field's type, for quantities, words and fixed lengths.
    """
    said = [_size(schema, field.metadata), _bounds(schema, [field.annotation], field.metadata)]
    if schema.get("type") in ("array", "object") and "properties" not in schema:
        each = _bounds(item_schema(schema), list(_items(field.annotation)), ())
        said.append(f"each {each}" if each else "")
    return ", ".join(part for part in said if part)


def item_schema(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the JSON Schema of what a list or a mapping of names holds."""
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            inner: Mapping[str, Any] = schema[key]
            return inner
    several = schema.get("prefixItems") or list(schema.get("patternProperties", {}).values())
    return several[0] if several else {}


def _bounds(schema: Mapping[str, Any], annotations: Iterable[Any], metadata: Iterable[Any]) -> str:
    """Return the limits of one value: words, or numbers from the tightest constraints."""
    for member in schema.get("anyOf", ()):
        if "x-quantity" not in schema and member.get("type") != "null":
            return _bounds(member, annotations, metadata)
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if "pattern" in schema and "x-quantity" not in schema:
        return f"the pattern {schema['pattern']}"
    quantity = str(schema.get("x-quantity"))
    if quantity in _WORDS:
        return _WORDS[quantity]
    own, write = _QUANTITIES.get(quantity, ({}, lambda value: f"{value:,.10g}"))
    found: dict[str, list[Any]] = {limit: [] for limit in _LIMITS}
    sources = [own, *map(_limits, metadata), *(b for a in annotations for b in _declared(a))]
    for bounds in sources:
        for limit in _LIMITS:
            found[limit] += [bounds[limit]] if bounds.get(limit) is not None else []
    return _in_words(found, write)


def _in_words(found: Mapping[str, list[Any]], write: Callable[[Any], Any]) -> str:
    low = max([(v, 1) for v in found["gt"]] + [(v, 0) for v in found["ge"]], default=None)
    high = min([(v, -1) for v in found["lt"]] + [(v, 0) for v in found["le"]], default=None)
    if low and high and not low[1] and not high[1]:
        return f"{write(low[0])} to {write(high[0])}"
    parts = []
    if low:
        parts.append(f"{'above' if low[1] else 'at least'} {write(low[0])}")
    if high:
        parts.append(f"{'below' if high[1] else 'at most'} {write(high[0])}")
    return " and ".join(parts)


def _size(schema: Mapping[str, Any], metadata: Iterable[Any]) -> str:
    """Return how many items a list may have."""
    if schema.get("type") != "array":
        return ""
    low, high = schema.get("minItems"), schema.get("maxItems")
    for constraint in metadata:
        low = getattr(constraint, "min_length", None) or low
        high = getattr(constraint, "max_length", None) or high
    if low is not None and low == high:
        return f"{low} items"
    if low and high:
        return f"{low} to {high} items"
    return f"at least {low} item{'s' if low > 1 else ''}" if low else (
        f"at most {high} items" if high else ""
    )  # fmt: skip


def _limits(constraint: Any) -> Bounds:
    return {limit: getattr(constraint, limit, None) for limit in _LIMITS}


def _declared(annotation: Any) -> Iterator[Bounds]:
    """Yield the constraints of an annotated type, of whatever depth of optional and annotated."""
    for constraint in getattr(annotation, "__metadata__", ()):
        inside = constraint.metadata if isinstance(constraint, FieldInfo) else [constraint]
        yield from map(_limits, inside)
    if get_origin(annotation) not in (tuple, list, dict):
        for inner in get_args(annotation):
            yield from _declared(inner)


def _items(annotation: Any) -> Iterator[Any]:
    """Yield the types of what a list or a mapping holds."""
    origin = get_origin(annotation)
    if origin in (tuple, list):
        yield from (inner for inner in get_args(annotation) if inner is not Ellipsis)
    elif origin is dict:
        yield get_args(annotation)[1]
    else:
        for inner in get_args(annotation):
            yield from _items(inner)
