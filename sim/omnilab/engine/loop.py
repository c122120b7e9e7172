"""One item at a time, in order: the step that belongs to its kind. Both engines come here."""

from __future__ import annotations

from typing import Any, Final

from omnilab.brand.codes import E_WEEKLY
from omnilab.brand.journeys import enter, is_live, time_out
from omnilab.brand.observe import see_opt_in
from omnilab.brand.profiles import forget
from omnilab.cell import queue
from omnilab.cell.emit import drain, emit
from omnilab.cell.queue import close, pop, push, soonest
from omnilab.cell.room import fits, limits, rows_of_event
from omnilab.interaction.message import opened
from omnilab.interaction.need import (
    entry,
    expire,
    idle,
    need_arrives,
    notice,
    revisit,
    tip,
)
from omnilab.interaction.send import send
from omnilab.interaction.service import give_back, service
from omnilab.interaction.tape import tape_opt_in
from omnilab.kernels.compiling import inner, kernel
from omnilab.log import rows
from omnilab.world.identifiers import address_code
from omnilab.world.idle import start_idle
from omnilab.world.intent import match
from omnilab.world.needs import next_arrival
from omnilab.world.population import born

__all__ = ["DONE", "FULL", "PENDING", "SHORT", "act", "advance", "people", "schedule_weekly"]

DONE: Final = 0  # nothing more before the given time
SHORT: Final = 1  # an array must grow first
FULL: Final = 2  # rows must be taken away first
DAY: Final = 86400
PENDING: Final = 3  # the strategy's `decide` is asked


@kernel
def advance(C: Any, M: Any, P: Any, until: int) -> int:
    """Act on the cell's items before ``until``; stop where the engine has to do something.

    Returns
    -------
    int
        `DONE`; `SHORT`, the array ``short_of`` must grow; `FULL`, rows must be taken away, of
        which there are some; `PENDING`, the strategy's `decide` is asked.
    """
    m = C.meta[0]
    now = -1
    limit = limits(C, P)
    # Rows are taken away when the buffer is half full, while they are in cache, or when an event
    # may need more than the other half.
    half = len(C.row) >> 1
    free = half
    m.grown = 1
    while True:
        close(C)
        key = soonest(C)
        t, kind = queue.time_of(key), queue.kind_of(key)
        if t >= until:
            break
        if m.pending > 0 and (t != now or kind != queue.SEND):
            return PENDING
        if m.grown == 1 or kind == queue.WEEKLY:
            weekly = kind == queue.WEEKLY
            if not fits(C, P, limit, weekly):
                return SHORT
            free = max(rows_of_event(C, P, limit, weekly), half)
            m.grown = int(weekly)  # what a weekly journey needs is not what the next event does
        if len(C.row) - m.rows < free:
            return FULL
        now = t
        if kind == queue.IDLE:  # most items are, and `act` takes some steps to find that out
            m.worked += 1
            pop(C, key)
            idle(C, M, P, t, queue.who_of(key))
            continue
        a, b = pop(C, key)
        act(C, M, P, key, a, b)
    if m.pending > 0:
        return PENDING
    return DONE


@kernel
def act(C: Any, M: Any, P: Any, key: int, a: int, b: int) -> None:
    """Act on one item of the queue."""
    t, kind, who = queue.time_of(key), queue.kind_of(key), queue.who_of(key)
    C.meta[0].worked += 1
    if kind == queue.NEED:
        need_arrives(C, M, t, who, a, b)
    elif kind == queue.NOTICE:
        notice(C, M, P, t, who, a)
    elif kind == queue.REVISIT:
        revisit(C, M, P, t, who, a, b)
    elif kind == queue.IDLE:
        idle(C, M, P, t, who)
    elif kind == queue.EXPIRE:
        expire(C, M, P, t, who, a)
    elif kind == queue.OPEN:
        opened(C, M, P, t, who, a)
    elif kind == queue.COPY:
        if is_live(C, a, b):
            time_out(C, P, t, a)
            drain(C, t)
    elif kind == queue.SEND:
        if is_live(C, a, b):
            send(C, M, P, t, a)
            drain(C, t)
    elif kind == queue.WEEKLY:
        _weekly(C, M, P, t, a)
    elif kind == queue.FORGET:
        forget(C, P, t)
        drain(C, t)
        # Nothing can expire before `stale`, so the midnights until then are left out.
        push(
            C, max(t, int(C.meta[0].stale) - 1) // DAY * DAY + DAY, queue.FORGET, queue.BRAND, 0, 0
        )
    elif kind == queue.START:
        _start(C, M, P, t, who)
    elif kind == queue.ENTRY:
        entry(C, M, P, t, who, a)
    elif kind == queue.SERVICE:
        service(C, M, P, t, who, a)
    elif kind == queue.RETURN:
        give_back(C, M, t, who, a, b)
    elif kind == queue.TIP:
        tip(C, M, P, t, who, a, b)
    elif kind == queue.CENSUS:
        _census(C, M, t, who)


