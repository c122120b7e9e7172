"""A message on its way: delivered or bounced, seen, clicked, and what it does to the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.observe import see_bounce, see_receipt, see_stop_all
from omnilab.brand.policy import record_send
from omnilab.cascade.rules import BOUNCED, CLICKED, DELIVERED, OPENED
from omnilab.cell import queue
from omnilab.cell.emit import drain, emit
from omnilab.cell.queue import push
from omnilab.draws.philox import draw4
from omnilab.draws.streams import MESSAGE, MESSAGE_2, MESSAGE_3, V_DEVICE, VISIT_MESSAGE
from omnilab.interaction.leaving import bad_experience
from omnilab.interaction.need import add_need, visit_for
from omnilab.interaction.tape import tape_bounce, tape_receipt, tape_send, tape_stop_all
from omnilab.interaction.visit import idle_visit
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.choice import is_open
from omnilab.world.clock import later, local
from omnilab.world.fatigue import attention, feel_ad, feel_message, opt_out_factor, wear_out
from omnilab.world.identifiers import EMAIL, current_address_epoch, owner_of, type_of
from omnilab.world.intent import delay_to_next, match, stimulate
from omnilab.world.needs import EXPLORING, GIVEN_UP, LATENT
from omnilab.world.response import (
    address,
    click_chance,
    give_message,
    open_chance,
    open_delay,
    take_message,
)

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["deliver", "opened"]

CREATED_ORDINAL = 1 << 25  # above all that come by themselves


@inner
def deliver(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    c: int,
    node: int,
    category: int,
    token: int,
    offer: float,
    quality: float,
    creative: int,
    message: int,
    tag: int,
    copy: int,
    serial: int,
) -> None:
    """Send one message over channel ``c`` to an address, the identifier ``node``.

    The person meets channel, time, what is shown, offer and creative; ``tag`` (journey and step)
    goes to the log only.
    """
    code = int(cell.node[node].code)
    who = owner_of(code)
    person = cell.person[who]
    channel = model.ch[c]
    silo = int(channel.silo)
    emit(cell, t, who, rows.SENT, c, silo, message, tag, int(channel.cost), category + 1)
    tape_send(cell, t, c, code)
    record_send(cell, int(cell.node[node].profile), silo, c, t)
    occasion = address(model, person, c, t, creative)
    k0, k1 = model.key.k0, model.key.k1
    arrives, seen, delay, click = draw4(k0, k1, MESSAGE, person.entity, occasion)
    valid = _still_valid(model, person, code, t)
    if arrives >= channel.delivered or not valid:
        if not valid:
            tape_bounce(cell, t, c, code)
            see_bounce(cell, plan, c, code)
        emit(cell, t, who, rows.BOUNCE, c, silo, message, tag, 0, 0)
        see_receipt(cell, plan, t, c, code, BOUNCED, copy, serial, message)
        drain(cell, t)
        return
    emit(cell, t, who, rows.DELIVERED, c, silo, message, tag, 0, 0)
    weekly = 0.0
    factor = 1.0
    if channel.ad == 1:
        factor = wear_out(model, feel_ad(model, person, t))
    elif model.fatigue.crowds == 1:
        weekly = feel_message(model, person, t, channel.weight)
        factor = attention(model, weekly)
    x = match(cell, model, person, category)
    if seen < open_chance(model, person, channel, t, x, quality, factor):
        at = t + open_delay(channel, delay)
        if at < model.clock.run_end:
            _under_way(
                cell,
                at,
                who,
                c,
                code,
                category,
                token,
                offer,
                quality,
                message,
                tag,
                copy,
                serial,
                occasion,
                click,
                t,
            )
    see_receipt(cell, plan, t, c, code, DELIVERED, copy, serial, message)
    drain(cell, t)
    _annoyance(cell, model, plan, t, who, c, code, message, tag, occasion, weekly)


@inner
def _still_valid(model: Model, person: Person, code: int, t: int) -> bool:
    """Tell whether an address still is one: e-mail addresses change, mistyped ones never were."""
    epoch = code & 0xFFFFFFFF
    if type_of(code) == EMAIL:
        return epoch == current_address_epoch(model, person, t)
    return type_of(code) == 0 or epoch == 0


@inner
def _under_way(
    cell: Cell,
    at: int,
    who: int,
    c: int,
    code: int,
    category: int,
    token: int,
    offer: float,
    quality: float,
    message: int,
    tag: int,
    copy: int,
    serial: int,
    occasion: int,
    click: float,
    t: int,
) -> None:
    i = take_message(cell)
    x = cell.message[i]
    x.used = 1
    x.channel = c
    x.category = category
    x.person = who
    x.sender = copy
    x.sender_serial = serial
    x.token = token
    x.id = message
    x.tag = tag
    x.code = code
    x.occasion = occasion
    x.quality = quality
    x.offer = offer
    x.effect_click = click
    x.sent = t
    push(cell, at, queue.OPEN, who, i, 0)


@inner
def _annoyance(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    who: int,
    c: int,
    code: int,
    message: int,
    tag: int,
    occasion: int,
    weekly: float,
) -> None:
    """Let the message drive the person away from the channel, the brand's messages, the brand."""
    person = cell.person[who]
    channel = model.ch[c]
    silo = int(channel.silo)
    hazard = channel.opt_out * (1.0 if channel.ad == 1 else opt_out_factor(model, person, weekly))
    spam = channel.ad == 0 and weekly > 2.0 * person.ideal
    if hazard <= 0.0 and channel.complaint <= 0.0 and person.stopped == 0 and not spam:
        return  # nothing can come of it, so nothing is drawn
    out, everything, complains, leaves = draw4(
        model.key.k0, model.key.k1, MESSAGE_2, person.entity, occasion
    )
    if complains < channel.complaint:
        emit(cell, t, who, rows.SPAMREPORT, c, silo, message, tag, 0, 0)
    if out < hazard:
        person.consent &= ~(1 << c)
        emit(cell, t, who, rows.UNSUBSCRIBE, c, silo, message, tag, 0, 0)
        if everything < model.fatigue.stop_all:
            person.stopped = 1
            emit(cell, t, who, rows.STOP_ALL, c, silo, message, tag, 0, 0)
            tape_stop_all(cell, t, c, code)
            see_stop_all(cell, plan, c, code)
        return
    # One uniform serves two exclusive causes: being written to after "stop all", and spam.
    if person.stopped == 1:
        if complains >= 1.0 - model.continuity.annoys:
            bad_experience(cell, model, t, who, rows.BAD_STOP, leaves)
    elif spam and complains >= 1.0 - model.fatigue.spam_bad:
        bad_experience(cell, model, t, who, rows.BAD_SPAM, leaves)


