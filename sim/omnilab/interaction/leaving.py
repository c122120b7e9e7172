"""Bad experiences and leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.emit import write_bad, write_left
from omnilab.cell.queue import push
from omnilab.interaction.accounts import end_need, keeps_need
from omnilab.interaction.failures import note_complaint
from omnilab.interaction.word import tell_bad
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.attrition import begins_relation, next_moment, stays_through
from omnilab.world.preference import is_disappointed, preference_at
from omnilab.world.recovery import is_hurt, weight_of_failure
from omnilab.world.satisfaction import leaves_after
from omnilab.world.waking import wakes_to_leave

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.response import Message

__all__ = [
    "bad_experience",
    "become_customer",
    "is_woken",
    "leave",
    "lose_need",
    "may_leave",
]

AFTER_ORDER = 1  # why a person left, as the log says it
AFTER_BAD = 2
WOKEN = 3
OF_ITSELF = 4


@inner
def bad_experience(cell: Cell, model: Model, t: int, who: int, why: int, u: float) -> bool:
    """Let a bad experience happen; return whether the person leaves, by uniform ``u``."""
    person = cell.person[who]
    if person.left == 1:
        return False
    weight = weight_of_failure(model, person, t)
    leaves = leaves_after(model, person, t, u, weight)
    write_bad(cell, t, who, why=why)
    if model.recovery.on == 1:
        before = preference_at(model, person, t)
        is_disappointed(model, person, t, weight)
        is_hurt(model, person, t, before)
        note_complaint(cell, model, t, who, why)
    else:
        is_disappointed(model, person, t, weight)
    if model.tips.warns > 0.0:
        tell_bad(cell, model, t, who, why)
    if leaves:
        leave(cell, t, who, AFTER_BAD)
    return leaves


@inner
def is_woken(cell: Cell, model: Model, t: int, message: Message) -> bool:
    """Let a message that is seen for the first time wake who sleeps; tell whether that one leaves.

    Neither ads nor messages of service do.
    """
    who = int(message.person)
    if model.ch[int(message.channel)].ad == 1 or message.service == 1:
        return False
    if not wakes_to_leave(cell, model, cell.person[who], int(message.occasion), t):
        return False
    leave(cell, t, who, WOKEN)
    return True


@inner
def become_customer(cell: Cell, model: Model, t: int, who: int) -> None:
    """Begin a relation, with the first order; plan the first moment to leave it."""
    at = begins_relation(model, cell.person[who], t)
    if at < model.clock.run_end:
        push(cell, at, queue.MOMENT, who, 0, 0)


@inner
def may_leave(cell: Cell, model: Model, t: int, who: int) -> None:
    """Leave without a cause of the brand's, or stay until the next moment."""
    person = cell.person[who]
    if person.left == 1:
        return
    if not stays_through(model, person, t):
        leave(cell, t, who, OF_ITSELF)
        return
    at = next_moment(model, person, t)
    if at < model.clock.run_end:
        push(cell, at, queue.MOMENT, who, 0, 0)


@inner
def leave(cell: Cell, t: int, who: int, why: int) -> None:
    """End the relation: open needs are met elsewhere, no new ones come to this brand."""
    person = cell.person[who]
    person.left = 1
    write_left(cell, t, who, why=why)
    while person.first_need >= 0:
        end_need(cell, t, who, int(person.first_need), rows.FATE_LEFT)


@inner
def lose_need(cell: Cell, t: int, who: int, index: int, fate: int) -> None:
    """Close a need that did not become an order, unless an account goes on with it."""
    if not keeps_need(cell, who, index):
        end_need(cell, t, who, index, fate)
