from __future__ import annotations

import gzip
import json
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.errors import DataError
from omnilab.fit import read_transactions
from omnilab.fit.names import USUAL
from omnilab.fit.presets import plain_name

GOOD = "customer_id,date,amount\nb,2024-01-03,5.50\na,2024-01-01,12\na,2024-02-05,3.25\n"


@pytest.fixture
def log(tmp_path):
    """Return a function that writes a log and reads it."""

    def read(text, name="log.csv", **options):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_transactions(path, **options)

    return read


def rows(found):
    return [
        (str(found.customer_ids[c]), int(t), float(m))
        for c, t, m in zip(found.customer, found.time_s, found.amount, strict=True)
    ]


def day(year, month, number, seconds=0):
    return (date(year, month, number) - date(1970, 1, 1)).days * 86_400 + seconds


EXPECTED = [
    ("a", day(2024, 1, 1), 12.0),
    ("a", day(2024, 2, 5), 3.25),
    ("b", day(2024, 1, 3), 5.5),
]


def test_a_plain_log(log):
    found = log(GOOD)
    assert rows(found) == EXPECTED
    assert (found.n_customers, found.n_orders, found.rows_read) == (2, 3, 3)
    assert (found.first_day, found.last_day) == (date(2024, 1, 1), date(2024, 2, 5))
    assert found.source == "log.csv"
    assert found.quantity is None
    assert found.dropped.rows == found.dropped.customers == 0
    assert found.dropped.lines() == []


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace(",", "|"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.encode("utf-16"),
        "sep=;\n" + GOOD.replace(",", ";"),
        "Orders of the shop\nprinted on 3 May\n\n" + GOOD,
        ('{"customer_id": "b", "date": "2024-01-03", "amount": 5.5}\n'
        '{"customer_id": "a", "date": "2024-01-01", "amount": 12}\n'
        '{"customer_id": "a", "date": "2024-02-05", "amount": "3.25"}\n'),
        "\ufeff" + GOOD,
        "\n\n" + GOOD,
        GOOD.rstrip("\n"),
        GOOD.replace("a,", " a ,"),
        GOOD.replace("a,2024", '"a","2024').replace("01,12", '01","12"').replace("05,3", '05",3'),
        GOOD.replace(".", ",").replace("id,date,amount", "id;date;amount")
        .replace("b,", "b;").replace("a,", "a;")
        .replace("03,", "03;").replace("01,", "01;").replace("05,", "05;"),
    ],
    ids=["semicolon", "tab", "bar", "crlf", "cr", "utf-16", "sep", "title", "json", "bom",
         "blank", "no-end", "padded", "quoted", "comma"],
)  # fmt: skip
def test_the_same_log_in_other_dress(log, text):
    assert rows(log(text)) == EXPECTED


def test_rows_that_are_no_rows_are_said_with_their_lines(log):
    found = log(GOOD + "c,2024-01-01\nc,2024-01-01,3,4\nTotal,,20.75\n")
    assert rows(found) == EXPECTED
    assert found.dropped.footer == 1
    said = " ".join(found.notes)
    assert "line 5" in said
    assert "line 6" in said
    found = log(GOOD.encode() + "caf\xe9,2024-01-01,5\n".encode("cp1252"))
    assert "caf\xe9" in found.customer_ids
    assert log(GOOD.encode("cp500"), encoding="cp500").n_orders == 3


def test_gzip_and_parquet_are_told_by_their_bytes(log, tmp_path):
    assert rows(log(gzip.compress(GOOD.encode(), mtime=0), name="log.csv")) == EXPECTED
    frame = pd.DataFrame(
        {
            "customer_id": ["b", "a", "a"],
            "date": pd.to_datetime(["2024-01-03", "2024-01-01", "2024-02-05"]),
            "amount": [5.5, 12.0, 3.25],
        }
    )
    path = tmp_path / "log.dat"
    frame.to_parquet(path)
    assert rows(read_transactions(path)) == EXPECTED
    frame.index = pd.Index([7, 8, 9])  # pandas writes it as a column of its own
    frame.to_parquet(path)
    assert rows(read_transactions(path)) == EXPECTED


