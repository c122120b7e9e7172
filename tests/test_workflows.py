"""Workflows and the action: their form, and what they run, on a small scenario."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from omnilab.starter.files import WORKFLOW, starter_files
from tests.starter.building import answers

ROOT = Path(__file__).resolve().parents[1]
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
ACTION = ROOT / ".github" / "actions" / "gate" / "action.yml"
CHECK = ROOT / ".github" / "actions" / "check" / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PAGE = (ROOT / "docs/how-to/gate-in-ci.md").read_text(encoding="utf-8")


def document(text: str) -> dict[str, Any]:
    """Return a YAML file; its `on` is the word, not the truth value that YAML 1.1 makes of it."""
    root = yaml.safe_load(text)
    return {("on" if key is True else key): value for key, value in root.items()}


def to_copy() -> tuple[str, str]:
    """Return the workflows to copy of docs/how-to/gate-in-ci.md: in plain lines, and by actions."""
    found = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    plain, by_actions = [block for block in found if "\njobs:" in block]
    return str(plain), str(by_actions)


def of_start() -> str:
    """Return the workflow that `omnilab start` writes."""
    return starter_files(answers())[WORKFLOW]


FILES = {path.name: path.read_text(encoding="utf-8") for path in WORKFLOWS} | {
    "plain.md": to_copy()[0],
    "actions.md": to_copy()[1],
    "start.yml": of_start(),
}


def test_start_writes_the_workflow_of_the_page() -> None:
    """Comments apart, what stands in both is the same."""
    assert document(FILES["plain.md"]) == document(FILES["start.yml"])


def expressions(value: Any) -> list[str]:
    if isinstance(value, str):
        return re.findall(r"\$\{\{(.*?)\}\}", value)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [found for part in parts for found in expressions(part)]


def step_faults(step: dict[str, Any], *, composite: bool) -> list[str]:
    """Return what is wrong with a step."""
    faults = []
    known = {"name", "id", "if", "uses", "with", "run", "shell", "env", "continue-on-error"}
    known |= {"working-directory", "timeout-minutes"}
    if set(step) - known:
        faults.append(f"unknown keys {set(step) - known}")
    if ("uses" in step) == ("run" in step):
        faults.append("uses or run")
    if "uses" in step and not re.fullmatch(
        r"\./\S+|[\w.-]+/[\w./-]+@(v\d+|[0-9a-f]{40}|REF)", step["uses"]
    ):
        faults.append(f"not pinned: {step['uses']}")
    if "run" in step:
        if composite and "shell" not in step:
            faults.append("a composite step needs a shell")
        if expressions(step["run"]):
            faults.append("an expression in a script: put it into env")
        checked = subprocess.run(["bash", "-n"], input=step["run"], text=True, capture_output=True)
        faults += checked.stderr.splitlines()
    return faults


@pytest.mark.parametrize("name", FILES)
def test_workflows_have_their_form(name: str) -> None:
    workflow = document(FILES[name])
    assert {"name", "on", "jobs", "permissions"} <= set(workflow)
    assert set(workflow) <= {"name", "on", "jobs", "permissions", "concurrency", "env"}
    for job in workflow["jobs"].values():
        assert {"runs-on", "steps", "timeout-minutes"} <= set(job)
        assert [f for step in job["steps"] for f in step_faults(step, composite=False)] == []
        needs = job.get("needs", [])
        assert set([needs] if isinstance(needs, str) else needs) <= set(workflow["jobs"])


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.parent.name)
def test_an_action_has_its_form(path: Path) -> None:
    action = document(path.read_text(encoding="utf-8"))
    assert set(action) == {"name", "description", "inputs", "runs"}
    for entry in action["inputs"].values():
        assert entry["description"]
        assert entry.get("required") or isinstance(entry["default"], str)
    assert action["runs"]["using"] == "composite"
    ids: list[str] = []
    for step in action["runs"]["steps"]:
        assert step_faults(step, composite=True) == []
        for expression in expressions({k: v for k, v in step.items() if k != "run"}):
            for name in re.findall(r"inputs\.([\w-]+)", expression):
                assert name in action["inputs"]
            for name in re.findall(r"steps\.([\w-]+)", expression):
                assert name in ids
        ids.append(step.get("id", ""))


@pytest.mark.parametrize(
    "step",
    [
        {"run": "if true", "shell": "bash"},
        {"run": "echo ${{ inputs.strategy }}", "shell": "bash"},
        {"run": "true"},
        {"uses": "actions/checkout"},
        {"uses": "actions/checkout@v4", "run": "true", "shell": "bash"},
        {"uses": "actions/checkout@v4", "wiht": {}},
    ],
)
def test_a_wrong_step_is_noticed(step: dict[str, Any]) -> None:
    assert step_faults(step, composite=True)


@pytest.mark.parametrize("name", ["actions.md", "strategy-gate.yml"])
def test_the_action_is_used_with_its_inputs(name: str) -> None:
    inputs = document(ACTION.read_text(encoding="utf-8"))["inputs"]
    steps = document(FILES[name])["jobs"]["gate"]["steps"]
    (step,) = [s for s in steps if "actions/gate" in s.get("uses", "")]
    assert set(step["with"]) <= set(inputs)
    assert {key for key, entry in inputs.items() if entry.get("required")} <= set(step["with"])


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.parent.name)
def test_an_action_judges_no_shop_that_nobody_named(path: Path) -> None:
    scenario = document(path.read_text(encoding="utf-8"))["inputs"]["scenario"]
    assert scenario["required"] is True
    assert "default" not in scenario


@pytest.mark.parametrize(("fail_on", "passed"), [("", ""), ("do-not", "--fail-on do-not")])
def test_the_check_hands_on_what_fails_the_build(
    tmp_path: Path, fail_on: str, passed: str
) -> None:  # fmt: skip
    """With a command in omnilab's place that only says how it was called."""
    stub = tmp_path / "bin" / "omnilab"
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    stub.chmod(0o755)
    (tmp_path / "summary.md").touch()
    code, said, _ = run_action(
        tmp_path, ("Check",), CHECK, commands=stub.parent,
        **{"scenario": "shop.yaml", "gate": "g.yaml", "strategy": "s.yaml", "fail-on": fail_on},
    )  # fmt: skip
    assert code == 0
    assert said.startswith("check shop.yaml --gate g.yaml --strategy s.yaml ")
    assert passed in said
    assert ("--fail-on" in said) == bool(passed)


