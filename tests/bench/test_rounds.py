"""Turns, workers and sides: the mechanics, with what was timed left unlooked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random
from time import process_time

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bench.gate import sides as sides_module
from bench.gate import worker
from bench.gate.__main__ import gate
from bench.gate.errors import GateError
from bench.gate.inputs import cascade_input, columns, make_inputs, string_columns
from bench.gate.rounds import Measured, _turns, play_round
from bench.gate.sequential import Look, Rules
from bench.gate.sides import ROOT, Side, make_sides
from bench.gate.verdict import run_gate
from bench.gate.workloads import WORKLOADS

HERE = (
    Side("base", "here", ROOT, Path(sys.executable)),
    Side("head", "here", ROOT, Path(sys.executable)),
)


@given(st.integers(1, 10), st.integers())
def test_turns_are_balanced_and_neighbours_differ(half: int, seed: int) -> None:
    turns = list(_turns(2 * half, Random(seed)))
    assert turns.count(0) == turns.count(1) == 2 * half
    # The i-th run of base stands beside the i-th of head: that is what a pair is made of.
    places = [[i for i, t in enumerate(turns) if t == side] for side in (0, 1)]
    assert {abs(a - b) for a, b in zip(*places, strict=True)} == {1}


def test_who_begins_is_chance() -> None:
    first = [next(iter(_turns(2, Random(seed)))) for seed in range(200)]
    assert 60 < sum(first) < 140


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make small input."""
    from bench.gate import inputs as module

    folder = tmp_path_factory.mktemp("inputs")
    with pytest.MonkeyPatch.context() as patch:
        for name, n in (("N_LINKS", 5000), ("N_TYPED", 3000), ("N_STRINGS", 2000)):
            patch.setattr(module, name, n)
        patch.setattr(module, "N_MESSAGES", 1000)
        make_inputs(folder)
    return folder


def test_input_comes_back_as_it_was(inputs: Path) -> None:
    from bench.cascade_stream import make_stream
    from bench.streams import as_strings, links, typed_links

    pairs = links("households", 5000)
    assert all(np.array_equal(columns(inputs, "links")[k], getattr(pairs, k)) for k in "ab")
    emails, cookies = as_strings(typed_links(2000))
    read = string_columns(inputs)
    assert (read["email"].equals(emails), read["cookie"].equals(cookies)) == (True, True)
    stream, got = make_stream(1000), cascade_input(inputs)
    assert got.control == stream.control
    for name in ("starts", "receipts", "signals"):
        wanted = getattr(stream, name)
        assert list(getattr(got, name)) == list(wanted)
        assert all(np.array_equal(getattr(got, name)[k], wanted[k]) for k in wanted)


CORES = ["identity-links", "identity-rules", "identity-strings", "cascade-100k"]


@pytest.mark.parametrize("name", CORES)
def test_a_workload_does_the_same_work_in_every_run(inputs: Path, name: str) -> None:
    run = WORKLOADS[name].prepare(inputs)
    first = run()
    assert first == run()
    assert any(isinstance(v, int) and v > 0 for v in first.values())


ONE = Rules(tolerated=0.03, noticed=0.12, looks=(Look(1, alpha=0.0, beta=0.0),))


@pytest.mark.slow
def test_a_round_of_two_real_processes(inputs: Path) -> None:
    report = run_gate(HERE, ["identity-rules"], inputs=inputs, rules=ONE, seed=1)
    (row,) = report.rows
    assert (row.pairs, report.rounds, row.changes, row.note) == (1, 1, (), row.note)
    assert row.base_s > 0
    assert row.verdict in ("not slower", "faster")


def test_what_only_head_can_do_is_new_and_what_fails_on_head_is_broken(inputs: Path) -> None:
    """A tree without omnilab stands for one in which the import fails."""
    empty = inputs / "empty"
    (empty / "sim").mkdir(parents=True, exist_ok=True)
    for broken, verdict in ((0, "new"), (1, "broken")):
        pair = list(HERE)
        pair[broken] = Side(HERE[broken].name, "empty", empty, Path(sys.executable))
        (row,) = run_gate((pair[0], pair[1]), ["identity-rules"], inputs=inputs, rules=ONE).rows
        assert row.verdict == verdict
        assert "omnilab" in row.note


