"""Needs coming, ripening, ending; visits for them; friends' tips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.emit import write_aware, write_need, write_tip
from omnilab.cell.queue import push
from omnilab.cell.room import MOST_NEEDS, TOO_MANY_NEEDS
from omnilab.draws.philox import draw4
from omnilab.draws.streams import (
    NEED_END,
    V_COURSE,
    V_GAP,
    VISIT_ENTRY,
    VISIT_NEED,
    VISIT_RIVAL,
    VISIT_TIP,
)
from omnilab.interaction.accounts import begin_account, end_need
from omnilab.interaction.advertising import NOT_NOW, buy_click, may_buy_click
from omnilab.interaction.content import read_for_need
from omnilab.interaction.leaving import lose_need
from omnilab.interaction.places import what_draws
from omnilab.interaction.rivals import BUYS, try_rivals
from omnilab.interaction.stay import take_up_visit
from omnilab.interaction.stock import look_up, put_back
from omnilab.interaction.visit import OPEN, begin_visit, go_on, look_at, need_visit
from omnilab.interaction.word import hear_tip
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.accounts import ALONE, needs_by_itself
from omnilab.world.changes import comes
from omnilab.world.choice import choose
from omnilab.world.clock import later, local
from omnilab.world.creation import gives_back
from omnilab.world.early import begins_early, next_early
from omnilab.world.intent import delay_to_next, stimulate
from omnilab.world.interest import BORN_ORDINAL, take_interest
from omnilab.world.needs import (
    GIVEN_UP,
    LATENT,
    becomes_aware,
    find,
    next_arrival,
    open_need,
    ordinal_of,
    shown_need,
    take_need,
    take_up,
)
from omnilab.world.needs import OPEN as WAITS_FOR_ANSWER
from omnilab.world.newcomer import is_awaited, is_newcomer
from omnilab.world.opening import waits_until
from omnilab.world.search import (
    COMES,
    PAID,
    PAID_BRAND,
    RIVALS,
    STAYS_AWAY,
    search_leads_to,
)
from omnilab.world.tips import makes_need, tip_ordinal

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model
    from omnilab.world.needs import Need

__all__ = [
    "BY_ONESELF",
    "ENTRY_ORDINAL",
    "add_need",
    "aware",
    "entry",
    "expire",
    "leave_open",
    "make_need",
    "need_arrives",
    "notice",
    "revisit",
    "stay",
    "tip",
    "visit_for",
]

ENTRY_ORDINAL = 1 << 24

# Where a need comes from, as the log says it
OF_ITSELF = 0
OF_MESSAGE = 1
OF_LOOKING = 2
OF_TIP = 3
OF_WORD = 4  # a medium without an address, an article or a post

# Why a need is noticed, as the log says it
BY_ONESELF = 0
BY_MESSAGE = 1
BY_TIP = 2

MESSAGE_STEP = 1 << 56  # counts visits in the occasion of a message's or a tip's first one
MOST_STEPS = 30  # times that a person comes back for one need after a message or a tip
MOST_RETURNS = 0xFFFF  # times that a person comes back by itself for one need: bits of occasions


@inner
def add_need(cell: Cell, model: Model, t: int, who: int, category: int, ordinal: int) -> int:
    """Open a need that comes by itself; return when it is noticed."""
    return make_need(cell, model, t, who, category, ordinal, OF_ITSELF, 0)


@inner
def make_need(
    cell: Cell, model: Model, t: int, who: int, category: int, ordinal: int, origin: int, maker: int
) -> int:
    """Open a need, log it and put its end into the queue; return when it is noticed.

    Parameters
    ----------
    origin, maker
        Where it comes from: `OF_ITSELF`, `OF_LOOKING`, `OF_TIP`, or `OF_MESSAGE` and that message's
        id, or `OF_WORD` and what that was (`omnilab.interaction.media`).
    """
    person = cell.person[who]
    i = take_need(cell)
    noticed = open_need(cell, model, who, i, category, ordinal, t)
    if model.interest.readies > 0.0 or model.offers.exposes > 0.0 or model.content.on == 1:
        take_interest(cell, model, who, cell.need[i], t)
    cell.need[i].next = person.first_need
    person.first_need = i
    write_need(
        cell, t, who, need=ordinal, category=category, origin=origin, value=int(cell.need[i].value),
        maker=maker,
    )  # fmt: skip
    push(cell, int(cell.need[i].expires), queue.EXPIRE, who, ordinal, 0)
    if model.accounts.on == 1:
        begin_account(cell, model, t, who, i)
    return noticed


@inner
def need_arrives(cell: Cell, model: Model, t: int, who: int, category: int, number: int) -> None:
    """Open the category's next need and schedule the one after it."""
    if cell.person[who].left == 1:
        return
    if number > ENTRY_ORDINAL:
        _early_need(cell, model, t, who, category, number)
        return
    ordinal = ordinal_of(model, category, number)
    still = len(model.change) == 0 or comes(model, cell.person[who], ordinal, t)
    if still and not gives_back(cell, who, category):
        noticed = add_need(cell, model, t, who, category, ordinal)
        push(cell, noticed, queue.NOTICE, who, ordinal, 0)
    following = next_arrival(cell, model, who, category, t)
    if following < model.clock.run_end:
        if (number + 2) * model.needs.stride > MOST_NEEDS:
            cell.meta.over = TOO_MANY_NEEDS
            cell.meta.grown = 1
        push(cell, following, queue.NEED, who, category, number + 1)


