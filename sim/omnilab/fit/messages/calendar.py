"""The bulk messages of a log as weekly journeys: to all, and to those who answered lately.

What a team sends more to the engaged is simulated as it was decided: by an answer within 30 days
that its tool has seen. So opens rise with volume in the simulated log for the reason for which
they rise in the real one, and no response depends on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from omnilab.fit.messages.tally import Tally

__all__ = ["Volume", "volumes_of", "weekly_journeys"]

_MOST_WEEKLY = 14  # journeys of a channel: two a day
_FEWEST_WEEKS = 100  # weeks of persons in a state, below which its volume is not told


@dataclass(frozen=True)
class Volume:
    """Bulk messages a week on one channel.

    Attributes
    ----------
    others, engaged
        To who has not, and who has, answered within the 30 days before the week.
    weeks
        Weeks of persons in each state.
    """

    others: float
    engaged: float
    weeks: tuple[int, int]


def volumes_of(tally: Tally) -> dict[int, Volume]:
    """Return the weekly volumes by channel, of channels that have bulk messages."""
    found = {}
    for c in range(tally.n_channels):
        weeks, sends = tally.weeks[c, :, 0], tally.weeks[c, :, 1]
        if not sends.sum():
            continue
        each = [s / w if w >= _FEWEST_WEEKS else None for w, s in zip(weeks, sends, strict=True)]
        whole = float(sends.sum() / weeks.sum())
        others, engaged = (whole if x is None else float(x) for x in each)
        found[c] = Volume(others, engaged, (int(weeks[0]), int(weeks[1])))
    return found


def weekly_journeys(tally: Tally, channel: int, name: str, silo: str) -> list[dict[str, Any]]:
    """Return a channel's bulk messages as journeys, in the form of a scenario file.

    Whole numbers of messages a week go to all of a state; the rest of a message goes to a fixed
    share of the profiles. Weekdays and the hour are the log's.
    """
    volume = volumes_of(tally)[channel]
    days = _days(tally)
    hour = int(np.argmax(tally.hours))
    both, more = sorted((volume.others, volume.engaged))
    who = "answered" if volume.engaged > volume.others else "not_answered"
    slots: list[tuple[float, str | None]] = [(share, None) for share in _shares(both)]
    slots += [(share, who) for share in _shares(more - both)]
    journeys = []
    for number, (share, only) in enumerate(slots[:_MOST_WEEKLY]):
        steps: list[dict[str, Any]] = []
        if only:
            steps.append({"split": {"has": only}})
        if share < 1.0:
            steps.append({"cohort": round(share, 3)})
        steps.append({"message": {"shows": "generic", "channels": [name]}})
        journeys.append(
            {"name": f"bulk-{name}-{number + 1}", "trigger": "weekly", "sequence": [silo],
             "weekday": days[number % len(days)], "at": f"{hour:02d}:00", "steps": steps}
        )  # fmt: skip
    return journeys


def _shares(rate: float) -> list[float]:
    """Return whole messages and the part that is left of a rate a week."""
    whole = math.floor(rate + 0.02)
    rest = rate - whole
    return [1.0] * whole + ([rest] if rest > 0.02 else [])


def _days(tally: Tally) -> list[int]:
    """Return the weekdays in the order of their messages."""
    order = np.argsort(-tally.days, kind="stable")
    return [int(d) for d in order if tally.days[d]] or [1]
