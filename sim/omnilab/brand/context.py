"""Context by silo: cart, browsing, orders, points. Who may use it depends on the context choice.

What a silo can make of the contexts that it sees, `omnilab.brand.at_hand` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.points import move_points
from omnilab.brand.programme import merge_tally, move_tally
from omnilab.brand.sharing import ALL, HANDOFF
from omnilab.brand.state import Context
from omnilab.kernels.compiling import inner
from omnilab.kernels.free_list import free_list
from omnilab.kernels.record import starter

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = [
    "context_of",
    "copy_context",
    "drop_contexts",
    "is_told",
    "merge_contexts",
    "note_act",
    "note_answer",
    "note_coupon",
    "note_question",
    "note_redemption",
    "remember_send",
    "seen",
    "sees",
]

take_context, give_context = free_list("context", "contexts")
start_context = starter(Context)


@inner
def sees(plan: LoweredPlan, silo: int, other: int) -> bool:
    """Tell whether a silo may see the context of another: its team's, or everybody's."""
    return plan.team[silo] == plan.team[other] or plan.rules.context == ALL


@inner
def is_told(plan: LoweredPlan, j: int, seen: int, silo: int) -> bool:
    """Tell whether a silo that sends for journey ``j`` is told what its copy was triggered by.

    The silos that saw the trigger know it; ``seen`` has a bit for each. Under `handoff` the silos
    of the journey's sequence hand category and cart on to each other. Under `all` every silo knows.
    """
    if seen == 0:
        return False
    if plan.rules.context == ALL or (seen >> silo) & 1 == 1:
        return True
    sequence = plan.journey[j].sequence
    along = (sequence >> silo) & 1 == 1 and sequence & seen != 0
    return plan.rules.context == HANDOFF and along


@inner
def context_of(cell: BrandCell, profile: int, silo: int) -> int:
    """Return the context of (profile, silo), made where there is none yet."""
    i = int(cell.context_of[profile, silo])
    if i >= 0:
        return i
    i = take_context(cell)
    start_context(cell.context[i])
    for k in range(cell.ring.shape[1]):
        cell.ring[i, k] = -1
    cell.context_of[profile, silo] = i
    return i


@inner
def seen(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, other: int) -> int:
    """Return the context of (profile, other silo) where a silo may see it, else -1."""
    if profile < 0:
        return -1
    i = int(cell.context_of[profile, other])
    return i if i >= 0 and sees(plan, silo, other) else -1


@inner
def note_coupon(cell: BrandCell, profile: int, silo: int, number: int) -> None:
    """Keep in a silo that declared offer ``number``, from 1, was sent to the profile."""
    cell.context[context_of(cell, profile, silo)].coupons |= 1 << (number - 1)


@inner
def note_redemption(
    cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, number: int
) -> None:
    """Keep in a silo that an order there used declared offer ``number``, from 1.

    Only `decide` is ever told, so nothing is kept where it is not asked.
    """
    if plan.rules.decides == 1:
        cell.context[context_of(cell, profile, silo)].redeemed |= 1 << (number - 1)


@inner
def note_act(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, kind: int) -> None:
    """Keep in a silo that the profile has done an act; likewise for `decide` alone."""
    if plan.rules.decides == 1:
        cell.context[context_of(cell, profile, silo)].acts |= 1 << kind


@inner
def note_question(cell: BrandCell, profile: int, silo: int, t: int, token: int) -> None:
    """Keep that a question was asked in a silo, and when."""
    x = cell.context[context_of(cell, profile, silo)]
    x.asked_t = t
    x.asked_token = token


@inner
def note_answer(cell: BrandCell, profile: int, silo: int, t: int) -> None:
    """Keep when a silo's message to the profile was last opened or clicked."""
    i = int(cell.context_of[profile, silo])
    if i >= 0 and t > cell.context[i].answer_t:  # a silo that has sent has a context
        cell.context[i].answer_t = t


