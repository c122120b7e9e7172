"""One item at a time, in order: the step that belongs to its kind. Both engines come here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.codes import E_WEEKLY
from omnilab.brand.journeys import is_live
from omnilab.cell import queue
from omnilab.cell.emit import write_address, write_census, write_person
from omnilab.cell.fetching import fetch_message, fetch_person
from omnilab.cell.queue import close, pop, push, soonest
from omnilab.cell.room import fits, limits, rows_of_event
from omnilab.interaction.accounts import account_item, write_membership
from omnilab.interaction.contact import answered, ask
from omnilab.interaction.crm import load_records
from omnilab.interaction.failures import failed
from omnilab.interaction.handover import collects, there
from omnilab.interaction.identifiers import shown_code
from omnilab.interaction.inflow import enter_by_channel
from omnilab.interaction.knowing import write_first
from omnilab.interaction.leaving import may_leave
from omnilab.interaction.line_moments import joins, patience_ends, service_ends
from omnilab.interaction.looking import idle, look
from omnilab.interaction.media import contact, find_brand, first_contacts
from omnilab.interaction.message import came_by, machine, opened
from omnilab.interaction.need import (
    entry,
    expire,
    need_arrives,
    notice,
    revisit,
    stay,
    tip,
)
from omnilab.interaction.posts import first_posts, post, sees
from omnilab.interaction.programme import target_ends
from omnilab.interaction.reading_up import look_up_matter, plan_look_up
from omnilab.interaction.restock import go, watch
from omnilab.interaction.routine import cue, plan_cue
from omnilab.interaction.send import send
from omnilab.interaction.service import give_back, service
from omnilab.interaction.stay import waits
from omnilab.interaction.supply import fill_shelves, supply
from omnilab.interaction.wall import (
    enter_arrival,
    enter_weekly,
    forget_cookies,
    hear,
    tell_permission,
    wake_copy,
)
from omnilab.interaction.ways import commute, errand, first_ways, near, settle
from omnilab.interaction.word import review, warning
from omnilab.kernels.compiling import inner, kernel
from omnilab.world.accounts import found_account, needs_by_itself
from omnilab.world.advertising import without_ads
from omnilab.world.attrition import first_tenure
from omnilab.world.fast.idle import start_idle
from omnilab.world.identifiers import address_code, type_of
from omnilab.world.inflow import share_computer, way_of
from omnilab.world.intent import match
from omnilab.world.lines import open_lines, tear_tickets
from omnilab.world.needs import next_arrival
from omnilab.world.newcomer import is_awaited, is_newcomer
from omnilab.world.population import born
from omnilab.world.recency import recency_effect
from omnilab.world.reviews import without_reviews
from omnilab.world.slots import empty_slots

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.kernels.record import Ints
    from omnilab.world.model import Model

__all__ = ["DONE", "FULL", "PENDING", "SHORT", "act", "advance", "people", "schedule_weekly"]

DONE: Final = 0  # nothing more before the given time
SHORT: Final = 1  # an array must grow first
FULL: Final = 2  # rows must be taken away first
DAY: Final = 86400
PENDING: Final = 3  # the strategy's `decide` is asked


@kernel
def advance(cell: Cell, model: Model, plan: LoweredPlan, until: int) -> int:
    """Act on the cell's items before ``until``; stop where the engine has to do something.

    Returns
    -------
    int
        `DONE`; `SHORT`, the array ``short_of`` must grow; `FULL`, rows must be taken away, of
        which there are some; `PENDING`, the strategy's `decide` is asked.
    """
    m = cell.meta
    now = -1
    limit = limits(cell, plan)
    # Rows are taken away when the buffer is half full, while they are in cache, or when an event
    # may need more than the other half.
    half = len(cell.row) >> 1
    free = half
    m.grown = 1
    while True:
        close(cell)
        key = soonest(cell)
        t, kind = queue.time_of(key), queue.kind_of(key)
        if t >= until:
            break
        if m.pending > 0 and (t != now or kind != queue.SEND):
            return PENDING
        if m.grown == 1 or kind == queue.WEEKLY:
            weekly = kind == queue.WEEKLY
            if not fits(cell, plan, limit, weekly):
                return SHORT
            free = max(rows_of_event(cell, plan, limit, weekly), half)
            m.grown = int(weekly)  # what a weekly journey needs is not what the next event does
        if len(cell.row) - m.rows < free:
            return FULL
        now = t
        if kind == queue.IDLE:  # most items are, and `act` takes some steps to find that out
            m.worked += 1
            pop(cell, key)
            idle(cell, model, plan, t, queue.who_of(key))
            continue
        a, b = pop(cell, key)
        _fetch_top(cell)
        act(cell, model, plan, key, a, b)
    if m.pending > 0:
        return PENDING
    return DONE


@inner
def _fetch_top(cell: Cell) -> None:
    """Fetch ahead for the two items of which one comes to the heap's top, in a town."""
    if len(cell.bucket) == 0 or cell.meta.items < 3:
        return
    for i in range(1, 3):
        x = cell.item[i]
        kind, who = queue.kind_of(int(x.key)), queue.who_of(int(x.key))
        if who < queue.BRAND:
            fetch_person(cell, who)
        if kind == queue.OPEN or kind == queue.MACHINE or kind == queue.CAME_BY:
            fetch_message(cell, int(x.a))


