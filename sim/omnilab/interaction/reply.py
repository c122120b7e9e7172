"""A message is answered in words, or an invitation accepted; the brand is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import write_opt_in, writer
from omnilab.interaction.identifiers import shown_code
from omnilab.interaction.wall import tell_permission, tell_reply
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.identifiers import address_code, type_of
from omnilab.world.replies import replies_to, reply_cost

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.response import Message

__all__ = ["answer_in_words"]

write_reply = writer(rows.REPLY, placed=True)
write_accept = writer(rows.ACCEPT, placed=True)


@inner
def answer_in_words(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, message: Message, meets: float
) -> None:
    """Let who reads a message for the first time reply to it, or accept what it invites to."""
    who, c = int(message.person), int(message.channel)
    person, channel = cell.person[who], model.ch[c]
    to = int(channel.invites)
    if to >= 0 and ((person.consent >> to) & 1 == 1 or person.stopped == 1):
        return  # it may be written to there already, or wants nothing
    if not replies_to(model, person, message, meets, t):
        return
    if to < 0:
        write_reply(
            cell, t, who, c, int(channel.silo), message=message.id, journey=message.journey,
            step=message.step, asked=message.asks_reply, cost=reply_cost(message),
        )  # fmt: skip
        tell_reply(cell, plan, t, message, 0)
        return
    write_accept(
        cell, t, who, c, int(channel.silo), message=message.id, journey=message.journey,
        step=message.step, opens=to, cost=reply_cost(message),
    )  # fmt: skip
    person.consent |= 1 << to
    person.reach |= 1 << to
    code = address_code(model, person, who, int(model.ch[to].address), t)
    # Another address is handed over by whoever is written to at this one: as in a form.
    silo, n = (int(channel.silo), 1) if code != message.code else (-1, 0)
    write_opt_in(
        cell, t, who, to, int(model.ch[to].silo), code=shown_code(cell, model, code),
        type=type_of(code), visited=silo,
    )  # fmt: skip
    cell.code[0], cell.carry[0] = message.code, -1
    tell_permission(cell, plan, t, to, silo, code, n)
    tell_reply(cell, plan, t, message, 1)
