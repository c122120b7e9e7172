"""From a scenario's places to their records, one for each name."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from omnilab.kernels.record import record_array
from omnilab.scenario.model import Scenario
from omnilab.world.outings import BACK_FROM, BACK_TO, OUT_FROM, OUT_TO, Outing
from omnilab.world.places import BOARD, RIVAL, STORE, SiteKind

__all__ = ["lower_ends", "lower_outings", "lower_places"]

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


def lower_ends(scenario: Scenario) -> Any:
    """Return the shares of errands by end, added up, float64: a power of the end's rank.

    Home and work are the first two of a person's places.
    """
    part = scenario.world.places
    weights = np.arange(3, 3 + part.ends, dtype=np.float64) ** -part.ranks
    shares = np.cumsum(weights / weights.sum())
    shares[-1] = 1.0
    return shares


def lower_outings(scenario: Scenario, calendar: dict[str, Any]) -> Any:
    """Return by local day when people go out, on the activity clock.

    Parameters
    ----------
    calendar
        Of `lower_calendar`.
    """
    clock = calendar["clock"][0]
    days = np.arange(int(clock.run_end) // DAY + 3 if scenario.places else 0)
    table = record_array(Outing, len(days))
    at = calendar["tz_at"].searchsorted(days * DAY, side="right") - 1
    midnight = int(clock.monday) + days * DAY - calendar["tz_offset"][at]
    part = scenario.world.places
    for name, first, last in (
        ("there", OUT_FROM, OUT_TO),
        ("back", BACK_FROM, BACK_TO),
        ("errands", part.out_from, max(part.out_from, part.out_to)),
    ):
        low, high = (_activity(calendar, midnight + x) for x in (first, last))
        table[f"{name}_a"], table[f"{name}_hours"] = low, high - low
    return table


def _activity(calendar: dict[str, Any], p: Any) -> Any:
    """Return hours of activity up to moments ``p``, seconds from the first week's Monday."""
    week, r = np.divmod(p, 7 * DAY)
    h, s = np.divmod(r, 3600)
    return week * 168.0 + calendar["act_cum"][h] + calendar["act_slope"][h] * s
