"""Rows built by hand: by the names of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from omnilab.log.rows import ROW, columns

__all__ = ["log_of"]


def log_of(rows: Iterable[Mapping[str, int]]) -> np.ndarray:
    """Return a log of these rows, in their order.

    Parameters
    ----------
    rows
        Each row's ``kind``, and its other fields by their names; those not named are 0.

    Raises
    ------
    ValueError
        If a row's kind has no such field.
    OverflowError
        If a value doesn't fit its field.
    """
    rows = list(rows)
    log = np.zeros(len(rows), ROW)
    seen = {
        kind: columns(log, kind).view(np.ndarray) for kind in {int(row["kind"]) for row in rows}
    }
    for i, row in enumerate(rows):
        for name, value in row.items():
            seen[int(row["kind"])][name][i] = value
    return log
