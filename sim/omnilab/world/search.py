"""Paid search: a visit for a need may start at a search result that the brand pays for."""

from __future__ import annotations

from omnilab.kernels.record import Record, f8, i8
from omnilab.world.lowered import ScenarioParts, Values, fills

__all__ = ["LoweredSearch"]


class LoweredSearch(Record):
    """The parameters: those of the channel that has `search`."""

    searches: f8
    click: f8
    landing: i8  # channel, -1 without paid search
    cost: i8  # milli-cents a click
    first_visit: i8  # the first channel that can be visited


@fills(LoweredSearch)
def _lower(scenario: ScenarioParts) -> Values:
    names = [c.name for c in scenario.channels]
    search = next((c.search for c in scenario.channels if c.search), None)
    return {
        "searches": search.searches if search else 0.0,
        "click": search.click if search else 0.0,
        "landing": names.index(search.landing) if search else -1,
        "cost": round(search.cost * 100_000) if search else 0,
        "first_visit": next(n for n, c in enumerate(scenario.channels) if c.visit),
    }
