"""The programme where person and brand meet: promises, progress shown, rewards, tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.interaction.wall import (
    ask_balance,
    ask_tally,
    ask_tier,
    tell_balance,
    tell_purchase,
)
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.goal import gradient_of
from omnilab.world.offers import ends_at, keep_coupon
from omnilab.world.programme import (
    count_own,
    is_shown_tier,
    loads_money,
    misses,
    reaches,
    share_of,
    takes_part,
)
from omnilab.world.wallet import put_by

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model
    from omnilab.world.response import Message

__all__ = [
    "counts",
    "ease_of_balance",
    "pays_from_balance",
    "points_for",
    "see_target",
    "show_progress",
    "target_ends",
]

MILLION = 1_000_000

write_target_set = writer(rows.TARGET_SET, placed=True)
write_target_reached = writer(rows.TARGET_REACHED, placed=True)
write_target_missed = writer(rows.TARGET_MISSED, placed=False)
write_tier_shown = writer(rows.TIER_SHOWN, placed=True)
write_top_up = writer(rows.TOP_UP, placed=True)
write_paid_from = writer(rows.PAID_FROM, placed=True)
write_offered = writer(rows.OFFERED, placed=True)


@inner
def see_target(cell: Cell, model: Model, t: int, message: Message) -> None:
    """Take part in the target that a message just seen promises."""
    who, c, number = int(message.person), int(message.channel), int(message.promises)
    if not takes_part(model, cell.person[who], number, int(message.id), t):
        return
    last = int(model.target[number - 1].last)
    write_target_set(
        cell, t, who, c, int(model.ch[c].silo), message=message.id, target=number - 1,
        lasts=last - t,
    )  # fmt: skip
    if last + 1 < model.clock.run_end:
        push(cell, last + 1, queue.TARGET_ENDS, who, number, 0)


@inner
def target_ends(cell: Cell, model: Model, t: int, who: int, number: int) -> None:
    """Let a target be over that a person has not been rewarded for."""
    person = cell.person[who]
    if person.left == 1 or person.aim != number:
        return
    own = int(person.aim_own)
    near = misses(model, person, t)
    write_target_missed(cell, t, who, target=number - 1, near=int(near * MILLION), own=own)


@inner
def show_progress(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> float:
    """Show tier and target at a visit for a need, where the place sees them.

    Return what the target adds to the stock of stimuli.
    """
    who, c = int(visit.who), int(visit.channel)
    person, silo, profile = cell.person[who], int(model.ch[c].silo), int(visit.profile)
    visit.tier = 0
    if len(model.tier) > 0:
        tier = ask_tier(cell, plan, t, profile, silo)
        if tier >= 0:
            visit.tier = tier
            before = is_shown_tier(model, person, t, tier)
            if before != tier:
                write_tier_shown(cell, t, who, c, silo, tier=tier - 1, before=before - 1)
    if person.aim == 0 or t > model.target[person.aim - 1].last:
        return 0.0
    share = share_of(model, int(person.aim), ask_tally(cell, plan, profile, silo, int(person.aim)))
    person.aim_shown = max(person.aim_shown, share)
    return gradient_of(model, share)


@inner
def points_for(model: Model, plan: LoweredPlan, visit: Visit, paid: int) -> int:
    """Return the points that an order earns; ``paid`` in cents."""
    points = paid // 100
    if visit.tier > 0:
        points = points * int(plan.tier[int(visit.tier) - 1].points) // 1000
    return points


@inner
def counts(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, ordinal: int, paid: int
) -> None:
    """Count an order: the person for the own target, the place for the programme.

    The reward is handed out where the place can see that the target is reached.
    """
    who, c = int(visit.who), int(visit.channel)
    person, silo = cell.person[who], int(model.ch[c].silo)
    count_own(model, person, t, paid)
    tell_purchase(cell, plan, t, int(visit.profile), silo, paid)
    number = int(person.aim)
    if number == 0 or t > model.target[number - 1].last or visit.profile < 0:
        return
    seen = ask_tally(cell, plan, int(visit.profile), silo, number)
    if seen < model.target[number - 1].amount:
        return
    write_target_reached(
        cell, t, who, c, silo, need=ordinal, target=number - 1, own=person.aim_own, seen=seen
    )
    offer, message = reaches(model, person, t), int(person.aim_of)
    if ends_at(model, t, offer) >= t:
        put_by(cell, model, who, t)
        keep_coupon(model, person, t, offer)
        person.offer_of = message
        person.offer_code = 0
        person.offer_silo = silo
        write_offered(
            cell, t, who, c, silo, message=message, offer=offer - 1,
            lasts=int(person.offer_until) - t,
        )  # fmt: skip


@inner
def ease_of_balance(cell: Cell, model: Model, plan: LoweredPlan, visit: Visit, price: int) -> float:
    """Return what a balance that pays ``price`` cents adds to the logit of buying a cart."""
    if model.rewarding.top_up == 0:
        return 0.0
    silo = int(model.ch[int(visit.channel)].silo)
    if ask_balance(cell, plan, int(visit.profile), silo) < price:
        return 0.0
    return model.rewarding.ease


@inner
def pays_from_balance(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, ordinal: int, paid: int
) -> None:
    """Pay an order from the balance that the place sees, as far as it goes; load more, maybe.

    Who loads pays cash for it; what an order is worth to the brand is counted with the order,
    wherever the money comes from.
    """
    profile = int(visit.profile)
    if model.rewarding.top_up == 0 or profile < 0:
        return
    who, c = int(visit.who), int(visit.channel)
    person, silo = cell.person[who], int(model.ch[c].silo)
    there = ask_balance(cell, plan, profile, silo)
    pays = max(min(there, paid), 0)
    if pays > 0:
        tell_balance(cell, plan, t, profile, silo, -pays)
        write_paid_from(cell, t, who, c, silo, need=ordinal, amount=pays, left=there - pays)
    left = there - pays
    low = pays < paid or left < model.rewarding.auto_below
    if low and loads_money(model, person, ordinal, left):
        amount = int(model.rewarding.top_up)
        person.loaded += amount
        tell_balance(cell, plan, t, profile, silo, amount)
        write_top_up(cell, t, who, c, silo, need=ordinal, amount=amount, left=left + amount)
