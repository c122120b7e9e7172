"""What a newcomer has to touch for a change: each is made in a copy of the tree, and runs.

The changes are in tests/errands, written as edits at a line that stands once in its file. Made
pages and the change's own test are not counted. The runs are in plain Python.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

ERRANDS = ROOT / "tests" / "errands"

#: Errand -> how many source files it may touch.
MOST_FILES = {
    "a_world_mechanism": 4,
    "an_array_in_a_cell": 1,
    "an_identifier_type": 1,
    "another_rule_of_fatigue": 1,
    "points_that_expire": 1,
    "another_sharing_choice": 3,
}

RUN = """
import hashlib, json, sys
import numpy as np
from omnilab.experiment.compare import compare
from omnilab.log import rows
from omnilab.scenario import load_scenario, scenario_digest
from omnilab.strategy.loading import load_strategy

coffee = load_scenario("mapples-coffee-v1")
often = [{**c.model_dump(), "every": 4 * 86400, "latent": 0} for c in coffee.categories]
scenario = coffee.changed({
    "population": {"customers": 12},
    "time": {"burn_in": 0, "window": 14 * 86400, "run_out": 0},
    "categories": often,
    "world": {"response": {"need": 0.0}},  # so that no pilot counts open needs first
})
digest = scenario_digest(scenario)
patch = json.loads(sys.argv[1])
if "channels" in patch:
    channels = [c.model_dump() for c in scenario.channels]
    for channel in channels:
        if channel["visit"]:
            channel["visit"]["identifiers"] = [*channel["visit"]["identifiers"], patch["channels"]]
    patch["channels"] = channels
loaded = [load_strategy("multichannel", scenario.changed(patch))]
result = compare(scenario.changed(patch), loaded, seed=3, engine="simpy", keep_events=True)
number = {name: kind for kind, name in rows.KIND_NAMES.items()}
log = np.concatenate(result.events["multichannel"])
print(json.dumps({
    "scenario": digest,
    "log": hashlib.sha256(log.tobytes()).hexdigest(),
    "kinds": {rows.KIND_NAMES[k]: int((log["kind"] == k).sum()) for k in rows.KIND_NAMES},
    "identifier_types": np.unique(rows.of_kind(log, rows.IDENTIFIER).type).tolist(),
    "photos": rows.of_kind(log, number["photo"]).photos.tolist() if "photo" in number else [],
}))
"""

ARRAY = """
from omnilab.cell.memory import Shape, allocate
from omnilab.lowering.model import build_model
from omnilab.scenario import load_scenario
scenario = load_scenario("mapples-coffee-v1")
cell = allocate(Shape.of(build_model(scenario), []).sizes(3))
assert cell.visits_at.shape == (3, len(scenario.channels)), cell.visits_at.shape
"""


POINTS = """
from omnilab.brand.points import add_points, points_in
from omnilab.brand.state import Context
from omnilab.kernels.record import record_array
from omnilab.lowering.plan import lower_plan
from omnilab.scenario import load_scenario
from omnilab.strategy import Plan
day = 86400
scenario = load_scenario("mapples-coffee-v1").changed({"brand": {"loyalty": {"lasts": 10 * day}}})
plan, context = lower_plan(Plan(), scenario), record_array(Context, 1)[0]
add_points(plan, context, 0, 30)
assert points_in(plan, context, 10 * day - 1) == 30
assert points_in(plan, context, 10 * day) == 0
add_points(plan, context, 20 * day, 5)
assert points_in(plan, context, 20 * day) == 5
"""

CHOICE = """
from omnilab.glossary import choice_words
from omnilab.brand.sharing import CHOICES
from omnilab.lowering.plan import lower_plan
from omnilab.scenario import load_scenario
from omnilab.strategy import Plan, Sharing
assert CHOICES[-1] == "history" and tuple(choice_words()) == CHOICES
scenario = load_scenario("mapples-coffee-v1")
sharing = Sharing(identity="all", history="all")
rules = lower_plan(Plan(sharing=sharing), scenario).rules
assert (rules.history, rules.context) == (2, 0)
"""


@pytest.fixture(params=sorted(MOST_FILES))
def errand(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def edits_of(errand: str) -> list[dict[str, str]]:
    edits: list[dict[str, str]] = yaml.safe_load((ERRANDS / f"{errand}.yaml").read_text("utf-8"))
    return edits


def edited(text: str, edit: dict[str, str]) -> str:
    """Return a file's text with one edit, at a line that stands in it once."""
    if "new" in edit:
        return edit["new"]
    line = edit.get("after", edit.get("replace"))
    assert line is not None
    lines = text.splitlines()
    assert lines.count(line) == 1, (
        f"{edit['file']}: {line!r} stands there {lines.count(line)} times"
    )
    at = lines.index(line)
    put = [line, *edit["insert"].splitlines()] if "after" in edit else [edit["by"]]
    return "\n".join([*lines[:at], *put, *lines[at + 1 :]]) + "\n"


