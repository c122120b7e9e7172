"""Rows of a log that is larger than memory: parts on disk, each with whole persons."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["PART_ROWS", "RowSpool"]

#: Rows that a part should have at most: some 250 MB while it is sorted.
PART_ROWS = 2_000_000


class RowSpool:
    """Takes rows in any order and gives them back in parts, with all rows of a key in one of them.

    Until it holds more than a part's rows, nothing is written to disk.

    Parameters
    ----------
    dtype
        Of the rows.
    key
        The field, of dtype u8, whose rows stay together.
    parts
        Into how many parts the rows go once they are too many for memory.
    """

    def __init__(self, dtype: np.dtype[Any], key: str, parts: int = 64) -> None:
        self._dtype, self._key = dtype, key
        self._parts = parts
        self._held: list[NDArray[Any]] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.n_rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, rows: NDArray[Any]) -> None:
        """Take some rows."""
        if not len(rows):
            return
        self.n_rows += len(rows)
        self._held.append(rows)
        if sum(map(len, self._held)) > PART_ROWS:
            self._write()

    def parts(self) -> Iterator[NDArray[Any]]:
        """Give each part's rows; may be called more than once."""
        if self._folder is None:
            if self._held:
                yield np.concatenate(self._held)
            return
        self._write()
        for part in range(self._parts):
            file = self._file(part)
            if file.exists():
                yield np.fromfile(file, self._dtype)

    def _write(self) -> None:
        if not self._held:
            return
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="omnilab-")
        rows = np.concatenate(self._held)
        self._held = []
        part = (rows[self._key] % np.uint64(self._parts)).astype(np.int64)
        order = np.argsort(part, kind="stable")
        ends = np.searchsorted(part[order], np.arange(self._parts + 1))
        for number in range(self._parts):
            mine = rows[order[ends[number] : ends[number + 1]]]
            if len(mine):
                with self._file(number).open("ab") as file:
                    mine.tofile(file)

    def _file(self, part: int) -> Path:
        assert self._folder is not None
        return Path(self._folder.name) / f"{part}.bin"
