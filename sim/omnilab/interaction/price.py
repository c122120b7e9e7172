"""The price of a cart: what comes off it, and what a person knows of that while it still looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.interaction.offers import settle_offer
from omnilab.interaction.wall import ask_points
from omnilab.kernels.compiling import inner
from omnilab.world.money import discount_cents
from omnilab.world.offer_bounds import acts_on, is_bound_to_goods
from omnilab.world.offers import holds, money_off, sensitivity_of, wants_to_use, worth_of_offer
from omnilab.world.referral import referral_off
from omnilab.world.wallet import take_best

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model
    from omnilab.world.needs import Need

__all__ = ["price_at_hand", "reduced", "taken_off"]


@inner
def reduced(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, need: Need
) -> tuple[int, float]:
    """Return what comes off the cart, in cents, and what it weighs, as a share of the value.

    The share is that of all that is worth something to the person, by the person's sensitivity.
    """
    person, value = cell.person[int(visit.who)], int(need.value)
    if model.offers.on == 0:
        worth = taken_off(cell, model, plan, t, visit, int(need.silo), value)
        discount = discount_cents(person, t, value, worth)
        return discount, discount / value
    take_best(cell, model, int(visit.who), t, int(visit.channel), int(visit.site), need)
    offered = settle_offer(cell, model, plan, t, visit, need)  # it may show who is there
    worth = taken_off(cell, model, plan, t, visit, int(need.silo), value)
    discount = min(worth + int(visit.off), value)
    gift = offered - int(visit.off) if visit.redeems == 1 else 0
    return discount, (discount + gift) / value * sensitivity_of(model, person)


@inner
def taken_off(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, silo: int, value: int
) -> int:
    """Return what a full card, a referral's reward and a tier take off an order, in cents.

    A full loyalty card then counts as used, where the place can see one.
    """
    if _card_is_full(cell, plan, t, visit, silo):
        visit.points = plan.rules.card
    return _off_here(cell, model, plan, t, visit, silo, value)


@inner
def price_at_hand(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, need: Need
) -> float:
    """Return what a person who looks for a need would pay here, as a share of the usual price.

    That a code will not be known is not known yet.
    """
    person, value = cell.person[int(visit.who)], int(need.value)
    off = _off_here(cell, model, plan, t, visit, int(need.silo), value)
    if visit.sure == 1 or value <= 0:
        return 1.0
    take_best(cell, model, int(visit.who), t, int(visit.channel), int(visit.site), need)
    if model.offers.on == 0:
        off = discount_cents(person, t, value, off)
    elif holds(model, person, t, int(need.category), int(visit.channel), value):
        off += _off_by_offer(cell, model, visit, need)
    return 1.0 - min(off, value) / value


@inner
def _off_by_offer(cell: Cell, model: Model, visit: Visit, need: Need) -> int:
    """Return what the offer in hand would take off a need's value here, if the person uses it.

    Where it is bound to goods, it is the same part of the value as it is of the cart, and before
    there is a cart of the good that is liked best.
    """
    person, value = cell.person[int(visit.who)], int(need.value)
    lines, whole = int(need.goods_lines), value
    bound = is_bound_to_goods(model, person)
    if bound and lines == 0 and need.good >= 0:
        lines, whole = 1 << int(need.good), int(model.good[int(need.good)].price)
    base = acts_on(cell, model, person, int(visit.site), lines, whole)
    if base < 0:
        return 0
    worth = worth_of_offer(model, person, base)
    if not wants_to_use(model, person, int(need.ordinal), worth):
        return 0
    off = money_off(model, person, base)
    return int(off * value / whole) if bound else off


@inner
def _off_here(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, silo: int, value: int
) -> int:
    worth = int(model.offers.card_worth) if _card_is_full(cell, plan, t, visit, silo) else 0
    if model.referral.on == 1:
        worth += referral_off(model, cell.person[int(visit.who)], t)
    if visit.tier > 0:
        worth += int(value * model.tier[int(visit.tier) - 1].off + 0.5)
    return worth


@inner
def _card_is_full(cell: Cell, plan: LoweredPlan, t: int, visit: Visit, silo: int) -> bool:
    full = int(plan.rules.card)
    return full > 0 and ask_points(cell, plan, t, int(visit.profile), silo) >= full
