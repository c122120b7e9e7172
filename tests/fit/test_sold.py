"""What of a log was sold: statuses, refunds, currencies, guests, lines of orders, far dates."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.errors import DataError
from omnilab.fit import read_transactions
from omnilab.fit.dates import far_rows
from omnilab.fit.status import NOT_SOLD, meaning_of


@pytest.fixture
def log(tmp_path):
    """Return a function that writes a log, with two more customers, and reads it."""

    def read(text, more="", **options):
        path = tmp_path / "log.csv"
        path.write_text(text + more, encoding="utf-8")
        return read_transactions(path, **options)

    return read


def money(found):
    """Return each customer's money in all, rounded to cents."""
    total = defaultdict(float)
    for who, amount in zip(found.customer, found.amount, strict=True):
        total[str(found.customer_ids[who])] += float(amount)
    return {who: round(amount, 2) for who, amount in total.items()}


# --- statuses -----------------------------------------------------------------------------------

STATUS = "customer_id,date,amount,status\n"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("paid", "sold"), ("Completed", "sold"), ("wc-completed", "sold"), ("SHIPPED", "sold"),
        ("processing", "sold"), ("partially_refunded", "sold"), ("", "sold"),
        ("cancelled", "cancelled"), ("Canceled", "cancelled"), ("storniert", "cancelled"),
        ("annulée", "cancelled"), ("refunded", "refunded"), ("Returned", "refunded"),
        ("chargeback", "refunded"), ("failed", "failed"), ("declined", "failed"),
        ("pending", "unpaid"), ("On Hold", "unpaid"), ("wc-on-hold", "unpaid"),
        ("checkout-draft", "unpaid"), ("trash", "trashed"), ("VOIDED", "voided"),
        ("blue", None),
    ],
)  # fmt: skip
def test_what_a_status_means(text, meaning):
    assert meaning_of(text) == meaning
    assert meaning is None or meaning == "sold" or meaning in NOT_SOLD


def test_only_what_was_sold_is_counted(log):
    states = ["paid", "completed", "cancelled", "refunded", "failed", "pending", "trash", "voided"]
    text = STATUS + "".join(f"a,2024-01-{i + 1:02},{2**i},{s}\n" for i, s in enumerate(states))
    found = log(text, "b,2024-02-01,1000,\nb,2024-03-01,7,mystery\nb,2024-03-02,8,Mystery\n")
    assert money(found) == {"a": 3.0, "b": 1015.0}
    gone = found.dropped
    assert (gone.cancelled, gone.refunded, gone.failed) == (1, 1, 1)
    assert (gone.unpaid, gone.trashed, gone.voided) == (1, 1, 1)
    assert "1 row: cancelled, row 4 ('cancelled')" in gone.lines()
    assert [f.rows for f in found.not_understood] == [1, 1]
    assert "status 'mystery' in 'status' isn't understood: counted as sold" in (
        found.not_understood[0].line()
    )
    assert "row 11" in found.not_understood[0].line()


def test_three_rows_of_each_are_named_by_their_lines(log):
    text = STATUS + "a,2024-01-01,5,paid\n" + "a,2024-01-02,6,cancelled\n\n" * 4
    found = log(text, "b,2024-01-02,6,paid\n", keep_duplicates=True)
    assert found.dropped.lines() == [
        "4 rows: cancelled, such as rows 3 ('cancelled'), 5 ('cancelled'), 7 ('cancelled')"
    ]


def test_the_user_says_what_a_status_means(log):
    text = STATUS + "a,2024-01-01,5,mystery\nb,2024-01-02,6,pending\nb,2024-01-03,1,odd\n"
    found = log(text, "c,2024-01-01,1,paid\n", sold=["Pending"], not_sold=["odd", "MYSTERY"])
    assert money(found) == {"b": 6.0, "c": 1.0}
    assert found.not_understood == ()


