"""Read strategies' names, and say which are installed, without importing any of them.

Nothing heavy is imported here, so that a scenario's names can be checked in no time.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from omnilab._files.kinds import YAML, near_file
from omnilab.errors import StrategyError, nearest

__all__ = [
    "IN_A_FILE",
    "YAML",
    "no_such",
    "parsed_map",
    "parsed_name",
    "strategy_names",
    "targets",
    "unknown_name",
]

GROUP: Final = "omnilab.strategies"
_BUILT_IN: Final = "omnilab_strategies"

_WITH_OPTIONS = re.compile(r"(.+?)\(([^()]*)\)", re.DOTALL)
_UNDER_MAP = re.compile(r"(.+)@(\w[\w-]*)", re.DOTALL)
IN_A_FILE = re.compile(r"(.+\.py):([^:/\\]*)", re.DOTALL)


def unknown_name(name: str) -> str | None:
    """Return what is wrong with a strategy's name, as far as that shows without importing it.

    None for an installed strategy, and for files, which are looked at when they are loaded.
    """
    try:
        what, _, _ = parsed_name(parsed_map(name)[0])
    except StrategyError as error:
        return error.message
    if what.endswith((*YAML, ".py")) or IN_A_FILE.fullmatch(what):
        return None
    return None if what in targets() else no_such(what)


def strategy_names() -> list[str]:
    """Return the names of the installed strategies, sorted, without importing them."""
    return sorted(targets())


def no_such(name: str) -> str:
    """Return that there is no strategy of a name, with the nearest, or what was meant by it."""
    if os.path.isdir(name):  # noqa: PTH112 (Path.is_dir raises on a long name)
        return f"{name} is a folder: name an installed strategy, file.py:Class or a YAML file"
    if os.path.isfile(name):  # noqa: PTH113
        return f"{name} is a file of another kind: a strategy's ends in .yaml, or is file.py:Class"
    known = targets()
    there = f"; there are {', '.join(sorted(known)) or 'none'}"
    return f"no such strategy{nearest(name, known) or near_file(name, YAML) or there}"


def targets() -> dict[str, list[str]]:
    """Return where each installed strategy is, as ``module:Class``; more than one by mistake."""
    found: dict[str, list[str]] = {}
    folders = tuple((path, _changed(path)) for path in sys.path)
    for name, value in _offered(metadata.entry_points, folders):
        values = found.setdefault(name, [])
        if value not in values:
            values.append(value)
    # A source tree that isn't installed has no entry points, but it has the package.
    if find_spec(_BUILT_IN) is not None:
        for name, value in importlib.import_module(_BUILT_IN).STRATEGIES.items():
            found.setdefault(name, [value])
    return found


@lru_cache(maxsize=4)
def _offered(
    entry_points: Callable[..., Any], _folders: tuple[tuple[str, int], ...]
) -> tuple[tuple[str, str], ...]:
    """Return the names and places that packages offer, for which a file of each has to be read."""
    return tuple((point.name, point.value) for point in entry_points(group=GROUP))


def _changed(folder: str) -> int:
    """Return when packages were last put into a folder or taken out of it, 0 if there is none."""
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return 0


def parsed_map(name: str) -> tuple[str, str | None]:
    """Split ``name@map``: a strategy under a silo map that is not the scenario's own.

    Raises
    ------
    StrategyError
        If there is no such map; names the nearest.
    """
    match = _UNDER_MAP.fullmatch(name.strip())
    if match is None:
        return name, None
    from omnilab.scenario.wiring import MAPS

    if match[2] not in MAPS:
        hint = nearest(match[2], MAPS) or f"; there are {', '.join(MAPS)}"
        raise StrategyError(f"no silo map {match[2]!r}{hint}", strategy=name)
    return match[1], match[2]


def parsed_name(name: str) -> tuple[str, dict[str, Any], str]:
    """Split ``name(option=value)``; return the name, the options and the whole in one form."""
    name = name.strip()
    match = _WITH_OPTIONS.fullmatch(name)
    if match is None:
        return name, {}, name
    options: dict[str, Any] = {}
    for part in filter(None, (p.strip() for p in match[2].split(","))):
        key, equals, value = (p.strip() for p in part.partition("="))
        if not equals or not key.isidentifier():
            raise StrategyError(f"option {part!r}: write option=value", strategy=name)
        if key in options:
            raise StrategyError(f"option {key!r} is given twice", strategy=name)
        options[key] = _option(value)
    what = match[1].strip()
    inside = ", ".join(f"{k}={_written(v)}" for k, v in options.items())
    return what, options, f"{what}({inside})" if options else what


def _option(text: str) -> Any:
    """Read an option's value: a number, true, false, or else text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float | str) else text


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
