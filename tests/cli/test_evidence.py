"""``omnilab evidence``: exit codes, what is printed and written, and one line for what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import omnilab
from omnilab import cli
from omnilab.errors import OptionError
from tests.experiment.evidence.studies import WHOLE, tree, write

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, tree(customers=60))

    def function(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(args)
        return (code, *capsys.readouterr())

    return function


def test_one_command_runs_prints_and_writes(call: Call, tmp_path: Path) -> None:
    code, out, err = call(
        "evidence", "one.yaml", "--json", "o.json", "--page", "o.md", "--html", "o.html", "--arms"
    )
    assert code == 0, err
    assert "Of 1 claims of 1 studies 1 were simulated" in out
    assert "ONE1 It sells" in out
    assert "ONE26: A mailshot" in out  # by --arms
    data = json.loads((tmp_path / "o.json").read_text())
    assert data["format"] == "omnilab-evidence-v1"
    assert data["claims"][0]["claim"] == "ONE1"
    assert data["studies"][0]["values"][0]["outcome"] == "orders"
    assert "omnilab evidence one.yaml" in (tmp_path / "o.md").read_text()
    assert "ONE1" in (tmp_path / "o.html").read_text()
    assert (tmp_path / "runs" / "evidence" / "ONE26.json").exists()
    code, again, err = call("evidence", "one.yaml", "--json", "-", "-q")
    assert code == 0
    assert json.loads(again) == data
    code, _, err = call("evidence", "one.yaml", "--page", "again.md", "--before", "o.json", "-q")
    assert code == 0, err
    assert "## Before and after" in (tmp_path / "again.md").read_text()
    assert "## Got worse" not in (tmp_path / "again.md").read_text()


def test_python_and_the_command_say_the_same(call: Call) -> None:
    code, out, _ = call("evidence", "one.yaml", "--json", "-", "--customers", "80", "--seed", "4")
    assert code == 0
    found = omnilab.evidence("one.yaml", customers=80, seed=4, threads=1)
    assert found.data == json.loads(out)
    assert found.claims.claim.tolist() == ["ONE1"]
    assert set(found.values.arm) == {"none", "sent"}
    assert found.rates.empty
    assert found.failures == {}


def test_a_bad_file_among_others_is_said_and_the_code_is_2(call: Call, tmp_path: Path) -> None:
    bad = write(tmp_path, tree(id="TWO26", arms=WHOLE["arms"][:1]), "two.yaml")
    code, out, err = call("evidence", "one.yaml", str(bad))
    assert code == 2
    assert f"error: left out: {bad}:" in err
    assert "two arms or more are compared" in err
    assert "ONE1" in out


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("none.yaml",), "none.yaml: no such file"),
        (("one.yml",), "error: one.yml: no such file (did you mean 'one.yaml'?)"),
        (("lew14.yaml",), "/LEW14.yaml'?)"),
        (("one.yaml", "--only", "ONE11"), "did you mean 'ONE1'?"),
        (("one.yaml", "--quick", "--customers", "50"), "--quick: give it or --customers, not both"),
        (("one.yaml", "--json", "one.yaml"), "would overwrite a file that this command reads"),
        (("one.yaml", "--fresh", "--kept"), "--fresh: give it or --kept, not both"),
        (("one.yaml", "--before", "one.yaml"), "--before: what changed stands on the page"),
        (("one.yaml", "--before", "one.yaml", "--page", "o.md"), "one.yaml: no JSON"),
        (("one.yaml", "--out", "one.yaml"), "is a file, not a directory"),
        (("one.yaml", "--customers", "0"), "--customers"),
        (("one.yaml", "--quik"), "did you mean '--quick'?"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    call: Call, tmp_path: Path, args: tuple[str, ...], text: str
) -> None:
    before = sorted(p.name for p in tmp_path.iterdir())
    code, out, err = call("evidence", *args)
    assert code == 2
    assert out == ""
    assert text in err
    assert len(err.strip().splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_what_is_kept_is_shown_and_nothing_runs(call: Call, tmp_path: Path) -> None:
    assert call("evidence", "one.yaml", "-q")[0] == 0
    write(tmp_path, tree(id="TWO26", claims=[{**WHOLE["claims"][0], "id": "TWO1"}]), "two.yaml")
    code, out, err = call("evidence", "one.yaml", "two.yaml", "--kept", "--json", "-")
    assert code == 2
    assert "error: failed: TWO26: it was not run yet" in err
    claims = {c["claim"]: c["status"] for c in json.loads(out)["claims"]}
    assert claims == {"ONE1": "simulated", "TWO1": "failed"}
    assert not (tmp_path / "runs" / "evidence" / "TWO26.json").exists()


def test_files_are_checked_without_a_run(call: Call, tmp_path: Path) -> None:
    code, out, err = call("evidence", "one.yaml", "--check")
    assert (code, out) == (0, "1 file is right: 1 claims, of which 1 can be run.\n"), err
    bad = write(tmp_path, tree(id="TWO26", arms=[]), "two.yaml")
    code, out, err = call("evidence", "one.yaml", str(bad), "--check")
    assert code == 2
    assert f"left out: {bad}:" in err
    assert not (tmp_path / "runs").exists()


def test_one_bad_file_alone_writes_nothing(call: Call, tmp_path: Path) -> None:
    bad = write(tmp_path, tree(window="1d"), "bad.yaml")
    code, out, err = call("evidence", str(bad), "--json", "o.json")
    assert (code, out) == (2, "")
    assert "window must be at least 2d" in err
    assert not (tmp_path / "o.json").exists()
    assert not (tmp_path / "runs").exists()


def test_arguments_from_python_are_checked(tmp_path: Path) -> None:
    path = write(tmp_path, tree())
    with pytest.raises(OptionError, match="quick"):
        omnilab.evidence(path, quick=True, customers=50)
    with pytest.raises(OptionError, match="only"):
        omnilab.evidence(path, only=[3])  # type: ignore[list-item]


def test_the_schema_is_printed(call: Call) -> None:
    code, out, _ = call("schema", "evidence")
    assert code == 0
    assert json.loads(out)["title"] == "omnilab evidence file"
