"""The switch: the burn-in runs once under the status quo, then each strategy takes over.

The world goes on from where it was. What the brand knows is built anew by letting the strategy
take in the burn-in's tape under its own sharing choices. A journey that the tape started goes on
if its first message is still to come; one that would have been sent before the switch is dropped,
for every strategy alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.instances import drop_copy, next_copy, next_waiting
from omnilab.brand.journeys import timer_of
from omnilab.brand.profiles import forget
from omnilab.cell import queue
from omnilab.cell.emit import write_final
from omnilab.cell.memory import Cell, copy_numbers, copy_world, reset, reset_brand
from omnilab.cell.own_items import copy_own
from omnilab.cell.queue import discard, mark_copies, push
from omnilab.cell.room import ITEMS, has_room
from omnilab.engine.books import book, score, settle
from omnilab.engine.loop import FULL, advance, people, schedule_weekly
from omnilab.interaction.tape import goes_on
from omnilab.interaction.wall import hear, replay
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.copying import copy_front
from omnilab.log import rows
from omnilab.world.identifiers import owner_of

if TYPE_CHECKING:
    from typing import Any

    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import Copy
    from omnilab.cell.memory import Cell
    from omnilab.engine.books import Books
    from omnilab.world.model import Model

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
def start_cell(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    number: int,
    first: int,
    household: int,
    sizes: Any,
) -> None:
    """Fill a cell with its people and the first items of world and brand."""
    reset(cell, number, first)
    cell.meta.taping = 1
    schedule_weekly(cell, plan, -1)
    people(cell, model, household, len(sizes), sizes)


@inner
def go_on(cell: Cell, model: Model, plan: LoweredPlan, books: Books, k: int, until: int) -> int:
    """Run the cell up to ``until``, booking rows; return why it stopped (see `advance`).

    `FULL` means that the books keep rows and have no room for more.
    """
    while True:
        why = advance(cell, model, plan, until)
        if cell.meta.rows > 0 and not book(cell, books, k):
            return FULL
        if why != FULL:
            return why


@kernel
def book_rows(cell: Cell, books: Books, k: int) -> None:
    """Book the rows that the engine has taken a copy of."""
    book(cell, books, k)


@kernel
def restore(cell: Cell, source: Cell, books: Books, burn: Books, k: int) -> None:
    """Copy the world of the switch from ``source`` into ``cell``, and the burn-in's books too.

    ``cell`` must have at least as many slots as ``source`` uses.
    """
    copy_numbers(cell.meta, source.meta)
    to, of = cell.meta, source.meta
    to.items = of.items
    to.digest[0] = of.digest[0]
    to.digest[1] = of.digest[1]
    to.events = of.events
    to.worked = of.worked
    to.tape = 0
    to.rows = 0
    to.taping = 0
    to.replaying = 1
    reset_brand(cell)
    copy_world(cell, source)
    copy_front(cell.item, source.item, of.items)
    copy_own(cell, source)
    copy_front(books.people[to.place :], burn.people, of.persons)
    copy_front(books.own[to.place :], burn.own, of.persons)
    books.sums[k] = burn.sums[0]
    for i in range(to.messages):
        cell.message[i].sender = -1  # who sent it is gone; its receipts go to the address
    discard(cell, queue.COPY)


@kernel
def take_over(cell: Cell, source: Cell, plan: LoweredPlan, start: int, switch: int) -> int:
    """Let the brand take in the tape of ``source`` from entry ``start``; return -1 when all is in.

    Where an array is too small it returns the entry to go on from.
    """
    session = int(cell.meta.session)
    for i in range(start, source.meta.tape):
        midnight = int(source.tape[i].time) // 86400 * 86400
        if midnight > cell.meta.forgotten:
            cell.meta.forgotten = midnight
            forget(cell, plan, midnight)
        if not goes_on(source, i) and not has_room(cell, plan, False):
            return i
        session = replay(cell, source, plan, i, session)
        cell.meta.session = session
        _keep_future(cell, switch)
    if not has_room(cell, plan, False):  # for what is put into the queue below
        return int(source.meta.tape)
    forget(cell, plan, switch - 1)
    cell.meta.notes = 0
    cell.meta.replaying = 0
    _drop_started(cell, plan, switch)
    schedule_weekly(cell, plan, switch - 1)
    return -1


@inner
def _keep_future(cell: Cell, switch: int) -> None:
    """Put only those timers into the queue that fall after the switch."""
    kept = 0
    m = cell.meta
    for i in range(m.timers):
        x = cell.timer[i]
        if x.time >= switch:
            y = cell.timer[kept]
            y.time = x.time
            y.kind = x.kind
            y.a = x.a
            y.b = x.b
            kept += 1
    m.timers = kept
    m.notes = 0
    hear(cell, 0)


@inner
def _drop_started(cell: Cell, plan: LoweredPlan, switch: int) -> None:
    """Free the copies whose timer would have rung before the switch: they have none now."""
    # Every running copy has exactly one live timer, and those before the switch were not kept.
    for i in range(cell.meta.copies):
        cell.copy[i].kept = 0
    mark_copies(cell)
    for i in range(cell.meta.copies):
        if cell.copy[i].state != 0 and cell.copy[i].kept == 0:
            drop_copy(cell, i)


@kernel
def end_messages(cell: Cell, t: int) -> None:
    """Give each message still in a cascade at ``t`` its final status: the run ended first."""
    i = next_copy(cell, -1)
    while i >= 0:
        copy = cell.copy[i]
        if copy.message >= 0:
            _end_message(cell, copy, t)
        i = next_copy(cell, i)


@inner
def _end_message(cell: Cell, copy: Copy, t: int) -> None:
    profile = cell.profile[int(copy.profile)]
    who = owner_of(profile.key)
    status = rows.FINAL_OPEN
    if copy.sends > 0 and copy.status >= copy.success:
        status = rows.FINAL_REACHED
    write_final(
        cell, t, who, -1, int(copy.last_silo), message=copy.message, journey=copy.journey,
        step=copy.step, profile=profile.serial, status=status, sends=copy.sends,
    )  # fmt: skip
    copy.message = -1


@inner
def can_resume(cell: Cell) -> bool:
    """Tell whether the queue has room for the messages that waited; else say which array lacks it.

    They left the queue, but perhaps a line of it, to which they can't come back.
    """
    m = cell.meta
    if m.items + m.pending <= len(cell.item):
        return True
    m.short_of = ITEMS
    return False


@kernel
def resume(cell: Cell) -> None:
    """Put the messages that waited for `decide` into the queue again: now, or when it has said."""
    m = cell.meta
    i = next_waiting(cell, -1)
    while i >= 0:
        copy = cell.copy[i]
        copy.decided = copy.answer
        if copy.choice >= 0:
            _put_first(copy)
        at = int(m.now)
        if copy.wait > 0:
            at += int(copy.wait)
            copy.due = at
        push(cell, at, queue.SEND, queue.BRAND, i, timer_of(copy))
        i = next_waiting(cell, i)
    m.pending = 0
    m.answers = 0


@inner
def _put_first(copy: Copy) -> None:
    """Move the chosen channel to the present place of the cascade; the others keep their order."""
    k = int(copy.at)
    while k < copy.length and copy.order[k] != copy.choice:
        k += 1
    while k > copy.at:
        copy.order[k] = copy.order[k - 1]
        k -= 1
    copy.order[k] = copy.choice


@kernel
def finish_run(cell: Cell, plan: LoweredPlan, books: Books, k: int) -> None:
    """Close the books of the cell."""
    book(cell, books, k)
    settle(cell, plan, books, k)


@kernel
def score_cell(cell: Cell, books: Books, k: int) -> None:
    """Score identity at the window's end."""
    score(cell, books, k)
