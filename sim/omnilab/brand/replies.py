"""What the brand takes in of an answer in words: a reply, or that an invitation is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import E_ACCEPT, E_REPLY
from omnilab.brand.context import note_answer
from omnilab.brand.journeys import see_event
from omnilab.brand.profiles import known
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["see_reply"]


@inner
def see_reply(
    cell: BrandCell, plan: LoweredPlan, t: int, channel: int, code: int, accepts: int, copy: int,
    serial: int, message: int,
) -> None:  # fmt: skip
    """Take in an answer: for the copy that sent (if it still runs), then for the profile.

    Parameters
    ----------
    accepts
        1 where it accepts an invitation, 0 where it is a reply.
    """
    if copy >= 0 and cell.copy[copy].state != 0 and cell.copy[copy].serial == serial:
        x = cell.copy[copy]
        if x.message == message or x.last_message == message:
            x.answers_to = message
    silo = int(plan.silo[channel])
    profile = known(cell, plan, code, silo)
    if profile < 0:
        return
    note_answer(cell, profile, silo, t)
    event = E_ACCEPT if accepts == 1 else E_REPLY
    see_event(cell, plan, t, profile, int(plan.mates[silo]), event, -1, -1)
