"""Word of mouth: warnings, reviews, referral links, and what a tip does beside stirring a need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.interaction.knowing import BY_TIP, learn_for_good
from omnilab.interaction.wall import tell_referral, tell_review
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.clock import later
from omnilab.world.identifiers import EMAIL, address_code
from omnilab.world.newcomer import is_awaited
from omnilab.world.referral import (
    get_link,
    has_link,
    passes_link,
    pay_reward,
    take_link,
    use_link,
)
from omnilab.world.reviews import (
    add_review,
    average_of,
    reads,
    review_delay,
    signs_review,
    stars_of,
    trust_in,
    writes,
)
from omnilab.world.tips import friend_warned, hears

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model
    from omnilab.world.needs import Need

__all__ = [
    "hear_tip",
    "plan_review",
    "read_reviews",
    "refer",
    "review",
    "tell_bad",
    "warning",
]

write_warning = writer(rows.WARNING, placed=False)
write_review = writer(rows.REVIEW, placed=False)
write_review_read = writer(rows.REVIEW_READ, placed=True)
write_link = writer(rows.REFERRAL, placed=False)
write_referred = writer(rows.REFERRED, placed=True)


@inner
def tell_bad(cell: Cell, model: Model, t: int, who: int, why: int) -> None:
    """Perhaps warn a friend of a bad experience (of `omnilab.log.rows`)."""
    friend, delay = friend_warned(cell, model, t, who, why)
    if friend >= 0:
        push(cell, later(model, t, delay), queue.WARNING, friend, who, why)


@inner
def warning(cell: Cell, model: Model, t: int, who: int, giver: int, why: int) -> None:
    """Hear a friend's warning."""
    if cell.person[who].left == 1 or is_awaited(model, cell.person[who], t):
        return
    write_warning(cell, t, who, friend=cell.meta.first + giver, why=why)
    learn_for_good(cell, model, t, who, BY_TIP)
    hears(model, cell.person[who], t, False)


@inner
def hear_tip(cell: Cell, model: Model, t: int, who: int, giver: int, ordinal: int) -> None:
    """Hear a friend's tip of an order: know and like the brand, and perhaps get a link."""
    person, friend = cell.person[who], cell.person[giver]
    learn_for_good(cell, model, t, who, BY_TIP)
    hears(model, person, t, True)
    if passes_link(model, friend, person, giver, ordinal):
        take_link(model, person, friend, giver, t)
        write_link(cell, t, who, friend=cell.meta.first + giver)


@inner
def plan_review(
    cell: Cell, model: Model, t: int, who: int, c: int, category: int, ordinal: int
) -> None:
    """Put the review of an order on channel ``c`` into the queue, if it may be written."""
    delay = review_delay(model, cell.person[who], ordinal)
    if delay < 0.0:
        return
    at = later(model, t, delay)
    if at < model.clock.run_end:
        push(cell, at, queue.REVIEW, who, (c << 8) | category, ordinal)


@inner
def review(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, packed: int, ordinal: int
) -> None:
    """Write a review of an order, unless the feeling is too moderate for it.

    ``packed`` has the order's channel and its category. Under an address the brand learns of it.
    """
    person, category = cell.person[who], packed & 0xFF
    stars = stars_of(model, person, t, ordinal)
    if writes(model, person, ordinal, stars):
        add_review(cell, category, stars)
        write_review(cell, t, who, need=ordinal, stars=stars, category=category)
        if signs_review(model, person, ordinal):
            code = address_code(model, person, who, EMAIL, t)
            tell_review(cell, plan, t, packed >> 8, code, stars)


@inner
def read_reviews(cell: Cell, model: Model, t: int, visit: Visit, need: Need) -> float:
    """Perhaps read the category's reviews at a visit; return what that adds to the stock."""
    who, c, category = int(visit.who), int(visit.channel), int(need.category)
    person = cell.person[who]
    if not reads(cell, model, person, category, int(visit.family), int(visit.occasion)):
        return 0.0
    write_review_read(
        cell, t, who, c, int(model.ch[c].silo), need=int(need.ordinal),
        average=int(average_of(cell, category) * 100.0 + 0.5),
        count=int(cell.review_count[category]),
    )  # fmt: skip
    return trust_in(cell, model, category)


@inner
def refer(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, ordinal: int) -> None:
    """Settle what an order has to do with referrals, once it has shown its identifiers.

    Rewards in hand are spent. A friend's link is used up: the friend gets the reward and the brand
    learns of the pair. Who showed an identifier gets a link of that, the last one shown.
    """
    who, c = int(visit.who), int(visit.channel)
    person = cell.person[who]
    person.reward = 0
    shown, silo = int(visit.shown), int(model.ch[c].silo)
    if shown > 0:
        get_link(person, int(cell.code[shown - 1]), silo)
    counts, code, of_silo = has_link(person, t), int(person.link), int(person.link_silo)
    giver = use_link(person)
    if counts:
        pay_reward(model, cell.person[giver])
        write_referred(
            cell, t, who, c, silo, need=ordinal,
            friend=cell.meta.first + giver, reward=int(model.referral.reward),
        )  # fmt: skip
        tell_referral(cell, plan, t, code, of_silo)
