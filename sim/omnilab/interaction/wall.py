"""The wall between the person and the brand: the one way to tell the brand anything, or to ask it.

The world is true; the brand knows what it is told here. `tell_x` says that x happened: it records
that on the burn-in's tape (`omnilab.interaction.tape`), lets the brand see it
(`omnilab.brand.observe`), and takes down what the brand answers (`hear`). When a strategy takes
over, `replay` lets its brand see the tape's entries through the same functions of
`omnilab.brand.observe`. `ask_x` looks up what a place can show: it changes nothing.

No other file of `omnilab.interaction` looks into what the brand knows; a test holds that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.acts import see_act
from omnilab.brand.at_hand import (
    balance_at_hand,
    cart_at_hand,
    coupon_at_hand,
    history_at_hand,
    points_at_hand,
    question_at_hand,
    tally_at_hand,
    tier_at_hand,
)
from omnilab.brand.budget import lacking, pay
from omnilab.brand.crm import see_record
from omnilab.brand.goods import goods_at_hand, who_knows
from omnilab.brand.journeys import enter, is_live, time_out
from omnilab.brand.observe import (
    see_balance,
    see_bounce,
    see_failure,
    see_opt_in,
    see_outcome,
    see_points,
    see_purchase,
    see_question,
    see_receipt,
    see_redemption,
    see_referral,
    see_send,
    see_stays,
    see_stop_all,
    see_survey,
    see_visit,
)
from omnilab.brand.places import app_of, see_position, sought
from omnilab.brand.profiles import forget
from omnilab.brand.replies import see_reply
from omnilab.brand.stock import see_restock, sees_stock
from omnilab.brand.terms import see_review, see_search
from omnilab.cascade.rules import OPENED
from omnilab.cell.emit import emit
from omnilab.cell.fetching import fetch_owner, fetch_profile
from omnilab.cell.queue import BRAND, push
from omnilab.cell.room import MOST_MESSAGES, ORDINAL_BITS, TOO_MANY_MESSAGES
from omnilab.interaction import tape
from omnilab.kernels.compiling import inlined, inner
from omnilab.kernels.prefetch import prefetch_to_read as prefetch
from omnilab.world.identifiers import owner_of

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.response import Message

#: What a visit came to, its need, category and cents; see `tell_outcome`.
Outcome = tuple[int, int, int, int]

__all__ = [
    "ask_about",
    "ask_app",
    "ask_balance",
    "ask_cart",
    "ask_coupon",
    "ask_goods",
    "ask_history",
    "ask_money",
    "ask_points",
    "ask_serial",
    "ask_sought",
    "ask_stock",
    "ask_tally",
    "ask_tier",
    "enter_arrival",
    "enter_weekly",
    "forget_cookies",
    "hear",
    "name_message",
    "replay",
    "tell_act",
    "tell_balance",
    "tell_bounce",
    "tell_cost",
    "tell_failure",
    "tell_outcome",
    "tell_permission",
    "tell_points",
    "tell_position",
    "tell_purchase",
    "tell_question",
    "tell_receipt",
    "tell_record",
    "tell_redemption",
    "tell_referral",
    "tell_reply",
    "tell_restock",
    "tell_review",
    "tell_search",
    "tell_send",
    "tell_stays",
    "tell_stop_all",
    "tell_survey",
    "tell_visit",
    "tell_where",
    "wake_copy",
]


@inlined
def tell_visit(cell: Cell, plan: LoweredPlan, t: int, channel: int, n: int, device: int) -> int:
    """Tell of a visit that shows the ``n`` identifiers in ``cell.code``.

    What the brand says to it is heard later (`hear`), for the visit's own rows come first.
    ``device`` is what it is made with, -1 where the channel does not see it.

    Returns
    -------
    int
        The profile that the brand takes the visitor for, or -1.
    """
    tape.tape_visit(cell, t, channel, n, device)
    return see_visit(cell, plan, t, channel, n, device)


@inner
def tell_stays(cell: Cell, plan: LoweredPlan, t: int, channel: int, n: int) -> int:
    """Tell that an earlier visit goes on, which has shown the ``n`` identifiers in ``cell.code``.

    Returns
    -------
    int
        The profile that the brand takes the visitor for by now, or -1.
    """
    tape.tape_stays(cell, t, channel, n)
    return see_stays(cell, plan, channel, n)


@inner
def tell_outcome(
    cell: Cell, plan: LoweredPlan, t: int, visit: Visit, silo: int, came_to: Outcome
) -> None:
    """Tell what a visit in a silo came to.

    Parameters
    ----------
    came_to
        `VIEWED`, `CARTED` or `ORDERED` of `omnilab.brand.codes`; the need, or -1; the category;
        and the cents that were paid.
    """
    profile = int(visit.profile)
    if profile < 0:
        return  # a visitor who showed nothing
    what, token, category, cents = came_to
    tape.tape_outcome(cell, t, silo, what, token, category, cents, int(visit.goods))
    cell.meta.goods = visit.goods
    see_outcome(cell, plan, t, profile, silo, what, token, category, cents)
    cell.meta.goods = 0
    hear(cell, t)


@inner
def tell_points(
    cell: Cell, plan: LoweredPlan, t: int, profile: int, silo: int, points: int
) -> None:
    """Tell of loyalty points earned at an order (or spent, where negative)."""
    if profile < 0:
        return
    tape.tape_points(cell, t, silo, points)
    see_points(cell, plan, t, profile, silo, points)


@inner
def tell_purchase(
    cell: Cell, plan: LoweredPlan, t: int, profile: int, silo: int, cents: int
) -> None:
    """Tell of an order that the programme counts."""
    if profile < 0:
        return
    tape.tape_purchase(cell, t, silo, cents)
    see_purchase(cell, plan, t, profile, silo, cents)
    hear(cell, t)


@inner
def tell_redemption(
    cell: Cell, plan: LoweredPlan, t: int, profile: int, silo: int, number: int
) -> None:
    """Tell that an order, just told of, used declared offer ``number``, from 1."""
    if profile < 0:
        return
    tape.tape_redemption(cell, t, silo, number)
    see_redemption(cell, plan, profile, silo, number)


@inner
def tell_balance(
    cell: Cell, plan: LoweredPlan, t: int, profile: int, silo: int, cents: int
) -> None:
    """Tell of money that was loaded on the visitor's card, or paid from it, where negative."""
    tape.tape_balance(cell, t, silo, cents)
    see_balance(cell, plan, profile, silo, cents)