@kernel
def people(C: Any, M: Any, household: int, n_households: int, sizes: Any) -> None:
    """Fill an empty cell with its households' persons and their first items.

    Parameters
    ----------
    household
        Number of the cell's first household.
    sizes
        Persons of each household of the cell, shape ``(n_households,)``.
    """
    index = 0
    for h in range(n_households):
        first = index
        for place in range(sizes[h]):
            born(C, M, index, household + h, h, place, first)
            index += 1
    C.meta[0].persons = index
    for i in range(index):
        _first_items(C, M, i, household)


@inner
def _first_items(C: Any, M: Any, i: int, household: int) -> None:
    person = C.person[i]
    emit(C, 0, i, rows.PERSON, -1, -1, int(person.persona), int(person.prior),
         household + int(person.household), int(person.entry))  # fmt: skip
    start = int(person.entry)
    push(C, start, queue.START, i, 0, 0)
    if M.w[0].entry_over > 0:
        push(C, start, queue.ENTRY, i, 0, 0)
    for category in range(len(M.cat)):
        at = next_arrival(M, person, category, start)
        if at < M.clock[2]:
            push(C, at, queue.NEED, i, category, 0)
    at = start_idle(M, person, start)
    if at < M.clock[2]:
        push(C, at, queue.IDLE, i, 0, 0)
    if M.clock[5] == 1:
        push(C, M.clock[4], queue.CENSUS, i, 0, 0)


@inner
def _start(C: Any, M: Any, P: Any, t: int, who: int) -> None:
    """Hand each channel the address of a person who had allowed it before the start."""
    person = C.person[who]
    for c in range(len(M.ch)):
        if (person.consent >> c) & 1 == 0 or M.ch[c].address == 0:
            continue
        code = address_code(M, person, who, int(M.ch[c].address), t)
        tape_opt_in(C, t, c, -1, code, 0)
        see_opt_in(C, P, t, c, -1, code, 0)
        drain(C, t)


@kernel
def schedule_weekly(C: Any, P: Any, t: int) -> None:
    """Put the next run of each weekly journey after ``t`` into the queue, and the next sweep.

    Cookies are forgotten at midnight, not when somebody comes by: one more household in a cell
    must not change when another's cookie is dropped.
    """
    push(C, t // DAY * DAY + DAY, queue.FORGET, queue.BRAND, 0, 0)
    for j in range(len(P.journey)):
        if P.journey[j].trigger == E_WEEKLY:
            first = P.journey[j].first_run
            if first <= t:
                first += (t - first) // 604800 * 604800 + 604800
            push(C, first, queue.WEEKLY, queue.BRAND, j, 0)


@inner
def _weekly(C: Any, M: Any, P: Any, t: int, j: int) -> None:
    """Enter a weekly journey with every profile that its channels can reach."""
    if t >= M.clock[1]:
        return
    push(C, t + 604800, queue.WEEKLY, queue.BRAND, j, 0)
    p = int(C.meta[0].first_profile)
    while p >= 0:  # by age, not by slot: a neighbour must not change the order of a person's rows
        enter(C, P, t, p, j, -1, -1, -1)
        drain(C, t)
        p = int(C.profile[p].newer)


@inner
def _census(C: Any, M: Any, t: int, who: int) -> None:
    """Note how well a message that shows everything would meet the person now (see calibrate)."""
    x = match(C, M, C.person[who], -1)
    push(C, t + 604800, queue.CENSUS, who, 0, 0)
    emit(C, t, who, rows.VIEW, -1, -1, -2, int(x * 1000000.0), 0, 0)
