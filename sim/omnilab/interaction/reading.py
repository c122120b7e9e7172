"""What a message meets in a person's memory, and what the person makes of reading it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import write_message, writer
from omnilab.interaction.wall import tell_stop_all
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.consistency import agrees, hear_theme
from omnilab.world.creatives import see_creative, worn
from omnilab.world.fatigue import opt_out_factor
from omnilab.world.opting_out import opts_out_reading, stops_everything

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.response import Message

__all__ = ["compare", "note_look", "read", "recognise"]

write_look_again = writer(rows.LOOK_AGAIN, placed=True)


@inner
def compare(cell: Cell, model: Model, t: int, message: Message) -> None:
    """Let the person feel what came before a message: its creative, its theme and others."""
    who, c = int(message.person), int(message.channel)
    message.feels += agrees(cell, model, who, int(message.theme), c, t)
    if model.ch[c].ad == 0:  # ads wear out in a way of their own
        message.worn = worn(cell, model, who, int(message.template), t)
        message.feels += message.worn


@inner
def recognise(cell: Cell, model: Model, t: int, message: Message) -> None:
    """Feel a creative as it is known now, and remember it and the theme as seen."""
    who, c = int(message.person), int(message.channel)
    if model.ch[c].ad == 0:
        known = worn(cell, model, who, int(message.template), t)
        message.feels += known - message.worn
        message.worn = known
        see_creative(cell, model, who, int(message.template), t)
    hear_theme(cell, model, who, int(message.theme), c, t)


@inner
def read(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, message: Message, meets: float
) -> None:
    """Let who reads a message opt out because of what it is; of service nobody does."""
    if message.service == 1:
        return
    person = cell.person[int(message.person)]
    over = opt_out_factor(model, person, message.weekly)
    if not opts_out_reading(model, person, message, meets, over):
        return
    c = int(message.channel)
    person.consent &= ~(1 << c)
    _write(cell, model, t, message, rows.UNSUBSCRIBE)
    if stops_everything(model, person, message):
        person.stopped = 1
        _write(cell, model, t, message, rows.STOP_ALL)
        tell_stop_all(cell, plan, t, c, int(message.code))


@inner
def note_look(cell: Cell, model: Model, t: int, message: Message) -> None:
    """Write that a message is looked at again, which nobody is told."""
    c = int(message.channel)
    write_look_again(
        cell, t, int(message.person), c, model.ch[c].silo, message=message.id,
        journey=message.journey, step=message.step, look=message.look,
    )  # fmt: skip


@inner
def _write(cell: Cell, model: Model, t: int, message: Message, kind: int) -> None:
    c = int(message.channel)
    write_message(
        cell, t, int(message.person), kind, c, model.ch[c].silo, message.id, message.journey,
        message.step,
    )  # fmt: skip
