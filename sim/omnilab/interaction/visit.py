"""A visit: who the brand sees, what it has at hand, what the person does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import CARTED, VIEWED
from omnilab.cell.emit import write_cart, write_cart_left, write_give_up, write_view, write_visit
from omnilab.cell.visit import Visit
from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_DEVICE
from omnilab.interaction.identifiers import log_identifiers
from omnilab.interaction.leaving import bad_experience
from omnilab.interaction.order import order
from omnilab.interaction.permission import sign_up_at_visit
from omnilab.interaction.wall import (
    ask_cart,
    ask_points,
    ask_serial,
    hear,
    tell_outcome,
    tell_visit,
)
from omnilab.kernels.compiling import inlined, inner
from omnilab.kernels.record import starter
from omnilab.log import rows
from omnilab.world.continuity import gives_up
from omnilab.world.habit import novelty_of_repeat
from omnilab.world.identifiers import show
from omnilab.world.intent import is_ready, stimulate
from omnilab.world.money import completes, discount_cents
from omnilab.world.needs import EXPLORING, IN_CART, LOOKED_AT, NOT_BEGUN, READY

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.needs import Need
    from omnilab.world.state import Person

__all__ = ["arrive", "begin_visit", "idle_visit", "need_visit"]

start_visit = starter(Visit)

# How a person takes it that steps must be repeated
GOES_ON = 0
GIVES_UP = 1
LEAVES = 2


@inlined
def begin_visit(cell: Cell, who: int, family: int, occasion: int) -> Visit:
    """Return the record of a new visit of a person, whose draws have this address."""
    visit = cell.visit[0]
    start_visit(visit)
    visit.who = who
    visit.family = family
    visit.occasion = occasion
    return visit


@inlined
def arrive(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> None:
    """Show the visit's identifiers to the brand; it may know whose they are."""
    n = 0
    c = int(visit.channel)
    if model.ch[c].n_shown > 0 or model.identifiers.oracle == 1:
        n = show(
            cell, model, int(visit.who), c, visit.phone == 1, t, int(visit.family),
            int(visit.occasion), 0, 0,
        )  # fmt: skip
    if visit.extra != 0:
        cell.code[n] = visit.extra
        cell.carry[n] = visit.carry
        n += 1
    visit.shown = n
    visit.profile = tell_visit(cell, plan, t, c, n) if n > 0 else -1


@inner
def _log_arrival(cell: Cell, model: Model, t: int, visit: Visit, ordinal: int) -> None:
    """Write the rows of an arrival, then hear what the brand says to it."""
    who, c = int(visit.who), int(visit.channel)
    silo = int(model.ch[c].silo)
    write_visit(
        cell, t, who, c, silo, need=ordinal, cause=visit.cause, cost=visit.cost,
        returning=visit.returning, carry_needed=visit.carry_needed, carried=visit.carried,
        on_phone=visit.phone,
    )  # fmt: skip
    if visit.shown > 0:
        serial = ask_serial(cell, int(visit.profile))
        log_identifiers(cell, model, t, who, c, 0, int(visit.shown), serial)
    hear(cell, t)


@inner
def on_phone(model: Model, person: Person, c: int, u: float) -> bool:
    """Tell whether the visit is made on the phone, where the channel can be used on both."""
    # Without a branch: neither can be predicted.
    return (model.ch[c].devices == 1) & (u < model.persona[person.persona].phone)


@inlined
def idle_visit(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, device: float, what: float
) -> None:
    """Look around without a need; two uniforms choose the device and what is looked at."""
    who, c = int(visit.who), int(visit.channel)
    silo = int(model.ch[c].silo)
    person = cell.person[who]
    visit.phone = int(on_phone(model, person, c, device))
    arrive(cell, model, plan, t, visit)
    _log_arrival(cell, model, t, visit, -1)
    category = int(what * len(model.cat))
    write_view(cell, t, who, c, silo, need=-1, category=category)
    person.last_channel = c
    tell_outcome(cell, plan, t, int(visit.profile), silo, VIEWED, -1, category, 0)
    if model.response.forms == 1:
        sign_up_at_visit(cell, model, plan, t, visit)


@inner
def need_visit(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int
) -> bool:
    """Visit a channel for need ``index``; return whether the need is still open after it."""
    is_open = _visit_for(cell, model, plan, t, visit, index)
    if model.response.forms == 1:  # last of all: it may merge the visit's profile
        sign_up_at_visit(cell, model, plan, t, visit)
    return is_open


