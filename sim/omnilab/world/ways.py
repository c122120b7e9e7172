"""Ways: to work and back on workdays, and errands from home or work.

A person goes to work on a day with one chance; both ways fall into a window of the day, evenly on
the activity clock. So who comes by a place on the way to work does so binomially. Errands lead to
a person's habitual ends (`omnilab.world.errands`), keep the person there for a while, and lead
back. Ways are straight.

Most ways lead past no place, or past none that is noticed. They are not in the queue: the next way
that matters, on which something is noticed, is drawn as one of those, and what is noticed on it
follows the law of what is noticed where anything is. Who tells positions makes every way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import exponential
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.world.clock import local
from omnilab.world.errands import course_of, end_of, last_before, the_one_after, which_beside
from omnilab.world.outings import (
    BACK,
    BACK_FROM,
    BACK_TO,
    DAY,
    OUT,
    OUT_FROM,
    OUT_TO,
    SLACK,
    moment,
)
from omnilab.world.places import distance, end_point, nothing_noticed

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = [
    "PASSES",
    "commute_at",
    "commute_number",
    "errand_way",
    "next_commute",
    "next_errand",
    "passes_on",
    "where_is",
]

COMMUTE: Final = stream("COMMUTE", 107)  # person and four days: whether; and day: when
PASSES: Final = stream("PASSES", 108)  # person, way and place: notices, acts, reveals, when

FRIDAY: Final = 4


@inner
def commute_at(model: Model, entity: int, day: int, which: int) -> int:
    """Return when a person goes to work on a day or comes back, -1 where the person stays away.

    Parameters
    ----------
    day
        Local days since the start's.
    which
        `OUT` or `BACK`.
    """
    if _is_free(model, day) or _presence(model, entity, day) >= model.places.presence:
        return -1
    return _commute_moment(model, entity, day, which)


@inner
def _is_free(model: Model, day: int) -> bool:
    """Tell whether a day is a Saturday or a Sunday."""
    return (day + model.clock.monday // DAY) % 7 > FRIDAY


@inner
def _presence(model: Model, entity: int, day: int) -> float:
    """Return the uniform that says whether a person works on a day, and whether the ways matter."""
    return quarter(day, *_four_days(model, entity, day))


@inner
def _four_days(model: Model, entity: int, day: int) -> tuple[float, float, float, float]:
    """Return `_presence` of a day's four days: 0 to 3, 4 to 7, and so on."""
    return draw4(model.key.k0, model.key.k1, COMMUTE, entity, day >> 2 << 1)


@inner
def quarter(day: int, a: float, b: float, c: float, d: float) -> float:
    """Return the uniform of a day among those of its four."""
    place = day & 3
    if place < 2:
        return a if place == 0 else b
    return c if place == 2 else d


@inner
def _commute_moment(model: Model, entity: int, day: int, which: int) -> int:
    there, back = _there_and_back(model, entity, day)
    return moment(model, day, which, there if which == OUT else back)


@inner
def _there_and_back(model: Model, entity: int, day: int) -> tuple[float, float]:
    """Return the uniforms that say when on a day a person goes to work, and when back."""
    there, back, _, _ = draw4(model.key.k0, model.key.k1, COMMUTE, entity, day << 1 | 1)
    return there, back


@inner
def commute_number(day: int, which: int) -> int:
    """Return the number of a way to work or back among a person's ways: an odd one."""
    return (day << 1 | which) << 1 | 1


