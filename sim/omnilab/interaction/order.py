"""An order: it closes one need, and what follows from it."""

from __future__ import annotations

import math
from typing import Any

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

__all__ = ["order"]


@inner
def order(
    C: Any, M: Any, P: Any, t: int, who: int, c: int, index: int, profile: int, n: int,
    discount: int, card: int, phone: bool, family: int, occasion: int,
) -> None:  # fmt: skip
    """Close need ``index`` with an order on channel ``c``.

    Parameters
    ----------
    profile, n
        The session's profile as the brand sees it (or -1), and how many identifiers of the
        visit are in ``C.code``.
    discount
        Cents off, offers and loyalty together.
    card
        Loyalty points spent.
    phone, family, occasion
        Whether the visit is on the phone, and the address of its draws.
    """
    person = C.person[who]
    need = C.need[index]
    channel = M.ch[c]
    category = int(need.category)
    ordinal = int(need.ordinal)
    cents = int(need.value)
    flag = rows.ORDER_CART_LEFT if need.cart_left == 1 else 0
    margin = margin_cents(cents, discount, M.cat[category].margin, channel.commission)
    paid = cents - discount
    emit(C, t, who, rows.ORDER, c, channel.silo, ordinal, paid, margin, discount | flag)
    close(C, person, index)
    need.next = C.meta[0].free_need
    C.meta[0].free_need = index
    person.purchases += 1
    if t <= person.offer_until:
        person.offer_until = -1
    profile, n = _identify(C, M, P, t, who, c, profile, n, phone, family, occasion)
    if profile >= 0:
        tape_outcome(C, t, int(channel.silo), ORDERED, ordinal, category, paid)
        see_outcome(C, P, t, profile, int(channel.silo), ORDERED, ordinal, category, paid)
        points = paid // 100 - card
        if M.w[0].card > 0:
            tape_points(C, t, int(channel.silo), points)
            see_points(C, profile, int(channel.silo), points)
        drain(C, t)
    _sign_up(C, M, P, t, who, c, ordinal, n if profile >= 0 else 0)
    _follow(C, M, t, who, category, ordinal, paid, margin)


@inner
def _identify(
    C: Any, M: Any, P: Any, t: int, who: int, c: int, profile: int, n: int, phone: bool,
    family: int, occasion: int,
) -> tuple[int, int]:  # fmt: skip
    """Let the brand see what the order asks for: an address to confirm to, a card."""
    m = show(C, M, who, c, phone, t, family, occasion, n, 1)
    if m == n:
        return profile, n
    tape_visit(C, t, c, m)
    profile = see_visit(C, P, t, c, m)
    log_identifiers(C, M, t, who, c, n, m, int(C.profile[profile].serial))
    drain(C, t)
    return profile, m


@inner
def _follow(
    C: Any, M: Any, t: int, who: int, category: int, ordinal: int, paid: int, margin: int
) -> None:
    """Draw what an order leads to: a return, a service contact, a friend's tip, the end."""
    person = C.person[who]
    leaves, u, v, _ = draw4(M.k[0], M.k[1], AFTER_ORDER, person.entity, ordinal)
    if u < M.cat[category].returns:
        push(C, t + 10 * 86400, queue.RETURN, who, (paid << ORDINAL_BITS) | ordinal, margin)
    if v < M.w[0].service and M.w[0].service_channels > 0:
        push(C, later(M, t, M.w[0].service_after), queue.SERVICE, who, ordinal, 0)
    u, v, x, _ = draw4(M.k[0], M.k[1], AFTER_ORDER_2, person.entity, ordinal)
    if u < M.w[0].tips and C.meta[0].persons > 1:
        friend = int(v * (C.meta[0].persons - 1))
        if friend >= who:
            friend += 1
        at = later(M, t, -math.log(x) * 172800.0)
        push(C, at, queue.TIP, friend, who, (category << 40) | ordinal)
    if leaves < person.dropout:
        leave(C, t, who, 1)


@inner
def _sign_up(C: Any, M: Any, P: Any, t: int, who: int, c: int, ordinal: int, n: int) -> None:
    """Give permissions at checkout that were not given before: a form, so a hand-off."""
    person = C.person[who]
    for m in range(len(M.ch)):
        channel = M.ch[m]
        if channel.messages == 0 or channel.signs_up <= 0.0 or (person.consent >> m) & 1 == 1:
            continue
        if (person.reach >> m) & 1 == 0 or person.stopped == 1:
            continue
        u, _, _, _ = draw4(M.k[0], M.k[1], SIGN_UP, person.entity, (ordinal << 8) | m)
        if u < channel.signs_up:
            person.consent |= 1 << m
            emit(C, t, who, rows.OPT_IN, m, channel.silo, 0, 0, 0, 0)
            code = address_code(M, person, who, int(channel.address), t)
            silo = int(M.ch[c].silo) if n > 0 else -1
            tape_opt_in(C, t, m, silo, code, n)
            see_opt_in(C, P, t, m, silo, code, n)
            drain(C, t)
