"""A person looks again for a good that was out, and the brand says that it is there again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.sharing import ALL
from omnilab.cell import queue
from omnilab.cell.queue import push
from omnilab.draws.streams import VISIT_NEED
from omnilab.interaction.need import visit_for
from omnilab.interaction.visit import begin_visit
from omnilab.interaction.wall import ask_stock, tell_restock
from omnilab.kernels.compiling import inner
from omnilab.world.choice import is_open
from omnilab.world.clock import local
from omnilab.world.needs import find, take_up
from omnilab.world.shelf import feed_says

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["go", "watch"]

DAY: Final = 86400
HOUR: Final = 3600
AGAIN: Final = 1 << 55  # in a visit's occasion: it looks again for what was out


@inner
def go(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, ordinal: int, c: int) -> None:
    """Be at channel ``c`` for a need that found the good out elsewhere, when the place is open."""
    i = find(cell, cell.person[who], ordinal)
    if i < 0:
        return
    second = local(model, t) % DAY
    if not is_open(model.ch[c], second):
        wait = int(model.ch[c].opens) - second
        at = t + (wait if wait > 0 else wait + DAY)
        if at < cell.need[i].expires:
            push(cell, at, queue.GO, who, ordinal, c)
        return
    take_up(cell.need[i])
    occasion = AGAIN | (int(cell.need[i].outs) << 44) | (ordinal << 16)
    visit = begin_visit(cell, who, VISIT_NEED, occasion)
    visit.channel = c
    visit_for(cell, model, plan, t, visit, i)


@inner
def watch(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, packed: int, code: int
) -> None:
    """Tell a person who waits, through the brand, that the good is there again.

    ``packed`` has the channel where it was out, the shelf and the need; ``code`` is an identifier
    that the person showed there.
    """
    ordinal, shelf, c = packed & 0x3FFFFFF, (packed >> 26) & 0x3FFFF, packed >> 44
    i = find(cell, cell.person[who], ordinal)
    if i < 0:
        return
    if _is_there(cell, model, plan, t, shelf):
        silo = int(model.ch[c].silo)
        tell_restock(cell, plan, t, silo, code, ordinal, int(cell.need[i].category))
        return
    due = int(cell.shelf[shelf].due) + 1
    at = due if due > t else t + DAY
    if at < cell.need[i].expires:
        push(cell, at, queue.WATCH, who, packed, code)


@inner
def _is_there(cell: Cell, model: Model, plan: LoweredPlan, t: int, shelf: int) -> bool:
    """Tell whether a variant is there: at its place, or where all is seen at any place."""
    if cell.shelf[shelf].free > 0:
        return True
    if ask_stock(plan) != ALL:
        return False
    variants = int(model.stock.variants)
    for p in range(model.stock.places):
        other = p * variants + shelf % variants
        if model.supply[other].level >= 0 and feed_says(cell, model, other, t) > 0:
            return True
    return False
