"""Lines: a number of servers, and persons who wait for one of them until their patience ends.

A line is a queue with ``c`` servers. Who waits is called by class of priority, and within a class
in the order of coming. Nobody who is served is sent away for somebody else.

A person holds at most one *ticket* for each purpose of lines: a ticket says in which line the
person is, since when, and what for. The lists of who waits go through the tickets, so a line takes
any number of persons.

References
----------
A. K. Erlang (1917); C. Palm (1946); O. Garnett, A. Mandelbaum and M. Reiman, "Designing a call
center with impatient customers", Manufacturing & Service Operations Management 4 (2002): with
exponential times this is the M/M/c queue, and with exponential patience M/M/c+M (Erlang A).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Ints, Record, i1, i4, i8, several

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = [
    "CALL",
    "CLASSES",
    "DESK",
    "NOWHERE",
    "PURPOSES",
    "SERVED",
    "TILL",
    "WAITS",
    "Line",
    "Servers",
    "Ticket",
    "exponential",
    "first_waiting",
    "has_server",
    "line_up",
    "open_lines",
    "step_out",
    "tear_tickets",
    "ticket_of",
]

CLASSES: Final = 4  # of priority: 0 is called first

# What lines are for; `omnilab.interaction.line_uses` says what happens in each
TILL: Final = 0  # to pay what was chosen
DESK: Final = 1  # to collect what was ordered
CALL: Final = 2  # to ask the service
PURPOSES: Final = 3

# What a ticket's person does
NOWHERE: Final = 0
COMES: Final = 1  # on the way to the line's end, this same second
WAITS: Final = 2
SERVED: Final = 3

LONGEST: Final = 365 * 86400  # seconds of a drawn time


class Line(Record):
    """What is fixed about one line; `omnilab.lowering.lines` makes the records."""

    servers: i8  # 0: without number, so that nobody waits
    purpose: i8
    place: i8  # the channel that it belongs to, -1 none
    till: i8  # its record in ``Model.till``, -1 none


class Servers(Record):
    """How one line stands in one cell."""

    busy: i4 = 0
    waiting: i4 = 0
    first: Ints = several(CLASSES, i4, first=-1)  # ticket by class
    last: Ints = several(CLASSES, i4, first=-1)


class Ticket(Record):
    """A person's place in a line."""

    state: i1
    priority: i1
    line: i4
    next: i4  # tickets before and behind it in its class, -1 none
    previous: i4
    serial: i4  # of the person's visits to lines of this purpose; items of older ones are void
    joined: i8
    patience: i8  # seconds, -1 without end
    service: i8  # seconds
    a: i8  # what the purpose keeps
    b: i8


@inner
def open_lines(cell: WorldCell, model: Model) -> None:
    """Leave nobody in any line."""
    for n in range(len(model.line)):
        servers = cell.servers[n]
        servers.busy = 0
        servers.waiting = 0
        for k in range(CLASSES):
            servers.first[k] = -1
            servers.last[k] = -1


@inner
def tear_tickets(cell: WorldCell, who: int) -> None:
    """Let a person who is born be in no line."""
    for purpose in range(PURPOSES):
        ticket = cell.ticket[ticket_of(who, purpose)]
        ticket.state = NOWHERE
        ticket.serial = 0


@inner
def ticket_of(who: int, purpose: int) -> int:
    """Return the number of a person's ticket for a purpose; ``// PURPOSES`` is the person."""
    return who * PURPOSES + purpose


@inner
def has_server(cell: WorldCell, model: Model, line: int) -> bool:
    """Tell whether somebody who comes now is served at once."""
    servers = model.line[line].servers
    return servers == 0 or cell.servers[line].busy < servers


@inner
def line_up(cell: WorldCell, k: int) -> None:
    """Put ticket ``k`` behind all of its class."""
    ticket = cell.ticket[k]
    servers, c = cell.servers[int(ticket.line)], int(ticket.priority)
    ticket.next = -1
    ticket.previous = servers.last[c]
    if ticket.previous >= 0:
        cell.ticket[int(ticket.previous)].next = k
    else:
        servers.first[c] = k
    servers.last[c] = k


@inner
def step_out(cell: WorldCell, k: int) -> None:
    """Take ticket ``k`` out of the list of those who wait."""
    ticket = cell.ticket[k]
    servers, c = cell.servers[int(ticket.line)], int(ticket.priority)
    before, behind = int(ticket.previous), int(ticket.next)
    if before >= 0:
        cell.ticket[before].next = behind
    else:
        servers.first[c] = behind
    if behind >= 0:
        cell.ticket[behind].previous = before
    else:
        servers.last[c] = before


@inner
def first_waiting(cell: WorldCell, line: int) -> int:
    """Return the ticket that is called next, -1 where nobody waits."""
    for c in range(CLASSES):
        if cell.servers[line].first[c] >= 0:
            return int(cell.servers[line].first[c])
    return -1


@inner
def exponential(mean: float, u: float) -> int:
    """Return an exponential time in whole seconds, one at least: ``-mean ln(1 - u)``.

    Parameters
    ----------
    mean
        Seconds.
    u
        A uniform in [0, 1).
    """
    x = -mean * math.log(1.0 - u)
    return int(min(max(x + 0.5, 1.0), float(LONGEST)))
