"""Write a scenario as readable YAML, and as the digest that runs are named after."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["mapping_to_yaml", "scenario_digest", "scenario_to_yaml"]


def scenario_digest(scenario: Scenario) -> str:
    """Return the SHA-256, in hexadecimal, of the fully expanded scenario.

    Every value counts, defaults too: what is equal simulates equally, however it was written.
    """
    data = scenario.model_dump(mode="json", context={"currency": scenario.currency})
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def scenario_to_yaml(scenario: Scenario, *, header: str = "", brief: bool = False) -> str:
    """Return a scenario as the text of a file that loads to an equal scenario.

    Parameters
    ----------
    scenario
        What to write.
    header
        Lines that go above it as comments.
    brief
        Leave out what equals the model's defaults, which a later version may change.
    """
    data = scenario.model_dump(
        mode="json", context={"currency": scenario.currency}, exclude_defaults=brief
    )
    return mapping_to_yaml(_without_empty(scenario, data), header=header)


def mapping_to_yaml(mapping: Mapping[str, Any], *, header: str = "") -> str:
    """Return plain data as YAML in the order of its keys, short lists on one line.

    Parameters
    ----------
    mapping
        Dicts, lists and scalars.
    header
        Lines that go above it as comments.
    """
    comment = "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines())
    text: str = yaml.dump(
        dict(mapping), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=96
    )
    return comment + text


def _without_empty(model: BaseModel, data: dict[str, Any]) -> dict[str, Any]:
    """Leave out the nothings that are defaults, such as a channel's sides that it doesn't have."""
    kept: dict[str, Any] = {}
    for name, value in data.items():
        field = type(model).model_fields.get(name)
        if value is None and field is not None and field.default is None:
            continue
        kept[name] = _without_empty_inside(getattr(model, name, None), value)
    return kept


def _without_empty_inside(part: object, data: Any) -> Any:
    if isinstance(part, BaseModel) and isinstance(data, dict):
        return _without_empty(part, data)
    if isinstance(part, tuple | list) and isinstance(data, list):
        return [_without_empty_inside(p, d) for p, d in zip(part, data, strict=True)]
    return data


_MANY = 16  # items of a list beyond which it is read as a table: an item a line


class _Dumper(yaml.SafeDumper):
    """Quotes what any YAML version would take for a number, and repeats rather than aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Tell PyYAML that no value is worth an anchor."""
        del data
        return True


def _write_list(dumper: _Dumper, items: list[Any]) -> yaml.Node:
    short = all(not isinstance(item, dict | list) for item in items)
    node = dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=short)
    if len(items) > _MANY and all(isinstance(item, dict) for item in items):  # a table
        for row in node.value:
            _put_on_one_line(row)
    return node


def _put_on_one_line(node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        node.flow_style = True
        for _, value in node.value:
            _put_on_one_line(value)


def _write_text(dumper: _Dumper, text: str) -> yaml.Node:
    # YAML's rarer line breaks would come back as spaces unless they are written as escapes.
    style = '"' if any(mark in text for mark in "\x85\u2028\u2029\ufeff") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(list, _write_list)
_Dumper.add_representer(str, _write_text)
# Our reader, as YAML 1.2, takes 1e3 for a number; PyYAML writes that text without quotes.
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)
