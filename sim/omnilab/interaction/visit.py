"""A visit: who the brand sees, what it has at hand, what the person does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import CARTED, VIEWED
from omnilab.cell.emit import write_cart, write_cart_left, write_give_up, write_view, write_visit
from omnilab.cell.visit import Visit
from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_DEVICE
from omnilab.interaction.accounts import may_order
from omnilab.interaction.acts import act_at_visit
from omnilab.interaction.delivery import takes_way, worth_of_way
from omnilab.interaction.goods import glance_at_goods, goods_on_offer, look_at_goods
from omnilab.interaction.identifiers import log_identifiers
from omnilab.interaction.interest import look_again, stir_need
from omnilab.interaction.knowing import learn_at_visit
from omnilab.interaction.leaving import bad_experience
from omnilab.interaction.offers import is_refused
from omnilab.interaction.order import order
from omnilab.interaction.permission import sign_up_at_visit
from omnilab.interaction.places import arrive_at_place
from omnilab.interaction.price import price_at_hand, reduced, taken_off
from omnilab.interaction.programme import ease_of_balance, show_progress
from omnilab.interaction.question import may_choose
from omnilab.interaction.site_search import types_search
from omnilab.interaction.stay import stays
from omnilab.interaction.stock import finds, put_back, without
from omnilab.interaction.tills import goes_to_till
from omnilab.interaction.wall import (
    ask_cart,
    ask_points,
    ask_serial,
    hear,
    tell_outcome,
    tell_visit,
)
from omnilab.interaction.word import read_reviews
from omnilab.kernels.compiling import inlined, inner
from omnilab.kernels.record import starter
from omnilab.log import rows
from omnilab.world.accounts import ALONE
from omnilab.world.continuity import gives_up
from omnilab.world.device import device_for, idle_device, more_to_choose, use_device
from omnilab.world.familiarity import count_visit
from omnilab.world.goal import nearness
from omnilab.world.goods import chooses
from omnilab.world.habit import novelty_of_repeat
from omnilab.world.identifiers import show
from omnilab.world.intent import is_ready, stimulate
from omnilab.world.interruption import holds_to_cart
from omnilab.world.money import completes, discount_cents
from omnilab.world.needs import EXPLORING, IN_CART, LOOKED_AT, NOT_BEGUN, READY
from omnilab.world.reference_price import feels_price
from omnilab.world.rivals import let_down
from omnilab.world.routine import strengthen
from omnilab.world.visit_time import BUYS, CHOOSES, LOOKS
from omnilab.world.waking import comes_by

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.needs import Need

__all__ = [
    "arrive",
    "begin_visit",
    "go_on",
    "idle_visit",
    "leave_cart",
    "look_at",
    "need_visit",
    "pay",
]

start_visit = starter(Visit)

# How a person takes it that steps must be repeated
GOES_ON = 0
GIVES_UP = 1
LEAVES = 2

# How a visit for a need stands
CLOSED = 0  # it is over, and so is the need
OPEN = 1  # it is over, the need is not
STAYS = 2  # the person is still there


@inlined
def begin_visit(cell: Cell, who: int, family: int, occasion: int) -> Visit:
    """Return the record of a new visit of a person, whose draws have this address."""
    visit = cell.visit[0]
    start_visit(visit)
    visit.who = who
    visit.family = family
    visit.occasion = occasion
    return visit


@inlined
def arrive(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> None:
    """Show the visit's identifiers to the brand; it may know whose they are."""
    n = 0
    c = int(visit.channel)
    comes_by(model, cell.person[int(visit.who)], t)
    if model.ch[c].n_shown > 0 or model.identifiers.oracle == 1:
        n = show(
            cell, model, int(visit.who), c, int(visit.on_device), t, int(visit.family),
            int(visit.occasion), 0, 0,
        )  # fmt: skip
    if visit.extra != 0:
        cell.code[n] = visit.extra
        cell.carry[n] = visit.carry
        n += 1
    visit.shown = n
    device = int(visit.on_device) if model.ch[c].devices == 1 else -1
    visit.profile = tell_visit(cell, plan, t, c, n, device) if n > 0 else -1


