"""A copy's message is due: the brand judges what becomes of it, and it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import LIKED
from omnilab.brand.journeys import await_success, finish, hold
from omnilab.brand.judge import ASK, FINISH, HOLD, ask, find_addresses, judge
from omnilab.brand.leeway import WITHOUT_OFFER, content_chosen, creative_chosen, quality_of
from omnilab.brand.themes import theme_of
from omnilab.cascade.rules import allowed_at
from omnilab.cell.emit import write_held, write_skipped
from omnilab.interaction.advertising import NOT_NOW, price_of
from omnilab.interaction.message import deliver
from omnilab.interaction.place_stock import find_out_where
from omnilab.interaction.wall import name_message
from omnilab.kernels.compiling import inner
from omnilab.world.goods import MOST_SHOWN, best_liked, goods_there
from omnilab.world.identifiers import owner_of
from omnilab.world.response import take_message

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["send"]

NO_ADDRESS = 1  # why a channel is skipped
NO_PERMISSION = 2
# Primes: apart the numbers of a creative with each of the offers, contents and ready creatives
OTHER_OFFER = 7919
OTHER_CONTENT = 31337
OTHER_CREATIVE = 54773


@inner
def send(cell: Cell, model: Model, plan: LoweredPlan, t: int, i: int) -> None:
    """Do with the running message of copy ``i`` what the brand's verdict on it says."""
    copy = cell.copy[i]
    name_message(cell, i)
    first = int(copy.at)
    _gather_facts(cell, model, plan, t, i)
    verdict = judge(cell, plan, t, i)
    for k in range(first, int(copy.at)):
        c = int(copy.order[k])
        why = NO_ADDRESS if cell.address[c] == 0 else NO_PERMISSION
        _log_skipped(cell, plan, t, i, c, why)
    if verdict.act == FINISH:
        finish(cell, plan, t, i, int(verdict.final))
    elif verdict.act == HOLD:
        free = int(cell.facts[0].free)
        _log_held(cell, plan, t, i, int(verdict.channel), free - t)
        hold(cell, plan, i, free)
    elif verdict.act == ASK:
        ask(cell, plan, t, i)
        if model.places.tells_by >= 0:
            find_out_where(cell, model, plan, t, i)
    else:
        price = int(model.ch[int(verdict.channel)].cost)
        if model.advertising.on == 1 or len(plan.budget) > 0:
            price = price_of(cell, model, plan, t, i)
        if price != NOT_NOW:
            _send(cell, model, plan, t, i, price)


@inner
def _gather_facts(cell: Cell, model: Model, plan: LoweredPlan, t: int, i: int) -> None:
    """Leave what the brand can't know, and its verdict needs, in ``cell.facts``.

    Permission belongs to (identifier, channel). Who gave it is the address's true owner, whatever
    a strategy believes whose address it is. A message of service needs none: its channel must reach
    the owner.
    """
    facts, copy = cell.facts[0], cell.copy[i]
    service = int(plan.step[int(copy.journey), int(copy.step)].service)
    facts.ended = 1 if t >= model.clock.end else 0  # the run-out is without sends
    find_addresses(cell, plan, i)
    facts.permitted = 0
    facts.ads = plan.rules.ads
    for c in range(len(model.ch)):
        code = int(cell.address[c])
        if code == 0:
            continue
        if not model.ch[c].from_t <= t <= model.ch[c].to_t:
            continue
        owner = cell.person[owner_of(code)]
        allows = int(owner.reach) if service == 1 else int(owner.consent)
        if (allows >> c) & 1 == 1:
            facts.permitted |= 1 << c
    facts.free = t
    if plan.rules.quiet_to != plan.rules.quiet_from:
        facts.free = allowed_at(
            t,
            plan.rules.quiet_from,
            plan.rules.quiet_to,
            model.tz_at,
            model.tz_offset,
            len(model.tz_at),
        )


@inner
def _log_skipped(cell: Cell, plan: LoweredPlan, t: int, i: int, c: int, why: int) -> None:
    """Write that channel ``c`` can't be used, at the first-seen owner of the copy's profile."""
    copy = cell.copy[i]
    profile = cell.profile[int(copy.profile)]
    write_skipped(
        cell, t, owner_of(profile.key), c, int(plan.silo[c]), message=copy.message,
        journey=copy.journey, step=copy.step, profile=profile.serial, reason=why,
    )  # fmt: skip


@inner
def _log_held(cell: Cell, plan: LoweredPlan, t: int, i: int, c: int, seconds: int) -> None:
    """Write that the message waits, at the first-seen owner of the copy's profile."""
    copy = cell.copy[i]
    profile = cell.profile[int(copy.profile)]
    write_held(
        cell, t, owner_of(profile.key), c, int(plan.silo[c]), message=copy.message,
        journey=copy.journey, step=copy.step, profile=profile.serial, seconds=seconds,
    )  # fmt: skip


@inner
def _send(cell: Cell, model: Model, plan: LoweredPlan, t: int, i: int, price: int) -> None:
    """Send the copy's message as the verdict says, for so many milli-cents."""
    copy = cell.copy[i]
    verdict = cell.verdict[0]
    step = plan.step[int(copy.journey), int(copy.step)]
    slot = take_message(cell)
    message = cell.message[slot]
    message.channel = verdict.channel
    message.code = cell.address[int(verdict.channel)]
    message.person = owner_of(message.code)
    message.category = verdict.category
    content, ready = content_chosen(plan, copy), creative_chosen(plan, copy)
    message.assortment = step.assortment if content == 0 else 0
    message.token = verdict.token
    gives, met = int(step.gives), int(step.creative)
    message.offer = step.offer
    if copy.gives == WITHOUT_OFFER:  # the same creative as one that was written without
        gives, met = 0, int(step.bare)
        message.offer = 0.0
    # What is not the step's own is another creative, which a person meets in a way of its own.
    creative = (met + OTHER_CONTENT * content + OTHER_CREATIVE * ready) & 0xFFFF
    message.asks = step.asks
    message.asks_reply = step.asks_reply
    message.incentive = step.incentive
    if copy.gives > 0 and copy.gives != gives:  # the strategy's choice: another creative
        gives = int(copy.gives)
        creative = (creative + OTHER_OFFER * gives) & 0xFFFF
        message.offer = 0.0
    message.coupon = gives
    message.goods = goods_there(model, t, int(verdict.goods)) if verdict.goods != 0 else 0
    if step.recommends == LIKED and copy.recommends == 0:
        message.goods = best_liked(
            model, cell.person[int(message.person)], int(verdict.category), t, MOST_SHOWN
        )
    message.service = step.service
    message.promises = step.promises
    message.apologises = step.apologises
    message.retains = step.retains
    message.quality = quality_of(plan, copy)
    message.template = step.template if ready == 0 else plan.creative[ready - 1].template
    message.theme = theme_of(plan, copy, int(message.channel), t)
    message.id = copy.message
    message.journey = copy.journey
    message.step = copy.step
    message.profile = cell.profile[int(copy.profile)].serial
    message.shows = verdict.shows
    message.sender = i
    message.sender_serial = copy.serial
    await_success(cell, plan, i, t)
    deliver(cell, model, plan, t, slot, creative, price)
