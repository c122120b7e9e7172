"""The compiled engine's loop over cells: one kernel that works until it needs Python.

Cells stream through two cells' worth of memory: one is taken through the burn-in, and under each
strategy a copy of it is taken through the rest, while all of it is in cache. Where a strategy has
hooks, the copies are kept instead, and run side by side: each goes on until it waits for `decide`,
and all that wait are asked together.

The kernel stops in the middle where an array is too small or kept rows have to be taken away, and
goes on from the same place when it is called again: where it is stands in `Work`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.cell.room import ITEMS, MESSAGES, NEEDS
from omnilab.engine.ask import answer, ask
from omnilab.engine.books import book, can_score, score, settle
from omnilab.engine.changeover import (
    can_resume,
    end_messages,
    go_on,
    restore,
    resume,
    start_cell,
    take_over,
)
from omnilab.engine.loop import DONE, FULL, PENDING, SHORT
from omnilab.kernels.bundle import Bundle
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.copying import copy_front
from omnilab.kernels.record import Grid, Ints, Record, Vector, i8, record_array

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.engine.ask import Asked
    from omnilab.engine.books import Books
    from omnilab.world.model import Model

__all__ = ["STREAM", "TOGETHER", "Job", "Work", "make_work", "work"]

# What to do: cells one after the other, or those of one strategy with hooks side by side.
STREAM: Final = 0
TOGETHER: Final = 1

# Where a cell is on its way.
UNBORN: Final = 0
BURN_IN: Final = 1
LAST_ROWS: Final = 2  # of the burn-in
SWITCH: Final = 3
TAPE: Final = 4
WINDOW: Final = 5
RUN_OUT: Final = 6
CLOSING: Final = 7


class Work(Record):
    """Where the loop is."""

    mode: i8
    low: i8  # cells of the chunk
    high: i8
    per_cell: i8  # households
    strategies: i8
    census: i8  # 1: the burn-in is all there is, and nothing is taped
    switch: i8
    end: i8
    run_end: i8
    cell: i8  # the one in work
    strategy: i8  # -1 the burn-in
    phase: i8
    tape: i8  # where taking over goes on
    short: i8  # number of the array that has to grow
    whose: i8  # of the burn-in's cell -2, of the running one -1, of a kept one its index
    until: i8  # side by side: how far
    waiting: i8  # and how many cells have not got there
    next: i8
    again: i8
    answered: i8  # 1: `decide` has said what to do with the asked


class Job(Bundle):
    """Work on a chunk of cells."""

    w: Work
    hooked: Ints  # by strategy: place of its first kept cell, -1 where cells stream
    sizes: Any  # of `Population`, both
    first: Any
    live: Any
    digest: Grid[int]  # by strategy: low, high, events


def make_work(
    low: int, high: int, per_cell: int, times: tuple[int, int, int], hooked: list[int],
    sizes: Any, first: Any,
) -> Job:  # fmt: skip
    """Make the record of work on a chunk of cells.

    Parameters
    ----------
    low, high
        The chunk's cells.
    per_cell
        Households in a cell.
    times
        Switch, end of the window and end of the run, in seconds.
    hooked
        For each strategy the place of its first kept cell, -1 where cells stream.
    sizes, first
        Of `Population`.
    """
    record = record_array(Work, 1)
    w = record[0]
    w.low, w.high, w.cell, w.per_cell, w.strategies = low, high, low, per_cell, len(hooked)
    w.switch, w.end, w.run_end = times
    w.strategy = -1
    return Job(
        {
            "w": record,
            "hooked": np.array(hooked or [-1], np.int64),
            "sizes": sizes,
            "first": first,
            "live": np.zeros(high - low, np.int64),
            "digest": np.zeros((max(len(hooked), 1), 3), np.int64),  # low, carry and high, events
        }
    )


@kernel
def work(
    job: Job,
    cell: Cell,
    source: Cell,
    model: Model,
    status_quo: LoweredPlan,
    burn: Books,
    plans: Vector[LoweredPlan],
    all_books: Vector[Books],
    kept: Vector[Cell],
    asked: Asked,
) -> int:
    """Work until all is done or Python has to do something; return what.

    Parameters
    ----------
    job
        Of `make_work`.
    cell, source
        The running cell, and that of the burn-in.
    model
        The model.
    status_quo, burn
        Plan and all_books of the burn-in.
    plans, all_books
        Of the strategies.
    kept
        Cells of strategies with hooks.
    asked
        Messages to ask `decide` about (see `omnilab.engine.ask`).

    Returns
    -------
    int
        `DONE`; `SHORT`, the array of number ``job.w.short`` (see `omnilab.cell.room`) has to
        grow, of a cell or of the books of strategy ``job.w.strategy``; `FULL`, kept rows have to
        be taken out of those all_books; `PENDING`, `decide` has to answer.
    """
    w = job.w
    if w.mode == TOGETHER:
        return _together(job, model, plans, all_books, kept, asked)
    while w.cell < w.high:
        why = _burn_in(job, source, model, status_quo, burn)
        if why == DONE:
            why = _strategies(job, cell, source, model, burn, plans, all_books, kept)
        if why != DONE:
            return why
        w.cell += 1
        w.phase = UNBORN
        w.strategy = -1
    return DONE


@inner
def _burn_in(job: Job, source: Cell, model: Model, status_quo: LoweredPlan, burn: Books) -> int:
    """Bring a cell from its birth to the switch."""
    w = job.w
    if w.phase == UNBORN:
        household = int(w.cell * w.per_cell)
        sizes = job.sizes[household : household + w.per_cell]
        copy_front(burn.sums, burn.blank, 1)
        start_cell(source, model, status_quo, int(w.cell), int(job.first[w.cell]), household, sizes)
        if w.census == 1:
            source.meta.taping = 0
        w.phase = BURN_IN
    if w.phase == BURN_IN:
        why = go_on(source, model, status_quo, burn, 0, int(w.switch))
        if why != DONE:
            return _stop(w, why, source, -2)
        # What the status quo left open ends with the burn-in, before the measured window.
        end_messages(source, int(w.switch) - 1)
        w.phase = LAST_ROWS
    if w.phase == LAST_ROWS:
        if not book(source, burn, 0):
            return FULL
        w.phase = SWITCH
        w.strategy = 0
        if burn.keeps[1] > 0 and w.census == 0:
            w.strategy = -1
            return FULL  # they belong to every strategy's log
    w.strategy = max(int(w.strategy), 0)
    return DONE


@inner
def _strategies(
    job: Job,
    cell: Cell,
    source: Cell,
    model: Model,
    burn: Books,
    plans: Vector[LoweredPlan],
    all_books: Vector[Books],
    kept: Vector[Cell],
) -> int:
    """Bring copies of the cell from the switch on: to the run's end, or to where it is kept."""
    w = job.w
    while w.strategy < w.strategies:
        s = int(w.strategy)
        k = int(w.cell - w.low)
        if job.hooked[s] >= 0:
            i = int(job.hooked[s]) + k
            kept[i].meta.place = job.first[w.cell] - job.first[w.low]
            why = _take_over(w, kept[i], source, burn, plans[s], all_books[s], i, k)
            w.phase = SWITCH if why == DONE else w.phase
        else:
            why = _take_over(w, cell, source, burn, plans[s], all_books[s], -1, k)
            if why == DONE:
                why = _go_through(job, cell, model, plans[s], all_books[s], s, k)
        if why != DONE:
            return why
        w.strategy += 1
    return DONE


