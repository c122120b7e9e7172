"""A message on its way: delivered or bounced, seen, clicked, and what it does to the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import SHOW_CART, SHOW_NAMED, SHOW_VIEWED
from omnilab.cascade.rules import BOUNCED, CLICKED, DELIVERED, OPENED
from omnilab.cell import queue
from omnilab.cell.emit import write_message, write_response, write_sent
from omnilab.cell.queue import push
from omnilab.draws.philox import draw4
from omnilab.draws.streams import MESSAGE, MESSAGE_2, MESSAGE_3, V_DEVICE, VISIT_MESSAGE
from omnilab.interaction.failures import see_apology
from omnilab.interaction.goods import see_recommended, write_recommended
from omnilab.interaction.leaving import bad_experience, is_woken
from omnilab.interaction.need import (
    BY_MESSAGE,
    MESSAGE_STEP,
    OF_MESSAGE,
    aware,
    make_need,
    visit_for,
)
from omnilab.interaction.offers import see_offer, stir_others
from omnilab.interaction.places import what_draws
from omnilab.interaction.programme import see_target
from omnilab.interaction.reading import compare, note_look, read, recognise
from omnilab.interaction.reply import answer_in_words
from omnilab.interaction.visit import begin_visit, idle_visit
from omnilab.interaction.wall import tell_bounce, tell_receipt, tell_send, tell_stop_all
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.accounts import needs_by_itself
from omnilab.world.affinity import effect_on, hour_effect
from omnilab.world.assortment import catches, draw_of, need_in, saturate_each
from omnilab.world.attrition import hears_out
from omnilab.world.choice import choose, landing_of
from omnilab.world.clock import later, local
from omnilab.world.creation import CREATED_ORDINAL, comes_to_need, created_category
from omnilab.world.exposure import BY_EXPOSURE, comes_by
from omnilab.world.fatigue import (
    BAD_AFTER_STOP,
    BAD_FROM_SPAM,
    COMPLAINS,
    OPTS_OUT,
    STOPS_ALL,
    attention,
    can_react,
    feel_ad,
    feel_message,
    reaction,
    wear_out,
)
from omnilab.world.identifiers import EMAIL, current_address_epoch, type_of
from omnilab.world.intent import match, stimulate
from omnilab.world.interruption import press
from omnilab.world.lying import at_look, next_look
from omnilab.world.mailshot import mailshot_effect
from omnilab.world.needs import find, shown_need, take_up
from omnilab.world.offers import persuades
from omnilab.world.receipts import (
    COMES_BACK,
    HIDES,
    MACHINE,
    OPENS_ALL,
    answer,
    is_scanned,
    mail_client,
    soon,
)
from omnilab.world.recency import recency_effect
from omnilab.world.repetition import repeat_ad
from omnilab.world.response import (
    address,
    catches_eye,
    click_chance,
    comes_later,
    give_message,
    open_chance,
    open_delay,
    resumes,
)
from omnilab.world.saturation import saturate
from omnilab.world.taste import taste_for
from omnilab.world.weariness import wearied
from omnilab.world.whereabouts import sees_there

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.response import Message
    from omnilab.world.state import Person

__all__ = ["came_by", "deliver", "machine", "opened"]

# What a person or a machine does with a message
OPENS = 1
CLICKS = 2


@inner
def deliver(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, slot: int, creative: int, price: int
) -> None:
    """Send the message in ``slot``, whose ``creative`` is the scenario's number of it.

    ``price`` is what the brand pays for it, milli-cents.

    The person meets channel, time, what is shown, offer and creative. Journey and step go to the
    log only. The slot is given back unless the message will be seen, by a person or a machine.
    """
    message = cell.message[slot]
    c, code = int(message.channel), int(message.code)
    person = cell.person[int(message.person)]
    channel = model.ch[c]
    write_sent(
        cell, t, int(message.person), c, channel.silo, message=message.id,
        journey=message.journey, step=message.step, profile=message.profile, cost=price,
        shown_need=message.token, category=message.category, shows=message.shows,
    )  # fmt: skip
    if message.goods != 0:
        write_recommended(
            cell, t, int(message.person), c, channel.silo, message=message.id, goods=message.goods
        )
    tell_send(cell, plan, t, c, code, -1 if message.service == 1 else int(message.coupon))
    message.look = 0
    message.occasion = address(model, person, c, t, creative)
    arrives, seen, delay, click = draw4(
        model.key.k0, model.key.k1, MESSAGE, person.entity, int(message.occasion)
    )
    message.effect_click = click
    message.sent = t
    valid = _still_valid(model, person, code, t)
    if arrives >= channel.delivered or not valid:
        _bounce(cell, model, plan, t, message, valid)
        give_message(cell, slot)
        return
    _log(cell, model, t, message, rows.DELIVERED)
    x = _meets(cell, model, t, message)
    weekly = 0.0
    factor = 1.0
    if channel.ad == 1:
        factor = wear_out(model, feel_ad(model, person, t))
        if model.repetition.on == 1:
            factor = repeat_ad(model, person, t, factor)
    else:
        weekly = feel_message(model, person, t, channel.weight)
        weekly = wearied(model, person, t, weekly, x, channel.weight)
        factor = attention(model, weekly)
    message.weekly = weekly
    message.feels = _feels(cell, model, t, message)
    message.worn = 0.0
    if model.creatives.on == 1 or model.consistency.on == 1:
        compare(cell, model, t, message)
    at = -1
    effect = effect_on(model, person, c)
    further = message.quality + hour_effect(model, person, t)
    further += mailshot_effect(model, t, c, creative)
    further += message.feels
    further += sees_there(cell, model, channel, int(message.person), t)
    if seen < open_chance(model, effect, channel, t, x, further, factor):
        at = t + open_delay(channel, delay)
    will_see = 0 <= at < model.clock.run_end
    message.known = 0
    message.awaited = 0
    if will_see:
        push(cell, at, queue.OPEN, int(message.person), slot, 0)
        message.awaited = 1
    elif model.exposure.on == 1 and channel.base_open > 0.0:
        _come_by(cell, model, t, slot, False)
    _meet_machines(cell, model, t, slot)
    tell_receipt(cell, plan, t, message, DELIVERED)
    if message.service == 0:  # nobody signs off from what they have asked for
        _react(cell, model, plan, t, message, weekly)
    if message.awaited == 0:
        give_message(cell, slot)


@inner
def _feels(cell: Cell, model: Model, t: int, message: Message) -> float:
    """Return what taste, recency and saturation add to the logits of seeing and clicking it.

    Of several categories that it names, one catches the eye from here on.
    """
    who, category, several = int(message.person), int(message.category), int(message.assortment)
    person = cell.person[who]
    wears = model.ch[int(message.channel)].ad == 0  # ads wear out in a way of their own
    if several == 0:
        x = taste_for(cell, model, who, category, t) + recency_effect(model, person, t)
        return x + saturate(cell, model, who, category, 1.0, t) if wears else x
    x = draw_of(cell, model, who, several, t) + recency_effect(model, person, t)
    message.category = catches(cell, model, person, who, several, int(message.occasion), t)
    return x + saturate_each(cell, model, who, several, t) if wears else x


@inner
def _meets(cell: Cell, model: Model, t: int, message: Message) -> float:
    """Return how well the message meets a present need, 0 to 1."""
    who, several = int(message.person), int(message.assortment)
    if several != 0:
        return need_in(cell, model, cell.person[who], who, several, t)
    return match(cell, model, cell.person[who], int(message.category), _is_specific(message))


@inner
def _is_specific(message: Message) -> bool:
    """Tell whether the message shows the very good: in the cart, looked at, or recommended."""
    return message.shows == SHOW_CART or message.shows == SHOW_VIEWED or message.goods != 0


@inner
def _meet_machines(cell: Cell, model: Model, t: int, slot: int) -> None:
    """Let the person's mail client and a scanner do with a delivered message what they do."""
    message = cell.message[slot]
    c = int(message.channel)
    channel, person = model.ch[c], cell.person[int(message.person)]
    message.client = mail_client(model, person, c, channel)
    if message.client != OPENS_ALL and channel.scanner_clicks <= 0.0:
        return
    scanned, clicks_in, opens_in, _ = draw4(
        model.key.k0, model.key.k1, MACHINE, person.entity, int(message.occasion)
    )
    if message.client == OPENS_ALL:
        _machine_at(cell, model, t + soon(opens_in), slot, OPENS)
    if is_scanned(channel, scanned):
        _machine_at(cell, model, t + soon(clicks_in), slot, CLICKS)


