"""A service contact after an order, and a return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import write_return, write_service
from omnilab.cell.room import ORDINAL_BITS, WAY_BITS
from omnilab.draws.philox import draw4
from omnilab.draws.streams import AFTER_ORDER, V_DEVICE, VISIT_SERVICE
from omnilab.interaction.failures import note_failure
from omnilab.interaction.identifiers import log_identifiers
from omnilab.interaction.leaving import bad_experience
from omnilab.interaction.visit import arrive, begin_visit
from omnilab.interaction.wall import ask_history, ask_serial, hear
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.choice import service_channel
from omnilab.world.device import PHONE
from omnilab.world.fulfilment import minds
from omnilab.world.habit import novelty_of_service
from omnilab.world.preference import is_disappointed, preference_at
from omnilab.world.recovery import is_hurt
from omnilab.world.satisfaction import recover

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["give_back", "service"]

MOST_WAYS = (1 << WAY_BITS) - 1


@inner
def service(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, ordinal: int) -> None:
    """Contact the service about an order; without history at hand it is a bad experience."""
    person = cell.person[who]
    if person.left == 1:
        return
    _, _, _, where = draw4(model.key.k0, model.key.k1, AFTER_ORDER, person.entity, ordinal)
    c = service_channel(model, person, where)
    if c < 0:
        return
    _, annoyed, leaves, _ = draw4(
        model.key.k0, model.key.k1, VISIT_SERVICE + V_DEVICE, person.entity, ordinal
    )
    visit = begin_visit(cell, who, VISIT_SERVICE, ordinal)
    visit.channel = c
    visit.on_device = PHONE
    arrive(cell, model, plan, t, visit)
    silo = int(model.ch[c].silo)
    known = ask_history(cell, plan, int(visit.profile), silo)
    write_service(cell, t, who, c, silo, need=ordinal, known=1 if known else 0)
    if visit.shown > 0:
        serial = ask_serial(cell, int(visit.profile))
        log_identifiers(cell, model, t, who, c, 0, int(visit.shown), serial)
    hear(cell, t)
    if known:
        recover(model, person)
    elif annoyed < model.continuity.unknown_annoys * novelty_of_service(cell, model, who, t):
        bad_experience(cell, model, t, who, rows.BAD_SERVICE, leaves)


@inner
def give_back(cell: Cell, model: Model, t: int, who: int, packed: int, lost: int) -> None:
    """Send an order back: money and margin go back too; where it was delivered it is felt."""
    paid, margin, way = packed >> ORDINAL_BITS, lost >> WAY_BITS, (lost & MOST_WAYS) - 1
    ordinal = packed & ((1 << ORDINAL_BITS) - 1)
    if model.recovery.on == 1:
        before = preference_at(model, cell.person[who], t)
        is_disappointed(model, cell.person[who], t)
        is_hurt(model, cell.person[who], t, before)
        note_failure(cell, t, who, rows.BAD_RETURN)
    else:
        is_disappointed(model, cell.person[who], t)
    if way < 0:
        write_return(cell, t, who, need=ordinal, refund=paid, margin=margin)
        return
    fee, cost = int(model.way[way].return_fee), int(model.way[way].cost)
    fee = min(fee, paid)
    # What the delivery has cost is spent, whatever goes back.
    write_return(cell, t, who, need=ordinal, refund=paid - fee, margin=margin + cost - fee)
    if fee == 0:
        recover(model, cell.person[who])
        return
    _, _, minded, leaves = minds(model, int(cell.person[who].entity), ordinal)
    if minded < model.fulfilment.return_fee_annoys:
        bad_experience(cell, model, t, who, rows.BAD_RETURN, leaves)
