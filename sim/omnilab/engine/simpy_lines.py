"""Lines in the SimPy engine: each is a `simpy.PriorityResource`, each who comes to it a process.

The agenda's items say when something happens, so that within a second all is in the one order.
Whom it happens to is SimPy's affair: the resource chooses who is served next, and who has waited
for too long is interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import simpy

from omnilab.cell import queue
from omnilab.interaction.line_moments import COME, END, GIVE_UP, SERVE, STAND

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["MOMENTS", "Lines"]

#: Kinds of items that are handled here.
MOMENTS: Final = frozenset({queue.JOIN, queue.SERVED_END, queue.PATIENCE_ENDS})

Steps = Generator[simpy.Event, Any, None]


@dataclass
class _Place:
    """A person in a line: the ticket, and the process that waits for a server."""

    ticket: int
    serial: int
    line: int
    rank: int
    served: bool = False
    process: simpy.Process | None = field(default=None, repr=False)
    settled: simpy.Event | None = None  # the person has a server, or stands at the line's end
    ends: simpy.Event | None = None  # the service is over


class Lines:
    """The lines of one cell.

    Parameters
    ----------
    model
        It says how many servers each line has.
    places
        Who is in them, in the order of coming.
    """

    def __init__(self, model: Model, places: dict[int, _Place] | None = None) -> None:
        self.model = model
        self.places: dict[int, _Place] = places or {}
        self.resources: list[simpy.PriorityResource] = []
        self.step: Callable[[int, int], None] = _nothing

    def copied(self) -> Lines:
        """Return lines in which the same persons are, for another strategy."""
        return Lines(self.model, {k: replace(p) for k, p in self.places.items()})

    def begin(self, env: simpy.Environment, step: Callable[[int, int], None]) -> None:
        """Go on in a new environment: who was in a line takes the same place again.

        Parameters
        ----------
        step
            Lets one thing happen to the person of a ticket: ``step(ticket, what)``, what as of
            `omnilab.interaction.line_moments`.
        """
        self.step = step
        self.resources = [
            simpy.PriorityResource(env, int(line.servers) or float("inf"))  # type: ignore[arg-type]
            for line in self.model.line
        ]
        for place in sorted(self.places.values(), key=lambda p: not p.served):
            place.process = env.process(self._in_line(env, place, again=True))

    def act(self, env: simpy.Environment, cell: Cell, kind: int, k: int, serial: int) -> Steps:
        """Let the moment of an item come, and wait until all that follows has happened."""
        if kind == queue.JOIN:
            ticket = cell.ticket[k]
            place = _Place(k, serial, int(ticket.line), int(ticket.priority))
            self.places[k] = place
            place.process = env.process(self._in_line(env, place))
            place.settled = env.event()
            yield place.settled
            return
        here = self.places.get(k)
        if here is None or here.serial != serial or here.served != (kind == queue.SERVED_END):
            return  # it was for a line that the person has left
        assert here.process is not None
        if kind == queue.PATIENCE_ENDS:
            here.process.interrupt()
        else:
            assert here.ends is not None
            here.ends.succeed()
        yield here.process

    def _in_line(self, env: simpy.Environment, place: _Place, again: bool = False) -> Steps:
        """Come to a line, wait for a server, be served, and give the server back."""
        resource, k = self.resources[place.line], place.ticket
        place.ends = env.event()
        if not again:
            self.step(k, COME)
        request = resource.request(priority=place.rank)
        if not again and not request.triggered:
            self.step(k, STAND)
            _succeed(place.settled)
        try:
            yield request
        except simpy.Interrupt:
            request.cancel()
            del self.places[k]
            self.step(k, GIVE_UP)
            return
        if not place.served:
            place.served = True
            self.step(k, SERVE)
            _succeed(place.settled)
        yield place.ends
        del self.places[k]
        self.step(k, END)
        # The release is waited for, so that the next has the server before this process is over.
        yield resource.release(request)


def _succeed(event: simpy.Event | None) -> None:
    if event is not None and not event.triggered:
        event.succeed()


def _nothing(ticket: int, what: int) -> None:
    del ticket, what
