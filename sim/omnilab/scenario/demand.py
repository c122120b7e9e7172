"""Whether messages make demand in a scenario: what no reader of a result may overlook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.parameters.quantity import format_share

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["demand_note"]

#: From this share of visits on it is much: the upper end of the range of `Response.created`.
MUCH: Final = 0.2


def demand_note(scenario: Scenario) -> str | None:
    """Return a sentence where messages make no demand or much of it, None where neither is so."""
    created = scenario.world.response.created
    if not any(c.message for c in scenario.channels) or not scenario.brand.journeys:
        return None
    if created == 0.0:
        return (
            "Messages make no demand here: world.response.created is 0%, so they can only reveal, "
            "hasten, revive or win back needs that come by themselves."
        )
    if created > MUCH:
        return (
            f"Messages make much demand here: world.response.created is {format_share(created)} of "
            f"the visits that they lead to without a need, above {format_share(MUCH)}, the most "
            "that its sources allow."
        )
    return None