@inner
def _take_over(
    w: Work,
    cell: Cell,
    source: Cell,
    burn: Books,
    plan: LoweredPlan,
    books: Books,
    whose: int,
    k: int,
) -> int:
    if w.phase == SWITCH:
        short = _too_small(cell, source)
        if short >= 0:
            cell.meta.short_of = short
            return _stop(w, SHORT, cell, whose)
        restore(cell, source, books, burn, k)
        w.tape = 0
        w.phase = TAPE
    if w.phase == TAPE:
        w.tape = take_over(cell, source, plan, int(w.tape), int(w.switch))
        if w.tape >= 0:
            return _stop(w, SHORT, cell, whose)
        w.phase = WINDOW
    return DONE


@inner
def _too_small(cell: Cell, source: Cell) -> int:
    """Return the number of an array of ``cell`` that does not hold what ``source`` uses, or -1.

    Of the arrays that `restore` copies, the others have a slot a person, of which ``cell`` has
    enough.
    """
    m = source.meta
    if len(cell.need) < m.needs:
        return NEEDS
    if len(cell.message) < m.messages:
        return MESSAGES
    if len(cell.item) < m.items:
        return ITEMS
    return -1


@inner
def _go_through(
    job: Job, cell: Cell, model: Model, plan: LoweredPlan, books: Books, s: int, k: int
) -> int:
    """Take the running cell from the switch to the run's end."""
    w = job.w
    if w.phase == WINDOW:
        why = go_on(cell, model, plan, books, k, int(w.end))
        if why != DONE:
            return _stop(w, why, cell, -1)
        if not can_score(cell, books):
            return _stop(w, SHORT, cell, -1)
        score(cell, books, k)
        w.phase = RUN_OUT
    if w.phase == RUN_OUT:
        why = go_on(cell, model, plan, books, k, int(w.run_end))
        if why != DONE:
            return _stop(w, why, cell, -1)
        end_messages(cell, int(w.run_end))
        w.phase = CLOSING
    if not _close(job, cell, plan, books, s, k):
        return FULL
    w.phase = SWITCH
    return DONE


