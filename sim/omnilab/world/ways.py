"""Ways: to work and back on workdays, and errands from where a person is.

A person goes to work on a day with one chance; both ways fall into a window of the day, evenly on
the activity clock. So who comes by a place on the way to work does so binomially. Errands are a
Poisson process on the activity clock, thinned by the hours in which nobody goes out; each leads
to a point around a cluster, keeps the person there for a while, and leads back. Ways are straight.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import exponential
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.world.clock import from_activity, local, to_activity
from omnilab.world.places import near_cluster

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
    "commute_at",
    "errand_end",
    "goes_out",
    "next_commute",
    "next_errand",
    "where_is",
]

ERRAND: Final = stream("ERRAND", 106)  # person and errand: when and where (even), how long (odd)
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
def next_errand(model: Model, entity: int, number: int, t: int) -> int:
    """Return when the errand of this number is, after the one before it at ``t``."""
    u, _, _, _ = draw4(model.key.k0, model.key.k1, ERRAND, entity, number << 1)
    active = to_activity(model, t) + exponential(u) * model.places.gap
    at = from_activity(model, min(active, model.act_end[0]))
    return at if at > t else t + 1


@inner
def goes_out(model: Model, t: int) -> bool:
    """Tell whether people run errands at ``t``."""
    return model.places.out_from <= local(model, t) % DAY < model.places.out_to


@inner
def errand_end(cell: WorldCell, model: Model, who: int, number: int) -> tuple[float, float, int]:
    """Return where an errand leads, and for how many seconds the person stays there."""
    entity, spot = int(cell.person[who].entity), cell.spot[who]
    _, which, v, w = draw4(model.key.k0, model.key.k1, ERRAND, entity, number << 1)
    stays, near, _, _ = draw4(model.key.k0, model.key.k1, ERRAND, entity, (number << 1) | 1)
    cluster = int(spot.cluster) if near < model.places.local else int(which * model.places.clusters)
    x, y = near_cluster(cell, model, cluster, v, w)
    return x, y, int(-math.log(stays) * model.places.stay)


@inner
def where_is(cell: WorldCell, model: Model, who: int, t: int) -> tuple[float, float]:
    """Return where a person is: at an errand's end, at work, or at home."""
    spot = cell.spot[who]
    if t < spot.away_until:
        return float(spot.away_x), float(spot.away_y)
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