def test_a_refund_of_a_kind_that_is_not_understood_is_told_of_once(log):
    """It is left out for its amount, so nothing of it was counted as sold."""
    found = log(
        "customer_id,date,amount,status\na,2024-01-01,9,odd\nb,2024-01-02,9,paid\n"
        "b,2024-01-03,-7,refund issued\nc,2024-01-03,-4,refund issued\n,2024-01-03,4,odd\n"
    )
    assert {f.reason for f in found.dropped.findings} >= {"negative", "missing_id"}
    (odd,) = found.not_understood
    assert odd.line().startswith("1 row: status 'odd'")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"not_sold": ["complted"]}, "--not-sold 'complted': no row has this status (did you mean"),
        ({"sold": ["xyz"]}, "--sold 'xyz': no row has this status; there are 'completed', 'odd'"),
    ],
)
def test_a_status_that_no_row_has_is_an_error(log, given, said):
    text = "customer_id,date,amount,status\na,2024-01-01,9,completed\nb,2024-01-02,9,odd\n"
    with pytest.raises(DataError) as caught:
        log(text, **given)
    assert said in str(caught.value)
    with pytest.raises(DataError, match="no column of statuses was found: name it with --status"):
        log(text.replace("status", "what"), **given)


def test_marks_of_cancellation_and_of_test_orders(log):
    head = "customer_id,date,amount,cancelled_at,test,fulfillment_status\n"
    text = head + (
        "a,2024-01-01,5,,false,pending\n"
        "a,2024-01-02,6,2024-01-03 10:00,false,\n"
        "a,2024-01-03,7,,true,fulfilled\n"
        "b,2024-01-04,8,,0,unfulfilled\n"
        "b,2024-01-04,9,,0,restocked\n"
    )
    found = log(text)
    assert money(found) == {"a": 5.0, "b": 8.0}
    assert (found.dropped.cancelled, found.dropped.test, found.dropped.refunded) == (1, 1, 1)


def test_a_row_for_each_status_of_an_order_counts_once(log):
    head = "order_id,customer_id,date,amount,status\n"
    text = head + (
        "1,a,2024-01-01,5,paid\n1,a,2024-01-02,5,shipped\n"
        "2,a,2024-01-05,7,paid\n2,a,2024-01-09,7,refunded\n"
        "3,b,2024-01-05,9,pending\n3,b,2024-01-06,9,paid\n"
    )
    assert money(log(text)) == {"a": 5.0, "b": 9.0}


# --- refunds and credit notes -------------------------------------------------------------------


@pytest.mark.parametrize(
    "refund",
    [
        "a,2024-02-01,-30,1001,,",  # the order's own number
        "a,2024-02-01,-30,C1001,,",  # with a mark of credit notes
        "a,2024-02-01,-30,1001-R1,,",
        "a,2024-02-01,-30,7777,1001,",  # the order is named
        "a,2024-02-01,(30.00),,,",  # the amount alone
        "a,2024-02-01,30.00-,,,",
        "a,2024-02-01,30,7777,1001,refund",  # a kind of row
    ],
)
def test_a_refund_takes_its_order_back(log, refund):
    head = "customer_id,date,amount,order_number,refund_of,type\n"
    text = head + "a,2024-01-01,30,1001,,sale\na,2024-01-09,12,1002,,sale\nb,2024-01-02,5,1003,,\n"
    found = log(text + refund + "\n")
    assert money(found) == {"a": 12.0, "b": 5.0}
    assert (found.dropped.credit, found.dropped.taken_back) == (1, 1)
    assert found.dropped.negative == 0


def test_a_part_that_is_refunded_comes_off_its_order(log):
    head = "order_id,customer_id,date,amount\n"
    text = head + "1,a,2024-01-01,20\n1,a,2024-01-01,10\n2,b,2024-01-01,5\n1,a,2024-02-01,-6\n"
    found = log(text)
    assert money(found) == {"a": 24.0, "b": 5.0}
    assert sorted(found.amount.tolist()) == [5.0, 8.0, 16.0]
    assert "1 order is counted net of a part that was taken back" in found.notes