@inner
def _machine_at(cell: Cell, model: Model, at: int, slot: int, what: int) -> None:
    if at < model.clock.run_end:
        push(cell, at, queue.MACHINE, int(cell.message[slot].person), slot, what)
        cell.message[slot].awaited += 1


@inner
def _log(cell: Cell, model: Model, t: int, message: Message, kind: int) -> None:
    """Write that something happened to a message: a kind of `omnilab.log.rows`."""
    c = int(message.channel)
    write_message(
        cell, t, int(message.person), kind, c, model.ch[c].silo, message.id, message.journey,
        message.step,
    )  # fmt: skip


@inner
def _respond(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, message: Message, kind: int, what: int
) -> None:
    """Write who opens or clicks a message, as a kind of `omnilab.log.rows`, and send the receipt.

    The brand can't tell a machine's receipt from a person's.
    """
    c = int(message.channel)
    hides = kind == rows.OPEN and message.client == HIDES
    receipt = answer(message, what, hides)
    write_response(
        cell, t, int(message.person), kind, c, model.ch[c].silo, message.id, message.journey,
        message.step, receipt,
    )  # fmt: skip
    if receipt == COMES_BACK:
        tell_receipt(cell, plan, t, message, OPENED if what == OPENS else CLICKED)


@inner
def _still_valid(model: Model, person: Person, code: int, t: int) -> bool:
    """Tell whether an address still is one: e-mail addresses change, mistyped ones never were."""
    epoch = code & 0xFFFFFFFF
    if type_of(code) == EMAIL:
        return epoch == current_address_epoch(model, person, t)
    return type_of(code) == 0 or epoch == 0


