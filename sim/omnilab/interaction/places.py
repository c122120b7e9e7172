"""Visits at places: which of several stores, who stays away for the way, and what the app tells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.brand.codes import E_NEAR
from omnilab.cell import queue
from omnilab.cell.emit import write_at_place
from omnilab.cell.queue import push
from omnilab.draws.philox import draw4
from omnilab.kernels.compiling import inner
from omnilab.world.familiarity import ease_channels
from omnilab.world.offer_bounds import places_drawn_to
from omnilab.world.places import (
    WHICH_PLACE,
    fill_pull,
    has_places,
    near_distance,
    passing_distance,
    pick_site,
    rivals_pull,
    time_inside,
)
from omnilab.world.wallet import take_what_draws
from omnilab.world.ways import where_is

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model

__all__ = ["arrive_at_place", "cross_fences", "know_ways", "pull_of_rivals", "stays_away",
           "what_draws"]  # fmt: skip

FAMILY_BITS: Final = (
    55  # a visit's family stands above its occasion in the address of `WHICH_PLACE`
)
MOST_METRES: Final = 1 << 20


@inner
def know_ways(cell: Cell, model: Model, t: int, who: int, chooses: bool) -> None:
    """Write into ``cell.pull`` what draws a person to the places of each channel from here.

    An offer draws who chooses where to go; who looks around without a cause does not think of it.
    """
    x, y = where_is(cell, model, who, t)
    drawn, times = _drawn_by_offer(cell, model, t, who, chooses)
    fill_pull(cell, model, t, x, y, drawn, times)


@inner
def _drawn_by_offer(cell: Cell, model: Model, t: int, who: int, chooses: bool) -> tuple[int, float]:
    """Return to which kinds of places an offer draws a person, and by which factor."""
    if not chooses or model.offers.on == 0:
        return 0, 1.0
    take_what_draws(cell, model, who, t)
    return places_drawn_to(model, cell.person[who], t)


@inner
def what_draws(cell: Cell, model: Model, t: int, who: int) -> None:
    """Write into ``cell.pull`` what draws a person to each channel, if anything does.

    That is the way to its places, and how well the person knows it.
    """
    take_what_draws(cell, model, who, t)
    if model.places.on == 1:
        know_ways(cell, model, t, who, True)
    if model.familiarity.on == 1:
        ease_channels(cell, model, who)


@inner
def pull_of_rivals(cell: Cell, model: Model, t: int, who: int) -> float:
    """Return what draws a person to one rival's place from here, in the mean over them."""
    x, y = where_is(cell, model, who, t)
    return rivals_pull(cell, model, t, x, y)


@inner
def _uniforms(
    cell: Cell, model: Model, who: int, family: int, occasion: int
) -> tuple[float, float, float, float]:
    """Return the four uniforms of a visit's place: which, whether it is too far, how long."""
    address = (occasion ^ (family << FAMILY_BITS)) & 0x7FFFFFFFFFFFFFFF
    return draw4(model.key.k0, model.key.k1, WHICH_PLACE, int(cell.person[who].entity), address)


@inner
def stays_away(
    cell: Cell, model: Model, t: int, who: int, c: int, family: int, occasion: int
) -> bool:
    """Tell whether a visit without a need to channel ``c`` is not made, for the way is too long.

    It is made in proportion to what draws the person there, and always where that is 1 or more.
    """
    if model.places.on == 0 or not has_places(model, c):
        return False
    know_ways(cell, model, t, who, False)
    _, u, _, _ = _uniforms(cell, model, who, family, occasion)
    return u >= cell.pull[c]


@inner
def arrive_at_place(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, ordinal: int
) -> None:
    """Say at which place a visit is made, where its channel has some; the app may tell, too."""
    who, c = int(visit.who), int(visit.channel)
    if not has_places(model, c):
        return
    x, y = where_is(cell, model, who, t)
    which, _, stay, _ = _uniforms(cell, model, who, int(visit.family), int(visit.occasion))
    if visit.site < 0:
        drawn, times = _drawn_by_offer(cell, model, t, who, ordinal >= 0 or visit.cause >= 0)
        visit.site = pick_site(cell, model, c, t, x, y, which, drawn, times)
        if visit.site < 0:
            return
    site = cell.site[int(visit.site)]
    metres = min(int(near_distance(cell, int(visit.site), x, y)), MOST_METRES)
    write_at_place(
        cell, t, who, c, int(model.ch[c].silo), need=ordinal, place=int(visit.site), metres=metres
    )
    ends = (x, y, float(site.x), float(site.y))
    cross_fences(cell, model, plan, t, who, ends, int(-math.log(stay) * model.places.stay))


@inner
def cross_fences(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int,
    ends: tuple[float, float, float, float], stay: int,
) -> None:  # fmt: skip
    """Let the app find out which fences a way leads into; it tells once the dwell is over.

    Of several places of one name the nearest counts. Who was within the radius before does not
    come in.

    Parameters
    ----------
    ends
        Where the way begins, x and y, and where it ends.
    stay
        Seconds that the person stays there.
    """
    if cell.spot[who].tells == 0 or plan.rules.starts & E_NEAR == 0:
        return
    ax, ay, bx, by = ends
    for j in range(len(plan.journey)):
        journey = plan.journey[j]
        if journey.trigger != E_NEAR:
            continue
        radius = float(journey.radius)
        number = _nearest(cell, model, int(journey.near), ends, radius)
        if number < 0 or near_distance(cell, number, ax, ay) <= radius:
            continue
        inside = time_inside(cell, model, number, ends, radius)
        if near_distance(cell, number, bx, by) <= radius:
            inside += stay
        dwell = int(journey.dwell)
        if inside >= dwell:
            metres = int(passing_distance(cell, number, ends))
            packed = (dwell << 32) | metres
            push(cell, t + max(dwell, 1), queue.NEAR, who, (j << 16) | number, packed)


@inner
def _nearest(
    cell: Cell, model: Model, k: int, ends: tuple[float, float, float, float], radius: float
) -> int:
    """Return the place of kind ``k`` to which a way comes nearest, within a radius; -1 none."""
    kind = model.sites[k]
    best, least = -1, radius
    for number in range(int(kind.first), int(kind.first + kind.count)):
        metres = passing_distance(cell, number, ends)
        if metres <= least:
            best, least = number, metres
    return best
