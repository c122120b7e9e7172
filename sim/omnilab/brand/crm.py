"""What the brand takes in of its records at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.profiles import link_visit
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["see_record"]


@inner
def see_record(cell: BrandCell, plan: LoweredPlan, t: int, silo: int, n: int) -> None:
    """Take in a record of ``n`` identifiers in ``cell.code`` that a silo's tool holds.

    They are linked as those of a visit. No event comes of it: nobody has done anything.
    """
    link_visit(cell, plan, t, silo, n)
