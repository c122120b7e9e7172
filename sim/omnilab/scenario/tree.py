"""Merge two trees of a scenario's data, where each value knows the line that it is from.

Everything that happens to a scenario before it is validated (``extends``, presets) happens on
these nodes, so that an error can point to the line that the user wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from omnilab._files.yaml_tree import Node, Scalar, Step, dotted, find, plain
from omnilab.scenario.text import shown

__all__ = [
    "Node",
    "Scalar",
    "Step",
    "dotted",
    "find",
    "from_plain",
    "merge",
    "plain",
    "refuse_repeated_names",
]


def from_plain(data: Any) -> Node:
    """Return a tree of bare data that no file has; its lines are 0."""
    if isinstance(data, Mapping):
        return Node({str(key): from_plain(child) for key, child in data.items()}, "", 0)
    if isinstance(data, list | tuple):
        return Node([from_plain(child) for child in data], "", 0)
    return Node(data, "", 0)


def merge(base: Node, top: Node) -> Node:
    """Return ``base`` changed by ``top``.

    Mappings are merged key by key; lists whose items all have a ``name`` are merged by that name,
    in the base's order with new items last; anything else is replaced.
    """
    if isinstance(base.value, dict) and isinstance(top.value, dict):
        return top.with_value(_merge_mappings(base.value, top.value))
    old, new = _by_name(base), _by_name(top)
    if old and new:
        return top.with_value(list(_merge_mappings(old, new).values()))
    return top


def refuse_repeated_names(root: Node) -> None:
    """Check that no list holds two items of one ``name``.

    Raises
    ------
    ScenarioError
        At the second of two items of one name in one list.
    """
    for path, node in _walk(root, ()):
        if not isinstance(node.value, list):
            continue
        first: dict[str, int] = {}
        for number, item in enumerate(node.value):
            name = item.get("name")
            if name is None or not isinstance(name.value, str):
                continue
            if name.value in first:
                message = f"duplicate name {shown(name.value)}, first on line {first[name.value]}"
                raise item.error(message, dotted((*path, number), root))
            first[name.value] = item.line


def _merge_mappings(base: Mapping[str, Node], top: Mapping[str, Node]) -> dict[str, Node]:
    merged = dict(base)
    for key, node in top.items():
        merged[key] = merge(merged[key], node) if key in merged else node
    return merged


def _by_name(node: Node) -> dict[str, Node]:
    """Return a list's items by name, or nothing where this is no list of named mappings."""
    items: dict[str, Node] = {}
    for item in node.value if isinstance(node.value, list) else ():
        name = item.get("name")
        if name is None or not isinstance(name.value, str):
            return {}
        items[name.value] = item
    return items


def _walk(node: Node, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Node]]:
    yield path, node
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from _walk(child, (*path, key))
    elif isinstance(node.value, list):
        for number, child in enumerate(node.value):
            yield from _walk(child, (*path, number))
