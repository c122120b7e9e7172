"""Digests of arrays hang on names, forms and values, and on nothing between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab.lowering.digests import digest_of

INNER = np.dtype([("small", "i1"), ("large", "f8")], align=True)
OUTER = np.dtype([("flag", "i1"), ("many", INNER, (2,)), ("last", "i2")], align=True)


def of(memory: int, **fields: Any) -> np.ndarray[Any, Any]:
    """Return two records in memory that was full of one byte before."""
    made = np.full(2 * OUTER.itemsize, memory, np.uint8).view(OUTER)
    for name, value in {"flag": 1, "last": 7, **fields}.items():
        made[name] = value
    made["many"]["small"], made["many"]["large"] = 3, 0.5
    return made


def test_what_the_memory_held_before_says_nothing() -> None:
    assert of(0).tobytes() != of(255).tobytes()  # else this would test nothing
    assert digest_of({"x": of(0)}) == digest_of({"x": of(255)})


def test_every_field_name_and_form_counts() -> None:
    base = digest_of({"x": of(0)})
    inside = of(0)
    inside["many"]["small"][1, 1] = 4
    others = [
        {"x": of(0, flag=2)}, {"x": of(0, last=8)}, {"x": inside}, {"y": of(0)},
        {"x": of(0)[:1]}, {"x": of(0), "y": np.zeros(1)},
    ]  # fmt: skip
    found = [digest_of(other) for other in others]
    assert base not in found
    assert len(set(found)) == len(found)
    assert digest_of({"x": np.zeros(2, "i4")}) != digest_of({"x": np.zeros(1, "i8")})
