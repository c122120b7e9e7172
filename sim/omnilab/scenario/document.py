"""Read a scenario's YAML, by the product's one reader."""

from __future__ import annotations

from pathlib import Path

from omnilab._files.yaml_lines import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_VALUES,
    parse_yaml,
    read_yaml,
)
from omnilab._files.yaml_tree import Node

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_VALUES", "parse_document", "read_document"]


def read_document(path: str | Path) -> Node:
    """Read a YAML file whose top level is a mapping.

    Raises
    ------
    ScenarioError
        As `read_yaml` says.
    """
    return read_yaml(path)


def parse_document(text: str, file: str) -> Node:
    """Read YAML text whose top level is a mapping; ``file`` is how errors call it.

    Raises
    ------
    ScenarioError
        As `read_yaml`, as far as it concerns the text.
    """
    return parse_yaml(text, file)
