"""The compiled engine's loop over cells: one kernel that works until it needs Python.

Cells stream through two cells' worth of memory: one is taken through the burn-in, and under each
strategy a copy of it is taken through the rest, while all of it is in cache. Where a strategy has
hooks, the copies are kept instead, and run side by side: each goes on until it waits for `decide`,
and all that wait are asked together.

The kernel stops in the middle where an array is too small or kept rows have to be taken away, and
goes on from the same place when it is called again: where it is stands in `WORK`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

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

__all__ = ["STREAM", "TOGETHER", "WORK", "make_work", "work"]

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

WORK: Final = np.dtype(
    [
        ("mode", "i8"),
        ("low", "i8"),  # cells of the chunk
        ("high", "i8"),
        ("per_cell", "i8"),  # households
        ("strategies", "i8"),
        ("census", "i8"),  # 1: the burn-in is all there is, and nothing is taped
        ("switch", "i8"),
        ("end", "i8"),
        ("run_end", "i8"),
        ("cell", "i8"),  # the one in work
        ("strategy", "i8"),  # -1 the burn-in
        ("phase", "i8"),
        ("tape", "i8"),  # where taking over goes on
        ("short", "i8"),  # number of the array that has to grow
        ("whose", "i8"),  # of the burn-in's cell -2, of the running one -1, of a kept one its index
        ("until", "i8"),  # side by side: how far
        ("waiting", "i8"),  # and how many cells have not got there
        ("next", "i8"),
        ("again", "i8"),
        ("answered", "i8"),  # 1: `decide` has said what to do with the asked
    ],
    align=True,
)


def make_work(
    low: int, high: int, per_cell: int, times: tuple[int, int, int], hooked: list[int],
    sizes: Any, first: Any,
) -> Bundle:  # fmt: skip
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
    record = np.zeros(1, WORK).view(np.recarray)
    w = record[0]
    w.low, w.high, w.cell, w.per_cell, w.strategies = low, high, low, per_cell, len(hooked)
    w.switch, w.end, w.run_end = times
    w.strategy = -1
    return Bundle(
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
    W: Any, C: Any, S: Any, M: Any, Q: Any, B: Any, plans: Any, books: Any, kept: Any, D: Any
) -> int:
    """Work until all is done or Python has to do something; return what.

    Parameters
    ----------
    W
        Of `make_work`.
    C, S
        The running cell, and that of the burn-in.
    M
        The model.
    Q, B
        Plan and books of the burn-in.
    plans, books
        Of the strategies.
    kept
        Cells of strategies with hooks.
    D
        Messages to ask `decide` about (see `omnilab.engine.ask`).

    Returns
    -------
    int
        `DONE`; `SHORT`, the array of number ``W.w[0].short`` (see `omnilab.cell.room`) has to
        grow, of a cell or of the books of strategy ``W.w[0].strategy``; `FULL`, kept rows have to
        be taken out of those books; `PENDING`, `decide` has to answer.
    """
    w = W.w[0]
    if w.mode == TOGETHER:
        return _together(W, M, plans, books, kept, D)
    while w.cell < w.high:
        why = _burn_in(W, S, M, Q, B)
        if why == DONE:
            why = _strategies(W, C, S, M, B, plans, books, kept)
        if why != DONE:
            return why
        w.cell += 1
        w.phase = UNBORN
        w.strategy = -1
    return DONE


@inner
def _burn_in(W: Any, S: Any, M: Any, Q: Any, B: Any) -> int:
    """Bring a cell from its birth to the switch."""
    w = W.w[0]
    if w.phase == UNBORN:
        household = int(w.cell * w.per_cell)
        sizes = W.sizes[household : household + w.per_cell]
        copy_front(B.sums, B.blank, 1)
        start_cell(S, M, Q, int(w.cell), int(W.first[w.cell]), household, sizes)
        if w.census == 1:
            S.meta[0].taping = 0
        w.phase = BURN_IN
    if w.phase == BURN_IN:
        why = go_on(S, M, Q, B, 0, int(w.switch))
        if why != DONE:
            return _stop(w, why, S, -2)
        # What the status quo left open ends with the burn-in, before the measured window.
        end_messages(S, int(w.switch) - 1)
        w.phase = LAST_ROWS
    if w.phase == LAST_ROWS:
        if not book(S, B, 0):
            return FULL
        w.phase = SWITCH
        w.strategy = 0
        if B.keeps[1] > 0:
            w.strategy = -1
            return FULL  # they belong to every strategy's log
    w.strategy = max(int(w.strategy), 0)
    return DONE


@inner
def _strategies(W: Any, C: Any, S: Any, M: Any, B: Any, plans: Any, books: Any, kept: Any) -> int:
    """Bring copies of the cell from the switch on: to the run's end, or to where it is kept."""
    w = W.w[0]
    while w.strategy < w.strategies:
        s = int(w.strategy)
        k = int(w.cell - w.low)
        if W.hooked[s] >= 0:
            i = int(W.hooked[s]) + k
            kept[i].meta[0].place = W.first[w.cell] - W.first[w.low]
            why = _take_over(w, kept[i], S, B, plans[s], books[s], i, k)
            w.phase = SWITCH if why == DONE else w.phase
        else:
            why = _take_over(w, C, S, B, plans[s], books[s], -1, k)
            if why == DONE:
                why = _go_through(W, C, M, plans[s], books[s], s, k)
        if why != DONE:
            return why
        w.strategy += 1
    return DONE


