from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.errors import DataError
from omnilab.fit import (
    acquisition,
    cumulative_repeats,
    occasions_of,
    purchase_occasions,
    read_transactions,
    repeat_distribution,
    summarise,
)

DAY = 86_400
orders = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 40 * DAY - 1), st.integers(1, 9999)), min_size=1
)


def naive(rows, *, same_day):
    """Return customer -> [(day or time in days, money)], by hand."""
    purchases = defaultdict(lambda: defaultdict(float))
    for i, (who, time_s, cents) in enumerate(rows):
        when = (time_s // DAY, 0) if same_day else (time_s / DAY, i)
        purchases[who][when] += cents / 100
    return {
        who: [(when[0], money) for when, money in sorted(bought.items())]
        for who, bought in sorted(purchases.items())
    }


def occasions(rows, **options):
    columns = [np.array(c) for c in zip(*rows, strict=True)]
    return occasions_of(columns[0], columns[1], columns[2] / 100, n_days=40, **options)


@given(orders, st.booleans())
def test_the_summary_is_what_one_counts_by_hand(rows, same_day):
    expected = naive(rows, same_day=same_day)
    end = 39 if same_day else 40
    found = summarise(occasions(rows, same_day=same_day), unit="day")
    assert found.n_customers == len(expected)
    for i, bought in enumerate(expected.values()):
        first, last = bought[0][0], bought[-1][0]
        assert found.frequency[i] == len(bought) - 1
        assert found.recency[i] == pytest.approx(last - first)
        assert found.T[i] == pytest.approx(end - first)
        if len(bought) == 1:
            assert np.isnan(found.monetary_value[i])
        elif same_day:  # else rows of one moment have no order among them
            mean = sum(money for _, money in bought[1:]) / (len(bought) - 1)
            assert found.monetary_value[i] == pytest.approx(mean)


@given(orders)
def test_weeks_are_sevenths_of_days(rows):
    weeks, days = summarise(occasions(rows)), summarise(occasions(rows), unit="day")
    assert weeks.recency * 7 == pytest.approx(days.recency)
    assert (weeks.T * 7).tolist() == pytest.approx(days.T.tolist())
    assert (weeks.unit, days.unit) == ("week", "day")


@given(orders, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = occasions(rows), occasions(shuffled)
    assert (one.customer == other.customer).all()
    assert (one.time_s == other.time_s).all()
    assert one.amount == pytest.approx(other.amount)


@given(orders, st.booleans())
def test_curves_add_up(rows, same_day):
    found = occasions(rows, same_day=same_day)
    bought = naive(rows, same_day=same_day)
    curve = cumulative_repeats(found)
    assert found.n_weeks == len(curve) == len(acquisition(found)) == 6
    for week in range(1, 7):
        until = sum(sum(day < 7 * week for day, _ in b[1:]) for b in bought.values())
        assert curve[week - 1] == until
    assert acquisition(found).sum() == found.n_customers
    assert curve[-1] == summarise(found).frequency.sum()
    assert found.amount.sum() == pytest.approx(sum(cents for *_, cents in rows) / 100)


def test_repeats_are_taken_together_from_the_top_on():
    frequency = np.array([0, 0, 1, 2, 3, 7, 100])
    assert repeat_distribution(frequency).tolist() == [2, 1, 1, 3]
    assert repeat_distribution(frequency, top=1).tolist() == [2, 5]
    assert repeat_distribution(np.array([0]), top=2).tolist() == [1, 0, 0]


def write_log(path, rows):
    start = date(2024, 1, 1)
    lines = [f"{who},{start + timedelta(days=day)},{money}" for who, day, money in rows]
    path.write_text("customer,date,amount\n" + "\n".join(lines) + "\n")
    return read_transactions(path)


def test_a_window_may_end_early_and_take_only_new_customers(tmp_path):
    rows = [("a", 0, 5), ("a", 9, 6), ("b", 3, 1), ("c", 5, 2), ("c", 8, 3), ("d", 20, 4)]
    log = write_log(tmp_path / "log.csv", rows)
    whole = purchase_occasions(log)
    assert (whole.n_customers, whole.n_days, whole.start) == (4, 21, date(2024, 1, 1))

    early = purchase_occasions(log, end=date(2024, 1, 9))
    assert (early.n_customers, early.n_days, len(early.customer)) == (3, 9, 4)

    # Customer a was there before: none of its orders counts, and the window starts with b.
    new = purchase_occasions(log, first_from=date(2024, 1, 2), first_until=date(2024, 1, 10))
    assert (new.n_customers, new.start, new.n_days) == (2, date(2024, 1, 4), 18)
    assert summarise(new, unit="day").frequency.tolist() == [0, 1]
    assert summarise(new, unit="day").T.tolist() == [17, 15]

    late = purchase_occasions(log, end=date(2024, 2, 10))
    assert late.n_days == 41


def test_windows_with_too_little_in_them(tmp_path):
    log = write_log(tmp_path / "log.csv", [("a", 0, 5), ("b", 3, 1)])
    with pytest.raises(DataError, match=r"log\.csv: 1 customers bought in the chosen window"):
        purchase_occasions(log, end=date(2024, 1, 2))
    with pytest.raises(DataError, match="0 customers"):
        purchase_occasions(log, end=date(2023, 1, 2))
    log = write_log(tmp_path / "log.csv", [("a", 0, 5), ("b", 0, 1)])
    with pytest.raises(DataError, match="all orders are of one day"):
        purchase_occasions(log)


def test_the_cdnow_log_has_the_published_size(shared_data):
    log = read_transactions(
        shared_data / "cdnow_weeks_1_39.csv.gz", keep_zero=True, keep_duplicates=True
    )
    found = purchase_occasions(log)
    assert (found.n_customers, found.n_days, found.n_weeks) == (23_570, 273, 39)
    summary = summarise(found)
    # The longest and shortest ages of its published sample.
    assert round(float(summary.T.max()), 2) == 38.86
    assert round(float(summary.T.min()), 2) == 27.00
    assert acquisition(found)[12:].sum() == 0
