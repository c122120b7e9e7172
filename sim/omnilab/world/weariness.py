"""Weariness: the slow one of fatigue's two memories, of the unwanted messages of months.

The fast memory (omnilab.world.fatigue) is of how many messages came this week. The slow one is of
how many of them were unwanted: those past the person's ideal, and of the others as much of each as
meets no open need. It fades over months. Both are weekly volumes, and their sum is the volume that
the rules of fatigue ask for: attention falls with it, and opt-outs rise with what it has above the
person's ideal.

Base rates are of one message a week. So only what is above one unwanted message a week wearies,
and whoever is there from the start is as used to newsletters as base rates suppose.

References
----------
Goli, Huang, Reiley and Riabov (2025), "Measuring consumer sensitivity to audio advertising: a
long-run field experiment", Quantitative Marketing and Economics 23(3): what a load of ads does
takes over a year to be complete.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.world.newcomer import is_newcomer

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["Wearied", "start_weariness", "wearied"]


class Wearied(Record):
    """What a person keeps of unwanted messages."""

    slow: f8 = 0.0  # unwanted messages, faded
    slow_t: i8 = 0


@inner
def start_weariness(model: Model, person: Person) -> None:
    """Let who is there from the start have got an unwanted message a week."""
    if model.fatigue.slow > 0.0 and model.birth.entry_over == 0 and not is_newcomer(person):
        person.slow = model.fatigue.slow_weekly


@inner
def unwanted(person: Person, weekly: float, meets: float) -> float:
    """Return how much of a message is unwanted, 0 to 1: all past the ideal, else what is off need.

    ``weekly`` is the volume felt, ``meets`` how well the message meets a present need, 0 to 1.
    """
    return 1.0 if weekly > person.ideal else 1.0 - meets


@inner
def unwanted_weekly(model: Model, slow: float) -> float:
    """Return the weekly volume of unwanted messages that a stock of them stands for.

    It is exact for an even rate, just before the next one: see `omnilab.world.fatigue`.
    """
    if slow < 1e-9:
        return 0.0
    return model.fatigue.slow_weeks / math.log(1.0 + 1.0 / slow)


@inner
def wearied(
    model: Model, person: Person, t: int, weekly: float, meets: float, weight: float
) -> float:
    """Return the weekly volume that the person feels; count what is unwanted of this message.

    Parameters
    ----------
    weekly
        Messages a week before this one, of `omnilab.world.fatigue.feel_message`.
    meets
        How well it meets a present need, 0 to 1.
    weight
        Of the channel, in contact pressure.

    Returns
    -------
    float
        ``weekly`` plus `Fatigue.slow` for each unwanted message a week above one.
    """
    if model.fatigue.slow <= 0.0:
        return weekly
    slow = person.slow * math.exp((person.slow_t - t) / model.fatigue.slow_memory)
    felt = weekly + model.fatigue.slow * max(0.0, unwanted_weekly(model, slow) - 1.0)
    person.slow = slow + weight * unwanted(person, felt, meets)
    person.slow_t = t
    return felt
