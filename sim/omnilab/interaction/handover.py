"""An order is there: it is brought, or it is ready and its person comes to collect it.

To collect, a person goes to the place and shows the identifiers that a visit there shows; where it
has a desk with few people, the person stands in its line. Who gives up there comes again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.cell.room import ORDINAL_BITS
from omnilab.draws.inverse import exponential as standard_exponential
from omnilab.draws.philox import draw4
from omnilab.draws.streams import VISIT_SERVICE, stream
from omnilab.interaction.failures import note_failure
from omnilab.interaction.identifiers import log_identifiers
from omnilab.interaction.leaving import bad_experience
from omnilab.interaction.lines import join
from omnilab.interaction.visit import arrive, begin_visit
from omnilab.interaction.wall import ask_serial, hear
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.choice import is_open
from omnilab.world.clock import later, local
from omnilab.world.fulfilment import minds
from omnilab.world.lines import PURPOSES
from omnilab.world.till import at_till, minds_wait

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["collects", "gets_it", "leaves_desk", "reaches_desk", "there"]

COLLECTS: Final = stream("COLLECTS", 127)  # person, need: when

DAY: Final = 86400
ORDINAL: Final = (1 << ORDINAL_BITS) - 1
COLLECTING: Final = 1 << 32  # in the occasion of a visit to collect, apart from service contacts
AGAIN: Final = 1 << 33  # counts those who gave up at the desk before
MOST_AGAIN: Final = 7

write_collecting = writer(rows.COLLECTING, placed=True)
write_handed_over = writer(rows.HANDED_OVER, placed=True)


@inner
def there(cell: Cell, model: Model, t: int, who: int, packed: int, promised: int) -> None:
    """Bring an order, or have it ready and let its person plan to come."""
    way = model.way[packed >> ORDINAL_BITS]
    if way.place < 0:
        _hand_over(cell, model, t, who, int(way.channel), packed, t - promised)
        return
    at = t
    if way.slots == 0:
        u, _, _, _ = draw4(
            model.key.k0, model.key.k1, COLLECTS, cell.person[who].entity, packed & ORDINAL
        )
        at = later(model, t, model.fulfilment.collects_after * standard_exponential(u))
    push(cell, at, queue.COLLECT, who, packed, t - promised)


@inner
def collects(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, packed: int, late: int
) -> None:
    """Come to collect an order; where the place is closed, come when it opens."""
    if cell.person[who].left == 1:
        return
    way = model.way[(packed & (COLLECTING - 1)) >> ORDINAL_BITS]
    c = int(way.place)
    now = local(model, t)
    if not is_open(model.ch[c], now):
        wait = (int(model.ch[c].opens) - now) % DAY
        push(cell, t + max(wait, 1), queue.COLLECT, who, packed, late)
        return
    ordinal = packed & ORDINAL
    visit = begin_visit(cell, who, VISIT_SERVICE, COLLECTING | ordinal)
    visit.channel = c
    arrive(cell, model, plan, t, visit)
    write_collecting(
        cell, t, who, c, int(model.ch[c].silo), need=ordinal,
        way=(packed & (COLLECTING - 1)) >> ORDINAL_BITS,
    )  # fmt: skip
    if visit.shown > 0:
        serial = ask_serial(cell, int(visit.profile))
        log_identifiers(cell, model, t, who, c, 0, int(visit.shown), serial)
    hear(cell, t)
    if way.line < 0:
        _hand_over(cell, model, t, who, c, packed, late)
        return
    _stand_at_desk(cell, model, t, who, packed, late)


@inner
def _stand_at_desk(cell: Cell, model: Model, t: int, who: int, packed: int, late: int) -> None:
    """Stand in the desk's line, or come again where the person stands in one already."""
    line = int(model.way[(packed & (COLLECTING - 1)) >> ORDINAL_BITS].line)
    entity = int(cell.person[who].entity)
    occasion = (packed & ~(COLLECTING - 1)) | (packed & ORDINAL)
    service, patience = at_till(model, _desk(model, line), entity, VISIT_SERVICE, occasion)
    k = join(cell, model, t, line, who, patience, service, 0)
    if k < 0:
        push(cell, t + 60, queue.COLLECT, who, packed, late)
        return
    cell.ticket[k].a = packed
    cell.ticket[k].b = late
    cell.stay_due[who] = t + patience
    cell.stay[who].need = -1


@inner
def _desk(model: Model, line: int) -> int:
    """Return which record of ``model.till`` a desk's line has."""
    return int(model.line[line].till)


@inner
def reaches_desk(cell: Cell, t: int, k: int) -> None:
    """Let a person be there until the service ends."""
    cell.stay_due[k // PURPOSES] = t + int(cell.ticket[k].service)


@inner
def gets_it(cell: Cell, model: Model, t: int, k: int) -> None:
    """Hand over what a person was served for at the desk."""
    who, ticket = k // PURPOSES, cell.ticket[k]
    cell.stay_due[who] = -1
    packed, late = int(ticket.a), int(ticket.b)
    waited, line = t - int(ticket.joined) - int(ticket.service), int(ticket.line)
    way = model.way[(packed & (COLLECTING - 1)) >> ORDINAL_BITS]
    _hand_over(cell, model, t, who, int(way.place), packed & (COLLECTING - 1), late)
    if waited > model.till[_desk(model, line)].too_long:
        _mind_wait(cell, model, t, who, line, packed)


@inner
def leaves_desk(cell: Cell, model: Model, t: int, k: int) -> None:
    """Go from the desk without the order, and come again on the next day."""
    who, ticket = k // PURPOSES, cell.ticket[k]
    cell.stay_due[who] = -1
    packed, late, line = int(ticket.a), int(ticket.b), int(ticket.line)
    again = packed // AGAIN
    if again < MOST_AGAIN:
        push(cell, t + DAY, queue.COLLECT, who, packed + AGAIN, late)
    _mind_wait(cell, model, t, who, line, packed)


@inner
def _mind_wait(cell: Cell, model: Model, t: int, who: int, line: int, packed: int) -> None:
    """Let a wait at the desk that was too long, or in vain, be a bad experience."""
    entity = int(cell.person[who].entity)
    occasion = (packed & ~(COLLECTING - 1)) | (packed & ORDINAL)
    minded, leaves = minds_wait(model, _desk(model, line), entity, VISIT_SERVICE, occasion)
    if minded:
        bad_experience(cell, model, t, who, rows.BAD_WAIT, leaves)


@inner
def _hand_over(cell: Cell, model: Model, t: int, who: int, c: int, packed: int, late: int) -> None:
    """Give the order to its person; one that is late may be a bad experience."""
    ordinal = packed & ORDINAL
    write_handed_over(
        cell, t, who, c, int(model.ch[c].silo), need=ordinal,
        way=(packed & (COLLECTING - 1)) >> ORDINAL_BITS, late=max(late, 0),
    )  # fmt: skip
    if late > 0:
        if model.recovery.on == 1:
            note_failure(cell, t, who, rows.BAD_LATE)
        minded, leaves, _, _ = minds(model, int(cell.person[who].entity), ordinal)
        if minded < model.fulfilment.late_annoys:
            bad_experience(cell, model, t, who, rows.BAD_LATE, leaves)
