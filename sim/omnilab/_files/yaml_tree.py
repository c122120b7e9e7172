"""Hold a YAML file's data together with where, and how, each value was written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from omnilab.errors import ScenarioError

__all__ = ["Node", "Scalar", "Step", "child_at", "dotted", "find", "plain", "printable"]

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
    text
        A scalar as the file has it, so that a name such as ``1.10`` or ``no`` can be taken as
        written; None for mappings, lists and values that no file has.
    """

    value: Scalar | dict[str, Node] | list[Node]
    file: str
    line: int
    text: str | None = None

    def get(self, key: str) -> Node | None:
        """Return the node under ``key``, or None where this is no mapping or has no such key."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def with_value(self, value: Scalar | dict[str, Node] | list[Node]) -> Node:
        """Return a node of another value at the same place."""
        return replace(self, value=value, text=None)

    def error(self, message: str, key: str | None = None) -> ScenarioError:
        """Return a scenario's error that points to this node."""
        return ScenarioError(message, file=self.file, line=self.line, key=key)


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
        child = child_at(node, step)
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
        node = None if node is None else child_at(node, step)
        name = node.get("name") if node is not None and isinstance(step, int) else None
        if name is not None and isinstance(name.value, str):
            text += f".{printable(name.value)}"
        else:
            text += f"[{step}]" if isinstance(step, int) else f".{printable(step)}"
    return text.removeprefix(".")


def child_at(node: Node, step: Step) -> Node | None:
    """Return the node one step below another one, or None where there is none."""
    if isinstance(node.value, dict):
        return node.value.get(str(step))
    if isinstance(node.value, list) and isinstance(step, int) and 0 <= step < len(node.value):
        return node.value[step]
    return None


def printable(key: str) -> str:
    """Show a key on one line: as it is, or quoted where it holds anything unusual."""
    short = key if len(key) <= 64 else f"{key[:61]}..."
    return short if short.isprintable() and short.strip() == short and short else repr(short)
