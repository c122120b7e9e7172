"""What the brand takes in: visits, what came of them, receipts, permissions.

These functions are the whole way from the world to the brand. `omnilab.interaction.wall` alone
calls them: when something happens, and again from the burn-in's tape when a strategy takes over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.at_hand import tier_at_hand
from omnilab.brand.codes import (
    CARTED,
    E_BROWSE,
    E_CART,
    E_CLICK,
    E_FAILED,
    E_OPEN,
    E_ORDER,
    E_REFERRAL,
    E_SIGNUP,
    E_TIER,
    E_UNHAPPY,
    E_VISIT,
    VIEWED,
)
from omnilab.brand.context import (
    context_of,
    copy_context,
    note_answer,
    note_coupon,
    note_question,
    note_redemption,
    seen,
)
from omnilab.brand.goods import note_goods
from omnilab.brand.journeys import see_event
from omnilab.brand.journeys import see_receipt as see_copy_receipt
from omnilab.brand.node_index import find_node
from omnilab.brand.points import add_points
from omnilab.brand.policy import record_send
from omnilab.brand.profiles import key_of, known, link_visit, session_of
from omnilab.brand.programme import count_purchase
from omnilab.brand.sharing import ALL, SILO
from omnilab.brand.wiring import fed_on, is_first, seen_by, tell_feeds
from omnilab.cascade.rules import CLICKED, OPENED
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = [
    "see_balance",
    "see_bounce",
    "see_failure",
    "see_opt_in",
    "see_outcome",
    "see_purchase",
    "see_question",
    "see_receipt",
    "see_redemption",
    "see_referral",
    "see_send",
    "see_stays",
    "see_stop_all",
    "see_survey",
    "see_visit",
]


@inner
def see_visit(cell: BrandCell, plan: LoweredPlan, t: int, channel: int, n: int, device: int) -> int:
    """Take in a visit that shows ``n`` identifiers in ``cell.code``; return the profile or -1.

    ``device`` is what it is made with, -1 where that is not seen.
    """
    silo = int(plan.silo[channel])
    profile = link_visit(cell, plan, t, silo, n)
    if profile < 0:
        return -1
    for i in range(n):
        if cell.carry[i] >= 0:
            copy_context(cell, plan, profile, int(cell.carry[i]), silo)
    cell.profile[profile].last_channel = channel
    if device >= 0:
        cell.profile[profile].last_device = device
    if plan.tells[silo] & E_VISIT == 0:  # as mostly
        see_event(cell, plan, t, profile, int(plan.mates[silo]), E_VISIT, -1, -1)
        return profile
    fed = tell_feeds(cell, plan, t, profile, silo, E_VISIT)
    _see(cell, plan, t, profile, silo, E_VISIT, -1, -1, 0, fed)
    if fed:
        _feed(cell, plan, t, profile, E_VISIT, -1, -1, 0)
    return profile


@inner
def see_stays(cell: BrandCell, plan: LoweredPlan, channel: int, n: int) -> int:
    """Return the profile of an earlier visit by what it showed, in ``cell.code``; -1 without one.

    It may be another than it was, since profiles merge.
    """
    return session_of(cell, plan, int(plan.silo[channel]), n)


@inner
def see_outcome(
    cell: BrandCell,
    plan: LoweredPlan,
    t: int,
    profile: int,
    silo: int,
    what: int,
    token: int,
    category: int,
    cents: int,
) -> None:
    """Take in what a visit came to: `VIEWED`, `CARTED` or `ORDERED`."""
    event = E_ORDER
    if what == VIEWED:
        event = E_BROWSE
    elif what == CARTED:
        event = E_CART
    fed = plan.tells[silo] & event != 0 and tell_feeds(cell, plan, t, profile, silo, event)
    _see(cell, plan, t, profile, silo, event, token, category, cents, fed)
    if fed:
        _feed(cell, plan, t, profile, event, token, category, cents)


@inner
def _see(
    cell: BrandCell,
    plan: LoweredPlan,
    t: int,
    profile: int,
    silo: int,
    event: int,
    token: int,
    category: int,
    cents: int,
    fed: bool,
) -> None:
    """Take in an event of a silo on its own profile: for the silo, its team, and tools told here.

    The silo's feeds (``fed``: some tell) do so on this profile where identity links the tool's
    identifier to it.
    """
    seen = int(plan.mates[silo])
    tools = 0
    if fed and plan.rules.identity != SILO:  # else each team has its own profile
        tools = fed_on(cell, plan, profile)
        seen |= seen_by(plan, tools)
    _note(cell, plan, t, profile, silo, event, token, category, cents)
    if tools != 0 and plan.rules.context != ALL:
        _note_for(cell, plan, t, profile, tools, event, token, category, cents)
    if event == E_ORDER:
        _empty_cart(cell, plan, profile, seen, token)
    see_event(cell, plan, t, profile, seen, event, token, category)


@inner
def _feed(
    cell: BrandCell,
    plan: LoweredPlan,
    t: int,
    profile: int,
    event: int,
    token: int,
    category: int,
    cents: int,
) -> None:
    """Let the feeds of `tell_feeds` tell the tools that have a profile of their own of an event."""
    for f in range(len(plan.feed)):
        other = int(cell.fed[f])
        if other < 0 or other == profile or not is_first(cell, f):
            continue
        tools = fed_on(cell, plan, other)
        seen = seen_by(plan, tools)
        if plan.rules.context == ALL:  # then any one place on the profile will do
            tools = 1 << int(plan.feed[f].target)
        _note_for(cell, plan, t, other, tools, event, token, category, cents)
        if event == E_ORDER:
            _empty_cart(cell, plan, other, seen, token)
        see_event(cell, plan, t, other, seen, event, token, category)


@inner
def _note_for(
    cell: BrandCell,
    plan: LoweredPlan,
    t: int,
    profile: int,
    tools: int,
    event: int,
    token: int,
    category: int,
    cents: int,
) -> None:
    for s in range(plan.rules.n_silos):
        if (tools >> s) & 1 == 1:
            _note(cell, plan, t, profile, s, event, token, category, cents)


@inner
def _note(
    cell: BrandCell,
    plan: LoweredPlan,
    t: int,
    profile: int,
    silo: int,
    event: int,
    token: int,
    category: int,
    cents: int,
) -> None:
    """Note in a silo's context of a profile what was looked at, put in the cart or ordered."""
    if event == E_VISIT:
        return
    x = cell.context[context_of(cell, profile, silo)]
    note_goods(cell, x, event)
    if event == E_BROWSE:
        x.view_t = t
        x.view_category = category
        x.view_token = token
    elif event == E_CART:
        x.cart_t = t
        x.cart_token = token
        x.cart_category = category
        x.cart_cents = cents
    else:
        x.order_t = t
        x.order_category = category
        x.orders += 1