@inner
def tell_failure(cell: Cell, plan: LoweredPlan, t: int, code: int, silo: int) -> None:
    """Tell that something went wrong for who showed the identifier ``code`` in a silo."""
    tape.tape_failure(cell, t, silo, code)
    see_failure(cell, plan, t, code, silo)
    hear(cell, t)


@inner
def tell_question(
    cell: Cell, plan: LoweredPlan, t: int, profile: int, silo: int, ordinal: int, after: int
) -> None:
    """Tell of a question about a need, or about its order, that was asked in a silo."""
    if profile < 0:
        return
    token = _token(ordinal, after)
    tape.tape_question(cell, t, silo, token)
    see_question(cell, t, profile, silo, token)


@inner
def tell_search(
    cell: Cell, plan: LoweredPlan, t: int, profile: int, silo: int, category: int, good: int
) -> None:
    """Tell what a visitor typed into a silo's search box: a category, or a good (-1 none)."""
    if profile < 0:
        return
    goods = 1 << good if good >= 0 else 0
    tape.tape_search(cell, t, silo, category, goods)
    see_search(cell, t, profile, silo, category, goods)


@inner
def tell_review(cell: Cell, plan: LoweredPlan, t: int, channel: int, code: int, stars: int) -> None:
    """Tell of a review that was left under the address ``code`` of an order on a channel."""
    tape.tape_review(cell, t, channel, code, stars)
    see_review(cell, plan, t, channel, code, stars)


@inner
def tell_survey(
    cell: Cell, plan: LoweredPlan, t: int, channel: int, code: int, unhappy: int
) -> None:
    """Tell how somebody who showed an identifier on a channel has answered a survey."""
    tape.tape_survey(cell, t, channel, code, unhappy)
    see_survey(cell, plan, t, channel, code, unhappy)


