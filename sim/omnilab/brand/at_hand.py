"""What a silo has at hand of a profile: what the contexts that it sees say together.

`omnilab.brand.context.seen` says which contexts these are. Here stands what a silo can ask of them,
and one loop over them for each sort of answer: whether something is there, when it last was, and
how much of it there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.context import seen
from omnilab.brand.points import points_in
from omnilab.brand.programme import period_of, spent_in, tier_by_spend
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell, Context

__all__ = [
    "any_category",
    "balance_at_hand",
    "cart_at_hand",
    "coupon_at_hand",
    "history_at_hand",
    "last_answer",
    "last_order",
    "last_unhappy",
    "orders_at_hand",
    "paid_at_hand",
    "points_at_hand",
    "question_at_hand",
    "tally_at_hand",
    "tier_at_hand",
]

CART: Final = 1
VIEWED: Final = 2
BOUGHT: Final = 3
NEVER_ORDERED: Final = -(1 << 60)

# What is asked of each context
HAS_CART: Final = 1
HAS_COUPON: Final = 2
HAS_QUESTION: Final = 3
HAS_ORDER: Final = 4
LAST_ORDER: Final = 1
LAST_UNHAPPY: Final = 2
LAST_ANSWER: Final = 3
IN_POINTS: Final = -1  # below 0: targets are counted from 0
IN_BALANCE: Final = -2
IN_ALL: Final = -3
IN_PERIOD: Final = -4
IN_PERIOD_BEFORE: Final = -5
IN_ORDERS: Final = -6


# --- Whether a silo can see something ------------------------------------------------------------


@inner
def _some(
    cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, what: int, number: int
) -> bool:
    """Tell whether a context that a silo sees has ``what``, one of HAS_*, of a number."""
    for s in range(cell.context_of.shape[1]):
        i = seen(cell, plan, profile, silo, s)
        if i >= 0 and _has(cell.context[i], what, number):
            return True
    return False


@inner
def _has(x: Context, what: int, number: int) -> bool:
    """Tell whether a context has one of HAS_*."""
    if what == HAS_CART:
        return x.cart_token == number or x.view_token == number
    if what == HAS_COUPON:
        return (x.coupons >> (number - 1)) & 1 == 1
    if what == HAS_QUESTION:
        return x.asked_token == number
    return x.orders > 0


@inner
def cart_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, token: int) -> bool:
    """Tell whether a silo can show the cart (or what was looked at) of this token."""
    return _some(cell, plan, profile, silo, HAS_CART, token)


@inner
def coupon_at_hand(
    cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, number: int
) -> bool:
    """Tell whether a silo can see that declared offer ``number``, from 1, was sent."""
    return _some(cell, plan, profile, silo, HAS_COUPON, number)


@inner
def history_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> bool:
    """Tell whether a silo can see at least one order of the profile."""
    return _some(cell, plan, profile, silo, HAS_ORDER, 0)


@inner
def question_at_hand(
    cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, token: int
) -> bool:
    """Tell whether a silo can see the last contact about a question."""
    return _some(cell, plan, profile, silo, HAS_QUESTION, token)


# --- When something last was, as far as a silo sees it -------------------------------------------


@inner
def _latest(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, what: int) -> int:
    """Return the latest time of ``what``, one of LAST_*, in contexts that a silo sees, or -1."""
    last = -1
    for s in range(cell.context_of.shape[1]):
        i = seen(cell, plan, profile, silo, s)
        if i >= 0:
            last = max(last, _time_of(cell.context[i], what))
    return last


@inner
def _time_of(x: Context, what: int) -> int:
    """Return when one of LAST_* was in a context, below 0 where it never was."""
    if what == LAST_ORDER:
        return int(x.order_t)
    if what == LAST_UNHAPPY:
        return int(x.unhappy_t)
    return int(x.answer_t)


@inner
def last_unhappy(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Return when the profile last answered a survey badly, as far as a silo sees it, or -1."""
    return _latest(cell, plan, profile, silo, LAST_UNHAPPY)


@inner
def last_order(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Return when the profile last ordered, as far as a silo sees it; long ago if never."""
    last = _latest(cell, plan, profile, silo, LAST_ORDER)
    return last if last >= 0 else NEVER_ORDERED


@inner
def last_answer(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Return when the profile last opened or clicked a message, as far as a silo sees it, or -1."""
    return _latest(cell, plan, profile, silo, LAST_ANSWER)


# --- What a silo can see of what is counted ------------------------------------------------------


@inner
def _total(cell: BrandCell, plan: LoweredPlan, t: int, profile: int, silo: int, what: int) -> int:
    """Return the sum of ``what``, one of IN_* or a target, over the contexts that a silo sees."""
    total = 0
    for s in range(cell.context_of.shape[1]):
        i = seen(cell, plan, profile, silo, s)
        if i >= 0:
            total += _amount(plan, cell.context[i], t, what)
    return total


@inner
def _amount(plan: LoweredPlan, x: Context, t: int, what: int) -> int:
    """Return what a context counts at ``t``, seconds: of one of IN_*, or towards a target."""
    if what == IN_POINTS:
        return points_in(plan, x, t)
    if what == IN_BALANCE:
        return int(x.balance)
    if what == IN_ALL:
        return int(x.spent_ever)
    if what == IN_PERIOD:
        return spent_in(x, period_of(plan, t))[0]
    if what == IN_PERIOD_BEFORE:
        return spent_in(x, period_of(plan, t))[1]
    if what == IN_ORDERS:
        return int(x.orders)
    return int(x.tally[what])


@inner
def points_at_hand(cell: BrandCell, plan: LoweredPlan, t: int, profile: int, silo: int) -> int:
    """Return the loyalty points that a silo can see at ``t``."""
    return _total(cell, plan, t, profile, silo, IN_POINTS)


@inner
def orders_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Return the orders of a profile that a silo can see."""
    return _total(cell, plan, 0, profile, silo, IN_ORDERS)


@inner
def tally_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, k: int) -> int:
    """Return what a silo can see of a profile's purchases, or cents, towards target ``k``."""
    return _total(cell, plan, 0, profile, silo, k)


@inner
def tier_at_hand(cell: BrandCell, plan: LoweredPlan, t: int, profile: int, silo: int) -> int:
    """Return the tier of a profile, from 1, as a silo sees it; 0 none, -1 where it sees no order.

    A silo that has never seen the profile pay anything does not know whether it is a member.
    """
    if paid_at_hand(cell, plan, profile, silo) == 0:
        return -1
    now = _total(cell, plan, t, profile, silo, IN_PERIOD)
    return tier_by_spend(plan, now, _total(cell, plan, t, profile, silo, IN_PERIOD_BEFORE))


@inner
def balance_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Return the cents that a silo can see on a profile's card or account."""
    return _total(cell, plan, 0, profile, silo, IN_BALANCE)


@inner
def paid_at_hand(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Return what a silo can see that a profile has paid in all, cents."""
    return _total(cell, plan, 0, profile, silo, IN_ALL)


# --- What a message can show ---------------------------------------------------------------------


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
        i = seen(cell, plan, profile, silo, s)
        if i < 0:
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
