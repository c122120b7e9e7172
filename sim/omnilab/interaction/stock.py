"""A person at a place: takes what was wanted, or does without it.

`finds` says whether the place has the variant that a need wants. If not, `without` lets the person
choose (`omnilab.world.stock`), writes what was done, and does it. `sold` moves the unit of an
order. What is due later (units that come, a person who looks again) is in
`omnilab.interaction.supply` and `omnilab.interaction.restock`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.interaction.leaving import bad_experience, lose_need
from omnilab.interaction.places import know_ways
from omnilab.interaction.supply import BACK, LAPSES, order_if_low, pack, write_held
from omnilab.interaction.wall import ask_stock
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.choice import MOST, choose
from omnilab.world.clock import local
from omnilab.world.familiarity import effort_in
from omnilab.world.money import returned_at
from omnilab.world.rivals import let_down
from omnilab.world.shelf import feed_says, hold, let_go, take, take_held
from omnilab.world.stock import (
    bound_shelf,
    effort_of,
    pick_option,
    shelf_of,
    variant_wanted,
    weigh_substitutes,
    weigh_without,
)

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model

__all__ = ["finds", "goods_go_back", "look_up", "put_back", "sold", "without"]

WITHOUT: Final = stream("WITHOUT", 111)  # what is done, annoyed, leaves, asks: person, need and how
WITHOUT_WHEN: Final = stream("WITHOUT_WHEN", 112)  # often so far; when the person is there
LOOKS_UP: Final = stream("LOOKS_UP", 113)  # before a person sets out: person and family, occasion

# How the unit of a visit is kept for it
ON_SHELF: Final = 0
IN_HAND: Final = 1
RESERVED: Final = 2

# What becomes of a visit without the good
GOES_ON: Final = -1  # with a substitute, or with the good from elsewhere
CLOSED: Final = 0  # as omnilab.interaction.visit has them
OPEN: Final = 1

MINUTE: Final = 60.0

write_stock_out = writer(rows.STOCK_OUT, placed=True)
write_sold = writer(rows.UNITS_SOLD, placed=True)


@inner
def finds(cell: Cell, model: Model, t: int, visit: Visit, index: int) -> bool:
    """Tell whether the place has what the need wants; if so it is the visit's."""
    need, person = cell.need[index], cell.person[int(visit.who)]
    category, ordinal = int(need.category), int(need.ordinal)
    wanted = variant_wanted(model, person, category, ordinal)
    shelf = shelf_of(model, int(visit.channel), category, wanted)
    visit.shelf = shelf
    if shelf < 0:
        return True
    if person.kept_shelf == shelf and person.kept_need == ordinal:
        visit.unit = RESERVED
        return True
    if cell.shelf[shelf].free <= 0:
        return False
    _take_in_hand(cell, model, t, visit, ordinal)
    return True


@inner
def look_up(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int, stock: float,
    where: float,
) -> None:  # fmt: skip
    """Let a person who looks up what places have leave out those that are seen to be out.

    Parameters
    ----------
    stock, where
        The need's stimulus stock and the uniform of the choice, as the channel was chosen by.
    """
    sees = ask_stock(plan)
    if model.stock.on == 0 or sees == SILO:
        return
    person, need = cell.person[int(visit.who)], cell.need[index]
    address = (int(visit.family) << 40) | int(person.entity)
    u, _, _, _ = draw4(model.key.k0, model.key.k1, LOOKS_UP, address, int(visit.occasion))
    if u >= model.stock.looks_up:
        return
    category, reach = int(need.category), int(person.reach)
    wanted = variant_wanted(model, person, category, int(need.ordinal))
    first = int(visit.channel)
    while visit.channel >= 0:
        shelf = shelf_of(model, int(visit.channel), category, wanted)
        if shelf < 0 or _shown(cell, model, shelf, t, sees) > 0:
            break
        person.reach &= ~(1 << int(visit.channel))
        visit.channel = choose(
            model, person, t, local(model, t), stock, where, cell.weight, cell.pull, 0
        )
    person.reach = reach
    if visit.channel < 0:  # it is nowhere: one looks for something else
        visit.channel = first


