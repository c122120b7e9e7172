"""What happens on a way: places that are noticed, and positions that the app tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.places import has_fence
from omnilab.cell import queue
from omnilab.cell.emit import write_lives, write_passed, write_position, write_stands
from omnilab.cell.fetching import fetch_way
from omnilab.cell.queue import push
from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_COURSE, VISIT_LOOK
from omnilab.interaction.knowing import BY_MEDIUM, hear_name
from omnilab.interaction.leaving import lose_need
from omnilab.interaction.looking import look_around
from omnilab.interaction.need import aware, visit_for
from omnilab.interaction.place_stock import place_has
from omnilab.interaction.places import cross_fences
from omnilab.interaction.stay import is_there
from omnilab.interaction.visit import begin_visit
from omnilab.interaction.wall import ask_serial, hear, tell_position
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.accounts import ALONE
from omnilab.world.choice import can_go, is_open
from omnilab.world.clock import later, local
from omnilab.world.errands import NONE_YET
from omnilab.world.identifiers import address_code
from omnilab.world.intent import delay_to_next, stimulate
from omnilab.world.needs import LATENT, shown_need, take_up
from omnilab.world.outings import DAY, OUT
from omnilab.world.places import (
    BOARD,
    STORE,
    found_town,
    is_there_at,
    passing_distance,
    settle_person,
)
from omnilab.world.ways import (
    commute_number,
    errand_way,
    next_commute,
    next_errand,
    passes_on,
)

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["commute", "errand", "first_ways", "near", "settle"]

BY_PLACE: Final = 4  # why a need is noticed, as the log says it

A_NIGHT: Final = 6 * 3600  # for how long somebody who comes home stays there at least
MOST_NOTICED: Final = 12  # on one way
WAY_VISIT: Final = 1 << 55  # tells the visits of passers-by from others of their family


@inner
def settle(cell: Cell, model: Model) -> None:
    """Found the cell's town and settle its people."""
    found_town(cell, model)
    for who in range(cell.meta.persons):
        settle_person(cell, model, who)


@inner
def first_ways(cell: Cell, model: Model, who: int, start: int) -> None:
    """Write where a person lives, and plan the first ways after ``start``."""
    spot = cell.spot[who]
    if who == 0:
        for number in range(model.places.sites):
            site = cell.site[number]
            write_stands(
                cell, 0, who, place=number, kind_of_place=int(site.kind), x=int(site.x),
                y=int(site.y),
            )  # fmt: skip
    write_lives(
        cell, 0, who, home_x=int(spot.home_x), home_y=int(spot.home_y), work_x=int(spot.work_x),
        work_y=int(spot.work_y), works=int(spot.works), tells=int(spot.tells),
    )  # fmt: skip
    if spot.matters > 0.0:
        _plan_commute(cell, model, who, start)
    spot.errand, spot.errand_t = NONE_YET, start
    _plan_errand(cell, model, who)


@inner
def _plan_errand(cell: Cell, model: Model, who: int) -> None:
    spot = cell.spot[who]
    at, number, noticed = next_errand(cell, model, who, int(spot.errand), int(spot.errand_t))
    if at < model.clock.run_end:
        push(cell, at, queue.ERRAND, who, number, noticed)
        fetch_way(cell)


@inner
def _plan_commute(cell: Cell, model: Model, who: int, t: int) -> None:
    at, which, noticed = next_commute(cell, model, who, t)
    if at < model.clock.run_end:
        push(cell, at, queue.COMMUTE, who, which, noticed)
        fetch_way(cell)


