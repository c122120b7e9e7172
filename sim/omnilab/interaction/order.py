"""An order: it closes one need, and what follows from it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.brand.observe import ORDERED, see_opt_in, see_outcome, see_points, see_visit
from omnilab.cell import queue
from omnilab.cell.emit import drain, emit
from omnilab.cell.queue import push
from omnilab.cell.room import ORDINAL_BITS
from omnilab.draws.philox import draw4
from omnilab.draws.streams import AFTER_ORDER, AFTER_ORDER_2, SIGN_UP
from omnilab.interaction.identifiers import log_identifiers
from omnilab.interaction.leaving import leave
from omnilab.interaction.tape import tape_opt_in, tape_outcome, tape_points, tape_visit
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.clock import later
from omnilab.world.identifiers import address_code, show
from omnilab.world.money import margin_cents
from omnilab.world.needs import close

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["order"]


@inner
def order(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    who: int,
    c: int,
    index: int,
    profile: int,
    n: int,
    discount: int,
    card: int,
    phone: bool,
    family: int,
    occasion: int,
) -> None:
    """Close need ``index`` with an order on channel ``c``.

    Parameters
    ----------
    profile, n
        The session's profile as the brand sees it (or -1), and how many identifiers of the
        visit are in ``cell.code``.
    discount
        Cents off, offers and loyalty together.
    card
        Loyalty points spent.
    phone, family, occasion
        Whether the visit is on the phone, and the address of its draws.
    """
    person = cell.person[who]
    need = cell.need[index]
    channel = model.ch[c]
    category = int(need.category)
    ordinal = int(need.ordinal)
    cents = int(need.value)
    flag = rows.ORDER_CART_LEFT if need.cart_left == 1 else 0
    margin = margin_cents(cents, discount, model.cat[category].margin, channel.commission)
    paid = cents - discount
    emit(cell, t, who, rows.ORDER, c, channel.silo, ordinal, paid, margin, discount | flag)
    close(cell, person, index)
    person.purchases += 1
    if t <= person.offer_until:
        person.offer_until = -1
    profile, n = _identify(cell, model, plan, t, who, c, profile, n, phone, family, occasion)
    if profile >= 0:
        tape_outcome(cell, t, int(channel.silo), ORDERED, ordinal, category, paid)
        see_outcome(cell, plan, t, profile, int(channel.silo), ORDERED, ordinal, category, paid)
        points = paid // 100 - card
        if model.offers.card > 0:
            tape_points(cell, t, int(channel.silo), points)
            see_points(cell, profile, int(channel.silo), points)
        drain(cell, t)
    _sign_up(cell, model, plan, t, who, c, ordinal, n if profile >= 0 else 0)
    _follow(cell, model, t, who, category, ordinal, paid, margin)


@inner
def _identify(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    who: int,
    c: int,
    profile: int,
    n: int,
    phone: bool,
    family: int,
    occasion: int,
) -> tuple[int, int]:
    """Let the brand see what the order asks for: an address to confirm to, a card."""
    m = show(cell, model, who, c, phone, t, family, occasion, n, 1)
    if m == n:
        return profile, n
    tape_visit(cell, t, c, m)
    profile = see_visit(cell, plan, t, c, m)
    log_identifiers(cell, model, t, who, c, n, m, int(cell.profile[profile].serial))
    drain(cell, t)
    return profile, m


@inner
def _follow(
    cell: Cell, model: Model, t: int, who: int, category: int, ordinal: int, paid: int, margin: int
) -> None:
    """Draw what an order leads to: a return, a service contact, a friend's tip, the end."""
    person = cell.person[who]
    leaves, u, v, _ = draw4(model.key.k0, model.key.k1, AFTER_ORDER, person.entity, ordinal)
    if u < model.cat[category].returns:
        push(cell, t + 10 * 86400, queue.RETURN, who, (paid << ORDINAL_BITS) | ordinal, margin)
    if v < model.continuity.service and model.continuity.service_channels > 0:
        push(cell, later(model, t, model.continuity.service_after), queue.SERVICE, who, ordinal, 0)
    u, v, x, _ = draw4(model.key.k0, model.key.k1, AFTER_ORDER_2, person.entity, ordinal)
    if u < model.tips.per_order and cell.meta.persons > 1:
        friend = int(v * (cell.meta.persons - 1))
        if friend >= who:
            friend += 1
        at = later(model, t, -math.log(x) * 172800.0)
        push(cell, at, queue.TIP, friend, who, (category << 40) | ordinal)
    if leaves < person.dropout:
        leave(cell, t, who, 1)


@inner
def _sign_up(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, c: int, ordinal: int, n: int
) -> None:
    """Give permissions at checkout that were not given before: a form, so a hand-off."""
    person = cell.person[who]
    for m in range(len(model.ch)):
        channel = model.ch[m]
        if channel.messages == 0 or channel.signs_up <= 0.0 or (person.consent >> m) & 1 == 1:
            continue
        if (person.reach >> m) & 1 == 0 or person.stopped == 1:
            continue
        u, _, _, _ = draw4(model.key.k0, model.key.k1, SIGN_UP, person.entity, (ordinal << 8) | m)
        if u < channel.signs_up:
            person.consent |= 1 << m
            emit(cell, t, who, rows.OPT_IN, m, channel.silo, 0, 0, 0, 0)
            code = address_code(model, person, who, int(channel.address), t)
            silo = int(model.ch[c].silo) if n > 0 else -1
            tape_opt_in(cell, t, m, silo, code, n)
            see_opt_in(cell, plan, t, m, silo, code, n)
            drain(cell, t)
