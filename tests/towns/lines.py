"""Lines by themselves: the same customers through the cell's arrays and through SimPy."""

from __future__ import annotations

from heapq import heappop, heappush
from types import FunctionType
from typing import Any, NamedTuple

import simpy

from omnilab.cell import queue
from omnilab.engine.simpy_lines import MOMENTS, Lines
from omnilab.interaction import line_moments
from omnilab.interaction.lines import join
from omnilab.kernels.record import record_array
from omnilab.log import rows
from omnilab.world.lines import CALL, Line, open_lines
from tests.plain import plain
from tests.worlds import cell_of, model_of, plan_of

__all__ = ["Coming", "after_arrays", "after_simpy", "lined", "naive_waits", "rows_of"]

KINDS = (rows.LINE_JOINED, rows.SERVED, rows.LINE_LEFT, rows.SERVICE_DONE)


class Coming(NamedTuple):
    """A customer of a line; times in seconds, patience -1 without end."""

    t: int
    line: int
    service: int
    patience: int = -1
    rank: int = 0


def _alone() -> dict[str, Any]:
    """Return the moments of lines, in plain Python, as if nobody had come for anything."""
    space = {name: plain(x) for name, x in vars(line_moments).items()}
    for use in ("at_service", "after_service", "after_giving_up"):
        space[use] = lambda *_: None
    for name in ("line_step", "joins", "service_ends", "patience_ends"):
        code = getattr(space[name], "__code__")  # noqa: B009
        space[name] = FunctionType(code, space, name)
    return space


_ALONE = _alone()


def lined(*servers: int) -> Any:
    """Return a model with lines of so many servers each, 0 without number."""
    line = record_array(Line, len(servers))
    for n, c in enumerate(servers):
        line[n].servers, line[n].purpose, line[n].place = c, CALL, -1
    return model_of().replaced(line=line)


def _town(model: Any, customers: list[Coming]) -> Any:
    cell = cell_of(len(customers), model, row=5 * len(customers) + 64)
    cell.meta.persons = len(customers)
    plain(open_lines)(cell, model)
    for person in cell.person:
        person.item_seq = person.row_seq = 0
    return cell


def _comes(cell: Any, model: Any, who: int, x: Coming) -> int:
    return int(plain(join)(cell, model, x.t, x.line, who, x.patience, x.service, x.rank))


def after_arrays(model: Any, customers: list[Coming]) -> Any:
    """Return the cell after the compiled engine's way; customer n is person n."""
    cell, plan, n = _town(model, customers), plan_of(), 0
    does = {queue.JOIN: "joins", queue.SERVED_END: "service_ends",
            queue.PATIENCE_ENDS: "patience_ends"}  # fmt: skip
    while True:
        plain(queue.close)(cell)
        key = plain(queue.soonest)(cell)
        t = plain(queue.time_of)(key) if key != queue.NEVER else None
        if n < len(customers) and (t is None or customers[n].t <= t):
            _comes(cell, model, n, customers[n])
            n += 1
            continue
        if t is None:
            return cell
        a, b = plain(queue.pop)(cell, key)
        _ALONE[does[plain(queue.kind_of)(key)]](cell, model, plan, t, a, b)


def after_simpy(model: Any, customers: list[Coming], stop: int = -1) -> Any:
    """Return the cell after the SimPy engine's way; at ``stop`` a new environment goes on."""
    cell, plan = _town(model, customers), plan_of()
    heap: list[tuple[int, int, int]] = []
    cell.meta.outbox = 1
    lines, at = Lines(model), [0]

    def collect() -> None:
        for x in cell.item[: cell.meta.items]:
            heappush(heap, (int(x.key), int(x.a), int(x.b)))
        cell.meta.items = 0

    def agenda(env: simpy.Environment, until: float) -> Any:
        while True:
            n = at[0]
            t = plain(queue.time_of)(heap[0][0]) if heap else None
            if n < len(customers) and (t is None or customers[n].t <= t):
                if customers[n].t >= until:
                    return
                _comes(cell, model, n, customers[n])
                at[0] += 1
                collect()
                continue
            if t is None or t >= until:
                return
            yield env.timeout(t - env.now)
            key, a, b = heappop(heap)
            assert plain(queue.kind_of)(key) in MOMENTS
            yield from lines.act(env, cell, plain(queue.kind_of)(key), a, b)

    for begin, until in ((0, stop), (stop, float("inf"))):
        if until < 0:
            begin, until = 0, float("inf")
        env = simpy.Environment(initial_time=max(begin, 0))

        def step(k: int, what: int, env: simpy.Environment = env) -> None:
            _ALONE["line_step"](cell, model, plan, int(env.now), k, what)
            collect()

        lines = lines.copied()
        lines.begin(env, step)
        env.process(agenda(env, until))
        env.run()
        for n, line in enumerate(model.line):  # SimPy and the counts agree
            assert lines.resources[n].count == cell.servers[n].busy
            assert len(lines.resources[n].queue) == cell.servers[n].waiting
            assert line.servers == 0 or cell.servers[n].busy <= line.servers
    return cell


def rows_of(cell: Any) -> list[tuple[str, int, int, int, int]]:
    """Return what happened: (kind, time, person, line, wait or time spent or persons ahead)."""
    log = cell.row[: int(cell.meta.rows)]
    return [
        (rows.KIND_NAMES[kind], t, who, a & 0xFFFFFFFF, a >> 32 if kind == rows.LINE_JOINED else b)
        for kind, t, who, a, b in zip(
            *(log[x].tolist() for x in ("kind", "time", "person", "a", "b")), strict=True
        )
        if kind in KINDS
    ]


def naive_waits(servers: int, customers: list[Coming]) -> list[tuple[str, int]]:
    """Return how each customer of one line fared, by looking at the whole line every second.

    ("served", wait) or ("line_left", wait). Customers come in the order of the list; a server that
    is free at a second is taken before patience ends in it.
    """
    fared: list[tuple[str, int]] = [("", 0)] * len(customers)
    waiting: list[int] = []
    busy: list[int] = []  # ends
    t, n = 0, 0

    def call() -> None:
        while waiting and (servers == 0 or len(busy) < servers):
            k = min(waiting, key=lambda k: (customers[k].rank, k))
            waiting.remove(k)
            busy.append(t + customers[k].service)
            fared[k] = ("served", t - customers[k].t)

    while n < len(customers) or waiting or busy:
        while n < len(customers) and customers[n].t == t:
            waiting.append(n)
            n += 1
            call()
        busy = [end for end in busy if end > t]
        call()
        for k in list(waiting):
            if 0 <= customers[k].patience <= t - customers[k].t:
                waiting.remove(k)
                fared[k] = ("line_left", t - customers[k].t)
        t += 1
    return fared
