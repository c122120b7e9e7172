"""Paid search: a visit for a need may start at a search result that the brand pays for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.world.choice import can_go
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["LoweredSearch", "search_leads_to"]


class LoweredSearch(Record):
    """The parameters: those of the channel that has `search`."""

    searches: f8
    click: f8
    landing: i8  # channel, -1 without paid search
    cost: i8  # milli-cents a click
    first_visit: i8  # the first channel that can be visited


@inner
def search_leads_to(model: Model, person: Person, t: int, searches: float, clicks: float) -> int:
    """Return the channel where the visit starts from a paid search result, or -1.

    Parameters
    ----------
    searches, clicks
        Uniforms in (0, 1): whether the person searches, and clicks the paid result.
    """
    if model.search.landing < 0:
        return -1
    if searches >= model.search.searches or clicks >= model.search.click:
        return -1
    c = int(model.search.landing)
    return c if can_go(model, person, c, t) else -1


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