def run_action(
    folder: Path, steps: tuple[str, ...], path: Path = ACTION, *,
    commands: Path = Path(sys.executable).parent, **given: str,
) -> tuple[int, str, str]:  # fmt: skip
    """Run steps of the action as its runner does; return the code, what is said, the summary."""
    action = document(path.read_text(encoding="utf-8"))
    values = {key: entry.get("default", "") for key, entry in action["inputs"].items()} | given
    summary = folder / "summary.md"
    base = os.environ | {
        "PATH": f"{commands}:{os.environ['PATH']}",
        "GITHUB_STEP_SUMMARY": str(summary),
        "RUNNER_TEMP": str(folder / "temp"),
    }
    said = ""
    for step in action["runs"]["steps"]:
        if step.get("name") not in steps:
            continue
        env = {
            key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: values[m[1]], value)
            for key, value in step["env"].items()
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=folder, env=base | env, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        said += done.stdout + done.stderr
        if done.returncode:
            return done.returncode, said, summary.read_text(encoding="utf-8")
    return 0, said, summary.read_text(encoding="utf-8")


SHOP = """
id: kicks-v1
extends: sneakers-cart-v1
title: Kicks
"""
KICKS = """
name: kicks
sharing: all
"""


def to_run(folder: Path, action: str) -> dict[str, str]:
    """Put what the page takes as there into a folder; return the inputs of its step."""
    files = {"kicks.yaml": KICKS, "judge/shop.yaml": SHOP, "judge/gates.yaml": gate_to_copy()}
    files["judge/kicks.yaml"] = KICKS.replace("kicks", "present")
    (folder / "judge").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    steps = document(FILES["actions.md"])["jobs"]["gate"]["steps"]
    (step,) = [s for s in steps if f"actions/{action}@" in s.get("uses", "")]
    return dict(step["with"] | {"customers": "60"})


@pytest.mark.slow
def test_the_actions_commands_gate(tmp_path: Path) -> None:
    """The commands of the page to copy, on few customers: open, closed by outcome, by speed."""
    given = to_run(tmp_path, "gate") | {"max-ms-per-1000": "1e9"}
    code, said, summary = run_action(tmp_path, ("Outcome", "Speed"), **given)
    assert code == 0, said
    assert "--fail-if 'high(ltv(kicks) - ltv(multichannel)) < 0' does not hold" in summary
    assert "Differences against multichannel" in summary
    assert summary.count("```") == 2
    assert "at most 1e+09" in said
    closed = given | {"fail-if": "\n\nltv(kicks) > 0\n"}
    code, said, summary = run_action(tmp_path, ("Outcome",), **closed)
    assert code == 1, said
    assert "--fail-if 'ltv(kicks) > 0' holds: ltv(kicks) = " in summary
    slow = given | {"max-ms-per-1000": "1e-9"}
    code, said, _ = run_action(tmp_path, ("Speed",), **slow)
    assert code == 1
    assert "over the limit of 1e-09" in said


def gate_to_copy() -> str:
    """Return the gate's file that the page has."""
    found = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (gate,) = [block for block in found if "guardrails:" in block]
    return str(gate)


def test_the_page_s_gate_can_be_read(tmp_path: Path) -> None:
    from omnilab.experiment.gate.declared import read_gate

    (tmp_path / "gates.yaml").write_text(gate_to_copy(), encoding="utf-8")
    gate = read_gate(tmp_path / "gates.yaml", currency="EUR")
    assert len(gate.guards) == 8


@pytest.mark.slow
def test_the_check_s_commands_decide(tmp_path: Path) -> None:
    """The step of the page to copy, on few customers: too few to show anything."""
    inputs = document(CHECK.read_text(encoding="utf-8"))["inputs"]
    given = to_run(tmp_path, "check")
    assert set(given) <= set(inputs)
    assert {key for key, entry in inputs.items() if entry.get("required")} <= set(given)
    given["strategy"] = "multichannel"
    code, said, summary = run_action(tmp_path, ("Check",), CHECK, **given)
    assert code == 1, said
    assert summary.startswith("<!-- omnilab check -->\n### DISCUSS")
    kept = tmp_path / "temp" / "omnilab-check"
    assert {p.name for p in kept.iterdir()} == {"junit.xml", "verdict.json"}


def test_ci_lints_and_tests() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines.index("make lint") < lines.index("make test") < lines.index("make test-slow")
