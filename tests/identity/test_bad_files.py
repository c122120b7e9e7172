"""A file that can't be used is refused with one line that names it, and nothing is left over."""

from __future__ import annotations

import gzip
import json
import resource
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from omnilab._files import delimited
from omnilab._files.tables import open_table
from omnilab.cli.identity import identity
from omnilab.errors import DataError
from omnilab.identity import Columns, IdentityGraph, resolve_file, score_file

COLUMNS = Columns((("email", "mail"), ("cookie", "cookie")), "when")
ROWS = "".join(f"{i},m{i % 50},c{i % 71}\n" for i in range(300))
CSV = "when,mail,cookie\n" + ROWS
STAMP = '"timestamp":"2024-01-01T00:00:00Z"'
LINES = "".join(f'{{"userId":"u{i % 50}","anonymousId":"c{i % 71}",{STAMP}}}\n' for i in range(300))


def resolve(folder: Path, name: str, content: bytes | str, **options):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    columns = None if ".json" in name else COLUMNS
    return resolve_file(path, folder / "p", **({"columns": columns} | options))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refused(folder: Path, name: str, content: bytes | str, match: str) -> None:
    with pytest.raises(DataError, match=match) as caught:
        resolve(folder, name, content)
    said = str(caught.value)
    assert str(folder / name) in said
    assert "\n" not in said
    assert len(said) < len(str(folder / name)) + 150
    assert names_in(folder) == [name]


