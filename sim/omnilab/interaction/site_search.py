"""What a person types into the search box at a visit, and that the brand learns of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import writer
from omnilab.interaction.wall import tell_search
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.site_search import NOTHING_TYPED, good_typed

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model
    from omnilab.world.needs import Need

__all__ = ["types_search"]

write_search = writer(rows.SITE_SEARCH, placed=True)


@inner
def types_search(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, need: Need
) -> None:
    """Let who comes for a need to a site or an app type what is wanted, perhaps."""
    who, c = int(visit.who), int(visit.channel)
    if model.ch[c].devices == 0:
        return
    good = good_typed(model, cell.person[who], need, int(visit.family), int(visit.occasion))
    if good == NOTHING_TYPED:
        return
    silo, category = int(model.ch[c].silo), int(need.category)
    write_search(cell, t, who, c, silo, need=int(need.ordinal), category=category, good=good)
    tell_search(cell, plan, t, int(visit.profile), silo, category, good)
