"""``omnilab export`` and ``omnilab score``: files, exit codes and errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock, patch

import numpy as np
import pandas as pd
import pytest

from omnilab import cli
from omnilab.interop.kinds import KINDS
from tests.cli.laboratory import SHOP

#: The laboratory's shop, with a web shop that knows who buys.
SEEN = SHOP.replace(
    "    visit: {}\n",
    "    visit:\n      idle: 1.0\n      completes: 60%\n      identifiers:\n"
    "        - {type: cookie, share: 100%}\n        - {type: email, share: 90%, when: order}\n",
)


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(SEEN, encoding="utf-8")
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


def run(*args: str) -> int:
    return cli.main(["export", "shop.yaml", "--customers", "30", "--threads", "1", *args])


def test_tables_are_written_with_their_checksums(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = "scikit-uplift,tea-tasting,bandit,segment"
    assert run("-s", "multichannel", "--to", kinds, "--out", "tables") == 0
    manifest = json.loads(Path("tables/manifest.json").read_text("utf-8"))
    assert manifest["kinds"] == kinds.split(",")
    assert {p.name for p in Path("tables").iterdir()} == {*manifest["files"], "manifest.json"}
    assert (manifest["strategies"], manifest["control"]) == (["multichannel"], "no_contact")
    with np.load("tables/bandit.npz", allow_pickle=False) as log:
        assert int(log["n_rounds"]) == 30
    assert len(pd.read_csv("tables/tea-tasting.csv")) == 30
    assert not list(Path().glob(".*.partial"))
    before = Path("tables/scikit-uplift.csv").read_bytes()
    assert run("-s", "multichannel", "--to", "scikit-uplift", "--out", "again") == 0
    assert Path("again/scikit-uplift.csv").read_bytes() == before
    assert "scikit-uplift.csv" in capsys.readouterr().err


def test_every_kind_is_named_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.replace("-\n", "-").split()).replace("- ", "-")
    assert [kind for kind in KINDS if kind not in said] == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--to", "meridan", "--out", "x"], "did you mean 'meridian'?"),
        (["--to", "clv,", "--out", "x"], "there is no kind of export ''"),
        (["--to", "clv"], "--to needs --out DIR"),
        (["--out", "x"], "give --to KIND and --out DIR, or --bundle DIR alone"),
        (["--to", "clv", "--bundle", "x"], "give --to KIND and --out DIR, or --bundle DIR"),
        (["--to", "clv", "--out", "x", "--clean", "receipts"], "--clean belongs to --bundle"),
        (["-s", "no_contact", "--control", "multichannel", "--to", "robyn", "--out", "x"],
         "--to robyn: no_contact sends no message and buys no click"),
        (["-s", "no_contact", "--control", "multichannel", "--bundle", "x"],
         "--bundle: no_contact sends no message"),
        (["-s", "no_contact", "--control", "multichannel", "--to", "causalml", "--out", "x"],
         "--to causalml: lab-v1: no_contact writes to none of 30 customers"),
        (["-s", "no_contact", "--to", "clv", "--out", "x"], "no_contact is named twice"),
        (["--to", "xlsx", "--out", "x"], "--to xlsx"),
        (["--to", "clv", "--out", "there"], "--out there is there already"),
        (["--bundle", "there"], "--bundle there is there already"),
        (["--to", "clv", "--out", "no/such"], "there is no directory"),
    ],
)  # fmt: skip
def test_bad_input_exits_with_2_and_writes_nothing(
    args: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("there").mkdir()
    Path("there/mine.txt").write_text("mine", encoding="utf-8")
    assert run(*args) == 2
    said = [x for x in capsys.readouterr().err.splitlines() if x.startswith("error")]
    assert len(said) == 1
    assert words in said[0]
    assert sorted(p.name for p in Path().iterdir()) == ["shop.yaml", "there"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("runs/mina", " (did you mean 'runs/mine'?)"),
        ("runs_mine", " (did you mean 'runs/mine'?)"),
        ("retailer-v", " (did you mean 'retailer-v1'?)"),
        ("qqqq", "; omnilab list has the scenarios"),
    ],
)
def test_a_name_of_nothing_may_be_a_run_or_a_scenario(
    name: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("runs/mine").mkdir(parents=True)
    Path("runs/mine/manifest.json").write_text("{}", encoding="utf-8")
    assert cli.main(["export", name, "--to", "clv", "--out", "x"]) == 2
    said = capsys.readouterr().err
    assert (
        said == f"error: {name}: there is no such run directory, file or shipped scenario{hint}\n"
    )


def test_a_workbook_has_every_table() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    assert run("-s", "multichannel", "--to", "xlsx,scikit-uplift", "--out", "tables") == 0
    book = openpyxl.load_workbook("tables/tables.xlsx", read_only=True)
    assert book.sheetnames == ["scikit-uplift", "trial-truth"]
    table = pd.read_csv("tables/scikit-uplift.csv")
    sheet = pd.read_excel("tables/tables.xlsx", sheet_name="scikit-uplift")
    pd.testing.assert_frame_equal(table, sheet, check_dtype=False)


def test_a_run_is_exported_with_its_own_customers_and_seed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("openpyxl")
    shop = ["shop.yaml", "--customers", "20", "--seed", "5", "--threads", "1", "-q"]
    named = ["-s", "no_contact", "-s", "multichannel"]
    assert cli.main(["compare", *shop, *named, "--quick", "--out", "run"]) == 0
    assert cli.main(["export", "run", "--to", "splink,xlsx", "--out", "tables", "-q"]) == 0
    manifest = json.loads(Path("tables/manifest.json").read_text("utf-8"))
    assert (manifest["customers"], manifest["seed"]) == (20, 5)
    kept = json.loads(Path("run/manifest.json").read_text("utf-8"))
    digests = {s["name"]: s["log_digest"] for s in kept["strategies"]}
    assert manifest["logs"] == {"multichannel": digests["multichannel"]}
    sheets = pd.ExcelFile("tables/tables.xlsx").sheet_names
    assert {"results", "differences", "splink"} <= set(sheets)
    assert cli.main(["export", "run", "--to", "clv", "--out", "t2", "--seed", "2"]) == 2
    assert "a run directory has its own" in capsys.readouterr().err
    for strategy in kept["strategies"]:
        strategy["log_digest"] = strategy["log_digest"][::-1]
    Path("run/manifest.json").write_text(json.dumps(kept), encoding="utf-8")
    assert cli.main(["export", "run", "--to", "splink", "--out", "t3", "-q"]) == 2
    assert "is not that of the run" in capsys.readouterr().err
    assert not Path("t3").exists()


def _no_score_is_worked_out_for_a_board_that_can_not_take_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("notes.csv").write_text("my,notes\n1,2\n", encoding="utf-8")
    row = "task,name,measure,value,better\nclv,own past,x,1,lower\n"
    Path("full.csv").write_text(row, encoding="utf-8")
    works = Mock(side_effect=AssertionError("a method was tried"))
    with patch("omnilab.interop.scoring.score", works):
        for board, said in (("notes.csv", "is no leaderboard"), ("full.csv", "already")):
            before = Path(board).read_bytes()
            assert cli.main(["score", "b", "--public-methods", "--board", board]) == 2
            err = capsys.readouterr().err
            assert said in err
            assert err.count("\n") == 1
            assert Path(board).read_bytes() == before
    works.assert_not_called()


def test_a_bundle_is_written_and_scored(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-s", "multichannel", "--seed", "3", "--bundle", "b", "-q") == 0
    truth = pd.read_csv("b/secret/links.csv")
    truth.to_csv("mine.csv", index=False)
    capsys.readouterr()
    assert cli.main(["score", "b", "mine.csv", "--json", "-"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["scores"]
    assert (found["task"], found["name"], found["bcubed_f1"]) == ("linkage", "mine", 1.0)
    assert set(pd.read_csv("b/leaderboard.csv")["name"]) == {"mine"}
    assert cli.main(["score", "b", "mine.csv"]) == 2
    assert "it is on b/leaderboard.csv for linkage already" in capsys.readouterr().err
    assert cli.main(["score", "b", "mine.csv", "--name", "other", "--board", "own.csv"]) == 0
    assert set(pd.read_csv("own.csv")["name"]) == {"other"}
    assert cli.main(["score", "b", "mine.csv", "--board", "b/public/records.csv"]) == 2
    assert "would overwrite a file that this command reads" in capsys.readouterr().err
    _no_score_is_worked_out_for_a_board_that_can_not_take_it(capsys)
    assert cli.main(["score", "b"]) == 2
    assert "give SUBMISSION or --public-methods" in capsys.readouterr().err
    with Path("b/public/records.csv").open("a", encoding="utf-8") as file:
        file.write("x\n")
    assert cli.main(["score", "b", "mine.csv", "--name", "third"]) == 2
    said = capsys.readouterr().err
    assert "b/public/records.csv" in said
    assert "was changed since the bundle was written" in said
