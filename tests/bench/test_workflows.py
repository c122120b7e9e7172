"""The workflows: they can be read, are pinned, may do little, and find their own comment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.gate.table import MARKER

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(file: Path) -> dict[Any, Any]:
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_there_are_workflows() -> None:
    assert {f.name for f in FILES} >= {"bench-gate.yml", "ci.yml"}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_actions_are_pinned_by_major_version(file: Path) -> None:
    used = [step["uses"] for step in steps(read(file)) if "uses" in step]
    assert used
    other = [u for u in used if not u.startswith("./.github/actions/")]  # ours, of this commit
    assert [u for u in other if not re.fullmatch(r"[\w.-]+/[\w./-]+@v\d+", u)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_nothing_may_write_by_default(file: Path) -> None:
    workflow = read(file)
    assert workflow["permissions"] == {"contents": "read"}
    # What the pull request's own code could do with a token that writes is the reason.
    for job in workflow["jobs"].values():
        if "permissions" in job:
            assert job["permissions"] == {"pull-requests": "write"}
            used = [step.get("uses", "") for step in job["steps"]]
            assert not any(u.startswith("actions/checkout@") for u in used)
            assert not any("run" in step for step in job["steps"])


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_no_event_text_gets_into_a_shell(file: Path) -> None:
    assert [s["run"] for s in steps(read(file)) if "${{" in s.get("run", "")] == []


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_every_job_ends(file: Path) -> None:
    assert all("timeout-minutes" in job for job in read(file)["jobs"].values())


def test_ci_runs_on_both_ends_of_the_supported_versions() -> None:
    (job,) = read(ROOT / ".github" / "workflows" / "ci.yml")["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
    run = [step.get("run", "") for step in job["steps"]]
    assert "make lint" in run
    assert {"make test", "make test-slow"} <= set(run)


def test_the_comment_is_found_by_the_tables_first_line() -> None:
    text = (ROOT / ".github" / "workflows" / "bench-gate.yml").read_text(encoding="utf-8")
    assert f"const marker = '{MARKER}'" in text


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_what_make_is_asked_for_is_there(file: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = re.findall(r"\bmake ([a-z-]+)", " ".join(s.get("run", "") for s in steps(read(file))))
    assert set(asked) <= targets