def test_parquet_columns_of_every_kind(tmp_path):
    path = tmp_path / "log.parquet"
    zone = "Europe/Paris"
    times = pd.to_datetime(["2024-01-02 23:30", "2024-01-01 12:00", None], utc=True)
    table = pa.table(
        {
            "customer_id": pa.array([2, 1, 1]),
            "date": pa.array(times).cast(pa.timestamp("us", zone)),
            "amount": pa.array([550, 1200, 325]).cast(pa.decimal128(25, 2)),
            "tags": pa.array([["x"], [], None]),
            "segment": pa.array(["u", "v", "u"]).dictionary_encode(),
        }
    )
    pq.write_table(table, path)
    found = read_transactions(path)
    # The shop's own clock: half past midnight on the third.
    assert rows(found) == [
        ("1", day(2024, 1, 1, 13 * 3600), 1200.0),
        ("2", day(2024, 1, 3, 1800), 550.0),
    ]
    assert found.dropped.bad_date == 1
    pq.write_table(table.set_column(1, "date", pa.array([19_724, 19_723, None], pa.date32())), path)
    assert read_transactions(path).first_day == date(2024, 1, 1)
    # Texts that an old writer left unmarked, and a name that is there twice.
    table = table.set_column(0, "customer", pa.array([b"z", b"y", b"y"]))
    pq.write_table(table.append_column("tags", pa.array([1, 2, 3])), path)
    assert read_transactions(path).customer_ids.tolist() == ["y", "z"]


def test_whole_number_ids_that_became_floats(tmp_path, log):
    frame = pd.DataFrame({"id_": [1.0, np.nan, 2.0], "day": "2024-01-01", "total": [1, 2, 3]})
    frame.to_parquet(tmp_path / "log.parquet")
    found = read_transactions(tmp_path / "log.parquet", customer="id_")
    assert found.customer_ids.tolist() == ["1", "2"]
    assert found.dropped.missing_id == 1
    found = log("user,date,total\n12346.0,2024-01-01,1\n7.0,2024-01-01,1\n,2024-01-01,1\n")
    assert found.customer_ids.tolist() == ["12346", "7"]
    # Leading zeros are part of an id.
    assert log(GOOD.replace("a,", "007,")).customer_ids.tolist() == ["007", "b"]


@pytest.mark.parametrize(
    "header",
    [
        "customer_id,date,amount",
        "CustomerID,InvoiceDate,amount",
        "cust,order_date,spend_usd",
        "user_id,timestamp,revenue",
        "Customer ID,Order Date,Total",
        "userId,timestamp,value",
        "client-id,purchase_date,order_value_eur",
        "Kundennummer,Bestelldatum,Betrag",
        "Kunde,Datum,Umsatz (EUR)",
        "Käufer,Rechnungsdatum,Gesamtbetrag",
        "N° client,Date de commande,Montant TTC",
        "Identifiant client,Jour,Chiffre d'affaires",
        "ID Cliente,Fecha de pedido,Importe",
        "Nº de cliente,Fecha,Total pedido",
    ],
)
def test_usual_names(log, header):
    assert rows(log(GOOD.replace("customer_id,date,amount", header))) == EXPECTED


@pytest.mark.parametrize(
    "header",
    [
        "Kunde,Datum,Einzelpreis,Menge,Bestellnummer,Währung,Bestellstatus",
        "Client,Date,Prix unitaire,Quantité,Numéro de commande,Devise,Statut de la commande",
        "Cliente,Fecha,Precio unitario,Cantidad,Número de pedido,Moneda,Estado del pedido",
    ],
)
def test_all_roles_in_other_languages(log, header):
    body = "a,2024-01-01,2.00,3,o1,EUR,paid\nb,2024-01-02,5.00,1,o2,EUR,paid\n"
    found = log(f"{header}\n{body}")
    assert found.amount.tolist() == [6.0, 5.0]
    names = header.split(",")
    columns = found.columns
    assert columns.amount_is_unit_price
    assert [columns.customer, columns.date, columns.amount] == names[:3]
    assert [columns.quantity, columns.order, columns.currency] == names[3:6]
    assert columns.statuses == (names[6],)


def test_usual_names_stand_as_they_are_compared():
    for role, usual in USUAL.items():
        assert [name for name in usual if plain_name(name) != name] == [], role
        assert len(set(usual)) == len(usual), role


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("who,when,much", ["no customer column", "no date column", "and no amount column",
                           "among 'who', 'when', 'much'", "--customer, --date and --amount"]),
        ("kunde,datun,much", ["no date column", "and no amount column",
                              "with --date (did you mean 'datun'?) and --amount"]),
        ("kunde,datum,much", ["no amount column (such as", "name it with --amount"]),
    ],
)  # fmt: skip
def test_all_missing_columns_are_told_at_once(log, header, said):
    with pytest.raises(DataError) as caught:
        log(f"{header}\na,2024-01-01,5\nb,2024-01-02,6\n")
    assert [words for words in said if words not in str(caught.value)] == []
    assert "no customer column" not in str(caught.value) or header.startswith("who")


