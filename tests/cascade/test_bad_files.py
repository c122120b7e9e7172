"""Files that can't be used: one clear line and nothing written, or rows counted as rejected."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.cascade.formats import write_table
from omnilab.cli import main

PLANS = """\
plans:
  - name: cart
    steps:
      - {channel: push, fallback_after: 1h, success_status: opened}
      - {channel: sms, fallback_after: 1d}
"""
STARTS = b"timestamp,message_id,profile_id\n10,m-a,anna\n20,m-b,bo\n"
RECEIPTS = b"timestamp,message_id,channel,event\n15,m-a,push,delivered\n90,m-a,push,open\n"


class Said(NamedTuple):
    """What a replay printed and how it ended."""

    code: int
    out: str
    err: str


class Desk:
    """A folder with good files, of which each test spoils one."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.put("plans.yaml", PLANS.encode())
        self.put("s.csv", STARTS)
        self.put("r.csv", RECEIPTS)

    def put(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return name

    def frame(self, name: str, frame: pd.DataFrame) -> str:
        write_table(pa.Table.from_pandas(frame, preserve_index=False), self.folder / name)
        return name

    def replay(
        self, starts: str = "s.csv", receipts: str = "r.csv", *more: str, output: str = "o.csv"
    ) -> Said:
        paths = [str(self.folder / name) for name in (starts, receipts, "plans.yaml", output)]
        words = ["cascade", "replay", *paths[:2], "-p", paths[2], "-o", paths[3], *more]
        self.capsys.readouterr()
        try:
            code = main(words)
        except SystemExit as end:
            code = int(str(end.code or 0))
        return Said(code, *self.capsys.readouterr())

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    def refuse(self, *words: str, output: str = "o.csv", says: str) -> None:
        """A replay that must end with one line and leave all files as they were."""
        before = {path: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}
        said = self.replay(*words, output=output)
        assert said.code == 2, said
        assert len(said.err.strip().splitlines()) == 1, said.err
        assert len(said.err) < 1500
        assert said.err.startswith("error: ")
        assert says in said.err
        assert "Traceback" not in said.err
        assert not said.out
        after = {path: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}
        assert after == before

    def rejected(
        self, starts: str = "s.csv", receipts: str = "r.csv", *more: str
    ) -> dict[str, int]:
        """A replay that goes through; the counts of rows that it rejects."""
        said = self.replay(starts, receipts, "--json", *more)
        assert said.code == 0, said
        counts: dict[str, int] = json.loads(said.out)["rejected"]
        return counts


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_the_good_files_are_good(desk: Desk) -> None:
    assert desk.rejected() == {}
    assert desk.names() == {"plans.yaml", "s.csv", "r.csv", "o.csv"}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.csv", b"", "x.csv"),
        ("x.csv", b"timestamp,message_id\n1,a\n", "column 'profile_id' is missing"),
        ("x.csv", b"timestamp,message_id,profil_id\n1,a,b\n", "did you mean 'profil_id'?"),
        ("x.csv", b"timestamp,message_id,profile_id\n1,a\n", "x.csv:2: 2 fields where 3 belong"),
        ("x.csv", b"timestamp,message_id,profile_id\nyesterday,a,b\n", "timestamp"),
        ("x.csv", b"timestamp,message_id,message_id,profile_id\n1,a,a,b\n", "comes twice"),
        ("x.csv", b"timestamp,message_id,profile_id\n0,a,b\n4000000000,c,d\n", "34 years"),
        ("x.jsonl", b"", "x.jsonl"),
        ("x.jsonl", b'{"timestamp": 1, "message_id": "a", "profile_id": ', "x.jsonl"),
        ("x.jsonl", b'{"timestamp": 1, "message_id": ["a"], "profile_id": "b"}\n', "message_id"),
        ("x.jsonl", b'{"timestamp": 1, "message_id": 1.5, "profile_id": "b"}\n', "message_id"),
        ("x.jsonl", b"\xff\xfe", "x.jsonl"),
        ("x.parquet", b"PAR1", "x.parquet"),
        ("x.parquet", b"", "x.parquet"),
        ("x.csv", STARTS + b"30,m-c", "x.csv:4: the last row was cut off"),
        ("x.csv.gz", gzip.compress(STARTS, mtime=0)[:-9], "x.csv.gz"),
    ],
)
def test_a_spoiled_file_is_refused(desk: Desk, name: str, content: bytes, says: str) -> None:
    desk.refuse(desk.put(name, content), "r.csv", says=says)


