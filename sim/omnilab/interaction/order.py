"""An order: it closes one need, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import ORDERED
from omnilab.cell import queue
from omnilab.cell.emit import write_order
from omnilab.cell.queue import push
from omnilab.cell.room import ORDINAL_BITS, WAY_BITS
from omnilab.draws.philox import draw4
from omnilab.draws.streams import AFTER_ORDER, AFTER_ORDER_2
from omnilab.interaction.accounts import note_order, release_parts
from omnilab.interaction.delivery import send_off
from omnilab.interaction.failures import keep_name
from omnilab.interaction.goods import write_lines
from omnilab.interaction.identifiers import log_identifiers
from omnilab.interaction.interest import look_after_order
from omnilab.interaction.leaving import AFTER_ORDER as LEFT_AFTER_ORDER
from omnilab.interaction.leaving import become_customer, leave
from omnilab.interaction.offers import redeem
from omnilab.interaction.permission import sign_up_at_order
from omnilab.interaction.programme import counts, pays_from_balance, points_for
from omnilab.interaction.question import plan_question
from omnilab.interaction.stock import goods_go_back, sold
from omnilab.interaction.wall import (
    ask_serial,
    hear,
    tell_outcome,
    tell_points,
    tell_redemption,
    tell_visit,
)
from omnilab.interaction.word import plan_review, refer
from omnilab.kernels.compiling import inner
from omnilab.world.accounts import ALONE
from omnilab.world.attrition import counts_points
from omnilab.world.clock import later
from omnilab.world.continuity import needs_service
from omnilab.world.creation import borrow
from omnilab.world.fulfilment import return_chance
from omnilab.world.goods import margin_of_lines
from omnilab.world.identifiers import show
from omnilab.world.money import margin_cents, returned_at
from omnilab.world.needs import close
from omnilab.world.preference import is_pleased
from omnilab.world.questions import leads_to_question
from omnilab.world.recency import note_first_order
from omnilab.world.reference_price import pays_price
from omnilab.world.satisfaction import drops_out
from omnilab.world.tips import friend_told, tip_delay

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model

__all__ = ["order"]


@inner
def order(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int, discount: int
) -> None:
    """Close need ``index`` with an order; ``discount`` is what comes off, in cents."""
    who, c = int(visit.who), int(visit.channel)
    person = cell.person[who]
    need = cell.need[index]
    channel = model.ch[c]
    silo, category, ordinal = int(channel.silo), int(need.category), int(need.ordinal)
    cents = int(need.value)
    share = float(model.cat[category].margin)
    if model.goods.on == 1:
        share = margin_of_lines(model, category, int(need.goods_lines))
    margin = margin_cents(cents, discount, share, channel.commission)
    paid = cents - discount
    if visit.way >= 0:
        paid += visit.fee
        margin += visit.fee - model.way[int(visit.way)].cost
    used = model.offers.on == 0 and t <= person.offer_until
    coupon = 0  # the declared offer that it uses, from 1
    if model.offers.on == 1:
        coupon = int(person.coupon) if visit.redeems == 1 else 0
        margin -= redeem(cell, model, t, visit, ordinal)
    write_order(
        cell, t, who, c, silo, need=ordinal, cart_left=need.cart_left, paid=paid, margin=margin,
        discount=discount,
    )  # fmt: skip
    if model.goods.on == 1:
        write_lines(cell, model, t, visit, need)
        visit.goods = need.goods_lines
    way = int(visit.way)
    if model.stock.on == 1:
        sold(cell, model, t, visit, ordinal)
    joint, user = int(need.joint), int(need.user)
    if joint != ALONE:
        note_order(cell, t, who, user, ordinal)
    close(cell, person, index)
    if joint != ALONE:
        release_parts(cell, user, ordinal)
    note_first_order(model, person, t)
    person.purchases += 1
    person.last_order = t
    if model.attrition.on == 1 and person.purchases == 1:
        become_customer(cell, model, t, who)
    is_pleased(model, person, t)
    if model.reference_price.on == 1 and cents > 0:
        pays_price(model, person, 1.0 - discount / cents)
    cell.theme[who, category].bought_t = t
    borrow(cell, model, who, category, ordinal)
    if used:
        person.offer_until = -1
    _identify(cell, model, plan, t, visit)
    if model.referral.on == 1:
        refer(cell, model, plan, t, visit, ordinal)
    tell_outcome(cell, plan, t, visit, silo, (ORDERED, ordinal, category, paid))
    if coupon > 0:
        tell_redemption(cell, plan, t, int(visit.profile), silo, coupon)
    if plan.rules.card > 0:
        points = points_for(model, plan, visit, paid) - int(visit.points)
        tell_points(cell, plan, t, int(visit.profile), silo, points)
        if visit.profile >= 0:
            counts_points(model, person, points)
    if model.recovery.on == 1:
        keep_name(cell, model, visit)
    if model.rewarding.on == 1:
        counts(cell, model, plan, t, visit, ordinal, paid)
        pays_from_balance(cell, model, plan, t, visit, ordinal, paid)
    sign_up_at_order(cell, model, plan, t, visit, ordinal)
    if visit.way >= 0:
        send_off(cell, model, t, visit, ordinal)
    _follow(cell, model, t, who, c, category, ordinal, paid, margin, way)


@inner
def _identify(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> None:
    """Let the brand see what the order asks for: an address to confirm to, a card."""
    who, c, n = int(visit.who), int(visit.channel), int(visit.shown)
    family, occasion = int(visit.family), int(visit.occasion)
    m = show(cell, model, who, c, int(visit.on_device), t, family, occasion, n, 1)
    if m == n:
        return
    visit.shown = m
    visit.profile = tell_visit(cell, plan, t, c, m, -1)
    log_identifiers(cell, model, t, who, c, n, m, ask_serial(cell, int(visit.profile)))
    hear(cell, t)


@inner
def _follow(
    cell: Cell, model: Model, t: int, who: int, c: int, category: int, ordinal: int, paid: int,
    margin: int, way: int,
) -> None:  # fmt: skip
    """Draw what an order leads to: a return, a service contact, a friend's tip, the end."""
    person = cell.person[who]
    leaves, u, v, _ = draw4(model.key.k0, model.key.k1, AFTER_ORDER, person.entity, ordinal)
    if u < return_chance(model, category, way):
        packed = (paid << ORDINAL_BITS) | ordinal
        push(cell, returned_at(t), queue.RETURN, who, packed, (margin << WAY_BITS) | (way + 1))
        if model.stock.on == 1:
            goods_go_back(cell, t, who, ordinal)
    if model.questions.on == 1:
        if leads_to_question(model, v):
            plan_question(cell, model, t, who, ordinal)
    elif needs_service(model, v):
        push(cell, later(model, t, model.continuity.service_after), queue.SERVICE, who, ordinal, 0)
    u, v, x, _ = draw4(model.key.k0, model.key.k1, AFTER_ORDER_2, person.entity, ordinal)
    friend = friend_told(cell, model, t, who, u, v)
    if friend >= 0:
        at = later(model, t, tip_delay(x))
        push(cell, at, queue.TIP, friend, who, (category << 40) | ordinal)
    if model.reviews.written > 0.0:
        plan_review(cell, model, t, who, c, category, ordinal)
    if model.interest.after_order > 0.0:
        look_after_order(cell, model, t, who, ordinal, 0, t)
    if drops_out(person, leaves):
        leave(cell, t, who, LEFT_AFTER_ORDER)
