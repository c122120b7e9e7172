"""A visit: who the brand sees, what it has at hand, what the person does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.context import cart_at_hand, points_at_hand
from omnilab.brand.observe import CARTED, VIEWED, see_outcome, see_visit
from omnilab.cell.emit import drain, emit
from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_DEVICE
from omnilab.interaction.identifiers import log_identifiers
from omnilab.interaction.leaving import bad_experience
from omnilab.interaction.order import order
from omnilab.interaction.tape import tape_outcome, tape_visit
from omnilab.kernels.compiling import inlined, inner
from omnilab.log import rows
from omnilab.world.continuity import gives_up
from omnilab.world.identifiers import show
from omnilab.world.intent import is_ready, stimulate
from omnilab.world.money import completes, discount_cents
from omnilab.world.needs import EXPLORING, READY

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["arrive", "idle_visit", "need_visit"]


@inlined
def arrive(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    who: int,
    c: int,
    on_phone: bool,
    family: int,
    occasion: int,
    extra: int,
    carry: int,
) -> tuple[int, int]:
    """Let the brand see the person arrive; return (profile or -1, identifiers in ``cell.code``).

    ``extra`` is an identifier that the way here carried (a click), 0 none, from silo ``carry``.
    """
    n = 0
    if model.ch[c].n_shown > 0:
        n = show(cell, model, who, c, on_phone, t, family, occasion, 0, 0)
    if extra != 0:
        cell.code[n] = extra
        cell.carry[n] = carry
        n += 1
    if n == 0:
        return -1, 0
    tape_visit(cell, t, c, n)
    return see_visit(cell, plan, t, c, n), n


@inner
def _log_arrival(
    cell: Cell,
    model: Model,
    t: int,
    who: int,
    c: int,
    profile: int,
    n: int,
    need: int,
    cause: int,
    bits: int,
    cost: int,
) -> None:
    silo = int(model.ch[c].silo)
    emit(cell, t, who, rows.VISIT, c, silo, need, cause, bits, cost)
    if n > 0:
        serial = -1 if profile < 0 else int(cell.profile[profile].serial)
        log_identifiers(cell, model, t, who, c, 0, n, serial)
    drain(cell, t)


@inner
def on_phone(model: Model, person: Person, c: int, u: float) -> bool:
    """Tell whether the visit is made on the phone, where the channel can be used on both."""
    # Without a branch: neither can be predicted.
    return (model.ch[c].devices == 1) & (u < model.persona[person.persona].phone)


@inlined
def idle_visit(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    who: int,
    c: int,
    family: int,
    occasion: int,
    device: float,
    what: float,
    extra: int,
    carry: int,
    cause: int,
) -> None:
    """Look around without a need; two uniforms choose the device and what is looked at."""
    person = cell.person[who]
    phone = on_phone(model, person, c, device)
    profile, n = arrive(cell, model, plan, t, who, c, phone, family, occasion, extra, carry)
    _log_arrival(cell, model, t, who, c, profile, n, -1, cause, 0, 0)
    category = int(what * len(model.cat))
    emit(cell, t, who, rows.VIEW, c, int(model.ch[c].silo), -1, category, 0, 0)
    person.last_channel = c
    if profile >= 0:
        _tell(cell, model, plan, t, profile, c, VIEWED, -1, category, 0)


@inner
def _tell(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    profile: int,
    c: int,
    what: int,
    token: int,
    category: int,
    cents: int,
) -> None:
    silo = int(model.ch[c].silo)
    tape_outcome(cell, t, silo, what, token, category, cents)
    see_outcome(cell, plan, t, profile, silo, what, token, category, cents)
    drain(cell, t)


@inner
def need_visit(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    who: int,
    c: int,
    index: int,
    family: int,
    occasion: int,
    ready: float,
    complete: float,
    extra: int,
    carry: int,
    cause: int,
    cost: int,
    sure: bool,
) -> bool:
    """Go to channel ``c`` for need ``index``; return whether the need is still open after it.

    Parameters
    ----------
    family, occasion
        Address of the visit's draws: whose offspring it is.
    ready, complete
        Uniforms of the visit's course: whether the person chooses, and buys what was chosen.
    extra, carry
        Identifier that a click carried, and its silo.
    cause
        Message id that led here, or -1.
    cost
        Milli-cents of a paid click, 0 for none.
    sure
        The visit ends with the order whatever chance says (a cohort's first order).
    """
    person = cell.person[who]
    need = cell.need[index]
    k0, k1 = model.key.k0, model.key.k1
    device, give_up, annoyed, leaves = draw4(k0, k1, family + V_DEVICE, person.entity, occasion)
    phone = on_phone(model, person, c, device)
    profile, n = arrive(cell, model, plan, t, who, c, phone, family, occasion, extra, carry)
    silo = int(model.ch[c].silo)
    ordinal = int(need.ordinal)

    carried = need.progress > 0 and cart_at_hand(cell, plan, profile, silo, ordinal)
    bits = rows.RETURNING if need.visits > 0 else 0
    if need.progress > 0 and need.channel != c:
        bits |= rows.CARRY_NEEDED
        if carried:
            bits |= rows.CARRY_DONE
    if cost > 0:
        bits |= rows.PAID
    _log_arrival(cell, model, t, who, c, profile, n, ordinal, cause, bits, cost)
    person.last_channel = c
    need.visits += 1
    stock = stimulate(model, need, t, model.intent.visit_gain)
    had_cart = need.progress == 2

    if need.progress > 0 and not carried:
        steps = int(need.progress)
        gave_up = gives_up(model, steps, give_up)
        if gave_up:
            emit(cell, t, who, rows.GIVE_UP, c, silo, ordinal, steps, 0, 0)
        if annoyed < model.continuity.annoys and bad_experience(
            cell, model, t, who, rows.BAD_REPEAT, leaves
        ):
            return False
        need.progress = 0
        if gave_up and not sure:
            return True
    need.channel = c
    need.silo = silo
    category = int(need.category)
    emit(cell, t, who, rows.VIEW, c, silo, ordinal, category, 0, 0)
    wants = had_cart or sure or is_ready(model, person, stock, ready)
    if not wants or (model.ch[c].completes <= 0.0 and not sure):  # some places only show
        need.stage = EXPLORING
        need.progress = 1
        if profile >= 0:
            _tell(cell, model, plan, t, profile, c, VIEWED, ordinal, category, 0)
        return True
    need.stage = READY
    need.progress = 2
    value = int(need.value)
    emit(cell, t, who, rows.CART, c, silo, ordinal, value, 0, 0)
    card = 0
    worth = 0
    if model.offers.card > 0 and points_at_hand(cell, plan, profile, silo) >= model.offers.card:
        card = int(model.offers.card)
        worth = int(model.offers.card_worth)
    discount = discount_cents(person, t, value, worth)
    if sure or complete < completes(model, model.ch[c], phone, discount / value):
        order(
            cell, model, plan, t, who, c, index, profile, n, discount, card, phone, family, occasion
        )
        return False
    if need.cart_left == 0:
        emit(cell, t, who, rows.CART_LEFT, c, silo, ordinal, 0, 0, 0)
        need.cart_left = 1
    if profile >= 0:
        _tell(cell, model, plan, t, profile, c, CARTED, ordinal, category, value)
    return True
