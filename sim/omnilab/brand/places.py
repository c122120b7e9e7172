"""What the brand does with a position: its app tells that one of its fences has somebody in it.

A fence is the app's: the place, the radius and the dwell of one journey. The brand learns no more
of where a person is. Under `silo` the app's team alone hears of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import E_NEAR
from omnilab.brand.journeys import enter
from omnilab.brand.profiles import known
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["has_fence", "see_position"]


@inner
def has_fence(plan: LoweredPlan, j: int, kind: int, metres: int, dwell: int) -> bool:
    """Tell whether journey ``j`` waits for just this: so near to such a place for so long."""
    if j >= len(plan.journey):
        return False
    journey = plan.journey[j]
    return (
        journey.trigger == E_NEAR
        and journey.near == kind
        and journey.radius >= metres
        and journey.dwell == dwell
    )


@inner
def see_position(cell: BrandCell, plan: LoweredPlan, t: int, silo: int, code: int, j: int) -> int:
    """Take in that the owner of an identifier is within the fence of journey ``j``.

    Returns
    -------
    int
        The profile that holds the identifier in the app's silo, -1 where none does.
    """
    profile = known(cell, plan, code, silo)
    if profile >= 0:
        enter(cell, plan, t, profile, j, int(plan.mates[silo]), -1, -1)
    return profile
