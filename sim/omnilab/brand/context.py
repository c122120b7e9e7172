"""Context by silo: cart, browsing, orders, points. Who may use it depends on the context choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.points import move_points, points_in
from omnilab.brand.programme import merge_tally, move_tally, period_of, spent_in, tier_by_spend
from omnilab.brand.sharing import ALL, HANDOFF
from omnilab.brand.state import Context
from omnilab.kernels.compiling import inner
from omnilab.kernels.free_list import free_list
from omnilab.kernels.record import starter

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = [
    "any_category",
    "balance_at_hand",
    "cart_at_hand",
    "context_of",
    "copy_context",
    "coupon_at_hand",
    "drop_contexts",
    "history_at_hand",
    "is_told",
    "last_answer",
    "last_order",
    "merge_contexts",
    "note_answer",
    "note_coupon",
    "note_question",
    "paid_at_hand",
    "points_at_hand",
    "question_at_hand",
    "sees",
    "tally_at_hand",
    "tier_at_hand",
]

CART: Final = 1
VIEWED: Final = 2
BOUGHT: Final = 3
NEVER_ORDERED: Final = -(1 << 60)

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
def cart_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, token: int) -> bool:
    """Tell whether a silo can show the cart (or what was looked at) of this token."""
    if profile < 0:
        return False
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i < 0 or not sees(plan, silo, s):
            continue
        if cell.context[i].cart_token == token or cell.context[i].view_token == token:
            return True
    return False


@inner
def coupon_at_hand(
    cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, number: int
) -> bool:
    """Tell whether a silo can see that declared offer ``number``, from 1, was sent."""
    if profile < 0:
        return False
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0 and sees(plan, silo, s) and (cell.context[i].coupons >> (number - 1)) & 1 == 1:
            return True
    return False


@inner
def note_coupon(cell: BrandCell, profile: int, silo: int, number: int) -> None:
    """Keep in a silo that declared offer ``number``, from 1, was sent to the profile."""
    cell.context[context_of(cell, profile, silo)].coupons |= 1 << (number - 1)


@inner
def history_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> bool:
    """Tell whether a silo can see at least one order of the profile."""
    if profile < 0:
        return False
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0 and sees(plan, silo, s) and cell.context[i].orders > 0:
            return True
    return False


@inner
def question_at_hand(
    cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, token: int
) -> bool:
    """Tell whether a silo can see the last contact about a question."""
    if profile < 0:
        return False
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0 and sees(plan, silo, s) and cell.context[i].asked_token == token:
            return True
    return False


@inner
def note_question(cell: BrandCell, profile: int, silo: int, t: int, token: int) -> None:
    """Keep that a question was asked in a silo, and when."""
    x = cell.context[context_of(cell, profile, silo)]
    x.asked_t = t
    x.asked_token = token


@inner
def last_unhappy(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Return when the profile last answered a survey badly, as far as a silo sees it, or -1."""
    last = -1
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0 and sees(plan, silo, s) and cell.context[i].unhappy_t > last:
            last = int(cell.context[i].unhappy_t)
    return last


@inner
def last_order(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Return when the profile last ordered, as far as a silo sees it; long ago if never."""
    last = NEVER_ORDERED
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0 and sees(plan, silo, s) and cell.context[i].order_t >= 0:
            last = max(last, int(cell.context[i].order_t))
    return last


@inner
def last_answer(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Return when the profile last opened or clicked a message, as far as a silo sees it, or -1."""
    last = -1
    if profile < 0:
        return last
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0 and sees(plan, silo, s) and cell.context[i].answer_t > last:
            last = int(cell.context[i].answer_t)
    return last


@inner
def note_answer(cell: BrandCell, profile: int, silo: int, t: int) -> None:
    """Keep when a silo's message to the profile was last opened or clicked."""
    i = int(cell.context_of[profile, silo])
    if i >= 0 and t > cell.context[i].answer_t:  # a silo that has sent has a context
        cell.context[i].answer_t = t


@inner
def points_at_hand(cell: BrandCell, plan: LoweredPlan, t: int, profile: int, silo: int) -> int:
    """Return the loyalty points that a silo can see at ``t``."""
    if profile < 0:
        return 0
    points = 0
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0 and sees(plan, silo, s):
            points += points_in(plan, cell.context[i], t)
    return points


@inner
def tally_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, k: int) -> int:
    """Return what a silo can see of a profile's purchases, or cents, towards target ``k``."""
    if profile < 0:
        return 0
    total = 0
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0 and sees(plan, silo, s):
            total += int(cell.context[i].tally[k])
    return total


@inner
def tier_at_hand(cell: BrandCell, plan: LoweredPlan, t: int, profile: int, silo: int) -> int:
    """Return the tier of a profile, from 1, as a silo sees it; 0 none, -1 where it sees no order.

    A silo that has never seen the profile pay anything does not know whether it is a member.
    """
    if profile < 0:
        return -1
    now, before, known = 0, 0, False
    period = period_of(plan, t)
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0 and sees(plan, silo, s):
            here, earlier = spent_in(cell.context[i], period)
            now += here
            before += earlier
            known = known or cell.context[i].spent_ever > 0
    return tier_by_spend(plan, now, before) if known else -1


@inner
def balance_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Return the cents that a silo can see on a profile's card or account."""
    if profile < 0:
        return 0
    total = 0
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0 and sees(plan, silo, s):
            total += int(cell.context[i].balance)
    return total


@inner
def paid_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Return what a silo can see that a profile has paid in all, cents."""
    total = 0
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i >= 0 and sees(plan, silo, s):
            total += int(cell.context[i].spent_ever)
    return total


@inner
def any_category(
    cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, what: int
) -> tuple[int, int]:
    """Return (category, token) of the latest cart, view or order that a silo can use, or -1s.

    Parameters
    ----------
    what
        1 the cart, 2 what was looked at, 3 what was bought.
    """
    best = -1
    category = -1
    token = -1
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i < 0 or not sees(plan, silo, s):
            continue
        x = cell.context[i]
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
