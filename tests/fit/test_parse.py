from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.errors import DataError
from omnilab.fit.parse import NO_TIME, parse_amounts, parse_times, read_times

MOMENT = datetime(2010, 12, 1, 8, 26, 5, tzinfo=UTC)
MIDNIGHT = int(datetime(2010, 12, 1, tzinfo=UTC).timestamp())


def times(*texts, **options):
    return parse_times(texts, file="log.csv", column="when", **options).tolist()


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2010-12-01", 0),
        ("2010/12/1", 0),
        ("20101201", 0),
        ("01.12.2010", 0),
        ("1-Dec-2010", 0),
        ("01-DECEMBER-2010", 0),
        ("2010-12-01 08:26", 8 * 3600 + 26 * 60),
        ("2010-12-01T08:26:05", 30_365),
        ("2010-12-01T08:26:05.123Z", 30_365),
        ("2010-12-01 08:26:05+02:00", 30_365),
        ("2010-12-01 08:26:05 UTC", 30_365),
        ("2010-12-01 8:26:05 PM", 30_365 + 12 * 3600),
        ("2010-12-01 12:00 am", 0),
        ("01-Dec-10", 0),
        ("1 December 2010", 0),
        ("December 1st, 2010", 0),
        ("Dec 1, 2010, 8:26:05 AM", 30_365),
        ("Wed, 01 Dec 2010 08:26:05 +0000", 30_365),
        ("Wed Dec 1 2010 08:26:05 GMT+0100 (CET)", 30_365),
        ("2010-12-01 08:26:05 -0500", 30_365),
        ("1. Dezember 2010", 0),
        ("1 d\u00e9c. 2010", 0),
        ("2010-Dec-01", 0),
        ("20101201T082605Z", 30_365),
        ("2010-W48-3", 0),
        ("2010-335", 0),
        ("1291191965", 30_365),
        ("1291191965.5", 30_365),
        ("1291191965000", 30_365),
    ],
)
def test_ways_to_write_a_moment(text, clock):
    assert int(MOMENT.timestamp()) == MIDNIGHT + 30_365
    assert times(text) == [MIDNIGHT + clock]


@pytest.mark.parametrize(
    "text",
    [
        "2010-13-01",
        "2010-02-30",
        "1900-01-01",
        "9999-12-31",
        "2010-12-01 25:00",
        "2010-12-01 13:00 pm",
        "2010-12/01",
        "soon",
        "1-Foo-2010",
        "9999999999",
        "12",
    ],
)
def test_what_is_no_moment(text):
    assert times("2010-12-01", text) == [MIDNIGHT, NO_TIME]


@given(st.dates(date(1970, 1, 1), date(2100, 12, 31)), st.sampled_from("dm"))
def test_day_and_month_are_told_apart_by_the_whole_column(one, way):
    sure = "25/12/2011" if way == "d" else "12/25/2011"
    text = one.strftime("%d/%m/%Y") if way == "d" else one.strftime("%m/%d/%Y")
    found = times(sure, text)
    days = (date(2011, 12, 25).toordinal(), one.toordinal())
    assert found == [(d - date(1970, 1, 1).toordinal()) * 86_400 for d in days]