@inner
def opened(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, slot: int) -> None:
    """See a message: it stirs the need it shows, and may be clicked."""
    x = cell.message[slot]
    c = int(x.channel)
    channel = model.ch[c]
    silo = int(channel.silo)
    person = cell.person[who]
    message, tag, code, category = int(x.id), int(x.tag), int(x.code), int(x.category)
    token, occasion, copy, serial = (
        int(x.token),
        int(x.occasion),
        int(x.sender),
        int(x.sender_serial),
    )
    offer, quality, click = float(x.offer), float(x.quality), float(x.effect_click)
    x.used = 0
    give_message(cell, slot)

    emit(cell, t, who, rows.OPEN, c, silo, message, tag, 0, 0)
    tape_receipt(cell, t, c, code, OPENED)
    see_receipt(cell, plan, t, c, code, OPENED, copy, serial, message)
    drain(cell, t)
    if offer > 0.0:
        person.offer = offer
        person.offer_until = t + model.offers.lasts
    person.spill_channel = channel.landing
    person.spill = 1.0
    person.spill_t = t
    meets = match(cell, model, person, category)
    shown = _need_shown(cell, person, category, token)
    clicks = click < click_chance(model, person, channel, meets, quality)
    if shown < 0 and not clicks:
        return  # it is not about anything that the person needs
    hits, reveals, revives, later_u = draw4(
        model.key.k0, model.key.k1, MESSAGE_3, person.entity, occasion
    )
    if category < 0 and hits >= model.response.generic:
        shown = -1  # it showed everything, and this person's need was not what caught the eye
    if shown >= 0:
        stimulate(model, cell.need[shown], t, model.intent.message_gain)
    if not clicks:
        if shown >= 0:
            _comes_later(cell, model, t, who, shown, occasion, reveals, later_u)
        return
    emit(cell, t, who, rows.CLICK, c, silo, message, tag, 0, 0)
    tape_receipt(cell, t, c, code, CLICKED)
    see_receipt(cell, plan, t, c, code, CLICKED, copy, serial, message)
    drain(cell, t)
    if shown < 0 and person.left == 0 and later_u < model.response.created:
        shown = _create(cell, model, t, who, category, occasion)
    _land(cell, model, plan, t, who, c, code, shown, occasion, revives, message)