def test_a_refund_without_its_order_is_left_out_and_said(log):
    text = "customer_id,date,amount\na,2024-01-05,30\nb,2024-01-02,5\n"
    found = log(text, "a,2024-01-01,-30\nb,2024-02-01,-4\n")
    assert money(found) == {"a": 30.0, "b": 5.0}  # nothing is taken back before it was bought
    assert found.dropped.negative == 2
    assert found.dropped.returned_amount == 34.0
    assert "without the order it belongs to, rows 4 ('-30'), 5 ('-4')" in found.dropped.lines()[0]


def test_a_refund_of_an_order_that_was_cancelled_anyway_is_no_return(log):
    head = "order_id,customer_id,date,amount,status\n"
    text = head + "1,a,2024-01-01,20,refunded\n1,a,2024-01-03,-20,refunded\n2,a,2024-01-05,4,paid\n"
    found = log(text, "3,b,2024-01-01,5,paid\n")
    assert money(found) == {"a": 4.0, "b": 5.0}
    assert (found.dropped.refunded, found.dropped.credit, found.dropped.negative) == (1, 1, 0)


def test_a_column_of_refunds(log):
    head = "order_id,customer_id,date,order_total,refunded_amount\n"
    text = head + (
        "1,a,2024-01-01,20,0\n2,a,2024-01-02,20,5\n3,b,2024-01-03,20,20\n4,b,2024-01-04,9,-1.50\n"
    )
    found = log(text)
    assert money(found) == {"a": 35.0, "b": 7.5}
    assert found.dropped.refunded == 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9), st.booleans()), max_size=25))
def test_what_is_kept_is_what_was_paid_less_what_came_back(tmp_path_factory, orders):
    """A refund with its order's number leaves nothing of it, whatever else there is."""
    lines, kept = [], defaultdict(float)
    for number, (who, euros, returned) in enumerate(orders):
        lines.append(f"{number},{who},2024-01-01 10:00:{number:02},{euros}")
        if returned:
            lines.append(f"{number},{who},2024-02-01,-{euros}")
        else:
            kept[who] += euros
    path = tmp_path_factory.mktemp("logs") / "log.csv"
    more = ["900,z,2024-01-05,3", "901,y,2024-01-06,4"]
    path.write_text("\n".join(["order_id,customer,date,amount", *lines, *more]), encoding="utf-8")
    found = read_transactions(path)
    assert money(found) == {**kept, "z": 3.0, "y": 4.0}
    assert found.n_orders + found.dropped.rows == found.rows_read


# --- currencies ---------------------------------------------------------------------------------


def test_a_log_in_several_currencies_is_refused_or_cut_to_one(log):
    head = "customer_id,date,amount,currency\n"
    text = head + "a,2024-01-01,5,EUR\nb,2024-01-02,6,EUR\na,2024-01-03,700,JPY\n"
    with pytest.raises(DataError, match=r"\(EUR in 2 rows, JPY in 1 rows\).*--currency EUR"):
        log(text)
    found = log(text, currency="EUR")
    assert money(found) == {"a": 5.0, "b": 6.0}
    assert found.dropped.lines() == ["1 row: in another currency, row 4 ('JPY')"]
    assert found.currency == "EUR"
    with pytest.raises(DataError, match=r"says EUR, JPY, and --currency USD"):
        log(text, currency="USD")
    # What was cancelled has no say.
    alone = log(STATUS.replace("status", "status,currency") + "a,2024-01-01,5,paid,EUR\n"
                "b,2024-01-02,6,paid,EUR\na,2024-01-03,700,cancelled,JPY\n")  # fmt: skip
    assert alone.currency == "EUR"


def test_currency_signs_in_the_amounts(log):
    head = "customer_id,date,amount\n"
    text = head + "a,2024-01-01,€5.00\nb,2024-01-02,€6.00\na,2024-01-03,$7.00\n"
    with pytest.raises(DataError, match=r"several currencies"):
        log(text)
    assert money(log(text, currency="EUR")) == {"a": 5.0, "b": 6.0}
    with pytest.raises(DataError, match="only one customer"):
        log(text, currency="CAD")
    assert log(text.replace("$", "€")).currency == "EUR"
    assert log(text.replace("€", "$")).currency is None  # whose dollars?


