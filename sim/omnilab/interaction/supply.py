"""What becomes of units by itself: reviews, deliveries, spoilage, returns, reservations that lapse.

An item of the kind `SUPPLY` is a place's, or a person's where units come back or are not fetched.
A place is no person: the items and rows of each of its shelves stand under one person of the town,
its keeper, who has nothing to do with it otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.interaction.stay import is_there_for
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.shelf import (
    bring_back,
    fill_shelf,
    let_go,
    order_units,
    spoil,
    units_come,
    units_to_order,
)

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["BACK", "LAPSES", "fill_shelves", "order_if_low", "pack", "supply", "write_held"]

# What a `SUPPLY` item is
REVIEW: Final = 0
ARRIVES: Final = 1
SPOILS: Final = 2
BACK: Final = 3  # a customer sends a unit back
LAPSES: Final = 4  # a reservation

write_units_held = writer(rows.UNITS_HELD, placed=False)
write_ordered = writer(rows.UNITS_ORDERED, placed=False)
write_came = writer(rows.UNITS_CAME, placed=False)
write_spoiled = writer(rows.UNITS_SPOILED, placed=False)
write_back = writer(rows.UNITS_BACK, placed=False)


@inner
def keeper(cell: Cell, shelf: int) -> int:
    """Return the person under whom the items and rows of a shelf stand."""
    return int(shelf % cell.meta.persons)


@inner
def pack(what: int, shelf: int) -> int:
    """Return an item's first number: what it is, and of which shelf."""
    return (shelf << 3) | what


@inner
def write_held(
    cell: Cell, model: Model, t: int, who: int, shelf: int, n: int, ordinal: int
) -> None:
    """Write that a unit is kept for somebody (1), or not any more (-1)."""
    variants = model.stock.variants
    write_units_held(
        cell, t, who, need=ordinal, place=shelf // variants, variant=shelf % variants, n=n,
        free=cell.shelf[shelf].free,
    )  # fmt: skip


@inner
def fill_shelves(cell: Cell, model: Model) -> None:
    """Fill all shelves for the start, and plan their reviews and what spoils first."""
    for i in range(len(model.supply)):
        fill_shelf(cell, model, i)
        s = model.supply[i]
        if s.level < 0:
            continue
        if s.review > 0 and s.review < model.clock.run_end:
            push(cell, int(s.review), queue.SUPPLY, keeper(cell, i), pack(REVIEW, i), 0)
        if s.life > 0 and s.level > 0:
            push(cell, int(s.life), queue.SUPPLY, keeper(cell, i), pack(SPOILS, i), int(s.level))


@inner
def supply(cell: Cell, model: Model, t: int, who: int, packed: int, b: int) -> None:
    """Act on a `SUPPLY` item."""
    what, i = packed & 7, packed >> 3
    variants = model.stock.variants
    place, variant = i // variants, i % variants
    s = model.supply[i]
    if what == REVIEW:
        _order(cell, model, t, i)
        if t + s.review < model.clock.run_end:
            push(cell, t + int(s.review), queue.SUPPLY, who, packed, 0)
    elif what == ARRIVES:
        come = units_come(cell, model, i, b, t)
        write_came(cell, t, who, place=place, variant=variant, n=b, free=cell.shelf[i].free)
        if s.life > 0:
            push(cell, t + int(s.life), queue.SUPPLY, keeper(cell, i), pack(SPOILS, i), come)
    elif what == SPOILS:
        n = spoil(cell, model, i, b, t)
        if n > 0:
            write_spoiled(cell, t, who, place=place, variant=variant, n=n, free=cell.shelf[i].free)
            order_if_low(cell, model, t, i)
    elif what == BACK:
        bring_back(cell, model, i, t)
        write_back(cell, t, who, need=b, place=place, variant=variant, n=1, free=cell.shelf[i].free)
    elif cell.person[who].kept_shelf == i and cell.person[who].kept_need == b:
        if is_there_for(cell, model, who, b) and cell.stay[who].shelf == i:
            push(cell, int(cell.stay_due[who]) + 1, queue.SUPPLY, who, packed, b)
            return  # it is on the way to the till
        cell.person[who].kept_shelf = -1
        let_go(cell, model, i, t)
        write_held(cell, model, t, who, i, -1, b)


@inner
def order_if_low(cell: Cell, model: Model, t: int, i: int) -> None:
    """Order from the supplier where units are ordered by order point, and it is reached."""
    if model.supply[i].order_point >= 0:
        _order(cell, model, t, i)


@inner
def _order(cell: Cell, model: Model, t: int, i: int) -> None:
    n = units_to_order(cell, model, i)
    if n <= 0:
        return
    variants = model.stock.variants
    due = t + max(int(model.supply[i].lead), 1)
    order_units(cell, i, n, due)
    write_ordered(cell, t, keeper(cell, i), place=i // variants, variant=i % variants, n=n, due=due)
    push(cell, due, queue.SUPPLY, keeper(cell, i), pack(ARRIVES, i), n)
