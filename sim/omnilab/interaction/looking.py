"""Visits without a need: those that come by themselves, and those that others lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.fetching import fetch_idle
from omnilab.cell.queue import push
from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_COURSE, VISIT_BORN, VISIT_IDLE, VISIT_LOOK
from omnilab.interaction.interest import look_after_order
from omnilab.interaction.need import OF_LOOKING, aware, make_need, visit_for
from omnilab.interaction.places import stays_away
from omnilab.interaction.stay import is_there
from omnilab.interaction.visit import begin_visit, idle_visit
from omnilab.kernels.compiling import inner
from omnilab.world.accounts import needs_by_itself
from omnilab.world.awareness import knows_brand
from omnilab.world.changes import is_shut
from omnilab.world.fast.idle import idle_uniforms, next_idle
from omnilab.world.fast.looking_around import choose_idle
from omnilab.world.interest import finds_need, next_after_order

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model

__all__ = ["idle", "look", "look_around"]

BY_LOOKING = 3  # why a need is noticed, as the log says it


@inner
def idle(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int) -> None:
    """Look around without a need, and plan the next time."""
    person = cell.person[who]
    if person.left == 1:
        return
    occasion = int(person.idle)
    where, device, what = idle_uniforms(model, person)
    following = next_idle(model, person)
    if following < model.clock.run_end:
        push(cell, following, queue.IDLE, who, 0, 0)
        fetch_idle(cell)
    if model.preference.known < 1.0 and not knows_brand(person, t):
        return  # there is nothing that the person knows to look at
    if is_there(cell, model, who):
        return  # and looking around already
    c = choose_idle(model, person, t, where)
    if len(model.change) > 0 and c >= 0 and is_shut(model, c, t):
        return
    if c >= 0 and not stays_away(cell, model, t, who, c, VISIT_IDLE, occasion):
        visit = begin_visit(cell, who, VISIT_IDLE, occasion)
        visit.channel = c
        look_around(cell, model, plan, t, visit, device, what)


@inner
def look(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, packed: int, at: int
) -> None:
    """Look around again, without a need, as an earlier visit or an order made one want to.

    Parameters
    ----------
    packed
        -1 after a visit; after an order its need's ordinal, and in the last eight bits how many
        such visits it has led to before.
    at
        After a visit the address of this one, after an order the order's time.
    """
    person = cell.person[who]
    if person.left == 1:
        return
    occasion = at
    if packed >= 0:
        ordinal, number = packed >> 8, packed & 0xFF
        _, occasion = next_after_order(model, person, at, ordinal, number)
        look_after_order(cell, model, t, who, ordinal, number + 1, at)
    where, device, what, _ = draw4(
        model.key.k0, model.key.k1, VISIT_LOOK + V_COURSE, person.entity, occasion
    )
    c = choose_idle(model, person, t, where)
    if len(model.change) > 0 and c >= 0 and is_shut(model, c, t):
        return
    if c >= 0 and not stays_away(cell, model, t, who, c, VISIT_LOOK, occasion):
        visit = begin_visit(cell, who, VISIT_LOOK, occasion)
        visit.channel = c
        look_around(cell, model, plan, t, visit, device, what)


@inner
def look_around(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, device: float, what: float
) -> None:
    """Visit without a need, which may end in one: then the visit is for that need."""
    who = int(visit.who)
    ordinal = finds_need(model, cell.person[who], int(visit.family), int(visit.occasion))
    if ordinal < 0 or not needs_by_itself(cell.person[who]):
        idle_visit(cell, model, plan, t, visit, device, what)
        return
    c, site = int(visit.channel), int(visit.site)
    make_need(cell, model, t, who, int(what * len(model.cat)), ordinal, OF_LOOKING, 0)
    i = int(cell.person[who].first_need)
    aware(cell, t, who, cell.need[i], BY_LOOKING)
    born = begin_visit(cell, who, VISIT_BORN, ordinal)
    born.channel = c
    born.site = site
    visit_for(cell, model, plan, t, born, i)
