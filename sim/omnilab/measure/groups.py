"""Groups of customers: what they are parted by, each dimension declared once.

A dimension parts the persons, so that each is in one of its groups and the groups add up to all.
What holds before the window opens (`BEFORE`) is equal under all strategies, so a difference within
such a group is what the strategy does to it. What customers do in the window (`WINDOW`) depends on
the strategy too: there a difference is of the same customers, those who were in the group under the
reference. The recipients of a journey (`STRATEGY`) are those who got a message of it under the
strategy; a person may be one of several journeys, or of none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from omnilab.measure.layout import DAY_S, WEEK_S

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = [
    "DIMENSIONS",
    "MOST_JOURNEYS",
    "N_KEYS",
    "RECIPIENTS",
    "Dimension",
    "Grouping",
]

BEFORE: Final = "before the window"
WINDOW: Final = "in the window"
STRATEGY: Final = "under the strategy"


class Dimension(NamedTuple):
    """What customers are parted by: its name, when it is settled, and what it says."""

    name: str
    title: str
    settled: str
    what: str


#: In the order of a person's keys; the last has no key, since a person may be in several groups.
DIMENSIONS: Final = (
    Dimension("all", "All customers", BEFORE, "Everybody."),
    Dimension("persona", "Persona", BEFORE, "The scenario's personas."),
    Dimension(
        "segment", "Segment", BEFORE,
        "Orders before the window: never bought; lapsed, bought before the burn-in but not in it; "
        "bought once, or twice and more, in the burn-in.",
    ),
    Dimension(
        "cohort", "Cohort", BEFORE,
        "When they became customers: before the start, from a week of the burn-in or of their "
        "entry on, or not before the window.",
    ),
    Dimension(
        "first_channel", "First channel", BEFORE,
        "Where the first visit was that they made in the burn-in.",
    ),
    Dimension(
        "entry_channel", "Entry channel", BEFORE,
        "The channel by which they came to know the brand (`population.entry.by`), or that they "
        "were there from the start.",
    ),
    Dimension(
        "device", "Device", BEFORE,
        "The device of their visits in the burn-in, where a device is used: three quarters of the "
        "visits or more on the phone, or on a computer, or on a tablet, or several.",
    ),
    Dimension(
        "channels_used", "Channels used", WINDOW,
        "How many channels they visited for a need in the window: none, 1, 2, 3 or more.",
    ),
    Dimension(
        "channel_mix", "Which channels", WINDOW,
        "Which channels they visited for a need in the window.",
    ),
    Dimension(
        "recipients", "Recipients", STRATEGY,
        "Those who were sent a message of the journey in the window; a person may be a recipient "
        "of several.",
    ),
)  # fmt: skip
ALL, PERSONA, SEGMENT, COHORT, FIRST_CHANNEL, ENTRY, DEVICE, USED, MIX, RECIPIENTS = range(10)
N_KEYS: Final = RECIPIENTS  # dimensions in which a person has one group

SEGMENTS: Final = ("never bought", "lapsed", "bought once", "bought twice or more")
DEVICES: Final = ("none", "phone", "computer", "both")
WITH_TABLETS: Final = ("none", "phone", "computer", "several", "tablet")
USED_NAMES: Final = ("none", "1", "2", "3 or more")
MOST_COHORTS: Final = 8
MOST_MIXED: Final = 6  # channels that a mix tells apart; of more, the last bit is of all the rest
MOST_JOURNEYS: Final = 62  # whose recipients are told apart


class Grouping:
    """The groups of a scenario: where each dimension's begin, and what they are called.

    Parameters
    ----------
    scenario
        Whose personas, channels and times they are.
    n_journeys
        Of the largest plan.

    Attributes
    ----------
    first
        Number of the first group of each dimension, and of all groups at the end,
        shape ``(len(DIMENSIONS) + 1,)``.
    cohort_s
        Width of a cohort in seconds.
    devices
        Names of the groups by device: there is one of tablets only where somebody has one.
    ways
        Channels by which somebody may enter; none where everybody is there from the start.
    mix
        The bit of each channel in a mix, 0 where it is not visited, shape ``(n_channels,)``.
    """

    def __init__(self, scenario: Scenario, n_journeys: int) -> None:
        self.scenario = scenario
        entry = scenario.population.entry
        entered_s = 0 if entry is None else int(entry.after + entry.over)
        known_s = max(scenario.time.burn_in, entered_s, WEEK_S)
        self.ways = [c.name for c in scenario.channels] if entry is not None and entry.by else []
        weeks = -(-known_s // WEEK_S)
        self.cohort_s = -(-weeks // MOST_COHORTS) * WEEK_S
        self.cohorts = -(-known_s // self.cohort_s)
        visited = [i for i, c in enumerate(scenario.channels) if c.visit is not None]
        self.mixed = visited[: MOST_MIXED if len(visited) <= MOST_MIXED else MOST_MIXED - 1]
        self.bits = min(len(visited), MOST_MIXED)
        self.mix = np.zeros(len(scenario.channels), np.int64)
        self.mix[visited] = 1 << (MOST_MIXED - 1)
        self.mix[self.mixed] = 1 << np.arange(len(self.mixed))
        tablets = any(persona.tablet > 0 for persona in scenario.population.personas)
        self.devices = WITH_TABLETS if tablets else DEVICES
        sizes = [
            1, len(scenario.population.personas), len(SEGMENTS), self.cohorts + 2,
            len(scenario.channels) + 1, len(self.ways) + 1, len(self.devices), len(USED_NAMES),
            1 << self.bits, min(n_journeys, MOST_JOURNEYS),
        ]  # fmt: skip
        self.first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def __len__(self) -> int:
        return int(self.first[-1])

    def labels(self, by: int, journeys: Sequence[str] = ()) -> list[str]:
        """Return the names of a dimension's groups; recipients are called by their journey."""
        channels = [c.name for c in self.scenario.channels]
        if by == ALL:
            return ["all"]
        if by == PERSONA:
            return [p.name for p in self.scenario.population.personas]
        if by == COHORT:
            return self._cohort_names()
        if by == FIRST_CHANNEL:
            return [*channels, "none"]
        if by == ENTRY:
            return [*self.ways, "there from the start"]
        if by == MIX:
            return [self._mix_name(m, channels) for m in range(1 << self.bits)]
        fixed = {SEGMENT: SEGMENTS, DEVICE: self.devices, USED: USED_NAMES}
        return list(fixed[by] if by in fixed else journeys[:MOST_JOURNEYS])

    def _cohort_names(self) -> list[str]:
        start = self.scenario.time.start
        days = [timedelta(days=i * self.cohort_s // DAY_S) for i in range(self.cohorts)]
        return ["before the start", *(f"from {start + d}" for d in days), "not before the window"]

    def _mix_name(self, mask: int, channels: Sequence[str]) -> str:
        names = [channels[c] for i, c in enumerate(self.mixed) if mask >> i & 1]
        if self.bits > len(self.mixed) and mask >> (MOST_MIXED - 1):
            names.append("other")
        return " + ".join(names) or "none"