@pytest.mark.parametrize(
    ("name", "spoiled", "rejected", "says"),
    [
        ("x.csv", b"1,caf\xe9,b\n", {}, "is read as Windows-1252"),
        ("x.csv", b"1,caf\xc3\xa9,b\n1,\xff\xfe,b\n", {}, "1 row left out: invalid UTF-8 (line 5)"),
        ("x.csv", b"30,m-c\n", {}, "1 row left out: 2 fields where 3 belong (line 4)"),
        ("x.csv", b"yesterday,m-c,b\n", {"bad_value": 1}, "can't be read in 1 row: 'yest"),
        ("x.csv", b"1.5,m-c,carl\n", {}, ""),
        ("x.txt", b"", {}, ""),
        ("x.csv.gz", b"", {}, ""),
    ],
)  # fmt: skip
def test_one_spoiled_row_does_not_spoil_the_file(
    desk: Desk, name: str, spoiled: bytes, rejected: dict[str, int], says: str
) -> None:
    desk.put(name, STARTS + spoiled)
    said = desk.replay(name, "r.csv", "--json")
    assert said.code == 0, said
    assert json.loads(said.out)["rejected"] == rejected
    assert says in said.err
    assert bool(says) == bool(said.err)


@pytest.mark.parametrize("bad", ['["m-c"]', "1.5", "true", '{"a": 1}'])
def test_one_id_that_is_none_costs_its_row(desk: Desk, bad: str) -> None:
    good = '{"timestamp": 10, "message_id": "m-a", "profile_id": "anna"}\n'
    spoiled = f'{{"timestamp": 20, "message_id": {bad}, "profile_id": "bo"}}\n'
    desk.put("x.jsonl", (good + spoiled).encode())
    said = desk.replay("x.jsonl", "r.csv", "--json")
    assert json.loads(said.out)["rejected"] == {"bad_value": 1}
    assert "1 value of 'message_id' left out: neither text nor a whole number (line 2)" in said.err


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere.parquet", "nowhere.jsonl.gz", "."])
def test_a_file_that_is_not_there(desk: Desk, name: str) -> None:
    desk.refuse(name, "r.csv", says="")
    desk.refuse("s.csv", name, says="")


@given(share=st.floats(0, 1, exclude_max=True), kind=st.sampled_from(["parquet", "csv.gz"]))
def test_a_file_cut_anywhere_is_refused(
    tmp_path_factory: pytest.TempPathFactory, share: float, kind: str
) -> None:
    from omnilab.cascade import replay
    from omnilab.cascade.plan_file import load_plans
    from omnilab.errors import DataError

    folder = tmp_path_factory.mktemp("cut")
    (folder / "plans.yaml").write_text(PLANS, encoding="utf-8")
    (folder / "r.csv").write_bytes(RECEIPTS)
    path = folder / f"s.{kind}"
    names = [f"m-{i}" for i in range(200)]
    table = pa.table({"timestamp": range(200), "message_id": names, "profile_id": names})
    write_table(table, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError) as error:
        replay(path, folder / "r.csv", *load_plans(folder / "plans.yaml"))
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("column", "values", "says"),
    [
        ("timestamp", [True, False], "timestamp"),
        ("message_id", [["a"], ["b"]], "message_id"),
        ("profile_id", [1.5, 2.5], "profile_id"),
        ("message_id", [b"\xff", b"\xfe"], "message_id"),
        ("channels", [b"\xff", b"\xfe"], "channels"),
    ],
)
def test_a_column_of_the_wrong_type(desk: Desk, column: str, values: object, says: str) -> None:
    good = {"timestamp": [1, 2], "message_id": ["a", "b"], "profile_id": ["c", "d"]}
    pq.write_table(pa.table(good | {column: values}), desk.folder / "x.parquet")
    desk.refuse("x.parquet", "r.csv", says=says)


@pytest.mark.parametrize("column", ["message_id", "profile_id", "plan", "channels", "zone"])
def test_text_that_is_not_utf_8(desk: Desk, column: str) -> None:
    """A Parquet file may say that a column is text where it isn't."""
    bad = pa.array([b"\xff\xfe", b"b"], pa.binary()).view(pa.string())
    good = {"timestamp": [1, 2], "message_id": ["a", "b"], "profile_id": ["c", "d"]}
    pq.write_table(pa.table(good | {column: bad}), desk.folder / "x.parquet")
    desk.refuse("x.parquet", "r.csv", says=f"{column} can't be read as text")


