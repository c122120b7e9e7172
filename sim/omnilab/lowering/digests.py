"""Digests of arrays: what is equal byte for byte has the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

__all__ = ["digest_of"]


def digest_of(arrays: Mapping[str, Any]) -> str:
    """Return a digest of arrays with their names, forms and bytes."""
    made = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        made.update(f"{name} {array.dtype} {array.shape};".encode())
        made.update(array.tobytes())
    return made.hexdigest()
