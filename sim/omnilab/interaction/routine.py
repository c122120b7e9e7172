"""A cue comes to a person, who goes where it is used to go, or does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_COURSE
from omnilab.interaction.need import OF_LOOKING, aware, make_need, visit_for
from omnilab.interaction.places import stays_away
from omnilab.interaction.stay import is_there
from omnilab.interaction.visit import begin_visit, idle_visit
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.accounts import needs_by_itself
from omnilab.world.choice import can_go
from omnilab.world.needs import GIVEN_UP
from omnilab.world.newcomer import is_awaited
from omnilab.world.routine import (
    ROUTINE_ORDINAL,
    VISIT_ROUTINE,
    answers_cue,
    finds_by_habit,
    habit_at,
    next_cue,
)

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["cue", "plan_cue"]

BY_HABIT = 7  # why a need is noticed, as the log says it
MILLION = 1_000_000

write_by_habit = writer(rows.BY_HABIT, placed=True)


@inner
def plan_cue(cell: Cell, model: Model, t: int, who: int) -> None:
    """Plan the person's next cue."""
    at = next_cue(model, cell.person[who], t)
    if at < model.clock.run_end:
        push(cell, at, queue.CUE, who, 0, 0)


@inner
def cue(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int) -> None:
    """Go where one is used to go, if the habit is strong enough and the way is open."""
    person = cell.person[who]
    if person.left == 1:
        return
    c, occasion = answers_cue(cell, model, who, t), int(person.cue)
    person.cue += 1
    plan_cue(cell, model, t, who)
    if c < 0 or is_awaited(model, person, t) or is_there(cell, model, who):
        return
    if not can_go(model, person, c, t):
        return
    if stays_away(cell, model, t, who, c, VISIT_ROUTINE, occasion):
        return
    strength = int(habit_at(cell, model, who, c, t) * MILLION)
    write_by_habit(cell, t, who, c, int(model.ch[c].silo), strength=strength)
    visit = begin_visit(cell, who, VISIT_ROUTINE, occasion)
    visit.channel = c
    _see_to(cell, model, plan, t, visit)


@inner
def _see_to(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> None:
    """Visit for the latest need that is not given up; without one look around, or find one."""
    who, occasion = int(visit.who), int(visit.occasion)
    person = cell.person[who]
    i = _at_hand(cell, person)
    if i < 0 and needs_by_itself(person):
        category = finds_by_habit(model, person, occasion)
        if category >= 0:
            make_need(cell, model, t, who, category, ROUTINE_ORDINAL + occasion, OF_LOOKING, 0)
            i = int(person.first_need)
    if i < 0:
        _, device, what, _ = draw4(
            model.key.k0, model.key.k1, VISIT_ROUTINE + V_COURSE, person.entity, occasion
        )
        idle_visit(cell, model, plan, t, visit, device, what)
        return
    aware(cell, t, who, cell.need[i], BY_HABIT)
    visit_for(cell, model, plan, t, visit, i)


@inner
def _at_hand(cell: Cell, person: Person) -> int:
    """Return the index of the person's latest need that is not given up, or -1."""
    i = int(person.first_need)
    while i >= 0 and cell.need[i].stage == GIVEN_UP:
        i = int(cell.need[i].next)
    return i