@inner
def _early_need(cell: Cell, model: Model, t: int, who: int, category: int, ordinal: int) -> None:
    """Open a need of the burst after a cohort member's first order, and schedule the next."""
    noticed = add_need(cell, model, t, who, category, ordinal)
    push(cell, noticed, queue.NOTICE, who, ordinal, 0)
    _plan_early(cell, model, t, who, category, ordinal + 1)


@inner
def _plan_early(cell: Cell, model: Model, t: int, who: int, category: int, ordinal: int) -> None:
    """Put a need of the burst into the queue, if there is one more."""
    rate, number = cell.rate[who, category], ordinal - ENTRY_ORDINAL - 1
    at = next_early(model, cell.person[who], category, rate, number, t)
    if at < model.clock.run_end and ordinal < BORN_ORDINAL:
        push(cell, at, queue.NEED, who, category, ordinal)


@inner
def aware(cell: Cell, t: int, who: int, need: Need, why: int) -> None:
    """Let a person notice a need, if it has not been noticed yet."""
    if becomes_aware(need):
        write_aware(cell, t, who, need=int(need.ordinal), cause=why)


@inner
def notice(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, ordinal: int) -> None:
    """Notice a need by oneself, and go somewhere for it."""
    i = find(cell, cell.person[who], ordinal)
    if i < 0:
        return
    aware(cell, t, who, cell.need[i], BY_ONESELF)
    visit_for(cell, model, plan, t, begin_visit(cell, who, VISIT_NEED, ordinal << 16), i)


@inner
def visit_for(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, i: int) -> None:
    """Make a visit for need ``i``, and maybe plan the next one.

    The person chooses the channel unless the visit has one. Whether and when the person comes
    back by itself is drawn at this visit's own address, so that what other visits do in between
    moves nothing.
    """
    person = cell.person[int(visit.who)]
    family, occasion = int(visit.family), int(visit.occasion)
    k0, k1 = model.key.k0, model.key.k1
    where, ready, complete, returns = draw4(k0, k1, family + V_COURSE, person.entity, occasion)
    quick, gap, searches, clicks = draw4(k0, k1, family + V_GAP, person.entity, occasion)
    visit.ready = ready
    visit.complete = complete
    visit.returns = returns
    visit.quick = quick
    visit.gap = gap
    leads_to = COMES
    if visit.channel < 0:
        been = cell.need[i].visits > 0
        leads_to = _search(cell, model, plan, t, visit, searches, clicks, been)
    if leads_to == RIVALS and cell.need[i].joint != ALONE:
        leads_to = STAYS_AWAY  # one member's search does not decide for the account
    if model.content.on == 1 and visit.channel < 0 and leads_to != RIVALS:
        read_for_need(cell, model, t, visit, i)
    if leads_to == RIVALS:
        lose_need(cell, t, int(visit.who), i, rows.FATE_RIVAL)
        return
    if visit.channel < 0 and leads_to != STAYS_AWAY:
        stock = stimulate(model, cell.need[i], t, 0.0)
        what_draws(cell, model, t, int(visit.who))
        if model.choice.waits > 0.0:
            at = waits_until(
                model, person, t, family, occasion, stock, where, cell.weight, cell.pull
            )
            if at > t:
                _wait(cell, visit, i, at)
                return
        visit.channel = choose(
            model, person, t, local(model, t), stock, where, cell.weight, cell.pull, 0
        )
        goes = model.rivals.number > 0 and cell.need[i].joint == ALONE
        if goes and try_rivals(cell, model, t, visit, i, stock) == BUYS:
            return
        if model.stock.looks_up > 0.0 and visit.channel >= 0:
            look_up(cell, model, plan, t, visit, i, stock, where)
    if visit.channel >= 0 and need_visit(cell, model, plan, t, visit, i) != OPEN:
        return
    _come_back(cell, model, t, visit, i)


