"""From a scenario to its lines, to the ways of delivery with their desks, and to teams."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

from omnilab.kernels.record import record_array
from omnilab.lowering.contact import lower_teams
from omnilab.parameters.quantity import DAY
from omnilab.scenario.fulfilment import DeliveryWay, TillSide
from omnilab.scenario.model import Scenario
from omnilab.world.fulfilment import Way
from omnilab.world.lines import DESK, TILL, Line
from omnilab.world.till import Till

__all__ = ["lower_lines", "servers_of"]

#: A line before it is a record: servers (0: without number), purpose, channel, its till or -1.
Planned = tuple[int, int, int, int]


def lower_lines(scenario: Scenario) -> dict[str, Any]:
    """Return the records of lines, tills and ways of delivery; each room adds its lines here."""
    lines: list[Planned] = []
    names = [c.name for c in scenario.channels]
    desks = [
        (way.desk, names.index(way.at))
        for c in scenario.channels
        for way in c.delivery
        if way.desk and way.at
    ]
    tills = record_array(Till, len(names) + len(desks))
    tills.line = -1
    for n, channel in enumerate(scenario.channels):
        if channel.till is not None:
            _till(tills, n, channel.till, lines, (TILL, n))
    for n, (desk, place) in enumerate(desks):
        _till(tills, len(names) + n, desk, lines, (DESK, place))
    teams = lower_teams(scenario, lines)
    line = record_array(Line, len(lines))
    for n, planned in enumerate(lines):
        line[n].servers, line[n].purpose, line[n].place, line[n].till = planned
    desk_lines = [int(x) for x in tills.line[len(names) :]]
    ways = _ways(scenario, desk_lines)
    return {"line": line, "till": tills, "team": teams, "way": ways}


def servers_of(written: int | str) -> int:
    """Return the number of servers as a line has it: 0 for `none`, which is without number."""
    return 0 if written == "none" else int(written)


def _till(tills: Any, n: int, side: TillSide, lines: list[Planned], use: tuple[int, int]) -> None:
    to = tills[n]
    to.line = len(lines)
    lines.append((servers_of(side.servers), *use, n))
    to.service, to.spread = side.service, side.spread
    to.patience, to.too_long, to.annoys = side.patience, side.too_long, side.annoys


def _ways(scenario: Scenario, desk_lines: list[int]) -> Any:
    ways = record_array(Way, sum(len(c.delivery) for c in scenario.channels))
    names, n, slots, desks = [c.name for c in scenario.channels], 0, 0, iter(desk_lines)
    for c, channel in enumerate(scenario.channels):
        for spec in channel.delivery:
            to = ways[n]
            to.channel, to.first_slot = c, slots
            to.place = names.index(spec.at) if spec.at else -1
            to.line = next(desks) if spec.desk and spec.at else -1
            _terms(to, spec)
            slots += int(to.ring)
            n += 1
    return ways


def _terms(to: Any, spec: DeliveryWay) -> None:
    """Fill in what is promised, what it costs, and its slots."""
    to.promised, to.spread, to.late = spec.promised, spec.spread, spec.late
    to.z_late = NormalDist().inv_cdf(1.0 - min(max(spec.late, 0.001), 0.999))
    to.fee, to.cost = round(spec.fee * 100), round(spec.cost * 100)
    to.return_fee = round(spec.return_fee * 100)
    to.free_from = -1 if spec.free_from is None else round(spec.free_from * 100)
    to.likes, to.returns = spec.likes, spec.returns
    if spec.slots is None:
        return
    windows = spec.slots
    to.slots, to.opens, to.every = windows.windows, windows.opens, windows.every
    to.capacity, to.ahead = windows.capacity, windows.ahead
    days = (spec.promised + windows.ahead) // DAY + 3  # windows between now and the last bookable
    to.ring = days * windows.windows
