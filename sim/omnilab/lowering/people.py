"""From a scenario's population to records and arrays: personas, households, the cohort's entry."""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab.kernels.record import record_array
from omnilab.lowering.records import one_record
from omnilab.scenario.inflow import landing_of_way
from omnilab.scenario.model import Channel, Scenario
from omnilab.world.inflow import WayIn
from omnilab.world.population import Birth, Persona

__all__ = ["lower_people"]


def lower_people(scenario: Scenario) -> dict[str, Any]:
    """Return the arrays of the model that say who the people are, by name."""
    population = scenario.population
    entry = population.entry
    weeks = np.array((entry.by_week or (1.0,)) if entry else (1.0,), dtype=np.float64)
    by_order = entry is not None and not entry.by
    birth = {
        "prior": population.prior_buyers,
        "entry_over": entry.over if entry and by_order else 0,
    }
    return {
        "birth": one_record(Birth, birth),
        **_personas(scenario),
        "entry_cum": np.cumsum(weeks / weeks.sum()),
        "way_in": _ways_in(scenario),
        "household_cum": np.cumsum(np.array(population.household_sizes)),
    }


def _personas(scenario: Scenario) -> dict[str, Any]:
    specs = scenario.population.personas
    personas = record_array(Persona, len(specs))
    grid = (len(specs), len(scenario.channels))
    prefers, reaches, opt_in = np.zeros(grid), np.zeros(grid), np.zeros(grid)
    total = 0.0
    for n, spec in enumerate(specs):
        to = personas[n]
        total += spec.share
        to.cumulative, to.needs, to.phone = total, spec.needs, spec.phone
        to.no_computer = spec.phone + spec.tablet
        for c, channel in enumerate(scenario.channels):
            lead = _reached_by(scenario, channel)
            reach = lead.visit.reach if lead.visit else 1.0
            permits = channel.message.opt_in if channel.message else 0.0
            prefers[n, c] = spec.prefers.get(channel.name, 0.0)
            reaches[n, c] = spec.reach.get(channel.name, spec.reach.get(lead.name, reach))
            opt_in[n, c] = spec.opt_in.get(channel.name, permits)
    return {"persona": personas, "prefers": prefers, "reach": reaches, "opt_in": opt_in}


def _ways_in(scenario: Scenario) -> Any:
    """Return the channels by which newcomers enter, in the file's order."""
    by = scenario.population.entry.by if scenario.population.entry else {}
    names = [c.name for c in scenario.channels]
    ways = record_array(WayIn, len(by))
    total = 0.0
    for to, (name, share) in zip(ways, by.items(), strict=True):
        total += share
        channel = scenario.channels[names.index(name)]
        lands = scenario.channels[names.index(landing_of_way(channel))]
        to.channel, to.lands = names.index(name), names.index(lands.name)
        to.bought, to.cumulative = int(channel.visit is None), total
        to.brings = sum(
            1 << k for k, c in enumerate(scenario.channels) if _reached_by(scenario, c) is lands
        )
    return ways


def _reached_by(scenario: Scenario, channel: Channel) -> Channel:
    """Return the channel whose reach counts: a push needs the app of its silo."""
    if channel.visit:
        return channel
    places = (c for c in scenario.channels if c.silo == channel.silo and c.visit)
    return next(places, channel)