@inner
def _wait(cell: Cell, visit: Visit, i: int, at: int) -> None:
    """Make this same visit, with its own draws, when the place is open."""
    if at < cell.need[i].expires:
        packed = (int(visit.family) << 32) | int(cell.need[i].ordinal)
        push(cell, at, queue.REVISIT, int(visit.who), packed, int(visit.occasion))


@inner
def stay(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, ordinal: int) -> None:
    """Go on with a visit whose next step has taken its time, for a need or without one (-1)."""
    visit = take_up_visit(cell, plan, t, who)
    if ordinal < 0:
        look_at(cell, model, plan, t, visit)
        return
    i = find(cell, cell.person[who], ordinal)
    if i < 0 and model.stock.on == 1:  # who left the brand meanwhile buys nothing
        put_back(cell, model, t, visit, ordinal)
    if i < 0 or go_on(cell, model, plan, t, visit, i, True) != OPEN:
        return
    leave_open(cell, model, t, visit, i)


@inner
def leave_open(cell: Cell, model: Model, t: int, visit: Visit, i: int) -> None:
    """End a visit that had been put aside and did not meet its need ``i``."""
    if visit.family == VISIT_RIVAL:
        lose_need(cell, t, int(visit.who), i, rows.FATE_RIVAL)
    elif visit.family != VISIT_ENTRY or is_newcomer(cell.person[int(visit.who)]):
        _come_back(cell, model, t, visit, i)


@inner
def _come_back(cell: Cell, model: Model, t: int, visit: Visit, i: int) -> None:
    """Maybe plan the next visit for need ``i`` by oneself, if the need still waits then."""
    if visit.away == 1:
        return
    if cell.need[i].question == WAITS_FOR_ANSWER:
        return  # who gets an answer, or gives up, comes back then
    if visit.returns >= model.intent.returns:
        cell.need[i].stage = GIVEN_UP
        return
    at = later(model, t, delay_to_next(model, visit.quick, visit.gap))
    family, occasion = int(visit.family), int(visit.occasion)
    step, often = MESSAGE_STEP, (occasion >> 56) >= MOST_STEPS
    if family == VISIT_NEED:
        step, often = 1, (occasion & MOST_RETURNS) == MOST_RETURNS
    if at < cell.need[i].expires and not often:
        packed = (family << 32) | int(cell.need[i].ordinal)
        push(cell, at, queue.REVISIT, int(visit.who), packed, occasion + step)


@inner
def _search(
    cell: Cell,
    model: Model,
    plan: LoweredPlan,
    t: int,
    visit: Visit,
    searches: float,
    clicks: float,
    been: bool,
) -> int:
    """Let the visit start at a paid search result, if the brand pays for them and one is clicked.

    Return where the search leads (`omnilab.world.search`); ``searches`` and ``clicks`` are
    uniforms, ``been`` says whether the person has been here for the need.
    """
    if model.search.landing < 0 or searches >= model.search.searches:
        return COMES
    person, family, occasion = cell.person[int(visit.who)], int(visit.family), int(visit.occasion)
    price = may_buy_click(cell, model, plan, t, person, family, occasion)
    leads_to = search_leads_to(
        model, person, t, family, occasion, searches, clicks, price != NOT_NOW, been
    )  # fmt: skip
    if leads_to == PAID or leads_to == PAID_BRAND:
        visit.channel = model.search.landing
        visit.cost = buy_click(cell, model, plan, t, leads_to, price)
    return leads_to


