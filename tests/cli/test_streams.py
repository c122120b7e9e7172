"""From a run to both cores, as export-streams.md says to type it; and what is wrong is said."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from omnilab import cli
from omnilab.identity.description import DESCRIPTION
from tests.cli.laboratory import SHOP

RUN = Path("runs/coffee")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the guide's run, of fewer customers."""
    folder = tmp_path_factory.mktemp("ran")
    to = ["--out", str(folder / RUN), "--events", "-q", "--customers", "60"]
    assert cli.main(["run", "mapples-coffee-v1", "-s", "omnichannel", *to]) == 0
    return folder


@pytest.fixture
def place(ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with links to the run's files, to be broken."""
    monkeypatch.chdir(tmp_path)
    RUN.mkdir(parents=True)
    for path in (ran / RUN).iterdir():
        (RUN / path.name).symlink_to(path)
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main(list(args))
    return (code, *capsys.readouterr())


def guide(root: Path) -> list[list[str]]:
    text = (root / "docs/how-to/export-streams.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [shlex.split(line)[1:] for line in block.splitlines()]


def test_the_guides_commands_run_as_typed(root: Path, place: Path, capsys) -> None:
    told = guide(root)
    assert [args[0] for args in told] == ["run", "identity", "identity", "cascade"]
    for args in told[1:]:
        code, out, err = call(capsys, *args)
        assert code == 0, args
        assert all("rows rejected: not_sent" in line for line in err.splitlines()), err
        assert out
    profiles = pq.read_table("profiles.parquet")
    assert set(profiles["type"].to_pylist()) >= {"cookie", "login", "email", "device", "loyalty"}
    outcomes = pq.read_table("outcomes.parquet")
    assert outcomes.num_rows == pq.read_table(RUN / "starts.parquet").num_rows > 100


def test_a_run_lists_its_files(ran: Path) -> None:
    manifest = json.loads((ran / RUN / "manifest.json").read_text())
    names = {path.name for path in (ran / RUN).iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == names
    assert {"identifiers.parquet", "starts.parquet", "receipts.parquet", "plans.yaml"} <= names


def test_the_files_own_rules_can_be_replaced(place: Path, capsys) -> None:
    stream = str(RUN / "identifiers.parquet")
    own = json.loads(call(capsys, "identity", "score", stream, "--json")[1])
    asked = ["--id", "cookie=cookie", "--id", "email=email", "--truth", "person"]
    code, out, _ = call(capsys, "identity", "score", stream, *asked, "--json")
    assert code == 0
    assert json.loads(out) != own
    resolve = ["identity", "resolve", stream, "-o", "p.parquet", "--json"]
    counts = [
        json.loads(call(capsys, *resolve, *more)[1])
        for more in ([], ["--time-to-live", "cookie=1h"], ["--fan-out", "cookie=1"])
    ]
    assert counts[1]["expired"] > counts[0]["expired"]
    assert counts[2]["shared"] > counts[0]["shared"] == 0


def cut(path: Path) -> None:
    """Replace the link by the file's first half."""
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize("name", ["identifiers", "starts", "receipts"])
def test_a_file_cut_in_the_middle_is_said(place: Path, capsys, name: str) -> None:
    cut(RUN / f"{name}.parquet")
    args = ["cascade", "replay", str(RUN / "starts.parquet"), str(RUN / "receipts.parquet")]
    if name == "identifiers":
        args = ["identity", "resolve", str(RUN / "identifiers.parquet")]
    code, out, err = call(capsys, *args, "-o", "out.parquet")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert f"{name}.parquet" in err
    assert "can't be read" in err
    assert not Path("out.parquet").exists()


def test_what_is_missing_is_said(place: Path, capsys) -> None:
    (RUN / "plans.yaml").unlink()
    args = ["cascade", "replay", str(RUN / "starts.parquet"), str(RUN / "receipts.parquet")]
    code, _, err = call(capsys, *args, "-o", "out.parquet")
    assert code == 2
    assert "--plans" in err
    assert "plans.yaml" in err
    pq.write_table(pa.table({"person": [1], "cookie": [2]}), "plain.parquet")
    code, _, err = call(capsys, "identity", "score", "plain.parquet", "--id", "cookie=cookie")
    assert code == 2
    assert "--truth" in err
    for command in ("resolve", "score"):
        more = ["-o", "x.parquet"] if command == "resolve" else ["--truth", "person"]
        code, _, err = call(capsys, "identity", command, "plain.parquet", *more)
        assert code == 2
        assert "which columns hold identifiers" in err
        code, _, err = call(capsys, "identity", command, "nowhere.parquet", *more)
        assert code == 2
        assert "no such file" in err


@pytest.mark.parametrize(
    "said",
    ["{", "[]", "{}", '{"identifiers": [["a"]], "time": null, "policy": {}, "truth": "p"}',
     '{"identifiers": [], "time": null, "policy": {}, "truth": "p"}',
     '{"identifiers": [["a", "b"]], "time": 1, "policy": {"unique": "x"}, "truth": "p"}'],
)  # fmt: skip
def test_a_broken_description_is_said(place: Path, capsys, said: str) -> None:
    table = pa.table({"person": [1], "cookie": [2]})
    pq.write_table(table.replace_schema_metadata({DESCRIPTION: said}), "odd.parquet")
    code, _, err = call(capsys, "identity", "resolve", "odd.parquet", "-o", "x.parquet")
    assert code == 2
    assert len(err.splitlines()) == 1
    assert DESCRIPTION in err


def test_a_run_that_fails_leaves_no_spool(place: Path, capsys, monkeypatch) -> None:
    from omnilab.export.streams import Streams

    Path("lab.yaml").write_text(SHOP, encoding="utf-8")

    def full(_self: Streams) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Streams, "_write_starts", full)
    asked = ["run", "lab.yaml", "-s", "omnichannel", "--events", "--customers", "40", "-q"]
    code, _, err = call(capsys, *asked, "--out", "other/run")
    assert code == 2
    assert "the disk is full" in err
    assert not Path("other").exists()
