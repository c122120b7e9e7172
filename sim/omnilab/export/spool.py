"""Sort more records by time than memory holds: spans of time on disk, one sorted at a time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spool"]


class Spool:
    """Takes records in any order and gives them back in order of time.

    Records of one second come back in the order in which they were added.

    Parameters
    ----------
    folder
        Where the spans are kept; made by the first record, gone when all were given back.
    dtype
        Of a record; it has a field ``time``, in seconds.
    end
        About where time ends, seconds; what is later goes into the last span.
    spans
        How many there are, >= 1: memory is that of the largest.
    """

    def __init__(self, folder: Path, dtype: np.dtype[Any], end: int, spans: int = 32) -> None:
        self._folder, self._dtype = folder, dtype
        self._edges = np.arange(1, spans) * (max(end, spans) // spans)

    def add(self, records: NDArray[Any]) -> None:
        """Take records; they are on disk when this returns."""
        if not len(records):
            return
        self._folder.mkdir(exist_ok=True)
        records = records[np.argsort(records["time"], kind="stable")]
        bounds = np.searchsorted(records["time"], self._edges, side="left")
        for number, part in enumerate(np.split(records, bounds)):
            if len(part):
                with self._span(number).open("ab") as file:
                    part.tofile(file)

    def sorted(self) -> Iterator[NDArray[Any]]:
        """Give all records back, span by span, and remove them."""
        for number in range(len(self._edges) + 1):
            path = self._span(number)
            if not path.exists():
                continue
            records = np.fromfile(path, self._dtype)
            path.unlink()
            yield records[np.argsort(records["time"], kind="stable")]
        shutil.rmtree(self._folder, ignore_errors=True)

    def _span(self, number: int) -> Path:
        return self._folder / f"{number:04d}"