@contextmanager
def disk_of(n_bytes: int):
    """Let no file grow beyond a size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_gzip_is_read_as_it_is_without(tmp_path, kind):
    text = CSV if kind == "csv" else LINES
    plain = resolve(tmp_path, f"e.{kind}", text)
    rows = pq.read_table(tmp_path / "p").to_pylist()
    assert resolve(tmp_path, f"e.{kind}.gz", gzip.compress(text.encode(), mtime=0)) == plain
    assert pq.read_table(tmp_path / "p").to_pylist() == rows
    assert plain.n_rows == 300


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("cut", [10, 200, -1, -9])
def test_gzip_cut_anywhere_is_refused(tmp_path, kind, cut):
    whole = gzip.compress((CSV if kind == "csv" else LINES).encode(), mtime=0)
    refused(tmp_path, f"e.{kind}.gz", whole[:cut], "damaged or cut short")


def test_a_file_that_is_gzip_by_its_name_only_is_read(tmp_path):
    assert resolve(tmp_path, "e.jsonl.gz", LINES).n_rows == 300


def test_a_csv_cut_in_its_last_field_is_noted(tmp_path):
    assert resolve(tmp_path, "e.csv", CSV).notes == ()
    notes = resolve(tmp_path, "e.csv", CSV[:-2]).notes
    assert len(notes) == 1
    assert "e.csv: the last line has no end" in notes[0]


def test_parquet_damaged_in_the_middle_is_refused(tmp_path):
    n = 20_000
    table = pa.table({"when": range(n), "mail": [f"m{i}" for i in range(n)], "cookie": range(n)})
    pq.write_table(table, tmp_path / "e.parquet", row_group_size=5000)
    whole = bytearray((tmp_path / "e.parquet").read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 9000] = np.random.default_rng(3).bytes(9000)
    refused(tmp_path, "e.parquet", bytes(whole), "can't be read")


def test_a_byte_changed_in_parquet_that_has_checksums_is_found(tmp_path):
    table = pa.table({"when": [1, 2], "mail": ["a@x", "MARK"], "cookie": ["c", "d"]})
    pq.write_table(
        table, tmp_path / "e.parquet", compression="none", use_dictionary=False,
        write_statistics=False, write_page_checksum=True,
    )  # fmt: skip
    whole = (tmp_path / "e.parquet").read_bytes()
    assert whole.count(b"MARK") == 1
    refused(tmp_path, "e.parquet", whole.replace(b"MARK", b"NARK"), "can't be read")


@pytest.mark.parametrize(
    ("name", "content"),
    [("e.csv", "when,mail,cookie\n"), ("e.csv", ""), ("e.jsonl", ""), ("e.jsonl", "\n\n"),
     ("e.csv.gz", gzip.compress(b"when,mail,cookie\n", mtime=0))],
)  # fmt: skip
def test_a_file_without_rows_is_refused(tmp_path, name, content):
    refused(tmp_path, name, content, "there are no rows in it")


def test_parquet_without_rows_is_refused_by_both_commands(tmp_path):
    none = pa.array([], pa.string())
    pq.write_table(pa.table({"when": none, "mail": none, "cookie": none}), tmp_path / "e.parquet")
    refused(tmp_path, "e.parquet", (tmp_path / "e.parquet").read_bytes(), "there are no rows")
    with pytest.raises(DataError, match="there are no rows"):
        score_file(tmp_path / "e.parquet", "mail", columns=COLUMNS)


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    twice = "when,mail,mail,cookie\n1,a,b,c\n"
    refused(tmp_path, "e.csv", twice, "2 columns are named 'mail'")
    (tmp_path / "e.csv").unlink()
    columns = [pa.array([1]), pa.array(["a"]), pa.array(["b"]), pa.array(["c"])]
    table = pa.Table.from_arrays(columns, ["when", "mail", "mail", "cookie"])
    pq.write_table(table, tmp_path / "e.parquet")
    whole = (tmp_path / "e.parquet").read_bytes()
    refused(tmp_path, "e.parquet", whole, "2 columns are named 'mail'")
    (tmp_path / "e.parquet").unlink()
    refused(tmp_path, "e.jsonl", f'{{"userId":"a","userId":"b",{STAMP}}}', "1: 'userId' is there t")


def test_a_column_beside_them_may_be_there_twice(tmp_path):
    text = "when,mail,x,x,cookie\n1,a,b,c,d\n"
    assert resolve(tmp_path, "e.csv", text).counts["identifiers"] == 2


@pytest.mark.parametrize(
    "time",
    ["yesterday", "2024-13-01T00:00:00Z", "9" * 20, "9" * 19, "-", "x" * 1000, "1e9"],
)
def test_a_time_that_can_not_be_read_leaves_out_its_row(tmp_path, monkeypatch, time):
    monkeypatch.setattr(delimited, "CHUNK", 4000)
    result = resolve(tmp_path, "e.csv", f"{CSV}{time},a,b\n300,c,d\n", rows_output=tmp_path / "r")
    assert (result.n_rows, result.n_without, result.counts["identifiers"]) == (302, 1, 50 + 71 + 2)
    assert pq.read_table(tmp_path / "r")["profile"].to_pylist()[300] == -1
    (note,) = result.notes
    assert "1 row left out: a time that is neither whole seconds nor ISO 8601 (line 302)" in note
    assert f"such as '{time[:40]}" in note
    assert len(note) < 300
    assert (
        "1 row left out: no time (line 302)" in resolve(tmp_path, "e.csv", f"{CSV},a,b\n").notes[0]
    )


def test_a_file_without_a_time_that_can_be_read_is_refused(tmp_path):
    text = "when,mail,cookie\nyesterday,a,b\ntoday,c,d\n"
    refused(tmp_path, "e.csv", text, "no time in column 'when' can be read, such as 'yesterday'")


def test_rows_are_counted_from_the_start_of_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "CHUNK", 1000)
    late = resolve(tmp_path, "e.csv", f"{CSV}7,a,b\n")
    assert "1 row out of order in time, up to 292 s late (the first: line 302)" in late.notes[0]
    both = " ".join(resolve(tmp_path, "e.csv", f"{CSV},a,b\n7,a,b\n").notes)
    assert "no time (line 302)" in both
    assert "the first: line 303" in both


@pytest.mark.parametrize("line", [1, 200])
def test_a_line_that_is_not_utf8_is_left_out_of_a_file_that_is(tmp_path, line):
    lines = CSV.replace("m1,", "mé,").encode().splitlines(keepends=True)
    lines[line] = lines[line].replace(b"m", b"\xff")
    result = resolve(tmp_path, "e.csv", b"".join(lines))
    assert (result.n_rows, result.n_without) == (300, 1)
    assert f"1 row left out: invalid UTF-8 (line {line + 1})" in result.notes[0]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_how_a_csv_is_cut_into_chunks_changes_nothing(tmp_path, monkeypatch, size):
    # Blank lines, both ends of lines, and a last line without one.
    later = "".join(f"300,n{i % 40},d{i % 30}\r\n" for i in range(300))
    text = f"\n{CSV}\n\r\n\n{later}301,m1,d1".encode()

    def groups() -> set[frozenset[tuple[str, str]]]:
        found: dict[int, set[tuple[str, str]]] = {}
        for row in pq.read_table(tmp_path / "p").to_pylist():
            found.setdefault(row["profile"], set()).add((row["type"], row["value"]))
        return {frozenset(group) for group in found.values()}

    whole = resolve(tmp_path, "e.csv", text)
    wanted = groups()
    monkeypatch.setattr(delimited, "CHUNK", size)
    assert resolve(tmp_path, "e.csv", text) == whole
    assert groups() == wanted
    assert (whole.n_rows, len(whole.notes)) == (601, 1)


def test_of_csv_only_some_is_held_at_a_time(tmp_path):
    (tmp_path / "e.csv").write_text("mail\n" + "x" * 31 + "\n" + ("y" * 99 + "\n") * 500_000)
    before = pa.total_allocated_bytes()
    held = [
        pa.total_allocated_bytes() - before
        for _ in open_table(tmp_path / "e.csv").batches(["mail"])
    ]
    assert len(held) > 8
    assert max(held) < 10_000_000


def test_long_fields_are_counted_and_longer_rows_refused(tmp_path):
    text = f"when,mail,cookie\n1,{'x' * 10_000_000},c\n2,a,c\n"
    result = resolve(tmp_path, "e.csv", text)
    assert (result.counts["too_long"], result.counts["identifiers"]) == (1, 2)
    (tmp_path / "p").unlink()
    refused(tmp_path, "e.csv", f"when,mail,cookie\n1,{'x' * (1 << 25)},c\n", "longer than 16 MB")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[" * 100_000, "1 row left out: nested too deeply (line 302)"),
        ("[1, 2]", "1 row left out: not a JSON object (line 302)"),
        ("7", "1 row left out: not a JSON object (line 302)"),
        ('{"userId":"a","userId":"b"}', "1 row left out: 'userId' is there twice (line 302)"),
        ('{"userId":NaN}', "1 row left out: NaN is no JSON (line 302)"),
        ('{"userId":', "1 row left out: not a whole JSON object (line 302)"),
        (f'{{"userId":1e400,{STAMP}}}', "1 value of 'userId' left out: neither text nor a whole"),
        (f'{{"userId":"\\ud800",{STAMP}}}', "1 value of 'userId' left out: neither text nor"),
        (f'{{"traits":"x",{STAMP}}}', "1 value of 'traits.email' left out: neither text nor"),
    ],
)
def test_a_line_that_is_no_event_is_left_out(tmp_path, line, said):
    text = f'\n{LINES}{line}\n{{"userId":"last",{STAMP}}}\n'
    result = resolve(tmp_path, "e.jsonl", text, rows_output=tmp_path / "r")
    assert (result.n_rows, result.n_without) == (302, 1)
    assert any(said in note and "(line 302)" in note for note in result.notes)
    rows = pq.read_table(tmp_path / "r")["profile"].to_pylist()
    assert rows[300] == -1 != rows[301]


def test_a_byte_order_mark_is_no_fault(tmp_path):
    for name, text in (("e.csv", CSV), ("e.jsonl", LINES)):
        assert resolve(tmp_path, name, b"\xef\xbb\xbf" + text.encode()).n_rows == 300


def test_columns_of_no_identifiers_are_named(tmp_path):
    for column in (pa.array([1.5]), pa.array([["x"]]), pa.array([True])):
        table = pa.table({"when": [1], "mail": column, "cookie": ["c"]})
        pq.write_table(table, tmp_path / "e.parquet")
        whole = (tmp_path / "e.parquet").read_bytes()
        refused(tmp_path, "e.parquet", whole, "column 'mail': identifiers can't be")


def test_categories_of_numbers_are_numbers(tmp_path):
    kinds = pa.array([5, 6, 5]).dictionary_encode()
    table = pa.table({"when": pa.array(["1", "1", "2"]).dictionary_encode(), "mail": kinds,
                      "cookie": ["c", "d", "e"]})  # fmt: skip
    pq.write_table(table, tmp_path / "e.parquet")
    resolve_file(tmp_path / "e.parquet", tmp_path / "p", columns=COLUMNS)
    values = {row["value"] for row in pq.read_table(tmp_path / "p").to_pylist()}
    assert values == {"5", "6", "c", "d", "e"}


def test_rows_without_an_identifier_are_counted_and_a_path_of_no_line_is_noted(tmp_path):
    assert resolve(tmp_path, "e.csv", f"{CSV}300,,\n").n_without == 1
    wrong = Columns((("login", "userId"), ("email", "traits.emial")), "timestamp")
    result = resolve(tmp_path, "e.jsonl", f"{LINES}{{{STAMP}}}\n", columns=wrong)
    assert (result.n_rows, result.n_without) == (301, 1)
    assert len(result.notes) == 1
    assert "no line has a value at 'traits.emial'" in result.notes[0]


def test_the_command_says_the_notes_and_the_rows_without(tmp_path):
    (tmp_path / "e.csv").write_text(f"{CSV}300,,")
    ids = ["--id", "email=mail", "--id", "cookie=cookie", "--time", "when", "--json"]
    done = CliRunner().invoke(
        identity, ["resolve", str(tmp_path / "e.csv"), "-o", str(tmp_path / "p"), *ids]
    )
    assert done.exit_code == 0
    assert json.loads(done.stdout)["rows_without_identifier"] == 1
    assert "note:" in done.stderr
    assert "was the file cut?" in done.stderr


@pytest.mark.parametrize("too_big", ["p", "r"])
def test_on_a_full_disk_both_outputs_stay_as_they_were(tmp_path, too_big):
    # Few identifiers in many rows, or many in one row each; the other file is small.
    rows = 60_000 if too_big == "r" else 3000
    many = [f"{i * 7919 % 99991:x}" * 9 for i in range(rows)] if too_big == "p" else None
    mail = many or [f"m{i}" for i in np.random.default_rng(1).integers(997, size=rows)]
    table = pa.table({"when": [1] * rows, "mail": mail, "cookie": mail})
    pq.write_table(table, tmp_path / "e.parquet")
    for name in ("p", "r"):
        (tmp_path / name).write_text("before")
    with disk_of(40_000), pytest.raises(DataError, match=f"/{too_big}: can't be written: File too"):
        resolve_file(
            tmp_path / "e.parquet", tmp_path / "p", columns=COLUMNS, rows_output=tmp_path / "r"
        )
    assert names_in(tmp_path) == ["e.parquet", "p", "r"]
    assert {(tmp_path / name).read_text() for name in ("p", "r")} == {"before"}


def test_on_a_full_disk_a_saved_graph_stays_as_it_was(tmp_path):
    small, big = IdentityGraph(), IdentityGraph()
    small.observe(([1, 2], [2, 3]))
    big.observe((np.arange(50_000), np.random.default_rng(1).permutation(50_000)))
    small.save(tmp_path / "g")
    for name in ("g", "new"):
        with disk_of(40_000), pytest.raises(DataError, match=f"/{name}: can't be written: File"):
            big.save(tmp_path / name)
    assert names_in(tmp_path) == ["g"]
    assert IdentityGraph.load(tmp_path / "g").resolve().tolist() == [-1, 1, 1, 1]
    big.save(tmp_path / "g")
    assert names_in(tmp_path) == ["g"]
    assert len(IdentityGraph.load(tmp_path / "g")) == 50_000


def test_a_folder_that_is_no_graph_is_not_overwritten(tmp_path):
    (tmp_path / "g").mkdir()
    (tmp_path / "g" / "mine").write_text("x")
    with pytest.raises(DataError, match="is no graph"):
        IdentityGraph().save(tmp_path / "g")
    assert names_in(tmp_path) == ["g"]
    assert names_in(tmp_path / "g") == ["mine"]


def test_a_graphs_folder_with_other_files_is_kept(tmp_path: Path) -> None:
    IdentityGraph().save(tmp_path / "g")
    IdentityGraph().save(tmp_path / "g")
    (tmp_path / "g" / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match=r"no graph's \(notes.txt\); not overwritten"):
        IdentityGraph().save(tmp_path / "g")
    assert (tmp_path / "g" / "notes.txt").read_text() == "mine"


def test_a_device_is_written_to_and_not_replaced(tmp_path):
    (tmp_path / "null").symlink_to("/dev/null")
    (tmp_path / "e.csv").write_text(CSV)
    resolve_file(tmp_path / "e.csv", tmp_path / "null", columns=COLUMNS)
    assert Path("/dev/null").is_char_device()
    assert (tmp_path / "null").is_symlink()
