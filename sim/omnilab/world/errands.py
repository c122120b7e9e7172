"""Errands: outings from home or work to a person's habitual ends.

People return to few places. Each person has some ends, drawn once, and the usual ones are visited
more often. Errands are a Poisson process on the activity clock in the hours in which people go
out, and each leads to one of the ends.

An errand *matters* if something beside a way to its end is noticed, wherever the way begins; with
chance 1 - (1 - n)^k at an end with k places beside its ways, of which each is noticed with chance
n. Every errand of who tells positions matters. Those that matter and the others are two independent
Poisson processes (a Poisson process thinned by marks), each drawn at addresses of its own. Those
that matter follow one from the other by exponential gaps, so whoever looks for the next one draws
nothing of the others. The others are drawn by day, and whoever asks where a person is looks at one
day.

References
----------
Gonzalez, Hidalgo and Barabasi (2008), "Understanding individual human mobility patterns"; Song,
Koren, Wang and Barabasi (2010), "Modelling the scaling properties of human mobility": visits fall
as a power of a place's rank. Alessandretti et al. (2018), "Evidence for a conserved quantity in
human mobility": about 25 places. Kingman (1993), Poisson Processes: the colouring theorem.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import exponential
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.world.clock import from_activity, local, to_activity
from omnilab.world.outings import DAY

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = [
    "MOST",
    "NONE_YET",
    "course_of",
    "end_of",
    "last_before",
    "moment_of_other",
    "number_of_others",
    "other",
    "the_one_after",
    "which_beside",
]

ERRAND: Final = stream("ERRAND", 106)  # person and errand: when, where; person and day: how many
MOST: Final = 100  # errands of a day that do not matter
NONE_YET: Final = 1  # number of an errand that matters, before the first one


@inner
def course_of(model: Model, entity: int, number: int) -> tuple[float, float, float]:
    """Return the uniforms of an errand: when it is, its end and its stay.

    Parameters
    ----------
    number
        Odd for those that matter, in their order from 3 on; even for others, see `other`.
    """
    when, which, stays, _ = draw4(model.key.k0, model.key.k1, ERRAND, entity, number)
    return when, which, stays


@inner
def the_one_after(model: Model, t: int, often: float, when: float) -> int:
    """Return when the errand that matters is which follows one at ``t``; at the run's end if none.

    Parameters
    ----------
    often
        The person's share of errands that matter.
    when
        The errand's own uniform.
    """
    end, day = int(model.clock.run_end), local(model, t) // DAY
    if model.places.gap <= 0.0 or often <= 0.0 or day >= len(model.outing):
        return end
    today = model.outing[day]
    gone = to_activity(model, t) - today.errands_a
    left = min(max(gone, 0.0), today.errands_hours) + exponential(when) * model.places.gap / often
    while left >= model.outing[day].errands_hours:
        left -= model.outing[day].errands_hours
        day += 1
        if day == len(model.outing):
            return end
    at = from_activity(model, model.outing[day].errands_a + left)
    return min(max(at, t + 1), end)


@inner
def which_beside(cell: WorldCell, who: int, u: float) -> int:
    """Return the place in ``cell.beside`` of the end of an errand that matters, by a uniform."""
    spot = cell.spot[who]
    x, found, n = u * spot.often, 0, int(spot.besides)
    for i in range(n):  # without a branch: which end it is can't be predicted
        found += 1 if cell.beside[who, i].share <= x else 0
    return min(found, n - 1)


@inner
def end_of(cell: WorldCell, model: Model, who: int, number: int, u: float) -> int:
    """Return to which of a person's ends an errand leads, by a uniform.

    What the errands that matter leave of an end's share is that of the others.
    """
    if number & 1 == 1:
        return int(cell.beside[who, which_beside(cell, who, u)].end)
    spot = cell.spot[who]
    x, before, i, ends = u * (1.0 - spot.often), 0.0, 0, int(model.places.ends)
    for h in range(ends):
        if i < spot.besides and cell.beside[who, i].end == h:
            before = float(cell.beside[who, i].share)
            i += 1
        if model.end_cum[h] - before > x:
            return h
    return ends - 1


@inner
def other(day: int, i: int) -> int:
    """Return the number of a day's errand ``i`` among those that do not matter."""
    return (day << 8 | (i + 1)) << 1


@inner
def number_of_others(model: Model, entity: int, day: int, often: float) -> int:
    """Return how many of a day's errands do not matter: Poisson.

    Parameters
    ----------
    often
        The person's share of errands that matter.
    """
    u, _, _, _ = draw4(model.key.k0, model.key.k1, ERRAND, entity, day << 9)
    mean = (1.0 - often) * model.outing[day].errands_hours / model.places.gap
    chance = math.exp(-mean)
    total, n = chance, 0
    while u >= total and n < MOST:
        n += 1
        chance *= mean / n
        total += chance
    return n


@inner
def moment_of_other(model: Model, day: int, when: float) -> int:
    """Return when an errand is that does not matter, by its uniform."""
    today = model.outing[day]
    return from_activity(model, today.errands_a + when * today.errands_hours)


@inner
def last_before(cell: WorldCell, model: Model, who: int, t: int) -> tuple[int, int]:
    """Return when the day's last errand before ``t`` was, and its number; -1 where there is none.

    Those that matter are followed from the last one of which the person's way is known.
    """
    spot, day, entity = cell.spot[who], local(model, t) // DAY, int(cell.person[who].entity)
    latest, found, often = -1, -1, float(spot.often)
    if often > 0.0:
        number, at = int(spot.errand), int(spot.errand_t)
        while at < t:
            if number > NONE_YET and local(model, at) // DAY == day:
                latest, found = at, number
            number += 2
            at = the_one_after(model, at, often, course_of(model, entity, number)[0])
    if often < 1.0:
        for i in range(number_of_others(model, entity, day, often)):
            at = moment_of_other(model, day, course_of(model, entity, other(day, i))[0])
            if latest < at < t:
                latest, found = at, other(day, i)
    return latest, found