@inner
def _token(ordinal: int, after: int) -> int:
    """Return the brand's number of a question about a need, or about its order."""
    return ordinal | (after << ORDINAL_BITS)


@inner
def tell_permission(
    cell: Cell, plan: LoweredPlan, t: int, channel: int, silo: int, code: int, n: int
) -> None:
    """Tell of a permission to write to the address ``code`` over a channel.

    Parameters
    ----------
    silo
        Where it was given in a visit, the visit's silo; else -1.
    n
        Identifiers of that visit in ``cell.code``.
    """
    tape.tape_opt_in(cell, t, channel, silo, code, n)
    see_opt_in(cell, plan, t, channel, silo, code, n)
    hear(cell, t)


@inner
def tell_act(
    cell: Cell, plan: LoweredPlan, t: int, channel: int, kind: int, to: int, code: int, n: int
) -> None:
    """Tell that a visitor of a channel, who showed ``n`` identifiers, has done an act.

    Parameters
    ----------
    to, code
        The channel that got an address by it, and the address; -1 and 0 where none did.
    """
    tape.tape_act(cell, t, channel, kind, to, code, n)
    see_act(cell, plan, t, channel, kind, to, code, n)
    hear(cell, t)


@inner
def tell_record(cell: Cell, plan: LoweredPlan, t: int, silo: int, n: int) -> None:
    """Tell of a record of ``n`` identifiers in ``cell.code`` that a silo's tool holds."""
    tape.tape_record(cell, t, silo, n)
    see_record(cell, plan, t, silo, n)
    hear(cell, t)


@inner
def tell_position(
    cell: Cell, plan: LoweredPlan, t: int, silo: int, code: int, j: int, there: int
) -> int:
    """Tell that the owner of ``code`` is within the fence of journey ``j``, by a silo's app.

    ``there`` is 1 where the place has what the journey asks for, as far as that is known.

    What the brand says to it is heard later (`hear`). It is not taped: a fence is that of the
    strategy which runs.

    Returns
    -------
    int
        The profile that the brand takes the person for, or -1.
    """
    return see_position(cell, plan, t, silo, code, j, there)


@inner
def name_message(cell: Cell, i: int) -> None:
    """Give the running message of copy ``i`` its id, where it has none yet."""
    if cell.copy[i].message >= 0:
        return
    cell.copy[i].message = (cell.meta.number << 24) | cell.meta.message_serial
    cell.meta.message_serial += 1
    if cell.meta.message_serial == MOST_MESSAGES:
        cell.meta.over = TOO_MANY_MESSAGES
        cell.meta.grown = 1


@inner
def tell_send(cell: Cell, plan: LoweredPlan, t: int, channel: int, code: int, what: int) -> None:
    """Tell that a message left for the address ``code``.

    ``what`` is the number of the declared offer that it hands out, from 1; 0 none, -1 a message of
    service.
    """
    tape.tape_send(cell, t, channel, code, what)
    see_send(cell, plan, t, channel, code, what)


@inner
def tell_receipt(cell: Cell, plan: LoweredPlan, t: int, message: Message, status: int) -> None:
    """Tell of a receipt: what became of a message.

    Of the message the brand hears what its own record has: channel, address, id and sender.

    Parameters
    ----------
    status
        A status of `omnilab.cascade.rules`. Opens and clicks are taped; the others concern the
        copy that sent, and copies don't outlive the burn-in.
    """
    channel, code, number = int(message.channel), int(message.code), int(message.id)
    copy, serial = int(message.sender), int(message.sender_serial)
    if status >= OPENED:
        tape.tape_receipt(cell, t, channel, code, status)
    see_receipt(cell, plan, t, channel, code, status, copy, serial, number)
    hear(cell, t)


@inner
def tell_reply(cell: Cell, plan: LoweredPlan, t: int, message: Message, accepts: int) -> None:
    """Tell that a message was answered in words (0), or the invitation accepted (1)."""
    channel, code, number = int(message.channel), int(message.code), int(message.id)
    copy, serial = int(message.sender), int(message.sender_serial)
    tape.tape_reply(cell, t, channel, code, accepts)
    see_reply(cell, plan, t, channel, code, accepts, copy, serial, number)
    hear(cell, t)


