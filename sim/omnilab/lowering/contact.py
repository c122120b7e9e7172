"""From the brand's means to answer questions to the records of desks and teams."""

from __future__ import annotations

from typing import Any

from omnilab.kernels.record import record_array
from omnilab.scenario.contact import first_team
from omnilab.scenario.model import Scenario
from omnilab.world.desks import Desk, Team
from omnilab.world.lines import CALL

__all__ = ["lower_contact", "lower_teams"]


def lower_contact(scenario: Scenario) -> dict[str, Any]:
    """Return the desks, one a channel on which some team answers."""
    contact = scenario.brand.contact
    teams = contact.agents if contact else ()
    effort = contact.effort if contact else {}
    at = [n for n, c in enumerate(scenario.channels) if any(c.name in t.channels for t in teams)]
    desks = record_array(Desk, len(at))
    for to, n in zip(desks, at, strict=True):
        name = scenario.channels[n].name
        to.channel, to.effort = n, effort.get(name, 0.0)
        to.easy, to.hard = first_team(teams, name, "easy"), first_team(teams, name, "hard")
    return {"desk": desks}


def lower_teams(scenario: Scenario, lines: list[tuple[int, int, int, int]]) -> Any:
    """Return the teams of agents; those that have a number get a line of their own."""
    contact = scenario.brand.contact
    teams = contact.agents if contact else ()
    lowered = record_array(Team, len(teams))
    for to, team in zip(lowered, teams, strict=True):
        to.minute = round(team.minute * 100_000)
        to.line = -1
        if team.number is not None:
            to.line = len(lines)
            lines.append((team.number, CALL, -1, -1))
    return lowered