@inner
def copy_context(
    cell: BrandCell, plan: LoweredPlan, profile: int, source: int, target: int
) -> None:
    """Carry what one silo knows to another at a hand-off, where the context choice is `handoff`.

    Carts, views and orders are copied where newer; points move, so that none is spent twice.
    """
    if plan.rules.context != HANDOFF or sees(plan, source, target) or profile < 0:
        return
    i = int(cell.context_of[profile, source])
    if i < 0:
        return
    j = context_of(cell, profile, target)
    _newer(cell.context[j], cell.context[i])
    if cell.context[i].orders > cell.context[j].orders:
        cell.context[j].orders = cell.context[i].orders
    move_points(cell.context[j], cell.context[i])
    if plan.rules.programme == 1:
        move_tally(cell.context[j], cell.context[i])


@inner
def _newer(to: Context, of: Context) -> None:
    if of.cart_t > to.cart_t:
        to.cart_t = of.cart_t
        to.cart_token = of.cart_token
        to.cart_category = of.cart_category
        to.cart_cents = of.cart_cents
    if of.view_t > to.view_t:
        to.view_t = of.view_t
        to.view_category = of.view_category
        to.view_token = of.view_token
    if max(of.view_t, of.cart_t) >= max(to.view_t, to.cart_t) and of.last_viewed != 0:
        to.last_viewed = of.last_viewed
    to.viewed |= of.viewed
    to.bought |= of.bought
    if of.order_t > to.order_t:
        to.order_t = of.order_t
        to.order_category = of.order_category
        to.last_bought = of.last_bought
    to.coupons |= of.coupons
    to.redeemed |= of.redeemed
    to.acts |= of.acts
    if of.asked_t > to.asked_t:
        to.asked_t = of.asked_t
        to.asked_token = of.asked_token
    if of.searched_t > to.searched_t:
        to.searched_t = of.searched_t
        to.searched_category = of.searched_category
    to.searched |= of.searched
    if of.reviewed_t > to.reviewed_t:
        to.reviewed_t = of.reviewed_t
        to.stars = of.stars
    if of.unhappy_t > to.unhappy_t:
        to.unhappy_t = of.unhappy_t
    if of.answer_t > to.answer_t:
        to.answer_t = of.answer_t
    if of.given_t > to.given_t:
        to.given_t = of.given_t
        to.given = of.given


@inner
def merge_contexts(cell: BrandCell, plan: LoweredPlan, a: int, b: int) -> None:
    """Give profile ``a`` the contexts of ``b``: moved, or combined where both have one."""
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[b, s])
        if i < 0:
            continue
        j = int(cell.context_of[a, s])
        if j < 0:
            cell.context_of[a, s] = i
            continue
        to, of = cell.context[j], cell.context[i]
        _newer(to, of)
        to.orders += of.orders
        move_points(to, of)
        if plan.rules.programme == 1:
            merge_tally(to, of)
        for k in range(cell.ring.shape[1]):
            remember_send(cell, j, int(cell.ring[i, k]))
        give_context(cell, i)


@inner
def remember_send(cell: BrandCell, index: int, t: int) -> None:
    """Keep the time of a send of a context, in the place of the earliest kept if that is earlier.

    The ring is in order from ``ring_at``, the earliest, on.
    """
    ring = cell.ring[index]
    size = len(ring)
    x = cell.context[index]
    place = int(x.ring_at)
    if t >= ring[_place(place - 1, size)]:
        ring[place] = t
        x.ring_at = _place(place + 1, size)
        return
    # Only profiles that merge bring sends out of order.
    if t <= ring[place]:
        return
    following = _place(place + 1, size)
    while ring[following] < t:
        ring[place] = ring[following]
        place = following
        following = _place(place + 1, size)
    ring[place] = t


@inner
def _place(place: int, size: int) -> int:
    """Return a place of a ring for one that may lie one before its first or behind its last."""
    if place < 0:
        return size - 1
    return 0 if place == size else place


@inner
def drop_contexts(cell: BrandCell, profile: int) -> None:
    """Free all contexts of a profile."""
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0:
            give_context(cell, i)
            cell.context_of[profile, s] = -1
