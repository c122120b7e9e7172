"""A service contact after an order, and a return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.context import history_at_hand
from omnilab.cell.emit import drain, emit
from omnilab.cell.room import ORDINAL_BITS
from omnilab.draws.philox import draw4
from omnilab.draws.streams import AFTER_ORDER, V_DEVICE, VISIT_SERVICE
from omnilab.interaction.leaving import bad_experience
from omnilab.interaction.visit import arrive
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.satisfaction import recover

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["give_back", "service"]


@inner
def service(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, ordinal: int) -> None:
    """Contact the service about an order; without history at hand it is a bad experience."""
    person = cell.person[who]
    if person.left == 1:
        return
    _, _, _, where = draw4(model.key.k0, model.key.k1, AFTER_ORDER, person.entity, ordinal)
    c = _service_channel(model, person, where)
    if c < 0:
        return
    _, annoyed, leaves, _ = draw4(
        model.key.k0, model.key.k1, VISIT_SERVICE + V_DEVICE, person.entity, ordinal
    )
    profile, _ = arrive(cell, model, plan, t, who, c, True, VISIT_SERVICE, ordinal, 0, -1)
    silo = int(model.ch[c].silo)
    known = history_at_hand(cell, plan, profile, silo)
    emit(cell, t, who, rows.SERVICE, c, silo, ordinal, 1 if known else 0, 0, 0)
    drain(cell, t)
    if known:
        recover(model, person)
    elif annoyed < model.continuity.unknown_annoys:
        bad_experience(cell, model, t, who, rows.BAD_SERVICE, leaves)


@inner
def _service_channel(model: Model, person: Person, u: float) -> int:
    """Return one of the person's service channels, each as likely, or -1."""
    n = 0
    for c in range(len(model.ch)):
        if model.ch[c].service == 1 and (person.reach >> c) & 1 == 1:
            n += 1
    k = int(u * n)
    for c in range(len(model.ch)):
        if model.ch[c].service == 1 and (person.reach >> c) & 1 == 1:
            if k == 0:
                return c
            k -= 1
    return -1


@inner
def give_back(cell: Cell, model: Model, t: int, who: int, packed: int, margin: int) -> None:
    """Send an order back: money and margin go back too."""
    paid = packed >> ORDINAL_BITS
    ordinal = packed & ((1 << ORDINAL_BITS) - 1)
    emit(cell, t, who, rows.RETURN, -1, -1, ordinal, paid, margin, 0)
