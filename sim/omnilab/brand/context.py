"""Context by silo: cart, browsing, orders, points. Who may use it depends on the context choice."""

from __future__ import annotations

from typing import Any, Final

from omnilab.brand.codes import ALL, HANDOFF
from omnilab.brand.state import MAX_SILOS, RING
from omnilab.kernels.compiling import inner

__all__ = [
    "any_category",
    "cart_at_hand",
    "context_of",
    "copy_context",
    "drop_contexts",
    "history_at_hand",
    "merge_contexts",
    "points_at_hand",
]

CART: Final = 1
VIEWED: Final = 2
BOUGHT: Final = 3


@inner
def context_of(C: Any, profile: int, silo: int) -> int:
    """Return the context of (profile, silo), made where there is none yet."""
    i = int(C.profile[profile].context[silo])
    if i >= 0:
        return i
    i = int(C.meta[0].free_context)
    if i >= 0:
        C.meta[0].free_context = C.context[i].next
    else:
        i = int(C.meta[0].contexts)
        C.meta[0].contexts = i + 1
        C.meta[0].grown = 1
    x = C.context[i]
    x.cart_t = -1
    x.cart_cents = 0
    x.view_t = -1
    x.order_t = -1
    x.points = 0
    x.cart_token = -1
    x.view_token = -1
    x.orders = 0
    x.next = -1
    x.cart_category = -1
    x.view_category = -1
    x.order_category = -1
    x.ring_at = 0
    for k in range(RING):
        x.ring[k] = -1
    C.profile[profile].context[silo] = i
    return i


@inner
def cart_at_hand(C: Any, P: Any, profile: int, silo: int, token: int) -> bool:
    """Tell whether a silo can show the cart (or what was looked at) of this token."""
    if profile < 0:
        return False
    for s in range(MAX_SILOS):
        i = int(C.profile[profile].context[s])
        if i < 0 or (s != silo and P.plan[0].context != ALL):
            continue
        if C.context[i].cart_token == token or C.context[i].view_token == token:
            return True
    return False


@inner
def history_at_hand(C: Any, P: Any, profile: int, silo: int) -> bool:
    """Tell whether a silo can see at least one order of the profile."""
    if profile < 0:
        return False
    for s in range(MAX_SILOS):
        i = int(C.profile[profile].context[s])
        if i >= 0 and (s == silo or P.plan[0].context == ALL) and C.context[i].orders > 0:
            return True
    return False


@inner
def points_at_hand(C: Any, P: Any, profile: int, silo: int) -> int:
    """Return the loyalty points that a silo can see."""
    if profile < 0:
        return 0
    points = 0
    for s in range(MAX_SILOS):
        i = int(C.profile[profile].context[s])
        if i >= 0 and (s == silo or P.plan[0].context == ALL):
            points += C.context[i].points
    return points


@inner
def any_category(C: Any, P: Any, profile: int, silo: int, what: int) -> tuple[int, int]:
    """Return (category, token) of the latest cart, view or order that a silo can use, or -1s.

    Parameters
    ----------
    what
        1 the cart, 2 what was looked at, 3 what was bought.
    """
    best = -1
    category = -1
    token = -1
    for s in range(MAX_SILOS):
        i = int(C.profile[profile].context[s])
        if i < 0 or (s != silo and P.plan[0].context != ALL):
            continue
        x = C.context[i]
        if what == CART and x.cart_t > best:
            best = x.cart_t
            category, token = int(x.cart_category), int(x.cart_token)
        elif what == VIEWED and x.view_t > best:
            best = x.view_t
            category = int(x.view_category)
        elif what == BOUGHT and x.order_t > best:
            best = x.order_t
            category = int(x.order_category)
    return category, token


@inner
def copy_context(C: Any, P: Any, profile: int, source: int, target: int) -> None:
    """Carry what one silo knows to another at a hand-off, where the context choice is `handoff`.

    Carts, views and orders are copied where newer; points move, so that none is spent twice.
    """
    if P.plan[0].context != HANDOFF or source == target or profile < 0:
        return
    i = int(C.profile[profile].context[source])
    if i < 0:
        return
    j = context_of(C, profile, target)
    _newer(C.context[j], C.context[i])
    if C.context[i].orders > C.context[j].orders:
        C.context[j].orders = C.context[i].orders
    C.context[j].points += C.context[i].points
    C.context[i].points = 0


@inner
def _newer(to: Any, of: Any) -> None:
    if of.cart_t > to.cart_t:
        to.cart_t = of.cart_t
        to.cart_token = of.cart_token
        to.cart_category = of.cart_category
        to.cart_cents = of.cart_cents
    if of.view_t > to.view_t:
        to.view_t = of.view_t
        to.view_category = of.view_category
        to.view_token = of.view_token
    if of.order_t > to.order_t:
        to.order_t = of.order_t
        to.order_category = of.order_category


@inner
def merge_contexts(C: Any, P: Any, a: int, b: int) -> None:
    """Give profile ``a`` the contexts of ``b``: moved, or combined where both have one."""
    for s in range(MAX_SILOS):
        i = int(C.profile[b].context[s])
        if i < 0:
            continue
        j = int(C.profile[a].context[s])
        if j < 0:
            C.profile[a].context[s] = i
            continue
        to, of = C.context[j], C.context[i]
        _newer(to, of)
        to.orders += of.orders
        to.points += of.points
        for k in range(RING):
            remember_send(to, int(of.ring[k]))
        of.next = C.meta[0].free_context
        C.meta[0].free_context = i


@inner
def remember_send(x: Any, t: int) -> None:
    """Keep the time of a send, in the place of the earliest kept if that is earlier.

    The ring is in order from ``ring_at``, the earliest, on.
    """
    place = int(x.ring_at)
    if t >= x.ring[(place - 1) & (RING - 1)]:
        x.ring[place] = t
        x.ring_at = (place + 1) & (RING - 1)
        return
    # Only profiles that merge bring sends out of order.
    if t <= x.ring[place]:
        return
    following = (place + 1) & (RING - 1)
    while x.ring[following] < t:
        x.ring[place] = x.ring[following]
        place = following
        following = (place + 1) & (RING - 1)
    x.ring[place] = t


@inner
def drop_contexts(C: Any, profile: int) -> None:
    """Free all contexts of a profile."""
    for s in range(MAX_SILOS):
        i = int(C.profile[profile].context[s])
        if i >= 0:
            C.context[i].next = C.meta[0].free_context
            C.meta[0].free_context = i
            C.profile[profile].context[s] = -1