@inner
def _bounce(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, message: Message, valid: bool
) -> None:
    """Let a message bounce: for good where the address is not ``valid``."""
    if not valid:
        tell_bounce(cell, plan, t, int(message.channel), int(message.code))
    _log(cell, model, t, message, rows.BOUNCE)
    tell_receipt(cell, plan, t, message, BOUNCED)


@inner
def _react(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, message: Message, weekly: float
) -> None:
    """Let the message drive the person away from the channel, the brand's messages, the brand."""
    who, c = int(message.person), int(message.channel)
    person = cell.person[who]
    if not can_react(model, person, model.ch[c], weekly):
        return
    out, everything, upset, leaves = draw4(
        model.key.k0, model.key.k1, MESSAGE_2, person.entity, int(message.occasion)
    )
    what = reaction(model, person, c, weekly, out, everything, upset)
    if what & COMPLAINS:
        _log(cell, model, t, message, rows.SPAMREPORT)
    if what & OPTS_OUT:
        _log(cell, model, t, message, rows.UNSUBSCRIBE)
    if what & STOPS_ALL:
        _log(cell, model, t, message, rows.STOP_ALL)
        tell_stop_all(cell, plan, t, c, int(message.code))
    if what & BAD_AFTER_STOP:
        bad_experience(cell, model, t, who, rows.BAD_STOP, leaves)
    if what & BAD_FROM_SPAM:
        bad_experience(cell, model, t, who, rows.BAD_SPAM, leaves)


@inner
def opened(cell: Cell, model: Model, plan: LoweredPlan, t: int, slot: int, look: int) -> None:
    """See the message in ``slot``, for the first time (0) or again."""
    at_look(cell.message[slot], look)
    if not _see(cell, model, plan, t, slot):
        _lie_about(cell, model, t, slot)
    _has_happened(cell, slot)


@inner
def _lie_about(cell: Cell, model: Model, t: int, slot: int) -> None:
    """Let a message that was seen and not clicked be looked at again, maybe."""
    message = cell.message[slot]
    after = next_look(model, cell.person[int(message.person)], message, t)
    if 0 <= after < model.clock.run_end - t:
        push(cell, t + after, queue.OPEN, int(message.person), slot, int(message.look) + 1)
        message.awaited += 1


