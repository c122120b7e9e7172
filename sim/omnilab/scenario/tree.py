"""Hold a file's data together with where each value was written, and merge two such trees.

Everything that happens to a scenario before it is validated (``extends``, presets) happens on
these nodes, so that an error can point to the line that the user wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from omnilab.errors import ScenarioError
from omnilab.scenario.text import shown

__all__ = ["Node", "Step", "dotted", "find", "merge", "plain", "refuse_repeated_names"]

Scalar: TypeAlias = str | int | float | bool | None
Step: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a file and where its key is.

    Parameters
    ----------
    value
        A scalar, or a mapping or list of nodes.
    file, line
        The file as the user named it, and the 1-based line of the value's key or list item.
    """

    value: Scalar | dict[str, Node] | list[Node]
    file: str
    line: int

    def get(self, key: str) -> Node | None:
        """Return the node under ``key``, or None where this is no mapping or has no such key."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def with_value(self, value: Scalar | dict[str, Node] | list[Node]) -> Node:
        """Return a node of another value at the same place."""
        return replace(self, value=value)

    def error(self, message: str, key: str | None = None) -> ScenarioError:
        """Return the error that points to this node."""
        return ScenarioError(message, file=self.file, line=self.line, key=key)


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


def plain(node: Node) -> Any:
    """Return the bare data of a tree: dicts, lists and scalars."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def find(root: Node, path: tuple[Step, ...]) -> tuple[Node, tuple[Step, ...]]:
    """Return the deepest node along ``path`` and the steps that really lead to it.

    Steps that the data doesn't have are passed over: pydantic puts the names of union members
    between the keys of the file.
    """
    node, taken = root, []
    for step in path:
        child = _child(node, step)
        if child is not None:
            node = child
            taken.append(step)
    return node, tuple(taken)


def dotted(path: Iterable[Step], root: Node | None = None) -> str:
    """Write a path as ``channels.web.cost``.

    Parameters
    ----------
    path
        Keys, and numbers of list items from 0.
    root
        The tree in which the path is; with it, list items go by their ``name`` if they have one.
    """
    node, text = root, ""
    for step in path:
        node = None if node is None else _child(node, step)
        name = node.get("name") if node is not None and isinstance(step, int) else None
        if name is not None and isinstance(name.value, str):
            text += f".{_printable(name.value)}"
        else:
            text += f"[{step}]" if isinstance(step, int) else f".{_printable(step)}"
    return text.removeprefix(".")


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


def _child(node: Node, step: Step) -> Node | None:
    if isinstance(node.value, dict):
        return node.value.get(str(step))
    if isinstance(node.value, list) and isinstance(step, int) and 0 <= step < len(node.value):
        return node.value[step]
    return None


def _walk(node: Node, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Node]]:
    yield path, node
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from _walk(child, (*path, key))
    elif isinstance(node.value, list):
        for number, child in enumerate(node.value):
            yield from _walk(child, (*path, number))


def _printable(key: str) -> str:
    """Show a key on one line: as it is, or quoted where it holds anything unusual."""
    short = key if len(key) <= 64 else f"{key[:61]}..."
    return short if short.isprintable() and short.strip() == short and short else repr(short)
