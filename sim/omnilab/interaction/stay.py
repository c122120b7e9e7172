"""A person who stays at a place: a visit whose next step takes time, or who stands in line.

The visit is put aside and the queue has its next step. Until it is over the person is nowhere
else: what would begin another visit, or show the person a message, waits until a second after the
step; a visit without a need is none of its own, since the person is looking around already. The
need for which a person is there does not end meanwhile.

The brand goes on without the visit: profiles may merge, and at the switch another strategy takes
over. So the step begins by asking for whom the brand takes who is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.queue import BRAND, push
from omnilab.cell.visit import Visit
from omnilab.interaction.wall import tell_stays
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import copier
from omnilab.world.visit_time import pace_at, step_time

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["is_there", "is_there_for", "put_aside", "stays", "take_up_visit", "waits"]

copy_visit = copier(Visit)


@inner
def stays(cell: Cell, model: Model, t: int, visit: Visit, ordinal: int) -> bool:
    """Put a visit aside if its next step takes time; tell whether it does.

    ``ordinal`` is the need's, -1 without one.
    """
    if model.visit_time.on == 0:
        return False
    who = int(visit.who)
    pace = pace_at(model, model.ch[int(visit.channel)], int(visit.on_device))
    takes = step_time(
        model, int(cell.person[who].entity), int(visit.family), int(visit.occasion),
        int(visit.step), pace,
    )  # fmt: skip
    if takes <= 0:
        return False
    put_aside(cell, visit, ordinal, t + takes)
    push(cell, t + takes, queue.STAY, who, ordinal, 0)
    return True


@inner
def put_aside(cell: Cell, visit: Visit, ordinal: int, due: int) -> None:
    """Keep a visit, for a need or without one (-1), until it goes on: at ``due`` at the latest."""
    stay = cell.stay[int(visit.who)]
    copy_visit(stay, visit)
    for k in range(visit.shown):
        stay.code[k] = cell.code[k]
        stay.from_silo[k] = cell.carry[k]
    stay.need = ordinal
    cell.stay_due[int(visit.who)] = due


@inner
def take_up_visit(cell: Cell, plan: LoweredPlan, t: int, who: int) -> Visit:
    """Return the visit that a person has put aside, to go on with."""
    stay, visit = cell.stay[who], cell.visit[0]
    cell.stay_due[who] = -1
    copy_visit(visit, stay)
    for k in range(visit.shown):
        cell.code[k] = stay.code[k]
        cell.carry[k] = stay.from_silo[k]
    visit.profile = -1
    if visit.shown > 0:
        visit.profile = tell_stays(cell, plan, t, int(visit.channel), int(visit.shown))
    return visit


@inner
def is_there(cell: Cell, model: Model, who: int) -> bool:
    """Tell whether a person is at some place now."""
    return model.visit_time.asides == 1 and cell.stay_due[who] >= 0


@inner
def is_there_for(cell: Cell, model: Model, who: int, ordinal: int) -> bool:
    """Tell whether a person is at some place for this need."""
    return is_there(cell, model, who) and cell.stay[who].need == ordinal


@inner
def waits(cell: Cell, model: Model, kind: int, who: int, a: int, b: int) -> bool:
    """Let an item of the queue wait if its person is at some place; tell whether it does."""
    if model.visit_time.asides == 0 or who == BRAND or not is_there(cell, model, who):
        return False
    holds = kind == queue.NOTICE or kind == queue.REVISIT or kind == queue.TIP
    holds = holds or kind == queue.SERVICE or kind == queue.OPEN or kind == queue.LOOK
    holds = holds or kind == queue.CAME_BY or kind == queue.GO or kind == queue.ASK
    holds = holds or kind == queue.COLLECT or kind == queue.FIND
    holds = holds or kind == queue.LOOK_UP or kind == queue.SEES
    if kind == queue.EXPIRE:
        holds = is_there_for(cell, model, who, a)
    if holds:
        push(cell, int(cell.stay_due[who]) + 1, kind, who, a, b)
    return holds
