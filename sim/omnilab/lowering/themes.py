"""From themes and creatives to the numbers that kernels read."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.brand.sharing import Sharing
from omnilab.brand.themes import BY_CALENDAR, NO_THEME, OF_SENDER

if TYPE_CHECKING:
    from omnilab.scenario.journeys import Journey, Message
    from omnilab.scenario.model import Scenario

__all__ = ["creative_number", "lower_calendar", "lower_calendar_of", "lower_creative"]


def lower_calendar(scenario: Scenario, team: Any) -> Any:
    """Return the calendars, int64: a row for each silo, by its team, and last the brand's.

    Parameters
    ----------
    team
        By silo: the first silo of its team, shape ``(silos,)``.
    """
    themes = scenario.brand.themes
    if themes is None:
        return np.ones((1, 2), dtype=np.int64)
    names = themes.names
    own = []
    for lead in team.tolist():
        mates = [s for s, of in zip(scenario.silos, team.tolist(), strict=True) if of == lead]
        own.append(next((themes.teams[s] for s in mates if s in themes.teams), themes.calendar))
    own.append(themes.calendar)
    lowered = np.zeros((len(own), 1 + max(map(len, own))), dtype=np.int64)
    for row, calendar in zip(lowered, own, strict=True):
        row[0] = len(calendar)
        row[1 : 1 + len(calendar)] = [names.index(name) for name in calendar]
    return lowered


def lower_calendar_of(journey: Journey, scenario: Scenario, sharing: Sharing, team: Any) -> int:
    """Return the row of the calendar that a journey's messages follow."""
    if scenario.brand.themes is None or sharing.contact_policy == "silo":
        return OF_SENDER
    if sharing.contact_policy == "all":
        return len(scenario.silos)
    return int(team[scenario.silos.index(journey.sequence[0])])


def lower_creative(journey: str, k: int, message: Message, scenario: Scenario) -> tuple[int, int]:
    """Return the numbers of a message's creative and theme.

    A creative without a name is the journey's step, so its number hangs on both; a name stands for
    the same creative wherever it is.
    """
    themes = scenario.brand.themes
    theme = NO_THEME if themes is None or message.theme == "none" else BY_CALENDAR
    if themes is not None and theme == BY_CALENDAR and message.theme is not None:
        theme = themes.names.index(message.theme)
    if message.creative == "new":
        return 0, theme
    named = f"step {k} of {journey}" if message.creative is None else message.creative
    return creative_number(named), theme


def creative_number(name: str) -> int:
    """Return the number of a creative in persons' memory, from 1 (0 is always new)."""
    return max(zlib.crc32(name.encode()) & 0x7FFFFFFF, 1)
