"""Write docs/reference/stories.md from docs/stories.yaml: what of each story can be set up now."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args

import yaml

from omnilab.brand.sharing import CHOICES
from omnilab.cli import COMMANDS
from omnilab.experiment.tables import TABLES
from omnilab.measure.catalogue import MEASURES
from omnilab.scenario.journeys import Trigger
from omnilab.scenario.preset import preset_names
from omnilab_strategies import STRATEGIES

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "stories.yaml"
PAGE = ROOT / "docs" / "reference" / "stories.md"
STATES: Final = ("yes", "partly", "no")
KEYS: Final = {"n", "story", "now", "by", "lacks", "why", "held", "note", "test"}
INTRODUCTION: Final = """\
# The field's stories

For everybody who asks whether a story that omnichannel marketing tells can be tried here. Made \
by `make pin` from `docs/stories.yaml`; don't edit. Each story, practice, figure and claim of the \
literature behind this project is a row: *yes*, by a shipped scenario, strategy, measure or \
command; *partly*, with what is missing, what was tried and why there is no more of it; *no*. A \
yes says that the story can be told and looked at, not that it came out: where it was tried and \
did not hold, the row says what came out instead. The last column has the test that fails if the \
row is no longer so. \
[Scenarios](scenarios.md) has what was found in each."""


@cache
def _keys() -> frozenset[str]:
    """Return the dotted keys of a scenario, parts of lists without brackets."""
    found, part = set(), ""
    for line in (ROOT / "docs/reference/keys.md").read_text(encoding="utf-8").splitlines():
        if head := re.fullmatch(r"## `([^`]+)`", line):
            part = head[1].replace("[]", "")
            found.add(part)
        elif line.startswith("## "):
            part = ""
        elif row := re.match(r"\| `([^`]+)` \|", line):
            found.add(f"{part}.{row[1]}" if part else row[1])
    return frozenset(found)


def _files(folder: str) -> set[str]:
    return {p.stem for p in (ROOT / folder).glob("*.yaml")}


def _presets() -> set[str]:
    return {name for kind in ("channels", "journeys") for name in preset_names(kind)}


#: Kind -> the names that there are, and where one of them is read about.
KINDS: Final[Mapping[str, tuple[Callable[[], Any], str]]] = {
    "scenario": (lambda: _files("scenarios"), "scenarios.md#{}"),
    "ablation": (lambda: _files("scenarios/ablations"), "../../scenarios/ablations/{}.yaml"),
    "strategy": (lambda: STRATEGIES, "../explanation/strategies.md#{}"),
    "measure": (lambda: MEASURES, "measures.md"),
    "command": (lambda: COMMANDS, "cli.md#omnilab-{}"),
    "choice": (lambda: CHOICES, "words.md"),
    "trigger": (lambda: get_args(Trigger), "words.md"),
    "table": (lambda: TABLES, "outputs.md"),
    "preset": (_presets, "words.md"),
    "key": (_keys, "keys.md"),
    "example": (lambda: {p.name for p in (ROOT / "examples").iterdir()}, "../../examples/{}"),
    "page": (lambda: {str(p.relative_to(ROOT / "docs")) for p in (ROOT / "docs").rglob("*.md")},
             "../{}"),
}  # fmt: skip


def stories() -> list[dict[str, Any]]:
    """Return the rows, in their order."""
    return list(yaml.safe_load(DATA.read_text(encoding="utf-8"))["stories"])


def faults(rows: list[dict[str, Any]]) -> list[str]:
    """Return what is wrong with rows: names that are not there, and states without their reason."""
    found = []
    for number, row in enumerate(rows, start=1):
        if row["n"] != number:
            found.append(f"{row['n']}: the row's number should be {number}")
        if unknown := set(row) - KEYS:
            found.append(f"{number}: unknown {', '.join(sorted(unknown))}")
        found += [f"{number}: {fault}" for fault in (*_state_faults(row), *_test_faults(row))]
        for one in row.get("by", ()):
            kind, _, name = one.partition(" ")
            if kind not in KINDS:
                found.append(f"{number}: no kind {kind!r}")
            elif name not in KINDS[kind][0]():
                found.append(f"{number}: no {kind} {name!r}")
    return found


def _state_faults(row: Mapping[str, Any]) -> list[str]:
    state = row["now"]
    if state not in STATES:
        return [f"{state!r} is none of {', '.join(STATES)}"]
    if state == "yes":
        wrong = [] if row.get("by") else ["yes, but by nothing"]
        return wrong + (
            ["held: false needs a note"] if "held" in row and not row.get("note") else []
        )
    return [
        fault
        for key, fault in (("lacks", "lacks nothing"), ("why", "says not what was tried, and why"))
        if not row.get(key)
        for fault in [f"{state}, but {fault}"]
    ]


def _test_faults(row: Mapping[str, Any]) -> list[str]:
    test = row.get("test")
    if test is None:
        return [] if row["now"] == "no" else ["no test holds it"]
    path, _, name = test.partition("::")
    function, _, case = name.rstrip("]").partition("[")
    if function not in _functions(path):
        return [f"no test {test!r}"]
    if case and not (ROOT / "scenarios" / "ablations" / f"{case}.yaml").is_file():
        return [f"no ablation {case!r} for its test"]
    return []


@cache
def _functions(path: str) -> frozenset[str]:
    """Return the functions of a file of tests; none where there is no file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def page() -> str:
    """Return the page."""
    rows = stories()
    if wrong := faults(rows):
        raise SystemExit("\n".join(wrong))
    count = {state: sum(row["now"] == state for row in rows) for state in STATES}
    turned = sum("held" in row for row in rows)
    said = ", ".join(f"{n} {state}" for state, n in count.items())
    lines = [
        INTRODUCTION, "",
        f"Of {len(rows)}: {said}. {turned} of those that can be told did not hold as told.",
        "", "| # | story | now | by | | held by |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    return "\n".join([*lines, *map(_line, rows)]) + "\n"


def _line(row: Mapping[str, Any]) -> str:
    by = ", ".join(map(_link, row.get("by", ())))
    more = [f"did not hold: {row['note']}" if "held" in row else row.get("note", "")]
    more.append(f"missing: {row['lacks']}; {row['why']}" if "lacks" in row else "")
    notes = "; ".join(m for m in more if m)
    return f"| {row['n']} | {row['story']} | {row['now']} | {by} | {notes} | {_test(row)} |"


def _test(row: Mapping[str, Any]) -> str:
    if "test" not in row:
        return ""
    path, _, name = row["test"].partition("::")
    words = name.removeprefix("test_").replace("_", " ").replace("[", " (").replace("]", ")")
    return f"[{words}](../../{path})"


def _link(one: str) -> str:
    kind, _, name = one.partition(" ")
    label = f"{kind} `{name}`" if kind != "page" else f"`{name}`"
    return f"[{label}]({KINDS[kind][1].format(name)})"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