# --- guests -------------------------------------------------------------------------------------


def test_guests_are_nobody_unless_an_address_names_them(log):
    text = "customer_id,date,amount\n0,2024-01-01,5\n0,2024-02-01,5\nundefined,2024-02-01,6\n"
    found = log(
        text, "a,2024-01-01,7\n[object Object],2024-01-01,7\nb,2024-01-02,8\nguest,2024-01-03,1\n"
    )
    assert money(found) == {"a": 7.0, "b": 8.0}
    assert found.dropped.guest == 5
    words = ["Not Logged In", "Walk-In Customer", "{{customer.id}}", "(none)", "0000", "user_id"]
    more = "".join(f"{word},2024-01-01,9\n" for word in words)
    found = log(text, "a,2024-01-01,7\nb,2024-01-02,8\n" + more)
    assert money(found) == {"a": 7.0, "b": 8.0}
    assert found.dropped.guest == 3 + len(words)
    head = "customer_id,date,amount,billing_email\n"
    found = log(head + "0,2024-01-01,5,X@y.org\n0,2024-02-01,6,x@y.org\n7,2024-01-01,7,b@y.org\n"
                "0,2024-02-02,1,B@y.org\n0,2024-02-02,3,\n")  # fmt: skip
    assert money(found) == {"7": 8.0, "x@y.org": 11.0}
    assert found.dropped.guest == 1


def test_addresses_are_the_same_in_capital_letters(log):
    found = log(
        "email,date,amount\nAnn@x.org,2024-01-01,5\nann@x.org,2024-02-01,6\nb@x.org,2024-01-01,1\n"
    )
    assert money(found) == {"ann@x.org": 11.0, "b@x.org": 1.0}


# --- lines of orders ----------------------------------------------------------------------------


def test_a_total_on_each_line_of_an_order_is_counted_once(log):
    head = "order_id,customer_id,date,sku,order_total\n"
    text = head + "1,a,2024-01-01,x,30\n1,a,2024-01-01,y,30\n2,b,2024-01-02,x,12\n"
    found = log(text)
    assert money(found) == {"a": 30.0, "b": 12.0}
    assert found.dropped.line == 1
    assert found.dropped.lost == 0
    # A line's own money is added up.
    assert money(log(text.replace("order_total", "line_total"))) == {"a": 60.0, "b": 12.0}
    lines = text.replace("order_total", "amount").replace("y,30", "y,12")
    assert money(log(lines)) == {"a": 42.0, "b": 12.0}
    # Without a telling name: the same on all lines of several orders.
    alike = text.replace("order_total", "amount") + "2,b,2024-01-02,z,12\n"
    assert money(log(alike)) == {"a": 30.0, "b": 12.0}
    assert any("counted once" in note for note in log(alike).notes)


def test_lines_take_buyer_and_day_from_their_order(log):
    head = "order_id,customer_id,date,sku,line_total\n"
    found = log(head + "1,a,2024-01-01,x,30\n1,,,y,12\n2,b,2024-01-02,x,12\n")
    assert money(found) == {"a": 42.0, "b": 12.0}


# --- dates that can't be true -------------------------------------------------------------------

DAYS = "customer_id,date,amount\n" + "".join(
    f"c{i % 9},2024-{1 + i // 28:02}-{1 + i % 28:02},{i + 1}\n" for i in range(200)
)


@pytest.mark.parametrize("far", ["2034-12-01", "2099-12-31", "1971-01-01"])
def test_a_far_date_is_named_with_its_row(log, far):
    found = log(DAYS, f"c3,{far},20\n")
    assert found.dropped.lines() == [f"1 row: dated far from all other orders, row 202 ('{far}')"]
    assert found.last_day == date(2024, 8, 4)
    assert log(DAYS, f"c3,{far},20\n", keep_far=True).n_orders == 201


