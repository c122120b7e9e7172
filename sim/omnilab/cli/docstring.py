"""Read what a plug-in's class says of itself, without running any of its code."""

from __future__ import annotations

import ast
from importlib.machinery import PathFinder
from pathlib import Path

__all__ = ["class_docstring"]


def class_docstring(target: str) -> str:
    """Return the first paragraph of a class's docstring, "" where it can't be read.

    Parameters
    ----------
    target
        ``package.module:Class``, as an entry point has it.
    """
    module, _, name = target.partition(":")
    source = _source(module)
    if source is None:
        return ""
    try:
        tree = ast.parse(source.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            text = ast.get_docstring(node) or ""
            return " ".join(text.split("\n\n")[0].split())
    return ""


def _source(module: str) -> Path | None:
    """Return a module's file; packages above it are looked up and not imported."""
    path: list[str] | None = None
    spec = None
    parts = module.split(".")
    for number in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: number + 1]), path)
        if spec is None:
            return None
        path = list(spec.submodule_search_locations or [])
    origin = spec.origin if spec is not None else None
    return Path(origin) if origin and origin.endswith(".py") else None
