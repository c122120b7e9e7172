"""Needs coming, ripening, ending; natural visits; friends' tips."""

from __future__ import annotations

from typing import Any

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
from omnilab.world import state
from omnilab.world.choice import choose, choose_idle, is_open
from omnilab.world.clock import later, local
from omnilab.world.idle import idle_uniforms, next_idle
from omnilab.world.intent import delay_to_next, stimulate
from omnilab.world.needs import find, next_arrival, open_need

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
def _take_need(C: Any) -> int:
    i = int(C.meta[0].free_need)
    if i >= 0:
        C.meta[0].free_need = C.need[i].next
        return i
    i = int(C.meta[0].needs)
    C.meta[0].needs = i + 1
    C.meta[0].grown = 1
    return i


@inner
def add_need(C: Any, M: Any, t: int, who: int, category: int, ordinal: int) -> int:
    """Open a need, log it and put its end into the queue; return when it is noticed."""
    person = C.person[who]
    i = _take_need(C)
    noticed = open_need(M, person, C.need[i], who, category, ordinal, t)
    C.need[i].next = person.first_need
    person.first_need = i
    emit(C, t, who, rows.NEED, -1, -1, ordinal, category, int(C.need[i].value), 0)
    push(C, int(C.need[i].expires), queue.EXPIRE, who, ordinal, 0)
    return noticed


@inner
def need_arrives(C: Any, M: Any, t: int, who: int, category: int, number: int) -> None:
    """Open the category's next need and schedule the one after it."""
    person = C.person[who]
    if person.left == 1:
        return
    noticed = add_need(C, M, t, who, category, number * 4 + category)
    push(C, noticed, queue.NOTICE, who, number * 4 + category, 0)
    following = next_arrival(M, person, category, t)
    if following < M.clock[2]:
        if number + 2 > MOST_NEEDS:
            C.meta[0].over = TOO_MANY_NEEDS
            C.meta[0].grown = 1
        push(C, following, queue.NEED, who, category, number + 1)


@inner
def notice(C: Any, M: Any, P: Any, t: int, who: int, ordinal: int) -> None:
    """Notice a need by oneself, and go somewhere for it."""
    i = find(C, C.person[who], ordinal)
    if i < 0:
        return
    if C.need[i].stage == state.LATENT:
        emit(C, t, who, rows.AWARE, -1, -1, ordinal, 0, 0, 0)
        C.need[i].stage = state.EXPLORING
    visit_for(C, M, P, t, who, i, VISIT_NEED, ordinal << 16, 0, -1, -1, -1)


@inner
def visit_for(
    C: Any, M: Any, P: Any, t: int, who: int, i: int, family: int, occasion: int, extra: int,
    carry: int, cause: int, landing: int,
) -> None:  # fmt: skip
    """Make a visit for need ``i``, and maybe plan the next one.

    The person chooses the channel unless ``landing`` names it.

    Whether and when the person comes back by itself is drawn at this visit's own address, so
    that what other visits do in between moves nothing.
    """
    person = C.person[who]
    ordinal = int(C.need[i].ordinal)
    k0, k1 = M.k[0], M.k[1]
    where, ready, complete, returns = draw4(k0, k1, family + V_COURSE, person.entity, occasion)
    quick, gap, searches, clicks = draw4(k0, k1, family + V_GAP, person.entity, occasion)
    c = landing
    cost = 0
    if c < 0:
        c = _search(M, P, person, t, searches, clicks)
        if c >= 0:
            cost = int(M.w[0].search_cost)
        else:
            stock = stimulate(M, C.need[i], t, 0.0)
            c = choose(M, person, t, local(M, t), stock, where, C.weight)
    open_still = True
    if c >= 0:
        open_still = need_visit(
            C, M, P, t, who, c, i, family, occasion, ready, complete, extra, carry, cause, cost,
            False,
        )  # fmt: skip
    if not open_still:
        return
    if returns >= M.w[0].returns:
        C.need[i].stage = state.GIVEN_UP
        return
    at = later(M, t, delay_to_next(M, quick, gap))
    step, often = MESSAGE_STEP, (occasion >> 56) >= 30
    if family == VISIT_NEED:
        step, often = 1, (occasion & MOST_RETURNS) == MOST_RETURNS
    if at < C.need[i].expires and not often:
        push(C, at, queue.REVISIT, who, (family << 32) | ordinal, occasion + step)


