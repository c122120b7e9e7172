"""The tutorials' decisions can be taken as they stand: a gate to the letter, the rest small."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from omnilab import cli
from tests.docs.pages import blocks, page

GATE_PAGE = "tutorial/5-from-question-to-gate.md"
HOW_TO = "how-to/gate-in-ci.md"
MOST_WORDS = 1600  # eight minutes of a reader who reads 200 a minute


def shell(text: str, folder: Path, **environment: str) -> tuple[int, str]:
    """Run a block as a reader's shell does; return the code and all that is said."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text], cwd=folder, check=False,
        env=os.environ | {"PATH": path, "COLUMNS": "200"} | environment, capture_output=True,
        text=True, timeout=600,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def typed(text: str) -> list[str]:
    """Return a page's blocks to type after the installation, those with git apart."""
    return [b for b in blocks(text, "sh") if "pip" not in b and "git add" not in b]


def started(folder: Path) -> None:
    """Write the files by the page's own line."""
    first = typed(page(GATE_PAGE))[0].splitlines()[0]
    assert first.startswith("omnilab start . --name kicks ")
    code, said = shell(first, folder)
    assert code == 0, said


def test_the_way_to_a_gate_is_short() -> None:
    assert len(page(GATE_PAGE).split()) <= MOST_WORDS


def test_both_pages_plant_the_same_harm() -> None:
    (planted,) = [b for b in blocks(page(GATE_PAGE), "sh") if "-s harm.yaml" in b]
    assert planted in blocks(page(HOW_TO), "sh")


def test_the_page_lists_the_files_that_are_written(tmp_path: Path) -> None:
    started(tmp_path)
    files = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert set(re.findall(r"^\| `(\S+)` \|", page(GATE_PAGE), re.MULTILINE)) == files


@pytest.mark.slow
def test_a_question_becomes_a_gate_that_bites(tmp_path: Path) -> None:
    """Run to the letter, with all customers; what the page shows is what is said."""
    text = page(GATE_PAGE)
    start, harm, red = typed(text)
    assert "`omnilab validate shop.yaml`" in text
    shown = [block.splitlines() for block in blocks(text, "text")]
    for block, expected, lines in (
        (start, 0, shown[0]), ("omnilab validate shop.yaml", 0, ["shop.yaml: ok"]),
        (harm, 1, shown[1]),
    ):  # fmt: skip
        code, said = shell(block, tmp_path)
        assert code == expected, said
        assert [line for line in lines if line not in said] == [], said
        assert "warning" not in said
    before = (tmp_path / "kicks.yaml").read_text(encoding="utf-8")
    assert shell(red, tmp_path)[0] == 0
    assert before != (tmp_path / "kicks.yaml").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    "channels",
    [
        "web,email", "store,sms", "web,store,email,messenger", "marketplace,email", "store,mail",
        "app,push", "web,app,push,store,email,sms,messenger,social,social_ad,call,mail",
    ],
)  # fmt: skip
def test_the_harm_bites_over_other_channels(channels: str, tmp_path: Path) -> None:
    """Whatever the shop, the gate that is written stops the harm that is written beside it."""
    shell(f"omnilab start . --name wine --every 40d --channels {channels}", tmp_path)
    line = "omnilab check shop.yaml --gate gates.yaml -q -s"
    code, said = shell(f"{line} wine.yaml --json -", tmp_path)
    assert '"do not"' not in said, said
    code, said = shell(f"{line} harm.yaml", tmp_path)
    assert code == 1, said
    assert "Messages per customer: fails" in said


