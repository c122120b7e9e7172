"""Every key of the JSON Schema explains itself, and the made pages are those of the model."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from omnilab.parameters import declared
from omnilab.parameters.declared import Few, Parameters, words_of
from omnilab.parameters.quantity import Amount, Clock, Duration, Share
from omnilab.scenario import Scenario, json_schema, load_scenario
from omnilab.scenario.document import read_document
from omnilab.scenario.keys import explained, parts_of
from omnilab.scenario.limits import range_of
from omnilab.scenario.tree import plain
from tests.conftest import ROOT

WORDS = plain(read_document(ROOT / "sim" / "omnilab" / "scenario" / "keys.yaml"))
SCHEMA = json_schema()


def keys_of_the_schema() -> Iterator[tuple[str, dict[str, Any]]]:
    for part, definition in SCHEMA["$defs"].items():
        for name, place in definition.get("properties", {}).items():
            yield f"{part}.{name}", place


def test_every_key_of_the_schema_has_a_description() -> None:
    keys = dict(keys_of_the_schema())
    assert len(keys) > 300
    bare = [key for key, place in keys.items() if len(place.get("description", "")) < 20]
    assert bare == [], "explain them in sim/omnilab/scenario/keys.yaml"


def test_a_description_has_unit_range_default_and_source() -> None:
    for key, place in keys_of_the_schema():
        text = place["description"]
        if key.endswith((".preset", ".extends", ".without")):
            continue
        assert " Type: " in text, key
        assert " Default: " in text, key
        if "Type: mapping." not in text:
            assert " Range: " in text, key
            assert " Source: " in text, key
        bare = re.search(r"Type: (list of |mapping of names to )?(whole )?numbers?\.", text)
        assert bare is None, f"{key}: a number needs its unit"


def test_nothing_is_explained_that_is_not_there() -> None:
    fields = {part.__name__: set(part.model_fields) for part in parts_of(Scenario)}
    explained_there = {part: set(keys) for part, keys in WORDS.items() if part[0].isupper()}
    beside = {
        part.__name__: {name for name, field in part.model_fields.items() if words_of(field)}
        for part in parts_of(Scenario)
    }
    for part, keys in fields.items():
        there, here = explained_there.get(part, set()), beside[part]
        assert there & here == set(), f"{part}: explained twice"
        assert there | here == keys, part
    assert set(explained_there) <= set(fields)


@pytest.mark.parametrize(("part", "keys"), explained(Scenario).items())
def test_a_default_has_its_kind_and_a_key_without_one_has_none(part: str, keys: Any) -> None:
    for key in keys.values():
        assert bool(key.default) == bool(key.kind), f"{part}.{key.name}"
        assert not (key.source and not key.kind), f"{part}.{key.name}"
        if key.default is None and key.without == "":
            schema = SCHEMA["$defs"][part]
            assert key.name in schema["required"], f"{part}.{key.name}: what if it is left out?"


def test_words_of_a_key_are_those_that_the_model_takes() -> None:
    for part, keys in explained(Scenario).items():
        for key in keys.values():
            if key.values:
                assert ", ".join(key.values) in key.range, f"{part}.{key.name}"


class Limited(BaseModel):
    """Keys with constraints in all the ways in which the model writes them."""

    plain: float = 0.0
    both: Annotated[float, Field(ge=-3, le=3)] = 0.0
    above: Annotated[float, Field(gt=0)] = 1.0
    doubly: Annotated[Annotated[int, Field(ge=0)], Field(le=9)] = 1
    in_default: int = Field(default=2, ge=1, lt=8)
    share: Share = 0.5
    small: Annotated[Share, Field(le=0.9)] = 0.0
    wait: Annotated[Duration, Field(ge=60, le=86400)] = 60
    maybe: Annotated[Duration, Field(gt=0)] | None = None
    clock: Clock = 0
    amount: Annotated[Amount, Field(le=1e6)] = 0.0
    items: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)] = (1.0,)
    three: tuple[Share, Share, Share] = (0.0, 0.0, 0.0)
    named: dict[str, Annotated[float, Field(le=5)]] = {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain", ""),
        ("both", "-3 to 3"),
        ("above", "above 0"),
        ("doubly", "0 to 9"),
        ("in_default", "at least 1 and below 8"),
        ("share", "0% to 100%"),
        ("small", "0% to 90%"),
        ("wait", "1min to 1d"),
        ("maybe", "above 0s and at most 36525d"),
        ("clock", "00:00 to 24:00"),
        ("amount", "0 to 1,000,000"),
        ("items", "at least 1 item, each above 0"),
        ("three", "3 items, each 0% to 100%"),
        ("named", "each at most 5"),
    ],
)
def test_a_range_is_that_of_the_constraints(name: str, text: str) -> None:
    schema = Limited.model_json_schema()["properties"][name]
    assert range_of(Limited.model_fields[name], schema) == text


def maker() -> Any:
    spec = spec_from_file_location("make_keys_of_test", ROOT / "docs" / "make_keys.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_made_files_are_current() -> None:
    for path, text in maker().pages():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run make pin"


def test_the_page_has_every_key() -> None:
    page = (ROOT / "docs/reference/keys.md").read_text(encoding="utf-8")
    places = maker().where_parts_stand()
    for part, keys in explained(Scenario).items():
        heading = f"\n## `{places[part]}`\n" if places[part] else "\n## The file\n"
        section = page.partition(heading)[2].partition("\n## ")[0]
        assert [n for n in keys if f"\n| `{n}` |" not in section] == [], part


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda p: p.stem)
def test_a_shipped_scenario_names_the_schema_that_stands_beside_it(path: Any) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named is not None
    assert (path.parent / named[1]).is_file()
    load_scenario(path)


def test_a_key_that_came_later_is_written_only_where_it_is_used() -> None:
    class Part(Parameters):
        early: Few = declared.key(0.5, "It was there.")
        later: Few = declared.key(0.5, "It came later.", came_later=True)

    assert Part().model_dump() == {"early": 0.5}
    assert Part(later=0.7).model_dump() == {"early": 0.5, "later": 0.7}
