"""From a scenario to its lines: one for each till, and for each team of agents with a number."""

from __future__ import annotations

from typing import Any

from omnilab.kernels.record import record_array
from omnilab.lowering.contact import lower_teams
from omnilab.scenario.model import Scenario
from omnilab.world.lines import TILL, Line
from omnilab.world.till import Till

__all__ = ["lower_lines"]


def lower_lines(scenario: Scenario) -> dict[str, Any]:
    """Return the records of lines and tills; each room adds its lines to the one list."""
    lines: list[tuple[int, int, int]] = []  # servers (0: without number), purpose, place
    tills = _tills(scenario, lines)
    teams = lower_teams(scenario, lines)
    line = record_array(Line, len(lines))
    for n, (servers, purpose, place) in enumerate(lines):
        line[n].servers, line[n].purpose, line[n].place = servers, purpose, place
    return {"line": line, "till": tills, "team": teams}


def _tills(scenario: Scenario, lines: list[tuple[int, int, int]]) -> Any:
    tills = record_array(Till, len(scenario.channels))
    for c, channel in enumerate(scenario.channels):
        till = channel.till
        tills[c].line = -1
        if till is None:
            continue
        tills[c].line = len(lines)
        lines.append((servers_of(till.servers), TILL, c))
        tills[c].service, tills[c].spread = till.service, till.spread
        tills[c].patience, tills[c].annoys = till.patience, till.annoys
        tills[c].too_long = till.too_long
    return tills


def servers_of(written: int | str) -> int:
    """Return the number of servers as a line has it: 0 for `none`, which is without number."""
    return 0 if written == "none" else int(written)
