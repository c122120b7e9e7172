"""Times of every form, and the same form again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab._files.iso import TextForm, read_iso, read_mail_time
from omnilab._files.times import TimeReader
from omnilab.errors import DataError

NOON = int(datetime(2025, 6, 2, 12, tzinfo=UTC).timestamp())
MIDNIGHT = NOON - 43_200


@pytest.mark.parametrize(
    ("text", "utc", "nanoseconds"),
    [
        ("2025-06-02T12:00:00Z", NOON, 0),
        ("2025-06-02t12:00:00z", NOON, 0),
        ("2025-06-02 12:00:00", NOON, 0),
        ("2025-06-02 12:00:00 UTC", NOON, 0),
        ("2025-06-02T14:00:00+02:00", NOON, 0),
        ("2025-06-02T14:00:00+0200", NOON, 0),
        ("2025-06-02T14:00:00+02", NOON, 0),
        ("2025-06-02T08:30:00\u221203:30", NOON, 0),
        ("2025-06-02T14:00+02:00[Europe/Zurich]", NOON, 0),
        ("2025-06-02T12:00Z", NOON, 0),
        ("2025-06-02T12Z", NOON, 0),
        ("20250602T120000Z", NOON, 0),
        ("20250602T1200Z", NOON, 0),
        ("20250602T12", NOON, 0),
        ("2025-06-02", MIDNIGHT, 0),
        ("20250602", MIDNIGHT, 0),
        ("2025-W23-1", MIDNIGHT, 0),
        ("2025W231", MIDNIGHT, 0),
        ("2025-W23", MIDNIGHT, 0),
        ("2025W231T12", NOON, 0),
        ("2025-153", MIDNIGHT, 0),
        ("2025153T1200", NOON, 0),
        ("2025-06", MIDNIGHT - 86_400, 0),
        ("2025-06-01T24:00:00Z", MIDNIGHT, 0),
        ("2025-06-01T24:00", MIDNIGHT, 0),
        ("2025-06-02T11:59:60Z", NOON, 0),
        ("2025-06-02T12:00:00.25Z", NOON, 250_000_000),
        ("2025-06-02T12:00:00,123456789Z", NOON, 123_456_789),
        ("2025-06-02T12:00:00.1234567891Z", NOON, 123_456_789),
        ("2025-06-02T11:30.5Z", NOON - 1770, 0),
        ("2025-06-02T11,5Z", NOON - 1800, 0),
        ("9999-12-31T00:00:00Z", 253_402_214_400, 0),
        ("0001-01-01", -62_135_596_800, 0),
    ],
)
def test_forms_of_iso_8601(text: str, utc: int, nanoseconds: int) -> None:
    found = read_iso(text)
    assert found is not None
    assert (found.utc, found.nanoseconds) == (utc, nanoseconds)
    again = read_iso(found.form.write(found.utc, found.nanoseconds))
    assert again is not None
    assert (again.utc, again.nanoseconds) == (utc, nanoseconds)
    times = TimeReader().read(pa.array([text]))
    assert (times.seconds.tolist(), times.nanoseconds.tolist()) == ([utc], [nanoseconds])


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2025-02-30", "2025-13-01", "2025-366", "2025-000", "2025-W54-1",
     "2025-W23-8", "2025-06-02T24:00:01", "2025-06-02T25", "2025-06-02T12:60",
     "2025-06-02T12:00:61",
     "2025-06-02T1200:00", "2025-06-02T12:00:00+24:00", "2025-06-02T", "2025153", "25-06-02",
     "0000-01-01", "2025-06-02T12:00:00.Z", "02.06.2025", "1e9"],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    assert read_iso(text) is None
    assert read_mail_time(text) is None


@given(
    moment=st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)),  # noqa: DTZ001
    minutes=st.one_of(st.none(), st.integers(-1439, 1439)),
    between=st.sampled_from("T "), digits=st.integers(0, 6),
)  # fmt: skip
def test_times_come_back_as_they_were_written(
    moment: datetime, minutes: int | None, between: str, digits: int
) -> None:
    fraction = 10 ** (6 - digits)
    moment = moment.replace(microsecond=moment.microsecond // fraction * fraction)
    if minutes is not None:
        moment = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    text = moment.replace(microsecond=0).isoformat(between)
    if digits:
        text = f"{text[:19]}.{moment.microsecond:06d}"[: 20 + digits] + text[19:]
    reader = TimeReader()
    times = reader.read(pa.array([text, None, text]))
    since = (moment if minutes is not None else moment.replace(tzinfo=UTC)) - datetime(
        1970, 1, 1, tzinfo=UTC
    )
    assert times.seconds[0] == since // timedelta(seconds=1)
    assert times.nanoseconds[2] == moment.microsecond * 1000
    assert (times.known.tolist(), times.missing.tolist()) == ([1, 0, 1], [0, 1, 0])
    assert reader.form is not None
    assert reader.form.write(times.seconds, times.nanoseconds)[0].as_py() == text


UNITS = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("as_text", [True, False])
def test_numbers_are_told_apart_by_their_size(unit: str, as_text: bool) -> None:
    ticks = [NOON * UNITS[unit], NOON * UNITS[unit] + 1, (NOON + 1) * UNITS[unit]]
    column = pa.array([str(t) for t in ticks] if as_text else ticks)
    reader = TimeReader("ts")
    times = reader.read(column)
    assert times.seconds.tolist()[::2] == [NOON, NOON + 1]
    assert times.nanoseconds[1] == (0 if unit == "seconds" else 10**9 // UNITS[unit])
    said = [] if unit == "seconds" else [
        f"whole numbers in 'ts' such as {ticks[0]} are taken for {unit} since 1970"
    ]  # fmt: skip
    assert reader.notes() == said
    assert reader.form is not None
    assert reader.form.write(times.seconds, times.nanoseconds).to_pylist() == ticks
    # The unit holds for all later batches, and a number of another unit is no time.
    later = reader.read(pa.array([NOON * UNITS[unit] * 1000 if unit == "seconds" else NOON]))
    assert not later.known[0]
    assert reader.n_bad == 1


def test_numbers_of_a_simulation_are_seconds() -> None:
    reader = TimeReader()
    assert reader.read(pa.array([0, 60, -5, 86_400])).seconds.tolist() == [0, 60, -5, 86_400]
    assert reader.notes() == []


def test_numbers_that_are_all_dates_are_dates() -> None:
    for column in (pa.array([20250602, 20250603]), pa.array(["20250602", "20250603"])):
        reader = TimeReader("day")
        assert reader.read(column).seconds.tolist() == [MIDNIGHT, MIDNIGHT + 86_400]
        assert reader.notes() == ["whole numbers in 'day' such as 20250602 are taken for dates"]
    assert TimeReader().read(pa.array(["20250602120000"])).seconds.tolist() == [NOON]
    assert TimeReader().read(pa.array([20250602, 20251399])).seconds.tolist() == [
        20250602,
        20251399,
    ]


@pytest.mark.parametrize(
    ("column", "seconds", "nanoseconds"),
    [
        (pa.array([NOON + 0.5, None]), NOON, 500_000_000),
        (pa.array([float(NOON), None]), NOON, 0),
        (pa.array([NOON * 1e3, None]), NOON, 0),
        (pa.array([Decimal(NOON), None]), NOON, 0),
        (pa.array([f"{NOON}.25", None]), NOON, 250_000_000),
        (pa.array([NOON, None], pa.uint32()), NOON, 0),
        (pa.array([NOON, None], pa.uint64()), NOON, 0),
        (pa.array([NOON * 1000 + 7, None], pa.timestamp("ms", "Asia/Tokyo")), NOON, 7_000_000),
        (pa.array([NOON * 10**9 + 7, None], pa.timestamp("ns")), NOON, 7),
        (pa.array([MIDNIGHT // 86_400, None], pa.date32()), MIDNIGHT, 0),
        (pa.array([MIDNIGHT * 1000, None], pa.date64()), MIDNIGHT, 0),
        (pa.array(["2025-06-02T12:00:00Z", None]).dictionary_encode(), NOON, 0),
        (pa.array([b"2025-06-02T12:00:00Z", None]), NOON, 0),
        (pa.array(["2025-06-02T12:00:00Z", None], pa.large_string()), NOON, 0),
        (pa.array(["Mon, 02 Jun 2025 14:00:00 +0200", ""]), NOON, 0),
    ],
    ids=lambda value: str(getattr(value, "type", value)),
)
def test_columns_of_every_type(column: Any, seconds: int, nanoseconds: int) -> None:
    for given_ in (column, pa.chunked_array([column])):
        reader = TimeReader()
        times = reader.read(given_)
        assert (times.seconds[0], times.nanoseconds[0]) == (seconds, nanoseconds)
        assert (times.known.tolist(), times.missing.tolist()) == ([True, False], [False, True])
        assert reader.form is not None
        again = reader.form.write(times.seconds[:1], times.nanoseconds[:1])
        assert TimeReader().read(again).seconds.tolist() == [seconds]


def test_columns_that_hold_no_times() -> None:
    for column in (pa.array([True]), pa.array([[1]]), pa.array([1], pa.time32("s"))):
        with pytest.raises(DataError, match="column 'at': times can't be"):
            TimeReader("at").read(column)


def test_one_time_that_is_none_costs_itself() -> None:
    reader = TimeReader()
    texts = [
        "2025-06-02T12:00:00Z",
        "soon",
        "2025-13-01T00:00:00Z",
        " 2025-06-02T12:00:00Z ",
        "2025-W23-1",
    ]
    times = reader.read(pa.array(texts))
    assert times.known.tolist() == [True, False, False, True, True]
    assert times.seconds.tolist() == [NOON, 0, 0, NOON, MIDNIGHT]
    assert (reader.n_bad, reader.examples) == (2, ["soon", "2025-13-01T00:00:00Z"])
    assert reader.notes() == ["1 of 3 times in 'timestamp' have no zone and are taken for UTC"]


def test_a_form_shows_as_much_of_a_finer_time_as_there_is() -> None:
    assert TextForm(parts=2).write(NOON + 5) == "2025-06-02T12:00:05"
    assert TextForm(between="", parts=0).write(MIDNIGHT) == "2025-06-02"
    assert TextForm(between="", parts=0).write(NOON) == "2025-06-02T12"
    assert TextForm(digits=3, zone="Z", offset_s=0).write(NOON) == "2025-06-02T12:00:00.000Z"
