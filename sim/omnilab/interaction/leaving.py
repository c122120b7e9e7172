"""Bad experiences and leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import emit
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.needs import close
from omnilab.world.satisfaction import fail, leave_chance

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["bad_experience", "leave", "lose_need"]


@inner
def bad_experience(cell: Cell, model: Model, t: int, who: int, why: int, u: float) -> bool:
    """Count a bad experience; with uniform ``u`` the person may leave. Return whether so."""
    person = cell.person[who]
    if person.left == 1:
        return False
    fail(model, person, t)
    emit(cell, t, who, rows.BAD, -1, -1, 0, why, 0, 0)
    if u < leave_chance(model, person):
        leave(cell, t, who, 2)
        return True
    return False


@inner
def leave(cell: Cell, t: int, who: int, why: int) -> None:
    """End the relation: open needs are met elsewhere, no new ones come to this brand."""
    person = cell.person[who]
    person.left = 1
    emit(cell, t, who, rows.LEFT, -1, -1, 0, why, 0, 0)
    while person.first_need >= 0:
        lose_need(cell, t, who, int(person.first_need), rows.FATE_LEFT)


@inner
def lose_need(cell: Cell, t: int, who: int, index: int, fate: int) -> None:
    """Close a need that did not become an order."""
    emit(cell, t, who, rows.NEED_LOST, -1, -1, int(cell.need[index].ordinal), fate, 0, 0)
    close(cell, cell.person[who], index)