@inner
def _log_arrival(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, ordinal: int
) -> None:
    """Write the rows of an arrival, then hear what the brand says to it."""
    who, c = int(visit.who), int(visit.channel)
    silo = int(model.ch[c].silo)
    write_visit(
        cell, t, who, c, silo, need=ordinal, cause=visit.cause, cost=visit.cost,
        returning=visit.returning, carry_needed=visit.carry_needed, carried=visit.carried,
        on_device=visit.on_device, source=visit.source,
    )  # fmt: skip
    count_visit(cell, model, who, c)
    strengthen(cell, model, who, c, t)
    if model.places.on == 1:
        arrive_at_place(cell, model, plan, t, visit, ordinal)
    if visit.shown > 0:
        serial = ask_serial(cell, int(visit.profile))
        log_identifiers(cell, model, t, who, c, 0, int(visit.shown), serial)
    hear(cell, t)


@inlined
def idle_visit(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, device: float, what: float
) -> None:
    """Look around without a need; two uniforms choose the device and what is looked at."""
    who, c = int(visit.who), int(visit.channel)
    person = cell.person[who]
    visit.on_device = idle_device(model, person, c, t, device)
    use_device(model, person, c, int(visit.on_device), t)
    if visit.category < 0:
        visit.category = int(what * len(model.cat))
    if model.awareness.on == 1:
        learn_at_visit(cell, model, t, visit)
    arrive(cell, model, plan, t, visit)
    _log_arrival(cell, model, plan, t, visit, -1)
    if model.interest.inertia == 1:
        person.last_channel = c
    if not stays(cell, model, t, visit, -1):
        look_at(cell, model, plan, t, visit)