@inner
def _shown(cell: Cell, model: Model, shelf: int, t: int, sees: int) -> int:
    """Return how many units of a shelf another place shows, or finds out by asking."""
    return feed_says(cell, model, shelf, t) if sees == ALL else int(cell.shelf[shelf].free)


@inner
def _take_in_hand(cell: Cell, model: Model, t: int, visit: Visit, ordinal: int) -> None:
    """Keep the visit's unit from others until it is paid, where that takes time or a till."""
    waits = model.visit_time.on == 1 or model.till[int(visit.channel)].line >= 0
    if waits and visit.shelf >= 0:
        hold(cell, model, int(visit.shelf), t)
        write_held(cell, model, t, int(visit.who), int(visit.shelf), 1, ordinal)
        visit.unit = IN_HAND


@inner
def put_back(cell: Cell, model: Model, t: int, visit: Visit, ordinal: int) -> None:
    """Put the visit's unit back on the shelf, if the person has it in hand."""
    if visit.unit == IN_HAND:
        let_go(cell, model, int(visit.shelf), t)
        write_held(cell, model, t, int(visit.who), int(visit.shelf), -1, ordinal)
        visit.unit = ON_SHELF


@inner
def sold(cell: Cell, model: Model, t: int, visit: Visit, ordinal: int) -> None:
    """Move the unit that an order is of."""
    shelf, who, c = int(visit.shelf), int(visit.who), int(visit.channel)
    if shelf < 0:
        return
    held = 1
    if visit.unit == ON_SHELF:
        held = 0
        take(cell, model, shelf, t)
    else:
        take_held(cell, shelf)
        if visit.unit == RESERVED:
            cell.person[who].kept_shelf = -1
    write_sold(
        cell, t, who, c, int(model.ch[c].silo), need=ordinal, place=shelf // model.stock.variants,
        variant=shelf % model.stock.variants, held=held, free=cell.shelf[shelf].free,
    )  # fmt: skip
    order_if_low(cell, model, t, shelf)


@inner
def goods_go_back(cell: Cell, t: int, who: int, ordinal: int) -> None:
    """Let the unit of the order that was just placed come back to its shelf."""
    shelf = int(cell.visit[0].shelf)
    if shelf >= 0:
        push(cell, returned_at(t), queue.SUPPLY, who, pack(BACK, shelf), ordinal)


@inner
def without(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int) -> int:
    """Let the person choose what to do without the good; return what becomes of the visit."""
    who, c = int(visit.who), int(visit.channel)
    need, person = cell.need[index], cell.person[who]
    category, ordinal = int(need.category), int(need.ordinal)
    wanted = variant_wanted(model, person, category, ordinal)
    u, annoyed, leaves, asks = draw4(
        model.key.k0, model.key.k1, WITHOUT, person.entity, (ordinal << 12) | int(need.outs)
    )
    sees = ask_stock(plan)
    if sees == HANDOFF and asks >= model.stock.asks:
        sees = SILO
    left = float(max(int(need.expires) - t, 1))
    n = _weigh(cell, model, t, visit, category, wanted, left, sees)
    does, other = _do(cell, model, t, visit, index, wanted, pick_option(cell.option, n, u), sees)
    took, broken = -1, 0
    if does < 0:
        does, broken = -does, 1
    if does == rows.DOES_SUBSTITUTE:
        took = other
        other = -1
    write_stock_out(
        cell, t, who, c, int(model.ch[c].silo), need=ordinal, category=category, wanted=wanted,
        does=does, took=took, place=model.stock_at[c], other=other, broken=broken,
    )  # fmt: skip
    need.outs += 1
    if broken == 0 and (does == rows.DOES_SUBSTITUTE or does == rows.DOES_SHIP):
        _take_in_hand(cell, model, t, visit, ordinal)
        return GOES_ON
    visit.away = 1
    if annoyed < model.stock.annoys and bad_experience(cell, model, t, who, rows.BAD_STOCK, leaves):
        return CLOSED
    if does == rows.DOES_RIVAL:
        lose_need(cell, t, who, index, rows.FATE_RIVAL)
    elif does == rows.DOES_NOTHING:
        lose_need(cell, t, who, index, rows.FATE_DROPPED)
    if does > rows.DOES_WAIT:
        return CLOSED
    let_down(need)
    return OPEN