@inner
def tell_referral(cell: Cell, plan: LoweredPlan, t: int, code: int, silo: int) -> None:
    """Tell that an order came by a link, which names an identifier shown in a silo before."""
    tape.tape_referral(cell, t, silo, code)
    see_referral(cell, plan, t, code, silo)
    hear(cell, t)


@inner
def tell_stop_all(cell: Cell, plan: LoweredPlan, t: int, channel: int, code: int) -> None:
    """Tell that the person at an address wants no messages at all."""
    tape.tape_stop_all(cell, t, channel, code)
    see_stop_all(cell, plan, channel, code)


@inner
def tell_bounce(cell: Cell, plan: LoweredPlan, t: int, channel: int, code: int) -> None:
    """Tell that an address bounced for good."""
    tape.tape_bounce(cell, t, channel, code)
    see_bounce(cell, plan, channel, code)


@inner
def tell_restock(
    cell: Cell, plan: LoweredPlan, t: int, silo: int, code: int, token: int, category: int
) -> None:
    """Tell that a good is there again for which somebody waits who showed ``code`` in a silo."""
    tape.tape_restock(cell, t, silo, code, token, category)
    see_restock(cell, plan, t, silo, code, token, category)
    hear(cell, t)


@inner
def wake_copy(cell: Cell, plan: LoweredPlan, t: int, i: int) -> None:
    """Let copy ``i`` act on its timer."""
    time_out(cell, plan, t, i)
    hear(cell, t)


@inner
def enter_weekly(cell: Cell, plan: LoweredPlan, t: int, j: int) -> None:
    """Enter journey ``j`` with every profile that its channels can reach."""
    profile = int(cell.meta.first_profile)
    entries, places = cell.entered.shape[1], int(plan.rules.places)
    while profile >= 0:  # by age, not by slot: a neighbour must not change the order of rows
        newer = int(cell.profile[profile].newer)
        if newer >= 0 and len(cell.bucket) > 0:  # in a town; it was fetched a round before
            fetch_owner(cell, newer)
            newest = int(cell.profile[newer].newer)
            if newest >= 0:
                fetch_profile(cell, newest)
                prefetch(cell.entered, newest * entries + j * places)
        enter(cell, plan, t, profile, j, -1, -1, -1)
        hear(cell, t)
        profile = int(cell.profile[profile].newer)


@inner
def enter_arrival(cell: Cell, plan: LoweredPlan, t: int, n: int) -> None:
    """Tell of arrival ``n`` of the plan those profiles of which a sender knows that they may care.

    Each silo knows what it has seen of a profile; the triggers choice says whose knowledge counts.
    """
    arrival = plan.arrival[n]
    profile = int(cell.meta.first_profile)
    while profile >= 0:  # by age, as above
        seen = who_knows(cell, plan, profile, arrival)
        if seen != 0:
            cell.meta.goods = arrival.goods
            enter(cell, plan, t, profile, int(arrival.journey), seen, -1, int(arrival.category))
            cell.meta.goods = 0
            hear(cell, t)
        profile = int(cell.profile[profile].newer)


@inner
def forget_cookies(cell: Cell, plan: LoweredPlan, t: int) -> int:
    """Let the brand forget expired cookies; return a moment before which no other can expire."""
    forget(cell, plan, t)
    hear(cell, t)
    return int(cell.meta.stale)


@inlined
def hear(cell: Cell, t: int) -> None:
    """Take down what the brand said: rows for the log, timers for the queue."""
    if cell.meta.notes + cell.meta.timers > 0:  # mostly it said nothing
        _take_down(cell, t)


@inner
def _take_down(cell: Cell, t: int) -> None:
    m = cell.meta
    for i in range(m.notes):
        x = cell.note[i]
        emit(cell, t, owner_of(x.code), x.kind, -1, x.silo, (x.a, x.b, x.c, x.d))
    m.notes = 0
    for i in range(m.timers):
        y = cell.timer[i]
        if is_live(cell, y.a, y.b):  # often what it was for has come meanwhile
            push(cell, y.time, y.kind, BRAND, y.a, y.b)
    m.timers = 0