@pytest.mark.slow
def test_the_pull_request_is_red_and_an_unchanged_plan_is_not(tmp_path: Path) -> None:
    """The workflow's own lines in a repository whose `main` has the plan of today."""
    folder = tmp_path / "shop"
    folder.mkdir()
    shell("git init -q . && git config user.name x && git config user.email x@y.invalid", folder)
    started(folder)
    for name in ("wheels/omnilab.whl", ".venv/lib"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("a wheel", encoding="utf-8")
    (send,) = [b for b in blocks(page(GATE_PAGE), "sh") if "git add" in b]
    lines = send.splitlines()
    assert lines[-1] == "git push origin main"
    sent = "git update-ref refs/remotes/origin/main HEAD"
    code, said = shell("\n".join([*lines[:-1], sent]), folder)
    assert code == 0, said
    assert shell("git status --porcelain", folder) == (0, "")  # nothing is left, nor .venv in it
    assert ".venv" not in shell("git ls-files", folder)[1]
    workflow = (folder / ".github/workflows/omnilab.yml").read_text(encoding="utf-8")
    steps = yaml.safe_load(workflow)["jobs"]["gate"]["steps"]
    runs = [step["run"] for step in steps if "run" in step and "pip" not in step["run"]]
    assert len(runs) == 2
    summary = folder.with_suffix(".md")
    code, said = shell("\n".join(runs), folder, GITHUB_STEP_SUMMARY=str(summary))
    assert code == 0, said
    assert "no change" in said
    # The red one loosens its own gate, too: that of `main` judges.
    planted = typed(page(GATE_PAGE))[-1]
    planted += "sed -i 's/worse_by: .*}/worse_by: 90%}/; s/share: 10%/share: 9000%/' gates.yaml\n"
    assert shell(f"{planted}rm -r judge", folder)[0] == 0
    assert "worse_by: 90%" in (folder / "gates.yaml").read_text(encoding="utf-8")
    code, said = shell("\n".join(runs), folder, GITHUB_STEP_SUMMARY=str(summary))
    assert code == 1, said
    assert shell("git status --porcelain", folder)[1].split() == [
        "M", "gates.yaml", "M", "kicks.yaml",
    ]  # fmt: skip
    assert "DO NOT SHIP" in summary.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_planted_harm_turns_the_how_to_s_gate_red_and_a_tight_world_hides_it(
    tmp_path: Path,
) -> None:
    started(tmp_path)
    (gate,) = [b for b in blocks(page(HOW_TO), "yaml") if b.startswith("level:")]
    (tmp_path / "gates.yaml").write_text(gate, encoding="utf-8")
    (harm,) = [b for b in blocks(page(HOW_TO), "sh") if "-s harm.yaml" in b]
    code, said = shell(harm, tmp_path)
    assert code == 1, said
    assert "DO NOT SHIP" in said
    failed = set(re.findall(r"^(.+?)(?:, points)?: fails: ", said, re.MULTILINE))
    assert {"Stop-all rate", "Messages per customer"} <= failed
    assert re.search(r"Complaint rate, points  +passes", said), said
    shop = tmp_path / "shop.yaml"
    shop.write_text(shop.read_text(encoding="utf-8").replace("messages: 14", "messages: 1"))
    code, said = shell(harm, tmp_path)
    assert code == 1, said
    assert "DISCUSS" in said
    assert not re.search("^Messages per customer: fails", said, re.MULTILINE), said


@pytest.mark.slow
def test_a_question_becomes_a_live_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = page("tutorial/6-from-question-to-live-test.md")
    (gate,) = blocks(text, "yaml")
    (tmp_path / "gates.yaml").write_text(gate, encoding="utf-8")
    lines = "".join(blocks(text, "sh")).splitlines()
    told = [shlex.split(line)[1:] for line in lines]
    assert [args[0] for args in told] == ["compare", "ablate", "check", "plan"]
    for args in told:
        if args[0] != "plan":  # which refuses a difference that may be none
            args[args.index("--customers") + 1] = "100"
        code = cli.main([*args, "--quick"] if args[0] == "compare" else args)
        assert code in ((0, 1) if args[0] == "check" else (0,)), args
    assert "omnichannel" in (tmp_path / "coffee.json").read_text(encoding="utf-8")
    assert "<testsuite" in (tmp_path / "junit.xml").read_text(encoding="utf-8")
    said = capsys.readouterr().out
    assert re.search(r"\b(ship|discuss|do not)\b", said)