@inner
def _weigh(
    cell: Cell, model: Model, t: int, visit: Visit, category: int, wanted: int, left: float,
    sees: int,
) -> int:  # fmt: skip
    """Write the weights of all that the person may do into ``cell.option``; return how many.

    In order: to go to each channel; to have it shipped from each place; each variant; to wait; a
    rival; nothing.
    """
    channels, places = len(model.ch), int(model.stock.places)
    c = int(visit.channel)
    here = int(model.stock_at[c])
    if model.places.on == 1:
        know_ways(cell, model, t, int(visit.who), True)
    for other in range(channels):
        cell.option[other] = _weigh_way(cell, model, t, visit, category, wanted, left, sees, other)
    for p in range(places):
        cell.option[channels + p] = _weigh_shipped(
            cell, model, t, p, here, category, wanted, left, sees
        )
    first = channels + places
    weigh_substitutes(cell, model, here, category, wanted, first, cell.option)
    last = first + int(model.stock.most)
    weigh_without(model, category, c, left, last, cell.option)
    return last + 3


@inner
def _weigh_way(
    cell: Cell, model: Model, t: int, visit: Visit, category: int, wanted: int, left: float,
    sees: int, other: int,
) -> float:  # fmt: skip
    """Return the weight of going to another channel for the good."""
    c, channel = int(visit.channel), model.ch[other]
    person = cell.person[int(visit.who)]
    if other == c or channel.visits == 0 or channel.completes <= 0.0:
        return 0.0
    place = int(model.stock_at[other])
    if (person.reach >> other) & 1 == 0 or (place >= 0 and place == model.stock_at[c]):
        return 0.0
    shelf = bound_shelf(model, place, category, wanted)
    belief = model.stock.belief
    if sees != SILO and place >= 0:  # what has no place of the brand's shows nothing
        belief = 1.0
        if shelf >= 0 and (person.kept_shelf >= 0 or _shown(cell, model, shelf, t, sees) <= 0):
            return 0.0
    prefers = model.prefers[person.persona]
    x = model.stock.worth - effort_of(model, other)
    x += channel.utility + prefers[other] - model.ch[c].utility - prefers[c]
    x -= effort_in(cell, model, int(visit.who), other) - effort_in(cell, model, int(visit.who), c)
    if channel.devices == 1 and place >= 0:
        x -= model.stock.waiting * max(int(model.stock_place[place].ships), 0) / left
    if model.places.on == 1:
        belief *= cell.pull[other]
    return float(belief * math.exp(min(x, MOST)))


@inner
def _weigh_shipped(
    cell: Cell, model: Model, t: int, place: int, here: int, category: int, wanted: int,
    left: float, sees: int,
) -> float:  # fmt: skip
    """Return the weight of ordering the good here and having it shipped from another place."""
    if sees != ALL or place == here or model.stock_place[place].ships < 0:
        return 0.0
    shelf = bound_shelf(model, place, category, wanted)
    if shelf < 0 or feed_says(cell, model, shelf, t) <= 0:
        return 0.0
    waits = model.stock.waiting * model.stock_place[place].ships / left
    return math.exp(model.stock.worth - waits)


