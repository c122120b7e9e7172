"""Tables in and out of the engine: columns checked at the boundary, answers with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from omnilab.cascade import codes
from omnilab.cascade._order import Within
from omnilab.cascade._order import columns as unpacked
from omnilab.cascade._rows import ascends
from omnilab.cascade.plan import MAX_TIME_S
from omnilab.cascade.state import CHANNEL_BITS, REASON_BITS, STATUS_BITS, STEP_BITS, Records
from omnilab.errors import DataError, nearest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Answer", "Finals", "Outcomes", "Rejected", "Sends", "columns", "flat"]

Ints = npt.NDArray[np.int64]
Columns = tuple[Ints, ...]

TABLES = ("starts", "receipts", "signals")


@dataclass(frozen=True)
class _Table:
    """Columns of equal length."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def _frame(self, words: Mapping[str, Sequence[str]]) -> pd.DataFrame:
        """Return the table as a data frame, with words for the numbers of some columns."""
        import pandas as pd

        data: dict[str, Any] = {}
        for field in fields(self):
            column = getattr(self, field.name)
            if field.name in words:
                column = pd.Categorical.from_codes(column, categories=pd.Index(words[field.name]))
            data[field.name] = column
        return pd.DataFrame(data)


@dataclass(frozen=True)
class Sends(_Table):
    """Sends: seconds, message code, step (from 0) and channel number; each shape (n,)."""

    at: Ints
    message: npt.NDArray[np.int32]
    step: npt.NDArray[np.int32]
    channel: npt.NDArray[np.int32]

    def to_frame(self, channels: Sequence[str]) -> pd.DataFrame:
        """Return a data frame with the channels' names."""
        return self._frame({"channel": channels})


@dataclass(frozen=True)
class Finals(_Table):
    """Final statuses, one a message for ever; each shape (n,).

    `status` indexes `codes.FINALS` and `reason` `codes.REASONS`; `step` is the step that
    succeeded, or the last one looked at.
    """

    at: Ints
    message: npt.NDArray[np.int32]
    status: npt.NDArray[np.int32]
    reason: npt.NDArray[np.int32]
    step: npt.NDArray[np.int32]

    def to_frame(self) -> pd.DataFrame:
        """Return a data frame with words for status and reason."""
        return self._frame({"status": codes.FINALS, "reason": codes.REASONS})


@dataclass(frozen=True)
class Rejected(_Table):
    """Rows that could not be used; each shape (n,).

    `table` indexes ("starts", "receipts", "signals"), `code` is the row's message (of a
    signal, its profile), `channel` its channel or -1, `reason` indexes `codes.REJECTIONS`.
    """

    table: Ints
    at: Ints
    code: Ints
    channel: Ints
    reason: Ints

    def counts(self) -> dict[str, int]:
        """Return the number of rows by reason, without zeros."""
        found = np.bincount(self.reason, minlength=len(codes.REJECTIONS))
        return {name: int(n) for name, n in zip(codes.REJECTIONS, found, strict=True) if n}

    def to_frame(self) -> pd.DataFrame:
        """Return a data frame with words for table and reason."""
        return self._frame({"table": TABLES, "reason": codes.REJECTIONS})


@dataclass(frozen=True)
class Outcomes(_Table):
    """What is known of messages now; each shape (n,), `status` (n, 8).

    `final` indexes `codes.FINALS` (0: still open), `sent` and `skipped` are bit masks over
    steps, `status` holds the delivery or engagement status of each step's send.
    """

    message: Ints
    final: npt.NDArray[np.int32]
    reason: npt.NDArray[np.int32]
    step: npt.NDArray[np.int32]
    sent: npt.NDArray[np.int32]
    skipped: npt.NDArray[np.int32]
    status: npt.NDArray[np.int8]


class Answer:
    """What a batch led to.

    `sends` and `finals` come profile by profile and in order of time within a profile;
    `in_time_order` sorts them. `work` counts what was done, and is the same however the same
    rows are cut into batches.

    Parameters
    ----------
    sends, finals
        Records `OUT` of the engine.
    within
        What their times and messages lie in.
    origin
        Second from which their times count.
    rejected
        Rows that could not be used.
    work
        Counts of work.
    """

    def __init__(
        self,
        sends: Records,
        finals: Records,
        within: Within,
        origin: int,
        rejected: Rejected,
        work: dict[str, int],
    ) -> None:
        self._sends, self._finals = sends, finals
        self._within, self._origin = within, origin
        self.rejected = rejected
        self.work = work

    @cached_property
    def sends(self) -> Sends:
        """The sends."""
        return self._make_sends(sort=False)

    @cached_property
    def finals(self) -> Finals:
        """The final statuses."""
        return self._make_finals(sort=False)

    @property
    def decisions(self) -> int:
        """Starts, receipts, signals, timers run out and releases from quiet hours."""
        kinds = ("starts", "receipts", "signals", "timers", "releases")
        return sum(self.work[kind] for kind in kinds)

    def in_time_order(self) -> Answer:
        """Return the same with sends and finals in order of (time, message)."""
        same = copy(self)
        same.sends = self._make_sends(sort=True)
        same.finals = self._make_finals(sort=True)
        return same

    def _make_sends(self, *, sort: bool) -> Sends:
        """Return the table of sends."""
        bits = (STEP_BITS, CHANNEL_BITS)
        return Sends(*unpacked(self._sends, self._within, self._origin, bits, sort=sort))

    def _make_finals(self, *, sort: bool) -> Finals:
        """Return the table of final statuses."""
        bits = (STATUS_BITS + REASON_BITS, STEP_BITS)
        rows = (self._finals, self._within, self._origin)
        at, message, end, step = unpacked(*rows, bits, sort=sort)
        return Finals(at, message, end >> REASON_BITS, end & (1 << REASON_BITS) - 1, step)


