"""Habit: what happens again and again annoys less each time, and anew after a long pause.

A person who has had to repeat steps in a place is used to it when it happens there again soon. H
counts the earlier times, which fade over `Habit.fades`; the chance to be annoyed is what it is
without habit, over 1 + H. So where something happens n times in that time, about one annoyance
counts in full however large n is: a need that recurs in days does not add as much each time as one
that comes twice a year. Another place is new to the person, and annoys in full.

References
----------
Thompson and Spencer (1966), "Habituation", Psychological Review 73(1), and Rankin et al. (2009),
"Habituation revisited", Neurobiology of Learning and Memory 92(2): a response falls with
repetition, more so where that is frequent; it recovers when the stimulus stays away; and it is
specific to the stimulus. The form 1 / (1 + H) is ours.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = ["Habit", "LoweredHabit", "ServiceHabit", "novelty_of_repeat", "novelty_of_service",
           "without_habits"]  # fmt: skip


class Habit(Parameters):
    """Getting used to what goes wrong again and again."""

    fades: Duration = key(
        0,
        "Time in which what a person has got used to fades to 1/e: steps that had to be repeated, "
        "by the place, and service contacts without the history. 0: each time is like the first. "
        "Sweep 30 to 180 days.",
        kind="A",
        source="off by default; form of RANKIN09",
        came_later=True,
        swept=("30d", "180d"),
    )


class LoweredHabit(Record):
    """What the rules read of `Habit`."""

    fades: i8  # seconds


class ServiceHabit(Record):
    """What a person keeps of service contacts; by channel also `WorldCell.used_to`."""

    service_used: f8 = 0.0
    service_used_t: i8 = 0


@inner
def without_habits(cell: WorldCell, model: Model, who: int) -> None:
    """Begin with nothing that the person is used to."""
    if model.habit.fades > 0:
        for c in range(len(model.ch)):
            cell.used_to[who, c] = 0.0
            cell.used_to_t[who, c] = 0


@inner
def novelty_of_repeat(cell: WorldCell, model: Model, who: int, channel: int, t: int) -> float:
    """Return how new it is to the person to repeat steps in a channel, 0 to 1; count this time."""
    if model.habit.fades <= 0:
        return 1.0
    used = _faded(model, cell.used_to[who, channel], t - cell.used_to_t[who, channel])
    cell.used_to[who, channel] = used + 1.0
    cell.used_to_t[who, channel] = t
    return 1.0 / (1.0 + used)


@inner
def novelty_of_service(cell: WorldCell, model: Model, who: int, t: int) -> float:
    """Return how new a service contact without history is to the person; count this one."""
    if model.habit.fades <= 0:
        return 1.0
    person = cell.person[who]
    used = _faded(model, person.service_used, t - person.service_used_t)
    person.service_used = used + 1.0
    person.service_used_t = t
    return 1.0 / (1.0 + used)


@inner
def _faded(model: Model, used: float, age: int) -> float:
    return used * math.exp(-age / model.habit.fades)
