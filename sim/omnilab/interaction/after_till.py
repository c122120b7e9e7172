"""What a till's line leads to: the order, or a visit in vain; and how a long wait is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.interaction.leaving import bad_experience
from omnilab.interaction.need import leave_open
from omnilab.interaction.stay import take_up_visit
from omnilab.interaction.visit import leave_cart, pay
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.lines import PURPOSES
from omnilab.world.needs import find
from omnilab.world.till import minds_wait

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["leaves_till", "pays", "reaches_till"]


@inner
def reaches_till(cell: Cell, t: int, k: int) -> None:
    """Let a person be there until the service ends."""
    cell.stay_due[k // PURPOSES] = t + int(cell.ticket[k].service)


@inner
def pays(cell: Cell, model: Model, plan: LoweredPlan, t: int, k: int) -> None:
    """Make the order of a person who was served at the till."""
    who, ticket = k // PURPOSES, cell.ticket[k]
    waited = t - int(ticket.joined) - int(ticket.service)
    visit = take_up_visit(cell, plan, t, who)
    c, family, occasion = int(visit.channel), int(visit.family), int(visit.occasion)
    i = find(cell, cell.person[who], int(cell.stay[who].need))
    if i >= 0:
        pay(cell, model, plan, t, visit, i)
    _take_wait(cell, model, t, who, c, family, occasion, waited)


@inner
def leaves_till(cell: Cell, model: Model, plan: LoweredPlan, t: int, k: int) -> None:
    """End the visit of a person who has waited too long; the need stays open."""
    who = k // PURPOSES
    visit = take_up_visit(cell, plan, t, who)
    c, family, occasion = int(visit.channel), int(visit.family), int(visit.occasion)
    i = find(cell, cell.person[who], int(cell.stay[who].need))
    if i >= 0:
        leave_cart(cell, model, plan, t, visit, i)
        leave_open(cell, model, t, visit, i)
    _take_wait(cell, model, t, who, c, family, occasion, int(model.till[c].too_long) + 1)


@inner
def _take_wait(
    cell: Cell, model: Model, t: int, who: int, c: int, family: int, occasion: int, waited: int
) -> None:
    """Let a wait that was too long be a bad experience."""
    if waited <= model.till[c].too_long:
        return
    minded, leaves = minds_wait(model, c, int(cell.person[who].entity), family, occasion)
    if minded:
        bad_experience(cell, model, t, who, rows.BAD_WAIT, leaves)
