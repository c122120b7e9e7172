"""The JSON Schema, and the two commands that read files without the engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from omnilab.cli import main
from omnilab.scenario import Scenario, json_schema, scenario_digest, scenario_to_yaml
from omnilab.scenario.document import parse_document
from omnilab.scenario.schema import plain_schema, valid_names
from omnilab.scenario.tree import plain
from tests.scenario.samples import SHOP, load_text, write


def places(schema: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from places(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from places(inner)


def accepts(schema: Mapping[str, Any], data: Any, root: Mapping[str, Any]) -> bool:
    """Check data against the part of JSON Schema that ours uses: a small model of a validator."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if not accepts(root["$defs"][name], data, root):
            return False
    kinds = {
        "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
        "integer": int, "number": (int, float),
    }  # fmt: skip
    kind = schema.get("type")
    if kind and (
        not isinstance(data, kinds[kind])
        or (isinstance(data, bool) and kind in ("integer", "number"))
    ):
        return False
    if "const" in schema and data != schema["const"]:
        return False
    if "enum" in schema and data not in schema["enum"]:
        return False
    if "anyOf" in schema and not any(accepts(s, data, root) for s in schema["anyOf"]):
        return False
    if "if" in schema:
        branch = "then" if accepts(schema["if"], data, root) else "else"
        if not accepts(schema[branch], data, root):
            return False
    if isinstance(data, str) and "pattern" in schema and not re.search(schema["pattern"], data):
        return False
    if isinstance(data, int | float) and not schema.get("minimum", data) <= data:
        return False
    if isinstance(data, int | float) and not data <= schema.get("maximum", data):
        return False
    if isinstance(data, list):
        fixed = schema.get("prefixItems", [])
        items = [*fixed, *[schema.get("items", {})] * (len(data) - len(fixed))]
        if not schema.get("minItems", 0) <= len(data) <= schema.get("maxItems", len(data)):
            return False
        return all(accepts(s, d, root) for s, d in zip(items, data, strict=False))
    if isinstance(data, dict):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        if not set(schema.get("required", ())) <= set(data):
            return False
        for key, value in data.items():
            if not accepts(
                known.get(key, {} if rest is True else rest or {"enum": []}), value, root
            ):
                return False
    return True


def test_the_schema_takes_what_loads_and_refuses_typos(tmp_path: Path) -> None:
    schema = json_schema()
    short = plain(parse_document(SHOP, "x"))
    full = plain(parse_document(scenario_to_yaml(load_text(tmp_path, SHOP)), "x"))
    child = {"extends": "shop-v1", "id": "c-v1", "channels": [{"name": "web", "title": "x"}]}
    less = child | {"without": ["channels.app", "categories"]}
    for good in (short, full, child, less):
        assert accepts(schema, good, schema)
    for bad in (
        short | {"curency": "EUR"},
        full | {"time": {"burn_in": 90}},
        {key: value for key, value in short.items() if key != "categories"},
        short | {"channels": ["wbe"]},
        short | {"channels": [{"preset": "web", "titel": "x"}]},
        short | {"channels": [{"name": "web", "title": "x"}]},
        child | {"channels": [{"name": "web", "titel": "x"}]},
        {key: value for key, value in child.items() if key != "id"},
        child | {"without": "channels.app"},
        short | {"without": ["channels.app"]},
    ):
        assert not accepts(schema, bad, schema)


def test_the_schema_is_closed() -> None:
    """Every reference leads somewhere and every default is written as a file would."""
    schema = json_schema()
    json.dumps(schema)
    for place in places(schema):
        if isinstance(place.get("$ref"), str):
            assert place["$ref"].rpartition("/")[2] in schema["$defs"]
        if "x-quantity" in place and isinstance(place.get("default"), int | float):
            assert place["x-quantity"] == "amount"


def test_valid_names() -> None:
    schema = plain_schema(Scenario)
    assert valid_names(schema, ()) == list(Scenario.model_fields)
    assert "burn_in" in valid_names(schema, ("time",))
    assert "channels" in valid_names(schema, ("brand", "journeys", 0, "steps", 1, "message"))
    assert valid_names(schema, ("title", "x")) == []


def test_the_schema_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()


def test_the_validate_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write(tmp_path, SHOP)
    bad = write(tmp_path, SHOP.replace("17.1%", "24h").replace("10000", "0"), "bad.yaml")
    digest = scenario_digest(load_text(tmp_path, SHOP))
    assert main(["validate", str(good)]) == 0
    out, err = capsys.readouterr()
    assert (out.splitlines()[0], err) == (f"{good}: ok, shop-v1, digest {digest}", "")
    assert main(["validate", str(bad), str(good), str(tmp_path), "-q"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    starts = [f"error: {bad}:6: ", f"error: {bad}:23: ", f"error: {tmp_path}: is a folder"]
    for line, start in zip(err.splitlines(), starts, strict=True):
        assert line.startswith(start)


def run(code: str, *words: str, **environment: str) -> str:
    """Run Python code in a process of its own and return what it prints."""
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True, text=True, check=True, env=environment,
    ).stdout  # fmt: skip


@pytest.mark.parametrize("command", [["validate", "FILE"], ["schema"]])
def test_the_commands_import_nothing_heavy(tmp_path: Path, command: list[str]) -> None:
    file = str(write(tmp_path, SHOP))
    code = (
        "import sys; from omnilab.cli import main; assert main(sys.argv[1:]) == 0;"
        "heavy = {'numba', 'pandas', 'numpy', 'scipy', 'pyarrow', 'simpy'};"
        "print('heavy:', *heavy & set(sys.modules))"
    )
    printed = run(code, *[file if word == "FILE" else word for word in command])
    assert printed.splitlines()[-1] == "heavy:"


def test_the_digest_does_not_hang_on_hash_order(tmp_path: Path) -> None:
    file = str(write(tmp_path, SHOP))
    code = "import sys; from omnilab.cli import main; sys.exit(main(sys.argv[1:]))"
    assert len({run(code, "validate", file, PYTHONHASHSEED=seed) for seed in "12"}) == 1
