"""What the brand knows of goods: those that a profile looked at and bought, by silo.

A set of goods is one number, a bit each. Whose sets a silo may see depends on the context choice
(`omnilab.brand.context.seen`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.codes import ARRIVED, E_BROWSE, E_CART, LAST_BOUGHT, LAST_VIEWED
from omnilab.brand.context import is_told, seen
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import Arrival, LoweredPlan
    from omnilab.brand.state import BrandCell, Context

__all__ = ["goods_at_hand", "goods_shown", "note_goods", "who_knows"]

VIEWED: Final = 1  # what of goods a silo has seen; a bit each
BOUGHT: Final = 2


@inner
def note_goods(cell: BrandCell, context: Context, event: int) -> None:
    """Keep the goods of what a visit came to, which are in ``cell.meta.goods``."""
    goods = int(cell.meta.goods)
    if goods == 0:
        return
    if event == E_BROWSE or event == E_CART:
        context.viewed |= goods
        context.last_viewed = goods
    else:
        context.bought |= goods
        context.last_bought = goods


@inner
def goods_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, what: int) -> int:
    """Return the goods that a silo can see a profile to have viewed (1) or bought (2)."""
    goods = 0
    for s in range(cell.context_of.shape[1]):
        i = seen(cell, plan, profile, silo, s)
        if i >= 0:
            goods |= int(cell.context[i].viewed if what == VIEWED else cell.context[i].bought)
    return goods


@inner
def _last_goods(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, what: int) -> int:
    """Return the goods that a profile viewed (1) or bought (2) last, as far as a silo sees it."""
    goods, last = 0, -1
    for s in range(cell.context_of.shape[1]):
        i = seen(cell, plan, profile, silo, s)
        if i < 0:
            continue
        x = cell.context[i]
        if what == BOUGHT and x.last_bought != 0 and x.order_t > last:
            last, goods = int(x.order_t), int(x.last_bought)
        elif what == VIEWED and x.last_viewed != 0 and max(x.view_t, x.cart_t) > last:
            last, goods = int(max(x.view_t, x.cart_t)), int(x.last_viewed)
    return goods


@inner
def who_knows(cell: BrandCell, plan: LoweredPlan, profile: int, arrival: Arrival) -> int:
    """Return the silos that have seen a profile look at or buy goods like those that arrive."""
    seen = 0
    alike = int(arrival.alike)
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i < 0:
            continue
        knows = 0
        if arrival.knows & VIEWED != 0:
            knows |= int(cell.context[i].viewed)
        if arrival.knows & BOUGHT != 0:
            knows |= int(cell.context[i].bought)
        if knows & alike != 0:
            seen |= int(plan.mates[s])
    return seen


@inner
def goods_shown(cell: BrandCell, plan: LoweredPlan, i: int) -> int:
    """Return the goods that the message of copy ``i`` shows, a bit each.

    Those that the strategy chose; else those that the step asks for, as far as the silo that sends
    may know of them. What has arrived the brand knows anyway.
    """
    copy = cell.copy[i]
    if copy.recommends != 0:
        return int(copy.recommends)
    j, silo = int(copy.journey), int(copy.last_silo)
    what = int(plan.step[j, int(copy.step)].recommends)
    if what == ARRIVED:
        return int(copy.goods)
    if what == LAST_VIEWED and copy.goods != 0 and is_told(plan, j, int(copy.seen), silo):
        return int(copy.goods)  # what its trigger was about
    if what == LAST_VIEWED:
        return _last_goods(cell, plan, int(copy.profile), silo, VIEWED)
    if what == LAST_BOUGHT:
        return _last_goods(cell, plan, int(copy.profile), silo, BOUGHT)
    return 0
