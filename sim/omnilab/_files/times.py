"""Read columns of times of every usual form, and write times in the form that a column had."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omnilab._files.columns import as_texts, plain
from omnilab._files.iso import Moment, TextForm, read_iso, read_mail_time
from omnilab.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["UNITS", "TimeForm", "TimeReader", "Times"]

Ints = NDArray[np.int64]
_GIGA = 1_000_000_000
#: Units of whole numbers, ticks a second.
UNITS = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
#: Whole seconds from here on are of the year 5138: the number is of a finer unit.
_FINER = 10**11
#: Whole numbers such as 20250602 are dates if all are days of these years.
_YEARS = (1950, 2100)
_WHOLE = r"^[+-]?(\d{1,18}|[1-8]\d{18})$"
_DECIMAL = re.compile(r"([+-]?)(\d{1,11})(?:[.,](\d{1,18}))?")
_ZONED = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$"
_BARE = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?$"


@dataclass(frozen=True)
class TimeForm:
    """The form that a column's times came in.

    Attributes
    ----------
    unit
        ``seconds``, ``milliseconds``, ``microseconds`` or ``nanoseconds`` of whole numbers;
        ``text`` of texts such as ISO 8601; ``arrow`` of a column with a type of its own.
    text
        How the texts are written, where they are.
    arrow
        The column's type, where it has one; of whole numbers too.
    digits
        Digits behind the point of numbers of seconds.
    """

    unit: str = "seconds"
    text: TextForm | None = None
    arrow: Any = None
    digits: int = 0

    def write(self, seconds: Ints, nanoseconds: Ints | None = None) -> pa.Array:
        """Return times in this form.

        Parameters
        ----------
        seconds
            Shape (n,): since 1970-01-01 UTC.
        nanoseconds
            Shape (n,), in 0..999999999: the rest; 0 if not given. What the form can't show is
            left out.
        """
        import pyarrow as pa

        rest = np.zeros(len(seconds), np.int64) if nanoseconds is None else nanoseconds
        if self.text is not None:
            whole = zip(seconds.tolist(), rest.tolist(), strict=True)
            return pa.array([self.text.write(s, n) for s, n in whole], pa.string())
        if self.unit == "arrow":
            if pa.types.is_date(self.arrow):
                return pa.array(seconds).cast(pa.timestamp("s")).cast(self.arrow, safe=False)
            ticks = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[self.arrow.unit]
            return pa.array(seconds * ticks + rest * ticks // _GIGA).cast(self.arrow)
        if self.digits:
            whole = zip(seconds.tolist(), rest.tolist(), strict=True)
            texts = [f"{s}.{n:09d}"[: self.digits - 9 or None] for s, n in whole]
            return pa.array(texts, pa.string())
        ticks = UNITS[self.unit]
        return pa.array(seconds * ticks + rest * ticks // _GIGA, pa.int64())


@dataclass(frozen=True)
class Times:
    """Times that were read.

    Attributes
    ----------
    seconds, nanoseconds
        Shape (n,): since 1970-01-01 UTC, and the rest in 0..999999999; 0 where there is no time.
    known
        Shape (n,): where there is a time that could be read.
    missing
        Shape (n,): where there is nothing at all.
    """

    seconds: Ints
    nanoseconds: Ints
    known: NDArray[np.bool_]
    missing: NDArray[np.bool_]


class TimeReader:
    """Read a file's times, a batch at a time; the unit of whole numbers holds for all batches.

    A text without a zone is taken for UTC. Whole numbers are seconds since 1970-01-01; numbers
    that would be seconds beyond the year 5138 are milli-, micro- or nanoseconds, which is noted.

    Parameters
    ----------
    column
        The column's name, for errors and notes.

    Attributes
    ----------
    n_bad, examples
        How many times could not be read, and the texts of the first three.
    n_bare, n_zoned
        How many texts have no zone, and how many have one.
    """

    def __init__(self, column: str = "timestamp") -> None:
        self.column = column
        self._form: TimeForm | None = None
        self.n_bad = self.n_bare = self.n_zoned = 0
        self.examples: list[str] = []
        self._said: list[str] = []
        self._as_dates = False
        self._digits = 0

    def read(self, column: Any) -> Times:
        """Return a column's times.

        Parameters
        ----------
        column
            An Arrow array or chunked array: texts, whole numbers, floats of seconds, dates or
            timestamps of any unit and zone, categories of these.

        Raises
        ------
        DataError
            For a column whose type holds no times.
        """
        import pyarrow as pa

        column = plain(column)
        if "binary" in str(column.type):  # texts that a writer left unmarked
            column = as_texts(column)
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else _none(column.type)
        kind = column.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return self._texts(column)
        if pa.types.is_null(kind):
            return self._known(np.zeros(len(column), np.int64), 1, column)
        if pa.types.is_integer(kind):
            return self._wholes(column, kind)
        if pa.types.is_date(kind):
            self._seen(TimeForm("arrow", arrow=kind))
            return self._known(_numbers(column.cast(pa.timestamp("s"))), 1, column)
        if pa.types.is_timestamp(kind):
            self._seen(TimeForm("arrow", arrow=kind))
            ticks = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
            return self._known(_numbers(column), ticks, column)
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return self._floats(column, kind)
        raise DataError(f"column {self.column!r}: times can't be {kind}")

    def notes(self) -> list[str]:
        """Return what a user should know of the times, a line each, without the file's name."""
        found = list(self._said)
        if self.n_bare and self.n_zoned:
            found.append(
                f"{self.n_bare:,} of {self.n_bare + self.n_zoned:,} times in {self.column!r} have "
                "no zone and are taken for UTC"
            )
        return found

    @property
    def form(self) -> TimeForm | None:
        """The first time's form, with as many digits of seconds as the finest time needs."""
        if self._form is None or self._form.text is None:
            return self._form
        digits = max(self._digits, self._form.text.digits)
        return replace(self._form, text=replace(self._form.text, digits=digits))

    def example(self) -> str:
        """Return the first time that could not be read, for an error; it may be cut."""
        text = self.examples[0] if self.examples else ""
        return text if len(text) <= 40 else text[:40] + "..."

    def _seen(self, form: TimeForm) -> None:
        if self._form is None:
            self._form = form

    def _known(self, ticks: Ints, per_second: int, column: Any) -> Times:
        """Return times of a column whose values are all times, or null."""
        missing = _nulls(column)
        ticks = np.where(missing, 0, ticks)
        rest = ticks % per_second * (_GIGA // per_second)
        return Times(ticks // per_second, rest, ~missing, missing)

    def _wholes(self, column: Any, kind: Any) -> Times:
        """Return the times of whole numbers."""
        import pyarrow as pa
        import pyarrow.compute as pc

        missing = _nulls(column)
        whole = column
        if pa.types.is_uint64(kind):
            most = pa.scalar((1 << 63) - 1, pa.uint64())
            whole = pc.if_else(pc.greater(column, most), None, column)
        known = ~_nulls(whole)
        self._bad(~missing & ~known, lambda i: str(column[i].as_py()))
        return self._numbers(_numbers(whole), missing, known, None, kind)

    def _numbers(
        self, values: Ints, missing: NDArray[np.bool_], known: NDArray[np.bool_], texts: Any,
        kind: Any = None,
    ) -> Times:  # fmt: skip
        """Return the times of whole numbers, by the unit that their size shows."""
        if self.form is None and known.any() and self._are_dates(values[known]):
            self._as_dates = True
            self._said.append(
                f"whole numbers in {self.column!r} such as {values[known][0]} are taken for dates"
            )
        if self._as_dates:
            return self._dates(values, missing, known, kind)
        unit = self._unit(values[known], kind)
        ticks = UNITS[unit]
        finer = _FINER * ticks
        sizes = np.abs(values)
        # Of another unit than the rest: some thousand years off.
        fits = (sizes < finer) & ((ticks == 1) | (sizes >= finer // 1000) | (values == 0))
        self._bad(~fits & known, lambda i: str(values[i]) if texts is None else texts[i].as_py())
        known = known & fits
        values = np.where(known, values, 0)
        rest = values % ticks * (_GIGA // ticks)
        return Times(values // ticks, rest, known, missing)

    def _unit(self, values: Ints, kind: Any) -> str:
        """Return the unit of whole numbers, which the first of them decide for all."""
        if self.form is not None and self.form.unit in UNITS:
            return self.form.unit
        if not len(values):
            return "seconds"
        size = int(np.median(np.abs(values[values != 0]))) if np.any(values) else 0
        unit = next((u for u, t in UNITS.items() if size < _FINER * t), "nanoseconds")
        self._seen(TimeForm(unit, arrow=kind))
        if unit != "seconds":
            self._said.append(
                f"whole numbers in {self.column!r} such as {values[0]} are taken for {unit} since "
                "1970"
            )
        return unit

    def _are_dates(self, values: Ints) -> bool:
        """Tell whether all numbers are days such as 20250602, or moments such as 20250602143000."""
        first, last = _YEARS
        for size, scale in ((8, 1), (14, 10**6)):
            if (
                int(values.min()) >= first * 10**4 * scale
                and int(values.max()) < last * 10**4 * scale
            ):
                return all(_date_of(int(v), size) is not None for v in np.unique(values))
        return False

    def _dates(
        self, values: Ints, missing: NDArray[np.bool_], known: NDArray[np.bool_], kind: Any
    ) -> Times:
        distinct, place = np.unique(values[known], return_inverse=True)
        moments = [_date_of(int(v), len(str(v))) for v in distinct]
        form = next((m.form for m in moments if m), TextForm(extended=False, between=""))
        self._seen(TimeForm("text", text=form, arrow=kind))
        found = np.array([0 if m is None else m.utc for m in moments], np.int64)
        fine = np.array([m is not None for m in moments], np.bool_)
        seconds = np.zeros(len(values), np.int64)
        good = np.zeros(len(values), np.bool_)
        seconds[known], good[known] = found[place], fine[place]
        self._bad(known & ~good, lambda i: str(values[i]))
        return Times(seconds, np.zeros(len(values), np.int64), good, missing)

    def _floats(self, column: Any, kind: Any) -> Times:
        """Return the times of numbers of seconds with fractions, or of whole ones of any unit."""
        import pyarrow as pa

        values = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
        missing = np.isnan(values)
        known = np.isfinite(values) & (np.abs(values) < 2.0**63)
        whole = np.where(known, values, 0.0)
        if bool((whole == np.trunc(whole)).all()):
            return self._numbers(whole.astype(np.int64), missing, known, None, kind)
        known &= np.abs(whole) < _FINER
        self._bad(~known & ~missing, lambda i: str(values[i]))
        self._seen(TimeForm("seconds", digits=6))
        micro = np.rint(np.where(known, whole, 0.0) * 1e6).astype(np.int64)
        return Times(micro // 10**6, micro % 10**6 * 1000, known, missing)

    def _texts(self, column: Any) -> Times:
        """Return the times of texts: of one usual form by Arrow, of others one by one."""
        import pyarrow.compute as pc

        if self.form is None or self.form.text is not None:
            found = self._alike(column)
            if found is not None:
                return found
        trimmed = pc.utf8_trim_whitespace(column)
        empty = pc.or_kleene(pc.is_null(trimmed), pc.equal(trimmed, ""))
        missing = np.asarray(empty.to_numpy(zero_copy_only=False), np.bool_)
        if not missing.all() and self._may_be_numbers():
            digits = pc.fill_null(pc.match_substring_regex(trimmed, _WHOLE), False)
            whole = np.asarray(digits.to_numpy(zero_copy_only=False), np.bool_)
            # Most of the file's first times decide whether its texts are numbers.
            if self.form is not None or 2 * int(whole.sum()) >= int((~missing).sum()):
                return self._digit_texts(trimmed, missing, whole)
        return self._written(trimmed, missing)

    def _alike(self, column: Any) -> Times | None:
        """Return the times of texts that all have a zone, or all have none; else None."""
        everywhere = np.ones(len(column), np.bool_)
        for zone in ("UTC", None):
            nanos = _by_arrow(column, everywhere, zone)
            if nanos is None:
                continue
            missing = _nulls(column)
            self._count(len(column) - int(missing.sum()), zoned=zone is not None)
            rest = nanos % _GIGA
            if not missing.all():
                self._learn(column, ~missing, rest)
            return Times(nanos // _GIGA, rest, ~missing, missing)
        return None

    def _may_be_numbers(self) -> bool:
        return self.form is None or self.form.unit in UNITS or self._as_dates

    def _digit_texts(
        self, texts: Any, missing: NDArray[np.bool_], whole: NDArray[np.bool_]
    ) -> Times:
        import pyarrow as pa
        import pyarrow.compute as pc

        numbers = pc.if_else(pa.array(whole), texts, "0").cast(pa.int64())
        found = self._numbers(_numbers(numbers), missing, whole, texts)
        others = np.flatnonzero(~whole & ~missing)
        if not len(others):
            return found
        seconds, rest, known = found.seconds.copy(), found.nanoseconds.copy(), found.known.copy()
        for i in others.tolist():
            part = _DECIMAL.fullmatch(texts[i].as_py())
            if part is None or self.form is None or self.form.unit != "seconds":
                self._bad_one(texts[i].as_py())
                continue
            known[i] = True
            seconds[i], rest[i] = _decimal_seconds(*part.groups())
        return Times(seconds, rest, known, missing)

    def _written(self, texts: Any, missing: NDArray[np.bool_]) -> Times:
        """Return the times of texts that are no whole numbers."""
        import pyarrow.compute as pc

        n = len(texts)
        seconds, rest = np.zeros(n, np.int64), np.zeros(n, np.int64)
        known = np.zeros(n, np.bool_)
        left = ~missing
        for pattern, zone in ((_ZONED, "UTC"), (_BARE, None)):
            if not left.any():
                break
            fits = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
            mask = np.asarray(fits.to_numpy(zero_copy_only=False), np.bool_)
            nanos = _by_arrow(texts, mask, zone)
            if nanos is None:
                continue
            seconds[mask], rest[mask] = nanos // _GIGA, nanos % _GIGA
            known |= mask
            left &= ~mask
            self._count(int(mask.sum()), zoned=zone is not None)
        if known.any():
            self._learn(texts, known, rest)
        if left.any():
            self._one_by_one(texts, np.flatnonzero(left), seconds, rest, known)
        return Times(seconds, rest, known, missing)

    def _count(self, n: int, *, zoned: bool) -> None:
        self.n_zoned += n if zoned else 0
        self.n_bare += 0 if zoned else n

    def _learn(self, texts: Any, known: NDArray[np.bool_], rest: Ints) -> None:
        """Take the form of the first time, with as many digits as the finest one needs."""
        first = read_iso(texts[int(np.argmax(known))].as_py())
        if first is None:
            return
        self._digits = max(self._digits, first.form.digits, _needed(rest))
        self._seen(TimeForm("text", text=first.form))

    def _one_by_one(
        self, texts: Any, places: Ints, seconds: Ints, rest: Ints, known: NDArray[np.bool_]
    ) -> None:
        read: dict[str, Moment | None] = {}
        for i in places.tolist():
            text = texts[i].as_py()
            if text not in read:
                read[text] = read_iso(text) or read_mail_time(text) or self._decimal(text)
            moment = read[text]
            if moment is None:
                self._bad_one(text)
                continue
            known[i], seconds[i], rest[i] = True, moment.utc, moment.nanoseconds
            self._count(1, zoned=moment.form.offset_s is not None)
            self._seen(TimeForm("text", text=moment.form))

    def _decimal(self, text: str) -> Moment | None:
        """Return seconds with a fraction, such as 1735725600.25, if the first time is like that."""
        part = _DECIMAL.fullmatch(text)
        if part is None or (self.form is not None and self.form.unit != "seconds"):
            return None
        if not part[3] and not (self.form and self.form.digits):
            return None
        self._seen(TimeForm("seconds", digits=min(len(part[3] or ""), 9)))
        seconds, rest = _decimal_seconds(*part.groups())
        return Moment(seconds, rest, TextForm(offset_s=0))

    def _bad(self, mask: NDArray[np.bool_], text: Callable[[int], str]) -> None:
        places = np.flatnonzero(mask)
        self.n_bad += len(places)
        for i in places[: 3 - len(self.examples)].tolist():
            self.examples.append(str(text(i)))

    def _bad_one(self, text: str) -> None:
        self.n_bad += 1
        if len(self.examples) < 3:
            self.examples.append(text)


def _by_arrow(texts: Any, mask: NDArray[np.bool_], zone: str | None) -> Ints | None:
    """Return nanoseconds of texts of Arrow's form; None where there is none or one is no time."""
    import pyarrow as pa

    if not mask.any():
        return None
    chosen = texts if mask.all() else texts.filter(pa.array(mask))
    try:
        return _numbers(chosen.cast(pa.timestamp("ns", zone)))
    except pa.ArrowInvalid:
        return None


def _numbers(column: Any) -> Ints:
    """Return whole numbers or ticks of an Arrow array, 0 for null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wide = column.cast(pa.int64())
    wide = pc.fill_null(wide, 0) if wide.null_count else wide
    return np.asarray(wide.to_numpy(zero_copy_only=False), np.int64)


def _nulls(column: Any) -> NDArray[np.bool_]:
    return np.asarray(column.is_null().to_numpy(zero_copy_only=False), np.bool_)


def _none(kind: Any) -> Any:
    import pyarrow as pa

    return pa.array([], kind)


def _needed(nanoseconds: Ints) -> int:
    """Return how many digits behind the point the finest of some times has."""
    digits = 9
    while digits and not (nanoseconds % 10 ** (10 - digits)).any():
        digits -= 1
    return digits


def _date_of(number: int, size: int) -> Moment | None:
    """Return the time of a number such as 20250602, or of 20250602143000."""
    text = str(number)
    if len(text) != size or size not in (8, 14):
        return None
    return read_iso(text if size == 8 else f"{text[:8]}T{text[8:]}")


def _decimal_seconds(sign: str, whole: str, fraction: str | None) -> tuple[int, int]:
    """Return seconds and nanoseconds of a number that was written with a fraction."""
    nanos = int(whole) * _GIGA + int((fraction or "0").ljust(9, "0")[:9])
    return divmod(-nanos if sign == "-" else nanos, _GIGA)
