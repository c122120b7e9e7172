"""The cascade engine: starts and receipts in, sends and final statuses out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import lcm
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from omnilab.cascade import codes
from omnilab.cascade import state as memory
from omnilab.cascade._decide import decide
from omnilab.cascade._order import Within
from omnilab.cascade._parts import Parts, n_places, new_parts, with_room
from omnilab.cascade._rows import place_starts, take_events, take_starts
from omnilab.cascade._wheel import take_due
from omnilab.cascade.plan import (
    MAX_STEPS,
    MAX_TIME_S,
    CascadePlan,
    ContactPolicy,
    channel_names,
)
from omnilab.cascade.state import Records, Words
from omnilab.cascade.tables import Answer, Columns, Ints, Outcomes, Rejected, columns, flat
from omnilab.errors import CapacityError, DataError, OptionError, nearest

__all__ = ["CascadeEngine"]

_STARTS = {"at": None, "message": None, "profile": None, "plan": 0, "usable": -1, "zone": 0}
_RECEIPTS = {"at": None, "message": None, "channel": None, "kind": None}
_SIGNALS = {"at": None, "profile": None, "kind": None, "channel": -1}
MAX_SPAN_S = 1 << 30  # rows; timers may reach twice as far
_END = 1 << 62
_PLACE = 0xFFFFFFFF  # of a message's record, in the table by code


class CascadeEngine:
    """Run messages through their cascades.

    Codes of messages and profiles are whole numbers from 0, given densely (`replay` makes
    them from any ids). A message code is one message for ever: a second start with it is
    rejected, and receipts count once however often they come.

    Parameters
    ----------
    plans
        The cascades; starts refer to them by place or name.
    contact_policy
        Caps, quiet hours, zones and ticks that hold over all plans.
    control
        Profile codes of the global control group, which is never sent anything.

    Raises
    ------
    OptionError
        If plans and policy don't fit together.
    """

    def __init__(
        self,
        plans: Sequence[CascadePlan],
        contact_policy: ContactPolicy | None = None,
        *,
        control: Iterable[int] = (),
    ) -> None:
        self.plans = tuple(plans)
        self.contact_policy = contact_policy or ContactPolicy()
        self.channels = channel_names(self.plans, self.contact_policy)
        self._rules = memory.new_rules(self.plans, self.contact_policy, self.channels)
        self._by_code = memory.new_codes(0)
        self._messages = memory.new_messages(0)
        self._profiles = memory.new_profiles(0, self.contact_policy)
        self._heads: Words = np.full((memory.SLOTS, 1), -1, dtype=np.int32)
        self._counts: Ints = np.zeros(8, dtype=np.int64)
        self._n_messages = 0
        self._undecided: Ints = np.empty((4, 0), dtype=np.int64)  # receipts of the last second
        self._origin = self._clock = -1
        self._rows_seen = 0
        self._number = {name: i for i, name in enumerate(self.channels)}
        self.hold_out(control)

    @property
    def clock(self) -> int:
        """The second up to which all is decided; rows before it are rejected. -1 at first."""
        return self._clock

    def mask(self, channels: Iterable[str]) -> int:
        """Return the bit mask of channels for the column `usable`.

        Raises
        ------
        OptionError
            If no plan uses one of them.
        """
        bits = 0
        for name in channels:
            if name not in self._number:
                raise OptionError(f"unknown channel {name!r}{nearest(name, self.channels)}")
            bits |= 1 << self._number[name]
        return bits

    def hold_out(self, profiles: Iterable[int]) -> None:
        """Put profiles into the global control group; sends already made stand.

        Raises
        ------
        DataError
            If a profile code is negative.
        """
        held = np.fromiter(profiles, dtype=np.int64)
        if held.size == 0:
            return
        if int(held.min()) < 0:
            raise DataError("the control group holds a negative profile code")
        self._check_dense("control profile", int(held.max()), held.size)
        self._grow(0, int(held.max()) + 1)
        self._profiles[held, memory.FLAGS] |= memory.CONTROL_FLAG

    def feed(
        self,
        starts: object = None,
        receipts: object = None,
        signals: object = None,
        *,
        until: int | None = None,
    ) -> Answer:
        """Take in rows and decide everything that is due before `until`.

        Parameters
        ----------
        starts
            Columns at (seconds), message, profile, and if wanted plan (number or name, default
            0), usable (bit mask of channels with an address and consent, default all), zone
            (default 0). A mapping or a data frame; rows in any order.
        receipts
            Columns at, message, channel (number or name), kind (of `codes.RECEIPTS`). `at` is
            the time when the receipt came in.
        signals
            Columns at, profile, kind (of `codes.SIGNALS`), and if wanted channel for withdraw
            and give (default all).
        until
            Seconds, exclusive. By default the time of the last row, so that the next batch may
            have more rows of that same second: what is due in it is sent with the next batch.

        Returns
        -------
        Answer
            Sends, final statuses, rejected rows and counts of work.

        Raises
        ------
        DataError
            If a table can't be read, or `until` lies before a row or before the clock. The
            engine is as before.
        CapacityError
            If codes are far from dense or times span more than 34 years.
        """
        until = None if until is None else _seconds(until)
        number = self._number
        words = {
            "plan": {plan.name: i for i, plan in enumerate(self.plans)},
            "channel": number,
        }
        got_starts = columns("starts", starts, _STARTS, words)
        words["kind"] = {name: i for i, name in enumerate(codes.RECEIPTS)}
        got_receipts = columns("receipts", receipts, _RECEIPTS, words)
        words["kind"] = {name: i for i, name in enumerate(codes.SIGNALS)}
        got_signals = columns("signals", signals, _SIGNALS, words)
        return self._decide(got_starts, got_receipts, got_signals, until)

    def finish(self) -> Answer:
        """Let all timers run out and return what comes of it. Nothing can follow."""
        starts = columns("starts", None, _STARTS, {})
        nothing = columns("receipts", None, _RECEIPTS, {})
        return self._decide(starts, nothing, nothing, until=_END)

    def outcomes(self, messages: npt.ArrayLike | None = None) -> Outcomes:
        """Return what is known of messages: of those given, or of all that were started.

        Raises
        ------
        DataError
            If a message was never started.
        """
        places = self._by_code
        if messages is None:
            code = np.flatnonzero(places >= 0)
        else:
            code = np.asarray(messages, dtype=np.int64)
            known = (code >= 0) & (code < places.size)
            known[known] = places[code[known]] >= 0
            if not known.all():
                raise DataError(f"message {int(code[~known][0])} was never started")
        found = self._messages[places[code] & _PLACE]
        steps = np.arange(MAX_STEPS)
        strength = (found["status"][:, None] >> 3 * steps) & 7
        sent, position = found["sent"].astype(np.int32), found["position"][:, None]
        was_sent = (sent[:, None] >> steps) & 1
        status = np.where(was_sent, np.array(codes.STRENGTHS, dtype=np.int8)[strength], np.int8(0))
        skipped = ((steps < position) & (was_sent == 0)) @ (1 << steps)
        end = np.maximum(-1 - found["due"], 0)  # 0: still open
        final = end >> memory.STEP_BITS
        return Outcomes(
            code,
            final >> memory.REASON_BITS,
            final & (1 << memory.REASON_BITS) - 1,
            end & (1 << memory.STEP_BITS) - 1,
            sent,
            skipped.astype(np.int32),
            status,
        )

    def started(self, messages: Ints) -> tuple[Ints, Ints]:
        """Return the profiles and the plans' numbers of messages that were started."""
        places = self._by_code[messages]
        return places >> 32, self._messages["plan"][places & _PLACE].astype(np.int64)

    def step_channels(self) -> npt.NDArray[np.int8]:
        """Return the channel's number by (plan, step), shape (n_plans, 8)."""
        return self._rules.plans["channel"].astype(np.int8)

    def _decide(
        self, starts: Columns, receipts: Columns, signals: Columns, until: int | None
    ) -> Answer:
        """Check the batch as a whole, then merge, sort and decide its rows."""
        kept = self._undecided.shape[1]
        if kept:
            receipts = self._with_undecided(receipts)
        tables = (starts, receipts, signals)
        clock, until = self._times(tables, until)
        n_rows = sum(table[0].size for table in tables)
        self._make_room(starts, signals, n_rows)
        if self._origin < 0:
            self._origin = self._rules.policy[memory.ORIGIN] = self._begin(clock)
        end = min(until - self._origin, memory.NO_DUE)
        woken = self._take_due(clock - self._origin, end)
        limits = _ints(
            clock,
            self._origin,
            len(self.plans),
            len(self.contact_policy.zones),
            len(self.channels),
            self.contact_policy.tick_s,
            until,
        )
        rejected = np.empty((5, n_rows), dtype=np.int64)
        first = self._n_messages
        room = self._room(starts[0].size, receipts[0].size + signals[0].size)
        when, bad = self._start(starts, limits, room, rejected)
        parts, bad = self._events(receipts, signals, limits, room, rejected, bad)
        self._counts[:] = 0
        self._counts[memory.N_REJECTED] = bad
        todo = (np.array([-1, 0, 0, 0]), parts, when, woken, first, end)
        sends, finals = self._stories(todo, when.size + 2 * woken.size, rejected)
        self._clock = min(until, MAX_TIME_S)
        self._rows_seen += n_rows - kept
        rejected = self._keep_undecided(rejected[:, : self._counts[memory.N_REJECTED]])
        return self._answer(tables, clock, sends, finals, rejected, kept)

    def _with_undecided(self, receipts: Columns) -> Columns:
        """Return the receipts with those before them that the last batch left undecided."""
        place = int(np.searchsorted(receipts[0], self._undecided[0, 0], side="left"))
        both = zip(receipts, self._undecided, strict=True)
        return tuple(np.concatenate((new[:place], old, new[place:])) for new, old in both)

    def _keep_undecided(self, rejected: Ints) -> Ints:
        """Keep the receipts of a second that isn't over; return the rows really rejected.

        A receipt comes after its send, also within a second, so that it is judged when all that
        is sent in its second is known.
        """
        open_ones = rejected[4] >= codes.UNDECIDED
        _, at, message, channel, kind = rejected[:, open_ones]
        self._undecided = np.array([at, message, channel, kind - codes.UNDECIDED], dtype=np.int64)
        return rejected[:, ~open_ones]

    def _start(
        self, starts: Columns, limits: Ints, room: npt.NDArray[np.uint8], rejected: Ints
    ) -> tuple[Ints, int]:
        """Give new messages their state; return when they are due and the number refused."""
        n = starts[0].size
        parts = new_parts(n, len(self._profiles), room, memory.START)
        state = (self._by_code, self._rules)
        bad = take_starts(*flat(starts), limits, *state, parts, rejected)
        parts = with_room(parts)
        when = np.empty(n + 1, dtype=np.int64)
        messages = self._messages.view(memory.START)
        n = place_starts(parts, self._by_code, messages, self._n_messages, when)
        self._n_messages += n
        when[n] = memory.NO_PROFILE << 32
        return when[: n + 1], bad

    def _events(
        self,
        receipts: Columns,
        signals: Columns,
        limits: Ints,
        room: npt.NDArray[np.uint8],
        rejected: Ints,
        bad: int,
    ) -> tuple[Parts, int]:
        """Return rows of receipts and signals in parts, and the number of rows refused so far."""
        n = receipts[0].size + signals[0].size
        parts = new_parts(n, len(self._profiles), room, memory.EVENT)
        tables = (*flat(receipts), *flat(signals))
        bad = take_events(*tables, limits, self._by_code, parts, rejected, bad)
        return with_room(parts), bad

    def _room(self, n_starts: int, n_events: int) -> npt.NDArray[np.uint8]:
        """Return room for a batch's starts, and then for its events: fresh memory costs time."""
        sizes = ((n_starts, memory.START), (n_events, memory.EVENT))
        profiles = len(self._profiles)
        return np.empty(max(n_places(n, profiles) * row.itemsize for n, row in sizes), np.uint8)

    def _begin(self, clock: int) -> int:
        """Return an origin for times of 32 bits: a midnight of the clock, and a tick."""
        return clock - clock % lcm(86400, self.contact_policy.tick_s)

    def _stories(
        self, todo: tuple[Any, ...], n_open: int, rejected: Ints
    ) -> tuple[Records, Records]:
        """Decide all rows; return room for sends and finals, filled as far as counted."""
        room = n_open + 1024
        sends = np.empty(3 * room, dtype=memory.OUT)
        finals = np.empty(room, dtype=memory.OUT)
        heap = np.empty(256 + todo[1].near[0].size, dtype=memory.ENTRY)
        begin, end = max(self._clock, self._origin), self._origin + todo[-1]
        rules = memory.near(self._rules, begin, end, self._origin)
        state = (self._messages, self._profiles, self._heads, rules, self._counts)
        fixed: list[Any] = [*todo, *state]
        while not decide(*[*fixed, sends, finals, rejected, heap]):
            sends, finals, heap = (_doubled(table) for table in (sends, finals, heap))
        return sends, finals

    def _times(self, tables: tuple[Columns, ...], until: int | None) -> tuple[int, int]:
        """Return the clock to count from and the end of the batch."""
        low, high = [], []
        for at in (table[0] for table in tables):
            inside = np.searchsorted(at, [0, MAX_TIME_S])
            if inside[0] < inside[1]:
                low.append(int(at[inside[0]]))
                high.append(int(at[inside[1] - 1]))
        clock = self._clock
        if clock < 0:
            clock = min(low, default=0 if until is None else min(until, MAX_TIME_S))
        last = max(high, default=clock)
        if until is None:
            until = max(last, clock)
        for what, bound in (("the last row", max(high, default=0)), ("the clock", self._clock)):
            if until < bound:
                raise DataError(f"until={until} lies before {what} ({bound})")
        origin = self._begin(clock) if self._origin < 0 else self._origin
        if last - origin >= MAX_SPAN_S:
            raise CapacityError(f"times from {origin} to {last} s span more than 34 years")
        return clock, until

    def _check_dense(self, name: str, code: int, rows: int) -> None:
        """Refuse codes so far apart that they can't be meant as dense ones."""
        if code >= min(max(1 << 20, 16 * (self._rows_seen + rows)), (1 << 31) - 1):
            raise CapacityError(
                f"{name} code {code} is too large for {rows} rows: codes count densely from 0"
            )

    def _make_room(self, starts: Columns, signals: Columns, n_rows: int) -> None:
        """Let the state hold all codes of the batch."""
        message = int(starts[1].max(initial=-1))
        profile = max(int(starts[2].max(initial=-1)), int(signals[1].max(initial=-1)))
        self._check_dense("message", message, n_rows)
        self._check_dense("profile", profile, n_rows)
        self._grow(message + 1, profile + 1)

    def _grow(self, n_messages: int, n_profiles: int) -> None:
        """Let the state hold that many messages and profiles."""
        have = len(self._by_code)
        if n_messages > have:
            n = max(n_messages, have * 3 // 2)
            self._by_code = memory.grown(self._by_code, memory.new_codes(n))
            self._messages = memory.grown(self._messages, memory.new_messages(n))
        have = len(self._profiles)
        if n_profiles > have:  # some more at once: the control group may come first
            n = max(n_profiles * 9 // 8, have * 3 // 2)
            bigger = memory.new_profiles(n, self.contact_policy)
            self._profiles = memory.grown(self._profiles, bigger)

    def _take_due(self, clock: int, end: int) -> Ints:
        """Return the profiles for which something is due before `end`, and one behind all."""
        room = 1024
        while True:
            woken = np.empty(room + 1, dtype=np.int64)
            n = take_due(self._profiles, self._heads, clock, end, woken[:room])
            if n >= 0:
                woken[:n].sort()
                woken[n] = memory.NO_PROFILE
                return woken[: n + 1]
            room *= 8

    def _answer(
        self,
        tables: tuple[Columns, ...],
        clock: int,
        sends: Records,
        finals: Records,
        rejected: Ints,
        kept: int,
    ) -> Answer:
        """Return the filled part of the output with names and absolute times."""
        count = [int(n) for n in self._counts]
        sends, finals = sends[: count[memory.N_SENDS]], finals[: count[memory.N_FINALS]]
        bad = rejected[:, np.argsort(rejected[1], kind="stable")]
        work = {
            "starts": tables[0][0].size,
            "receipts": tables[1][0].size - kept,
            "signals": tables[2][0].size,
            "timers": count[memory.TIMERS],
            "releases": count[memory.RELEASES],
            "sends": len(sends),
            "finals": len(finals),
            "repeated": count[memory.REPEATED],
            "late": count[memory.LATE],
            "rejected": bad.shape[1],
        }
        within = Within(clock - self._origin, count[memory.LAST_AT], len(self._by_code))
        return Answer(sends, finals, within, self._origin, Rejected(*bad), work)


def _seconds(until: object) -> int:
    """Return a time given by the caller, or refuse what isn't one."""
    if isinstance(until, bool) or not isinstance(until, Integral):
        raise DataError(f"until must be whole seconds, not {until!r}")
    return int(until)


def _ints(*values: int) -> Ints:
    """Return the values as a 64-bit array."""
    return np.array(values, dtype=np.int64)


def _doubled(table: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a table of twice as many rows that begins with those of this one."""
    bigger = np.empty(2 * len(table), dtype=table.dtype)
    bigger[: len(table)] = table
    return bigger
