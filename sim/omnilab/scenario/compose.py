"""Put a scenario together: its file, the scenarios that it extends, and the presets it names."""

from __future__ import annotations

import os
from pathlib import Path

from omnilab._files.kinds import YAML, near_file
from omnilab.errors import ScenarioError
from omnilab.scenario.catalogue import find_scenario
from omnilab.scenario.document import read_document
from omnilab.scenario.preset import expand_presets, name_presets
from omnilab.scenario.tree import Node, merge, refuse_repeated_names
from omnilab.scenario.without import merge_without

__all__ = ["compose"]

_LONGEST_CHAIN = 16


def compose(path: Path) -> Node:
    """Return the tree of a scenario file with everything filled in that it refers to.

    Raises
    ------
    ScenarioError
        If a file can't be read, ``extends`` goes round in a circle or nowhere, or a list has two
        items of one name, or ``without`` takes away what the base does not have or still needs.
    """
    return expand_presets(_extended(path, ()))


def _extended(path: Path, above: tuple[Path, ...]) -> Node:
    """Return a file's tree merged over that of the scenario it extends."""
    root = name_presets(read_document(path))
    refuse_repeated_names(root)
    extends = root.get("extends")
    without = root.get("without")
    if extends is None or not isinstance(root.value, dict):
        if without is not None:
            raise without.error(
                "takes away of what `extends` brings, and this file extends nothing", "without"
            )
        return root
    own = root.with_value({key: node for key, node in root.value.items() if key != "extends"})
    base = _base_path(extends, path)
    chain = (*above, path)
    real = [os.path.realpath(link) for link in chain]
    if os.path.realpath(base) in real:
        circle = [*chain[real.index(os.path.realpath(base)) :], base]
        shown = " -> ".join(link.name for link in circle)
        raise extends.error(f"extends goes round in a circle: {shown}", "extends")
    if len(chain) > _LONGEST_CHAIN:
        raise extends.error(f"more than {_LONGEST_CHAIN} scenarios extend each other", "extends")
    if not os.path.isfile(base):  # noqa: PTH113 (Path.is_file raises on a long name)
        raise extends.error(f"no such file: {base}{near_file(base, YAML)}", "extends")
    inherited = _extended(base, chain)
    assert isinstance(inherited.value, dict)  # read_document takes nothing else
    # An id names one behaviour, so a changed scenario can't inherit it.
    kept = {key: node for key, node in inherited.value.items() if key != "id"}
    put = merge if without is None else merge_without
    return put(inherited.with_value(kept), own)


def _base_path(extends: Node, path: Path) -> Path:
    """Return the file that ``extends`` means: a path beside the file, or a shipped id."""
    base = extends.value
    if not isinstance(base, str) or not base.isprintable() or not 0 < len(base) <= 1024:
        raise extends.error("extends takes one scenario id or one path", "extends")
    if "/" in base or "\\" in base or base.endswith((".yaml", ".yml")):
        return path.parent / base
    try:
        return find_scenario(base)
    except ScenarioError as error:
        raise extends.error(_no_base(base, path, error.message), "extends") from None


def _no_base(base: str, path: Path, unknown: str) -> str:
    """Say that no shipped scenario has the id, and what was meant."""
    file = next((f"{base}{end}" for end in (".yaml", ".yml") if _is_file(path, base + end)), None)
    if file is not None:
        return f"no shipped scenario {base!r}; the file beside this one is {file!r}"
    ending = "" if "did you mean" in unknown else ", and a file is named with its ending"
    return f"{unknown}{ending}"


def _is_file(path: Path, name: str) -> bool:
    return os.path.isfile(path.parent / name)  # noqa: PTH113 (Path.is_file raises on a long name)
