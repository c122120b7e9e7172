"""The switch: the burn-in runs once under the status quo, then each strategy takes over.

The world goes on from where it was. What the brand knows is built anew by letting the strategy
take in the burn-in's tape under its own sharing choices. A journey that the tape started goes on
if its first message is still to come; one that would have been sent before the switch is dropped,
for every strategy alike.
"""

from __future__ import annotations

from typing import Any

from omnilab.brand.journeys import timer_of
from omnilab.brand.profiles import forget, next_copy, next_waiting
from omnilab.cell import queue
from omnilab.cell.emit import drain, emit
from omnilab.cell.idle_tree import copy_idle
from omnilab.cell.memory import reset, reset_brand
from omnilab.cell.queue import discard, has_item, push
from omnilab.cell.room import ITEMS, has_room
from omnilab.engine.books import book, score, settle
from omnilab.engine.loop import FULL, advance, people, schedule_weekly
from omnilab.interaction.tape import goes_on, replay
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.copying import copy_front
from omnilab.log import rows
from omnilab.world.identifiers import owner_of

__all__ = [
    "book_rows",
    "can_resume",
    "end_messages",
    "finish_run",
    "go_on",
    "restore",
    "resume",
    "score_cell",
    "start_cell",
    "take_over",
]


@kernel
def start_cell(C: Any, M: Any, P: Any, cell: int, first: int, household: int, sizes: Any) -> None:
    """Fill a cell with its people and the first items of world and brand."""
    reset(C, cell, first)
    C.meta[0].taping = 1
    schedule_weekly(C, P, -1)
    people(C, M, household, len(sizes), sizes)


@inner
def go_on(C: Any, M: Any, P: Any, T: Any, k: int, until: int) -> int:
    """Run the cell up to ``until``, booking rows; return why it stopped (see `advance`).

    `FULL` means that the books keep rows and have no room for more.
    """
    while True:
        why = advance(C, M, P, until)
        if C.meta[0].rows > 0 and not book(C, T, k):
            return FULL
        if why != FULL:
            return why


@kernel
def book_rows(C: Any, T: Any, k: int) -> None:
    """Book the rows that the engine has taken a copy of."""
    book(C, T, k)


@kernel
def restore(C: Any, S: Any, T: Any, B: Any, k: int) -> None:
    """Copy the world of the switch from ``S`` into ``C``, and the burn-in's books into ``T``.

    ``C`` must have at least as many slots as ``S`` uses.
    """
    to, of = C.meta[0], S.meta[0]
    to.cell = of.cell
    to.first = of.first
    to.persons = of.persons
    to.items = of.items
    to.needs = of.needs
    to.messages = of.messages
    to.tape = 0
    to.rows = 0
    to.free_need = of.free_need
    to.free_message = of.free_message
    to.message_serial = of.message_serial
    to.digest[0] = of.digest[0]
    to.digest[1] = of.digest[1]
    to.events = of.events
    to.worked = of.worked
    to.taping = 0
    to.replaying = 1
    reset_brand(C)
    copy_front(C.person, S.person, of.persons)
    copy_front(C.device, S.device, 2 * of.persons)
    copy_front(C.need, S.need, of.needs)
    copy_front(C.message, S.message, of.messages)
    copy_front(C.item, S.item, of.items)
    copy_idle(C, S)
    copy_front(T.people[to.place :], B.people, of.persons)
    T.sums[k] = B.sums[0]
    for i in range(to.messages):
        C.message[i].sender = -1  # who sent it is gone; its receipts go to the address
    discard(C, queue.COPY)


@kernel
def take_over(C: Any, S: Any, P: Any, start: int, switch: int) -> int:
    """Let the brand take in the tape of ``S`` from entry ``start``; return -1 when all is in.

    Where an array is too small it returns the entry to go on from.
    """
    session = -1
    for i in range(start, S.meta[0].tape):
        midnight = int(S.tape[i].time) // 86400 * 86400
        if midnight > C.meta[0].forgotten:
            C.meta[0].forgotten = midnight
            forget(C, P, midnight)
        if not goes_on(S, i) and not has_room(C, P, False):
            return i
        session = replay(C, S, P, i, session)
        _keep_future(C, switch)
    if not has_room(C, P, False):  # for what is put into the queue below
        return int(S.meta[0].tape)
    forget(C, P, switch - 1)
    C.meta[0].notes = 0
    C.meta[0].replaying = 0
    _drop_started(C, P, switch)
    schedule_weekly(C, P, switch - 1)
    return -1


