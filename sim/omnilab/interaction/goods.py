"""Goods at a visit: which are shown, which one is liked best, and the lines of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import writer
from omnilab.interaction.wall import ask_goods
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.goods import goods_page, goods_there, pick_good
from omnilab.world.offer_bounds import counted_on
from omnilab.world.wallet import take_best

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model
    from omnilab.world.needs import Need

__all__ = [
    "glance_at_goods",
    "goods_on_offer",
    "look_at_goods",
    "see_recommended",
    "write_lines",
    "write_recommended",
]

write_seen = writer(rows.GOODS_SEEN, placed=True)
write_line = writer(rows.LINE, placed=True)
write_recommended = writer(rows.RECOMMENDED, placed=True)


@inner
def look_at_goods(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, need: Need
) -> None:
    """Show the goods of a need's category at a visit for it."""
    who, c, category = int(visit.who), int(visit.channel), int(need.category)
    if model.n_goods[category] == 0:
        return
    person = cell.person[who]
    told = _recommended(cell, model, plan, t, visit)
    page = goods_page(model, person, category, t, int(visit.family), int(visit.occasion), told)
    new = page & ~int(need.goods_seen)
    need.goods_told |= new & told
    need.goods_seen |= page
    own = int(need.goods_seen) & _mask(model, category)
    offered = goods_on_offer(cell, model, t, visit, need)
    best, _ = pick_good(model, person, int(need.ordinal), own, -1, offered)
    need.good = best
    if need.first_good < 0:
        need.first_good = best
    write_seen(
        cell, t, who, c, int(model.ch[c].silo), need=int(need.ordinal), good=best,
        seen=_count(new), told=_count(page & told),
    )  # fmt: skip


@inner
def goods_on_offer(cell: Cell, model: Model, t: int, visit: Visit, need: Need) -> int:
    """Return the goods for which the person counts on the offer in hand here, a bit each.

    A cohort's first order uses none.
    """
    if model.offers.on == 0 or visit.sure == 1:
        return 0
    person = cell.person[int(visit.who)]
    take_best(cell, model, int(visit.who), t, int(visit.channel), int(visit.site), need)
    return counted_on(cell, model, person, t, int(visit.channel), int(visit.site), need)


@inner
def glance_at_goods(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> None:
    """Show the goods of a category at a visit without a need: one catches the eye."""
    who, c, category = int(visit.who), int(visit.channel), int(visit.category)
    if model.n_goods[category] == 0:
        return
    person = cell.person[who]
    told = _recommended(cell, model, plan, t, visit)
    page = goods_page(model, person, category, t, int(visit.family), int(visit.occasion), told)
    best, _ = pick_good(model, person, -1, page, -1, 0)
    visit.goods = 1 << best if best >= 0 else 0
    write_seen(
        cell, t, who, c, int(model.ch[c].silo), need=-1, good=best, seen=_count(page),
        told=_count(page & told),
    )  # fmt: skip


@inner
def _recommended(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> int:
    """Return the goods that a message led to, or the page puts first, as far as they are there."""
    told = int(visit.told)
    if plan.rules.page > 0:
        c = int(visit.channel)
        told |= ask_goods(cell, plan, int(visit.profile), int(model.ch[c].silo))
    return goods_there(model, t, told) if told != 0 else 0


@inner
def see_recommended(model: Model, t: int, need: Need, goods: int) -> None:
    """Let a message that was seen put goods into the consideration set of a need."""
    new = goods_there(model, t, goods) & ~int(need.goods_seen)
    need.goods_seen |= new
    need.goods_told |= new


@inner
def write_lines(cell: Cell, model: Model, t: int, visit: Visit, need: Need) -> None:
    """Write the lines of an order, the first one first."""
    lines, first = int(need.goods_lines), int(need.good)
    if lines == 0:
        return
    _write_line(cell, model, t, visit, need, first)
    for g in range(len(model.good)):
        if (lines >> g) & 1 == 1 and g != first:
            _write_line(cell, model, t, visit, need, g)


@inner
def _write_line(cell: Cell, model: Model, t: int, visit: Visit, need: Need, g: int) -> None:
    c, first = int(visit.channel), int(need.good)
    price = int(model.good[g].price)
    moved = 0
    if g == first:
        before = int(model.good[int(need.first_good)].price)
        moved = -1 if price < before else 1 if price > before else 0
    write_line(
        cell, t, int(visit.who), c, int(model.ch[c].silo), need=int(need.ordinal), good=g,
        price=price, told=(int(need.goods_told) >> g) & 1, is_first=1 if g == first else 0,
        moved=moved,
    )  # fmt: skip


@inner
def _mask(model: Model, category: int) -> int:
    return ((1 << int(model.n_goods[category])) - 1) << int(model.first_good[category])


@inner
def _count(goods: int) -> int:
    """Return how many goods a set has."""
    n = 0
    while goods != 0:
        goods &= goods - 1
        n += 1
    return n