@inner
def commute(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, which: int, noticed: int
) -> None:
    """Go to work or come back, past places of which some are noticed, a bit each."""
    if cell.person[who].left == 1:
        return
    _plan_commute(cell, model, who, t)
    spot = cell.spot[who]
    noticed = _that_hang(cell, model, plan, t, noticed)
    if (noticed == 0 and spot.tells == 0) or is_there(cell, model, who):
        return
    # Who is on an errand just then goes as if from home or work: few are, and not for long.
    ends = (float(spot.work_x), float(spot.work_y), float(spot.home_x), float(spot.home_y))
    if which == OUT:
        ends = (float(spot.home_x), float(spot.home_y), float(spot.work_x), float(spot.work_y))
    cross_fences(cell, model, plan, t, who, ends, A_NIGHT)
    way = commute_number(local(model, t) // DAY, which)
    _pass_all(cell, model, plan, t, who, ends, way, noticed)


@inner
def errand(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, number: int, noticed: int
) -> None:
    """Go out from home or work, past places of which some are noticed, and plan the next time."""
    if cell.person[who].left == 1:
        return
    cell.spot[who].errand, cell.spot[who].errand_t = number, t
    _plan_errand(cell, model, who)
    noticed = _that_hang(cell, model, plan, t, noticed)
    if (noticed == 0 and cell.spot[who].tells == 0) or is_there(cell, model, who):
        return
    ends, stay = errand_way(cell, model, who, number, t)
    cross_fences(cell, model, plan, t, who, ends, stay)
    _pass_all(cell, model, plan, t, who, ends, number << 1, noticed)


@inner
def _that_hang(cell: Cell, model: Model, plan: LoweredPlan, t: int, noticed: int) -> int:
    """Return those of the places that are there at ``t``, a bit each.

    Boards are media: they hang where the brand pays for media, in the time that is measured and
    before.
    """
    left, number, there = noticed, 0, 0
    hangs = plan.rules.media != 0 and t < model.clock.end
    while left != 0:
        if left & 1 == 1:
            kind = model.sites[int(cell.site[number].kind)]
            if is_there_at(kind, t) and (hangs or kind.role != BOARD):
                there |= 1 << number
        left >>= 1
        number += 1
    return there


@inner
def _pass_all(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int,
    ends: tuple[float, float, float, float], way: int, noticed: int,
) -> None:  # fmt: skip
    """Notice one place after the other, until the person goes in at one.

    Parameters
    ----------
    way
        Its number among the person's: errands are even, ways to work and back are odd.
    noticed
        The places, a bit each.
    """
    seen, number = 0, 0
    while noticed != 0:
        if noticed & 1 == 1:
            does = _pass(cell, model, plan, t, who, number, ends, way)
            seen += 1
            if does >= rows.PASSED_IN or seen == MOST_NOTICED:
                return
        noticed >>= 1
        number += 1


@inner
def _pass(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, number: int,
    ends: tuple[float, float, float, float], way: int,
) -> int:  # fmt: skip
    """Notice a place; return what the person does, of `rows.PASSED_BY` on.

    Needs that nobody has noticed yet may be noticed now.
    """
    kind, entity = model.sites[int(cell.site[number].kind)], int(cell.person[who].entity)
    _, acts, reveals, u = passes_on(model, entity, way, number)
    i = shown_need(cell, cell.person[who], int(kind.category), -1)
    if i >= 0 and (kind.role == BOARD or kind.role == STORE):
        stimulate(model, cell.need[i], t, model.places.stirs)
        if reveals < model.places.reveals:
            aware(cell, t, who, cell.need[i], BY_PLACE)
    if i >= 0 and cell.need[i].stage == LATENT:
        i = -1
    does = _deed(cell, model, t, who, number, i, acts)
    cost = int(kind.cost) if kind.role == BOARD else 0
    metres = int(passing_distance(cell, number, ends))
    write_passed(cell, t, who, place=number, metres=metres, cost=cost, does=does)
    if kind.role == BOARD:
        hear_name(cell, model, t, who, BY_MEDIUM)
    if kind.role == BOARD and kind.channel >= 0:
        person = cell.person[who]
        person.spill_channel = int(kind.channel)
        person.spill = 1.0
        person.spill_t = t
    if does == rows.PASSED_LATER:
        _come_later(cell, model, t, who, i, (acts / model.places.brings, u), way, number)
    elif does == rows.PASSED_LOST:
        lose_need(cell, t, who, i, rows.FATE_RIVAL)
    elif does == rows.PASSED_IN:
        _go_in(cell, model, plan, t, who, i, number, way)
    return does


@inner
def _deed(cell: Cell, model: Model, t: int, who: int, number: int, i: int, u: float) -> int:
    """Return what who notices a place does, by uniform ``u``; ``i`` is the noticed need, or -1."""
    kind, part = model.sites[int(cell.site[number].kind)], model.places
    if kind.role == BOARD:
        if i < 0:
            return rows.PASSED_BY
        return rows.PASSED_LATER if u < part.brings else rows.PASSED_NEED
    if kind.role == STORE:
        chance = part.drops_in if i < 0 else part.calls_in
        if u < chance and can_go(model, cell.person[who], int(kind.channel), t):
            return rows.PASSED_IN
        return rows.PASSED_BY if i < 0 else rows.PASSED_NEED
    if i < 0 or cell.need[i].joint != ALONE:
        return rows.PASSED_BY
    return rows.PASSED_LOST if u < part.tempts else rows.PASSED_BY


@inner
def _come_later(
    cell: Cell, model: Model, t: int, who: int, i: int, when: tuple[float, float], way: int,
    number: int,
) -> None:  # fmt: skip
    """Plan a visit for need ``i``, by two uniforms."""
    need = cell.need[i]
    at = later(model, t, delay_to_next(model, when[0], when[1]))
    if at < need.expires:
        packed = (VISIT_LOOK << 32) | int(need.ordinal)
        push(cell, at, queue.REVISIT, who, packed, WAY_VISIT | (way << 6) | number)


@inner
def _go_in(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, i: int, number: int, way: int
) -> None:
    """Go into a store on the way, for need ``i`` or to look around (-1)."""
    occasion = WAY_VISIT | (way << 6) | number
    visit = begin_visit(cell, who, VISIT_LOOK, occasion)
    visit.channel = int(model.sites[int(cell.site[number].kind)].channel)
    visit.site = number
    if i >= 0:
        take_up(cell.need[i])
        visit_for(cell, model, plan, t, visit, i)
        return
    _, device, what, _ = draw4(
        model.key.k0, model.key.k1, VISIT_LOOK + V_COURSE, int(cell.person[who].entity), occasion
    )
    look_around(cell, model, plan, t, visit, device, what)


@inner
def near(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, a: int, b: int) -> None:
    """Let the app tell that a person has been within a fence for long enough.

    Parameters
    ----------
    a, b
        The journey whose fence it is, and the place; seconds within it, and metres. The fence may
        be gone: it was that of the strategy which ran then.
    """
    j, number, dwell, metres = a >> 16, a & 0xFFFF, b >> 32, b & 0xFFFFFFFF
    person = cell.person[who]
    k = int(cell.site[number].kind)
    kind = model.sites[k]
    if person.left == 1 or not has_fence(plan, j, k, metres, dwell) or not is_there_at(kind, t):
        return
    if kind.role == STORE and not _open_for(model, int(kind.channel), t, int(plan.journey[j].lead)):
        return
    c = int(model.places.tells_by)
    silo = int(model.ch[c].silo)
    code = address_code(model, person, who, int(model.places.tells_type), t)
    there = 1
    if plan.journey[j].has > 0:
        there = 1 if place_has(cell, model, plan, t, who, j, int(kind.channel), code) else 0
    profile = tell_position(cell, plan, t, silo, code, j, there)
    write_position(
        cell, t, who, c, silo, place=number, metres=metres, dwell=dwell,
        profile=ask_serial(cell, profile),
    )  # fmt: skip
    hear(cell, t)


@inner
def _open_for(model: Model, c: int, t: int, lead: int) -> bool:
    """Tell whether a channel is open, and will be for so many seconds more."""
    now = local(model, t)
    return is_open(model.ch[c], now) and now % DAY + lead <= model.ch[c].closes
