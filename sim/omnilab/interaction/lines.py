"""Standing in line: joining it, being served, giving up, being done.

A room that lets somebody wait calls `join`. All that follows are items of the queue: the place at
the line's end (``JOIN``, the same second), the end of patience and the end of service. What a
purpose does then is in `omnilab.interaction.line_uses`.

The compiled engine keeps the order of those who wait in the cell's arrays. In the SimPy engine a
line is a `simpy.PriorityResource`, which chooses who is next (`omnilab.engine.simpy_lines`). Both
call `line_step` for what happens to a person, so they write the same log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.lines import COMES, NOWHERE, PURPOSES, SERVED, WAITS, ticket_of

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = [
    "FOR_EVER",
    "begin_service",
    "come",
    "end_service",
    "give_up",
    "join",
    "plan_end",
    "stand",
]

write_join = writer(rows.LINE_JOINED, placed=False)
write_served = writer(rows.SERVED, placed=False)
write_line_left = writer(rows.LINE_LEFT, placed=False)
write_service_done = writer(rows.SERVICE_DONE, placed=False)

FOR_EVER: Final = -1  # patience without end


@inner
def join(
    cell: Cell, model: Model, t: int, line: int, who: int, patience_s: int, service_s: int,
    priority: int,
) -> int:  # fmt: skip
    """Let a person come to a line; return the ticket, or -1 if the person is in such a line.

    The room may note in the ticket's ``a`` and ``b`` what the person has come for.

    Parameters
    ----------
    line
        Its index in ``model.line``.
    patience_s
        Seconds, drawn at the person's own address; `FOR_EVER` for a person who never gives up.
    service_s
        Seconds, one at least. What happens at the start of service may still change them in the
        ticket.
    priority
        Class, 0 is called first; below `omnilab.world.lines.CLASSES`.
    """
    k = ticket_of(who, int(model.line[line].purpose))
    ticket = cell.ticket[k]
    if ticket.state != NOWHERE:
        return -1
    ticket.state = COMES
    ticket.line = line
    ticket.priority = priority
    ticket.serial += 1
    ticket.patience = patience_s
    ticket.service = service_s
    push(cell, t, queue.JOIN, who, k, int(ticket.serial))
    return k


@inner
def come(cell: Cell, t: int, k: int) -> None:
    """Note that a person has come to a line."""
    ticket = cell.ticket[k]
    servers = cell.servers[int(ticket.line)]
    ticket.joined = t
    write_join(
        cell, t, k // PURPOSES, line=int(ticket.line), ahead=int(servers.waiting),
        rank=int(ticket.priority),
    )  # fmt: skip


@inner
def stand(cell: Cell, t: int, k: int) -> None:
    """Let a person wait, since all servers are busy."""
    ticket = cell.ticket[k]
    ticket.state = WAITS
    cell.servers[int(ticket.line)].waiting += 1
    if ticket.patience >= 0:
        end = t + int(ticket.patience)
        push(cell, end, queue.PATIENCE_ENDS, k // PURPOSES, k, int(ticket.serial))


@inner
def begin_service(cell: Cell, t: int, k: int) -> None:
    """Give a person a server; `plan_end` must follow."""
    ticket = cell.ticket[k]
    servers = cell.servers[int(ticket.line)]
    if ticket.state == WAITS:
        servers.waiting -= 1
    ticket.state = SERVED
    servers.busy += 1
    write_served(cell, t, k // PURPOSES, line=int(ticket.line), wait=t - int(ticket.joined))


@inner
def plan_end(cell: Cell, t: int, k: int) -> None:
    """Put the end of a service that begins into the queue."""
    ticket = cell.ticket[k]
    end = t + max(int(ticket.service), 1)
    push(cell, end, queue.SERVED_END, k // PURPOSES, k, int(ticket.serial))


@inner
def give_up(cell: Cell, t: int, k: int) -> None:
    """Let a person leave the line unserved."""
    ticket = cell.ticket[k]
    ticket.state = NOWHERE
    cell.servers[int(ticket.line)].waiting -= 1
    write_line_left(cell, t, k // PURPOSES, line=int(ticket.line), wait=t - int(ticket.joined))


@inner
def end_service(cell: Cell, t: int, k: int) -> None:
    """Let a person go who has been served."""
    ticket = cell.ticket[k]
    ticket.state = NOWHERE
    cell.servers[int(ticket.line)].busy -= 1
    spent = t - int(ticket.joined)
    write_service_done(cell, t, k // PURPOSES, line=int(ticket.line), spent=spent)
