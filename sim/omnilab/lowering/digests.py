"""Digests of arrays: what is equal in every value has the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from numpy.lib.recfunctions import repack_fields

__all__ = ["digest_of"]


def digest_of(arrays: Mapping[str, Any]) -> str:
    """Return a digest of arrays with their names, forms and values.

    Records may have bytes between their fields that belong to none. These hold whatever the memory
    held before, so they are left out.
    """
    made = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        made.update(f"{name} {array.dtype} {array.shape};".encode())
        if array.dtype.names:
            array = repack_fields(array, recurse=True)
        made.update(array.tobytes())
    return made.hexdigest()
