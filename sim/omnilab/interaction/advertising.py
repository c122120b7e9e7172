"""What stands between a message that may be sent and its sending: money, and an ad platform.

A message over one channel is asked for, in this order: does the platform find a person by the
address, may it show that person one more ad today, is there money for what the message may cost,
and does its bid win. Only who wins pays, and pays no more than the bid for which there was money.

The platform tells the brand no more than that an ad was not shown: the cascade waits as after a
send, and then goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.budget import CLICKS, tried_again
from omnilab.brand.journeys import finish, hold, wait_unshown
from omnilab.cell.emit import writer
from omnilab.interaction.wall import ask_money, tell_cost
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.log.rows import OFTEN, OUTBID, UNMATCHED
from omnilab.world.advertising import (
    count_shown,
    is_matched,
    rival_bid,
    search_rival_bid,
    shown_today,
)
from omnilab.world.identifiers import owner_of
from omnilab.world.search import click_cost, dearest_click

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["NOT_NOW", "buy_click", "may_buy_click", "price_of"]

NOT_NOW: Final = -1  # in place of a price: the message does not leave now

write_not_shown = writer(rows.NOT_SHOWN, placed=True)
write_unfunded = writer(rows.UNFUNDED, placed=True)


@inner
def price_of(cell: Cell, model: Model, plan: LoweredPlan, t: int, i: int) -> int:
    """Return what the message of copy ``i``, which is to be sent, costs now; or `NOT_NOW`.

    In the latter case all that follows is done: the copy waits, tries another channel, or ends its
    message. The price is paid out of the budgets, and an ad is counted.
    """
    c = int(cell.verdict[0].channel)
    channel, journey = model.ch[c], int(cell.copy[i].journey)
    who = owner_of(int(cell.address[c]))
    person = cell.person[who]
    counts = channel.most_a_day > 0
    if not is_matched(model, person, c):
        return _unshown(cell, plan, t, i, UNMATCHED, 0)
    if counts and shown_today(cell, who, c, t) >= channel.most_a_day:
        return _unshown(cell, plan, t, i, OFTEN, 0)
    price = int(channel.cost)
    if channel.auction == 1:
        price = int(plan.bid[c])
    short = ask_money(cell, plan, journey, c, t, price)
    if short >= 0:
        _lacks_money(cell, plan, t, i, short)
        return NOT_NOW
    if channel.auction == 1:
        step = plan.step[journey, int(cell.copy[i].step)]
        rival = rival_bid(model, person, c, t, int(step.creative))
        if rival > price:
            return _unshown(cell, plan, t, i, OUTBID, rival)
        price = rival
    tell_cost(cell, plan, journey, c, t, price)
    if counts:
        count_shown(cell, who, c, t)
    return price


@inner
def _unshown(cell: Cell, plan: LoweredPlan, t: int, i: int, why: int, rival: int) -> int:
    """Let an ad platform not show the message of a copy."""
    copy = cell.copy[i]
    profile, c = cell.profile[int(copy.profile)], int(cell.verdict[0].channel)
    write_not_shown(
        cell, t, owner_of(profile.key), c, int(plan.silo[c]), message=copy.message,
        journey=copy.journey, step=copy.step, profile=profile.serial, reason=why, rival=rival,
    )  # fmt: skip
    wait_unshown(cell, plan, i, t)
    return NOT_NOW


@inner
def _lacks_money(cell: Cell, plan: LoweredPlan, t: int, i: int, b: int) -> None:
    """Let a message wait for money of budget ``b``, or pass its channel over."""
    copy = cell.copy[i]
    profile, c = cell.profile[int(copy.profile)], int(cell.verdict[0].channel)
    if copy.short < 0:
        copy.short = t
    again = tried_again(plan, b, t)
    waits = again <= copy.short + plan.budget[b].waits
    write_unfunded(
        cell, t, owner_of(profile.key), c, int(plan.silo[c]), message=copy.message,
        journey=copy.journey, step=copy.step, profile=profile.serial, budget=b,
        seconds=again - t if waits else 0,
    )  # fmt: skip
    if waits:
        hold(cell, plan, i, again)
        return
    copy.short = -1
    copy.at += 1
    if copy.at < copy.length:
        hold(cell, plan, i, t)  # the next channel, in this same second
    elif copy.sends > 0:
        finish(cell, plan, t, i, rows.FINAL_EXHAUSTED)
    else:
        finish(cell, plan, t, i, rows.FINAL_UNFUNDED)


@inner
def may_buy_click(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, person: Person, family: int, occasion: int
) -> int:
    """Return what a click on the brand's search ad would cost in an auction; 0 at its list price.

    `NOT_NOW` where the ad is not shown: the brand buys none, has no money for it, or is outbid.

    Parameters
    ----------
    family, occasion
        The address of the visit's draws.
    """
    if plan.rules.paid == 0 or t >= model.clock.end:
        return NOT_NOW
    c = int(model.search.channel)
    auction = model.advertising.search_auction == 1
    if len(plan.budget) > 0:
        most = int(plan.bid[c]) if auction else dearest_click(model)
        if ask_money(cell, plan, CLICKS, c, t, most) >= 0:
            return NOT_NOW
    if not auction:
        return 0
    rival = search_rival_bid(model, person, family, occasion)
    return rival if rival <= plan.bid[c] else NOT_NOW


@inner
def buy_click(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, leads_to: int, price: int
) -> int:
    """Pay the click that a search led to, and return its price; ``price`` is `may_buy_click`'s."""
    if price == 0:
        price = click_cost(model, leads_to)
    if len(plan.budget) > 0:
        tell_cost(cell, plan, CLICKS, int(model.search.channel), t, price)
    return price
