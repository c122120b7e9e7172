"""The cascade core: one message, several channels in order, with fallback.

Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.cascade.engine import CascadeEngine
    from omnilab.cascade.files import Replay, replay
    from omnilab.cascade.plan import Cap, CascadePlan, ContactPolicy, Step, Zone
    from omnilab.cascade.reference import HeapCascade
    from omnilab.cascade.tables import Answer
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "engine": ("CascadeEngine",),
            "files": ("Replay", "replay"),
            "plan": ("Cap", "CascadePlan", "ContactPolicy", "Step", "Zone"),
            "reference": ("HeapCascade",),
            "tables": ("Answer",),
        },
    )

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