@inner
def _search(M: Any, P: Any, person: Any, t: int, searches: float, clicks: float) -> int:
    """Return the landing channel where the visit starts at a paid search result, else -1."""
    w = M.w[0]
    if P.plan[0].paid == 0 or w.search_landing < 0 or t >= M.clock[1]:
        return -1
    if searches >= w.searches or clicks >= w.search_click:
        return -1
    c = int(w.search_landing)
    if (person.reach >> c) & 1 == 1 and is_open(M.ch[c], local(M, t)):
        return c
    return -1


@inner
def revisit(C: Any, M: Any, P: Any, t: int, who: int, packed: int, occasion: int) -> None:
    """Come back for a need, if it is still open."""
    i = find(C, C.person[who], packed & 0xFFFFFFFF)
    if i < 0:
        return
    if C.need[i].stage == state.LATENT:
        emit(C, t, who, rows.AWARE, -1, -1, int(C.need[i].ordinal), 1, 0, 0)
    if C.need[i].stage != state.READY:
        C.need[i].stage = state.EXPLORING
    visit_for(C, M, P, t, who, i, packed >> 32, occasion, 0, -1, -1, -1)


@inner
def expire(C: Any, M: Any, P: Any, t: int, who: int, ordinal: int) -> None:
    """End a need that waited too long: dropped, or met by a rival unless a search wins it back."""
    person = C.person[who]
    i = find(C, person, ordinal)
    if i < 0:
        return
    fate, searches, clicks, _ = draw4(M.k[0], M.k[1], NEED_END, person.entity, ordinal)
    if fate < M.cat[int(C.need[i].category)].rival:
        c = _search(M, P, person, t, searches, clicks)
        if c >= 0:
            cost = int(M.w[0].search_cost)
            if not _last_visit(C, M, P, t, who, c, i, ordinal, cost):
                return
        lose_need(C, t, who, i, rows.FATE_RIVAL)
        return
    lose_need(C, t, who, i, rows.FATE_DROPPED)


@inner
def _last_visit(
    C: Any, M: Any, P: Any, t: int, who: int, c: int, i: int, ordinal: int, cost: int
) -> bool:
    """Visit from a search before a rival meets the need; return whether it is still open."""
    entity = C.person[who].entity
    _, ready, complete, _ = draw4(M.k[0], M.k[1], VISIT_RIVAL + V_COURSE, entity, ordinal)
    return need_visit(
        C, M, P, t, who, c, i, VISIT_RIVAL, ordinal, ready, complete, 0, -1, -1, cost, False
    )


@inner
def idle(C: Any, M: Any, P: Any, t: int, who: int) -> None:
    """Look around without a need, and plan the next time."""
    person = C.person[who]
    if person.left == 1:
        return
    occasion = int(person.idle)
    where, device, what = idle_uniforms(person)
    following = next_idle(M, person)
    if following < M.clock[2]:
        push(C, following, queue.IDLE, who, 0, 0)
    c = choose_idle(M, person, t, where)
    if c >= 0:
        idle_visit(C, M, P, t, who, c, VISIT_IDLE, occasion, device, what, 0, -1, -1)


@inner
def entry(C: Any, M: Any, P: Any, t: int, who: int, category: int) -> None:
    """Arrive with a first order, as the members of a purchase cohort do."""
    person = C.person[who]
    add_need(C, M, t, who, category, ENTRY_ORDINAL)
    i = int(person.first_need)
    where, ready, complete, _ = draw4(M.k[0], M.k[1], VISIT_ENTRY + V_COURSE, person.entity, 0)
    c = choose(M, person, t, local(M, t), 0.0, where, C.weight)
    if c < 0:
        c = int(M.w[0].first_visit)
    need_visit(C, M, P, t, who, c, i, VISIT_ENTRY, 0, ready, complete, 0, -1, -1, 0, True)


@inner
def tip(C: Any, M: Any, P: Any, t: int, who: int, giver: int, packed: int) -> None:
    """Hear a friend's tip: it makes a need in the category felt, and may start a visit."""
    person = C.person[who]
    if person.left == 1:
        return
    category = packed >> 40
    emit(C, t, who, rows.TIP, -1, -1, C.meta[0].first + giver, category, 0, 0)
    i = int(person.first_need)
    while i >= 0:
        need = C.need[i]
        if need.category == category:
            stimulate(M, need, t, M.w[0].tip_gain)
            if need.stage == state.LATENT or need.stage == state.GIVEN_UP:
                if need.stage == state.LATENT:
                    emit(C, t, who, rows.AWARE, -1, -1, int(need.ordinal), 2, 0, 0)
                need.stage = state.EXPLORING
                occasion = (giver << 44) | (packed & 0xFFFFFFFF)
                visit_for(C, M, P, t, who, i, VISIT_TIP, occasion, 0, -1, -1, -1)
            return
        i = int(need.next)
