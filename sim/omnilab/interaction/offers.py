"""Offers: a message hands one out, a person uses it at an order, a place may not know its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import writer
from omnilab.interaction.identifiers import log_identifiers
from omnilab.interaction.leaving import bad_experience
from omnilab.interaction.wall import ask_coupon, ask_serial, hear, tell_visit
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.intent import stimulate
from omnilab.world.interest import stir_by
from omnilab.world.needs import shown_need
from omnilab.world.offer_bounds import acts_on
from omnilab.world.offers import (
    ends_at,
    gift_cost,
    has_offer,
    holds,
    keep_coupon,
    keep_offer,
    minds_refusal,
    money_off,
    use_up,
    wants_to_use,
    worth_of_offer,
)
from omnilab.world.reference_price import sees_price
from omnilab.world.wallet import put_by

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model
    from omnilab.world.needs import Need
    from omnilab.world.response import Message
    from omnilab.world.state import Person

__all__ = [
    "is_refused",
    "redeem",
    "see_offer",
    "settle_offer",
    "stir_others",
    "take_offer_of_act",
]

write_offered = writer(rows.OFFERED, placed=True)
write_redeemed = writer(rows.REDEEMED, placed=True)
write_unknown = writer(rows.CODE_UNKNOWN, placed=True)


@inner
def see_offer(cell: Cell, model: Model, t: int, message: Message) -> None:
    """Keep the offer of a message just seen, if it has one that still holds."""
    who, c = int(message.person), int(message.channel)
    person, number = cell.person[who], int(message.coupon)
    if number > 0:
        if ends_at(model, t, number) < t:
            return
        put_by(cell, model, who, t)
        keep_coupon(model, person, t, number)
    elif message.offer > 0.0:
        put_by(cell, model, who, t)
        keep_offer(model, person, t, message.offer)
    else:
        return
    silo = int(model.ch[c].silo)
    person.offer_of = message.id
    person.offer_code = message.code
    person.offer_silo = silo
    if model.reference_price.on == 1:
        _see_price(model, person, number)
    if model.offers.on == 1:
        write_offered(
            cell, t, who, c, silo, message=message.id, offer=number - 1,
            lasts=int(person.offer_until) - t,
        )  # fmt: skip


@inner
def _see_price(model: Model, person: Person, number: int) -> None:
    """Let a person see the price of the offer in hand, of a mean order; a gift is no price."""
    if number == 0:
        sees_price(model, person, 1.0 - person.offer)
    elif model.coupon[number - 1].gift == 0:
        sees_price(model, person, 1.0 - min(model.coupon[number - 1].depth, 1.0))


@inner
def take_offer_of_act(
    cell: Cell, model: Model, t: int, visit: Visit, share: float, message: int
) -> None:
    """Keep the share off that an act brings.

    ``message`` is the one that asked for the act, -1 where none did.
    """
    who, c = int(visit.who), int(visit.channel)
    person, silo = cell.person[who], int(model.ch[c].silo)
    put_by(cell, model, who, t)
    keep_offer(model, person, t, share)
    person.offer_of = message
    person.offer_code = 0
    person.offer_silo = silo
    if model.offers.on == 1:
        write_offered(
            cell, t, who, c, silo, message=message, offer=-1, lasts=int(person.offer_until) - t
        )


@inner
def stir_others(cell: Cell, model: Model, t: int, message: Message, shown: int) -> None:
    """Let an offer's message, just seen, stir the needs that it does not show.

    ``shown`` is the need that it shows, -1 none.
    """
    if model.offers.exposes <= 0.0 or not has_offer(message):
        return
    who = int(message.person)
    gain = model.offers.exposes * model.intent.message_gain
    for category in range(len(model.cat)):
        i = shown_need(cell, cell.person[who], category, -1)
        if i < 0:
            stir_by(cell, model, who, category, t, gain)
        elif i != shown:
            stimulate(model, cell.need[i], t, gain)


@inner
def settle_offer(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, need: Need
) -> int:
    """Say whether the cart of a need would use the offer in hand; return its worth, in cents.

    A cohort's first order uses none.
    """
    visit.off = 0
    visit.redeems = 0
    visit.refused = 0
    who, c, value = int(visit.who), int(visit.channel), int(need.value)
    person = cell.person[who]
    if visit.sure == 1 or not holds(model, person, t, int(need.category), c, value):
        return 0
    base = acts_on(cell, model, person, int(visit.site), int(need.goods_lines), value)
    if base < 0:
        return 0
    worth = worth_of_offer(model, person, base)
    if not wants_to_use(model, person, int(need.ordinal), worth):
        return 0
    if person.coupon > 0 and model.coupon[person.coupon - 1].code == 1:
        _show_code(cell, model, plan, t, visit)
        silo = int(model.ch[c].silo)
        if not ask_coupon(cell, plan, int(visit.profile), silo, int(person.coupon)):
            write_unknown(
                cell, t, who, c, silo, need=int(need.ordinal), offer=int(person.coupon) - 1,
                message=person.offer_of,
            )  # fmt: skip
            visit.refused = 1
            return 0
    visit.off = money_off(model, person, base)
    visit.redeems = 1
    return worth


@inner
def _show_code(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> None:
    """Show the code of the offer: the address that it came to, carried from who sent it."""
    who, c, n = int(visit.who), int(visit.channel), int(visit.shown)
    person = cell.person[who]
    k = 0
    while k < n and cell.code[k] != person.offer_code:
        k += 1
    if k == n:
        visit.shown = n + 1
    cell.code[k] = person.offer_code
    cell.carry[k] = person.offer_silo
    visit.profile = tell_visit(cell, plan, t, c, int(visit.shown), -1)
    log_identifiers(cell, model, t, who, c, k, k + 1, ask_serial(cell, int(visit.profile)))
    hear(cell, t)


@inner
def is_refused(cell: Cell, model: Model, t: int, visit: Visit, ordinal: int) -> bool:
    """Take it that the code was not known, if so; tell whether the person leaves for that."""
    if visit.refused == 0:
        return False
    visit.refused = 0
    who = int(visit.who)
    annoyed, leaves = minds_refusal(model, cell.person[who], ordinal)
    return annoyed and bad_experience(cell, model, t, who, rows.BAD_CODE, leaves)


@inner
def redeem(cell: Cell, model: Model, t: int, visit: Visit, ordinal: int) -> int:
    """Use the offer up with an order, if it does; return what its gift costs, in cents."""
    if visit.redeems == 0:
        return 0
    who, c = int(visit.who), int(visit.channel)
    person = cell.person[who]
    cost = gift_cost(model, person)
    write_redeemed(
        cell, t, who, c, int(model.ch[c].silo), need=ordinal, offer=int(person.coupon) - 1,
        message=person.offer_of, off=visit.off, gift_cost=cost,
    )  # fmt: skip
    use_up(person)
    return cost
