"""From the brand's media plan to the records of its flights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from omnilab.kernels.record import record_array
from omnilab.parameters.quantity import DAY
from omnilab.scenario.model import Scenario
from omnilab.scenario.reach import shape_of
from omnilab.world.media import A_WEEK, MEDIA, LoweredFlight

__all__ = ["lands_on", "lower_flights", "seconds_of"]

PER_CONTACT: Final = 100.0  # milli-cents of one contact, for each unit of currency a thousand


def lower_flights(scenario: Scenario, table: Mapping[str, int]) -> Any:
    """Return the records of the flights, in the scenario's order.

    Parameters
    ----------
    table
        Number of the table of habits of each medium that has flights.
    """
    plan = scenario.brand.media
    flights = record_array(LoweredFlight, len(plan))
    names = [p.name for p in scenario.places]
    for to, flight in zip(flights, plan, strict=True):
        to.medium, to.table = MEDIA.index(flight.medium), table[flight.medium]
        to.middle = shape_of(scenario, flight.medium)
        to.begins = seconds_of(scenario, flight.begins_on)
        to.ends = to.begins + flight.lasts
        to.gap = A_WEEK * 100.0 / flight.grp
        to.category, to.channel = lands_on(scenario, flight.shows, flight.channel)
        to.cost = round(flight.per_thousand * PER_CONTACT)
        to.around = -1 if flight.around is None else names.index(flight.around)
        to.within_m = flight.within_m
    return flights


def seconds_of(scenario: Scenario, day: int) -> int:
    """Return the second on which a day of the window begins."""
    return scenario.time.burn_in + day * DAY


def lands_on(scenario: Scenario, shows: str, channel: str | None) -> tuple[int, int]:
    """Return the numbers of the category that something shows, -1 all, and of where it leads."""
    visits = [n for n, c in enumerate(scenario.channels) if c.visit]
    names = [c.name for c in scenario.channels]
    categories = [c.name for c in scenario.categories]
    return (
        -1 if shows == "generic" else categories.index(shows),
        visits[0] if channel is None else names.index(channel),
    )
