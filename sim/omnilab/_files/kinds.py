"""Say which file was meant: the nearest name in a folder, and which kind a file is instead.

Users give many kinds of YAML files, each to one place. A file of the wrong kind says so in the
words of its own kind, before its keys are called unknown; a file that is not there says which name
in its folder is the nearest.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice
from typing import Final, Literal, TypeAlias

from omnilab.errors import closest

__all__ = ["YAML", "Kind", "near_file", "other_kind"]

Kind: TypeAlias = Literal["scenario", "strategy", "gate", "evidence", "patterns", "theme", "plans"]

YAML: Final = (".yaml", ".yml")
#: Kind -> what such a file is, and which command or option takes it.
_TAKEN: Final[dict[Kind, str]] = {
    "scenario": "a scenario, which stands right after a command's name",
    "strategy": "a strategy, which --strategy takes",
    "gate": "a gate, which `omnilab check --gate` takes",
    "evidence": "a file of evidence, which `omnilab evidence` takes",
    "patterns": "a file of patterns, which `omnilab patterns --patterns` takes",
    "theme": "a theme, which `omnilab report --theme` takes",
    "plans": "a file of cascades, which `omnilab cascade replay --plans` takes",
}
#: Keys that only files of one kind have at their top, the surest first.
_KEYS: Final[tuple[tuple[Kind, frozenset[str]], ...]] = (
    ("gate", frozenset({"guardrails"})),
    ("evidence", frozenset({"claims"})),
    ("patterns", frozenset({"patterns"})),
    ("plans", frozenset({"plans", "contact_policy"})),
    ("scenario", frozenset({"population", "extends", "categories", "personas"})),
    ("strategy", frozenset({"sharing", "journeys", "silos", "paid", "cap", "budgets", "bids"})),
    ("theme", frozenset({"colours", "logo", "font", "dark"})),
    ("gate", frozenset({"goal"})),
)
_MOST_NAMES: Final = 2000  # of a folder that are looked at


def other_kind(
    keys: Mapping[str, object] | object, wanted: Kind, *, known: frozenset[str] = frozenset()
) -> str:
    """Return ``this is a strategy, which --strategy takes`` of a file that is of another kind.

    Parameters
    ----------
    keys
        The top of the file, a mapping by its keys; of anything else nothing is said.
    wanted
        The kind that belongs here.
    known
        Keys of the wanted kind which others have too: they say nothing.

    Returns
    -------
    str
        "" where the file may be of the wanted kind.
    """
    if not isinstance(keys, Mapping):
        return ""
    mine = known.union(*(own for kind, own in _KEYS if kind == wanted))
    if any(key in mine for key in keys):
        return ""
    for kind, own in _KEYS:
        for key in keys:
            if key in own:
                return f"with `{key}` this is {_TAKEN[kind]}"
    return ""


def near_file(path: str | os.PathLike[str], endings: tuple[str, ...] = ()) -> str:
    """Return `` (did you mean 'shop.yaml'?)`` for the file nearest to a name that is not there.

    Parameters
    ----------
    path
        As the user gave it.
    endings
        Of the files that may be meant, such as `YAML`; all by default.

    Returns
    -------
    str
        That there is no such folder, where that is what is wrong; "" where the folder has none
        like it, or can't be read.
    """
    folder, name = os.path.split(os.fspath(path))
    try:
        with os.scandir(folder or ".") as found:
            names = sorted(
                entry.name
                for entry in islice(found, _MOST_NAMES)
                if entry.name.endswith(endings or "") and not entry.is_dir()
            )
    except FileNotFoundError:
        return f"; there is no folder {folder!r}"
    except (OSError, ValueError):  # ValueError: a zero byte in the path
        return ""
    near = closest(name, names)
    return f" (did you mean {os.path.join(folder, near)!r}?)" if near else ""