@inner
def _empty_cart(cell: BrandCell, plan: LoweredPlan, profile: int, seen: int, token: int) -> None:
    """Forget a cart that was ordered, in the silos that know of the order."""
    knows = (1 << plan.rules.n_silos) - 1 if plan.rules.context == ALL else seen
    for s in range(plan.rules.n_silos):
        i = int(cell.context_of[profile, s])
        if i >= 0 and (knows >> s) & 1 == 1 and cell.context[i].cart_token == token:
            cell.context[i].cart_t = -1
            cell.context[i].cart_token = -1
    i = int(cell.profile[profile].first_copy)
    while i >= 0:  # nor does a silo that knows of the order show the cart of a running copy
        copy = cell.copy[i]
        if copy.token == token:
            copy.seen &= ~knows
        i = int(copy.next)


@inner
def see_points(
    cell: BrandCell, plan: LoweredPlan, t: int, profile: int, silo: int, points: int
) -> None:
    """Book loyalty points earned (or spent, where negative) in a silo."""
    add_points(plan, cell.context[context_of(cell, profile, silo)], t, points)


@inner
def see_purchase(
    cell: BrandCell, plan: LoweredPlan, t: int, profile: int, silo: int, cents: int
) -> None:
    """Count an order of ``cents`` in a silo for the programme; a higher tier is an event."""
    before = tier_at_hand(cell, plan, t, profile, silo)
    count_purchase(plan, cell.context[context_of(cell, profile, silo)], t, cents)
    if tier_at_hand(cell, plan, t, profile, silo) > max(before, 0):
        see_event(cell, plan, t, profile, int(plan.mates[silo]), E_TIER, -1, -1)


@inner
def see_redemption(
    cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, number: int
) -> None:
    """Take in that the order just seen in a silo used declared offer ``number``, from 1."""
    note_redemption(cell, plan, profile, silo, number)


@inner
def see_balance(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, cents: int) -> None:
    """Book money that was loaded in a silo, or paid from, where negative.

    A payment is taken from what the silo sees, wherever that was loaded. What is not there, which
    only a burn-in under other sharing choices can have paid from, stays a debt of the silo.
    """
    rest = cents
    for s in range(cell.context_of.shape[1]):
        i = seen(cell, plan, profile, silo, s)
        if rest < 0 and i >= 0 and cell.context[i].balance > 0:
            takes = min(int(cell.context[i].balance), -rest)
            cell.context[i].balance -= takes
            rest += takes
    if rest != 0:
        cell.context[context_of(cell, profile, silo)].balance += rest


@inner
def see_failure(cell: BrandCell, plan: LoweredPlan, t: int, code: int, silo: int) -> None:
    """Take in that something went wrong for who showed an identifier in a silo."""
    profile = known(cell, plan, code, silo)
    if profile >= 0:
        see_event(cell, plan, t, profile, int(plan.mates[silo]), E_FAILED, -1, -1)


