"""Files in, files out: by function and by command."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from omnilab._files import columnar
from omnilab._files.tables import open_table
from omnilab.cli.identity import identity
from omnilab.errors import DataError, OmnilabError, OptionError
from omnilab.identity import (
    Columns,
    IdentityGraph,
    IdentityPolicy,
    resolve_file,
    score_file,
)

EVENTS = {
    "when": [10, 11, 11, 30],
    "mail": ["a@x", None, "b@x", "b@x"],
    "cookie": [1, 1, 2, 3],
    "who": ["ann", "ann", "bob", "bob"],
}
COLUMNS = Columns((("email", "mail"), ("cookie", "cookie")), "when")


@pytest.fixture
def events(tmp_path):
    pq.write_table(pa.table(EVENTS), tmp_path / "e.parquet")
    return tmp_path / "e.parquet"


def read(path):
    return pq.read_table(path).to_pylist()


@pytest.mark.parametrize("batch", [1, 2, 1 << 17])
def test_resolve_writes_every_identifier_once(events, tmp_path, monkeypatch, batch):
    monkeypatch.setattr(columnar, "BATCH", batch)
    calls = []
    result = resolve_file(
        events, tmp_path / "p.parquet", columns=COLUMNS, rows_output=tmp_path / "r.parquet",
        progress=lambda done, total: calls.append((done, total)),
    )  # fmt: skip
    assert calls[-1] == (4, 4)
    rows = read(tmp_path / "p.parquet")
    by = {(r["type"], r["value"]): r["profile"] for r in rows}
    assert len(by) == len(rows) == 5
    assert by["email", "a@x"] == by["cookie", "1"] != by["email", "b@x"]
    assert by["email", "b@x"] == by["cookie", "2"] == by["cookie", "3"]
    found = [r["profile"] for r in read(tmp_path / "r.parquet")]
    assert found == [by["email", "a@x"]] * 2 + [by["email", "b@x"]] * 2
    assert (result.n_rows, result.n_profiles, result.counts["merges"]) == (4, 2, 3)
    assert not list(tmp_path.glob(".*"))


def test_csv_is_as_parquet(events, tmp_path):
    pq.read_table(events).to_pandas().astype(object).to_csv(tmp_path / "e.csv", index=False)
    for suffix in ("parquet", "csv"):
        resolve_file(tmp_path / f"e.{suffix}", tmp_path / f"{suffix}.out", columns=COLUMNS)
    assert read(tmp_path / "parquet.out") == read(tmp_path / "csv.out")


def test_segment_json_lines(tmp_path):
    lines = [
        {"type": "page", "anonymousId": "c1", "timestamp": "2024-01-01T00:00:00.5Z"},
        {"type": "identify", "anonymousId": "c1", "userId": "u1",
         "traits": {"email": "é@x"}, "timestamp": "2024-01-01T00:00:01Z"},
        {"type": "alias", "userId": "u1", "previousId": "c0",
         "timestamp": "2024-01-01T02:00:01+01:00"},
        {"type": "page", "anonymousId": "c2", "traits": None,
         "timestamp": "2024-01-02T00:00:01Z"},
    ]  # fmt: skip
    path = tmp_path / "e.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    result = resolve_file(path, tmp_path / "p.parquet")
    by = {(r["type"], r["value"]): r["profile"] for r in read(tmp_path / "p.parquet")}
    assert len({by[k] for k in by if k != ("cookie", "c2")}) == 1
    assert set(by) == {
        ("cookie", "c1"), ("login", "u1"), ("email", "é@x"), ("cookie", "c0"), ("cookie", "c2")
    }  # fmt: skip
    assert result.n_profiles == 2
    path.write_text("\n".join(map(json.dumps, lines))[:-10])
    with pytest.raises(DataError, match=r"e\.jsonl:4: not a whole JSON object"):
        resolve_file(path, tmp_path / "q.parquet")
    assert not (tmp_path / "q.parquet").exists()


def test_score_by_resolving_and_by_a_column(events, tmp_path):
    best = score_file(events, "who", columns=COLUMNS)
    assert (best.pairwise_f1, best.false_merges, best.false_splits) == (1, 0, 0)
    table = pq.read_table(events).append_column("p", pa.array([1, 1, 1, None]))
    pq.write_table(table, events)
    worse = score_file(events, "who", profile="p")
    assert (worse.n_left_out, worse.false_merges) == (1, 1)


def test_bad_files_say_what_and_where(events, tmp_path):
    out = tmp_path / "o"
    with pytest.raises(DataError, match="did you mean 'mail'"):
        resolve_file(events, out, columns=Columns([("email", "mial")]))
    with pytest.raises(DataError, match="no such file"):
        resolve_file(tmp_path / "none.parquet", out, columns=COLUMNS)
    with pytest.raises(OptionError, match="which columns"):
        resolve_file(events, out)
    with pytest.raises(OptionError, match="time column"):
        resolve_file(
            events, out, columns=Columns(COLUMNS.identifiers),
            policy=IdentityPolicy(types=("email", "cookie"), time_to_live={"cookie": 5}),
        )  # fmt: skip
    back = pa.table(EVENTS | {"when": [10, 9, 11, 30]})
    pq.write_table(back, tmp_path / "b.parquet")
    whole = events.read_bytes()
    for end in (0, 10, len(whole) // 2, len(whole) - 5):
        events.write_bytes(whole[:end])
        with pytest.raises(DataError, match=r"can't be read|the file is empty"):
            resolve_file(events, out, columns=COLUMNS)
    assert not out.exists()


def test_a_saved_graph_that_was_cut_is_refused(tmp_path):
    graph = IdentityGraph(IdentityPolicy(types=("t",), unique=("t",), history=True))
    graph.observe({"t": ["a", "b", "c"]})
    path = tmp_path / "g"
    graph.save(path)
    parts = sorted(path.iterdir())
    assert len(parts) == 6
    for part in parts:
        whole = part.read_bytes()
        for bad in (whole[: len(whole) // 2], whole[:-8], b"", None):
            part.unlink() if bad is None else part.write_bytes(bad)
            with pytest.raises(OmnilabError):
                IdentityGraph.load(path)
            part.write_bytes(whole)
    # Swapped for the same part of another graph: whole, but not of this one.
    graph.observe({"t": ["d", "e"]})
    graph.save(tmp_path / "h")
    for part in parts[:2]:
        whole = part.read_bytes()
        part.write_bytes((tmp_path / "h" / part.name).read_bytes())
        if part.read_bytes() != whole:
            with pytest.raises(DataError):
                IdentityGraph.load(path)
        part.write_bytes(whole)
    assert IdentityGraph.load(path).counts["identifiers"] == 3


def test_the_commands(events, tmp_path):
    runner = CliRunner()
    out = tmp_path / "p.parquet"
    ids = ["--id", "email=mail", "--id", "cookie=cookie", "--time", "when"]
    done = runner.invoke(identity, ["resolve", str(events), "-o", str(out), *ids, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["profiles"] == 2
    rules = ["--unique", "email", "--fan-out", "cookie=3", "--time-to-live", "cookie=7d"]
    done = runner.invoke(identity, ["score", str(events), "--truth", "who", *ids, *rules])
    assert done.exit_code == 0, done.output
    assert "1.0000" in done.stdout
    for wrong in (["--fan-out", "cookie=x"], ["--id", "email"], ["--time-to-live", "cookie=d"]):
        done = runner.invoke(identity, ["score", str(events), "--truth", "who", *ids, *wrong])
        assert isinstance(done.exception, OptionError), done.output


def test_outputs_are_checked_before_the_work(events, tmp_path):
    before = events.read_bytes()
    good = tmp_path / "p.parquet"
    for output, rows in (
        (events, None),
        (tmp_path / "none" / "p.parquet", None),
        (tmp_path, None),
        (good, tmp_path / "." / "p.parquet"),
        (good, tmp_path / "none" / "r.parquet"),
    ):
        with pytest.raises(OptionError):
            resolve_file(events, output, columns=COLUMNS, rows_output=rows, progress=pytest.fail)
    assert events.read_bytes() == before
    assert not good.exists()


def test_json_lines_cut_anywhere_are_refused_and_the_last_result_is_kept(tmp_path):
    line = json.dumps({"anonymousId": "c1", "userId": "ü1", "timestamp": "2024-01-01T00:00:00Z"})
    whole = "\n".join([line] * 20).encode()
    path, out = tmp_path / "e.jsonl", tmp_path / "p.parquet"
    path.write_bytes(whole)
    resolve_file(path, out)
    before = out.read_bytes()
    ids = ["resolve", str(path), "-o", str(out)]
    for end in (3, len(whole) // 2 + 9, len(whole) - 1):
        path.write_bytes(whole[:end])
        done = CliRunner().invoke(identity, ids)
        assert isinstance(done.exception, DataError)
        n_line = whole[:end].count(b"\n") + 1
        assert f"e.jsonl:{n_line}: not a whole JSON object" in str(done.exception)
    assert out.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("bad", ["[1]", "true", '{"a": 1}', "12.0", '["u1"]'])
def test_json_values_that_are_no_identifiers_are_left_out(tmp_path, bad):
    """One bad value costs itself, not its row and not the file."""
    path = tmp_path / "e.jsonl"
    rows = [("u1", "c1"), (bad, "c2"), ("u1", "c3")]
    path.write_text(
        "".join(
            f'{{"userId":{user if user == bad else json.dumps(user)},"anonymousId":"{cookie}",'
            f'"timestamp":"2025-01-01T10:0{i}:00Z"}}\n'
            for i, (user, cookie) in enumerate(rows)
        )
    )
    result = resolve_file(path, tmp_path / "p.parquet", rows_output=tmp_path / "r.parquet")
    found = [row["profile"] for row in read(tmp_path / "r.parquet")]
    assert found[0] == found[2] != found[1] >= 0
    assert "1 value of 'userId' left out: neither text nor a whole number (line 2)" in str(
        result.notes
    )


@pytest.mark.parametrize("bad", ["NaN", "-Infinity"])
def test_a_file_without_a_line_of_json_is_refused(tmp_path, bad):
    path = tmp_path / "e.jsonl"
    path.write_text(f'{{"userId": {bad}, "timestamp": "2024-01-01T00:00:00Z"}}')
    with pytest.raises(DataError, match=r"e\.jsonl:1"):
        resolve_file(path, tmp_path / "p.parquet")


def test_json_lines_that_are_not_utf8_or_run_backwards(tmp_path):
    path = tmp_path / "e.jsonl"
    path.write_bytes(
        b'{"userId": "a\xc3\xa9", "timestamp": "2024-01-01T00:00:00Z"}\n'
        b'{"userId": "a\xff", "timestamp": "2024-01-01T00:00:00Z"}\n'
    )
    result = resolve_file(path, tmp_path / "p.parquet")
    assert "1 row left out: invalid UTF-8 (line 2)" in result.notes[0]
    lines = [{"userId": "a", "timestamp": f"2024-01-0{day}T00:00:00Z"} for day in (2, 1)]
    path.write_text("\n".join(map(json.dumps, lines)))
    assert "1 row out of order" in str(resolve_file(path, tmp_path / "p.parquet").notes)


def test_unusable_identifiers_of_a_file_are_counted(tmp_path):
    broken = pa.array([b"a\xff", b"b", b"", b"x" * 10_000_000]).view(pa.string())
    table = pa.table({"mail": broken, "cookie": ["c", "c", "d", "e"]})
    pq.write_table(table, tmp_path / "e.parquet")
    columns = Columns((("email", "mail"), ("cookie", "cookie")))
    result = resolve_file(tmp_path / "e.parquet", tmp_path / "p.parquet", columns=columns)
    counts = result.counts
    assert (counts["empty"], counts["too_long"], counts["invalid_utf8"]) == (1, 1, 1)
    assert (result.n_rows, result.n_profiles, counts["identifiers"]) == (4, 3, 4)


def test_a_column_of_floats_and_a_csv_cut_in_a_row(tmp_path):
    pq.write_table(pa.table({"mail": [1.5, float("nan")]}), tmp_path / "e.parquet")
    columns = Columns((("email", "mail"),))
    with pytest.raises(DataError, match="double"):
        resolve_file(tmp_path / "e.parquet", tmp_path / "p.parquet", columns=columns)
    (tmp_path / "e.csv").write_text("mail,cookie\na@x,1\nb@x")
    with pytest.raises(DataError, match=r"e.csv:3: the last row was cut off: 1 field where 2"):
        resolve_file(tmp_path / "e.csv", tmp_path / "p.parquet", columns=columns)
    assert not (tmp_path / "p.parquet").exists()


@pytest.mark.parametrize("row_group", [10_000, 400_000])
def test_of_parquet_only_some_is_held_at_a_time(tmp_path, row_group):
    n = 400_000
    values = np.random.default_rng(1).bytes(16 * n)
    mails = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), n, [None, pa.py_buffer(values)])
    table = pa.table({"mail": mails.cast(pa.binary())})
    pq.write_table(table, tmp_path / "e.parquet", row_group_size=row_group, use_dictionary=False)
    del table, mails
    before = pa.total_allocated_bytes()
    held = [
        pa.total_allocated_bytes() - before
        for _ in open_table(tmp_path / "e.parquet").batches(["mail"])
    ]
    assert len(held) >= 4
    # A batch is of 2.6 MB and there are two of them at most, beside the buffer.
    assert max(held) < 9_000_000
    assert max(held) < (tmp_path / "e.parquet").stat().st_size
