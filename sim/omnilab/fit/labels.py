"""Texts of a column as numbers: hashes of ids, and the place of each text in a list."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["factor", "hashes"]


def hashes(texts: Any) -> NDArray[np.uint64]:
    """Return a hash of each text of an Arrow column; that of null is some number too."""
    values = np.asarray(texts.to_numpy(zero_copy_only=False), dtype=object)
    values = np.where(pd.isna(values), "", values)
    return pd.util.hash_array(values.astype(object)).astype(np.uint64)


def factor(texts: Any) -> tuple[NDArray[np.int64], list[str | None]]:
    """Return each row's place in the list of the texts of an Arrow column; the last one is None."""
    encoded = texts.dictionary_encode()
    if hasattr(encoded, "combine_chunks"):
        encoded = encoded.combine_chunks()
    values: list[str | None] = encoded.dictionary.to_pylist()
    codes = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return codes.astype(np.int64), [*values, None]
