"""From a scenario's places to their records, one for each name."""

from __future__ import annotations

from typing import Any, Final

from omnilab.kernels.record import record_array
from omnilab.scenario.model import Scenario
from omnilab.world.places import BOARD, RIVAL, STORE, SiteKind

__all__ = ["lower_places"]

ROLES: Final = {"store": STORE, "rival": RIVAL, "board": BOARD}
DAY: Final = 86400
EVER: Final = 1 << 40  # a second after any run's end


def lower_places(scenario: Scenario) -> Any:
    """Return the records of the kinds of places, in the scenario's order."""
    kinds = record_array(SiteKind, len(scenario.places))
    channels = [c.name for c in scenario.channels]
    names = [p.name for p in scenario.places]
    categories = [c.name for c in scenario.categories]
    switch = scenario.time.burn_in
    first = 0
    for to, place in zip(kinds, scenario.places, strict=True):
        to.role, to.count, to.first = ROLES[place.kind], place.count, first
        first += place.count
        to.channel = -1 if place.channel is None else channels.index(place.channel)
        to.around = -1 if place.around is None else names.index(place.around)
        to.within_m, to.sight_m = place.within_m, place.sight_m
        to.central, to.attraction = place.central, place.attraction
        to.opens_on = 0 if place.opens_on is None else switch + place.opens_on * DAY
        to.closes_on = EVER if place.closes_on is None else switch + place.closes_on * DAY
        to.category = -1 if place.shows == "generic" else categories.index(place.shows)
        to.cost = round(place.cost * 100_000)
    return kinds
