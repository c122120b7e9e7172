"""Errands: outings from home or work to a person's habitual ends.

People return to few places. Each person has some ends, drawn once, and the usual ones are visited
more often. Errands are a Poisson process on the activity clock in the hours in which people go
out: a day has a Poisson number of them, each at an even moment, and each leads to one of the ends.

Ends differ in whether a way to them leads past a place. Errands to those where one does and to
those where none does are two independent Poisson processes (a Poisson process thinned by marks),
each drawn at addresses of its own: by person and day. So whoever looks for the next passage draws
nothing of the others, and whoever asks where a person is looks at one day.

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

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.world.clock import from_activity, local
from omnilab.world.outings import DAY

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = [
    "MOST",
    "counts",
    "course_of",
    "end_of",
    "errand_at",
    "last_before",
    "moment_of",
    "number_of_errands",
    "quarter",
    "share_of",
]

ERRAND: Final = stream("ERRAND", 106)  # person and day: how many; person and errand: when, where
MOST: Final = 100  # errands of one of the two kinds on a day


@inner
def share_of(cell: WorldCell, who: int, seen: int) -> float:
    """Return the share of a person's errands to ends past something (``seen`` 1) or not (0)."""
    often = float(cell.spot[who].often)
    return often if seen == 1 else 1.0 - often


@inner
def counts(model: Model, entity: int, day: int, seen: int) -> tuple[float, float, float, float]:
    """Return the uniforms that say how many errands there are, of the day's four days."""
    return draw4(model.key.k0, model.key.k1, ERRAND, entity, (day >> 2) << 2 | seen << 1)


@inner
def number_of_errands(model: Model, day: int, rate: float, u: float) -> int:
    """Return a day's number of errands at a rate an hour of activity, by a uniform: Poisson."""
    mean = rate * model.outing[day].errands_hours
    if u < 1.0 - mean:  # exp(-mean) is more than that
        return 0
    chance = math.exp(-mean)
    total, n = chance, 0
    while u >= total and n < MOST:
        n += 1
        chance *= mean / n
        total += chance
    return n


@inner
def errand_at(model: Model, entity: int, number: int) -> tuple[int, float, float]:
    """Return when an errand is, and the uniforms of its end and its stay.

    Parameters
    ----------
    number
        ``day << 8 | place among the day's << 1 | seen``.
    """
    when, which, stays = course_of(model, entity, number)
    return moment_of(model, number, when), which, stays


@inner
def course_of(model: Model, entity: int, number: int) -> tuple[float, float, float]:
    """Return the uniforms of an errand: when it is, its end and its stay."""
    when, which, stays, _ = draw4(model.key.k0, model.key.k1, ERRAND, entity, number << 1 | 1)
    return when, which, stays


@inner
def moment_of(model: Model, number: int, when: float) -> int:
    """Return when an errand is, by its uniform."""
    today = model.outing[number >> 8]
    return from_activity(model, today.errands_a + when * today.errands_hours)


@inner
def end_of(cell: WorldCell, model: Model, who: int, number: int, u: float) -> int:
    """Return to which of a person's ends an errand leads, by a uniform."""
    seen = number & 1
    spot = cell.spot[who]
    ends = int(spot.seen_ends) if seen == 1 else ~int(spot.seen_ends)
    left, before, found = u * share_of(cell, who, seen), 0.0, 0
    for h in range(model.places.ends):
        # Without a branch: which ends are among them can't be predicted.
        among = (ends >> h) & 1 == 1
        found = h if among else found
        left -= model.end_cum[h] - before if among else 0.0
        if left < 0.0:
            break
        before = model.end_cum[h]
    return found


@inner
def last_before(cell: WorldCell, model: Model, who: int, t: int) -> int:
    """Return the number of the day's last errand before ``t``, -1 where there is none."""
    day, entity = local(model, t) // DAY, int(cell.person[who].entity)
    latest, found = -1, -1
    for seen in range(2):
        share = share_of(cell, who, seen)
        if share <= 0.0:
            continue
        a, b, c, d = counts(model, entity, day, seen)
        n = number_of_errands(model, day, share / model.places.gap, quarter(day, a, b, c, d))
        for i in range(n):
            number = day << 8 | i << 1 | seen
            at, _, _ = errand_at(model, entity, number)
            if latest < at < t:
                latest, found = at, number
    return found


@inner
def quarter(day: int, a: float, b: float, c: float, d: float) -> float:
    """Return the uniform of a day among those of its four."""
    place = day & 3
    if place < 2:
        return a if place == 0 else b
    return c if place == 2 else d
