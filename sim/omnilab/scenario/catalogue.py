"""Find the scenarios that come with the package.

A wheel carries them inside the package; in an editable install they stand beside the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from omnilab.errors import ScenarioError, nearest
from omnilab.scenario.document import read_document
from omnilab.scenario.tree import Node

__all__ = ["ShippedScenario", "find_scenario", "list_scenarios", "scenario_folder"]

_SHORT: Final = 8  # so many ids fit an error's line
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class ShippedScenario:
    """A scenario that comes with the package."""

    id: str
    title: str
    path: Path
    description: str = ""


def list_scenarios() -> list[ShippedScenario]:
    """Return the shipped scenarios in the order of their ids.

    Raises
    ------
    ScenarioError
        If a shipped file can't be read.
    """
    found = []
    for name, path in _files().items():
        root = read_document(path)
        title, description = (_text(root.get(key)) for key in ("title", "description"))
        found.append(ShippedScenario(name, title, path, description))
    return found


def find_scenario(scenario_id: str) -> Path:
    """Return the file of a shipped scenario.

    Raises
    ------
    ScenarioError
        If no shipped scenario has that id; the message has the nearest one.
    """
    files = _files()
    if scenario_id not in files:
        hint = nearest(scenario_id, files) or (
            f"; there are {', '.join(files) or 'none'}" if len(files) <= _SHORT
            else f"; `omnilab list scenarios` has the {len(files)} there are"
        )  # fmt: skip
        raise ScenarioError(f"no shipped scenario {scenario_id!r}{hint}")
    return files[scenario_id]


def scenario_folder() -> Path | None:
    """Return the folder of the shipped scenarios, or None where the package came without."""
    for folder in (_PACKAGE / "_scenarios", _PACKAGE.parents[1] / "scenarios"):
        if folder.is_dir():
            return folder
    return None


def _files() -> dict[str, Path]:
    """Return the shipped files by their ids, which are the names of the files."""
    folder = scenario_folder()
    return {} if folder is None else {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def _text(node: Node | None) -> str:
    return node.value if node is not None and isinstance(node.value, str) else ""
