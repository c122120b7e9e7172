"""Tell whether a file that is there already is one that omnilab wrote: those may be replaced.

Each looks into the file, not at its name or age, so that the answer is the same on every machine.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Final

__all__ = [
    "is_fitted",
    "is_junit",
    "is_markdown",
    "is_page",
    "is_profiles",
    "is_replay",
    "is_result",
]

_HEAD: Final = 4096  # bytes of a file that are looked at
_FORMAT: Final = re.compile(r'\s*\{\s*"format":\s*"omnilab-[a-z]+-v[0-9]+"')
_MADE_BY: Final = re.compile(r"Made by `omnilab [a-z]+ |<!-- omnilab ")
_GENERATOR: Final = '<meta name="generator" content="omnilab '
# Columns that the file begins with; later versions may have more of them behind.
_PROFILES: Final = (("profile", "type", "value"), ("profile",))
_REPLAY: Final = (
    ("message_id", "profile_id", "plan", "status", "reason", "channel", "final_at"),
    ("at", "message_id", "step", "channel"),
    ("file", "at", "message_id", "reason"),
)


def is_result(path: Path) -> bool:
    """Tell whether it is JSON with one of our formats as its first key."""
    return bool(_FORMAT.match(_head(path)))


def is_junit(path: Path) -> bool:
    """Tell whether it is JUnit XML of one of our commands."""
    return _head(path).lstrip().startswith('<testsuites name="omnilab ')


def is_markdown(path: Path) -> bool:
    """Tell whether it is a page that says which of our commands made it."""
    return bool(_MADE_BY.search(_head(path)))


def is_page(path: Path) -> bool:
    """Tell whether it is a page that `report` wrote."""
    return _GENERATOR in _head(path)


def is_fitted(path: Path) -> bool:
    """Tell whether it is a scenario by `fit` that nobody has edited since."""
    from omnilab._files.seal import is_sealed

    return is_sealed(path)


def is_profiles(path: Path) -> bool:
    """Tell whether it has the columns that `identity resolve` writes."""
    names = _columns(path)
    return names == list(_PROFILES[1]) or _begins(names, _PROFILES[:1])


def is_replay(path: Path) -> bool:
    """Tell whether it has the columns of one of the tables of `cascade replay`."""
    return _begins(_columns(path), _REPLAY)


def _begins(names: list[str], known: tuple[tuple[str, ...], ...]) -> bool:
    return any(names[: len(first)] == list(first) for first in known)


def _columns(path: Path) -> list[str]:
    """Return a table's column names in their order; none where it is no table."""
    ending = path.name.lower()
    if ending.endswith((".parquet", ".pq")):
        return _parquet_columns(path)
    line = _head(path).partition("\n")[0].strip()
    if ending.removesuffix(".gz").endswith(".csv"):
        return [name.strip('"') for name in line.split(",")]
    return re.findall(r'[{,]"([^"]*)":', line)


def _parquet_columns(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError):
        return []


def _head(path: Path) -> str:
    """Return the beginning of a text file, unpacked where it is packed; empty if it is none."""
    try:
        with path.open("rb") as file:
            start = file.read(_HEAD)
        if start[:2] == b"\x1f\x8b":
            with gzip.open(path) as packed:
                start = packed.read(_HEAD)
        return start.decode("utf-8", errors="replace")
    except (OSError, EOFError, ValueError):
        return ""
