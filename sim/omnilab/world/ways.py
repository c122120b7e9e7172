"""Ways: to work and back on workdays, and errands from where a person is.

A person goes to work on a day with one chance; both ways fall into a window of the day, evenly on
the activity clock. So who comes by a place on the way to work does so binomially. Errands are a
Poisson process on the activity clock, thinned by the hours in which nobody goes out; each leads
to a point around a cluster, keeps the person there for a while, and leads back. Ways are straight.

Most errands lead past no place. They are not in the queue: they are made up for when somebody asks
where the person is (`catch_up`), and the next one that leads past something is found ahead of time
(`next_passing`). Who tells positions makes every errand when it is due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import exponential
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.world.clock import from_activity, local, to_activity
from omnilab.world.places import distance, near_cluster, passes_any

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = [
    "BACK",
    "BACK_FROM",
    "BACK_TO",
    "OUT",
    "OUT_FROM",
    "OUT_TO",
    "PASSES",
    "catch_up",
    "commute_at",
    "errand_end",
    "goes_out",
    "make_errand",
    "next_commute",
    "next_errand",
    "next_passing",
    "where_is",
]

ERRAND: Final = stream("ERRAND", 106)  # person and errand: when, where and how long
COMMUTE: Final = stream("COMMUTE", 107)  # person and day: whether, when there, when back
PASSES: Final = stream("PASSES", 108)  # person, way and place: notices, acts, reveals, when

DAY: Final = 86400
FRIDAY: Final = 4
# When people go to work and come back (A): the usual hours of commuting.
OUT_FROM: Final = 6 * 3600
OUT_TO: Final = 10 * 3600
BACK_FROM: Final = 15 * 3600 + 1800
BACK_TO: Final = 19 * 3600 + 1800
SLACK: Final = 3600  # by which a clock that is changed moves the hours of a day
OUT: Final = 0
BACK: Final = 1


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
    return _moment(model, day, which, there if which == OUT else back) if present else -1


@inner
def _workday(model: Model, entity: int, day: int) -> tuple[bool, float, float]:
    """Return whether a person works on a day, and the uniforms of the ways there and back."""
    if (day + model.clock.monday // DAY) % 7 > FRIDAY:
        return False, 0.0, 0.0
    present, there, back, _ = draw4(model.key.k0, model.key.k1, COMMUTE, entity, day)
    return present < model.places.presence, there, back


@inner
def _moment(model: Model, day: int, which: int, u: float) -> int:
    """Return when on a day a way is made, by a uniform: evenly on the activity clock."""
    first, last = OUT_FROM, OUT_TO
    if which == BACK:
        first, last = BACK_FROM, BACK_TO
    midnight = 2 * day * DAY - local(model, day * DAY)
    low = to_activity(model, midnight + first)
    high = to_activity(model, midnight + last)
    return from_activity(model, low + u * (high - low))


@inner
def next_commute(model: Model, entity: int, t: int) -> tuple[int, int]:
    """Return when a person next goes to work or comes back after ``t``, and which of the two.

    After the run's end it is that end.
    """
    end = int(model.clock.run_end)
    now = local(model, t)
    for day in range(now // DAY, end // DAY + 1):
        present, there, back = _workday(model, entity, day)
        if not present:
            continue
        if now < day * DAY + OUT_TO + SLACK:  # else it is over
            at = _moment(model, day, OUT, there)
            if at > t:
                return at, OUT
        at = _moment(model, day, BACK, back)
        if at > t:
            return at, BACK
    return end, OUT


@inner
def next_errand(model: Model, entity: int, number: int, active: float) -> float:
    """Return when the errand of this number is, in hours of activity, after the one before it."""
    u, _, _, _ = draw4(model.key.k0, model.key.k1, ERRAND, entity, number)
    return min(active + exponential(u) * model.places.gap, float(model.act_end[0]))


@inner
def goes_out(model: Model, t: int) -> bool:
    """Tell whether people run errands at ``t``."""
    return model.places.out_from <= local(model, t) % DAY < model.places.out_to


@inner
def errand_end(cell: WorldCell, model: Model, who: int, number: int) -> tuple[float, float, int]:
    """Return where an errand leads, and for how many seconds the person stays there.

    One uniform says which cluster, and within the part of it that means that cluster, how long.
    """
    entity, own = int(cell.person[who].entity), float(model.places.local)
    _, which, v, w = draw4(model.key.k0, model.key.k1, ERRAND, entity, number)
    if which < own:
        cluster, stays = int(cell.spot[who].cluster), which / own
    else:
        among = (which - own) / (1.0 - own) * model.places.clusters
        cluster = int(among)
        stays = among - cluster
    x, y = near_cluster(cell, model, cluster, v, w)
    return x, y, int(exponential(stays) * model.places.stay)


@inner
def where_is(cell: WorldCell, model: Model, who: int, t: int) -> tuple[float, float]:
    """Return where a person is: at an errand's end, at work, or at home."""
    catch_up(cell, model, who, t)
    spot = cell.spot[who]
    away = (float(spot.away_x), float(spot.away_y))
    return _stands(cell, model, who, t, away, int(spot.away_until))