@pytest.mark.parametrize(("gap", "far"), [(400, 0), (599, 0), (601, 1)])
def test_a_date_is_far_by_ten_of_the_logs_own_pauses(gap, far):
    """Orders every 60 days, then one more: a pause of a year alone makes no date a mistake."""
    days = np.append(np.arange(30) * 60, 29 * 60 + gap)
    assert far_rows(days * 86_400, np.ones(31, np.bool_)).tolist() == [30] * far


def test_a_slow_shop_has_no_far_dates(log):
    years = "customer_id,date,amount\n" + "".join(
        f"c{i % 3},{2000 + i}-05-01,5\n" for i in range(20)
    )
    assert log(years).n_orders == 20
    assert log(DAYS, "c3,2025-02-01,20\n").n_orders == 201


def test_a_date_in_the_future_is_left_out_where_it_is_alone(log):
    found = log(DAYS, today=date(2024, 8, 2))
    assert found.dropped.future == 1  # the fourth; a day is given to other time zones
    assert log(DAYS, today=date(2020, 1, 1)).n_orders == 200


# --- numbers ------------------------------------------------------------------------------------


def test_two_points_prove_thousands(log):
    text = "customer_id;date;amount\na;2024-01-01;150.000\na;2024-02-01;75.000\n"
    text += "b;2024-02-03;1.250.000\n"
    found = log(text)
    assert money(found) == {"a": 225_000.0, "b": 1_250_000.0}
    assert "'1.250.000' can't be read otherwise" in found.notes[0]
    alone = text.replace("1.250.000", "99.000")
    with pytest.raises(DataError, match=r"'150\.000' in column 'amount' can be thousands or"):
        log(alone)
    assert money(log(alone, decimal=",")) == {"a": 225_000.0, "b": 99_000.0}
    assert money(log(alone, decimal=".")) == {"a": 225.0, "b": 99.0}


def test_amounts_in_two_ways_are_refused(log):
    rows = "".join(f'a,2024-01-01,1{i}.50\nb,2024-01-02,"2{i},50"\n' for i in range(5))
    with pytest.raises(DataError, match="written in two ways: '20,50' has a decimal comma"):
        log("customer_id,date,amount\n" + rows)


def test_lines_in_any_order_are_the_same_occasions(log):
    from omnilab.fit import purchase_occasions

    head = "customer_id,date,amount\n"
    rows = ["a,2024-01-01,10\n", "b,2024-01-03,7\n", "a,2024-02-01,20\n", "b,2024-03-05,9\n"]
    parted = ["a,2024-01-01,4\n", "a,2024-01-01,6\n", *rows[1:]]
    one, *others = (
        purchase_occasions(log(head + "".join(r))) for r in (rows, rows[::-1], parted, parted[::-1])
    )
    for other in others:
        assert other.time_s.tolist() == one.time_s.tolist()
        assert other.amount.tolist() == one.amount.tolist()


def test_ids_that_are_floats_in_a_part_of_the_log_are_one_customer(log):
    found = log("customer_id,date,amount\n3.0,2024-01-01,5\n3,2024-01-02,6\n4,2024-01-03,7\n")
    assert money(found) == {"3": 11, "4": 7}
    assert any("written with .0, such as '3.0'" in note for note in found.notes)


def test_ids_that_a_spreadsheet_has_cut_are_said(log):
    found = log("customer_id,date,amount\n1.23E+12,2024-01-01,5\n4,2024-01-03,7\n")
    assert any("'1.23E+12'" in note for note in found.notes)


def test_the_first_day_of_1970_is_no_date_however_often(log):
    rows = "".join(f"k{i % 9},2024-0{i % 9 + 1}-15,{i + 1}\n" for i in range(60))
    none = "".join(f"k{i},1970-01-01,{i + 5}\n" for i in range(8))
    found = log("customer_id,date,amount\n" + rows + none)
    assert len(found.amount) == 60
    assert len(found.dropped.lines()) == 1
    assert "8 rows: dated far from all other orders, such as rows 62 (" in found.dropped.lines()[0]