@kernel
def act(cell: Cell, model: Model, plan: LoweredPlan, key: int, a: int, b: int) -> None:
    """Act on one item of the queue."""
    t, kind, who = queue.time_of(key), queue.kind_of(key), queue.who_of(key)
    cell.meta.worked += 1
    if waits(cell, model, kind, who, a, b):
        return
    if kind == queue.NEED:
        need_arrives(cell, model, t, who, a, b)
    elif kind == queue.NOTICE:
        notice(cell, model, plan, t, who, a)
    elif kind == queue.REVISIT:
        revisit(cell, model, plan, t, who, a, b)
    elif kind == queue.IDLE:
        idle(cell, model, plan, t, who)
    elif kind == queue.EXPIRE:
        expire(cell, model, plan, t, who, a)
    elif kind == queue.STAY:
        stay(cell, model, plan, t, who, a)
    elif kind == queue.JOIN:
        joins(cell, model, plan, t, a, b)
    elif kind == queue.SERVED_END:
        service_ends(cell, model, plan, t, a, b)
    elif kind == queue.PATIENCE_ENDS:
        patience_ends(cell, model, plan, t, a, b)
    elif kind == queue.THERE:
        there(cell, model, t, who, a, b)
    elif kind == queue.COLLECT:
        collects(cell, model, plan, t, who, a, b)
    elif kind == queue.LOOK:
        look(cell, model, plan, t, who, a, b)
    elif kind == queue.OPEN:
        opened(cell, model, plan, t, a, b)
    elif kind == queue.MACHINE:
        machine(cell, model, plan, t, a, b)
    elif kind == queue.CAME_BY:
        came_by(cell, model, plan, t, a, b)
    elif kind == queue.COPY:
        if is_live(cell, a, b):
            wake_copy(cell, plan, t, a)
    elif kind == queue.SEND:
        if is_live(cell, a, b):
            send(cell, model, plan, t, a)
            hear(cell, t)
    elif kind == queue.WEEKLY:
        _weekly(cell, model, plan, t, a, b)
    elif kind == queue.FORGET:
        # Nothing can expire before `stale`, so the midnights until then are left out.
        stale = forget_cookies(cell, plan, t)
        push(cell, max(t, stale - 1) // DAY * DAY + DAY, queue.FORGET, queue.BRAND, 0, 0)
    elif kind == queue.START:
        _start(cell, model, plan, t, who)
    elif kind == queue.ENTRY:
        if model.inflow.on == 1:
            enter_by_channel(cell, model, plan, t, who)
        else:
            entry(cell, model, plan, t, who, a)
    elif kind == queue.SERVICE:
        service(cell, model, plan, t, who, a)
    elif kind == queue.ASK:
        ask(cell, model, plan, t, who, a, b)
    elif kind == queue.ANSWERED:
        answered(cell, model, plan, t, who)
    elif kind == queue.RETURN:
        give_back(cell, model, t, who, a, b)
    elif kind == queue.TIP:
        tip(cell, model, plan, t, who, a, b)
    elif kind == queue.COMMUTE:
        commute(cell, model, plan, t, who, a, b)
    elif kind == queue.ERRAND:
        errand(cell, model, plan, t, who, a, b)
    elif kind == queue.NEAR:
        near(cell, model, plan, t, who, a, b)
    elif kind == queue.SUPPLY:
        supply(cell, model, t, who, a, b)
    elif kind == queue.GO:
        go(cell, model, plan, t, who, a, b)
    elif kind == queue.WATCH:
        watch(cell, model, plan, t, who, a, b)
    elif kind == queue.CONTACT:
        contact(cell, model, plan, t, who, a, b)
    elif kind == queue.LOOK_UP:
        look_up_matter(cell, model, plan, t, who, a)
    elif kind == queue.POST:
        post(cell, model, plan, t, who, a, b)
    elif kind == queue.SEES:
        sees(cell, model, plan, t, who, a, b)
    elif kind == queue.FIND:
        find_brand(cell, model, plan, t, who, a, b)
    elif kind == queue.ACCOUNT:
        account_item(cell, model, t, who, a, b)
    elif kind == queue.WARNING:
        warning(cell, model, t, who, a, b)
    elif kind == queue.REVIEW:
        review(cell, model, plan, t, who, a, b)
    elif kind == queue.MOMENT:
        may_leave(cell, model, t, who)
    elif kind == queue.CUE:
        cue(cell, model, plan, t, who)
    elif kind == queue.TARGET_ENDS:
        target_ends(cell, model, t, who, a)
    elif kind == queue.FAILED:
        failed(cell, model, plan, t, who, a)
    elif kind == queue.CENSUS:
        _census(cell, model, t, who)


@kernel
def people(cell: Cell, model: Model, household: int, n_households: int, sizes: Ints) -> None:
    """Fill an empty cell with its households' persons and their first items.

    Parameters
    ----------
    household
        Number of the cell's first household.
    sizes
        Persons of each household of the cell, shape ``(n_households,)``.
    """
    index = 0
    without_reviews(cell)
    for h in range(n_households):
        first = index
        for place in range(sizes[h]):
            born(cell, model, index, household + h, h, place, first)
            index += 1
        share_computer(cell, model, first, index)
        if model.accounts.on == 1:
            found_account(cell, model, household + h, first, int(sizes[h]))
    cell.meta.persons = index
    if model.places.on == 1:
        settle(cell, model)
    if model.stock.on == 1:
        fill_shelves(cell, model)
    open_lines(cell, model)
    empty_slots(cell)
    for i in range(index):
        _first_items(cell, model, i, household)


@inner
def _first_items(cell: Cell, model: Model, i: int, household: int) -> None:
    person = cell.person[i]
    way = int(way_of(model, person).channel) if is_newcomer(person) else -1
    write_person(
        cell, 0, i, way, -1, persona=person.persona, prior=person.prior,
        household=household + person.household, entry=person.entry,
    )  # fmt: skip
    if model.accounts.on == 1:
        write_membership(cell, i)
    if model.awareness.on == 1:
        write_first(cell, model, i)
    if model.visit_time.asides == 1:
        cell.stay_due[i] = -1
    if model.questions.on == 1:
        cell.contact[i].state = 0
    if len(model.line) > 0:
        tear_tickets(cell, i)
    if model.advertising.frequency == 1:
        without_ads(cell, i)
    start = int(person.entry)
    if start > model.clock.run_end:
        return  # a newcomer who never finds the way open
    if not is_newcomer(person):  # the brand has nothing of who does not know it
        push(cell, start, queue.START, i, 0, 0)
    if model.birth.entry_over > 0 or is_newcomer(person):
        push(cell, start, queue.ENTRY, i, 0, 0)
    for category in range(len(model.cat)):
        at = next_arrival(cell, model, i, category, start)
        if at < model.clock.run_end and needs_by_itself(person):
            push(cell, at, queue.NEED, i, category, 0)
    at = start_idle(model, person, start)
    if at < model.clock.run_end:
        push(cell, at, queue.IDLE, i, 0, 0)
    if model.places.on == 1:
        first_ways(cell, model, i, start)
    at = first_tenure(model, person)
    if 0 <= at < model.clock.run_end:
        push(cell, at, queue.MOMENT, i, 0, 0)
    plan_cue(cell, model, start, i)
    first_contacts(cell, model, i, start)
    first_posts(cell, model, i, start)
    plan_look_up(cell, model, i, 0, start)
    if model.clock.counts == 1:
        push(cell, model.clock.census, queue.CENSUS, i, 0, 0)


@inner
def _start(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int) -> None:
    """Hand each channel the address of a person who had allowed it before the start."""
    person = cell.person[who]
    for c in range(len(model.ch)):
        if (person.consent >> c) & 1 == 0 or model.ch[c].address == 0:
            continue
        code = address_code(model, person, who, int(model.ch[c].address), t)
        write_address(
            cell,
            t,
            who,
            c,
            model.ch[c].silo,
            code=shown_code(cell, model, code),
            type=type_of(code),
        )
        tell_permission(cell, plan, t, c, -1, code, 0)
    if len(model.upload) > 0:
        load_records(cell, model, plan, t, who)


@kernel
def schedule_weekly(cell: Cell, plan: LoweredPlan, t: int) -> None:
    """Put what goes by the calendar into the queue: journeys after ``t``, and the next sweep.

    The journeys are the weekly ones, and those that run once, if their day is still to come.

    Cookies are forgotten at midnight, not when somebody comes by: one more household in a cell
    must not change when another's cookie is dropped.
    """
    push(cell, t // DAY * DAY + DAY, queue.FORGET, queue.BRAND, 0, 0)
    for j in range(len(plan.journey)):
        if plan.journey[j].trigger == E_WEEKLY:
            first, again = plan.journey[j].first_run, plan.journey[j].again
            if first <= t:
                if again == 0:
                    continue  # it has run
                first += (t - first) // again * again + again
            push(cell, first, queue.WEEKLY, queue.BRAND, j, 0)
    for n in range(len(plan.arrival)):
        if plan.arrival[n].time > t:
            push(cell, int(plan.arrival[n].time), queue.WEEKLY, queue.BRAND, -1, n)


@inner
def _weekly(cell: Cell, model: Model, plan: LoweredPlan, t: int, j: int, n: int) -> None:
    """Enter a journey that goes by the calendar with every profile that its channels can reach.

    Where ``j`` is -1 it is that of arrival ``n``, which not everybody is told of.
    """
    if t >= model.clock.end:
        return
    if j < 0:
        enter_arrival(cell, plan, t, n)
        return
    if plan.journey[j].again > 0:
        push(cell, t + plan.journey[j].again, queue.WEEKLY, queue.BRAND, j, 0)
    enter_weekly(cell, plan, t, j)


@inner
def _census(cell: Cell, model: Model, t: int, who: int) -> None:
    """Note what a message that shows everything would meet in the person now (see calibrate)."""
    push(cell, t + 604800, queue.CENSUS, who, 0, 0)
    if is_awaited(model, cell.person[who], t):
        return
    x = match(cell, model, cell.person[who], -1, False)
    standing = recency_effect(model, cell.person[who], t)
    write_census(cell, t, who, match=int(x * 1000000.0), standing=int(standing * 1000000.0))