@inner
def see_send(
    cell: BrandCell, plan: LoweredPlan, t: int, channel: int, code: int, what: int
) -> None:
    """Book a send, on the profile that holds the address now.

    ``what`` is the number of the declared offer that it hands out, from 1; 0 none, -1 a message of
    service, which no cap counts.
    """
    silo = int(plan.silo[channel])
    profile = known(cell, plan, code, silo)
    if profile < 0:
        return
    record_send(cell, plan, profile, silo, channel, t, what >= 0)
    if what > 0:
        note_coupon(cell, profile, silo, what)


@inner
def see_receipt(
    cell: BrandCell,
    plan: LoweredPlan,
    t: int,
    channel: int,
    code: int,
    status: int,
    copy: int,
    serial: int,
    message: int,
) -> None:
    """Take in a receipt: for the copy that sent (if it still runs), then for the profile."""
    if copy >= 0 and cell.copy[copy].state != 0 and cell.copy[copy].serial == serial:
        see_copy_receipt(cell, plan, t, copy, message, status)
    if status < OPENED:
        return
    silo = int(plan.silo[channel])
    profile = known(cell, plan, code, silo)
    if profile < 0:
        return
    note_answer(cell, profile, silo, t)
    if status == OPENED:
        cell.answered[profile, channel] += 1
        see_event(cell, plan, t, profile, int(plan.mates[silo]), E_OPEN, -1, -1)
    elif status == CLICKED:
        cell.answered[profile, channel] += 1
        see_event(cell, plan, t, profile, int(plan.mates[silo]), E_CLICK, -1, -1)


@inner
def see_question(cell: BrandCell, t: int, profile: int, silo: int, token: int) -> None:
    """Take in that a question was asked in a silo: its service history."""
    note_question(cell, profile, silo, t, token)


@inner
def see_survey(
    cell: BrandCell, plan: LoweredPlan, t: int, channel: int, code: int, unhappy: int
) -> None:
    """Take in a survey's answer, from who showed an identifier on a channel."""
    silo = int(plan.silo[channel])
    profile = known(cell, plan, code, silo)
    if profile < 0 or unhappy == 0:
        return
    cell.context[context_of(cell, profile, silo)].unhappy_t = t
    see_event(cell, plan, t, profile, int(plan.mates[silo]), E_UNHAPPY, -1, -1)


@inner
def see_stop_all(cell: BrandCell, plan: LoweredPlan, channel: int, code: int) -> None:
    """Note in the channel's silo that the person behind an address wants no messages at all."""
    silo = int(plan.silo[channel])
    profile = known(cell, plan, code, silo)
    if profile >= 0:
        cell.profile[profile].stopped |= 1 << silo


@inner
def see_bounce(cell: BrandCell, plan: LoweredPlan, channel: int, code: int) -> None:
    """Take an address that bounced for good off the channel's silo's list."""
    i = find_node(cell, code, key_of(plan, int(plan.silo[channel])))
    if i >= 0:
        cell.node[i].dead = 1


@inner
def see_opt_in(
    cell: BrandCell, plan: LoweredPlan, t: int, channel: int, visit_silo: int, code: int, n: int
) -> int:
    """Take in a permission: the channel's silo gets the address.

    Given during a visit (``visit_silo`` >= 0, its ``n`` identifiers still in ``cell.code``) it is a
    hand-off from that silo. Return the profile that holds the address.
    """
    silo = int(plan.silo[channel])
    if visit_silo >= 0:
        cell.code[n] = code
        cell.carry[n] = silo
        n += 1
        profile = link_visit(cell, plan, t, visit_silo, n)
        if profile >= 0:
            copy_context(cell, plan, profile, visit_silo, silo)
    profile = known(cell, plan, code, silo)
    if profile < 0:
        # The visit's identifiers are needed again: a form may give several permissions.
        first, carried = cell.code[0], cell.carry[0]
        cell.code[0] = code
        cell.carry[0] = -1
        profile = link_visit(cell, plan, t, silo, 1)
        cell.code[0] = first
        cell.carry[0] = carried
    see_event(cell, plan, t, profile, int(plan.mates[silo]), E_SIGNUP, -1, -1)
    return profile


@inner
def see_referral(cell: BrandCell, plan: LoweredPlan, t: int, code: int, silo: int) -> None:
    """Take in that a friend bought with the link that names an identifier shown in a silo."""
    profile = known(cell, plan, code, silo)
    if profile < 0:
        return  # a cookie, say, that has been forgotten
    cell.profile[profile].brought += 1
    see_event(cell, plan, t, profile, int(plan.mates[silo]), E_REFERRAL, -1, -1)
