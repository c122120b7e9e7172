"""Ways: to work and back on workdays, and errands from home or work.

A person goes to work on a day with one chance; both ways fall into a window of the day, evenly on
the activity clock. So who comes by a place on the way to work does so binomially. Errands lead to
a person's habitual ends (`omnilab.world.errands`), keep the person there for a while, and lead
back. Ways are straight.

Most ways lead past no place, or past none that is noticed. They are not in the queue: the next way
on which something is noticed is found ahead of time, from the draws that say who notices what. Who
tells positions makes every way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import exponential
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.world.clock import local
from omnilab.world.errands import (
    counts,
    course_of,
    end_of,
    errand_at,
    last_before,
    moment_of,
    quarter,
)
from omnilab.world.fast.errands import number_of_errands
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
from omnilab.world.places import distance, end_point

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

COMMUTE: Final = stream("COMMUTE", 107)  # person and day: whether, when there, when back
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
    present, there, back = _workday(model, entity, day)
    return moment(model, day, which, there if which == OUT else back) if present else -1


@inner
def _workday(model: Model, entity: int, day: int) -> tuple[bool, float, float]:
    """Return whether a person works on a day, and the uniforms of the ways there and back."""
    if (day + model.clock.monday // DAY) % 7 > FRIDAY:
        return False, 0.0, 0.0
    present, there, back, _ = draw4(model.key.k0, model.key.k1, COMMUTE, entity, day)
    return present < model.places.presence, there, back


@inner
def commute_number(day: int, which: int) -> int:
    """Return the number of a way to work or back among a person's ways: an odd one."""
    return (day << 1 | which) << 1 | 1


@inner
def next_commute(cell: WorldCell, model: Model, who: int, t: int) -> tuple[int, int, int]:
    """Return when a person next makes a way to work or back that matters, after ``t``.

    A way matters on which something is noticed, and every way of who tells positions. After the
    run's end it is that end.

    Returns
    -------
    tuple
        When, `OUT` or `BACK`, and the places that are noticed, a bit each.
    """
    end, spot, entity = int(model.clock.run_end), cell.spot[who], int(cell.person[who].entity)
    now, passes = local(model, t), int(spot.passes)
    first = now // DAY
    for day in range(first, end // DAY + 1):
        present, there, back = _workday(model, entity, day)
        if not present:
            continue
        for which in range(2):
            if which == OUT and now >= day * DAY + OUT_TO + SLACK:
                continue  # it is over
            noticed = _noticed(model, entity, passes, commute_number(day, which))
            if noticed != 0 or spot.tells == 1:
                at = moment(model, day, which, there if which == OUT else back)
                if at > t:
                    return at, which, noticed
    return end, OUT, 0


@inner
def next_errand(cell: WorldCell, model: Model, who: int, t: int) -> tuple[int, int, int]:
    """Return when a person next runs an errand that matters, after ``t``: see `next_commute`.

    Of errands in one second one counts.

    Returns
    -------
    tuple
        When, the errand's number, and the places that are noticed, a bit each.
    """
    end, spot, entity = int(model.clock.run_end), cell.spot[who], int(cell.person[who].entity)
    if model.places.gap <= 0.0 or spot.often <= 0.0:
        return end, -1, 0
    rate = spot.often / model.places.gap
    first = local(model, t) // DAY
    a = b = c = d = 0.0
    for day in range(first, len(model.outing)):
        if day == first or day & 3 == 0:
            a, b, c, d = counts(model, entity, day, 1)
        n = number_of_errands(model, day, rate, quarter(day, a, b, c, d))
        soonest, found, seen = end, -1, 0
        for i in range(n):
            number = day << 8 | i << 1 | 1
            when, which, _ = course_of(model, entity, number)
            h = end_of(cell, model, who, number, which)
            # On most nothing is noticed, wherever they begin: then it does not matter when they
            # are, which takes longer to find out.
            noticed = _noticed(model, entity, _on_any_way(cell, who, h), number << 1)
            if noticed == 0 and spot.tells == 0:
                continue
            at = moment_of(model, number, when)
            if t < at < soonest:
                noticed &= _passed(cell, model, who, at, h)
                if noticed != 0 or spot.tells == 1:
                    soonest, found, seen = at, number, noticed
        if found >= 0:
            return soonest, found, seen
    return end, -1, 0


@inner
def _on_any_way(cell: WorldCell, who: int, h: int) -> int:
    """Return the places that are passed on the ways to end ``h`` from home and from work."""
    from_home = int(cell.seen[who, 2 * h])
    return from_home if cell.spot[who].works == 0 else from_home | int(cell.seen[who, 2 * h + 1])


@inner
def _passed(cell: WorldCell, model: Model, who: int, at: int, h: int) -> int:
    """Return the places that are passed on the way to end ``h`` at a moment, a bit each."""
    from_home, from_work = int(cell.seen[who, 2 * h]), int(cell.seen[who, 2 * h + 1])
    if cell.spot[who].works == 0 or from_home == from_work:
        return from_home
    return from_work if _at_work(model, int(cell.person[who].entity), at) else from_home


@inner
def _noticed(model: Model, entity: int, passes: int, way: int) -> int:
    """Return which of the places that a way passes are noticed, a bit each."""
    noticed, number = 0, 0
    while passes != 0:
        if passes & 1 == 1:
            # Without a branch: whether it is noticed can't be predicted.
            noticed |= (
                int(passes_on(model, entity, way, number)[0] < model.places.notices) << number
            )
        passes >>= 1
        number += 1
    return noticed


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
    cell: WorldCell, model: Model, who: int, number: int
) -> tuple[tuple[float, float, float, float], int]:
    """Return an errand's ends, and the seconds at its end."""
    at, which, stays = errand_at(model, int(cell.person[who].entity), number)
    ax, ay = _stands(cell, model, who, at)
    bx, by = end_point(cell, model, who, end_of(cell, model, who, number, which))
    return (ax, ay, bx, by), int(exponential(stays) * model.places.stay)


@inner
def where_is(cell: WorldCell, model: Model, who: int, t: int) -> tuple[float, float]:
    """Return where a person is: at an errand's end, at work, or at home.

    An errand ends with its day, and where the next one begins.
    """
    if model.places.gap > 0.0:
        number = last_before(cell, model, who, t)
        if number >= 0:
            ends, stay = errand_way(cell, model, who, number)
            ax, ay, bx, by = ends
            at, _, _ = errand_at(model, int(cell.person[who].entity), number)
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
    present, there, back = _workday(model, entity, day)
    if not present:
        return False
    if OUT_TO + SLACK < second < BACK_FROM - SLACK:
        return True
    return moment(model, day, OUT, there) <= t < moment(model, day, BACK, back)
