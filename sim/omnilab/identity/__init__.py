"""Identity: identifiers seen together become profiles, with ids that stay valid for ever.

Usable alone: this package imports nothing of omnilab but its errors and its compiler switch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnilab.identity.files import Columns, resolve_file, score_file
    from omnilab.identity.graph import Clusters, IdentityGraph, Profile
    from omnilab.identity.merging import merge_graphs
    from omnilab.identity.policy import IdentityPolicy
    from omnilab.identity.quality import Score, score

__all__ = [
    "Clusters",
    "Columns",
    "IdentityGraph",
    "IdentityPolicy",
    "Profile",
    "Score",
    "merge_graphs",
    "resolve_file",
    "score",
    "score_file",
]

_HOMES = {
    "Clusters": "graph",
    "Columns": "files",
    "IdentityGraph": "graph",
    "IdentityPolicy": "policy",
    "Profile": "graph",
    "Score": "quality",
    "merge_graphs": "merging",
    "resolve_file": "files",
    "score": "quality",
    "score_file": "files",
}


def __getattr__(name: str) -> Any:
    """Import a public name's module when it is first used: compiled code is slow to load."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
