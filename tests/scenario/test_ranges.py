"""Every number of a scenario has a range in which the model means something."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from omnilab.errors import ScenarioError
from omnilab.lowering.model import build_model
from omnilab.scenario import load_scenario
from omnilab.scenario.model import Scenario
from tests.verification.worlds import FLAT, merged, world

ABSURD = (1e308, 10**18)


def full() -> dict[str, Any]:
    """Return a scenario in which every key has a value."""
    tree = world(
        population={"entry": {"over": "20d", "by_week": [1.0, 2.0]}},
        world=FLAT,
    ).model_dump(mode="json")
    for channel in tree["channels"]:
        for side in ("visit", "message", "search"):
            if channel[side] is None:
                del channel[side]
    return {key: value for key, value in without_nothing(tree).items() if key != "currency"}


def without_nothing(tree: Any) -> Any:
    """Leave out keys without a value: a file has none either."""
    if isinstance(tree, dict):
        return {k: without_nothing(v) for k, v in tree.items() if v is not None}
    return [without_nothing(v) for v in tree] if isinstance(tree, list) else tree


def numbers(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where numbers are: one item of each list, one of each kind of key."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from numbers(value, (*path, key))
    elif isinstance(tree, list):
        for n, value in enumerate(tree):
            yield from numbers(value, (*path, n))
    elif isinstance(tree, int | float) and not isinstance(tree, bool):
        yield path


def kind_of(path: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a path without the numbers of list items."""
    return tuple("*" if isinstance(step, int) else step for step in path)


def test_an_absurd_number_is_an_error_with_its_line(tmp_path: Path) -> None:
    tree = full()
    file = tmp_path / "absurd.yaml"
    file.write_text(yaml.safe_dump(tree, sort_keys=False))
    load_scenario(file)
    places = {kind_of(path): path for path in numbers(tree)}
    assert len(places) > 50
    passed = []
    for kind, path in places.items():
        for value in ABSURD:
            changed = copy.deepcopy(tree)
            at = changed
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = value
            file.write_text(yaml.safe_dump(changed, sort_keys=False))
            error = refused(file)
            if error is None or error.line is None or not error.key:
                passed.append((kind, value, error))
    assert passed == []


def refused(file: Path) -> ScenarioError | None:
    """Return the error of a scenario file."""
    try:
        load_scenario(file)
    except ScenarioError as error:
        return error
    return None


def bounds(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every number of the JSON Schema, but those that are written with a unit."""
    if isinstance(schema, dict):
        if schema.get("type") in ("number", "integer"):
            yield path, schema
        for key, value in schema.items():
            if key not in ("default", "examples"):
                yield from bounds(value, (*path, key))
    elif isinstance(schema, list):
        for n, value in enumerate(schema):
            yield from bounds(value, (*path, str(n)))


def test_every_number_has_a_lowest_and_a_highest_value() -> None:
    without = []
    for path, schema in bounds(Scenario.model_json_schema()):
        low = "minimum" in schema or "exclusiveMinimum" in schema
        high = "maximum" in schema or "exclusiveMaximum" in schema
        if not (low and high):
            without.append(".".join(path))
    assert without == []


@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_the_model_is_finite_at_the_ends_of_all_ranges(end: str) -> None:
    """All at once: what the mechanisms of the world are told, and what a category is."""
    schema = Scenario.model_json_schema()["$defs"]
    changes: dict[str, Any] = {"world": {}, "population": {"dropout": {}}}
    for part, fields in schema["World"]["properties"].items():
        ref = fields.get("$ref", "").rpartition("/")[2]
        if ref:
            changes["world"][part] = ends(schema[ref], end)
    changes["population"]["dropout"] = ends(schema["Dropout"], end)
    category = {"name": "all", "every": "30d", **ends(schema["Category"], end)}
    category["goods"] = [{"name": "cup", "price": 5.0}, {"name": "pot", "price": 20.0}]
    category["spend"] = {"mean": 20.0, **ends(schema["Spend"], end)}
    scenario = world(**merged({"categories": [category]}, changes))
    model = build_model(scenario)
    for name, array in model.arrays().items():
        plain = array.view(np.ndarray)
        for field in plain.dtype.names or [None]:
            values = plain[field] if field else plain
            assert np.isfinite(values).all(), (name, field)


def ends(part: Any, end: str) -> dict[str, float]:
    """Return the lowest or highest value of each plain number of a part of the schema.

    Whole ones, too: some are of no use without others, which the lowest value turns off.
    """
    other = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}[end]
    out = {}
    for name, field in part["properties"].items():
        at = field.get(end, field.get(other))
        if field.get("type") == "integer":
            out[name] = at
        elif field.get("type") == "number":
            out[name] = at + (1e-9 if at == field.get(other) else 0.0)
    return out
