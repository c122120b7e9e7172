"""Whose units a place of the brand sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import E_RESTOCK
from omnilab.brand.journeys import see_event
from omnilab.brand.profiles import known
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["see_restock", "sees_stock"]


@inner
def sees_stock(plan: LoweredPlan) -> int:
    """Return the sharing choice of stock: `SILO`, `HANDOFF` (on asking) or `ALL`."""
    return int(plan.rules.stock)


@inner
def see_restock(
    cell: BrandCell, plan: LoweredPlan, t: int, silo: int, code: int, token: int, category: int
) -> None:
    """Take in that a good is there again for which a visitor of a silo waits.

    ``code`` is an identifier that was shown there; the need is ``token``.
    """
    profile = known(cell, plan, code, silo)
    if profile >= 0:
        see_event(cell, plan, t, profile, int(plan.mates[silo]), E_RESTOCK, token, category)