@inner
def _create(cell: Cell, model: Model, t: int, who: int, category: int, occasion: int) -> int:
    """Make a need from nothing (a swept assumption, off by default), addressed by the message."""
    if category < 0:
        category = 0
    number = (occasion ^ (occasion >> 24)) & 0xFFFFFF
    add_need(cell, model, t, who, category, CREATED_ORDINAL | number)
    return int(cell.person[who].first_need)


@inner
def _need_shown(cell: Cell, person: Person, category: int, token: int) -> int:
    """Return the open need that the message shows: its cart's, else the latest in the category."""
    best = -1
    i = int(person.first_need)
    while i >= 0:
        need = cell.need[i]
        if token >= 0 and need.ordinal == token:
            return i
        if best < 0 and (category < 0 or need.category == category):
            best = i
        i = int(need.next)
    return best


@inner
def _comes_later(
    cell: Cell, model: Model, t: int, who: int, shown: int, occasion: int, reveals: float, u: float
) -> None:
    """Without a click: notice a latent need, or come later by oneself."""
    need = cell.need[shown]
    chance = model.response.reveals if need.stage == LATENT else model.response.view_through
    if reveals >= chance:
        return
    at = later(model, t, delay_to_next(model, reveals / chance, u))
    if at < need.expires:
        packed = (VISIT_MESSAGE << 32) | int(need.ordinal)
        push(cell, at, queue.REVISIT, who, packed, occasion | (1 << 56))


@inner
def _land(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    who: int,
    c: int,
    code: int,
    shown: int,
    occasion: int,
    revives: float,
    message: int,
) -> None:
    """Go where the click leads, with the address as a hand-off from the message's silo."""
    person = cell.person[who]
    landing = int(model.ch[c].landing)
    if (person.reach >> landing) & 1 == 0 or not is_open(model.ch[landing], local(model, t)):
        return
    extra, carry = 0, -1
    if model.identifiers.click_carries == 1:
        extra, carry = code, int(model.ch[c].silo)
    if shown >= 0:
        need = cell.need[shown]
        if need.stage == GIVEN_UP and revives >= model.response.revives:
            shown = -1
        elif need.stage == LATENT or need.stage == GIVEN_UP:
            if need.stage == LATENT:
                emit(cell, t, who, rows.AWARE, -1, -1, int(need.ordinal), 1, 0, 0)
            need.stage = EXPLORING
    if shown >= 0:
        visit_for(
            cell,
            model,
            plan,
            t,
            who,
            shown,
            VISIT_MESSAGE,
            occasion,
            extra,
            carry,
            message,
            landing,
        )
    else:
        device, what, _, _ = draw4(
            model.key.k0, model.key.k1, VISIT_MESSAGE + V_DEVICE, person.entity, occasion
        )
        idle_visit(
            cell,
            model,
            plan,
            t,
            who,
            landing,
            VISIT_MESSAGE,
            occasion,
            device,
            what,
            extra,
            carry,
            message,
        )
