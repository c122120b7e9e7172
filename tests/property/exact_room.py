"""Run hostile scenarios in plain Python with exactly the room that each event is promised.

Before each event every array that can run full is cut to what is in use and what
`omnilab.cell.room` keeps for one event, so that NumPy raises an `IndexError` at the first slot
beyond. Run as a program, with ``OMNILAB_PLAIN=1``; it prints how much of each promise was used.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from omnilab.cell import queue
from omnilab.cell.room import GROWING, fits, has_room, limits, notes_besides, rows_of_event
from omnilab.engine import changeover as switch
from omnilab.engine import loop as dispatch
from omnilab.kernels.modes import is_plain
from tests.property.hostile import hostile_scenarios, hostile_strategies
from tests.verification.worlds import run

COUNTERS = {"need": "needs", "message": "messages", "node": "nodes", "profile": "profiles",
            "context": "contexts", "copy": "copies", "item": "items", "tape": "tape",
            "row": "rows"}  # fmt: skip
CUT = (*GROWING, "timer")
#: Slots that one event took at most, and the least that was left of what it was promised.
used: Counter[str] = Counter()
least: dict[str, int] = {}

assert is_plain()


class Room:
    """One cell's arrays: whole between events, cut during one."""

    def __init__(self, cell: Any) -> None:
        self.cell = cell
        self.whole: dict[str, Any] = {}
        self.before: dict[str, int] = {}

    def cut(self, plan: Any, limit: tuple[int, ...], weekly: bool) -> None:
        """Leave each array what is in use and what one event may write."""
        cell, m, p = self.cell, self.cell.meta, plan.rules
        more = int(p.weekly * m.profiles) if weekly else 0
        room = {
            name: int(getattr(m, COUNTERS[name])) + len(getattr(cell, name)) - limit[n]
            for n, name in enumerate(GROWING) if name in COUNTERS
        }  # fmt: skip
        room["copy"] += more
        room["item"] += more
        room["row"] = int(m.rows + rows_of_event(cell, plan, limit, weekly))
        room["note"] = int(2 * m.copies + notes_besides(plan))
        room["timer"] = int(2 * p.running)
        self.whole = {name: getattr(cell, name) for name in CUT}
        self.before = {name: int(getattr(m, field)) for name, field in COUNTERS.items()}
        self.room = room
        for name in CUT:
            assert room[name] <= len(self.whole[name]), name
            cell.set(name, self.whole[name][: room[name]])

    def mend(self) -> None:
        """Make the arrays whole again, and note what was used."""
        for name, array in self.whole.items():
            self.cell.set(name, array)
        for name, before in self.before.items():
            took = int(getattr(self.cell.meta, COUNTERS[name])) - before
            used[name] = max(used[name], took)
            least[name] = min(least.get(name, 1 << 30), int(self.room[name]) - before - took)
        self.whole, self.before = {}, {}


rooms: dict[int, Room] = {}


def room_of(cell: Any) -> Room:
    """Return the room of a cell, whole."""
    room = rooms.setdefault(id(cell), Room(cell))
    assert room.cell is cell
    room.mend()
    return room


def advance(C: Any, M: Any, P: Any, until: int) -> int:
    """Do what `dispatch.advance` does, an event at a time in the room that it is promised."""
    m = C.meta
    now = -1
    m.grown = 1
    while True:
        queue.close(C)
        key = queue.soonest(C)
        t, kind = queue.time_of(key), queue.kind_of(key)
        if t >= until:
            return dispatch.PENDING if m.pending > 0 else dispatch.DONE
        if m.pending > 0 and (t != now or kind != queue.SEND):
            return dispatch.PENDING
        weekly = kind == queue.WEEKLY
        room, limit = room_of(C), limits(C, P)
        # As the engine does, trust what was found until something new is taken.
        if (m.grown == 1 or weekly) and not fits(C, P, limit, weekly):
            return dispatch.SHORT
        m.grown = int(weekly)
        if len(C.row) - m.rows < rows_of_event(C, P, limit, weekly):
            assert m.rows > 0
            return dispatch.FULL
        now = t
        room.cut(P, limit, weekly)
        a, b = queue.pop(C, key)
        dispatch.act(C, M, P, key, a, b)
        room.mend()


def has_exact_room(C: Any, P: Any, weekly: bool) -> bool:
    """Do what `has_room` does for a group of the tape, and cut the arrays for it."""
    room = room_of(C)
    if not has_room(C, P, weekly):
        return False
    room.cut(P, limits(C, P), weekly)
    return True


def take_over(C: Any, S: Any, P: Any, start: int, until: int, whole: Any = switch.take_over) -> int:
    """Make the arrays whole again at the end."""
    at = whole(C, S, P, start, until)
    room_of(C)
    return int(at)


@contextmanager
def exact_room() -> Any:
    """Give each event exactly what it is promised, for the time of a block."""
    with (
        patch.object(switch, "advance", advance),
        patch.object(switch, "has_room", has_exact_room),
        patch("omnilab.engine.compiled_loop.take_over", take_over),
        # What becomes of rows afterwards has no part in it, and takes longer than making them.
        patch("omnilab.engine.books.digest_rows", lambda *_: None),
        patch("omnilab.engine.books.tally", lambda *_: None),
        patch("omnilab.engine.books.close", lambda *_: None),
        patch("omnilab.engine.books.score_identity", lambda *_: None),
    ):
        yield
    rooms.clear()


@settings(
    max_examples=int(os.environ.get("ROOM_EXAMPLES", "12")), derandomize=True, deadline=None,
    database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(st.data())
def main(data: Any) -> None:
    """Run one hostile scenario."""
    scenario = data.draw(hostile_scenarios())
    strategies = data.draw(hostile_strategies(scenario))
    with exact_room():
        result = run(scenario, strategies, seed=data.draw(st.integers(0, 99)), pilot=2, keep=False)
    assert not result.failures, result.failures
    used["rows in all"] += sum(int(s.events) for s in result.strategies)


if __name__ == "__main__":
    main()
    sys.stdout.write(json.dumps({"used": used, "least": least}) + "\n")
