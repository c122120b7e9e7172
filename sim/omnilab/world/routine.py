"""Routine: who has been somewhere again and again goes there without a prompt or a reason.

Each visit to a channel strengthens the person's habit of going there, a number H from 0 to 1:

    H  <-  H + (1 - H) * gain,    gain = 1 - 0.05^(1 / until)

the asymptotic curve of automaticity: after ``until`` visits without a pause H is .95, the first
ones add most, and one that is left out matters little. While visits stay away H fades by exp(-age /
fades). All visits count, whatever led to them: a message, an offer, a need, or the habit. So what
a temporary incentive has started may last, and where it was too short it does not.

Habit answers to cues, not to reasons. Cues, such as a free hour or the way past, come as a Poisson
process on the activity clock, ``cues`` a week, whatever has happened. A cue calls up the strongest
of the person's habits, and the person goes there with chance

    P(goes) = H^steep

to see to an open need if it has one, else to look around. There it may come to need something, with
chance ``needs``. Besides, H draws a person who chooses where to go with a need, by ``pull`` * H on
the channel's utility.

A habit feeds itself. On its own its mean moves by gain * cues * H^steep * (1 - H) - H / fades. With
R = gain * cues * fades and a steep of 1 it dies out where R is below 1, and else grows from one
visit to 1 - 1 / R. With 2 it lasts only where R is above 4 and H is above (1 - sqrt(1 - 4 / R)) /
2: one visit starts nothing, many do. At the default values R is below 1 for two cues a week, so
that a habit outlives what started it by months, and fades.

It is none of these: inertia (`omnilab.world.choice`) is of the last channel only, and of choice;
familiarity (`omnilab.world.familiarity`) is an effort that is learnt away, is never forgotten, and
makes nobody come; visits without a need (`omnilab.world.idle`) come at a rate that no experience
moves; an offspring of a visit (`omnilab.world.interest`) follows within days, and does not depend
on how many there were; preference (`omnilab.world.preference`) is of good and bad, not of often;
and `omnilab.world.habit` is of getting used to what annoys. What a cue's context is (hour, day,
company) is not told apart: the context is the channel.

References
----------
Lally, van Jaarsveld, Potts and Wardle (2010), "How are habits formed: modelling habit formation in
the real world", European Journal of Social Psychology 40: automaticity rises to an asymptote with
daily repetition in one context, to 95% of it within 18 to 254 days, 66 in the median; missing one
opportunity does not matter. Wood and Neal (2007), "A new look at habits and the habit-goal
interface", Psychological Review 114(4): contexts cue habits without a goal. Verplanken and Wood
(2006), "Interventions to break and create consumer habits", Journal of Public Policy and Marketing
25(1). Charness and Gneezy (2009), "Incentives to exercise", Econometrica 77(3): who was paid to
come several times came more often when nobody paid any more.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.inverse import exponential
from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_FORM, stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i4, i8
from omnilab.parameters.declared import Parameters, Times, key
from omnilab.parameters.quantity import Duration, Share, Stimulus
from omnilab.world.clock import later
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "ROUTINE_ORDINAL",
    "VISIT_ROUTINE",
    "CueState",
    "LoweredRoutine",
    "Routine",
    "answers_cue",
    "draw_by_habit",
    "finds_by_habit",
    "habit_at",
    "next_cue",
    "strengthen",
    "without_routine",
]

CUE: Final = stream("CUE", 116)  # when the next cue comes, and whether it is answered: person, cue
VISIT_ROUTINE: Final = stream("VISIT_ROUTINE", 212)  # eight of them: a visit out of habit

ROUTINE_ORDINAL: Final = 5 << 22  # needs found on visits out of habit are numbered from here on
WEEK: Final = 604800.0
NEAR: Final = 0.05  # of the asymptote is left after `until` visits


class Routine(Parameters):
    """How going somewhere becomes a habit, and what the habit does."""

    cues: Times = key(
        0.0,
        "How often something reminds a person of where it is used to go, whatever that is; the "
        "stronger the habit is, the likelier it goes.",
        unit="times a week",
        kind="A",
        source="off by default; sign of CHARNESS09",
        came_later=True,
        swept=("0.5", "7"),
    )
    pull: Stimulus = key(
        0.0,
        "What a full habit of a channel adds to its utility for who goes somewhere with a need.",
        unit="logit",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("0", "2"),
    )
    needs: Share = key(
        0.0,
        "Chance that who goes somewhere out of habit, without a need, comes to need something "
        "there. These needs come on top of those of `Category.every`.",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("0%", "60%"),
    )
    steep: Annotated[float, Field(ge=1, le=10)] = key(
        2.0,
        "Power of the habit's strength in the chance to go at a cue: above 1 a weak habit seldom "
        "acts by itself.",
        unit="exponent, no unit",
        kind="A",
        swept=("1", "4"),
    )
    until: Annotated[float, Field(ge=1, le=10_000)] = key(
        66.0,
        "Visits to a channel, one soon after the other, until the habit is 95% of a full one; of "
        "daily acts in one context, 66 in the median, between 18 and 254 over persons and acts.",
        unit="visits",
        kind="P",
        source="LALLY10",
        swept=("18", "254"),
    )
    fades: Annotated[Duration, Field(gt=0)] = key(
        60 * 86400,
        "Time without visits in which a habit fades to 1/e.",
        kind="A",
        swept=("14d", "365d"),
    )


class LoweredRoutine(Record):
    """What the rules read of `Routine`."""

    on: i8  # 1 where habits do anything
    cues: f8  # a week
    pull: f8
    needs: f8
    steep: f8
    gain: f8  # part of what is left to a full habit that a visit adds
    fades: f8  # seconds


@fills(LoweredRoutine)
def _lower(scenario: ScenarioParts) -> Values:
    routine = scenario.world.routine
    return {
        "on": int(routine.cues > 0.0 or routine.pull > 0.0),
        "gain": 1.0 - math.exp(math.log(NEAR) / routine.until),
    }


class CueState(Record):
    """What a person keeps of cues; habits are in `WorldCell.routine`."""

    cue: i4 = 0  # number of the next one


@inner
def without_routine(cell: WorldCell, model: Model, who: int) -> None:
    """Begin without a habit."""
    if model.routine.on == 1:
        for c in range(len(model.ch)):
            cell.routine[who, c] = 0.0
            cell.routine_t[who, c] = 0


@inner
def habit_at(cell: WorldCell, model: Model, who: int, c: int, t: int) -> float:
    """Return how strong the habit of going to channel ``c`` is at ``t``, 0 to 1."""
    kept = float(cell.routine[who, c])
    if kept == 0.0:
        return 0.0
    return kept * math.exp((cell.routine_t[who, c] - t) / model.routine.fades)


@inner
def strengthen(cell: WorldCell, model: Model, who: int, c: int, t: int) -> None:
    """Let a visit to channel ``c`` strengthen the habit of going there."""
    if model.routine.on == 1:
        habit = habit_at(cell, model, who, c, t)
        cell.routine[who, c] = habit + (1.0 - habit) * model.routine.gain
        cell.routine_t[who, c] = t


@inner
def draw_by_habit(cell: WorldCell, model: Model, who: int, t: int) -> None:
    """Multiply what draws the person to each channel, ``cell.pull``, by exp(pull * habit)."""
    for c in range(len(model.ch)):
        if model.places.on == 0 and model.familiarity.on == 0:
            cell.pull[c] = 1.0
        cell.pull[c] *= math.exp(model.routine.pull * habit_at(cell, model, who, c, t))


@inner
def next_cue(model: Model, person: Person, t: int) -> int:
    """Return when the person's next cue comes after ``t``; its number is ``person.cue``."""
    if model.routine.cues <= 0.0:
        return int(model.clock.run_end) + 1
    gap, _, _, _ = draw4(model.key.k0, model.key.k1, CUE, person.entity, int(person.cue))
    return max(later(model, t, exponential(gap) * WEEK / model.routine.cues), t + 1)


@inner
def answers_cue(cell: WorldCell, model: Model, who: int, t: int) -> int:
    """Return the channel to which the present cue leads, or -1: the strongest habit's, by chance.

    Of equally strong ones it is the first.
    """
    person, strongest, channel = cell.person[who], 0.0, -1
    for c in range(len(model.ch)):
        habit = habit_at(cell, model, who, c, t)
        if habit > strongest:
            strongest, channel = habit, c
    _, goes, _, _ = draw4(model.key.k0, model.key.k1, CUE, person.entity, int(person.cue))
    if channel < 0 or goes >= math.exp(model.routine.steep * math.log(strongest)):
        return -1
    return channel


@inner
def finds_by_habit(model: Model, person: Person, occasion: int) -> int:
    """Return the category of the need that a visit out of habit comes to, or -1."""
    if model.routine.needs <= 0.0:
        return -1
    _, finds, what, _ = draw4(
        model.key.k0, model.key.k1, VISIT_ROUTINE + V_FORM, person.entity, occasion
    )
    return int(what * len(model.cat)) if finds < model.routine.needs else -1
