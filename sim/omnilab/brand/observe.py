"""What the brand takes in: visits, what came of them, receipts, permissions.

These few functions are the whole way from the world to the brand. The engine calls them live,
and again with the burn-in's tape when a strategy takes over.
"""

from __future__ import annotations

from typing import Any

from omnilab.brand.codes import ALL, E_BROWSE, E_CART, E_CLICK, E_OPEN, E_ORDER, E_SIGNUP, E_VISIT
from omnilab.brand.context import context_of, copy_context
from omnilab.brand.journeys import see_event
from omnilab.brand.journeys import see_receipt as see_copy_receipt
from omnilab.brand.policy import record_send
from omnilab.brand.profiles import find_node, known, link_visit
from omnilab.brand.state import MAX_SILOS
from omnilab.cascade.rules import CLICKED, OPENED
from omnilab.kernels.compiling import inner

__all__ = [
    "see_bounce",
    "see_opt_in",
    "see_outcome",
    "see_receipt",
    "see_send",
    "see_stop_all",
    "see_visit",
]

VIEWED = 1
CARTED = 2
ORDERED = 3


@inner
def see_visit(C: Any, P: Any, t: int, channel: int, n: int) -> int:
    """Take in a visit that shows the ``n`` identifiers in ``C.code``; return the profile or -1."""
    silo = int(P.silo[channel])
    profile = link_visit(C, P, t, silo, n)
    if profile < 0:
        return -1
    for i in range(n):
        if C.carry[i] >= 0:
            copy_context(C, P, profile, int(C.carry[i]), silo)
    C.profile[profile].last_channel = channel
    see_event(C, P, t, profile, silo, E_VISIT, -1, -1)
    return profile


@inner
def see_outcome(
    C: Any,
    P: Any,
    t: int,
    profile: int,
    silo: int,
    what: int,
    token: int,
    category: int,
    cents: int,
) -> None:
    """Take in what a visit came to: 1 looked, 2 put in the cart, 3 ordered."""
    x = C.context[context_of(C, profile, silo)]
    if what == VIEWED:
        x.view_t = t
        x.view_category = category
        x.view_token = token
        see_event(C, P, t, profile, silo, E_BROWSE, token, category)
        return
    if what == CARTED:
        x.cart_t = t
        x.cart_token = token
        x.cart_category = category
        x.cart_cents = cents
        see_event(C, P, t, profile, silo, E_CART, token, category)
        return
    x.order_t = t
    x.order_category = category
    x.orders += 1
    _empty_cart(C, P, profile, silo, token)
    see_event(C, P, t, profile, silo, E_ORDER, token, category)


@inner
def _empty_cart(C: Any, P: Any, profile: int, silo: int, token: int) -> None:
    for s in range(MAX_SILOS):
        i = int(C.profile[profile].context[s])
        if i >= 0 and (s == silo or P.plan[0].context == ALL) and C.context[i].cart_token == token:
            C.context[i].cart_t = -1
            C.context[i].cart_token = -1


@inner
def see_points(C: Any, profile: int, silo: int, points: int) -> None:
    """Book loyalty points earned (or spent, where negative) in a silo."""
    C.context[context_of(C, profile, silo)].points += points


@inner
def see_send(C: Any, P: Any, t: int, channel: int, code: int) -> None:
    """Book a send, on the profile that holds the address now."""
    silo = int(P.silo[channel])
    profile = known(C, P, code, silo)
    if profile >= 0:
        record_send(C, profile, silo, channel, t)


@inner
def see_receipt(
    C: Any, P: Any, t: int, channel: int, code: int, status: int, copy: int, serial: int,
    message: int,
) -> None:  # fmt: skip
    """Take in a receipt: for the copy that sent (if it still runs), then for the profile."""
    if copy >= 0 and C.copy[copy].state != 0 and C.copy[copy].serial == serial:
        see_copy_receipt(C, P, t, copy, message, status)
    if status < OPENED:
        return
    silo = int(P.silo[channel])
    profile = known(C, P, code, silo)
    if profile < 0:
        return
    if status == OPENED:
        C.profile[profile].answered[channel] += 1
        see_event(C, P, t, profile, silo, E_OPEN, -1, -1)
    elif status == CLICKED:
        C.profile[profile].answered[channel] += 1
        see_event(C, P, t, profile, silo, E_CLICK, -1, -1)


@inner
def see_stop_all(C: Any, P: Any, channel: int, code: int) -> None:
    """Note in the channel's silo that the person behind an address wants no messages at all."""
    silo = int(P.silo[channel])
    profile = known(C, P, code, silo)
    if profile >= 0:
        C.profile[profile].stopped |= 1 << silo


@inner
def see_bounce(C: Any, P: Any, channel: int, code: int) -> None:
    """Take an address that bounced for good off the channel's silo's list."""
    i = find_node(C, code, -1 if P.plan[0].identity == ALL else int(P.silo[channel]))
    if i >= 0:
        C.node[i].dead = 1


@inner
def see_opt_in(C: Any, P: Any, t: int, channel: int, visit_silo: int, code: int, n: int) -> int:
    """Take in a permission: the channel's silo gets the address.

    Given during a visit (``visit_silo`` >= 0, its ``n`` identifiers still in ``C.code``) it is a
    hand-off from that silo. Return the profile that holds the address.
    """
    silo = int(P.silo[channel])
    if visit_silo >= 0:
        C.code[n] = code
        C.carry[n] = silo
        n += 1
        profile = link_visit(C, P, t, visit_silo, n)
        if profile >= 0:
            copy_context(C, P, profile, visit_silo, silo)
    profile = known(C, P, code, silo)
    if profile < 0:
        C.code[0] = code
        C.carry[0] = -1
        profile = link_visit(C, P, t, silo, 1)
    see_event(C, P, t, profile, silo, E_SIGNUP, -1, -1)
    return profile