def test_files_without_rows_are_no_error(desk: Desk) -> None:
    empty = desk.put("e.csv", STARTS.splitlines(keepends=True)[0])
    assert desk.rejected(empty) == {"unknown_message": 2}
    header = desk.put("h.csv", RECEIPTS.splitlines(keepends=True)[0])
    assert desk.rejected("s.csv", header) == {}
    assert desk.rejected(empty, header) == {}


def test_rows_that_cannot_be_are_counted(desk: Desk) -> None:
    starts = STARTS + b"30,,carl\n40,m-c,\n50,m-a,dora\n,m-d,emil\n-5,m-e,fred\n"
    receipts = RECEIPTS + b"95,m-x,push,open\n96,m-b,sms,open\n97,m-b,push,\n5,m-b,push,open\n"
    got = desk.rejected(desk.put("s2.csv", starts), desk.put("r2.csv", receipts))
    assert got == {"bad_value": 5, "duplicate_message": 1, "unknown_message": 2, "not_sent": 1}
    rows = pd.read_csv(desk.folder / "o.csv")
    assert rows["message_id"].tolist() == ["m-a", "m-b"]


def test_no_row_is_lost(desk: Desk) -> None:
    """Started, receipts taken in and rejected rows add up to the rows of the files."""
    draw = np.random.default_rng(1)
    n = 500
    ids = [f"m-{i}" for i in draw.integers(0, 300, n)]
    frame = {"timestamp": draw.integers(-50, 500, n), "message_id": ids, "profile_id": ids}
    starts = desk.frame("s2.parquet", pd.DataFrame(frame))
    receipts = {
        "timestamp": draw.integers(-50, 9000, n),
        "message_id": [f"m-{i}" for i in draw.integers(0, 400, n)],
        "channel": draw.choice(["push", "sms", "fax"], n),
        "event": draw.choice(["open", "processed", "aperto"], n),
    }
    said = desk.replay(starts, desk.frame("r2.parquet", pd.DataFrame(receipts)), "--json",
                       "--rejected", str(desk.folder / "x.csv"))  # fmt: skip
    summary = json.loads(said.out)
    rejected = pd.read_csv(desk.folder / "x.csv")
    assert len(rejected) == sum(summary["rejected"].values())
    assert sum(summary["messages"].values()) + (rejected["file"] == "starts").sum() == n
    assert rejected["at"].is_monotonic_increasing
    unknown = sum(count for what, count in summary["unknown"].items())
    words = pd.DataFrame(receipts)
    assert unknown == (words["channel"] == "fax").sum() + (words["event"] == "aperto").sum()


def test_the_nearest_word_is_told(desk: Desk) -> None:
    said = desk.replay("s.csv", desk.put("r2.csv", RECEIPTS.replace(b",open", b",opn")))
    assert said.code == 0
    assert "r2.csv: unknown event 'opn' (did you mean 'open'?)" in said.err
    assert "1  rows rejected: bad_value" in said.err


def test_an_id_of_ten_megabytes_is_an_id(desk: Desk) -> None:
    long = b"x" * 10_000_000
    starts = desk.put("s2.csv", STARTS.replace(b"m-b", long))
    assert desk.rejected(starts) == {}
    assert (desk.folder / "o.csv").stat().st_size > len(long)
    said = desk.replay("s.csv", desk.put("r2.csv", RECEIPTS.replace(b",open", b"," + long)))
    assert said.code == 0
    assert len(said.err) < 500


