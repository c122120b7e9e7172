"""Needs coming, ripening, ending; natural visits; friends' tips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.emit import emit
from omnilab.cell.queue import push
from omnilab.cell.room import MOST_NEEDS, TOO_MANY_NEEDS
from omnilab.draws.philox import draw4
from omnilab.draws.streams import (
    NEED_END,
    V_COURSE,
    V_GAP,
    VISIT_ENTRY,
    VISIT_IDLE,
    VISIT_NEED,
    VISIT_RIVAL,
    VISIT_TIP,
)
from omnilab.interaction.leaving import lose_need
from omnilab.interaction.visit import idle_visit, need_visit
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.choice import choose, choose_idle, is_open
from omnilab.world.clock import later, local
from omnilab.world.idle import idle_uniforms, next_idle
from omnilab.world.intent import delay_to_next, stimulate
from omnilab.world.needs import (
    EXPLORING,
    GIVEN_UP,
    LATENT,
    READY,
    find,
    next_arrival,
    open_need,
    ordinal_of,
    take_need,
)

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "entry",
    "expire",
    "idle",
    "need_arrives",
    "notice",
    "revisit",
    "tip",
    "visit_for",
]

ENTRY_ORDINAL = 1 << 24
MESSAGE_STEP = 1 << 56
MOST_RETURNS = 0xFFFF  # times that a person comes back by itself for one need: bits of occasions


@inner
def add_need(cell: Cell, model: Model, t: int, who: int, category: int, ordinal: int) -> int:
    """Open a need, log it and put its end into the queue; return when it is noticed."""
    person = cell.person[who]
    i = take_need(cell)
    noticed = open_need(cell, model, who, i, category, ordinal, t)
    cell.need[i].next = person.first_need
    person.first_need = i
    emit(cell, t, who, rows.NEED, -1, -1, ordinal, category, int(cell.need[i].value), 0)
    push(cell, int(cell.need[i].expires), queue.EXPIRE, who, ordinal, 0)
    return noticed


@inner
def need_arrives(cell: Cell, model: Model, t: int, who: int, category: int, number: int) -> None:
    """Open the category's next need and schedule the one after it."""
    if cell.person[who].left == 1:
        return
    ordinal = ordinal_of(model, category, number)
    noticed = add_need(cell, model, t, who, category, ordinal)
    push(cell, noticed, queue.NOTICE, who, ordinal, 0)
    following = next_arrival(cell, model, who, category, t)
    if following < model.clock.run_end:
        if (number + 2) * model.needs.stride > MOST_NEEDS:
            cell.meta.over = TOO_MANY_NEEDS
            cell.meta.grown = 1
        push(cell, following, queue.NEED, who, category, number + 1)


@inner
def notice(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, ordinal: int) -> None:
    """Notice a need by oneself, and go somewhere for it."""
    i = find(cell, cell.person[who], ordinal)
    if i < 0:
        return
    if cell.need[i].stage == LATENT:
        emit(cell, t, who, rows.AWARE, -1, -1, ordinal, 0, 0, 0)
        cell.need[i].stage = EXPLORING
    visit_for(cell, model, plan, t, who, i, VISIT_NEED, ordinal << 16, 0, -1, -1, -1)


@inner
def visit_for(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    who: int,
    i: int,
    family: int,
    occasion: int,
    extra: int,
    carry: int,
    cause: int,
    landing: int,
) -> None:
    """Make a visit for need ``i``, and maybe plan the next one.

    The person chooses the channel unless ``landing`` names it.

    Whether and when the person comes back by itself is drawn at this visit's own address, so
    that what other visits do in between moves nothing.
    """
    person = cell.person[who]
    ordinal = int(cell.need[i].ordinal)
    k0, k1 = model.key.k0, model.key.k1
    where, ready, complete, returns = draw4(k0, k1, family + V_COURSE, person.entity, occasion)
    quick, gap, searches, clicks = draw4(k0, k1, family + V_GAP, person.entity, occasion)
    c = landing
    cost = 0
    if c < 0:
        c = _search(model, plan, person, t, searches, clicks)
        if c >= 0:
            cost = int(model.search.cost)
        else:
            stock = stimulate(model, cell.need[i], t, 0.0)
            c = choose(model, person, t, local(model, t), stock, where, cell.weight)
    open_still = True
    if c >= 0:
        open_still = need_visit(
            cell,
            model,
            plan,
            t,
            who,
            c,
            i,
            family,
            occasion,
            ready,
            complete,
            extra,
            carry,
            cause,
            cost,
            False,
        )
    if not open_still:
        return
    if returns >= model.intent.returns:
        cell.need[i].stage = GIVEN_UP
        return
    at = later(model, t, delay_to_next(model, quick, gap))
    step, often = MESSAGE_STEP, (occasion >> 56) >= 30
    if family == VISIT_NEED:
        step, often = 1, (occasion & MOST_RETURNS) == MOST_RETURNS
    if at < cell.need[i].expires and not often:
        push(cell, at, queue.REVISIT, who, (family << 32) | ordinal, occasion + step)


