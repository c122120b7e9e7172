"""Identity: identifiers seen together become profiles, with ids that stay valid for ever.

Usable alone: this package imports nothing of omnilab but its errors and its compiler switch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.identity.files import Columns, resolve_file, score_file
    from omnilab.identity.graph import Clusters, IdentityGraph, Profile
    from omnilab.identity.merging import merge_graphs
    from omnilab.identity.policy import IdentityPolicy
    from omnilab.identity.quality import Score, score
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "files": ("Columns", "resolve_file", "score_file"),
            "graph": ("Clusters", "IdentityGraph", "Profile"),
            "merging": ("merge_graphs",),
            "policy": ("IdentityPolicy",),
            "quality": ("Score", "score"),
        },
    )

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
