"""Contacts with media that have no address, and what any contact with the brand's word does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_COURSE, V_GAP, VISIT_LOOK
from omnilab.interaction.advertising import NOT_NOW, buy_click, may_buy_click
from omnilab.interaction.knowing import BY_MEDIUM, hear_name
from omnilab.interaction.looking import look_around
from omnilab.interaction.need import OF_WORD, aware, make_need, visit_for
from omnilab.interaction.visit import begin_visit
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.accounts import needs_by_itself
from omnilab.world.choice import can_go
from omnilab.world.creation import created_category
from omnilab.world.intent import stimulate
from omnilab.world.media import CONTACT, FLIGHT_BITS, made_ordinal, next_contact
from omnilab.world.needs import GIVEN_UP, LATENT, find, shown_need, take_up
from omnilab.world.places import distance
from omnilab.world.preference import move_preference
from omnilab.world.search import PAID_BRAND

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["BY_WORD", "contact", "find_brand", "first_contacts", "meet_word", "plan_find"]

BY_WORD: Final = 5  # why a need is noticed, as the log says it

# Where a visit comes from, as the log says it, beside messages and paid clicks
FROM_NAME: Final = 2  # the brand's name was searched

WORD_VISIT: Final = 3 << 54  # tells visits that contacts lead to from others of their family

write_contact = writer(rows.MEDIA_CONTACT, placed=False)


@inner
def first_contacts(cell: Cell, model: Model, who: int, start: int) -> None:
    """Plan the first contact with each flight of a person who is there from ``start`` on."""
    for k in range(len(model.flight)):
        if model.flight[k].around < 0 or _lives_near(cell, model, who, k):
            _plan_contact(cell, model, who, k, 0, start)


@inner
def _lives_near(cell: Cell, model: Model, who: int, k: int) -> bool:
    """Tell whether a person's home is in the area of a flight."""
    flight, spot = model.flight[k], cell.spot[who]
    kind = model.sites[int(flight.around)]
    for number in range(int(kind.first), int(kind.first + kind.count)):
        site = cell.site[number]
        if distance(spot.home_x, spot.home_y, site.x, site.y) <= flight.within_m:
            return True
    return False


@inner
def _plan_contact(cell: Cell, model: Model, who: int, k: int, number: int, t: int) -> None:
    at = next_contact(model, int(cell.person[who].entity), k, number, t)
    if at >= 0:
        push(cell, at, queue.CONTACT, who, k, number)


@inner
def contact(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, k: int, number: int
) -> None:
    """Meet a flight of a medium, and plan the next time.

    Media run where the brand pays for media, in the time that is measured and before.
    """
    if cell.person[who].left == 1:
        return
    _plan_contact(cell, model, who, k, number + 1, t)
    if plan.rules.media == 0 or t >= model.clock.end:
        return
    flight, entity = model.flight[k], int(cell.person[who].entity)
    address = ((k << 1) << FLIGHT_BITS) | number
    notices, acts, reveals, makes = draw4(model.key.k0, model.key.k1, CONTACT, entity, address)
    part = model.media
    if notices >= part.notices:
        write_contact(cell, t, who, flight=k, noticed=0, does=0, cost=int(flight.cost))
        return
    power = (float(part.stirs), float(part.reveals), float(part.makes), float(part.image))
    of, category = (1 << 16) | k, int(flight.category)
    i = meet_word(cell, model, t, who, category, power, (reveals, makes), BY_MEDIUM, of, number)
    chance = part.looks if i < 0 else part.searches
    does = 0 if i < 0 else 1
    if acts < chance:
        does = 2
        delay = 1 + int(-math.log(acts / chance) * part.soon)
        plan_find(cell, t + delay, who, i, of, number)
    write_contact(cell, t, who, flight=k, noticed=1, does=does, cost=int(flight.cost))


@inner
def meet_word(
    cell: Cell, model: Model, t: int, who: int, category: int,
    power: tuple[float, float, float, float], uniforms: tuple[float, float], by: int, of: int,
    number: int,
) -> int:  # fmt: skip
    """Take in what the brand says without an address; return the noticed need in it, or -1.

    Parameters
    ----------
    category
        What it is about, -1 everything.
    power
        What it adds to an open need's stock, the chances to notice a latent one and to make one,
        and the part of the way to a good preference.
    uniforms
        Whether a need is noticed, whether one is made.
    by
        Of `omnilab.interaction.knowing`.
    of, number
        What it is of, and which contact with that.
    """
    stirs, reveals, makes, image = power
    person = cell.person[who]
    hear_name(cell, model, t, who, by)
    if image > 0.0 and model.preference.on == 1:
        move_preference(model, person, t, 1.0, image)
    i = shown_need(cell, person, category, -1)
    if i < 0:
        if uniforms[1] < makes:
            _make(cell, model, t, who, category, of, number)
        return -1
    need = cell.need[i]
    if stirs > 0.0:
        stimulate(model, need, t, stirs)
    if need.stage == LATENT and uniforms[0] < reveals:
        aware(cell, t, who, need, BY_WORD)
    return -1 if need.stage == LATENT or need.stage == GIVEN_UP else i


@inner
def _make(cell: Cell, model: Model, t: int, who: int, category: int, of: int, number: int) -> None:
    """Make a need, which is noticed in its own time as any other."""
    if not needs_by_itself(cell.person[who]):
        return
    ordinal = made_ordinal(of, number)
    if find(cell, cell.person[who], ordinal) >= 0:  # two contacts in 2**24 have one number
        return
    chosen = created_category(cell, model, who, category, WORD_VISIT | (of << 32) | number)
    noticed = make_need(cell, model, t, who, chosen, ordinal, OF_WORD, of)
    push(cell, noticed, queue.NOTICE, who, ordinal, 0)


@inner
def plan_find(cell: Cell, at: int, who: int, i: int, of: int, number: int) -> None:
    """Plan a search of the brand's name at a time, for need ``i`` or to look around (-1)."""
    ordinal = int(cell.need[i].ordinal) if i >= 0 else -1
    push(cell, at, queue.FIND, who, ordinal, (of << 32) | number)


@inner
def find_brand(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, ordinal: int, packed: int
) -> None:
    """Search the brand's name: its page is the first result, and an ad may stand above it."""
    person = cell.person[who]
    i = find(cell, person, ordinal) if ordinal >= 0 else -1
    if person.left == 1 or (ordinal >= 0 and i < 0):
        return
    flight = model.flight[(packed >> 32) & 0xFFFF]
    c = int(flight.channel)
    if not can_go(model, person, c, t):
        return
    occasion = WORD_VISIT | packed
    visit = begin_visit(cell, who, VISIT_LOOK, occasion)
    visit.source = FROM_NAME
    visit.channel = c
    _, _, _, clicks = draw4(model.key.k0, model.key.k1, VISIT_LOOK + V_GAP, person.entity, occasion)
    if model.search.landing >= 0 and clicks < model.search.brand_click:
        price = may_buy_click(cell, model, plan, t, person, VISIT_LOOK, occasion)
        if price != NOT_NOW and can_go(model, person, int(model.search.landing), t):
            visit.channel = model.search.landing
            visit.cost = buy_click(cell, model, plan, t, PAID_BRAND, price)
    if i >= 0:
        take_up(cell.need[i])
        visit_for(cell, model, plan, t, visit, i)
        return
    visit.category = flight.category
    _, device, what, _ = draw4(
        model.key.k0, model.key.k1, VISIT_LOOK + V_COURSE, person.entity, occasion
    )
    look_around(cell, model, plan, t, visit, device, what)
