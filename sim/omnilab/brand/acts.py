"""What the brand takes in of an act: where it was done, and where it handed an address to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import FIRST_ACT
from omnilab.brand.context import note_act
from omnilab.brand.journeys import see_event
from omnilab.brand.profiles import known, session_of
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["see_act"]


@inner
def see_act(
    cell: BrandCell, plan: LoweredPlan, t: int, channel: int, kind: int, to: int, code: int, n: int
) -> None:
    """Take in that a visitor of a channel, who showed ``n`` identifiers, has done an act.

    The silo of the visit sees it, and the one of channel ``to``, which got the address ``code``
    (-1 and 0 where there is none); each on the profile that it knows.
    """
    silo, event = int(plan.silo[channel]), FIRST_ACT << kind
    seen = int(plan.mates[silo])
    visitor = session_of(cell, plan, silo, n) if n > 0 else -1
    holder, told = -1, 0
    if to >= 0:
        holder = known(cell, plan, code, int(plan.silo[to]))
        told = int(plan.mates[int(plan.silo[to])])
    if visitor >= 0:
        here = seen | told if holder == visitor else seen
        note_act(cell, plan, visitor, silo, kind)
        see_event(cell, plan, t, visitor, here, event, -1, -1)
    if holder >= 0:
        note_act(cell, plan, holder, int(plan.silo[to]), kind)
    if holder >= 0 and holder != visitor:
        see_event(cell, plan, t, holder, told, event, -1, -1)
