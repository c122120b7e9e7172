"""parameters.md names every default and every preset's number, with its value and source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from omnilab.scenario import Scenario, load_scenario
from omnilab.scenario.document import read_document
from omnilab.scenario.keys import parts_of
from omnilab.scenario.tree import plain
from tests.conftest import ROOT

PAGE = (ROOT / "docs/reference/parameters.md").read_text(encoding="utf-8")
PRESETS = ROOT / "sim" / "omnilab" / "scenario" / "presets"
KIND = re.compile(r"[VSIPDA](/[VSIPDA])*")


def rows(heading: str) -> dict[str, list[str]]:
    """Return the cells of the rows whose first cell is a key in backquotes, under a heading."""
    part = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found: dict[str, list[str]] = {}
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| `"):
            key = cells[0].strip("`")
            assert key not in found, f"{key} stands there twice"
            found[key] = [cell.removesuffix("|").strip() for cell in cells[1:]]
    return found


def parts() -> Iterator[type[BaseModel]]:
    """Return the classes that make up a scenario."""
    yield from parts_of(Scenario)


def defaults() -> dict[str, FieldInfo]:
    """Return the fields with a default that says something, by ``Class.field``."""
    found = {}
    for part in parts():
        for name, field in part.model_fields.items():
            nothing = field.default in (PydanticUndefined, None, "", (), {})
            if not nothing and own_values(field.default) != {}:
                found[f"{part.__name__}.{name}"] = field
    return found


def own_values(default: Any) -> Any:
    """Return a part's values that are not its keys' own defaults; None of anything but a part."""
    if not isinstance(default, BaseModel):
        return None
    fields, values = type(default).model_fields, default.model_dump(mode="json")
    if isinstance(values, str):  # a part that goes by a name
        return values
    return {n: values[n] for n, f in fields.items() if f.default != getattr(default, n)}


def written(field: FieldInfo) -> str:
    """Return a default as a scenario file writes it."""
    inside = own_values(field.default)
    if isinstance(inside, str):
        return inside
    if inside:
        return f"{{{', '.join(f'{key}: {shown(value)}' for key, value in inside.items())}}}"
    adapter = TypeAdapter(Annotated[(field.annotation, *field.metadata, "file")])  # type: ignore[valid-type]
    value = adapter.dump_python(field.default, mode="json")
    return shown(value)


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value)
    return str(value)


def same(one: str, other: str) -> bool:
    """Compare as numbers where both are, so that 97 is 97.0."""
    a, b = one.split(", "), other.split(", ")
    return len(a) == len(b) and all(
        x == y or number(x) == number(y) for x, y in zip(a, b, strict=True)
    )


def number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


DEFAULTS, DOCUMENTED = defaults(), rows("Defaults of the model")


def test_every_default_is_there_and_nothing_else() -> None:
    assert sorted(DOCUMENTED) == sorted(DEFAULTS)
    assert len(DEFAULTS) > 100


@pytest.mark.parametrize("key", DOCUMENTED)
def test_a_default_has_its_value(key: str) -> None:
    assert same(DOCUMENTED[key][0], written(DEFAULTS[key])), key


def numbers(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Return the numbers (with their units) of a preset, by dotted key."""
    if isinstance(value, dict) and {"type", "share"} <= set(value) <= {"type", "share", "when"}:
        yield f"{path.rsplit('.', 1)[0]}.{value['type']}", str(value["share"])
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from numbers(child, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from numbers(child, f"{path}.{i}")
    elif not isinstance(value, bool) and re.match(r"-?[0-9]", str(value)):
        yield path, str(value)


def test_every_number_of_the_presets_is_there() -> None:
    expected = {}
    for name in ("channels.yaml", "personas.yaml", "journeys.yaml"):
        expected |= dict(numbers(plain(read_document(PRESETS / name)), ""))
    # A call is heard when it is answered: its two zeros say that nothing is drawn.
    expected = {key: value for key, value in expected.items() if value != "0"}
    documented = {key: cells[0] for key, cells in rows("Presets").items()}
    left_out = {key for key in expected if key not in documented}
    assert left_out <= {"call.message.open_sigma"}
    assert sorted(documented) == sorted(set(expected) - left_out)
    assert [k for k in documented if not same(documented[k], expected[k])] == []


#: Numbers that say nothing about customers or brands: units, and guards of arithmetic.
TECHNICAL = {
    *(7.0, 24.0, 100.0, 168.0, 365.0, 3600.0, 86400.0, 604800.0),
    *(1e-12, 1e-9, 1e-6, 1e6, 1e12, 2.0**20, 700.0, 0.999, 0.999999),
}
MODEL = (
    *(
        "world/*.py",
        "world/fast/*.py",
        "brand/*.py",
        "interaction/*.py",
        "strategy/*.py",
        "lowering/*.py",
    ),
    *("engine/calibrate.py", "engine/loop.py", "measure/*.py"),
)
CONSTANT = re.compile(r"(MAX|MOST|MINIMUM|LONGEST|LARGEST|PILOT_C|RING$|LEVEL$|ALPHA$)")
CODE = ROOT / "sim" / "omnilab"


def declares_keys(node: ast.stmt) -> bool:
    """Tell whether a statement declares keys of a scenario, whose defaults have tables."""
    if isinstance(node, ast.ClassDef):
        return any(getattr(base, "id", "") == "Parameters" for base in node.bases)
    call = node.value if isinstance(node, ast.AnnAssign | ast.Assign) else None
    return isinstance(call, ast.Call) and getattr(call.func, "id", "") == "key"


def numbers_in(text: str) -> Iterator[float | str]:
    """Yield the decimal numbers of a source and its whole days, written ``10d``."""
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if not declares_keys(node)]
    halves = {
        id(node.right)
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Div | ast.Pow)
        and isinstance(node.left, ast.BinOp)
    }  # fmt: skip
    powers = {id(n.left) for n in ast.walk(tree) if isinstance(n, ast.BinOp)
              and isinstance(n.op, ast.Pow)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            sides = [n.value for n in (node.left, node.right) if isinstance(n, ast.Constant)]
            if len(sides) == 2 and 86400 in sides:
                yield f"{sides[0] if sides[1] == 86400 else sides[1]}d"
        if not isinstance(node, ast.Constant) or type(node.value) is not float:
            continue
        rounds = id(node) in halves and node.value == 0.5
        if not rounds and id(node) not in powers:
            yield node.value


def test_numbers_in_the_code_are_found() -> None:
    text = "class A(Parameters):\n    n: float = key(0.7)\n"
    text += "x = 0.3 * y\nt = 10 * 86400\nz = int(y * 3 + 0.5)\nw = 2.0**-52\nN = 4\n"
    assert sorted(map(str, numbers_in(text))) == ["0.3", "10d"]


def test_every_number_in_the_code_is_there() -> None:
    section = PAGE.split("\n## Numbers in the code\n")[1].split("\n## ")[0]
    listed = set(re.findall(r"^\| `([\w/]+\.py)` \| ([\d.]+d?) \|", section, re.MULTILINE))
    found = set()
    for path in sorted(p for pattern in MODEL for p in CODE.glob(pattern)):
        for value in numbers_in(path.read_text(encoding="utf-8")):
            if value in TECHNICAL or value in (0.0, 1.0) or of_no_model(path, value):
                continue
            name = path.relative_to(CODE).as_posix()
            found.add((name, value if isinstance(value, str) else f"{value:.10g}"))
    assert found == listed, "write them under Numbers in the code in docs/reference/parameters.md"


def of_no_model(path: Path, value: float | str) -> bool:
    """Tell whether a number is a half of a share, an average of two, or a longest month."""
    name = path.relative_to(CODE).as_posix()
    return (name, value) in {
        ("strategy/decisions.py", 0.5),  # the middle of a draw's bin
        ("world/inflow.py", 0.5),  # where a uniform's place in its share can't be told
        ("engine/calibrate.py", 2.0),  # the middle of two
        ("lowering/calendar.py", "31d"),  # longer than any month
        ("world/population.py", 2.0**32),  # makes a share of 32 bits
        ("strategy/apart.py", 0.001),  # seconds to wait for another process
        ("strategy/apart.py", 0.005),
    }


def test_every_constant_that_limits_is_there() -> None:
    section = PAGE.split("\n## Numbers in the code\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w/]+\.py)` \| `(\w+)` \| ([\d.]+) \|", section, re.MULTILINE)
    listed = {(file, name): float(value) for file, name, value in rows}
    found = {}
    for folder in (
        "_files",
        "parameters",
        "scenario",
        "world",
        "brand",
        "strategy",
        "lowering",
        "cell",
        "interaction",
        "log",
        "engine",
        "measure",
        "experiment",
        "runs",
        "export",
        "report",
    ):
        for path in sorted((CODE / folder).glob("*.py")):
            module = import_module(f"omnilab.{folder}.{path.stem}".removesuffix(".__init__"))
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                target = node.targets[0] if isinstance(node, ast.Assign) else node
                name = getattr(target, "id", "") or getattr(getattr(target, "target", 0), "id", "")
                value = getattr(module, name, None) if CONSTANT.match(name) else None
                if isinstance(value, int | float):
                    found[path.relative_to(CODE).as_posix(), name] = float(value)
    assert found == listed, "write them under Numbers in the code in docs/reference/parameters.md"


def test_every_row_has_its_kind_and_a_source_that_has_an_address() -> None:
    known = set(re.findall(r"^\| ([A-Z][A-Z0-9]+) \|", PAGE, flags=re.MULTILINE))
    cells = {**{k: v[2:] for k, v in DOCUMENTED.items()}, **{
        k: v[1:] for k, v in rows("Presets").items()
    }}  # fmt: skip
    for key, (kind, source) in cells.items():
        assert KIND.fullmatch(kind), f"{key}: kind {kind!r}"
        assert kind.endswith("A") or source, f"{key}: a number of kind {kind} needs its source"
    named = set(re.findall(r"\b[A-Z]{3,}[A-Z0-9]*\b", " ".join(v[1] for v in cells.values())))
    assert named - {"SMS"} <= known


@pytest.mark.parametrize("path", sorted(PRESETS.glob("[cp]*.yaml")), ids=lambda p: p.stem)
def test_a_source_stands_beside_each_number(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        value = line.split("#")[0]
        if re.search(r"[:\s]\"?-?[0-9]", value) and not re.search(r": 0(\.0)?\s*$", value):
            assert "# source: " in line, line


@pytest.mark.parametrize("name", ["mapples-coffee-v1", "boots-v1", "cdnow-v1", "retailer-v1"])
def test_what_a_scenario_assumes_is_in_it(name: str) -> None:
    """Each key under ``assumed`` leads to a number."""
    scenario = load_scenario(name)
    assert scenario.assumed
    for key in scenario.assumed:
        node: Any = scenario
        for step in re.findall(r"[^.\[\]]+", key):
            if isinstance(node, tuple):
                named = {getattr(item, "name", None): item for item in node}
                node = node[int(step)] if step.isdigit() else named[step]
            else:
                node = getattr(node, step)
        if not isinstance(node, int | float):  # an identifier shown: how often
            node = node.share
        assert isinstance(node, int | float), key