@inner
def _do(
    cell: Cell, model: Model, t: int, visit: Visit, index: int, wanted: int, k: int, sees: int
) -> tuple[int, int]:
    """Do what was chosen, option ``k``.

    Returns
    -------
    tuple
        What it is, of `omnilab.log.rows`, negative where the good was not there as promised; and
        the variant taken instead or the place meant, -1 for none.
    """
    need, c = cell.need[index], int(visit.channel)
    category = int(need.category)
    if k < len(model.ch):
        return _go_elsewhere(cell, model, t, visit, index, wanted, k, sees)
    k -= len(model.ch)
    if k < model.stock.places:
        shelf = bound_shelf(model, k, category, wanted)
        if cell.shelf[shelf].free <= 0:
            _look_again(cell, model, t, visit, index, c, model.stock.looks_again)
            return -rows.DOES_SHIP, k
        visit.shelf = shelf
        return rows.DOES_SHIP, k
    k -= int(model.stock.places)
    if k < model.stock.most:
        visit.shelf = shelf_of(model, c, category, k)
        return rows.DOES_SUBSTITUTE, k
    k -= int(model.stock.most)
    if k == 0:
        _wish(cell, t, visit, index)
        _look_again(cell, model, t, visit, index, c, model.stock.looks_again)
        return rows.DOES_WAIT, -1
    return (rows.DOES_RIVAL, -1) if k == 1 else (rows.DOES_NOTHING, -1)


@inner
def _go_elsewhere(
    cell: Cell, model: Model, t: int, visit: Visit, index: int, wanted: int, c: int, sees: int
) -> tuple[int, int]:
    """Set out for another channel; what the place there is known to have is kept for the person."""
    need, who = cell.need[index], int(visit.who)
    place = int(model.stock_at[c])
    shelf = bound_shelf(model, place, int(need.category), wanted)
    takes = MINUTE if model.ch[c].devices == 1 else model.stock.way
    if sees == SILO or shelf < 0:  # nothing is known, or there is always enough
        _look_again(cell, model, t, visit, index, c, takes)
        return rows.DOES_ELSEWHERE, place
    if cell.shelf[shelf].free <= 0:
        _look_again(cell, model, t, visit, index, int(visit.channel), model.stock.looks_again)
        return -rows.DOES_RESERVE, place
    person, ordinal = cell.person[who], int(need.ordinal)
    hold(cell, model, shelf, t)
    write_held(cell, model, t, who, shelf, 1, ordinal)
    person.kept_shelf = shelf
    person.kept_need = ordinal
    push(cell, t + model.stock.keeps, queue.SUPPLY, who, pack(LAPSES, shelf), ordinal)
    _look_again(cell, model, t, visit, index, c, min(takes, model.stock.keeps * 0.5))
    return rows.DOES_RESERVE, place


@inner
def _look_again(
    cell: Cell, model: Model, t: int, visit: Visit, index: int, c: int, mean: float
) -> None:
    """Be at a channel for the need after an exponential time, if the need waits so long."""
    need = cell.need[index]
    entity, ordinal = cell.person[int(visit.who)].entity, int(need.ordinal)
    u, _, _, _ = draw4(
        model.key.k0, model.key.k1, WITHOUT_WHEN, entity, (ordinal << 12) | int(need.outs)
    )
    at = t + 1 + int(-math.log(u) * mean)
    if at < need.expires and need.outs < MOST_OUTS:
        push(cell, at, queue.GO, int(visit.who), ordinal, c)


MOST_OUTS: Final = 255  # times that one need meets an empty shelf


@inner
def _wish(cell: Cell, t: int, visit: Visit, index: int) -> None:
    """Leave the wish to be told when it is there again, where the brand sees who is here."""
    if visit.profile < 0 or visit.shown <= 0:
        return
    ordinal, shelf, silo_of = int(cell.need[index].ordinal), int(visit.shelf), int(visit.channel)
    at = max(int(cell.shelf[shelf].due) + 1, t + 3600)
    packed = (silo_of << 44) | (shelf << 26) | ordinal
    push(cell, at, queue.WATCH, int(visit.who), packed, int(cell.code[0]))
