"""Plug-ins that hang, end their process, change the interpreter or draw by themselves."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from omnilab import cli
from tests.cli.laboratory import SHOP

HOSTILE = """
import os, random, re, signal, sys, threading, time
import numpy as np
from omnilab.strategy import Choices, Plan, Sharing

class Good:
    name = "good"
    def plan(self, brand):
        return Plan(sharing=Sharing.every("all"), journeys=brand.journeys)

class Calm(Good):
    name = "calm"
    def decide(self, pending):
        return Choices(send=pending.chance(1)[:, 0] < 0.5)

class _Acts(Good):
    def decide(self, pending):
        self.act()
        return Choices.default(pending)

class Loops(_Acts):
    name = "loops"
    def act(self):
        while True: pass

class HoldsTheLock(_Acts):
    name = "holds_the_lock"
    def act(self):
        re.match(r"(a+)+$", "a" * 60 + "b")  # in C, with Python's global lock held

class ExitsWithZero(_Acts):
    name = "exits_with_zero"
    def act(self):
        os._exit(0)

class Own(BaseException):
    pass

class RaisesBase(_Acts):
    name = "raises_base"
    def act(self):
        raise Own("no")

class Interrupts(_Acts):
    name = "interrupts"
    def act(self):
        raise KeyboardInterrupt

class Crashes(_Acts):
    name = "crashes"
    def act(self):
        os.kill(os.getpid(), signal.SIGTERM)

class ClosesAll(_Acts):
    name = "closes_all"
    def act(self):
        os.closerange(3, 1000)

class Patches(_Acts):
    name = "patches"
    def act(self):
        np.asarray = None

class CannotBeCopied(Good):
    name = "cannot_be_copied"
    def __init__(self):
        self.lock = threading.Lock()
    def decide(self, pending):
        return Choices.default(pending)

class Meddles(_Acts):
    name = "meddles"
    def act(self):
        print("from print")
        os.write(1, b"from below\\n")
        sys.setrecursionlimit(100)
        sys.stdout = None
        os.chdir("/")
        threading.Thread(target=time.sleep, args=(600,)).start()
        os.fork()

class Draws(Good):
    name = "draws"
    def decide(self, pending):
        return Choices(send=np.random.random(len(pending)) < 0.5)

class DrawsFromASeed(Good):
    name = "draws_from_a_seed"
    def __init__(self):
        self.generator = np.random.default_rng(1)
    def decide(self, pending):
        return Choices(send=self.generator.random(len(pending)) < 0.5)

class DrawsItsPlan(Good):
    name = "draws_its_plan"
    def plan(self, brand):
        more = {"cooldown": random.randrange(10**6)}
        journeys = tuple(j.model_copy(update=more) for j in brand.journeys)
        return Plan(sharing=Sharing.every("all"), journeys=journeys)
