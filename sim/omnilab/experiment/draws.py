"""Values by dotted keys as a change of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["patch_of"]


def patch_of(values: Mapping[str, float], base: Scenario) -> dict[str, Any]:
    """Return values by dotted keys as a change of a scenario, in which channels are a list."""
    patch: dict[str, Any] = {}
    channels = [c.model_dump() for c in base.channels]
    by_name = {c["name"]: c for c in channels}
    for name, value in values.items():
        head, *rest = name.split(".")
        at = by_name[rest.pop(0)] if head == "channels" else patch.setdefault(head, {})
        for step in rest[:-1]:
            at = at.setdefault(step, {})
        at[rest[-1]] = value
    return patch | {"channels": channels}