@inner
def catch_up(cell: WorldCell, model: Model, who: int, t: int) -> None:
    """Make the errands before ``t`` that have not been made yet; they led past nothing."""
    if model.places.gap <= 0.0:
        return
    spot, entity = cell.spot[who], int(cell.person[who].entity)
    active = next_errand(model, entity, int(spot.errand) + 1, float(spot.errand_a))
    while active < model.act_end[0]:
        at = from_activity(model, active)
        if at >= t:
            return
        number = int(spot.errand) + 1
        spot.errand, spot.errand_a = number, active
        if goes_out(model, at):
            away = (float(spot.away_x), float(spot.away_y))
            ends, _, until = _errand(cell, model, who, number, at, away, int(spot.away_until))
            spot.away_x, spot.away_y, spot.away_until = ends[2], ends[3], until
        active = next_errand(model, entity, number + 1, active)


@inner
def make_errand(cell: WorldCell, who: int, goes: bool) -> None:
    """Make the errand that `next_passing` has found, unless the person can't go.

    Those before it, which led past nothing, are made with it.
    """
    spot = cell.spot[who]
    spot.errand, spot.errand_a = spot.due, spot.due_a
    spot.away_x, spot.away_y, spot.away_until = spot.before_x, spot.before_y, spot.before_until
    if goes:
        spot.away_x, spot.away_y, spot.away_until = spot.to_x, spot.to_y, spot.back_t


@inner
def next_passing(cell: WorldCell, model: Model, who: int) -> int:
    """Return when the next errand is that leads past a place, and keep it in the person's spot.

    After the run's end it is that end.
    """
    end = int(model.clock.run_end)
    spot, entity = cell.spot[who], int(cell.person[who].entity)
    number, active, until = int(spot.errand), float(spot.errand_a), int(spot.away_until)
    away = (float(spot.away_x), float(spot.away_y))
    while model.places.gap > 0.0:
        number += 1
        active = next_errand(model, entity, number, active)
        t = from_activity(model, active)
        if t >= end or active >= model.act_end[0]:
            break
        if goes_out(model, t):
            ends, stay, back = _errand(cell, model, who, number, t, away, until)
            if spot.tells == 1 or passes_any(cell, model, ends):
                spot.due, spot.due_a, spot.stay, spot.back_t = number, active, stay, back
                spot.from_x, spot.from_y, spot.to_x, spot.to_y = ends
                spot.before_x, spot.before_y, spot.before_until = away[0], away[1], until
                return t
            away, until = (ends[2], ends[3]), back
    return end


@inner
def _errand(
    cell: WorldCell, model: Model, who: int, number: int, t: int, away: tuple[float, float],
    until: int,
) -> tuple[tuple[float, float, float, float], int, int]:  # fmt: skip
    """Return an errand's ends, the seconds at its end, and until when the person is away then.

    Parameters
    ----------
    away, until
        Where the errand before has led, and until when the person is there.
    """
    ax, ay = _stands(cell, model, who, t, away, until)
    bx, by, stay = errand_end(cell, model, who, number)
    takes = model.places.access + distance(ax, ay, bx, by) * model.places.pace
    return (ax, ay, bx, by), stay, t + int(takes) + stay


@inner
def _stands(
    cell: WorldCell, model: Model, who: int, t: int, away: tuple[float, float], until: int
) -> tuple[float, float]:
    """Return where a person is at ``t`` whom an errand has led away until then or not."""
    if t < until:
        return away
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
    return _moment(model, day, OUT, there) <= t < _moment(model, day, BACK, back)
