"""Find a value of a scenario by its dotted key, such as ``channels.email.message.open``."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel

from omnilab.errors import nearest

__all__ = ["numbered", "value_at"]

_STEP = re.compile(r"\.?([A-Za-z_][\w-]*)|\[(\d+)\]")


def value_at(root: BaseModel, key: str) -> Any:
    """Return the value under a dotted key; items of lists go by name or by number from 0.

    Raises
    ------
    ValueError
        If there is none; the message says what there is instead.
    """
    value: Any = root
    end = 0
    while end < len(key):
        step = _STEP.match(key, end)
        if step is None:
            raise ValueError(f"{key!r} is not a dotted key, such as world.intent.threshold")
        value = _below(value, step[1], step[2], key[:end])
        end = step.end()
    return value


def numbered(value: Any) -> str:
    """Return how many items a value has, as the end of an error, "" where it has none."""
    if not isinstance(value, tuple):
        return ""
    last = len(value) - 1
    return f": it has {len(value)}, [0] to [{last}]" if last > 0 else f": it has {len(value)}"


def _below(value: Any, name: str | None, number: str | None, above: str) -> Any:
    inside = f" in {above}" if above else ""
    if number is not None:
        if isinstance(value, tuple) and int(number) < len(value):
            return value[int(number)]
        raise ValueError(f"no item [{number}]{inside}{numbered(value)}")
    assert name is not None
    if isinstance(value, BaseModel):
        there = {field: getattr(value, field) for field in type(value).model_fields}
    elif isinstance(value, dict):
        there = value
    elif isinstance(value, tuple):
        there = {getattr(item, "name", ""): item for item in value}
    else:
        there = {}
    if name not in there:
        raise ValueError(f"no key {name!r}{inside}{nearest(name, there)}")
    return there[name]
