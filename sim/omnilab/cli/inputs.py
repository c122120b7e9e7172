"""Find all files that a command reads when it is given one: what must never be written over."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnilab.scenario.tree import Node

__all__ = [
    "bundle_files",
    "plain_files",
    "run_files",
    "scenario_files",
    "start_files",
    "strategy_files",
    "theme_files",
    "word_files",
]

_LONGEST_CHAIN = 17  # of scenarios that extend each other; more is an error of its own
#: Packages of the program itself: they import hundreds of modules, none of them a command's input.
_OURS = frozenset({"omnilab", "omnilab_strategies"})


def plain_files(value: str) -> Iterator[Path]:
    """Yield the file itself."""
    yield Path(value)


def start_files(value: str) -> Iterator[Path]:
    """Yield a file, and the plan file that `cascade replay` finds beside it."""
    yield Path(value)
    yield Path(value).parent / "plans.yaml"


def word_files(value: str) -> Iterator[Path]:
    """Yield the file of provider's words; ``word=event`` on the command line is none."""
    if "=" not in value or Path(value).is_file():
        yield Path(value)


def theme_files(value: str) -> Iterator[Path]:
    """Yield a report's theme, and its logo."""
    from omnilab.errors import OmnilabError
    from omnilab.scenario.document import read_document

    yield Path(value)
    with suppress(OmnilabError, ValueError, OSError):
        logo = read_document(value).get("logo")
        if logo is not None and isinstance(logo.value, str):
            yield Path(value).parent / logo.value


def bundle_files(value: str) -> Iterator[Path]:
    """Yield a bundle's files; its leaderboard is no part of it."""
    if Path(value).is_file():
        yield Path(value)  # no bundle, which the command says itself
    for part in ("public", "secret"):
        yield from (path for path in (Path(value) / part).rglob("*") if path.is_file())


def run_files(value: str) -> Iterator[Path]:
    """Yield a run directory and its files, or what a scenario is made of."""
    if Path(value).is_dir():
        yield Path(value)
        yield from (path for path in Path(value).iterdir() if path.is_file())
    else:
        yield from scenario_files(value)


def scenario_files(value: str) -> Iterator[Path]:
    """Yield a scenario's file, those that it extends, the presets, and its strategies' files.

    What is wrong with them is said by the command itself; here they end the search.
    """
    from omnilab import scenario
    from omnilab.errors import OmnilabError
    from omnilab.scenario.catalogue import find_scenario
    from omnilab.scenario.document import read_document

    yield from (Path(scenario.__file__).parent / "presets").glob("*.yaml")
    files: list[Path] = [Path(value)]
    with suppress(OmnilabError, ValueError, OSError):
        files.append(find_scenario(value))
    for number, path in enumerate(files):
        yield path
        if number > _LONGEST_CHAIN:
            return
        with suppress(OmnilabError, ValueError, OSError):
            root = read_document(path)
            extends = root.get("extends")
            if extends is not None and isinstance(extends.value, str):
                files.append(path.parent / extends.value)
                with suppress(OmnilabError):
                    files.append(find_scenario(extends.value))
            for name in _named(root):
                yield from strategy_files(name)


def strategy_files(value: str) -> Iterator[Path]:
    """Yield a strategy's YAML or Python file, and the modules that it imports from near by."""
    from omnilab.errors import OmnilabError
    from omnilab.strategy.naming import IN_A_FILE, parsed_map, parsed_name

    with suppress(OmnilabError):
        what, _, _ = parsed_name(parsed_map(value)[0])
        in_a_file = IN_A_FILE.fullmatch(what)
        path = Path(in_a_file[1] if in_a_file else what)
        yield path
        if path.suffix == ".py":
            yield from _imported(path)


def _named(root: Node) -> Iterator[str]:
    """Yield the strategies that a scenario's tree names."""
    listed, brand = root.get("strategies"), root.get("brand")
    found = listed.value if listed is not None and isinstance(listed.value, list) else []
    status_quo = brand.get("status_quo") if brand is not None else None
    for node in (*found, status_quo):
        if node is not None and isinstance(node.value, str):
            yield node.value


def _imported(path: Path) -> Iterator[Path]:
    """Yield the modules beside a file, or where Python looks first, that it imports."""
    seen, left = {path}, [path]
    folders = list(dict.fromkeys([path.parent, *_own_folders()]))
    while left:
        for name in _names(left.pop()):
            for folder in folders:
                base = folder.joinpath(*name.split("."))
                package = [base.with_suffix(".py"), base / "__init__.py"]
                for module in package:
                    if module not in seen and module.is_file():
                        seen.add(module)
                        left.append(module)
                        yield module


def _own_folders() -> list[Path]:
    """Return where Python looks for modules, without those that were installed."""
    return [Path(p or ".") for p in sys.path if "site-packages" not in p and "lib/python" not in p]


def _names(path: Path) -> list[str]:
    """Return the modules that a file's text imports, each with what is above it, but for ours."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    whole: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            whole += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = [node.module] if node.module else []
            whole += [*above, *(".".join([*above, alias.name]) for alias in node.names)]
    parts = [name.split(".") for name in whole if name.partition(".")[0] not in _OURS]
    return sorted({".".join(p[: i + 1]) for p in parts for i in range(len(p))})