def test_a_process_that_ends_is_an_error(inputs: Path) -> None:
    gone = Side("base", "gone", ROOT, Path("/bin/false"))
    with pytest.raises(GateError, match="base's process ended"):
        play_round(
            (gone, HERE[1]), {"identity-rules": Measured()}, inputs=inputs, core=None,
            order=Random(1),
        )  # fmt: skip


def test_counters_that_change_from_run_to_run_are_an_error() -> None:
    from bench.gate.rounds import _keep_counters

    got = Measured()
    _keep_counters(got, "head", {"events": 3})
    assert got.failed == {}
    _keep_counters(got, "head", {"events": 4})
    assert "events" in got.failed["head"]


def test_another_library_than_the_sides_own_is_refused(tmp_path: Path) -> None:
    worker._check_library(ROOT)
    with pytest.raises(RuntimeError, match="was imported from"):
        worker._check_library(tmp_path)


def test_burning_takes_its_share() -> None:
    """What the trial slowdown adds is at least what it should: the only clock here is its own."""
    begin = process_time()
    while process_time() - begin < 0.01:
        pass
    before = process_time() - begin
    worker._burn(begin, 1.5)
    assert process_time() - begin >= 1.5 * before


def test_the_slowdown_is_for_its_workload_alone() -> None:
    slow = ["cascade-100k:1.15"]
    assert worker._factor("cascade-100k", slow) == 1.15
    assert worker._factor("identity-links", slow) == 1.0


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository with two commits, and let the gate think that it is its own."""
    root = tmp_path / "repository"
    root.mkdir()

    def git(*arguments: str) -> None:
        name = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        subprocess.run(["git", "-C", str(root), *name, *arguments], check=True, capture_output=True)

    git("init", "-b", "main")
    project = '[project]\nname = "x"\ndependencies = ["numpy>=2"]\n'
    for number in (1, 2):
        (root / "pyproject.toml").write_text(project)
        (root / "which.txt").write_text(str(number))
        git("add", "-A")
        git("commit", "-m", f"c{number}")
    monkeypatch.setattr(sides_module, "ROOT", root)
    monkeypatch.setattr(sides_module, "KEPT", root / "build" / "gate")
    return root


def test_sides_are_trees_of_their_commits(repository: Path) -> None:
    base, head = make_sides("HEAD~1", None)
    assert (base.tree / "which.txt").read_text() == "1"
    assert head.tree == repository
    assert base.python == head.python == Path(sys.executable)
    again, second = make_sides("HEAD~1", "main")
    assert again.tree == base.tree, "kept, so that its kernels stay compiled"
    assert (second.tree / "which.txt").read_text() == "2"
    assert base.environment()["PYTHONPATH"].startswith(str(base.tree / "sim"))


def test_other_dependencies_get_an_environment_each(repository: Path, monkeypatch) -> None:
    made = []
    monkeypatch.setattr(sides_module, "_checked", lambda *command: made.append(command))
    monkeypatch.setattr(sides_module, "_tree", lambda _ref: ("base", repository / "old"))
    (repository / "old").mkdir()
    text = (repository / "pyproject.toml").read_text()
    (repository / "old" / "pyproject.toml").write_text(text.replace(">=2", ">=1"))
    monkeypatch.setattr(Path, "touch", lambda self: None)
    base, head = make_sides("x", None)
    assert base.python != head.python
    assert any("numpy>=1" in command for command in made)
    assert any("numpy>=2" in command for command in made)


def test_an_unknown_reference_is_one_line_and_2(repository: Path) -> None:
    with pytest.raises(GateError, match="no commit 'nowhere'"):
        make_sides("nowhere", None)


@pytest.mark.parametrize(
    "args",
    [
        ["HEAD", "--slow", "head:cascade-100k"],
        ["HEAD", "--slow", "head:cascade-100k:0.9"],
        ["HEAD", "--slow", "both:cascade-100k:1.1"],
        ["HEAD", "--slow", "head:nothing:1.1"],
        ["HEAD", "--allow", "cascade-100k"],
        ["HEAD", "--allow", "nothing.events"],
        ["HEAD", "--only", "nothing"],
        ["nowhere"],
        [],
    ],
)
def test_bad_input_is_2(args: list[str]) -> None:
    assert CliRunner().invoke(gate, args).exit_code == 2