@pytest.mark.parametrize(
    ("output", "more", "says"),
    [
        ("o.txt", (), "ending"),
        ("nowhere/o.csv", (), "there is no directory"),
        ("folder.csv", (), "is a directory"),
        ("s.csv", (), "would overwrite a file that this command reads"),
        ("plans.yaml", (), "would overwrite a file that this command reads"),
        ("o.csv", ("--sends", "sends.txt"), "ending"),
        ("o.csv", ("--rejected", "nowhere/r.csv"), "there is no directory"),
        ("o.csv", ("--column", "mesage_id=id"), "did you mean 'message_id'?"),
        ("o.csv", ("--column", "message_id=mesage"), "no file has a column 'mesage'"),
        ("o.csv", ("--column", "message_id"), "must look like"),
        ("o.csv", ("--control", "nowhere.txt"), "nowhere.txt"),
        ("o.csv", ("--signals", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_outputs_and_options(desk: Desk, output: str, more: tuple[str, ...], says: str) -> None:
    (desk.folder / "folder.csv").mkdir()
    if more and "=" not in more[1] and more[0] != "--column":
        more = (more[0], str(desk.folder / more[1]))
    desk.refuse("s.csv", "r.csv", *more, output=output, says=says)


@pytest.mark.parametrize(
    ("plans", "says"),
    [
        ("", "plans.yaml:1: empty file"),
        ("plans:\n  - nam: cart\n    steps: []\n", "plans.yaml:2: a plan: unknown key 'nam' (did"),
    ],
)
def test_a_bad_plan_file(desk: Desk, plans: str, says: str) -> None:
    desk.put("plans.yaml", plans.encode())
    desk.refuse("s.csv", "r.csv", says=says)


def test_all_outputs_or_none(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full at the second file leaves no first one."""
    from omnilab.cascade import formats

    real, calls = formats._write, []

    def full(table: pa.Table, path: Path, kind: str) -> None:
        calls.append(path)
        real(table, path, kind)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(formats, "_write", full)
    sends = str(desk.folder / "sends.csv")
    desk.refuse("s.csv", "r.csv", "--sends", sends, says="No space left on device")
    assert len(calls) == 2


def test_times_with_fractions_where_one_part_has_no_sends(tmp_path, capsys):
    desk = Desk(tmp_path, capsys)
    desk.put("s.csv", b"timestamp,message_id,profile_id\n10.25,m-a,anna\n")
    desk.put("r.csv", b"timestamp,message_id,channel,event\n10.75,m-a,push,open\n")
    said = desk.replay()
    assert said.code == 0, said.err
    assert '"succeeded"' in (tmp_path / "o.csv").read_text()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("channel: sms", "channel: PUSH", "differs in case only from 'push'"),
        ("1d}\n", "1d}\n  - name: two\n    steps:\n      - {channel: Push, fallback_after: 1h}\n",
         "plans.yaml:6:"),
        ("1d}\n", "1d}\n    expires_after: 0\n", "plans.yaml:6:"),
        ("1d}\n", "1d}\n    expires_after: 0min\n", "leave it out for never"),
    ],
)  # fmt: skip
def test_plans_that_could_mean_two_things_are_refused(tmp_path, capsys, old, new, said):
    desk = Desk(tmp_path, capsys)
    desk.put("plans.yaml", PLANS.replace(old, new).encode())
    got = desk.replay()
    assert got.code == 2
    assert said in got.err
    assert not (tmp_path / "o.csv").exists()


FAR_S = {"starts": 4_076_222_400, "receipts": 0}


@pytest.mark.parametrize("file", ["starts", "receipts"])
def test_one_far_time_does_not_cost_the_others(tmp_path, capsys, file):
    desk = Desk(tmp_path, capsys)
    more = {"starts": f"{FAR_S[file]},m-x,anna\n", "receipts": f"{FAR_S[file]},m-a,push,click\n"}
    desk.put("s.csv", STARTS.replace(b"10,", b"1741003210,").replace(b"20,", b"1741003220,"))
    receipts = b"timestamp,message_id,channel,event\n1741003290,m-a,push,open\n"
    desk.put("r.csv", receipts)
    alone = desk.replay()
    before = (tmp_path / "o.csv").read_text()
    name = {"starts": "s.csv", "receipts": "r.csv"}[file]
    desk.put(name, (tmp_path / name).read_bytes() + more[file].encode())
    said = desk.replay(output="o2.csv")
    assert alone.code == said.code == 0, said.err
    assert (tmp_path / "o2.csv").read_text() == before
    line = {"starts": 4, "receipts": 3}[file]
    assert f"1 row with a time 17 years or more from most starts (line {line})" in said.err


def test_a_word_file_that_says_two_things_is_refused(tmp_path, capsys):
    desk = Desk(tmp_path, capsys)
    desk.put("w.yaml", b"Gelesen: open\ngelesen: click\n")
    said = desk.replay("s.csv", "r.csv", "--events", str(tmp_path / "w.yaml"))
    assert said.code == 2
    assert "w.yaml:2: 'gelesen' stands for two events" in said.err