@inner
def machine(cell: Cell, model: Model, plan: LoweredPlan, t: int, slot: int, what: int) -> None:
    """Let a machine open or click the message in ``slot``: the person does nothing."""
    kind = rows.MACHINE_OPEN if what == OPENS else rows.SCANNER_CLICK
    _respond(cell, model, plan, t, cell.message[slot], kind, what)
    _has_happened(cell, slot)


@inner
def _has_happened(cell: Cell, slot: int) -> None:
    """Count down what is to happen to a message, and give its slot back after the last."""
    cell.message[slot].awaited -= 1
    if cell.message[slot].awaited == 0:
        give_message(cell, slot)


@inner
def _see(cell: Cell, model: Model, plan: LoweredPlan, t: int, slot: int) -> bool:
    """See a message: it stirs the need it shows; the person may click it, or come by later.

    Return whether it is clicked.
    """
    message = cell.message[slot]
    person = cell.person[int(message.person)]
    channel = model.ch[int(message.channel)]
    category = int(message.category)
    if message.look == 0:
        _respond(cell, model, plan, t, message, rows.OPEN, OPENS)
        see_offer(cell, model, t, message)
        if message.promises > 0:
            see_target(cell, model, t, message)
        if message.apologises == 1:
            see_apology(cell, model, t, message)
        if message.retains == 1:
            hears_out(model, person, t)
        if model.waking.on == 1 and is_woken(cell, model, t, message):
            return False  # and reads no further
    else:
        note_look(cell, model, t, message)
    _remember(model, person, t, message)
    if model.creatives.on == 1 or model.consistency.on == 1:
        recognise(cell, model, t, message)
    meets = _meets(cell, model, t, message)
    if model.opt_out.on == 1 and message.look == 0:
        read(cell, model, plan, t, message, meets)
    if channel.reply > 0.0 and message.look == 0:
        answer_in_words(cell, model, plan, t, message, meets)
    shown = shown_need(cell, person, category, int(message.token))
    if shown >= 0 and message.goods != 0:
        see_recommended(model, t, cell.need[shown], int(message.goods))
    stir_others(cell, model, t, message, shown)
    effect = effect_on(model, person, int(message.channel))
    further = message.quality + message.feels
    clicks = message.effect_click < click_chance(model, effect, channel, meets, further)
    if shown < 0 and not clicks:  # it is not about anything that the person needs
        if model.exposure.on == 1:
            _come_by(cell, model, t, slot, True)
        return False
    hits, reveals, revives, later_u = draw4(
        model.key.k0, model.key.k1, MESSAGE_3, person.entity, int(message.occasion)
    )
    if shown >= 0 and not catches_eye(
        model, cell.need[shown], category, _is_specific(message), hits
    ):
        shown = -1
    if shown >= 0:
        taken = press(model, cell.need[shown], t) if message.shows == SHOW_CART else 0.0
        stimulate(model, cell.need[shown], t, model.intent.message_gain - taken)
    if clicks:
        _click(cell, model, plan, t, message, shown, revives, later_u)
    elif shown >= 0:
        _come_later(cell, model, t, message, shown, reveals, later_u)
    elif model.exposure.on == 1:
        _come_by(cell, model, t, slot, True)
    return clicks


@inner
def _remember(model: Model, person: Person, t: int, message: Message) -> None:
    """Keep where the message would lead, as far as it persuades."""
    person.spill_channel = model.ch[int(message.channel)].landing
    person.spill = persuades(model, message)
    person.spill_t = t


@inner
def _come_later(
    cell: Cell, model: Model, t: int, message: Message, shown: int, u: float, v: float
) -> None:
    """Without a click: maybe come later by oneself for need ``shown``, by two uniforms."""
    need = cell.need[shown]
    delay = comes_later(model, need, u, v)
    if delay < 0.0:
        return
    at = later(model, t, delay)
    if at < need.expires:
        packed = (VISIT_MESSAGE << 32) | int(need.ordinal)
        push(
            cell, at, queue.REVISIT, int(message.person), packed,
            int(message.occasion) | MESSAGE_STEP,
        )  # fmt: skip


