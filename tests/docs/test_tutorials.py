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


def steps_of(text: str) -> tuple[list[str], str]:
    """Return a page's blocks to type after the installation, and its workflow."""
    (workflow,) = [block for block in blocks(text, "yaml") if "\njobs:" in block]
    return [b for b in blocks(text, "sh") if "pip" not in b and "git add" not in b], workflow


def three_files(folder: Path, *, from_nothing: bool = False) -> None:
    """Write the tutorial's shop, one of the two, its plan and its gate."""
    extends, own, plan, gate = blocks(page(GATE_PAGE), "yaml")[:4]
    files = {"shop.yaml": own if from_nothing else extends, "kicks.yaml": plan, "gates.yaml": gate}
    for name, text in files.items():
        assert f"`{name}`" in page(GATE_PAGE)
        (folder / name).write_text(text, encoding="utf-8")


def test_the_way_to_a_gate_is_short() -> None:
    assert len(page(GATE_PAGE).split()) <= MOST_WORDS


def test_both_pages_plant_the_same_harm() -> None:
    (planted,) = [b for b in blocks(page(GATE_PAGE), "sh") if "harm.yaml <<" in b]
    assert planted in blocks(page(HOW_TO), "sh")


@pytest.mark.slow
def test_a_question_becomes_a_gate_that_bites(tmp_path: Path) -> None:
    """Run to the letter, with all customers; what the page shows is what is said."""
    three_files(tmp_path)
    text = page(GATE_PAGE)
    (validate, ship, harm, red), _ = steps_of(text)
    shown = [block.splitlines() for block in blocks(text, "text")]
    for block, expected, lines in (
        (validate, 0, ["shop.yaml: ok", *shown[0]]), (ship, 0, shown[1]), (harm, 1, shown[2]),
    ):  # fmt: skip
        code, said = shell(block, tmp_path)
        assert code == expected, said
        assert [line for line in lines if line not in said] == [], said
        assert "warning" not in said
    for passes in ("LTV, EUR", "Unsubscribe rate, points", "Complaint rate, points"):
        assert re.search(rf"{passes}  +passes", said), said
    before = (tmp_path / "kicks.yaml").read_text(encoding="utf-8")
    assert shell(red, tmp_path)[0] == 0
    assert before != (tmp_path / "kicks.yaml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_shop_from_nothing_goes_the_same_way(tmp_path: Path) -> None:
    """The other shop, which extends nothing: its verdicts are those that the page tells."""
    three_files(tmp_path, from_nothing=True)
    assert "extends" not in (tmp_path / "shop.yaml").read_text(encoding="utf-8")
    (validate, check, harm, _), _ = steps_of(page(GATE_PAGE))
    for block, expected, line in (
        (validate, 0, "shop.yaml: ok"), (check, 1, "DISCUSS"), (harm, 1, "DO NOT SHIP"),
    ):  # fmt: skip
        code, said = shell(block, tmp_path)
        assert code == expected, said
        assert line in said
        assert "warning" not in said
    assert "Stop-all rate, points: fails" in said


@pytest.mark.slow
def test_the_pull_request_is_red_and_an_unchanged_plan_is_not(tmp_path: Path) -> None:
    """The workflow's own lines in a repository whose `main` has the plan of today."""
    three_files(tmp_path)
    (*_, harm, red), workflow = steps_of(page(GATE_PAGE))
    keep, send = [b for b in blocks(page(GATE_PAGE), "sh") if "git add" in b]
    for name in ("wheels/omnilab.whl", ".venv/lib", ".github/workflows/omnilab.yml"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(workflow, encoding="utf-8")
    author = "git config user.name x && git config user.email x@y.invalid\n"
    add, commit, push = send.splitlines()
    assert push == "git push origin main"
    sent = "git update-ref refs/remotes/origin/main HEAD"
    code, said = shell("\n".join(["git init -q .", author, keep, add, commit, sent]), tmp_path)
    assert code == 0, said
    assert shell("git status --porcelain", tmp_path) == (0, "")  # nothing is left, nor .venv in it
    assert ".venv" not in shell("git ls-files", tmp_path)[1]
    steps = yaml.safe_load(workflow)["jobs"]["gate"]["steps"]
    runs = [step["run"] for step in steps if "run" in step and "pip" not in step["run"]]
    assert len(runs) == 2
    summary = tmp_path.with_suffix(".md")
    code, said = shell("\n".join(runs), tmp_path, GITHUB_STEP_SUMMARY=str(summary))
    assert code == 0, said
    # The red one loosens its own gate, too: that of `main` judges.
    planted = harm.partition("omnilab check")[0] + red
    planted += "sed -i 's/worse_by: .*}/worse_by: 90%}/; s/share: 10%/share: 9000%/' gates.yaml\n"
    assert shell(f"{planted}rm -r judge", tmp_path)[0] == 0
    assert "worse_by: 90%" in (tmp_path / "gates.yaml").read_text(encoding="utf-8")
    code, said = shell("\n".join(runs), tmp_path, GITHUB_STEP_SUMMARY=str(summary))
    assert code == 1, said
    assert shell("git status --porcelain", tmp_path)[1].split() == [
        "M", "gates.yaml", "M", "kicks.yaml",
    ]  # fmt: skip
    assert "DO NOT SHIP" in summary.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_planted_harm_turns_the_how_to_s_gate_red_and_a_tight_world_hides_it(
    tmp_path: Path,
) -> None:
    three_files(tmp_path)
    (gate,) = [b for b in blocks(page(HOW_TO), "yaml") if b.startswith("level:")]
    (tmp_path / "gates.yaml").write_text(gate, encoding="utf-8")
    (harm,) = [b for b in blocks(page(HOW_TO), "sh") if "harm.yaml <<" in b]
    code, said = shell(harm, tmp_path)
    assert code == 1, said
    assert "DO NOT SHIP" in said
    failed = set(re.findall(r"^(.+?)(?:, points)?: fails: ", said, re.MULTILINE))
    assert {"Stop-all rate", "Messages per customer"} <= failed
    shop = tmp_path / "shop.yaml"
    shop.write_text(shop.read_text(encoding="utf-8").replace("messages: 14", "messages: 3"))
    code, said = shell(harm, tmp_path)
    assert code == 2, said
    assert "a plan may lower the cap, not raise it" in said


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
