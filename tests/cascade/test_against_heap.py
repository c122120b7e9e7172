"""The engine against the heap-and-dictionaries model: rows of any kind, cut anywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from omnilab.cascade import (
    Cap,
    CascadeEngine,
    CascadePlan,
    ContactPolicy,
    HeapCascade,
    Step,
    Zone,
    codes,
)
from omnilab.cascade.plan import EVER
from omnilab.cascade.reference import Final, Send
from tests.cascade.promises import Start, check_promises

HOUR, DAY = 3600, 86400
CHANNELS = ("push", "email", "sms", "call")
# Two changes within the simulated days: an hour is left out, and later an hour comes twice.
LOCAL = Zone("local", (EVER, DAY + 2 * HOUR, 3 * DAY + HOUR), (HOUR, 2 * HOUR, HOUR))
FAR = Zone("far", (EVER, 2 * DAY - HOUR), (-9 * HOUR, -10 * HOUR))

waits = st.sampled_from([1, 60, HOUR, 3 * HOUR, DAY])
successes = st.sampled_from(["sent", "delivered", "opened", "clicked"])


@st.composite
def plans(draw: st.DrawFn, name: str) -> CascadePlan:
    channels = draw(st.permutations(CHANNELS))[: draw(st.integers(1, 4))]
    steps = tuple(Step(c, draw(waits), draw(successes)) for c in channels)
    expires = draw(st.sampled_from([0, 0, HOUR, DAY]))
    capped = draw(st.sampled_from([True, True, False]))
    return CascadePlan(name, steps, draw(st.integers(0, 2)), expires, draw(st.booleans()), capped)


@st.composite
def policies(draw: st.DrawFn, channels: tuple[str, ...]) -> ContactPolicy:
    some = st.lists(st.sampled_from(channels), max_size=2, unique=True).map(tuple)
    periods = st.sampled_from([0, 1, HOUR, DAY, 3 * DAY])
    cap = st.builds(Cap, st.integers(1, 3), periods, some, st.booleans())
    quiet = draw(st.sampled_from([(0, 0), (21 * HOUR, 8 * HOUR), (HOUR, 4 * HOUR)]))
    tick = draw(st.sampled_from([1, 900]))
    caps = tuple(draw(st.lists(cap, max_size=3)))
    return ContactPolicy(caps, *quiet, draw(some), (LOCAL, FAR), tick, draw(st.booleans()))


class AgainstHeap(RuleBasedStateMachine):
    """Rows go into a buffer; a flush feeds both, and both must say the same."""

    @initialize(data=st.data(), control=st.sets(st.integers(2, 4), max_size=1))
    def begin(self, data: st.DataObject, control: set[int]) -> None:
        self.plans = [data.draw(plans(name)) for name in ("a", "b", "c")]
        used = tuple(dict.fromkeys(s.channel for p in self.plans for s in p.steps))
        self.policy = data.draw(policies(used))
        self.channels = used
        self.control = control
        self.engine = CascadeEngine(self.plans, self.policy, control=control)
        self.heap = HeapCascade(self.plans, self.policy, control)
        self.now, self.n_messages, self.flushed = 10 * HOUR, 0, 0
        self.rows: list[tuple[int, int, tuple[Any, ...]]] = []
        self.starts: list[Start] = []
        self.sends: list[Send] = []
        self.finals: list[Final] = []
        self.rejected: dict[str, int] = {}
        self.work: dict[str, int] = {}

    @rule(seconds=st.sampled_from([0, 1, 59, 900, HOUR, 5 * HOUR, DAY]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(
        profile=st.integers(0, 2),
        plans=st.lists(st.integers(0, 2), min_size=1, max_size=3),
        usable=st.integers(0, 31),
        zone=st.integers(0, 1),
        again=st.integers(0, 9),
    )
    def start(self, profile: int, plans: list[int], usable: int, zone: int, again: int) -> None:
        for plan in plans:
            message = self.n_messages
            if again == 9 and message:  # a message that was started before
                message -= 1
            else:
                self.n_messages += 1
            # Most messages can use every channel; some only the drawn ones.
            names = frozenset(
                c for i, c in enumerate(self.channels) if usable > 15 or usable >> i & 1
            )
            row = Start(self.now, message, profile, plan, names, zone)
            self.starts.append(row)
            self.rows.append((self.now, 2, row))

    @rule(
        back=st.integers(-1, 5),
        step=st.integers(0, 9),
        kind=st.sampled_from(codes.RECEIPTS),
        times=st.integers(1, 2),
    )
    def receipt(self, back: int, step: int, kind: str, times: int) -> None:
        message = max(self.n_messages - 1 - back, 0)
        channel = self.channels[step % len(self.channels)]
        sent = [send for send in self.sends if send.message == message]
        if sent and step < 8:
            channel = sent[step % len(sent)].channel
        self.rows += [(self.now, 0, (self.now, message, channel, kind))] * times

    @rule(
        profile=st.integers(0, 2),
        kind=st.sampled_from(codes.SIGNALS),
        channel=st.none() | st.integers(0, 3),
    )
    def signal(self, profile: int, kind: str, channel: int | None) -> None:
        name = None if channel is None else self.channels[channel % len(self.channels)]
        self.rows.append((self.now, 1, (self.now, profile, kind, name)))

    @rule(close=st.booleans())
    def flush(self, close: bool) -> None:
        if close:  # this second is over, too
            self.now += 1
        self.feed(self.now)

    def feed(self, until: int) -> None:
        rows = sorted(self.rows, key=lambda row: row[:2])
        self.rows = []
        take = (self.heap.receipt, self.heap.signal, self.heap.start)
        for _, table, row in rows:
            take[table](*row)  # type: ignore[arg-type]
        self.heap.run(until)
        tables = [[row for _, t, row in rows if t == table] for table in range(3)]
        answer = self.engine.feed(
            self.start_columns(tables[2]),
            dict(zip(("at", "message", "channel", "kind"), _columns(tables[0], 4), strict=True)),
            self.signal_columns(tables[1]),
            until=until,
        )
        self.take(answer)

    def start_columns(self, rows: list[Any]) -> dict[str, list[Any]]:
        names = ("at", "message", "profile", "plan", "usable", "zone")
        columns = dict(zip(names, _columns(rows, 6), strict=True))
        columns["usable"] = [self.engine.mask(usable) for usable in columns["usable"]]
        return columns

    def signal_columns(self, rows: list[Any]) -> dict[str, list[Any]]:
        columns = dict(zip(("at", "profile", "kind", "channel"), _columns(rows, 4), strict=True))
        columns["channel"] = [
            -1 if c is None else self.channels.index(c) for c in columns["channel"]
        ]
        return columns

    def take(self, answer: Any) -> None:
        answer = answer.in_time_order()
        sends, finals = answer.sends, answer.finals
        names = [self.engine.channels[c] for c in sends.channel]
        plain = (sends.at.tolist(), sends.message.tolist(), sends.step.tolist())
        rows = zip(*plain, names, strict=True)
        self.sends += [Send(*row) for row in rows]
        rows = zip(
            finals.at.tolist(),
            finals.message.tolist(),
            [codes.FINALS[s] for s in finals.status],
            [codes.REASONS[r] for r in finals.reason],
            finals.step.tolist(),
            strict=True,
        )
        self.finals += [Final(*row) for row in rows]
        for reason, n in answer.rejected.counts().items():
            self.rejected[reason] = self.rejected.get(reason, 0) + n
        for name, n in answer.work.items():
            self.work[name] = self.work.get(name, 0) + n
        self.compare()

    def compare(self) -> None:
        assert sorted(self.sends) == sorted(self.heap.sends)
        assert sorted(self.finals) == sorted(self.heap.finals)
        assert self.rejected == self.heap.rejected
        for name, n in self.heap.work.items():
            assert self.work.get(name, 0) == n, name

    @invariant()
    def promises_hold(self) -> None:
        if hasattr(self, "engine"):
            check_promises(
                self.plans,
                self.policy,
                self.control,
                self.starts,
                self.sends,
                self.finals,
                finished=False,
            )

    def teardown(self) -> None:
        if not hasattr(self, "engine"):
            return
        self.feed(self.now)
        self.heap.finish()
        self.take(self.engine.finish())
        check_promises(
            self.plans,
            self.policy,
            self.control,
            self.starts,
            self.sends,
            self.finals,
            finished=True,
        )
        self.compare_outcomes()

    def compare_outcomes(self) -> None:
        """The state that can be asked for is that of the model, too."""
        outcomes = self.engine.outcomes()
        assert outcomes.message.tolist() == sorted(self.heap.messages)
        for i, message in enumerate(outcomes.message.tolist()):
            want = self.heap.messages[message]
            assert want.final is not None
            assert codes.FINALS[outcomes.final[i]] == want.final.status
            assert codes.REASONS[outcomes.reason[i]] == want.final.reason
            assert outcomes.sent[i] == sum(1 << step for step in want.statuses)
            assert outcomes.skipped[i] == sum(1 << step for step in want.skipped)
            for step, status in want.statuses.items():
                assert codes.STATUSES[int(outcomes.status[i, step])] == status


def _columns(rows: list[Any], n: int) -> list[list[Any]]:
    return [[row[i] for row in rows] for i in range(n)]


TestAgainstHeap = AgainstHeap.TestCase
TestAgainstHeap.settings = settings(max_examples=max(60, settings().max_examples))


@settings(max_examples=max(150, settings().max_examples))
@given(st.data(), st.integers(0, 1 << 30))
def test_crowded_streams(data: st.DataObject, seed: int) -> None:
    """Many rows of few profiles on a coarse grid of times, so that everything meets."""
    machine = AgainstHeap()
    machine.begin(data, set())
    draw = np.random.default_rng(seed)
    grid = int(draw.choice([1, 60, HOUR, 3 * HOUR]))
    for at in np.sort(draw.integers(0, 60, 120)) * grid + 10 * HOUR:
        machine.now = int(at)
        kind = draw.random()
        profile = int(draw.integers(0, 3))
        if kind < 0.5:
            usable = 31 if draw.random() < 0.8 else int(draw.integers(0, 16))
            plans = draw.integers(0, 3, draw.integers(1, 4)).tolist()
            machine.start(profile, plans, usable, int(draw.integers(0, 2)), 0)
        elif kind < 0.9:
            receipt = codes.RECEIPTS[draw.integers(0, len(codes.RECEIPTS))]
            step = int(draw.integers(0, 10))
            machine.receipt(int(draw.integers(-1, 8)), step, receipt, 1 + (step == 0))
        elif kind < 0.95:
            channel = int(draw.integers(0, 4))
            machine.signal(profile, codes.SIGNALS[draw.integers(0, 4)], channel)
        else:
            machine.flush(close=False)
    machine.teardown()