"""

AT = r"decide at day \d+ \d\dh"
FAILS = {
    "Loops": rf"'loops', {AT}: gave no answer within 2 s, and was ended; --hook-timeout .*",
    "HoldsTheLock": rf"'holds_the_lock', {AT}: gave no answer within 2 s.*",
    "ExitsWithZero": rf"'exits_with_zero', {AT}: ended its process with exit code 0 .*",
    "RaisesBase": rf"'raises_base', {AT}: Own: no \(plugins.py, line \d+\)",
    "Interrupts": rf"'interrupts', {AT}: KeyboardInterrupt \(plugins.py, line \d+\)",
    "Crashes": rf"'crashes', {AT}: its process was ended by SIGTERM",
    "ClosesAll": rf"'closes_all', {AT}: ended its process with exit code \d+ .*",
    "Patches": rf"'patches', {AT}: send is no array: .*",
    "CannotBeCopied": r"'cannot_be_copied', copy: TypeError: .*lock.*",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OMNILAB_DEBUG", raising=False)
    (tmp_path / "lab.yaml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "plugins.py").write_text(HOSTILE, encoding="utf-8")
    return tmp_path


def compare(capfd, *classes: str, out: str = "run") -> tuple[int, str, str]:
    """Compare no_contact with plug-ins, printed as JSON; streams are those of the system."""
    named = [part for name in classes for part in ("-s", f"plugins.py:{name}")]
    args = ["compare", "lab.yaml", "-s", "no_contact", *named, "--customers", "24", "--quick"]
    capfd.readouterr()
    code = cli.main([*args, "--hook-timeout", "2", "--quiet", "--json", "-", "--out", out])
    return (code, *capfd.readouterr())


@pytest.mark.slow  # tests/cli/test_plugins.py has one failure of each hook every time
def test_the_others_are_kept_whatever_a_plugin_does(folder, capfd) -> None:
    failing = tuple(FAILS)
    children = processes()
    code, alone, err = compare(capfd, out="alone")
    assert (code, err) == (0, "")
    before = (np_state(), sys.getrecursionlimit(), Path.cwd())
    code, out, err = compare(capfd, "Calm", "Meddles", *failing)
    assert code == 2
    lines = [line for line in err.splitlines() if line.startswith("error: ")]
    assert len(lines) == len(failing)
    for wanted in (FAILS[name] for name in failing):
        assert any(re.fullmatch(f"error: strategy {wanted}", line) for line in lines), lines
    result = {s["name"]: s for s in json.loads(out)["strategies"]}
    assert list(result) == ["calm", "meddles", "no_contact"]
    (kept,) = json.loads(alone)["strategies"]
    assert result["no_contact"] == kept
    assert json.loads((folder / "run" / "manifest.json").read_text())["status"] == "partial"
    assert "from print" in err
    assert "from below" in err
    assert err.count("a hook forked and both processes came back") == 1
    assert before == (np_state(), sys.getrecursionlimit(), Path.cwd())
    assert processes() <= children  # none of theirs is left


def processes() -> set[str]:
    """Return the process ids of this process's children, whichever thread began them."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {child for task in tasks for child in task.read_text().split()}


def np_state() -> tuple[object, object]:
    import numpy as np

    return np.asarray, sys.stdout is not None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("while True: pass", "import: gave no answer within 0.5 s"),
        ("import os; os._exit(0)", "import: ended its process with exit code 0"),
        ("raise KeyboardInterrupt", r"import: KeyboardInterrupt \(slow.py, line 1\)"),
        ("def plan(*_):\n    while True: pass", "plan: gave no answer within 0.5 s"),
    ],
)
def test_import_and_plan_are_limited_too(folder, capfd, text: str, wanted: str) -> None:
    body = text if "def" in text else f"{text}\ndef plan(*_): pass"
    (folder / "slow.py").write_text(f"{body}\nclass S:\n    name = 's'\n    plan = plan\n")
    code = cli.main(["compare", "lab.yaml", "-s", "slow.py:S", "--hook-timeout", "0.5", "--quick"])
    out, err = capfd.readouterr()
    assert (code, out) == (2, "")
    assert re.match(f"error: strategy 'slow.py:S', {wanted}", err), err
    assert err.count("\n") == 1
    assert not (folder / "runs").exists()


@pytest.mark.slow
def test_who_draws_by_itself_is_named_even_under_quiet(folder, capfd) -> None:
    code, _, err = compare(capfd, "Calm", "Draws", "DrawsFromASeed", "DrawsItsPlan")
    assert code == 0
    found = re.findall(
        r"^warning: strategy '(\w+)': results can't be repeated: ", err, re.MULTILINE
    )
    assert sorted(found) == ["draws", "draws_from_a_seed", "draws_its_plan"]
    # And `verify`, which finds other results, says why; in ten lines at most.
    assert cli.main(["verify", "run", "--quiet"]) == 1
    err = capfd.readouterr().err
    assert "draws: it answers otherwise when a part is run again" in err
    assert len(err.splitlines()) <= 10
