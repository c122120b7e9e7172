"""The worlds of a study: its base scenario as the file changes it, with customers and dates."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._files.kinds import YAML, near_file
from omnilab.errors import OmnilabError, OptionError, ScenarioError
from omnilab.experiment.paths import changed_at, value_of
from omnilab.scenario.catalogue import find_scenario
from omnilab.scenario.compose import compose
from omnilab.scenario.load import validate_tree
from omnilab.scenario.model import Scenario
from omnilab.scenario.preset import expand_presets, name_presets
from omnilab.scenario.tree import Node, merge, plain, refuse_repeated_names

if TYPE_CHECKING:
    from omnilab.experiment.evidence.model import StudyFile

__all__ = ["base_tree", "changed_world", "overlaid", "sized"]


def base_tree(root: Node) -> Node:
    """Return the composed tree of a study's base scenario.

    Raises
    ------
    ScenarioError
        At the study's own line where there is no such scenario.
    """
    base = root.get("base")
    assert base is not None  # validated
    node = base.get("scenario")
    assert node is not None
    named = str(node.value)
    try:
        return compose(_path(named, Path(root.file).parent))
    except ScenarioError as error:
        if error.line is not None:
            raise
        raise node.error(error.message, "base.scenario") from None


def overlaid(tree: Node, overlay: Node | None) -> tuple[Scenario, Node]:
    """Return the scenario of a tree with a study's nested keys over it, and the whole tree.

    Raises
    ------
    ScenarioError
        With the line of the overlay, or of the base where that is wrong.
    """
    if overlay is not None and isinstance(overlay.value, dict):
        for key in ("extends", "id"):
            if (node := overlay.get(key)) is not None:
                raise node.error(f"{key} has no place in an overlay: base.scenario names the base")
        own = name_presets(overlay)
        refuse_repeated_names(own)
        tree = expand_presets(merge(tree, own))
    return validate_tree(Scenario, tree), tree


def sized(scenario: Scenario, file: StudyFile, customers: int | None) -> Scenario:
    """Return the scenario with a study's customers and dates."""
    time = {
        key: value
        for key, value in (
            ("burn_in", file.warm_up), ("window", file.window), ("run_out", file.run_out),
        )
        if value is not None
    }  # fmt: skip
    patch: dict[str, Any] = {"population": {"customers": customers or file.customers}}
    return scenario.changed(patch | ({"time": time} if time else {}))


def changed_world(scenario: Scenario, node: Node | None, key: str) -> Scenario:
    """Return the scenario with the values that a node of dotted keys gives it.

    Raises
    ------
    ScenarioError
        With the line of the key that is not there, or whose value is wrong.
    """
    if node is None or not isinstance(node.value, dict) or not node.value:
        return scenario
    changes: Mapping[str, Any] = {name: plain(child) for name, child in node.value.items()}
    for name, child in node.value.items():
        try:
            value_of(scenario, name)
        except OptionError as error:
            if not _is_new_name(scenario, name):
                raise child.error(str(error), f"{key}.{name}") from None
    try:
        return changed_at(scenario, changes, currency=scenario.currency, seconds=False)
    except OmnilabError as error:
        wrong = getattr(error, "key", None) or ""
        at = next((c for n, c in node.value.items() if wrong.startswith(n)), node)
        message = error.message if isinstance(error, ScenarioError) else str(error)
        raise at.error(message, f"{key}.{wrong}" if wrong else key) from None


def _is_new_name(scenario: Scenario, key: str) -> bool:
    """Tell whether only the last step is missing, in a mapping of names."""
    above, _, _ = key.rpartition(".")
    try:
        return bool(above) and isinstance(value_of(scenario, above), dict)
    except OptionError:
        return False


def _path(named: str, folder: Path) -> Path:
    """Return the file that ``base.scenario`` means: a path beside the study, or a shipped id."""
    if "/" in named or named.endswith((".yaml", ".yml")):
        beside = folder / named
        if not os.path.isfile(beside):  # noqa: PTH113 (Path.is_file raises on a long name)
            raise ScenarioError(f"no such file: {beside}{near_file(beside, YAML)}")
        return beside
    return find_scenario(named)