def test_columns_by_option(log):
    # The byte order mark isn't part of the first name.
    assert rows(log("\ufeff" + GOOD, customer="customer_id")) == EXPECTED
    text = GOOD.replace("customer_id,date,amount", "who,When,how much")
    assert rows(log(text, customer="who", date="when", amount="how much")) == EXPECTED
    # An option wins over a usual name.
    two = "customer_id,other,date,amount\nx,b,2024-01-03,5.5\nx,a,2024-01-01,12\n"
    assert log(two, customer="other").customer_ids.tolist() == ["a", "b"]


def test_unit_prices_are_multiplied(log):
    text = (
        "Invoice,Quantity,InvoiceDate,Price,Customer ID\n"
        "1,2,2024-01-01 10:30,1.50,7\n"
        "2,-1,2024-01-02 10:30,1.50,7\n"
        "3,10,2024-01-01 10:30,0.5,8\n"
    )
    found = log(text)
    assert found.columns.amount_is_unit_price
    assert rows(found) == [
        ("7", day(2024, 1, 1, 37_800), 3.0),
        ("8", day(2024, 1, 1, 37_800), 5.0),
    ]
    assert found.quantity.tolist() == [2, 10]
    assert found.dropped.negative == 1
    assert found.dropped.returned_amount == 1.5
    # A row's total is not multiplied, and a price without pieces is the order's.
    total = log(text.replace("Price", "amount").replace("2,-1", "2,1"))
    assert total.amount.tolist() == [1.5, 1.5, 0.5]
    assert log(GOOD.replace("amount", "price")).amount.tolist() == [12, 3.25, 5.5]


def test_what_is_dropped_is_counted_once_and_said(log):
    text = GOOD + (
        ",2024-01-01,5\n"  # no id
        "null,2024-01-01,-5\n"  # no id, and negative
        "c,2024-02-30,5\n"  # no such day
        "c,9999-12-31,5\n"  # a sentinel
        "c,,5\n"
        "c,2024-01-01,five\n"
        "c,2024-01-01,\n"
        "c,2024-01-01,inf\n"
        "a,2024-01-09,-9\n"
        "a,2024-01-10,(6.25)\n"
        "b,2024-01-09,0.00\n"
        "a,2024-01-01,12\n"  # copies
        "a,2024-01-01,12\n"
    )
    found = log(text)
    assert rows(found) == EXPECTED
    gone = found.dropped
    assert (gone.missing_id, gone.bad_date, gone.bad_amount) == (2, 3, 3)
    assert (gone.negative, gone.zero, gone.duplicate) == (2, 1, 2)
    assert gone.rows == 13 == found.rows_read - found.n_orders
    assert gone.customers == 1
    assert gone.returned_amount == 15.25
    assert gone.lines() == [
        "2 rows: no customer id, rows 5, 6",
        "3 rows: unreadable or impossible date, rows 7 ('2024-02-30'), 8 ('9999-12-31'), 9",
        "3 rows: unreadable amount, rows 10 ('five'), 11, 12 ('inf')",
        "2 rows: exact copy of another row, rows 16 ('a'), 17 ('a')",
        (
            "2 rows: negative amount or quantity (returns) without the order it belongs to, "
            "rows 13 ('-9'), 14 ('(6.25)')"
        ),
        "1 row: zero amount, row 15",
    ]
    kept = log(text, keep_zero=True, keep_duplicates=True)
    assert kept.n_orders == 6
    assert kept.dropped.zero == kept.dropped.duplicate == 0


def test_a_row_is_a_copy_only_where_all_named_columns_are(log):
    lines = "customer,date,amount,item\na,2024-01-01,5,cup\na,2024-01-01,5,pot\nb,2024-01-02,1,x\n"
    assert log(lines).dropped.duplicate == 0
    numbered = ",customer,date,amount\n0,a,2024-01-01,5\n1,a,2024-01-01,5\n2,b,2024-01-02,1\n"
    assert log(numbered).dropped.duplicate == 1


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdé"), st.integers(0, 400), st.integers(1, 10**7)),
        min_size=2,
        unique=True,
    ).filter(lambda log: len({who for who, *_ in log}) > 1),
    st.randoms(use_true_random=False),
)
def test_what_is_written_comes_back_in_any_order(tmp_path_factory, orders, random):
    path = tmp_path_factory.mktemp("logs") / "log.csv"
    start = date(2023, 12, 1).toordinal()
    lines = [f"{w},{date.fromordinal(start + d)},{c / 100:.2f}" for w, d, c in orders]
    random.shuffle(lines)
    path.write_text("\n".join(["customer,date,amount", *lines]), encoding="utf-8")
    found = read_transactions(path)
    base = (start - date(1970, 1, 1).toordinal()) * 86_400
    expected = sorted((w, base + d * 86_400, c / 100) for w, d, c in orders)
    assert sorted(rows(found)) == expected
    assert (np.diff(found.customer) >= 0).all()