def test_day_and_month_that_cannot_be_told_apart():
    with pytest.raises(DataError, match=r"'01/02/2010' in column 'when' .* '%d/%m/%Y'"):
        times("05/05/2010", "01/02/2010")
    assert times("05/05/2010") == [(date(2010, 5, 5) - date(1970, 1, 1)).days * 86_400]
    one, other = (times("01/02/2010", date_format=f)[0] // 86_400 for f in ("%d/%m/%Y", "%m/%d/%Y"))
    assert one == (date(2010, 2, 1) - date(1970, 1, 1)).days
    assert other == (date(2010, 1, 2) - date(1970, 1, 1)).days


def test_years_of_two_digits():
    assert times("31-Oct-10", "1-Nov-69") == [
        (date(2010, 10, 31) - date(1970, 1, 1)).days * 86_400, NO_TIME
    ]  # fmt: skip
    when = (date(2010, 12, 1) - date(1970, 1, 1)).days * 86_400
    assert times("12/1/10 8:26", "12/31/10 8:26")[0] == when + 8 * 3600 + 26 * 60
    assert times("10/12/01", "98/12/31")[0] == when
    with pytest.raises(DataError, match="can be day first or month first"):
        times("01/02/10", "03/04/10")


def test_what_the_whole_column_decided_is_said():
    found, note = read_times(
        ["25/12/2011", "01/02/2011"], file="log.csv", column="when", date_format=None
    )
    assert note == (
        "dates in column 'when' are read day first: '25/12/2011' can't be read otherwise"
    )
    assert read_times(["2011-12-25"], file="log.csv", column="when")[1] is None
    found, note = read_times(["45292", "45293.5"], file="log.csv", column="when")
    assert found.tolist() == [day_s(2024, 1, 1), day_s(2024, 1, 2) + 43_200]
    assert "as spreadsheets count" in note


def test_dates_in_two_orders_are_refused():
    mixed = [f"{d}/01/2011" for d in range(13, 20)] + [f"01/{d}/2011" for d in range(13, 17)]
    with pytest.raises(DataError, match=r"two ways: '13/01/2011' is day first, '01/13/2011' is"):
        times(*mixed, "02/03/2011")
    # One slip of a key is one unreadable date.
    assert times(*mixed[:7], "01/13/2011").count(NO_TIME) == 1


def day_s(*day):
    return (date(*day) - date(1970, 1, 1)).days * 86_400


def test_a_format_of_ones_own():
    assert times("Dec 1, 2010 08h26", "?", date_format="%b %d, %Y %Hh%M") == [
        MIDNIGHT + 8 * 3600 + 26 * 60,
        NO_TIME,
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", 12.5),
        ("12", 12),
        ("$12.50", 12.5),
        ("12.50 EUR", 12.5),
        ("USD 1,234.50", 1234.5),
        ("1 234.50", 1234.5),
        ("1'234.50", 1234.5),
        ("-3.00", -3),
        ("\u22123.00", -3),
        ("-$3.00", -3),
        ("(3.00)", -3),
        ("($3.00)", -3),
        ("3.00-", -3),
        ("3,50-", -3.5),
        ("12,-", 12),
        ("Rp 1.250.000", 1_250_000),
        ("12,50 \u20ac", 12.5),
        ("R$ 1.234,50", 1234.5),
        ("1e2", 100),
        ("1.5E+2", 150),
        (".5", 0.5),
        ("1,234,567", 1_234_567),
    ],
)
def test_ways_to_write_money(text, value):
    assert parse_amounts([text]).tolist() == [value]


@pytest.mark.parametrize(
    "text", ["", "free", "nan", "inf", "1e308", "1.2.3", "12,34.5", "--1", "5 5 x", "()"]
)
def test_what_is_no_money(text):
    assert np.isnan(parse_amounts(["1.5", text])[1])


def test_the_comma_is_settled_for_all_texts_together():
    assert parse_amounts(["12,50", "1.234,50", "1.234", "7"]).tolist() == [12.5, 1234.5, 1234, 7]
    assert parse_amounts(["12.50", "1,234.50", "1,234", "7"]).tolist() == [12.5, 1234.5, 1234, 7]
    assert parse_amounts(["€12,5"]).tolist() == [12.5]


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1), st.sampled_from(["{:.2f}", "{:,.2f}"]))
def test_money_comes_back(cents, form):
    texts = [form.format(c / 100) for c in cents]
    assert parse_amounts(texts).tolist() == [c / 100 for c in cents]
    german = [t.translate(str.maketrans(",.", ".,")) for t in texts]
    assert parse_amounts(german).tolist() == [c / 100 for c in cents]