def columns(
    table: str,
    given: object,
    wanted: Mapping[str, int | None],
    words: Mapping[str, Mapping[str, int]],
) -> Columns:
    """Return a table's columns as 64-bit integers in order of time, each shape (n,).

    What is in this form already is not copied, and has the same stride in all columns.

    Parameters
    ----------
    table
        The table's name for messages.
    given
        A mapping of column names to sequences, a data frame, or None for no rows.
    wanted
        Column names with the value to take where the column is missing; None where it must
        not be missing.
    words
        For columns that may hold words, their numbers. Words that are not there become -2,
        and the row is rejected later on.

    Raises
    ------
    DataError
        If a column is missing, unknown, of another length, not one-dimensional, or not whole
        numbers without gaps.
    """
    if given is None:
        return tuple(np.empty(0, dtype=np.int64) for _ in wanted)
    try:
        names = [str(name) for name in given]  # type: ignore[attr-defined]
        found = {name: given[name] for name in names}  # type: ignore[index]
    except (TypeError, KeyError, IndexError) as error:
        raise DataError(f"{table} must be columns by name, not {type(given).__name__}") from error
    for name in names:
        if name not in wanted:
            raise DataError(f"{table}: unknown column {name!r}{nearest(name, wanted)}")
    missing = [name for name, default in wanted.items() if default is None and name not in found]
    if missing:
        raise DataError(f"{table}: column {missing[0]!r} is missing")
    data = {k: _whole(f"{table}.{k}", v, words.get(k)) for k, v in found.items()}
    n = data["at"].size
    for name, column in data.items():
        if column.size != n:
            raise DataError(f"{table}.{name} has {column.size} rows, {table}.at has {n}")
    at = data["at"]
    ascending = _ascends(at)
    low, high = (at[0], at[-1]) if n and ascending else (at.min(initial=0), at.max(initial=0))
    if int(low) < 0 or int(high) >= MAX_TIME_S:
        data["at"] = at = np.clip(at, -1, MAX_TIME_S)
    order = None if ascending else np.argsort(at, kind="stable")
    plain = [_plain(data.get(name), default, order, n) for name, default in wanted.items()]
    strides = {column.strides[0] for column in plain}
    if n > 1 and (len(strides) > 1 or min(strides) <= 0 or min(strides) % 8):
        plain = [np.ascontiguousarray(column) for column in plain]
    return tuple(plain)


def _ascends(at: npt.NDArray[Any]) -> bool:
    """Tell whether no time lies before the one above it."""
    step, rest = divmod(at.strides[0], 8)
    if at.dtype != np.int64 or not at.flags.behaved or at.size < 2 or step <= 0 or rest:
        return not np.any(at[1:] < at[:-1])
    return bool(ascends(*flat((at,))))


def flat(table: Columns) -> tuple[Columns, int]:
    """Return the columns without gaps and a step: every step-th number is the column's.

    Kernels are compiled for arrays without gaps. Columns of a table whose rows lie together, as
    in a transposed array, need not be copied for that: a row is then one line of the cache.
    """
    n = table[0].size
    step = table[0].strides[0] // 8 if n > 1 else 1
    if step == 1:
        return table, 1
    shape = ((n - 1) * step + 1,)
    return tuple(as_strided(column, shape, (8,)) for column in table), step


def _plain(
    column: npt.NDArray[Any] | None, default: int | None, order: Ints | None, n: int
) -> Ints:
    """Return one column in the one form that the kernels are compiled for."""
    if column is None:
        return np.full(n, default or 0, dtype=np.int64)
    if order is not None:
        return np.asarray(column[order], dtype=np.int64)
    plain = np.asarray(column, dtype=np.int64)
    return plain if plain.flags.writeable and plain.flags.aligned else plain.copy()


def _whole(name: str, values: Any, words: Mapping[str, int] | None) -> npt.NDArray[Any]:
    """Return one column as integers, or say what is wrong with it."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} is not a column of numbers: {error}") from error
    if array.ndim != 1:
        raise DataError(f"{name} must have one dimension, not {array.ndim}")
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if words is not None and array.dtype.kind in "OUT":
        return np.array([words.get(word, -2) for word in array.tolist()], dtype=np.int64)
    if array.dtype.kind == "u" and array.dtype.itemsize == 8 and int(array.max()) >> 63:
        raise DataError(f"{name} holds a number past the signed 64-bit range")
    if array.dtype.kind not in "iu":
        if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
            at = int(np.flatnonzero(~np.isfinite(array))[0])
            raise DataError(f"{name} has no number in row {at}; whole numbers are needed")
        raise DataError(f"{name} must hold whole numbers, not {array.dtype}")
    return array
