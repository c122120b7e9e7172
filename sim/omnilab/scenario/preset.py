"""Replace preset names by what they stand for: shipped YAML data, changed by the user's keys.

Three lists of a scenario may name presets: its channels, its personas and the brand's journeys.
An item is then the preset's name alone (``- web``), or a mapping with ``preset: web`` and
whatever differs. The item is named after its preset unless it has a ``name``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from omnilab.errors import nearest
from omnilab.scenario.document import read_document
from omnilab.scenario.text import shown
from omnilab.scenario.tree import Node, Step, merge, plain

__all__ = [
    "SECTIONS",
    "expand_presets",
    "is_preset_file",
    "name_presets",
    "preset_data",
    "preset_names",
    "preset_words",
    "unknown_preset",
]

SECTIONS: dict[tuple[str, ...], str] = {
    ("channels",): "channels",
    ("population", "personas"): "personas",
    ("brand", "journeys"): "journeys",
}
"""Where presets are allowed: the path of the list -> the file of its presets."""

_FOLDER = Path(__file__).parent / "presets"


def preset_names(kind: str) -> list[str]:
    """Return the names of the presets of a kind: ``channels``, ``personas`` or ``journeys``."""
    return list(_presets(kind))


def is_preset_file(file: str) -> bool:
    """Tell whether a node's file is one of the presets' own."""
    return Path(file).parent == _FOLDER


def preset_words(kind: str) -> dict[str, str]:
    """Return what each preset of a kind is, by its name and in the presets' order."""
    words = plain(read_document(_FOLDER / "words.yaml"))[kind]
    return {name: words[name] for name in preset_names(kind)}


def preset_data(kind: str, name: str) -> dict[str, Any]:
    """Return what a preset stands for, as plain data in the form of a scenario file."""
    data: dict[str, Any] = plain(_presets(kind)[name])
    return data


def name_presets(root: Node) -> Node:
    """Write every preset in its long form, ``{preset: web, name: web}``, so that items merge."""
    for path in SECTIONS:
        root = _replaced(root, path, _named)
    return root


def expand_presets(root: Node) -> Node:
    """Put in each preset's data, below the keys that the scenario gives itself.

    A preset that isn't there keeps its key ``preset``, which validation then refuses, so that it
    is reported together with whatever else is wrong.
    """
    for path, kind in SECTIONS.items():
        known = _presets(kind)

        def expand(item: Node, known: dict[str, Node] = known) -> Node:
            return _expanded(item, known)

        root = _replaced(root, path, expand)
    return root


def unknown_preset(path: tuple[Step, ...], given: object) -> str | None:
    """Say what is wrong with the ``preset`` key at ``path``; None where no preset can stand."""
    kind = SECTIONS.get(tuple(str(step) for step in path[:-2]))
    if kind is None or path[-1] != "preset":
        return None
    hint = nearest(str(given), _presets(kind)) or f"; there are {', '.join(_presets(kind))}"
    return f"unknown {kind.removesuffix('s')} preset {shown(given)}{hint}"


def _named(item: Node) -> Node:
    if isinstance(item.value, str):
        return item.with_value({"preset": item, "name": item})
    preset = item.get("preset")
    if preset is None or item.get("name") is not None or not isinstance(item.value, dict):
        return item
    if not isinstance(preset.value, str):
        return item
    return item.with_value({**item.value, "name": preset})


def _expanded(item: Node, known: dict[str, Node]) -> Node:
    preset = item.get("preset")
    if preset is None or preset.value not in tuple(known) or not isinstance(item.value, dict):
        return item
    own = item.with_value({key: node for key, node in item.value.items() if key != "preset"})
    return merge(known[str(preset.value)], own)


def _replaced(root: Node, path: tuple[str, ...], change: Callable[[Node], Node]) -> Node:
    """Return the tree with each item of the list at ``path`` changed."""
    if not path:
        if not isinstance(root.value, list):
            return root
        return root.with_value([change(item) for item in root.value])
    child = root.get(path[0])
    if child is None or not isinstance(root.value, dict):
        return root
    return root.with_value({**root.value, path[0]: _replaced(child, path[1:], change)})


@cache
def _presets(kind: str) -> dict[str, Node]:
    """Read a kind's presets, each a mapping under its name."""
    root = read_document(_FOLDER / f"{kind}.yaml")
    assert isinstance(root.value, dict)  # read_document takes nothing else
    return root.value
