"""Sets of goods between the engine, which keeps a bit for each, and a strategy's columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["as_bits", "as_columns"]


def as_columns(bits: Any, goods: int) -> npt.NDArray[np.bool_]:
    """Return sets of goods as booleans, shape (n, goods).

    Parameters
    ----------
    bits
        A number for each set, a bit for each good, shape (n,).
    goods
        How many goods there are, at most 60.
    """
    found: npt.NDArray[np.bool_] = (bits[:, None] >> np.arange(goods)) & 1 == 1
    return found


def as_bits(columns: Any) -> npt.NDArray[np.int64]:
    """Return what `as_columns` has made columns of."""
    chosen = np.asarray(columns, dtype=np.int64)
    bits: npt.NDArray[np.int64] = (chosen << np.arange(chosen.shape[1])).sum(axis=1)
    return bits
