"""The reader of tables against Python's csv module, and file by file."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab._files import delimited, json_text
from omnilab._files.columns import as_ids, as_texts
from omnilab._files.compression import NO_PARQUET
from omnilab._files.tables import open_table, read_whole
from omnilab.errors import DataError, OmnilabError, OptionError

FIELD = st.text(st.sampled_from('ab,;\t|" \né€'), max_size=6)


def put(folder: Path, data: bytes | str, name: str = "t") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read(
    path: Path, name: str = "id", **options: object
) -> tuple[list[object], list[int], list[str]]:
    """Return a column's ids, their lines, and the notes without the file's name."""
    table = open_table(path, **options)  # type: ignore[arg-type]
    ids: list[object] = []
    lines: list[int] = []
    for batch in table.batches([name]):
        ids += batch.ids(name).to_pylist()
        lines += [batch.line(i) for i in range(batch.n_rows)]
    return ids, lines, [note.removeprefix(f"{path}: ") for note in table.notes()]


@given(
    rows=st.lists(st.tuples(FIELD, FIELD, FIELD), min_size=1, max_size=12),
    separator=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    every=st.booleans(),
    chunk=st.integers(1, 80),
)
def test_rows_are_those_of_the_csv_module_wherever_a_chunk_ends(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]],
    separator: str, end: str, every: bool, chunk: int,
) -> None:  # fmt: skip
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerows([("id", "b", "c"), *rows])
    text = out.getvalue()
    model = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    lines, found = [], []
    line = model.line_num
    for fields in model:
        found.append(fields)
        lines.append(line + 1)
        line = model.line_num
    path = put(tmp_path_factory.mktemp("csv"), text)
    with mock.patch.object(delimited, "CHUNK", chunk):
        table = open_table(path, is_header=lambda fields: fields == ["id", "b", "c"])
        batches = list(table.batches(["id", "b", "c"]))
    got = [
        [value or "" for value in row]
        for batch in batches
        for row in zip(*(batch.raw(n).to_pylist() for n in ("id", "b", "c")), strict=True)
    ]
    assert got == found[1:]
    assert [b.line(i) for b in batches for i in range(b.n_rows)] == lines[1:]
    assert table.notes() == []


@pytest.mark.parametrize("place", ["middle", "last"])
def test_a_line_break_in_quotes_at_any_end_of_a_chunk(tmp_path: Path, place: str) -> None:
    """75,001 rows became 75,002, or the file was refused."""
    note = '"left at the door\nshop@x,c0,third floor"'
    row = (lambda i: f"u{i},c{i},{note}\n") if place == "last" else lambda i: f"u{i},{note},c{i}\n"
    path = put(tmp_path, "id,b,c\n" + "".join(map(row, range(40))))
    whole = read(path)
    assert whole[0] == [f"u{i}" for i in range(40)]
    assert whole[1] == list(range(2, 82, 2))
    for chunk in range(1, 130, 3):
        with mock.patch.object(delimited, "CHUNK", chunk):
            assert read(path) == whole, chunk


@pytest.mark.parametrize("chunk", [7, 60, 1 << 22])
@pytest.mark.parametrize(
    ("body", "ids", "lines", "notes"),
    [
        ("a,1\nb\nc,3\n", "ac", [2, 4], ["1 row left out: 1 field where 2 belong (line 3)"]),
        ("a,1\nb,2,3\n" + "c,3,4\n" * 4 + "d,4\n", "ad", [2, 8],
         ["5 rows left out: 3 fields where 2 belong (lines 3, 4, 5, ...)"]),
        ("a,1,\nb,2, ,\nc,3\n", "abc", [2, 3, 4], []),
        ('a,5" pipe\nb,"x ""y"" z"\nc,"x"y\n', "abc", [2, 3, 4], []),
        ('a,"open\nb,2\nc,"ok"\nd,4\n', "bcd", [3, 4, 5],
         ["1 row left out: a quote is opened and not closed (line 2)"]),
        ('a,1\nb,"open\nc,3\n', "ac", [2, 4],
         ["1 row left out: a quote is opened and not closed (line 3)"]),
        ('a,"two\nlines"x\nb,2\n', "ab", [2, 4], []),
        ("a,1\n\n \nb,2\n", "ab", [2, 5], []),
        ("a,1\n\0,\0\nb,2\n", "ab", [2, 4], ["1 row left out: a zero byte (line 3)"]),
        ("a,1\nb,2", "ab", [2, 3], ["the last line has no end; was the file cut?"]),
    ],
)  # fmt: skip
def test_rows_that_are_not_as_they_should_be(
    tmp_path: Path, body: str, ids: str, lines: list[int], notes: list[str], chunk: int
) -> None:
    path = put(tmp_path, "id,b\n" + body)
    with mock.patch.object(delimited, "CHUNK", chunk):
        assert read(path) == (list(ids), lines, notes)


def test_a_row_that_is_left_out_may_keep_its_place(tmp_path: Path) -> None:
    table = open_table(put(tmp_path, "id,b\na,1\nb\nc,3\n"))
    (batch,) = table.batches(["id"], keep_places=True)
    assert batch.ids("id").to_pylist() == ["a", None, "c"]
    table = open_table(put(tmp_path, '{"id":"a"}\n[]\n{"id":"c"}\n'))
    (batch,) = table.batches(["id"], keep_places=True)
    assert batch.ids("id").to_pylist() == ["a", None, "c"]


@pytest.mark.parametrize(
    ("text", "separator", "names"),
    [
        ("id;amount\na;1,50\nb;2,30\n", None, ["id", "amount"]),
        ("id;amount\na;1,50\nb;2,30;x\n", None, ["id", "amount"]),
        ("Report, all\n\nid;day;sum\na;1;1,5\nb;2;2,5\n", None, ["id", "day", "sum"]),
        ('"Name, first";id\nx;a\n', None, ["Name, first", "id"]),
        ("id\na\nb\n", None, ["id"]),
        (" id ,b\u00a0\na,1\n", None, ["id", "b"]),
        ("id:b\na:1\n", ":", ["id", "b"]),
        ("id,b,\na,1,\n", None, ["id", "b", ""]),
        ("SEP=|\nid|b\na|1\n", None, ["id", "b"]),
        ("[id],[b]\na,1\n", None, ["[id]", "[b]"]),
    ],
)
def test_the_header(tmp_path: Path, text: str, separator: str | None, names: list[str]) -> None:
    assert open_table(put(tmp_path, text), separator=separator).names == names


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,b\na,1\nb", "t:3: the last row was cut off: 1 field where 2 belong"),
        ('id,b,c\na,1,2\nb,"x', "t:3: the last row was cut off: a quote is opened and not closed"),
        ("id,id\na,b\n", "2 columns are named 'id'"),
        ("di,b\na,1\n", "no column 'id' (did you mean 'di'?)"),
        ("id,b\n", "there are no rows in it"),
        ("id,b\na\nb\n", "t:2: 1 field where 2 belong; no row is left of 2"),
        ('{"id":"a"}\n{"id":', "t:2: not a whole JSON object: the last line was cut off"),
        ('[{"id":"a"},\n{"id":"b"}\n', "t:3: the array has no end: was the file cut?"),
        ('[{"id":"a"},\n{"id":', "t:2: not a whole JSON object: was the file cut?"),
        ('[{"id":"a","id":"b"}]', "t:1: 'id' is there twice"),
        ('{"id":NaN}\n', "t:1: NaN is no JSON; no row is left of 1"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        read(put(tmp_path, text))
    assert says in str(caught.value)


def test_a_row_without_end_is_refused_with_its_line(tmp_path: Path) -> None:
    with (
        mock.patch.object(delimited, "LONGEST", 1000),
        mock.patch.object(delimited, "CHUNK", 100),
        pytest.raises(DataError, match="a row is longer than"),
    ):
        read(put(tmp_path, "id,b\na,1\n" + "x" * 5000 + "\n"))


@given(
    values=st.lists(
        st.one_of(st.none(), st.text(max_size=4), st.integers(-(2**70), 2**70), st.booleans(),
                  st.floats(allow_nan=False, allow_infinity=False), st.just([1]),
                  st.just({"a": 1})),
        min_size=1, max_size=20,
    ),
    dress=st.sampled_from(["lines", "array", "indented"]), chunk=st.integers(1, 50),
)  # fmt: skip
def test_ids_of_json_are_text_and_never_guessed(
    tmp_path_factory: pytest.TempPathFactory, values: list[object], dress: str, chunk: int
) -> None:
    rows = [{"id": value, "b": {"c": i}} for i, value in enumerate(values)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    text = {"lines": lines, "array": json.dumps(rows), "indented": json.dumps(rows, indent=1)}[
        dress
    ]
    path = put(tmp_path_factory.mktemp("json"), text)
    with mock.patch.object(json_text, "CHUNK", chunk), mock.patch.object(json_text, "OBJECTS", 3):
        table = open_table(path)
        batches = list(table.batches(["id", "b.c", "none"]))
    expected = [
        str(v) if isinstance(v, (str, int)) and not isinstance(v, bool) else None for v in values
    ]
    assert [v for batch in batches for v in batch.ids("id").to_pylist()] == expected
    assert [v for b in batches for v in b.texts("b.c").to_pylist()] == list(
        map(str, range(len(rows)))
    )
    odd = sum(v is not None and e is None for v, e in zip(values, expected, strict=True))
    assert sum(int(n.split(": ")[1].split()[0]) for n in table.notes() if "left out" in n) == odd
    assert any("no line has a value at 'none'" in note for note in table.notes())


BIG = 2**53 + 1
IDS = {
    "int8": (pa.array([7, None], pa.int8()), ["7", None]),
    "int64": (pa.array([BIG, None]), [str(BIG), None]),
    "uint64": (pa.array([2**64 - 1, None], pa.uint64()), [str(2**64 - 1), None]),
    "floats of whole numbers": (pa.array([7.0, None, float("nan"), -0.0]), ["7", None, None, "0"]),
    "floats with a fraction": (pa.array([7.0, 7.5]), ["7", None]),
    "floats beyond what they hold": (pa.array([7.0, 2.0**60]), ["7", None]),
    "infinite": (pa.array([7.0, float("inf")]), ["7", None]),
    "float32": (pa.array([7.0, None], pa.float32()), ["7", None]),
    "float16": (pa.array([7.0, None], pa.float16()), ["7", None]),
    "decimal": (pa.array([Decimal("7.00"), Decimal("7.50")]), ["7", None]),
    "wide decimal": (pa.array([Decimal(10) ** 30], pa.decimal256(40, 0)), ["1" + "0" * 30]),
    "text": (pa.array(["007", "", None]), ["007", "", None]),
    "large text": (pa.array(["7.0"], pa.large_string()), ["7.0"]),
    "text view": (pa.array(["a"], pa.string_view()), ["a"]),
    "bytes": (pa.array([b"a", None]), ["a", None]),
    "large bytes": (pa.array([b"a"], pa.large_binary()), ["a"]),
    "bytes view": (pa.array([b"a"], pa.binary_view()), ["a"]),
    "bytes of one size": (pa.array([b"ab", None], pa.binary(2)), ["ab", None]),
    "categories": (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
    "categories of numbers": (pa.array([5, 6]).dictionary_encode(), ["5", "6"]),
    "runs": (pa.RunEndEncodedArray.from_arrays(pa.array([2, 3]), pa.array(["a", "b"])),
             ["a", "a", "b"]),
    "nothing": (pa.nulls(2), [None, None]),
    "UUID": (pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes(16)], pa.binary(16))),
             ["00000000-0000-0000-0000-000000000000"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", IDS)
def test_ids_of_every_type_of_column(kind: str) -> None:
    array, expected = IDS[kind]
    for column in (array, pa.chunked_array([array, array])):
        ids, odd = as_ids(column, "id")
        assert ids.to_pylist() == expected * (1 + (column is not array))
        missing = [v is None or v != v for v in column.to_pylist()]
        counted = sum(e is None and not m for e, m in zip(expected * 2, missing, strict=False))
        assert (0 if odd is None else odd.to_pylist().count(True)) == counted


@pytest.mark.parametrize(
    "array",
    [
        pa.array([True]), pa.array([[1]]), pa.array([{"a": 1}]), pa.array([1.5, None]),
        pa.array([Decimal("1.5")]), pa.array([0], pa.timestamp("s")), pa.array([0], pa.date32()),
        pa.array([0], pa.duration("s")), pa.array([0], pa.time32("s")),
    ],
    ids=lambda a: str(a.type),
)  # fmt: skip
def test_columns_that_hold_no_ids(tmp_path: Path, array: pa.Array) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": array}), path)
    with pytest.raises(DataError, match=r"t\.parquet: column 'id': identifiers can't be"):
        read(path)
    assert as_texts(array).to_pylist()[0] is not None


def test_fields_of_structs_and_row_numbers_of_pandas(tmp_path: Path) -> None:
    path = tmp_path / "t"
    rows = pa.array([{"email": "a", "x": {"y": 1}}, None, {"email": None, "x": None}])
    pq.write_table(pa.table({"traits": rows, "__index_level_0__": [5, 6, 7]}), path)
    table = open_table(path)
    assert table.names == ["traits"]
    (batch,) = table.batches(["traits.email", "traits.x.y", "traits.no"])
    assert batch.ids("traits.email").to_pylist() == ["a", None, None]
    assert batch.ids("traits.x.y").to_pylist() == ["1", None, None]
    assert batch.ids("traits.no").to_pylist() == [None] * 3
    assert (batch.total, batch.line(2), table.unit) == (3, 3, "row")


def test_a_whole_table_has_all_columns_of_all_rows(tmp_path: Path) -> None:
    table = open_table(put(tmp_path, "id,x,x\na,1,2\nb,3,4\nc\n"))
    rows = table.whole()
    assert [rows.texts(i).to_pylist() for i in range(3)] == [["a", "b"], ["1", "3"], ["2", "4"]]
    assert rows.line(1) == 3
    with mock.patch.object(json_text, "OBJECTS", 1):
        rows = open_table(put(tmp_path, '{"id":"a"}\n{"b":{"c":1.50}}\n')).whole()
    assert rows.names == ["id", "b.c"]
    assert [rows.texts(n).to_pylist() for n in rows.names] == [["a", None], [None, "1.50"]]
    empty = open_table(put(tmp_path, "id,b\n")).whole(empty=True)
    assert (empty.n_rows, empty.names, empty.raw("id").to_pylist()) == (0, ["id", "b"], [])


def test_what_is_no_value_is_the_callers_choice(tmp_path: Path) -> None:
    path = put(tmp_path, 'id,b\nNA,1\nnull,2\n"",3\n')
    assert read(path)[0] == ["NA", "null", None]
    assert read(path, nulls=("", "NA"))[0] == [None, "null", None]


def test_an_encoding_that_is_given_is_taken(tmp_path: Path) -> None:
    data = "id,b\nпривет,1\n"
    path = put(tmp_path, data.encode("cp1251"))
    assert read(path, encoding="windows-1251")[0] == ["привет"]
    with pytest.raises(DataError, match=r"t:2: invalid UTF-8; no row is left of 1"):
        read(path, encoding="utf-8")
    with pytest.raises(DataError, match="can't be read as UTF-16"):
        read(path, encoding="utf-16")
    assert read(put(tmp_path, data.encode("utf-16")), encoding="utf-16")[0] == ["привет"]
    with pytest.raises(OptionError, match="unknown encoding 'utf8000'"):
        read(path, encoding="utf8000")


def test_letters_beyond_ascii_far_into_the_file(tmp_path: Path) -> None:
    """What looks like UTF-8 for megabytes can be Windows-1252, or be damaged."""
    plain = b"id,b\n" + b"a,1\n" * 100_000
    ids, _, notes = read(put(tmp_path, plain + b"caf\xe9,2\n"))
    assert (len(ids), ids[-1]) == (100_001, "café")
    assert notes == ["it is no UTF-8 and is read as Windows-1252"]
    ids, _, notes = read(put(tmp_path, b"id,b\n\xc3\xa9,0\n" + plain[5:] + b"caf\xe9,2\nz,3\n"))
    assert (len(ids), ids[0], ids[-1]) == (100_002, "é", "z")
    assert notes == ["1 row left out: invalid UTF-8 (line 100003)"]


def test_what_begins_like_parquet_and_is_none_is_said_without_arrows_words(tmp_path: Path) -> None:
    path = put(tmp_path, b"PAR1 and nothing of the kind")
    with pytest.raises(DataError) as caught:
        open_table(path)
    assert str(caught.value) == f"{path}: can't be read: {NO_PARQUET}"


def test_a_table_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    table, batch = read_whole(put(tmp_path, b"id,b\n1,2\n3,4\n"), "answers are")
    assert (batch.names, batch.n_rows, len(table.left_out)) == (["id", "b"], 2, 0)
    path = put(tmp_path, b"id,b\n1,2\n3\n")
    with pytest.raises(
        DataError, match=r"1 row left out: .*: answers are read whole or not at all"
    ):
        read_whole(path, "answers are")


@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"", b"id,b\n", b'{"id":', b"PAR1", b"\x1f\x8b"]),
)
def test_any_bytes_are_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes
) -> None:
    path = put(tmp_path_factory.mktemp("any"), start + data)
    said = f"{path}: one line"
    try:
        ids, lines, _ = read(path)
        assert len(ids) == len(lines) > 0
        assert np.all(np.diff(lines) >= 0)
    except OmnilabError as error:
        said = str(error)
    assert said.startswith(str(path))
    assert "\n" not in said
    said.encode()