@inner
def revisit(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, packed: int, occasion: int
) -> None:
    """Come back for a need, if it is still open."""
    i = find(cell, cell.person[who], packed & 0xFFFFFFFF)
    if i < 0:
        return
    aware(cell, t, who, cell.need[i], BY_MESSAGE)
    take_up(cell.need[i])
    visit_for(cell, model, plan, t, begin_visit(cell, who, packed >> 32, occasion), i)


@inner
def expire(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, ordinal: int) -> None:
    """End a need that waited too long: dropped, or met by a rival unless a search wins it back."""
    person = cell.person[who]
    i = find(cell, person, ordinal)
    if i < 0:
        return
    fate, searches, clicks, _ = draw4(model.key.k0, model.key.k1, NEED_END, person.entity, ordinal)
    if fate >= model.cat[int(cell.need[i].category)].rival:
        end_need(cell, t, who, i, rows.FATE_DROPPED)
        return
    visit = begin_visit(cell, who, VISIT_RIVAL, ordinal)
    _search(cell, model, plan, t, visit, searches, clicks, True)
    if visit.channel >= 0 and _last_visit(cell, model, plan, t, visit, i) != OPEN:
        return
    end_need(cell, t, who, i, rows.FATE_RIVAL)


@inner
def _last_visit(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, i: int) -> int:
    """Visit from a search before a rival meets the need; return how it ends, as `go_on` does."""
    entity, ordinal = cell.person[int(visit.who)].entity, int(visit.occasion)
    _, ready, complete, _ = draw4(
        model.key.k0, model.key.k1, VISIT_RIVAL + V_COURSE, entity, ordinal
    )
    visit.ready = ready
    visit.complete = complete
    return need_visit(cell, model, plan, t, visit, i)


@inner
def entry(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, category: int) -> None:
    """Arrive with a first order, as the members of a purchase cohort do."""
    person = cell.person[who]
    add_need(cell, model, t, who, category, ENTRY_ORDINAL)
    i = int(person.first_need)
    where, ready, complete, _ = draw4(
        model.key.k0, model.key.k1, VISIT_ENTRY + V_COURSE, person.entity, 0
    )
    visit = begin_visit(cell, who, VISIT_ENTRY, 0)
    visit.ready = ready
    visit.complete = complete
    visit.sure = 1
    what_draws(cell, model, t, who)
    visit.channel = choose(model, person, t, local(model, t), 0.0, where, cell.weight, cell.pull, 0)
    if visit.channel < 0:
        visit.channel = model.search.first_visit
    need_visit(cell, model, plan, t, visit, i)
    if begins_early(model, person, category, t):
        _plan_early(cell, model, t, who, category, ENTRY_ORDINAL + 1)


@inner
def tip(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, giver: int, packed: int
) -> None:
    """Hear a friend's tip: it makes a need in the category felt, and may start a visit."""
    person = cell.person[who]
    if person.left == 1 or is_awaited(model, person, t):
        return
    category = packed >> 40
    write_tip(cell, t, who, friend=cell.meta.first + giver, category=category)
    ordinal = packed & 0xFFFFFFFF
    hear_tip(cell, model, t, who, giver, ordinal)
    i = shown_need(cell, person, category, -1)
    if i < 0:
        i = _need_of_tip(cell, model, t, who, giver, category, ordinal)
    if i < 0:
        return
    need = cell.need[i]
    stimulate(model, need, t, model.intent.tip_gain)
    if need.stage != LATENT and need.stage != GIVEN_UP:
        return  # the person is at it already
    aware(cell, t, who, need, BY_TIP)
    take_up(need)
    near, far = giver & 0xFFF, giver >> 12  # twelve bits below the count of visits, two above 40
    occasion = (near << 44) | (far << 40) | (packed & 0xFFFFFFFF)
    visit_for(cell, model, plan, t, begin_visit(cell, who, VISIT_TIP, occasion), i)


@inner
def _need_of_tip(
    cell: Cell, model: Model, t: int, who: int, giver: int, category: int, ordinal: int
) -> int:
    """Let the tip of an order make a need in who has none; return its index, -1 without one."""
    person = cell.person[who]
    if not needs_by_itself(person) or not makes_need(model, person, giver, ordinal):
        return -1
    made = tip_ordinal(giver, ordinal)
    if find(cell, person, made) >= 0:  # two tips in 2**24 have one number
        return -1
    make_need(cell, model, t, who, category, made, OF_TIP, 0)
    return int(person.first_need)