@inlined
def look_at(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> None:
    """Look at a category without a need, and end the visit."""
    who, c, category = int(visit.who), int(visit.channel), int(visit.category)
    silo = int(model.ch[c].silo)
    write_view(cell, t, who, c, silo, need=-1, category=category)
    if model.goods.on == 1:
        glance_at_goods(cell, model, plan, t, visit)
    if model.interest.readies > 0.0:
        stir_need(cell, model, t, who, category)
    tell_outcome(cell, plan, t, visit, silo, (VIEWED, -1, category, 0))
    _end(cell, model, plan, t, visit)


@inner
def _end(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> None:
    """End a visit."""
    if model.acts.on == 1:
        act_at_visit(cell, model, plan, t, visit)
    if model.response.forms == 1:  # last of all: it may merge the visit's profile
        sign_up_at_visit(cell, model, plan, t, visit)
    look_again(cell, model, t, visit)


@inner
def need_visit(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int
) -> int:
    """Visit a channel for need ``index``; return `OPEN`, `CLOSED` or `STAYS`, as `go_on` does."""
    does = _come(cell, model, plan, t, visit, index)
    if does == GOES_ON:
        return go_on(cell, model, plan, t, visit, index, False)
    _end(cell, model, plan, t, visit)
    return OPEN if does == GIVES_UP else CLOSED


@inner
def go_on(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int, waited: bool
) -> int:
    """Take the next steps of a visit for need ``index``, up to one that takes time.

    Parameters
    ----------
    waited
        The time of the first of these steps is over.

    Returns
    -------
    int
        `OPEN` where the visit is over and the need is not, `CLOSED` where both are, `STAYS` where
        a step is still to come.
    """
    after = _steps(cell, model, plan, t, visit, index, waited)
    if after != STAYS:
        _end(cell, model, plan, t, visit)
    return after


@inner
def _steps(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int, waited: bool
) -> int:
    ordinal = int(cell.need[index].ordinal)
    while True:
        if not waited and stays(cell, model, t, visit, ordinal):
            return STAYS
        waited = False
        if visit.step == LOOKS:
            if not _look(cell, model, plan, t, visit, index):
                return OPEN
            visit.step = CHOOSES
        elif visit.step == CHOOSES:
            if model.stock.on == 1:
                after = _look_for_good(cell, model, plan, t, visit, index)
                if after >= 0:
                    return after
            if model.goods.on == 1 and not _choose_goods(cell, model, plan, t, visit, index):
                return OPEN
            _fill_cart(cell, t, visit, index)
            visit.step = BUYS
        else:
            return _buy(cell, model, plan, t, visit, index)


@inner
def _come(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int) -> int:
    """Arrive for a need, and begin again where nothing followed the person there."""
    who, c = int(visit.who), int(visit.channel)
    person = cell.person[who]
    need = cell.need[index]
    family, occasion = int(visit.family), int(visit.occasion)
    device, patience, annoyed, leaves = draw4(
        model.key.k0, model.key.k1, family + V_DEVICE, person.entity, occasion
    )
    visit.on_device = device_for(model, person, need, c, t, device)
    use_device(model, person, c, int(visit.on_device), t)
    if model.ch[c].devices == 1:
        need.on_device = visit.on_device
    arrive(cell, model, plan, t, visit)
    silo = int(model.ch[c].silo)
    carried = need.progress > 0 and ask_cart(cell, plan, int(visit.profile), silo, need.ordinal)
    _continue(visit, need, carried)
    _log_arrival(cell, model, plan, t, visit, int(need.ordinal))
    person.last_channel = c
    learn_at_visit(cell, model, t, visit)
    need.visits += 1
    stimulate(model, need, t, model.intent.visit_gain)
    visit.had_cart = int(need.progress == IN_CART)
    if need.progress > NOT_BEGUN and not carried:
        return _repeat(cell, model, t, visit, index, patience, annoyed, leaves)
    return GOES_ON


@inner
def _look(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int) -> bool:
    """Look at what is needed; return whether the person goes on to choose."""
    who, c = int(visit.who), int(visit.channel)
    need = cell.need[index]
    silo = int(model.ch[c].silo)
    need.channel = c
    need.silo = silo
    if model.site_search.each > 0.0:
        types_search(cell, model, plan, t, visit, need)
    write_view(cell, t, who, c, silo, need=int(need.ordinal), category=int(need.category))
    if model.goods.on == 1:
        look_at_goods(cell, model, plan, t, visit, need)
    stock = stimulate(model, need, t, 0.0) - more_to_choose(model, int(visit.on_device))
    full = int(plan.rules.card)
    if model.rewarding.on == 1:
        stock += show_progress(cell, model, plan, t, visit)
    if model.reviews.read > 0.0:
        stock += read_reviews(cell, model, t, visit, need)
    if model.goal.gradient > 0.0 and full > 0:
        stock += nearness(model, ask_points(cell, plan, t, int(visit.profile), silo), full)
    sure = visit.sure == 1
    felt = 0.0
    if model.reference_price.on == 1:
        price = price_at_hand(cell, model, plan, t, visit, need)
        felt = feels_price(model, cell.person[who], price)
    stock += felt
    if visit.had_cart == 1:
        less = max(need.felt - felt, 0.0)
        wants = holds_to_cart(model, cell.person[who], need, t, stock, visit.ready, less)
    else:
        need.felt = felt
        wants = is_ready(model, cell.person[who], stock, visit.ready)
    wants = wants or sure
    if need.joint != ALONE:
        wants = sure or may_order(cell, who, need)
    if model.questions.on == 1 and not sure:
        wants = may_choose(cell, model, t, visit, need, wants)
    if wants and (model.ch[c].completes > 0.0 or sure):  # some places only show
        return True
    need.stage = EXPLORING
    need.progress = LOOKED_AT
    _tell_of(cell, plan, t, visit, need, VIEWED, 0)
    return False


@inner
def _look_for_good(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int
) -> int:
    """Look for the variant that the need wants; return -1 to go on, else how the visit ends."""
    if visit.sure == 1 or finds(cell, model, t, visit, index):
        return -1
    need = cell.need[index]
    need.stage = EXPLORING
    need.progress = LOOKED_AT
    after = without(cell, model, plan, t, visit, index)
    if after == OPEN:
        _tell_of(cell, plan, t, visit, need, VIEWED, 0)
    return after


@inner
def _choose_goods(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int
) -> bool:
    """Choose among the goods that were seen for a need; tell whether the person takes any."""
    need = cell.need[index]
    if model.n_goods[int(need.category)] == 0:
        return True
    offered = goods_on_offer(cell, model, t, visit, need)
    if chooses(model, cell.person[int(visit.who)], need, t, visit.sure == 1, offered):
        return True
    need.stage = EXPLORING
    need.progress = LOOKED_AT
    _tell_of(cell, plan, t, visit, need, VIEWED, 0)
    return False


@inner
def _continue(visit: Visit, need: Need, carried: bool) -> None:
    """Note how a visit follows the earlier ones for its need."""
    visit.returning = 1 if need.visits > 0 else 0
    if need.progress > NOT_BEGUN and need.channel != visit.channel:
        visit.carry_needed = 1
        visit.carried = 1 if carried else 0


@inner
def _repeat(
    cell: Cell,
    model: Model,
    t: int,
    visit: Visit,
    index: int,
    patience: float,
    annoyed: float,
    leaves: float,
) -> int:
    """Begin again, since nothing followed the person here; return how the person takes it.

    Three uniforms: whether the person gives up, is annoyed, and leaves the brand for that.
    """
    need = cell.need[index]
    who, c, steps = int(visit.who), int(visit.channel), int(need.progress)
    gave_up = gives_up(model, steps, patience)
    if gave_up:
        write_give_up(cell, t, who, c, int(model.ch[c].silo), need=int(need.ordinal), steps=steps)
    annoys = model.continuity.annoys * novelty_of_repeat(cell, model, who, c, t)
    if annoyed < annoys and bad_experience(cell, model, t, who, rows.BAD_REPEAT, leaves):
        return LEAVES
    need.progress = NOT_BEGUN
    if gave_up:
        let_down(need)
    return GIVES_UP if gave_up and visit.sure == 0 else GOES_ON


@inner
def _fill_cart(cell: Cell, t: int, visit: Visit, index: int) -> None:
    """Put what is needed in the cart."""
    need = cell.need[index]
    need.stage = READY
    need.progress = IN_CART
    write_cart(
        cell, t, int(visit.who), int(visit.channel), int(need.silo), need=int(need.ordinal),
        amount=int(need.value),
    )  # fmt: skip


@inner
def _buy(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int) -> int:
    """Buy what is in the cart, leave it or go to the till; return how the visit stands."""
    need = cell.need[index]
    c, chosen = int(visit.channel), int(need.value)
    if not takes_way(cell, model, t, visit, need) and visit.sure == 0:
        _leave_cart(cell, model, plan, t, visit, index)
        return OPEN
    value = int(need.value)
    discount, share = reduced(cell, model, plan, t, visit, need)
    device, ordinal = int(visit.on_device), int(need.ordinal)
    more = worth_of_way(cell, model, t, visit, value)
    if model.rewarding.on == 1:
        more += ease_of_balance(cell, model, plan, visit, value - discount)
    buys = completes(model, model.ch[c], device, share, more)
    if visit.sure == 1 or visit.complete < buys:
        if goes_to_till(cell, model, t, visit, ordinal):
            return STAYS
        order(cell, model, plan, t, visit, index, discount)
        is_refused(cell, model, t, visit, ordinal)
        return CLOSED
    need.value = chosen
    _leave_cart(cell, model, plan, t, visit, index)
    return CLOSED if is_refused(cell, model, t, visit, ordinal) else OPEN


@inner
def _leave_cart(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int
) -> None:
    """Let what was chosen stay behind."""
    need = cell.need[index]
    if model.stock.on == 1:
        put_back(cell, model, t, visit, int(need.ordinal))
    if need.cart_left == 0:
        write_cart_left(
            cell, t, int(visit.who), int(visit.channel), int(need.silo), need=int(need.ordinal)
        )
        need.cart_left = 1
    _tell_of(cell, plan, t, visit, need, CARTED, int(need.value))


@inner
def pay(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int) -> None:
    """Pay at the till what need ``index`` was met with, and end the visit."""
    need = cell.need[index]
    visit.points = 0
    value = int(need.value)
    worth = taken_off(cell, model, plan, t, visit, int(need.silo), value)
    ordinal = int(need.ordinal)
    discount = discount_cents(cell.person[int(visit.who)], t, int(need.value), worth)
    if model.offers.on == 1:  # as it was settled at the cart
        discount = min(worth + int(visit.off), int(need.value))
    order(cell, model, plan, t, visit, index, discount)
    is_refused(cell, model, t, visit, ordinal)
    _end(cell, model, plan, t, visit)


@inner
def leave_cart(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, index: int
) -> None:
    """Go from the till without what need ``index`` asks for, and end the visit."""
    _leave_cart(cell, model, plan, t, visit, index)
    _end(cell, model, plan, t, visit)


@inner
def _tell_of(
    cell: Cell, plan: LoweredPlan, t: int, visit: Visit, need: Need, what: int, cents: int
) -> None:
    """Tell the brand what a visit for a need came to."""
    silo, ordinal, category = int(need.silo), int(need.ordinal), int(need.category)
    visit.goods = need.goods_lines if what == CARTED else 1 << need.good if need.good >= 0 else 0
    tell_outcome(cell, plan, t, visit, silo, (what, ordinal, category, cents))
