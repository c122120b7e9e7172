"""Desks: the channels on which agents answer questions, and which of them a person asks at.

A multinomial logit over the desks that the person can reach, that answer the question and that are
open: what the persona likes, less the effort of asking there, more where the person was last and
where the last question was asked.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Floats, Record, f8, i8
from omnilab.parameters.quantity import DAY
from omnilab.world.choice import MOST, is_open, pick_by_weight
from omnilab.world.clock import from_activity, local, to_activity

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["Desk", "Team", "choose_desk", "opens_at", "team_for"]


class Desk(Record):
    """A channel on which questions are asked."""

    channel: i8
    effort: f8
    easy: i8  # team that answers easy questions, -1 none
    hard: i8


class Team(Record):
    """Agents who answer the same questions on the same channels."""

    minute: i8  # milli-cents
    line: i8  # number of their line, -1: they are as many as are needed


@inner
def team_for(model: Model, desk: int, hard: int) -> int:
    """Return the team that answers a question at a desk, or -1."""
    return int(model.desk[desk].hard) if hard == 1 else int(model.desk[desk].easy)


@inner
def choose_desk(
    model: Model, person: Person, t: int, hard: int, anywhere: int, u: float, weight: Floats
) -> int:
    """Return the desk at which a person asks by uniform ``u``, -1 where there is none.

    Parameters
    ----------
    anywhere
        1 to choose among closed desks, too.
    weight
        Scratch, a place for each desk at least.
    """
    n = len(model.desk)
    now = local(model, t)
    prefers = model.prefers[person.persona]
    total = 0.0
    for d in range(n):
        weight[d] = 0.0
        c = int(model.desk[d].channel)
        if team_for(model, d, hard) < 0 or (person.reach >> c) & 1 == 0:
            continue
        if anywhere == 0 and not is_open(model.ch[c], now):
            continue
        x = prefers[c] - model.desk[d].effort
        if person.last_channel == c:
            x += model.choice.inertia
        if person.asked_at == c:
            x += model.questions.habit
        weight[d] = math.exp(min(x, MOST))
        total += weight[d]
    return pick_by_weight(weight, n, total, u)


@inner
def opens_at(model: Model, t: int, channel: int, when: float) -> int:
    """Return a time in a channel's next opening hours after ``t``: even over their activity."""
    now = local(model, t)
    opens, closes = int(model.ch[channel].opens), int(model.ch[channel].closes)
    midnight = t - now % DAY
    if now % DAY >= opens:
        midnight += DAY
    first = to_activity(model, midnight + opens)
    last = to_activity(model, midnight + closes)
    at = from_activity(model, first + when * (last - first))
    return at if at > t else t + 1