@inner
def next_commute(cell: WorldCell, model: Model, who: int, t: int) -> tuple[int, int, int]:
    """Return when a person next makes a way to work or back that matters, after ``t``.

    A way matters on which something is noticed, and every way of who tells positions. After the
    run's end it is that end. Of the days on which a person works, one uniform tells those with a
    way that matters.

    Returns
    -------
    tuple
        When, `OUT` or `BACK`, and the places that are noticed, a bit each.
    """
    end, spot, entity = int(model.clock.run_end), cell.spot[who], int(cell.person[who].entity)
    now, passes, matters = local(model, t), int(spot.passes), float(spot.matters)
    first = max(now // DAY, 0)
    a, b, c, d = _four_days(model, entity, first)
    for day in range(first, end // DAY + 1):
        if day & 3 == 0:
            a, b, c, d = _four_days(model, entity, day)
        if quarter(day, a, b, c, d) >= matters or _is_free(model, day):
            continue
        none = 0.0 if spot.tells == 1 else 1.0 - matters / model.places.presence
        for which in range(2):
            noticed, none = _noticed(model, entity, passes, commute_number(day, which), none)
            if which == OUT and now >= day * DAY + OUT_TO + SLACK:
                continue  # it is over
            if noticed != 0 or spot.tells == 1:
                at = _commute_moment(model, entity, day, which)
                if at > t:
                    return at, which, noticed
    return end, OUT, 0


@inner
def next_errand(
    cell: WorldCell, model: Model, who: int, number: int, t: int
) -> tuple[int, int, int]:
    """Return when the errand is that matters next after errand ``number`` at ``t``.

    Returns
    -------
    tuple
        When, or the run's end, the errand's number, and the places that are noticed, a bit each:
        of those beside the ways from home and from work, the ones beside the way that is made.
    """
    end, spot, entity = int(model.clock.run_end), cell.spot[who], int(cell.person[who].entity)
    often, at = float(spot.often), t
    while True:
        number += 2
        when, which, _ = course_of(model, entity, number)
        at = the_one_after(model, at, often, when)
        if at >= end:
            return end, number, 0
        beside = cell.beside[who, which_beside(cell, who, which)]
        any_way = int(beside.from_home) | int(beside.from_work)
        none = 0.0 if spot.tells == 1 else nothing_noticed(model, any_way)
        noticed, _ = _noticed(model, entity, any_way, number << 1, none)
        if spot.works == 1 and beside.from_home != beside.from_work:
            leaves_work = _at_work(model, entity, at)
            noticed &= int(beside.from_work if leaves_work else beside.from_home)
        if noticed != 0 or spot.tells == 1:
            return at, number, noticed


@inner
def _noticed(model: Model, entity: int, passes: int, way: int, none: float) -> tuple[int, float]:
    """Return which of the places that a way passes are noticed, a bit each.

    Parameters
    ----------
    none
        Chance that neither these places nor any that come later are noticed, of which at least one
        is; 0 where nothing is known of them.

    Returns
    -------
    tuple
        The places, and ``none`` for the places that come later.
    """
    noticed, number = 0, 0
    while passes != 0:
        if passes & 1 == 1:
            # Without a branch: whether it is noticed can't be predicted.
            u, _, _, _ = passes_on(model, entity, way, number)
            sees = u * (1.0 - none) < model.places.notices
            noticed |= int(sees) << number
            none = 0.0 if sees else none / (1.0 - model.places.notices)
        passes >>= 1
        number += 1
    return noticed, none


@inner
def passes_on(
    model: Model, entity: int, way: int, number: int
) -> tuple[float, float, float, float]:
    """Return the uniforms of passing a place: notices, acts, reveals, when.

    Parameters
    ----------
    way
        Its number among the person's: errands are even, ways to work and back are odd.
    number
        The place.
    """
    return draw4(model.key.k0, model.key.k1, PASSES, entity, (way << 6) | number)


@inner
def errand_way(
    cell: WorldCell, model: Model, who: int, number: int, at: int
) -> tuple[tuple[float, float, float, float], int]:
    """Return the ends of an errand that begins at ``at``, and the seconds at its end."""
    _, which, stays = course_of(model, int(cell.person[who].entity), number)
    ax, ay = _stands(cell, model, who, at)
    bx, by = end_point(cell, model, who, end_of(cell, model, who, number, which))
    return (ax, ay, bx, by), int(exponential(stays) * model.places.stay)


@inner
def where_is(cell: WorldCell, model: Model, who: int, t: int) -> tuple[float, float]:
    """Return where a person is: at an errand's end, at work, or at home.

    An errand ends with its day, and where the next one begins.
    """
    if model.places.gap > 0.0:
        at, number = last_before(cell, model, who, t)
        if number >= 0:
            ends, stay = errand_way(cell, model, who, number, at)
            ax, ay, bx, by = ends
            takes = model.places.access + distance(ax, ay, bx, by) * model.places.pace
            if t < at + int(takes) + stay:
                return bx, by
    return _stands(cell, model, who, t)


@inner
def _stands(cell: WorldCell, model: Model, who: int, t: int) -> tuple[float, float]:
    """Return where a person is at ``t`` who is not on an errand."""
    spot = cell.spot[who]
    if spot.works == 1 and _at_work(model, int(cell.person[who].entity), t):
        return float(spot.work_x), float(spot.work_y)
    return float(spot.home_x), float(spot.home_y)


@inner
def _at_work(model: Model, entity: int, t: int) -> bool:
    now = local(model, t)
    day, second = now // DAY, now % DAY
    if second < OUT_FROM - SLACK or second > BACK_TO + SLACK:
        return False
    if _is_free(model, day) or _presence(model, entity, day) >= model.places.presence:
        return False
    if OUT_TO + SLACK < second < BACK_FROM - SLACK:
        return True
    there, back = _there_and_back(model, entity, day)
    return moment(model, day, OUT, there) <= t < moment(model, day, BACK, back)
