"""Going to the till: who has chosen stands in line before the order is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.interaction.lines import join
from omnilab.interaction.stay import put_aside
from omnilab.kernels.compiling import inner
from omnilab.world.till import at_till

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model

__all__ = ["goes_to_till"]


@inner
def goes_to_till(cell: Cell, model: Model, t: int, visit: Visit, ordinal: int) -> bool:
    """Put a visit aside whose person goes to the till to pay; tell whether there is one.

    A cohort's first order is made whatever happens, so it stands in no line.
    """
    who, c = int(visit.who), int(visit.channel)
    line = int(model.till[c].line)
    if line < 0 or visit.sure == 1:
        return False
    entity = int(cell.person[who].entity)
    service, patience = at_till(model, c, entity, int(visit.family), int(visit.occasion))
    if join(cell, model, t, line, who, patience, service, 0) < 0:
        return False
    put_aside(cell, visit, ordinal, t + patience)
    return True