@inner
def _click(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    message: Message,
    shown: int,
    revives: float,
    creates: float,
) -> None:
    """Click a message that shows need ``shown`` (or -1), and go where it leads.

    Two uniforms: whether a need that was given up revives, and whether one is made from nothing.
    """
    who = int(message.person)
    person = cell.person[who]
    _respond(cell, model, plan, t, message, rows.CLICK, CLICKS)
    landing = landing_of(model, person, int(message.channel), t)
    if landing < 0:
        return
    if shown < 0:
        shown = _create(cell, model, t, message, creates)
    elif not resumes(model, cell.need[shown], revives):
        shown = -1
    if shown >= 0:
        aware(cell, t, who, cell.need[shown], BY_MESSAGE)
        take_up(cell.need[shown])
    _land(cell, model, plan, t, message, shown, landing)


@inner
def _create(cell: Cell, model: Model, t: int, message: Message, u: float) -> int:
    """Make a need from nothing, by uniform ``u``; return its index, -1 where none is made.

    It is addressed by the message.
    """
    who = int(message.person)
    person = cell.person[who]
    if person.left == 1 or not needs_by_itself(person):
        return -1
    if not comes_to_need(model, message.feels, u):
        return -1
    category = created_category(cell, model, who, int(message.category), int(message.occasion))
    ordinal = CREATED_ORDINAL | ((message.occasion ^ (message.occasion >> 24)) & 0xFFFFFF)
    if find(cell, person, ordinal) >= 0:  # two addresses in 2**24 have one number
        return -1
    make_need(cell, model, t, who, category, ordinal, OF_MESSAGE, int(message.id))
    return int(person.first_need)


@inner
def _come_by(cell: Cell, model: Model, t: int, slot: int, seen: bool) -> None:
    """Without a click and a need: maybe come by later to look around; the message waits for it."""
    message = cell.message[slot]
    person = cell.person[int(message.person)]
    delay = comes_by(model, person, message, seen)
    if delay < 0.0:
        return
    at = later(model, t, delay)
    if at < model.clock.run_end:
        push(cell, at, queue.CAME_BY, int(message.person), slot, int(message.look))
        message.awaited += 1


@inner
def came_by(cell: Cell, model: Model, plan: LoweredPlan, t: int, slot: int, look: int) -> None:
    """Come by because of the message in ``slot``, which was not clicked at one of its looks."""
    message = cell.message[slot]
    at_look(message, look)
    if cell.person[int(message.person)].left == 0:
        _come_to_look(cell, model, plan, t, message)
    _has_happened(cell, slot)


@inner
def _come_to_look(cell: Cell, model: Model, plan: LoweredPlan, t: int, message: Message) -> None:
    """Go where the person likes to go, and maybe come to need something there."""
    who = int(message.person)
    person = cell.person[who]
    k0, k1, occasion = model.key.k0, model.key.k1, int(message.occasion)
    where, device, what, creates = draw4(k0, k1, BY_EXPOSURE, person.entity, occasion)
    what_draws(cell, model, t, who)
    channel = choose(model, person, t, local(model, t), 0.0, where, cell.weight, cell.pull, 0)
    if channel < 0:
        return
    visit = begin_visit(cell, who, VISIT_MESSAGE, occasion)
    visit.channel = channel
    visit.cause = message.id
    made = _create(cell, model, t, message, creates)
    if made >= 0:
        aware(cell, t, who, cell.need[made], BY_MESSAGE)
        visit_for(cell, model, plan, t, visit, made)
        return
    visit.category = message.category
    idle_visit(cell, model, plan, t, visit, device, what)


@inner
def _land(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, message: Message, shown: int, landing: int
) -> None:
    """Visit the landing channel, with the address as a hand-off from the message's silo."""
    visit = begin_visit(cell, int(message.person), VISIT_MESSAGE, int(message.occasion))
    visit.channel = landing
    visit.cause = message.id
    visit.told = message.goods
    visit.asks = message.asks
    visit.incentive = message.incentive
    if message.shows == SHOW_NAMED:
        visit.category = message.category
    if model.identifiers.click_carries == 1:
        visit.extra = message.code
        visit.carry = model.ch[int(message.channel)].silo
    if shown >= 0:
        visit_for(cell, model, plan, t, visit, shown)
        return
    device, what, _, _ = draw4(
        model.key.k0,
        model.key.k1,
        VISIT_MESSAGE + V_DEVICE,
        cell.person[int(message.person)].entity,
        int(message.occasion),
    )
    idle_visit(cell, model, plan, t, visit, device, what)