@inner
def _keep_future(C: Any, switch: int) -> None:
    """Put only those timers into the queue that fall after the switch."""
    kept = 0
    m = C.meta[0]
    for i in range(m.timers):
        x = C.timer[i]
        if x.time >= switch:
            y = C.timer[kept]
            y.time = x.time
            y.kind = x.kind
            y.a = x.a
            y.b = x.b
            kept += 1
    m.timers = kept
    m.notes = 0
    drain(C, 0)


@inner
def _drop_started(C: Any, P: Any, switch: int) -> None:
    """Free the copies whose timer would have rung before the switch: they have none now."""
    # Every running copy has exactly one live timer, and those before the switch were not kept.
    for i in range(C.meta[0].copies):
        if C.copy[i].state != 0 and not has_item(C, queue.COPY, i, timer_of(C.copy[i])):
            _free_silently(C, i)


@inner
def _free_silently(C: Any, i: int) -> None:
    before, after = int(C.copy[i].previous), int(C.copy[i].next)
    if before >= 0:
        C.copy[before].next = after
    else:
        C.profile[int(C.copy[i].profile)].first_copy = after
    if after >= 0:
        C.copy[after].previous = before
    C.copy[i].state = 0
    C.copy[i].next = C.meta[0].free_copy
    C.meta[0].free_copy = i


@kernel
def end_messages(C: Any, t: int) -> None:
    """Give each message still in a cascade at ``t`` its final status: the run ended first."""
    i = next_copy(C, -1)
    while i >= 0:
        copy = C.copy[i]
        if copy.message >= 0:
            _end_message(C, copy, t)
        i = next_copy(C, int(copy.serial))


@inner
def _end_message(C: Any, copy: Any, t: int) -> None:
    who = owner_of(C.profile[int(copy.profile)].key)
    tag = int(copy.journey) * 256 + int(copy.step)
    final = rows.FINAL_OPEN
    if copy.sends > 0 and copy.status >= copy.success:
        final = rows.FINAL_REACHED
    emit(
        C, t, who, rows.FINAL, -1, int(copy.last_silo), int(copy.message), tag, final,
        int(copy.sends),
    )  # fmt: skip
    copy.message = -1


@inner
def can_resume(C: Any) -> bool:
    """Tell whether the queue has room for the messages that waited; else say which array lacks it.

    They left the queue, but perhaps a line of it, to which they can't come back.
    """
    m = C.meta[0]
    if m.items + m.pending <= len(C.item):
        return True
    m.short_of = ITEMS
    return False


@kernel
def resume(C: Any) -> None:
    """Put the messages that waited for `decide` into the queue again, at the same time."""
    m = C.meta[0]
    i = next_waiting(C, -1)
    while i >= 0:
        copy = C.copy[i]
        copy.decided = copy.answer
        if copy.choice >= 0:
            _put_first(copy)
        push(C, int(m.now), queue.SEND, queue.BRAND, i, timer_of(copy))
        i = next_waiting(C, int(copy.serial))
    m.pending = 0
    m.answers = 0


@inner
def _put_first(copy: Any) -> None:
    """Move the chosen channel to the present place of the cascade; the others keep their order."""
    k = int(copy.at)
    while k < copy.length and copy.order[k] != copy.choice:
        k += 1
    while k > copy.at:
        copy.order[k] = copy.order[k - 1]
        k -= 1
    copy.order[k] = copy.choice


@kernel
def finish_run(C: Any, T: Any, k: int) -> None:
    """Close the books of the cell."""
    book(C, T, k)
    settle(C, T, k)


@kernel
def score_cell(C: Any, T: Any, k: int) -> None:
    """Score identity at the window's end."""
    score(C, T, k)