# --- what can't be read -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("\n \n", "the file is empty"),
        ("customer_id,date,amount\n", "there are no rows in it"),
        ("custmer_id,date,amount\na,2024-01-01,5\n", "did you mean 'custmer_id'?"),
        ("customer_id,dat,amount\na,2024-01-01,5\n", "did you mean 'dat'?"),
        ("customer_id,date,amout\na,2024-01-01,5\n", "did you mean 'amout'?"),
        ("a,2024-01-01,5\nb,2024-01-01,5\n", "no customer column (such as customerid, "),
        ("user id,user_id,date,amount\na,b,2024-01-01,5\n", "2 columns could be the customer"),
        (GOOD.replace("2024-", "someday "), "no date in column 'date' can be read"),
        (GOOD.replace("2024-01-03", "").replace("2024-01-01", "").replace("2024-02-05", ""),
         "column 'date' has no date in it"),
        ("customer,date,amount\na,01/02/2024,5\nb,03/04/2024,5\n", "day first or month first"),
        (GOOD.replace("5.50", "x").replace("12", "y").replace("3.25", "z"), "no amount in column"),
        (GOOD.replace("b,", "a,"), "only one customer ('a')"),
        ("customer,date,amount\na,2024-01-01,5\nb,2024-01-02,-5\n",
         "only one customer ('a'): a fit needs many; left out 1 row: negative"),
        (GOOD.replace(",5", ",-5").replace(",12", ",-1").replace(",3", ",-3"),
         "no order is left of 3 rows (3 rows: negative"),
        (GOOD + "c,2024-01-01", "log.csv:5: the last row was cut off: 2 fields where 3 belong"),
        ("customer_id,date,amount\na,5\nb\n", "log.csv:2: 2 fields where 3 belong; no row is left"),
        (GOOD.replace("amount", "montant d\u00e9pens\u00e9").encode("latin-1"),
         "among 'customer_id', 'date', 'montant d\u00e9pens\u00e9'"),
        (bytes(range(256)) * 20, "it is no text and no table of a known kind"),
        (bytes(5000), "most of its bytes are zero"),
        (gzip.compress(GOOD.encode(), mtime=0)[:-12], "the gzip file is damaged or cut short"),
        (gzip.compress(GOOD.encode() * 9, mtime=0)[:20], "the gzip file is damaged or cut short"),
        (b"\x1f\x8bxxxxxxxxxxxx", "the gzip file is damaged or cut short"),
        (b"PAR1 and then nothing of the kind", "no Parquet file, or one that is cut short"),
        (b"PK\x03\x04 a workbook", "save the table as CSV"),
    ],
)  # fmt: skip
def test_bad_files(log, text, message):
    with pytest.raises(DataError) as caught:
        log(text)
    said = str(caught.value)
    assert message in said
    assert "log.csv" in said
    assert "\n" not in said
    assert len(said) < 500


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (GOOD.replace("\n", "\r"), ""),
        (GOOD.encode("utf-16"), ""),
        ("sep=;\r\n" + GOOD.replace(",", ";"), ""),
        (GOOD.encode("utf-16-le"), "read as UTF-16-LE"),
        (GOOD.encode("utf-16-be"), "read as UTF-16-BE"),
        ("Orders of the shop, all\n\n" + GOOD, "1 line above the header taken for a title"),
        (GOOD + "3 orders\n", "1 row left out: 1 field where 3 belong (line 5)"),
        (GOOD + "c,2024-01-01\n", "1 row left out: 2 fields where 3 belong (line 5)"),
        (GOOD + "c,2024-01-01,3,4\n", "1 row left out: 4 fields where 3 belong (line 5)"),
        (GOOD + "\0\0,2024-01-01,3\n", "1 row left out: a zero byte (line 5)"),
        (GOOD.encode() + b"caf\xe9,,\n", "is read as Windows-1252"),
        (GOOD.encode() + b"caf\xc3\xa9,,\n\xe9,,\n", "1 row left out: invalid UTF-8 (line 6)"),
    ],
)
def test_what_is_odd_in_a_file_is_said_and_costs_no_more_than_a_row(log, text, note):
    found = log(text)
    assert rows(found) == EXPECTED
    assert note in " ".join(found.notes)
    assert bool(note) == bool(found.notes)