@inner
def _close(job: Job, cell: Cell, plan: LoweredPlan, books: Books, s: int, k: int) -> bool:
    """Book the last rows and add the cell to the strategy's digest."""
    if not book(cell, books, k):
        return False
    settle(cell, plan, books, k)
    m = cell.meta
    job.digest[s, 0] += m.digest[0]
    job.digest[s, 1] += m.digest[1]
    job.digest[s, 2] += m.events
    return True


@inner
def _stop(w: Work, why: int, cell: Cell, whose: int) -> int:
    w.short = cell.meta.short_of
    w.whose = whose
    return why


@inner
def _together(
    job: Job,
    model: Model,
    plans: Vector[LoweredPlan],
    all_books: Vector[Books],
    kept: Vector[Cell],
    asked: Asked,
) -> int:
    """Bring a strategy's kept cells to ``until``, all that wait for `decide` at once."""
    w = job.w
    s = int(w.strategy)
    if w.answered == 1:
        answer(kept, asked)
        w.answered = 0
    while w.waiting > 0:
        while w.next < w.waiting:
            i = int(job.live[w.next])
            cell = kept[i]
            if len(asked.cell) - asked.count[0] < len(cell.copy):
                return PENDING  # `widen` has made sure that an empty table is large enough
            why = _bring(job, cell, model, plans[s], all_books[s], s, i - int(job.hooked[s]))
            if why == PENDING:
                ask(cell, plans[s], asked, i)
                job.live[w.again] = i
                w.again += 1
            elif why != DONE:
                return _stop(w, why, cell, i)
            w.next += 1
        w.waiting = w.again
        w.again = 0
        w.next = 0
        if asked.count[0] > 0:
            return PENDING
    return DONE


@inner
def _bring(
    job: Job, cell: Cell, model: Model, plan: LoweredPlan, books: Books, s: int, k: int
) -> int:
    """Bring a kept cell to ``until``; there it is scored or closed where that is the moment."""
    w = job.w
    if books.keeps[0] > 0 and books.keeps[0] - books.keeps[1] < len(cell.row):
        return FULL  # later there would be no way back
    if cell.meta.answers == 1:
        if not can_resume(cell):
            return SHORT
        resume(cell)
    why = go_on(cell, model, plan, books, k, int(w.until))
    if why != DONE:
        return why
    if books.keeps[0] > 0 and books.keeps[0] - books.keeps[1] < len(cell.row):
        return FULL
    if w.until == w.end:
        if not can_score(cell, books):
            return SHORT
        score(cell, books, k)
    if w.until == w.run_end:
        end_messages(cell, int(w.run_end))
        if not _close(job, cell, plan, books, s, k):
            return FULL
    return DONE
