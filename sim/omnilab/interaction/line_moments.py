"""The moments of a line: somebody comes, a service ends, patience ends.

`joins`, `service_ends` and `patience_ends` are what the compiled engine does at these items: who is
next stands in the cell's arrays. `line_step` is one person's step, which the SimPy engine calls too
when its resource has chosen the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.interaction.line_uses import after_giving_up, after_service, at_service
from omnilab.interaction.lines import begin_service, come, end_service, give_up, plan_end, stand
from omnilab.kernels.compiling import inner, kernel
from omnilab.world.lines import COMES, SERVED, WAITS, first_waiting, has_server, line_up, step_out

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["COME", "END", "GIVE_UP", "SERVE", "STAND", "joins", "line_step", "patience_ends",
           "service_ends"]  # fmt: skip

# What `line_step` does
COME: Final = 0
STAND: Final = 1
SERVE: Final = 2
END: Final = 3
GIVE_UP: Final = 4


@kernel
def line_step(cell: Cell, model: Model, plan: LoweredPlan, t: int, k: int, what: int) -> None:
    """Let one thing happen to the person of ticket ``k``."""
    if what == COME:
        come(cell, t, k)
    elif what == STAND:
        stand(cell, t, k)
    elif what == SERVE:
        begin_service(cell, t, k)
        at_service(cell, model, plan, t, k)
        plan_end(cell, t, k)
    elif what == END:
        end_service(cell, t, k)
        after_service(cell, model, plan, t, k)
    elif what == GIVE_UP:
        give_up(cell, t, k)
        after_giving_up(cell, model, plan, t, k)


@inner
def joins(cell: Cell, model: Model, plan: LoweredPlan, t: int, k: int, serial: int) -> None:
    """Serve who comes to a line, or put the person at its end."""
    ticket = cell.ticket[k]
    if ticket.state != COMES or ticket.serial != serial:
        return
    line_step(cell, model, plan, t, k, COME)
    if has_server(cell, model, int(ticket.line)):
        line_step(cell, model, plan, t, k, SERVE)
    else:
        line_up(cell, k)
        line_step(cell, model, plan, t, k, STAND)


@inner
def service_ends(cell: Cell, model: Model, plan: LoweredPlan, t: int, k: int, serial: int) -> None:
    """Let a person go, and call the next."""
    ticket = cell.ticket[k]
    if ticket.state != SERVED or ticket.serial != serial:
        return
    line = int(ticket.line)
    line_step(cell, model, plan, t, k, END)
    following = first_waiting(cell, line)
    if following >= 0:
        step_out(cell, following)
        line_step(cell, model, plan, t, following, SERVE)


@inner
def patience_ends(cell: Cell, model: Model, plan: LoweredPlan, t: int, k: int, serial: int) -> None:
    """Let a person give up who still waits."""
    ticket = cell.ticket[k]
    if ticket.state != WAITS or ticket.serial != serial:
        return
    step_out(cell, k)
    line_step(cell, model, plan, t, k, GIVE_UP)