@inner
def _take_over(w: Any, C: Any, S: Any, B: Any, P: Any, T: Any, whose: int, k: int) -> int:
    if w.phase == SWITCH:
        short = _too_small(C, S)
        if short >= 0:
            C.meta[0].short_of = short
            return _stop(w, SHORT, C, whose)
        restore(C, S, T, B, k)
        w.tape = 0
        w.phase = TAPE
    if w.phase == TAPE:
        w.tape = take_over(C, S, P, int(w.tape), int(w.switch))
        if w.tape >= 0:
            return _stop(w, SHORT, C, whose)
        w.phase = WINDOW
    return DONE


@inner
def _too_small(C: Any, S: Any) -> int:
    """Return the number of an array of ``C`` that does not hold what ``S`` uses, or -1.

    Of the arrays that `restore` copies, the others have a slot a person, of which ``C`` has enough.
    """
    m = S.meta[0]
    if len(C.need) < m.needs:
        return 0
    if len(C.message) < m.messages:
        return 1
    if len(C.item) < m.items:
        return 6
    return -1


@inner
def _go_through(W: Any, C: Any, M: Any, P: Any, T: Any, s: int, k: int) -> int:
    """Take the running cell from the switch to the run's end."""
    w = W.w[0]
    if w.phase == WINDOW:
        why = go_on(C, M, P, T, k, int(w.end))
        if why != DONE:
            return _stop(w, why, C, -1)
        if not can_score(C, T):
            return _stop(w, SHORT, C, -1)
        score(C, T, k)
        w.phase = RUN_OUT
    if w.phase == RUN_OUT:
        why = go_on(C, M, P, T, k, int(w.run_end))
        if why != DONE:
            return _stop(w, why, C, -1)
        end_messages(C, int(w.run_end))
        w.phase = CLOSING
    if not _close(W, C, T, s, k):
        return FULL
    w.phase = SWITCH
    return DONE


@inner
def _close(W: Any, C: Any, T: Any, s: int, k: int) -> bool:
    """Book the last rows and add the cell to the strategy's digest."""
    if not book(C, T, k):
        return False
    settle(C, T, k)
    m = C.meta[0]
    W.digest[s, 0] += m.digest[0]
    W.digest[s, 1] += m.digest[1]
    W.digest[s, 2] += m.events
    return True


@inner
def _stop(w: Any, why: int, C: Any, whose: int) -> int:
    w.short = C.meta[0].short_of
    w.whose = whose
    return why


@inner
def _together(W: Any, M: Any, plans: Any, books: Any, kept: Any, D: Any) -> int:
    """Bring a strategy's kept cells to ``until``, all that wait for `decide` at once."""
    w = W.w[0]
    s = int(w.strategy)
    if w.answered == 1:
        answer(kept, D)
        w.answered = 0
    while w.waiting > 0:
        while w.next < w.waiting:
            i = int(W.live[w.next])
            C = kept[i]
            if len(D.cell) - D.count[0] < len(C.copy):
                return PENDING  # `widen` has made sure that an empty table is large enough
            why = _bring(W, C, M, plans[s], books[s], s, i - int(W.hooked[s]))
            if why == PENDING:
                ask(C, plans[s], D, i)
                W.live[w.again] = i
                w.again += 1
            elif why != DONE:
                return _stop(w, why, C, i)
            w.next += 1
        w.waiting = w.again
        w.again = 0
        w.next = 0
        if D.count[0] > 0:
            return PENDING
    return DONE


@inner
def _bring(W: Any, C: Any, M: Any, P: Any, T: Any, s: int, k: int) -> int:
    """Bring a kept cell to ``until``; there it is scored or closed where that is the moment."""
    w = W.w[0]
    if T.keeps[0] > 0 and T.keeps[0] - T.keeps[1] < len(C.row):
        return FULL  # later there would be no way back
    if C.meta[0].answers == 1:
        if not can_resume(C):
            return SHORT
        resume(C)
    why = go_on(C, M, P, T, k, int(w.until))
    if why != DONE:
        return why
    if T.keeps[0] > 0 and T.keeps[0] - T.keeps[1] < len(C.row):
        return FULL
    if w.until == w.end:
        if not can_score(C, T):
            return SHORT
        score(C, T, k)
    if w.until == w.run_end:
        end_messages(C, int(w.run_end))
        if not _close(W, C, T, s, k):
            return FULL
    return DONE
