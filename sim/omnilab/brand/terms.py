"""What the brand keeps of a profile's own words: what was typed in its search box, and reviews.

Each stands in the silo that took it; who else may see it is the context choice
(`omnilab.brand.context.sees`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.context import context_of
from omnilab.brand.profiles import known
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["see_review", "see_search"]


@inner
def see_search(cell: BrandCell, t: int, profile: int, silo: int, category: int, goods: int) -> None:
    """Take in what was typed in a silo: a category, and the good that was named, as a bit."""
    x = cell.context[context_of(cell, profile, silo)]
    x.searched_t = t
    x.searched_category = category
    x.searched |= goods


@inner
def see_review(
    cell: BrandCell, plan: LoweredPlan, t: int, channel: int, code: int, stars: int
) -> None:
    """Take in a review under the address ``code``, in the silo of the channel of its order.

    Where that silo holds no such address, the review stays nobody's.
    """
    silo = int(plan.silo[channel])
    profile = known(cell, plan, code, silo)
    if profile < 0:
        return
    x = cell.context[context_of(cell, profile, silo)]
    x.reviewed_t = t
    x.stars = stars
