"""The peers of the cascade benchmark: one heap with dictionaries, and SimPy processes.

All start from the same three tables and end with sends and final statuses. The peers first make
rows of plain Python values in order of time, as `omnilab` merges the tables, and sort nothing
afterwards, since their answers come in order of time by themselves.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple

import simpy

from bench.cascade_stream import PLANS, POLICY, Stream
from omnilab.cascade import CascadeEngine, HeapCascade, codes

__all__ = ["Answers", "answers", "run_heapq", "run_omnilab", "run_simpy"]

_LAST = 1 << 60  # SimPy's priority behind that of every message
Rows = list[tuple[int, tuple[Any, ...]]]


class Answers(NamedTuple):
    """What all must agree on."""

    sends: list[tuple[Any, ...]]
    finals: list[tuple[Any, ...]]
    decisions: int


def plain_rows(stream: Stream) -> Rows:
    """Return all rows as (table, values) in order of time; receipts before signals and starts."""
    channels = CascadeEngine(PLANS, POLICY).channels
    names = {
        mask: frozenset(c for i, c in enumerate(channels) if mask >> i & 1)
        for mask in range(1 << len(channels))
    }
    receipts = [
        (0, (at, m, channels[c], codes.RECEIPTS[k]))
        for at, m, c, k in zip(*(v.tolist() for v in stream.receipts.values()), strict=True)
    ]
    signals = [
        (1, (at, p, codes.SIGNALS[k], None if c < 0 else channels[c]))
        for at, p, k, c in zip(*(v.tolist() for v in stream.signals.values()), strict=True)
    ]
    starts = [
        (2, (at, m, p, plan, names[u], z))
        for at, m, p, plan, u, z in zip(*(v.tolist() for v in stream.starts.values()), strict=True)
    ]
    return sorted(receipts + signals + starts, key=lambda row: (row[1][0], row[0]))


def run_omnilab(stream: Stream) -> Any:
    """Return the engine's answer in order of time."""
    engine = CascadeEngine(PLANS, POLICY, control=stream.control)
    answer = engine.feed(stream.starts, stream.receipts, stream.signals, until=1 << 40)
    return answer.in_time_order()


def run_heapq(stream: Stream) -> HeapCascade:
    """Return the model after all rows and timers."""
    model = HeapCascade(PLANS, POLICY, stream.control)
    take = (model.receipt, model.signal, model.start)
    for table, row in plain_rows(stream):
        take[table](*row)
    model.finish()
    return model


class _SimpyCascade(HeapCascade):
    """The same rules, with SimPy's clock and one process a message instead of the heap."""

    def __init__(self, control: list[int]) -> None:
        super().__init__(PLANS, POLICY, control)
        self.env = simpy.Environment()
        self.wakers: dict[int, simpy.Event] = {}
        self.lives: dict[int, simpy.Process] = {}

    def run(self, until: int) -> None:
        """Do nothing: SimPy runs what is due."""

    def receipt(self, at: int, message: int, channel: str, kind: str) -> None:
        waits = bool(self.early)
        super().receipt(at, message, channel, kind)
        if self.early and not waits:
            self._settle_later(-1)

    def _settle_later(self, tried: int) -> None:
        """Judge receipts of no send when all else of the second is done."""
        turn = self.env.event()
        turn._ok, turn._value = True, None
        turn.callbacks.append(lambda _: self._settle(tried))
        self.env.schedule(turn, priority=_LAST, delay=0)

    def _settle(self, tried: int) -> None:
        waiting, self.early = self.early, []
        for row in waiting:
            if self._receive(*row):
                continue
            if len(self.sends) == tried:
                self._refuse(*row[1:])
            else:
                self.early.append(row)
        if self.early:
            self._settle_later(len(self.sends))

    def _wait(self, message: int, got: Any, due: int) -> None:
        tick = self.policy.tick_s
        got.due = -(-due // tick) * tick
        got.phase = "waiting"
        waker = self.env.event()
        waker._ok, waker._value = True, None
        # After the rows of the same second (SimPy's priority 0), by priority and message.
        order = 1 + ((255 - got.plan.priority) << 32) + message
        self.env.schedule(waker, priority=order, delay=got.due - self.env.now)
        self.wakers[message] = waker
        life = self.lives.get(message)
        if life is None:
            self.lives[message] = self.env.process(self._life(message, got))
        elif life is not self.env.active_process:  # a receipt cut its waiting short
            life.interrupt()

    def _life(self, message: int, got: Any) -> Generator[simpy.Event, None, None]:
        while got.phase != "final":
            try:
                yield self.wakers[message]
            except simpy.Interrupt:
                continue
            if got.phase != "final":
                self._attempt(got.due, message, got)


def _feed(model: _SimpyCascade, rows: Rows) -> Generator[simpy.Event, None, None]:
    """Hand the rows over, each at its second and before what is due then."""
    env = model.env
    take = (model.receipt, model.signal, model.start)
    for table, row in rows:
        if row[0] > env.now:
            turn = env.event()
            turn._ok, turn._value = True, None
            env.schedule(turn, priority=0, delay=row[0] - env.now)
            yield turn
        take[table](*row)


def run_simpy(stream: Stream) -> HeapCascade:
    """Return the model after SimPy has run out of events."""
    model = _SimpyCascade(stream.control)
    model.env.process(_feed(model, plain_rows(stream)))
    model.env.run()
    return model


def answers(result: Any) -> Answers:
    """Return any runner's answer in one form."""
    if isinstance(result, HeapCascade):
        return Answers(
            sorted(tuple(s) for s in result.sends),
            sorted(tuple(f) for f in result.finals),
            result.decisions,
        )
    channels = CascadeEngine(PLANS, POLICY).channels
    s, f = result.sends, result.finals
    return Answers(
        list(
            zip(
                s.at.tolist(),
                s.message.tolist(),
                s.step.tolist(),
                [channels[c] for c in s.channel],
                strict=True,
            )
        ),
        list(
            zip(
                f.at.tolist(),
                f.message.tolist(),
                [codes.FINALS[x] for x in f.status],
                [codes.REASONS[x] for x in f.reason],
                f.step.tolist(),
                strict=True,
            )
        ),
        result.decisions,
    )