@inner
def ask_money(cell: Cell, plan: LoweredPlan, journey: int, channel: int, t: int, cost: int) -> int:
    """Ask which budget can't pay ``cost`` milli-cents for a send or a click (`CLICKS`); -1 none."""
    return lacking(cell, plan, int(cell.meta.persons), journey, channel, t, cost)


@inner
def tell_cost(cell: Cell, plan: LoweredPlan, journey: int, channel: int, t: int, cost: int) -> None:
    """Tell what a send or a click (`CLICKS`) has cost, milli-cents."""
    pay(cell, plan, journey, channel, t, cost)


@inner
def ask_cart(cell: Cell, plan: LoweredPlan, profile: int, silo: int, token: int) -> bool:
    """Ask whether a silo can show the visitor the cart, or what was looked at, of a need."""
    return cart_at_hand(cell, plan, profile, silo, token)


@inner
def ask_coupon(cell: Cell, plan: LoweredPlan, profile: int, silo: int, number: int) -> bool:
    """Ask whether a silo can see that declared offer ``number``, from 1, went to the visitor."""
    return coupon_at_hand(cell, plan, profile, silo, number)


@inner
def ask_goods(cell: Cell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Ask which goods a page of a silo puts first for the visitor, a bit each."""
    goods = 0
    if plan.rules.page & 1 != 0:
        goods |= goods_at_hand(cell, plan, profile, silo, 1)
    if plan.rules.page & 2 != 0:
        goods |= goods_at_hand(cell, plan, profile, silo, 2)
    return goods


@inner
def ask_history(cell: Cell, plan: LoweredPlan, profile: int, silo: int) -> bool:
    """Ask whether a silo can see an order of the visitor."""
    return history_at_hand(cell, plan, profile, silo)


@inner
def ask_about(
    cell: Cell, plan: LoweredPlan, profile: int, silo: int, ordinal: int, after: int, attempt: int
) -> bool:
    """Ask whether a silo can see what a question is about.

    That is the earlier contact, where there was one; else an order, or what was looked at.
    """
    if attempt > 0:
        return question_at_hand(cell, plan, profile, silo, _token(ordinal, after))
    if after == 1:
        return history_at_hand(cell, plan, profile, silo)
    return cart_at_hand(cell, plan, profile, silo, ordinal)


@inner
def ask_points(cell: Cell, plan: LoweredPlan, t: int, profile: int, silo: int) -> int:
    """Ask how many loyalty points of the visitor a silo can see."""
    return points_at_hand(cell, plan, t, profile, silo)


@inner
def ask_tally(cell: Cell, plan: LoweredPlan, profile: int, silo: int, number: int) -> int:
    """Ask how much of target ``number``, from 1, a silo can see that the visitor has done."""
    return tally_at_hand(cell, plan, profile, silo, number - 1)


@inner
def ask_tier(cell: Cell, plan: LoweredPlan, t: int, profile: int, silo: int) -> int:
    """Ask for the visitor's tier, from 1; 0 none, -1 where the silo can't know."""
    return tier_at_hand(cell, plan, t, profile, silo)


@inner
def ask_balance(cell: Cell, plan: LoweredPlan, profile: int, silo: int) -> int:
    """Ask for the cents on the visitor's card that a silo can see."""
    return balance_at_hand(cell, plan, profile, silo)


@inner
def ask_app(cell: Cell, plan: LoweredPlan, i: int, kind: int, silo: int) -> int:
    """Ask by which identifier a silo's app may be asked where the person of copy ``i`` is; 0 none.

    ``kind`` is the type of identifier that the app tells with.
    """
    return app_of(cell, plan, i, kind, silo)


@inner
def tell_where(cell: Cell, i: int, where: int) -> None:
    """Tell where the person of copy ``i`` is, as the app says it (omnilab.world.whereabouts)."""
    cell.copy[i].where = where


@inner
def ask_sought(
    cell: Cell, plan: LoweredPlan, silo: int, code: int, what: int
) -> tuple[int, int, int]:
    """Ask what a silo's app knows that its user looks for: category, need, whether it sees units.

    ``what`` is 1 for what is in the cart, 2 for what was looked at last.
    """
    return sought(cell, plan, silo, code, what)


@inner
def ask_stock(plan: LoweredPlan) -> int:
    """Ask whose units a place sees: `SILO`, `HANDOFF` or `ALL` of `omnilab.brand.sharing`."""
    return sees_stock(plan)


@inner
def ask_serial(cell: Cell, profile: int) -> int:
    """Ask for the serial of a profile, which the log shows; -1 without a profile."""
    return -1 if profile < 0 else int(cell.profile[profile].serial)


@inner
def replay(cell: Cell, source: Cell, plan: LoweredPlan, i: int, session: int) -> int:
    """Let the brand of ``cell`` see entry ``i`` of the tape of ``source``.

    Parameters
    ----------
    session
        The profile of the last visit on the tape, or -1.

    Returns
    -------
    int
        The session's profile from now on.
    """
    x = source.tape[i]
    t, kind, channel, silo = int(x.time), int(x.kind), int(x.channel), int(x.silo)
    if (
        kind == tape.VISIT
        or kind == tape.OPT_IN
        or kind == tape.STAYS
        or kind == tape.ACT
        or kind == tape.RECORD
    ):
        tape.shown_again(cell, source, i)
    if kind == tape.VISIT:
        return see_visit(cell, plan, t, channel, int(x.n), int(x.token))
    if kind == tape.STAYS:
        return see_stays(cell, plan, channel, int(x.n))
    if kind == tape.OUTCOME and session >= 0:
        cell.meta.goods = x.goods
        see_outcome(
            cell, plan, t, session, silo, int(x.n), int(x.token), int(x.category), int(x.cents)
        )
        cell.meta.goods = 0
    elif kind == tape.POINTS and session >= 0:
        see_points(cell, plan, t, session, silo, int(x.cents))
    elif kind == tape.PURCHASE and session >= 0:
        see_purchase(cell, plan, t, session, silo, int(x.cents))
    elif kind == tape.REDEMPTION and session >= 0:
        see_redemption(cell, plan, session, silo, int(x.n))
    elif kind == tape.BALANCE and session >= 0:
        see_balance(cell, plan, session, silo, int(x.cents))
    elif kind == tape.FAILURE:
        see_failure(cell, plan, t, int(x.cents), silo)
    elif kind == tape.QUESTION and session >= 0:
        see_question(cell, t, session, silo, int(x.token))
    elif kind == tape.SEARCHED and session >= 0:
        see_search(cell, t, session, silo, int(x.category), int(x.goods))
    elif kind == tape.REVIEWED:
        see_review(cell, plan, t, channel, int(x.cents), int(x.n))
    elif kind == tape.SURVEY:
        see_survey(cell, plan, t, channel, int(x.cents), int(x.n))
    elif kind == tape.OPT_IN:
        see_opt_in(cell, plan, t, channel, silo, int(x.cents), int(x.n))
        if silo >= 0:  # the form may have merged the session's profile into an older one
            return session if session >= 0 and cell.profile[session].used == 1 else -1
    elif kind == tape.SEND:
        see_send(cell, plan, t, channel, int(x.cents), int(x.n))
    elif kind == tape.RECEIPT:
        see_receipt(cell, plan, t, channel, int(x.cents), int(x.n), -1, 0, -1)
    elif kind == tape.REPLY:
        see_reply(cell, plan, t, channel, int(x.cents), int(x.n), -1, 0, -1)
    elif kind == tape.REFERRAL:
        see_referral(cell, plan, t, int(x.cents), silo)
    elif kind == tape.STOP_ALL:
        see_stop_all(cell, plan, channel, int(x.cents))
    elif kind == tape.RESTOCK:
        see_restock(cell, plan, t, silo, int(x.cents), int(x.token), int(x.category))
    elif kind == tape.RECORD:
        see_record(cell, plan, t, silo, int(x.n))
    elif kind == tape.ACT:
        act, to = int(x.token), int(x.category)
        see_act(cell, plan, t, channel, act, to, int(x.cents), int(x.n))
    elif kind == tape.BOUNCE:
        see_bounce(cell, plan, channel, int(x.cents))
    return session
