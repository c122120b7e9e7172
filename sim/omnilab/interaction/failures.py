"""What the brand notes of what went wrong, and the apologies that persons see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.interaction.wall import tell_failure
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.recovery import apologies_at, complains, hears_apology

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model
    from omnilab.world.response import Message

__all__ = ["failed", "keep_name", "note_complaint", "note_failure", "see_apology"]

MILLION = 1_000_000

write_apology = writer(rows.APOLOGY, placed=True)
write_noted = writer(rows.FAILURE_NOTED, placed=False)


@inner
def keep_name(cell: Cell, model: Model, visit: Visit) -> None:
    """Keep an identifier that an order was made under: by it the brand knows whose it is.

    It is the last that the visit showed: what the order asked for, where it asked for one.
    """
    if visit.shown == 0:
        return
    person = cell.person[int(visit.who)]
    person.known_code = cell.code[int(visit.shown) - 1]
    person.known_silo = model.ch[int(visit.channel)].silo


@inner
def note_failure(cell: Cell, t: int, who: int, why: int) -> None:
    """Let the brand note what its own records show: a late delivery, an order that came back."""
    if cell.person[who].known_code != 0:
        push(cell, t, queue.FAILED, who, why, 0)


@inner
def note_complaint(cell: Cell, model: Model, t: int, who: int, why: int) -> None:
    """Let a person who has just had a bad experience tell the brand, maybe.

    What the brand has noted by itself needs no complaint.
    """
    person = cell.person[who]
    person.bads += 1
    if why == rows.BAD_LATE or why == rows.BAD_RETURN:
        return
    if person.known_code != 0 and complains(model, person):
        push(cell, t, queue.FAILED, who, why, 0)


@inner
def failed(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, why: int) -> None:
    """Tell the brand of what went wrong."""
    person = cell.person[who]
    write_noted(cell, t, who, why=why)
    tell_failure(cell, plan, t, int(person.known_code), int(person.known_silo))


@inner
def see_apology(cell: Cell, model: Model, t: int, message: Message) -> None:
    """Hear the apology of a message just seen, with what it brings."""
    who, c = int(message.person), int(message.channel)
    person = cell.person[who]
    cents = _worth(model, message)
    heard = apologies_at(model, person, t)
    back = hears_apology(model, person, t, cents / 100.0)
    write_apology(
        cell, t, who, c, int(model.ch[c].silo), message=message.id, worth=cents,
        back=int(back * MILLION), heard=int(heard * 1000),
    )  # fmt: skip


@inner
def _worth(model: Model, message: Message) -> int:
    """Return what a message's offer is worth at a mean order, cents."""
    worth = message.offer * model.recovery.mean_order
    if message.coupon > 0:
        coupon = model.coupon[message.coupon - 1]
        worth += coupon.share * model.recovery.mean_order + coupon.cents + coupon.gift
    return int(worth)
