"""Check values against a JSON Schema: the keywords that our schemas use, and no others."""

from __future__ import annotations

import re
from typing import Any

KNOWN = {
    *("$schema", "$comment", "title", "description", "type", "properties", "required", "items"),
    *("additionalProperties", "enum", "const", "pattern", "minimum"),
}
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "null": (type(None),),
    "boolean": (bool,), "integer": (int,), "number": (int, float),
}  # fmt: skip


def schema_faults(value: Any, schema: dict[str, Any], place: str = "") -> list[str]:
    """Return where a value does not fit, a line each."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    faults = []
    kinds = schema.get("type", list(TYPES))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(_is(value, kind) for kind in kinds):
        return [f"{place}: {value!r} is no {' or '.join(kinds)}"]
    if "const" in schema and value != schema["const"]:
        faults.append(f"{place}: {value!r} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        faults.append(f"{place}: {value!r} is none of {schema['enum']}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        faults.append(f"{place}: {value!r} is not like {schema['pattern']}")
    if "minimum" in schema and value < schema["minimum"]:
        faults.append(f"{place}: {value!r} is below {schema['minimum']}")
    if isinstance(value, dict):
        parts = schema.get("properties", {})
        faults += [
            f"{place}: lacks {key}" for key in schema.get("required", ()) if key not in value
        ]
        for key, item in value.items():
            more = parts.get(key, schema.get("additionalProperties", {}))
            if more is False:
                faults.append(f"{place}: {key} is not known")
            else:
                faults += schema_faults(item, more, f"{place}.{key}")
    if isinstance(value, list):
        for i, item in enumerate(value):
            faults += schema_faults(item, schema.get("items", {}), f"{place}[{i}]")
    return faults


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
