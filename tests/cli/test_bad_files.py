"""Files that can't be used, by each command that reads a user's data: one line, nothing written."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from omnilab import cli

GOOD = {
    "events.csv": "time,email,who\n1,a@x,p\n2,b@x,q\n",
    "starts.csv": "timestamp,message_id,profile_id\n100,m1,p1\n",
    "receipts.csv": "timestamp,message_id,channel,event\n110,m1,push,open\n",
    "plans.yaml": "plans:\n  - name: p\n    steps:\n"
    "      - {channel: push, fallback_after: 2h, success_status: opened}\n",
}
LOG = "customer_id,date,amount\na,2024-01-01,5\nb,2024-02-01,5\na,2024-02-02,6\n"
BAD: dict[str, bytes | None] = {
    "none.csv": None,
    "empty.csv": b"",
    "binary.csv": np.random.default_rng(1).bytes(3000),
    "cut.csv": b"time,email,who\n1,a@x,p\n2,b@x",
    "cut.csv.gz": gzip.compress(LOG.encode() * 99, mtime=0)[:60],
    "bad.parquet": b"PAR1 and nothing else",
    "folder.csv": None,
}
COMMANDS = {
    "resolve": ["identity", "resolve", "BAD", "-o", "out.parquet", "--id", "email=email"],
    "score": ["identity", "score", "BAD", "--truth", "who", "--id", "email=email"],
    "starts": ["cascade", "replay", "BAD", "receipts.csv", "-p", "plans.yaml", "-o", "out.csv"],
    "receipts": ["cascade", "replay", "starts.csv", "BAD", "-p", "plans.yaml", "-o", "out.csv"],
    "plans": ["cascade", "replay", "starts.csv", "receipts.csv", "-p", "BAD", "-o", "out.csv"],
    "fit": ["fit", "BAD", "--status-quo", "no_contact", "-o", "out.yaml"],
    "compare": ["compare", "BAD", "--out", "out"],
    "run": ["run", "BAD", "-s", "no_contact", "--out", "out"],
    "validate": ["validate", "BAD"],
    "twin": ["twin", "BAD", "1"],
    "bench": ["bench", "no_contact", "--scenario", "BAD"],
    "verify": ["verify", "BAD"],
    "rates": ["verify", "--rates", "BAD"],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in GOOD.items():
        Path(name).write_text(text, encoding="utf-8")
    return tmp_path


def one_line(capsys: pytest.CaptureFixture[str], args: list[str]) -> str:
    assert cli.main(args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_and_file(folder: Path, capsys, command: str, name: str) -> None:
    content = BAD[name]
    if content is not None:
        Path(name).write_bytes(content)
    elif name.startswith("folder"):
        Path(name).mkdir()
    before = sorted(p.name for p in folder.iterdir())
    assert name in one_line(capsys, [name if word == "BAD" else word for word in COMMANDS[command]])
    assert sorted(p.name for p in folder.iterdir()) == before


@pytest.mark.parametrize("output", [".", "none/out.parquet"])
@pytest.mark.parametrize(
    "args",
    [
        ["identity", "resolve", "events.csv", "--id", "email=email", "-o", "OUT"],
        ["identity", "resolve", "events.csv", "--id", "email=email", "-o", "x.parquet",
         "--rows", "OUT"],
        ["cascade", "replay", "starts.csv", "receipts.csv", "-p", "plans.yaml", "-o", "OUT"],
        ["cascade", "replay", "starts.csv", "receipts.csv", "-p", "plans.yaml", "-o", "x.csv",
         "--sends", "OUT"],
    ],
)  # fmt: skip
def test_outputs_that_can_not_be_written(folder: Path, capsys, args, output: str) -> None:
    line = one_line(capsys, [output if word == "OUT" else word for word in args])
    assert "is a directory" in line or "there is no directory" in line
    assert sorted(p.name for p in folder.iterdir()) == sorted(GOOD)
