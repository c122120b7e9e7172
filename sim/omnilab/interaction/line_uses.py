"""What waiting is for: who is served, is done or gives up goes back to the room that sent them.

One branch a purpose of `omnilab.world.lines`. A room that needs lines adds its purpose there and
its branches here, and its lines in `omnilab.lowering.lines`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.interaction.after_till import leaves_till, pays, reaches_till
from omnilab.interaction.contact import answered, hangs_up, is_served
from omnilab.interaction.handover import gets_it, leaves_desk, reaches_desk
from omnilab.kernels.compiling import inner
from omnilab.world.lines import CALL, DESK, PURPOSES, TILL

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["after_giving_up", "after_service", "at_service"]


@inner
def at_service(cell: Cell, model: Model, plan: LoweredPlan, t: int, k: int) -> None:
    """Do what the start of a service brings; its length may still be set in the ticket."""
    purpose = model.line[int(cell.ticket[k].line)].purpose
    if purpose == TILL:
        reaches_till(cell, t, k)
    elif purpose == DESK:
        reaches_desk(cell, t, k)
    elif purpose == CALL:
        is_served(cell, t, k // PURPOSES)


@inner
def after_service(cell: Cell, model: Model, plan: LoweredPlan, t: int, k: int) -> None:
    """Do what a person was served for. The ticket is free again, and still says what it said."""
    purpose = model.line[int(cell.ticket[k].line)].purpose
    if purpose == TILL:
        pays(cell, model, plan, t, k)
    elif purpose == DESK:
        gets_it(cell, model, t, k)
    elif purpose == CALL:
        answered(cell, model, plan, t, k // PURPOSES)


@inner
def after_giving_up(cell: Cell, model: Model, plan: LoweredPlan, t: int, k: int) -> None:
    """Do what follows where a person waited in vain."""
    purpose = model.line[int(cell.ticket[k].line)].purpose
    if purpose == TILL:
        leaves_till(cell, model, plan, t, k)
    elif purpose == DESK:
        leaves_desk(cell, model, t, k)
    elif purpose == CALL:
        hangs_up(cell, model, t, k // PURPOSES)