@inner
def _visit_for(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int
) -> bool:
    """Look, choose and perhaps buy; return whether the need is still open."""
    who, c = int(visit.who), int(visit.channel)
    person = cell.person[who]
    need = cell.need[index]
    family, occasion = int(visit.family), int(visit.occasion)
    device, patience, annoyed, leaves = draw4(
        model.key.k0, model.key.k1, family + V_DEVICE, person.entity, occasion
    )
    visit.phone = int(on_phone(model, person, c, device))
    arrive(cell, model, plan, t, visit)
    silo = int(model.ch[c].silo)
    carried = need.progress > 0 and ask_cart(cell, plan, int(visit.profile), silo, need.ordinal)
    _continue(visit, need, carried)
    _log_arrival(cell, model, t, visit, int(need.ordinal))
    person.last_channel = c
    need.visits += 1
    stock = stimulate(model, need, t, model.intent.visit_gain)
    had_cart = need.progress == IN_CART
    if need.progress > NOT_BEGUN and not carried:
        does = _repeat(cell, model, t, visit, index, patience, annoyed, leaves)
        if does != GOES_ON:
            return does == GIVES_UP
    need.channel = c
    need.silo = silo
    write_view(cell, t, who, c, silo, need=int(need.ordinal), category=int(need.category))
    wants = had_cart or visit.sure == 1 or is_ready(model, person, stock, visit.ready)
    if wants and (model.ch[c].completes > 0.0 or visit.sure == 1):  # some places only show
        return not _choose(cell, model, plan, t, visit, index)
    need.stage = EXPLORING
    need.progress = LOOKED_AT
    _tell_of(cell, plan, t, visit, need, VIEWED, 0)
    return True


@inner
def _continue(visit: Visit, need: Need, carried: bool) -> None:
    """Note how a visit follows the earlier ones for its need."""
    visit.returning = 1 if need.visits > 0 else 0
    if need.progress > NOT_BEGUN and need.channel != visit.channel:
        visit.carry_needed = 1
        visit.carried = 1 if carried else 0


@inner
def _repeat(
    cell: Cell,
    model: Model,
    t: int,
    visit: Visit,
    index: int,
    patience: float,
    annoyed: float,
    leaves: float,
) -> int:
    """Begin again, since nothing followed the person here; return how the person takes it.

    Three uniforms: whether the person gives up, is annoyed, and leaves the brand for that.
    """
    need = cell.need[index]
    who, c, steps = int(visit.who), int(visit.channel), int(need.progress)
    gave_up = gives_up(model, steps, patience)
    if gave_up:
        write_give_up(cell, t, who, c, int(model.ch[c].silo), need=int(need.ordinal), steps=steps)
    annoys = model.continuity.annoys * novelty_of_repeat(cell, model, who, c, t)
    if annoyed < annoys and bad_experience(cell, model, t, who, rows.BAD_REPEAT, leaves):
        return LEAVES
    need.progress = NOT_BEGUN
    return GIVES_UP if gave_up and visit.sure == 0 else GOES_ON


@inner
def _choose(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int) -> bool:
    """Put what is needed in the cart, and buy it or leave it there; return whether it is bought."""
    need = cell.need[index]
    who, c, silo = int(visit.who), int(visit.channel), int(need.silo)
    person = cell.person[who]
    need.stage = READY
    need.progress = IN_CART
    value = int(need.value)
    write_cart(cell, t, who, c, silo, need=int(need.ordinal), amount=value)
    worth = _use_card(cell, model, plan, t, visit, silo)
    discount = discount_cents(person, t, value, worth)
    phone = visit.phone == 1
    if visit.sure == 1 or visit.complete < completes(model, model.ch[c], phone, discount / value):
        order(cell, model, plan, t, visit, index, discount)
        return True
    if need.cart_left == 0:
        write_cart_left(cell, t, who, c, silo, need=int(need.ordinal))
        need.cart_left = 1
    _tell_of(cell, plan, t, visit, need, CARTED, value)
    return False


@inner
def _use_card(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, silo: int) -> int:
    """Let a full loyalty card count, where the place can see one; return its worth in cents."""
    full = int(plan.rules.card)
    if full <= 0 or ask_points(cell, plan, t, int(visit.profile), silo) < full:
        return 0
    visit.points = full
    return int(model.offers.card_worth)


@inner
def _tell_of(
    cell: Cell, plan: LoweredPlan, t: int, visit: Visit, need: Need, what: int, cents: int
) -> None:
    """Tell the brand what a visit for a need came to."""
    silo, ordinal, category = int(need.silo), int(need.ordinal), int(need.category)
    tell_outcome(cell, plan, t, int(visit.profile), silo, what, ordinal, category, cents)
