"""The cascade core: one message, several channels in order, with fallback.

Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnilab.cascade.engine import CascadeEngine
    from omnilab.cascade.files import Replay, replay
    from omnilab.cascade.plan import Cap, CascadePlan, ContactPolicy, Step, Zone
    from omnilab.cascade.reference import HeapCascade
    from omnilab.cascade.tables import Answer

__all__ = [
    "Answer",
    "Cap",
    "CascadeEngine",
    "CascadePlan",
    "ContactPolicy",
    "HeapCascade",
    "Replay",
    "Step",
    "Zone",
    "replay",
]

_HOME = {
    "Answer": "tables",
    "Cap": "plan",
    "CascadeEngine": "engine",
    "CascadePlan": "plan",
    "ContactPolicy": "plan",
    "HeapCascade": "reference",
    "Replay": "files",
    "Step": "plan",
    "Zone": "plan",
    "replay": "files",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