@cache
def tree() -> Path:
    """Return where copies are made."""
    import tempfile

    return Path(tempfile.mkdtemp(prefix="omnilab-errands-"))


@cache
def changed_tree(errand: str) -> Path:
    """Return a copy of the sources with an errand done; "" is a copy as it is."""
    folder = tree() / (errand or "as-it-is")
    for part in ("sim", "strategies", "scenarios"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for edit in edits_of(errand) if errand else []:
        file = folder / edit["file"]
        assert file.exists() == ("new" not in edit), edit["file"]
        file.write_text(edited("" if "new" in edit else file.read_text("utf-8"), edit), "utf-8")
    return folder


@pytest.fixture(scope="module", autouse=True)
def _removed_in_the_end() -> Any:
    yield
    shutil.rmtree(tree())


def python(folder: Path, code: str, *words: str) -> str:
    env = {
        **os.environ,
        "PYTHONPATH": f"{folder / 'sim'}{os.pathsep}{folder / 'strategies'}",
        "OMNILAB_PLAIN": "1",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore::RuntimeWarning", "-c", code, *words],
        capture_output=True, text=True, env=env, check=False, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def run(errand: str, patch: str = "{}") -> dict[str, Any]:
    """Return what a small run says, in the tree of an errand, of a scenario changed by a patch."""
    said: dict[str, Any] = json.loads(python(changed_tree(errand), RUN, patch))
    return said


def test_it_touches_no_more_files_than_promised(errand: str) -> None:
    assert len({edit["file"] for edit in edits_of(errand)}) <= MOST_FILES[errand]


def test_every_errand_is_promised() -> None:
    assert {path.stem for path in ERRANDS.glob("*.yaml")} == set(MOST_FILES)


@pytest.mark.parametrize(
    "errand",
    [
        "a_world_mechanism",
        *(
            pytest.param(errand, marks=pytest.mark.slow)
            for errand in sorted(set(MOST_FILES) - {"another_rule_of_fatigue", "a_world_mechanism"})
        ),
    ],
)
def test_at_its_off_value_nothing_changes(errand: str) -> None:
    before, after = run(""), run(errand)
    assert after["log"] == before["log"]
    assert after["scenario"] == before["scenario"]


def test_the_mechanism_works() -> None:
    said = run("a_world_mechanism", json.dumps({"world": {"photos": {"per_order": 1.0}}}))
    orders = said["kinds"]["order"]
    assert orders > 3
    assert said["photos"].count(1) > 1  # everybody's first order leads to one
    assert said["kinds"]["photo"] == len(said["photos"]) <= orders
    others = {kind: n for kind, n in said["kinds"].items() if kind != "photo"}
    assert others == {k: n for k, n in run("a_world_mechanism")["kinds"].items() if k != "photo"}


def test_a_parameter_out_of_its_range_is_an_error_that_names_it() -> None:
    with pytest.raises(AssertionError, match=r"photos\.per_order"):
        run("a_world_mechanism", json.dumps({"world": {"photos": {"per_order": 2.0}}}))


def test_the_array_is_there() -> None:
    python(changed_tree("an_array_in_a_cell"), ARRAY)


def test_points_expire() -> None:
    python(changed_tree("points_that_expire"), POINTS)


def test_the_choice_is_one_of_eight() -> None:
    python(changed_tree("another_sharing_choice"), CHOICE)


@pytest.mark.slow
def test_the_identifier_is_shown() -> None:
    patch = json.dumps({"channels": {"type": "wallet", "share": 0.5}})
    assert max(run("an_identifier_type")["identifier_types"]) < 11
    assert 11 in run("an_identifier_type", patch)["identifier_types"]
    with pytest.raises(AssertionError, match="wallet"):
        run("", patch)


@pytest.mark.slow
def test_the_rule_of_fatigue_is_another() -> None:
    strong, off = (
        json.dumps({"world": {"fatigue": {"exponent": x}}, "population": {"customers": n}})
        for x, n in ((10.0, 48), (0.0, 12))
    )
    assert run("another_rule_of_fatigue", strong)["log"] != run("", strong)["log"]
    assert run("another_rule_of_fatigue", off)["log"] == run("", off)["log"]
