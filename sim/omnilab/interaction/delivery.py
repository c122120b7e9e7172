"""Before and after an order that is delivered: the way that is taken, and its promise.

`takes_way` is asked at the cart, `send_off` when the order is made. What happens when it is there
is in `omnilab.interaction.handover`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.cell.room import ORDINAL_BITS
from omnilab.draws.philox import draw4
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.fulfilment import (
    NO_WAY,
    TAKES_WAY,
    choose_way,
    fee_of,
    promised_at,
    taken_by,
    tops_up,
    worth_of,
)
from omnilab.world.slots import book_slot, slot_begins

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model
    from omnilab.world.needs import Need

__all__ = ["send_off", "takes_way", "worth_of_way"]

write_promise = writer(rows.PROMISE, placed=True)


@inner
def takes_way(cell: Cell, model: Model, t: int, visit: Visit, need: Need) -> bool:
    """Let a person before a cart choose how to get it; tell whether there is a way at all.

    A basket that is a little short of free delivery may be filled up.
    """
    c, value = int(visit.channel), int(need.value)
    visit.way = NO_WAY
    visit.fee = 0
    if model.ch[c].ways == 0:
        return True
    entity = (int(visit.family) << 40) | int(cell.person[int(visit.who)].entity)
    u, tops, _, _ = draw4(model.key.k0, model.key.k1, TAKES_WAY, entity, int(visit.occasion))
    free = int(model.tier[int(visit.tier) - 1].free) if visit.tier > 0 else 0
    n = choose_way(cell, model, c, t, value, int(need.expires), u, cell.choice, free)
    if n == NO_WAY:
        return False
    if free == 0 and tops_up(model, n, value, tops):
        need.value = model.way[n].free_from
    visit.way = n
    visit.fee = fee_of(model.way[n], int(need.value), free)
    return True


@inner
def worth_of_way(cell: Cell, model: Model, t: int, visit: Visit, value: int) -> float:
    """Return what the way that was taken adds to the logit of buying the cart."""
    n = int(visit.way)
    if n < 0:
        return 0.0
    at, _ = promised_at(cell, model, n, t)
    free = int(model.tier[int(visit.tier) - 1].free) if visit.tier > 0 else 0
    return worth_of(model, n, value, at - t, free)


@inner
def send_off(cell: Cell, model: Model, t: int, visit: Visit, ordinal: int) -> None:
    """Promise an order that was made, take its slot, and put its arrival into the queue.

    An item that is collected is there when it is ready; its person comes later.
    """
    who, n = int(visit.who), int(visit.way)
    at, slot = promised_at(cell, model, n, t)
    if at < 0:  # the last slot went while the person stood at the till
        at = t + int(model.way[n].promised)
    start = -1
    if slot >= 0:
        book_slot(cell, model, n, slot)
        start = slot_begins(model.way[n], slot) - t
    takes = taken_by(model, n, int(cell.person[who].entity), ordinal, at - t, start)
    c = int(visit.channel)
    write_promise(
        cell, t, who, c, int(model.ch[c].silo), need=ordinal, way=n, promised=at - t,
        fee=int(visit.fee), fulfilment_cost=int(model.way[n].cost),
    )  # fmt: skip
    push(cell, t + takes, queue.THERE, who, (n << ORDINAL_BITS) | ordinal, at)
