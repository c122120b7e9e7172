"""Give strings integer codes in order of their first appearance, straight from Arrow's memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab._files.placeholders import Placeholders
from omnilab.identity import _barred, _hash

__all__ = ["Strings"]

Ints = NDArray[np.int32]

#: Where `_hash` counts what it refuses.
REASONS = {"empty": _hash.EMPTY, "too_long": _hash.TOO_LONG, "invalid_utf8": _hash.INVALID}


class Strings:
    """Hold the distinct (type, value) pairs seen, each once.

    Parameters
    ----------
    longest
        Longest value in bytes; longer ones are refused.
    known
        Values that stand for nobody. They get codes like all others, but `encode` and `find` give
        -1 for them, and count how often they were seen.
    """

    def __init__(self, longest: int, known: Placeholders | None = None) -> None:
        self.longest = longest
        self._known = known
        self._suspects = _barred.suspect_table(known) if known else np.zeros(0, np.int64)
        self._is_barred: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._barred_seen: dict[int, int] = {}
        #: Values that were no text, as the caller counts them.
        self.other_type = 0
        self._table: NDArray[np.int64] = np.zeros(1 << 12, np.int64)
        self._arena: NDArray[np.uint8] = np.empty(1 << 16, np.uint8)
        self._ends: NDArray[np.int64] = np.zeros(1 << 11, np.int64)
        self._kinds: NDArray[np.int8] = np.zeros(1 << 11, np.int8)
        self._counts: NDArray[np.int64] = np.zeros(4, np.int64)

    def __len__(self) -> int:
        return int(self._counts[_hash.N_CODES])

    @property
    def refused(self) -> dict[str, int]:
        """Count the values refused, by reason."""
        counts = {name: int(self._counts[spot]) for name, spot in REASONS.items()}
        placeholders = sum(self._barred_seen.values())
        return counts | {"placeholder": placeholders, "other_type": self.other_type}

    def set_refused(self, refused: dict[str, int], barred: dict[int, int]) -> None:
        """Set the counts of values refused, as `refused` and `barred_counts` give them."""
        for name, spot in REASONS.items():
            self._counts[spot] = refused[name]
        self.other_type = refused.get("other_type", 0)
        self._barred_seen = dict(barred)

    def barred_counts(self) -> dict[int, int]:
        """Count how often each placeholder was seen, by code."""
        return dict(self._barred_seen)

    def encode(self, column: Any, kind: int | NDArray[np.int64]) -> Ints:
        """Return the codes of an Arrow array of strings or bytes, -1 where missing or refused.

        Parameters
        ----------
        column
            Arrow array of (large) strings or (large) binary, shape ``(n,)``.
        kind
            Type's index, one for all or one each.
        """
        codes = self.add(column, kind)
        if len(self._is_barred):
            barred = self._take_barred(codes)
            for code, n in zip(*np.unique(barred, return_counts=True), strict=True):
                self._barred_seen[int(code)] = self._barred_seen.get(int(code), 0) + int(n)
        return codes

    def add(self, column: Any, kind: int | NDArray[np.int64]) -> Ints:
        """Return the codes of strings as `encode` does, those of placeholders too, uncounted."""
        before = len(self)
        codes = self._run(column, kind, True)
        if len(self) > before and len(self._suspects):
            self._bar(before)
        return codes

    def find(self, column: Any, kind: int | NDArray[np.int64]) -> Ints:
        """Return the codes of strings, -1 for those not known or placeholders."""
        codes = self._run(column, kind, False)
        if len(self._is_barred):
            self._take_barred(codes)
        return codes

    def _bar(self, begin: int) -> None:
        """Look at the strings from code `begin` on for placeholders."""
        found = np.empty(len(self) - begin, np.int64)
        n = _barred.suspects(self._arena, self._ends, begin, len(self), self._suspects, found)
        if not n:
            return
        _, values = self.decode(found[:n])
        known = self._known
        assert known is not None
        codes = [code for code, value in zip(found[:n], values, strict=True) if value in known]
        if codes:
            # One place more than the last, for those beyond it.
            grown = np.zeros(max(len(self._is_barred), int(codes[-1]) + 2), np.bool_)
            grown[: len(self._is_barred)] = self._is_barred
            grown[codes] = True
            self._is_barred = grown

    def _take_barred(self, codes: Ints) -> Ints:
        """Put -1 in the place of placeholders' codes; return these."""
        # The last place is never barred, so that what lies beyond and -1 are not either.
        last = len(self._is_barred) - 1
        hit = self._is_barred[np.minimum(codes, last)]
        barred = codes[hit]
        codes[hit] = -1
        return barred

    def decode(self, codes: NDArray[Any]) -> tuple[list[int], list[str]]:
        """Return types' indices and values by code."""
        raw = self._arena
        values = [raw[self._ends[code] : self._ends[code + 1]].tobytes().decode() for code in codes]
        return self._kinds[codes].tolist(), values

    def to_arrow(self) -> tuple[NDArray[np.int8], Any]:
        """Return the types' indices and an Arrow array of the values, by code."""
        import pyarrow as pa

        n = len(self)
        ends = np.ascontiguousarray(self._ends[: n + 1])
        data = self._arena[: ends[n]]
        buffers = [None, pa.py_buffer(ends), pa.py_buffer(data)]
        return self._kinds[:n], pa.Array.from_buffers(pa.large_string(), n, buffers)

    def _run(self, column: Any, kind: int | NDArray[np.int64], insert: bool) -> Ints:
        data, offsets, valid, shift = _buffers(column)
        kinds = np.atleast_1d(np.asarray(kind, np.int64))
        out = np.empty(len(column), np.int32)
        done, before = 0, len(self)
        while True:
            done = _hash.encode(
                self._table, self._arena, self._ends, self._kinds, self._counts, data, offsets,
                valid, shift, kinds, self.longest, insert, done, out,
            )  # fmt: skip
            if done >= len(out):
                return out
            # The rest of the batch is taken to bring as many new strings as its start did.
            news = (len(self) - before) / done if done else 0.0
            self._make_room(
                int(1.05 * news * (len(out) - done)),
                int(offsets[min(done + _hash.BLOCK, len(out))] - offsets[done]),
                int(1.05 * news * (offsets[-1] - offsets[done])),
            )

    def _make_room(self, strings: int, size: int, likely_size: int) -> None:
        """Make room for a block of `size` bytes, and for more that is likely to come."""
        n = len(self)
        goal = n + max(_hash.BLOCK, n, strings) + 1
        # Never written, the room beyond costs nothing; only the table is written all over.
        if len(self._ends) <= n + _hash.BLOCK:
            ends, kinds = np.zeros(goal, np.int64), np.zeros(goal, np.int8)
            ends[: n + 1] = self._ends[: n + 1]
            kinds[:n] = self._kinds[:n]
            self._ends, self._kinds = ends, kinds
        if len(self._table) < 2 * (n + _hash.BLOCK):
            table = np.zeros(1 << int(2 * goal - 1).bit_length(), np.int64)
            _hash.rehash(self._table, table)
            self._table = table
        used = int(self._ends[n])
        if len(self._arena) - used < size:
            arena = np.empty(used + max(size, used, likely_size), np.uint8)
            arena[:used] = self._arena[:used]
            self._arena = arena


def _buffers(column: Any) -> tuple[NDArray[np.uint8], NDArray[Any], NDArray[np.uint8], int]:
    """Return an Arrow array's bytes, offsets, bitmap of what is there, and its first bit."""
    validity, offsets_buffer, data_buffer = column.buffers()
    wide = str(column.type).startswith("large")
    offsets: NDArray[Any] = np.zeros(1, np.int64)
    if offsets_buffer is not None and len(column):
        offsets = np.frombuffer(offsets_buffer, np.int64 if wide else np.int32)
        offsets = offsets[column.offset : column.offset + len(column) + 1]
    data = np.empty(0, np.uint8) if data_buffer is None else np.frombuffer(data_buffer, np.uint8)
    valid = np.empty(0, np.uint8)
    if validity is not None and column.null_count:
        valid = np.frombuffer(validity, np.uint8)
    return data, offsets, valid, column.offset
