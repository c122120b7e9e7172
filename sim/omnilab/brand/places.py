"""What the brand does with a position: its app tells that one of its fences has somebody in it.

A fence is the app's: the place, the radius and the dwell of one journey. The brand learns no more
of where a person is. Under `silo` the app's team alone hears of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.at_hand import CART, any_category
from omnilab.brand.codes import E_NEAR
from omnilab.brand.context import sees
from omnilab.brand.journeys import enter
from omnilab.brand.profiles import find_address, known
from omnilab.brand.sharing import ALL
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["app_of", "has_fence", "see_position", "sought"]


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
def app_of(cell: BrandCell, plan: LoweredPlan, i: int, kind: int, app: int) -> int:
    """Return the identifier by which an app's user can be asked where the person of a copy is.

    0 where the profile of copy ``i`` has none of that type in the app's team, or the silo that
    sends may not see what the app's has.
    """
    copy = cell.copy[i]
    if not sees(plan, int(copy.last_silo), app):
        return 0
    node = find_address(cell, int(copy.profile), kind, int(plan.team[app]))
    return int(cell.node[node].code) if node >= 0 else 0


@inner
def sought(
    cell: BrandCell, plan: LoweredPlan, silo: int, code: int, what: int
) -> tuple[int, int, int]:
    """Return what a silo knows that the holder of an identifier looks for.

    Parameters
    ----------
    what
        1 what is in the cart, 2 what was looked at last.

    Returns
    -------
    tuple
        The category, -1 none; the need, -1 where none is known; and 1 where the team sees the
        units of other places.
    """
    profile = known(cell, plan, code, silo)
    if profile < 0:
        return -1, -1, 0
    sees_units = 1 if plan.rules.stock == ALL else 0
    if what == CART:
        category, token = any_category(cell, plan, profile, silo, CART)
    else:
        category, token = _viewed(cell, plan, profile, silo)
    return category, token, sees_units


@inner
def _viewed(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> tuple[int, int]:
    """Return category and need of what a profile looked at last, -1s once it has been bought."""
    viewed_t = ordered_t = -1
    category = token = ordered = -1
    for s in range(cell.context_of.shape[1]):
        i = int(cell.context_of[profile, s])
        if i < 0 or not sees(plan, silo, s):
            continue
        x = cell.context[i]
        if x.view_t > viewed_t:
            viewed_t, category, token = int(x.view_t), int(x.view_category), int(x.view_token)
        if x.order_t > ordered_t:
            ordered_t, ordered = int(x.order_t), int(x.order_category)
    if ordered == category and ordered_t >= viewed_t:
        return -1, -1
    return category, token


@inner
def see_position(
    cell: BrandCell, plan: LoweredPlan, t: int, silo: int, code: int, j: int, there: int
) -> int:
    """Take in that the owner of an identifier is within the fence of journey ``j``.

    It starts the journey where the place has what it must have (``there`` is 1).

    Returns
    -------
    int
        The profile that holds the identifier in the app's silo, -1 where none does.
    """
    profile = known(cell, plan, code, silo)
    if profile >= 0 and there == 1:
        enter(cell, plan, t, profile, j, int(plan.mates[silo]), -1, -1)
    return profile
