"""What visits and orders leave behind: interest in a category, further visits without a need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.queue import push
from omnilab.kernels.compiling import inner
from omnilab.world.intent import stimulate
from omnilab.world.interest import after_visit, next_after_order, stir
from omnilab.world.needs import shown_need

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model

__all__ = ["look_after_order", "look_again", "stir_need"]


@inner
def stir_need(cell: Cell, model: Model, t: int, who: int, category: int) -> None:
    """Let looking at a category ripen the open need in it, or the next one."""
    i = shown_need(cell, cell.person[who], category, -1)
    if i >= 0:
        stimulate(model, cell.need[i], t, model.interest.readies)
    else:
        stir(cell, model, who, category, t)


@inner
def look_again(cell: Cell, model: Model, t: int, visit: Visit) -> None:
    """Maybe plan a visit without a need to which this one leads."""
    if model.interest.after_visit <= 0.0:
        return
    who = int(visit.who)
    at, occasion = after_visit(model, cell.person[who], t, int(visit.family), int(visit.occasion))
    if 0 <= at < model.clock.run_end:
        push(cell, at, queue.LOOK, who, -1, occasion)


@inner
def look_after_order(
    cell: Cell, model: Model, t: int, who: int, ordinal: int, number: int, ordered: int
) -> None:
    """Plan visit ``number`` without a need to which an order led, if there is one.

    It is due at its time since the order, ``ordered``, or a second from now where the visit before
    it had to wait for so long.
    """
    at, _ = next_after_order(model, cell.person[who], ordered, ordinal, number)
    due = max(at, t + 1)
    if at >= 0 and due < model.clock.run_end:
        push(cell, due, queue.LOOK, who, (ordinal << 8) | number, ordered)