def test_json_is_read(log):
    lines = [
        {"customer": {"id": "b"}, "date": "2024-01-03", "amount": 5.5},
        {"customer": {"id": "a"}, "date": "2024-01-01", "amount": "12"},
        {"customer": {"id": "a"}, "date": "2024-02-05", "amount": 3.25, "note": None},
    ]
    assert rows(log("\n".join(map(json.dumps, lines)) + "\n")) == EXPECTED
    assert rows(log(json.dumps(lines, indent=1))) == EXPECTED


def test_bad_places(tmp_path):
    with pytest.raises(DataError, match="gone\\.csv: no such file"):
        read_transactions(tmp_path / "gone.csv")
    with pytest.raises(DataError, match="this is a directory, not a file"):
        read_transactions(tmp_path)
    with pytest.raises(DataError, match="no such file"):
        read_transactions(str(tmp_path / "no" / "folder.csv"))


def test_bad_options(log):
    with pytest.raises(DataError, match=r"no column 'amont' for the amount .*mean 'amount'\?"):
        log(GOOD, amount="amont")
    with pytest.raises(DataError, match="column 'date' can't be both customer and date"):
        log(GOOD, customer="date")
    with pytest.raises(DataError, match=r"no date .* can be read as '%d %B %Y', such as '2024"):
        log(GOOD, date_format="%d %B %Y")
    twice = "customer_id,x,date,amount,x\na,1,2024-01-01,5,1\nb,1,2024-01-01,5,1\n"
    assert log(twice).n_orders == 2
    with pytest.raises(DataError, match="customer column 'x' is there 2 times"):
        log(twice, customer="x")


def test_a_parquet_table_without_rows(tmp_path):
    path = tmp_path / "log.parquet"
    pd.DataFrame({"customer": [], "date": [], "amount": []}).to_parquet(path)
    with pytest.raises(DataError, match="there are no rows in it"):
        read_transactions(path)


def test_long_headers_are_cut_in_messages(log):
    text = ",".join(f"column_{i}" for i in range(200)) + "\n" + "," * 199 + "\n"
    with pytest.raises(DataError, match="and 188 more"):
        log(text)


def test_the_real_logs(shared_data):
    cdnow = read_transactions(shared_data / "cdnow_weeks_1_39.csv.gz")
    assert cdnow.rows_read == 49_086
    assert (cdnow.dropped.zero, cdnow.dropped.duplicate) == (73, 113)
    assert (cdnow.dropped.rows, cdnow.dropped.customers) == (186, 70)
    assert cdnow.columns.quantity == "quantity"
    retail = read_transactions(shared_data / "online_retail_2009_2010.csv.gz")
    assert (retail.n_customers, retail.n_orders, retail.dropped.rows) == (4266, 18_411, 0)
    assert (retail.time_s % 86_400 > 0).all()


def _parquet_bytes():
    sink = pa.BufferOutputStream()
    frame = {"customer": ["a", "b", "a"], "date": ["2024-01-01"] * 3, "amount": [1.0, 2.0, 3.0]}
    pq.write_table(pa.table(frame), sink)
    return sink.getvalue().to_pybytes()


@given(
    st.sampled_from([GOOD.encode(), gzip.compress(GOOD.encode(), mtime=0), _parquet_bytes()]),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=3)), max_size=6),
    st.one_of(st.none(), st.integers(0, 2000)),
)
def test_damage_is_a_clear_error_or_harmless(tmp_path_factory, whole, edits, cut):
    damaged = bytearray(whole)
    for place, piece in edits:
        damaged[place % len(whole) : place % len(whole) + 1] = piece
    path = tmp_path_factory.mktemp("logs") / "log"
    path.write_bytes(bytes(damaged[:cut]))
    said = "one line"
    try:
        found = read_transactions(path)
        assert found.n_orders + found.dropped.rows == found.rows_read
    except DataError as error:
        said = str(error)
    assert "\n" not in said


def test_a_name_is_imported_when_it_is_asked_for():
    import omnilab.fit

    assert set(omnilab.fit.__all__) <= set(dir(omnilab.fit))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        omnilab.fit.nothing  # noqa: B018
