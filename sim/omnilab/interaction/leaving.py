"""Bad experiences and leaving."""

from __future__ import annotations

from typing import Any

from omnilab.cell.emit import emit
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.needs import close
from omnilab.world.satisfaction import fail, leave_chance

__all__ = ["bad_experience", "leave", "lose_need"]


@inner
def bad_experience(C: Any, M: Any, t: int, who: int, why: int, u: float) -> bool:
    """Count a bad experience; with uniform ``u`` the person may leave. Return whether so."""
    person = C.person[who]
    if person.left == 1:
        return False
    fail(M, person, t)
    emit(C, t, who, rows.BAD, -1, -1, 0, why, 0, 0)
    if u < leave_chance(M, person):
        leave(C, t, who, 2)
        return True
    return False


@inner
def leave(C: Any, t: int, who: int, why: int) -> None:
    """End the relation: open needs are met elsewhere, no new ones come to this brand."""
    person = C.person[who]
    person.left = 1
    emit(C, t, who, rows.LEFT, -1, -1, 0, why, 0, 0)
    while person.first_need >= 0:
        lose_need(C, t, who, int(person.first_need), rows.FATE_LEFT)


@inner
def lose_need(C: Any, t: int, who: int, index: int, fate: int) -> None:
    """Close a need that did not become an order."""
    emit(C, t, who, rows.NEED_LOST, -1, -1, int(C.need[index].ordinal), fate, 0, 0)
    close(C, C.person[who], index)
    C.need[index].next = C.meta[0].free_need
    C.meta[0].free_need = index