@inner
def _search(
    model: Model, plan: LoweredPlan, person: Person, t: int, searches: float, clicks: float
) -> int:
    """Return the landing channel where the visit starts at a paid search result, else -1."""
    if plan.rules.paid == 0 or model.search.landing < 0 or t >= model.clock.end:
        return -1
    if searches >= model.search.searches or clicks >= model.search.click:
        return -1
    c = int(model.search.landing)
    if (person.reach >> c) & 1 == 1 and is_open(model.ch[c], local(model, t)):
        return c
    return -1


@inner
def revisit(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, packed: int, occasion: int
) -> None:
    """Come back for a need, if it is still open."""
    i = find(cell, cell.person[who], packed & 0xFFFFFFFF)
    if i < 0:
        return
    if cell.need[i].stage == LATENT:
        emit(cell, t, who, rows.AWARE, -1, -1, int(cell.need[i].ordinal), 1, 0, 0)
    if cell.need[i].stage != READY:
        cell.need[i].stage = EXPLORING
    visit_for(cell, model, plan, t, who, i, packed >> 32, occasion, 0, -1, -1, -1)


@inner
def expire(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, ordinal: int) -> None:
    """End a need that waited too long: dropped, or met by a rival unless a search wins it back."""
    person = cell.person[who]
    i = find(cell, person, ordinal)
    if i < 0:
        return
    fate, searches, clicks, _ = draw4(model.key.k0, model.key.k1, NEED_END, person.entity, ordinal)
    if fate < model.cat[int(cell.need[i].category)].rival:
        c = _search(model, plan, person, t, searches, clicks)
        if c >= 0:
            cost = int(model.search.cost)
            if not _last_visit(cell, model, plan, t, who, c, i, ordinal, cost):
                return
        lose_need(cell, t, who, i, rows.FATE_RIVAL)
        return
    lose_need(cell, t, who, i, rows.FATE_DROPPED)


@inner
def _last_visit(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    who: int,
    c: int,
    i: int,
    ordinal: int,
    cost: int,
) -> bool:
    """Visit from a search before a rival meets the need; return whether it is still open."""
    entity = cell.person[who].entity
    _, ready, complete, _ = draw4(
        model.key.k0, model.key.k1, VISIT_RIVAL + V_COURSE, entity, ordinal
    )
    return need_visit(
        cell,
        model,
        plan,
        t,
        who,
        c,
        i,
        VISIT_RIVAL,
        ordinal,
        ready,
        complete,
        0,
        -1,
        -1,
        cost,
        False,
    )


@inner
def idle(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int) -> None:
    """Look around without a need, and plan the next time."""
    person = cell.person[who]
    if person.left == 1:
        return
    occasion = int(person.idle)
    where, device, what = idle_uniforms(person)
    following = next_idle(model, person)
    if following < model.clock.run_end:
        push(cell, following, queue.IDLE, who, 0, 0)
    c = choose_idle(model, person, t, where)
    if c >= 0:
        idle_visit(cell, model, plan, t, who, c, VISIT_IDLE, occasion, device, what, 0, -1, -1)


@inner
def entry(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, category: int) -> None:
    """Arrive with a first order, as the members of a purchase cohort do."""
    person = cell.person[who]
    add_need(cell, model, t, who, category, ENTRY_ORDINAL)
    i = int(person.first_need)
    where, ready, complete, _ = draw4(
        model.key.k0, model.key.k1, VISIT_ENTRY + V_COURSE, person.entity, 0
    )
    c = choose(model, person, t, local(model, t), 0.0, where, cell.weight)
    if c < 0:
        c = int(model.search.first_visit)
    need_visit(cell, model, plan, t, who, c, i, VISIT_ENTRY, 0, ready, complete, 0, -1, -1, 0, True)


@inner
def tip(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, giver: int, packed: int
) -> None:
    """Hear a friend's tip: it makes a need in the category felt, and may start a visit."""
    person = cell.person[who]
    if person.left == 1:
        return
    category = packed >> 40
    emit(cell, t, who, rows.TIP, -1, -1, cell.meta.first + giver, category, 0, 0)
    i = int(person.first_need)
    while i >= 0:
        need = cell.need[i]
        if need.category == category:
            stimulate(model, need, t, model.intent.tip_gain)
            if need.stage == LATENT or need.stage == GIVEN_UP:
                if need.stage == LATENT:
                    emit(cell, t, who, rows.AWARE, -1, -1, int(need.ordinal), 2, 0, 0)
                need.stage = EXPLORING
                occasion = (giver << 44) | (packed & 0xFFFFFFFF)
                visit_for(cell, model, plan, t, who, i, VISIT_TIP, occasion, 0, -1, -1, -1)
            return
        i = int(need.next)
