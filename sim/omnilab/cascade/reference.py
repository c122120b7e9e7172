"""The cascade once more, plainly, with a heap and dictionaries: to read, to debug, to compare.

It shares no code with the fast engine and none of its kernels, and it is what the property
tests hold the engine to. One global heap of due attempts is the textbook way; the speed of the
engine is told as a multiple of this one.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from omnilab.cascade.plan import MAX_DEFER_S, CascadePlan, ContactPolicy, Zone, channel_names

__all__ = ["Final", "HeapCascade", "Send"]

_LEVEL = {"none": 0, "processed": 1, "dropped": 2, "bounced": 3, "delivered": 4}
_LEVEL |= {"opened": 5, "clicked": 6}
_PROVES = {
    "processed": "processed",
    "deferred": "processed",
    "delivered": "delivered",
    "open": "opened",
    "click": "clicked",
    "bounce": "bounced",
    "dropped": "dropped",
    "unsubscribe": "delivered",
    "spamreport": "delivered",
}
_WANTED = {"sent": "processed", "delivered": "delivered", "opened": "opened", "clicked": "clicked"}
_FAILED = ("bounced", "dropped")


class Send(NamedTuple):
    """One send: when, which message, which step and channel."""

    at: int
    message: int
    step: int
    channel: str


class Final(NamedTuple):
    """The final status of one message; `step` is the one that succeeded or stood last."""

    at: int
    message: int
    status: str
    reason: str
    step: int


class _Message:
    """The state of one message."""

    __slots__ = (
        "at",
        "due",
        "final",
        "phase",
        "plan",
        "profile",
        "skipped",
        "statuses",
        "step",
        "unsubscribed",
        "usable",
        "zone",
    )

    def __init__(
        self, at: int, profile: int, plan: CascadePlan, usable: frozenset[str], zone: Zone
    ) -> None:
        self.at, self.profile, self.plan, self.usable, self.zone = at, profile, plan, usable, zone
        self.step = 0
        self.phase = "waiting"  # waiting (to start or held) | sent | final
        self.due = at
        self.statuses: dict[int, str] = {}
        self.skipped: set[int] = set()
        self.unsubscribed: set[str] = set()
        self.final: Final | None = None


class HeapCascade:
    """A cascade engine of one heap and a few dictionaries.

    Parameters
    ----------
    plans, policy
        As for `CascadeEngine`.
    control
        Profiles of the global control group.
    """

    def __init__(
        self,
        plans: Sequence[CascadePlan],
        policy: ContactPolicy,
        control: Iterable[int] = (),
    ) -> None:
        self.plans, self.policy = tuple(plans), policy
        self.channels = channel_names(plans, policy)
        self.control = set(control)
        self.messages: dict[int, _Message] = {}
        self.withdrawn: dict[int, set[str]] = {}
        self.suppressed: set[int] = set()
        self.converted: dict[int, int] = {}
        self.sent_at: dict[int, list[tuple[int, str]]] = {}
        self.heap: list[tuple[int, int, int]] = []
        self.early: list[tuple[int, int, str, str]] = []  # receipts of one second
        self.sends: list[Send] = []
        self.finals: list[Final] = []
        self.work = dict.fromkeys(
            ("starts", "receipts", "signals", "timers", "releases", "repeated", "late"), 0
        )
        self.rejected: dict[str, int] = {}

    @property
    def decisions(self) -> int:
        """Starts, receipts, signals, timers run out and releases from quiet hours so far."""
        work = self.work
        return sum(work[k] for k in ("starts", "receipts", "signals", "timers", "releases"))

    def start(
        self, at: int, message: int, profile: int, plan: int, usable: Iterable[str], zone: int = 0
    ) -> None:
        """Start a message; all rows must come in order of time."""
        self.run(at)
        self.work["starts"] += 1
        if message in self.messages:
            self._reject("duplicate_message")
            return
        new = _Message(at, profile, self.plans[plan], frozenset(usable), self.policy.zones[zone])
        self.messages[message] = new
        self._wait(message, new, at)

    def receipt(self, at: int, message: int, channel: str, kind: str) -> None:
        """Take in one receipt; one of a send that comes in the same second waits for it."""
        self.run(at)
        self.work["receipts"] += 1
        if not self._receive(at, message, channel, kind):
            self.early.append((at, message, channel, kind))

    def _receive(self, at: int, message: int, channel: str, kind: str) -> bool:
        """Take in the receipt of a send; tell whether there was such a send."""
        got = self.messages.get(message)
        step = -1
        if got is not None:
            step = next((i for i, s in enumerate(got.plan.steps) if s.channel == channel), -1)
        if got is None or step not in got.statuses:
            return False
        self._withdraw(got, channel, kind)
        before, proves = got.statuses[step], _PROVES[kind]
        if _LEVEL[proves] <= _LEVEL[before]:
            self.work["repeated"] += 1
            return True
        got.statuses[step] = proves
        if kind == "bounce" and self.policy.suppress_bounced:
            self.withdrawn.setdefault(got.profile, set()).add(channel)
        wanted = _LEVEL[_WANTED[got.plan.steps[step].success_status]]
        was = before not in _FAILED and _LEVEL[before] >= wanted
        success = proves not in _FAILED and _LEVEL[proves] >= wanted
        if success and not was and any(later > step for later in got.statuses):
            self.work["late"] += 1
        if got.phase == "final":
            return True
        if success:
            self._finish(at, message, got, "succeeded", "", step)
            return True
        failed = proves in _FAILED and before not in _FAILED
        if failed and got.phase == "sent" and step == got.step:  # no need to wait any longer
            got.step += 1
            self._wait(message, got, at)
        return True

    def _withdraw(self, got: _Message, channel: str, kind: str) -> None:
        """Withdraw a channel's consent, once a message, where a receipt says so."""
        if kind in ("unsubscribe", "spamreport") and channel not in got.unsubscribed:
            got.unsubscribed.add(channel)
            self.withdrawn.setdefault(got.profile, set()).add(channel)

    def _refuse(self, message: int, channel: str, kind: str) -> None:
        """Reject a receipt of no send; who unsubscribes is heard all the same."""
        got = self.messages.get(message)
        if got is None:
            self._reject("unknown_message")
            return
        self._withdraw(got, channel, kind)
        self._reject("not_sent")

    def signal(self, at: int, profile: int, kind: str, channel: str | None = None) -> None:
        """Take in a change of a profile: withdraw, give, stop_all or converted."""
        self.run(at)
        self.work["signals"] += 1
        withdrawn = self.withdrawn.setdefault(profile, set())
        if kind == "withdraw":
            withdrawn.update(self.channels if channel is None else (channel,))
        elif kind == "give":
            withdrawn.difference_update(self.channels if channel is None else (channel,))
            if channel is None:
                self.suppressed.discard(profile)
        elif kind == "stop_all":
            self.suppressed.add(profile)
        else:
            self.converted[profile] = at

    def run(self, until: int) -> None:
        """Do everything that is due before `until`, and judge the receipts that wait for it."""
        tried = -1
        while self.early and self.early[0][0] < until:
            self._run(self.early[0][0] + 1)
            waiting, self.early = self.early, []
            for row in waiting:
                if self._receive(*row):
                    continue
                if len(self.sends) == tried:  # nothing was sent since the last try
                    self._refuse(*row[1:])
                else:
                    self.early.append(row)
            tried = len(self.sends)
        self._run(until)

    def _run(self, until: int) -> None:
        """Do everything that is due before `until`."""
        heap = self.heap
        while heap and heap[0][0] < until:
            due, _, message = heapq.heappop(heap)
            got = self.messages[message]
            if got.phase != "final" and got.due == due:
                self._attempt(due, message, got)

    def finish(self) -> None:
        """Do everything that is still due."""
        self.run(1 << 62)

    def _attempt(self, now: int, message: int, got: _Message) -> None:
        """Send the next step, hold it, or say why not."""
        plan, profile = got.plan, got.profile
        if got.phase == "sent":
            self.work["timers"] += 1
            got.step += 1
        elif got.phase == "held":
            self.work["releases"] += 1
        if got.step >= len(plan.steps):
            self._finish(now, message, got, "failed", "exhausted", got.step - 1)
            return
        reason = self._forbidden(now, got)
        if reason:
            self._finish(now, message, got, "aborted", reason, got.step)
            return
        gone = self.withdrawn.get(profile, ())
        while got.step < len(plan.steps):
            channel = plan.steps[got.step].channel
            if channel in got.usable and channel not in gone:
                break
            got.skipped.add(got.step)
            got.step += 1
        else:
            status, why = ("failed", "exhausted") if got.statuses else ("skipped", "no_channel")
            self._finish(now, message, got, status, why, got.step - 1)
            return
        free = self._free(now, channel, got.zone)
        if free > now:
            if plan.expires_after_s and free > got.at + plan.expires_after_s:
                self._finish(now, message, got, "aborted", "quiet_hours", got.step)
            else:
                self._wait(message, got, free)
                got.phase = "held"
            return
        if plan.capped:
            room = self._room(now, profile, channel, got.zone)
            if room != now:
                self._capped(now, message, got, room)
                return
            self.sent_at.setdefault(profile, []).append((now, channel))
        self.sends.append(Send(now, message, got.step, channel))
        got.statuses[got.step] = "none"
        self._wait(message, got, now + plan.steps[got.step].fallback_after_s)
        got.phase = "sent"

    def _capped(self, now: int, message: int, got: _Message, room: int | None) -> None:
        """Hold a message until its caps have room, if they defer and it lasts that long."""
        if room is not None:
            tick = self.policy.tick_s
            room = -(-room // tick) * tick
            wait = min(got.plan.expires_after_s or MAX_DEFER_S, MAX_DEFER_S)
            if room <= got.at + wait:
                self._wait(message, got, room)
                got.phase = "held"
                return
        self._finish(now, message, got, "aborted", "frequency_capped", got.step)

    def _forbidden(self, now: int, got: _Message) -> str:
        """Return why the message may not be sent on any channel, or an empty string."""
        if got.profile in self.control:
            return "control_group"
        if got.profile in self.suppressed:
            return "suppressed"
        if got.plan.until_converted and self.converted.get(got.profile, -1) >= got.at:
            return "converted"
        if got.plan.expires_after_s and now > got.at + got.plan.expires_after_s:
            return "expired"
        return ""

    def _wait(self, message: int, got: _Message, due: int) -> None:
        """Let the message be looked at in the first tick at or after `due`."""
        tick = self.policy.tick_s
        got.due = -(-due // tick) * tick
        got.phase = "waiting"
        heapq.heappush(self.heap, (got.due, 255 - got.plan.priority, message))

    def _finish(
        self, now: int, message: int, got: _Message, status: str, reason: str, step: int
    ) -> None:
        """Give the message its one final status."""
        got.phase = "final"
        got.final = Final(now, message, status, reason, step)
        self.finals.append(got.final)

    def _reject(self, reason: str) -> None:
        """Count a row that could not be used."""
        self.rejected[reason] = self.rejected.get(reason, 0) + 1

    def _free(self, now: int, channel: str, zone: Zone) -> int:
        """Return the first tick from `now` on that is outside the quiet hours."""
        policy = self.policy
        low, high = policy.quiet_from_s, policy.quiet_to_s
        if low == high or (policy.quiet_channels and channel not in policy.quiet_channels):
            return now
        while True:
            second = (now + _offset(zone, now)) % 86400
            quiet = low <= second < high if low < high else second >= low or second < high
            if not quiet:
                return now
            # Go to the end by the present offset, or to the next change if that comes first.
            then = now + (high - second) % 86400
            row = bisect_right(zone.change_at, now)
            if row < len(zone.change_at):
                then = min(then, zone.change_at[row])
            now = -(-then // policy.tick_s) * policy.tick_s

    def _room(self, now: int, profile: int, channel: str, zone: Zone) -> int | None:
        """Return when one more send may keep every cap: now, later, or None if it is aborted."""
        when = now
        for cap in self.policy.caps:
            if cap.channels and channel not in cap.channels:
                continue
            after = now - cap.period_s if cap.period_s else _day_start(zone, now) - 1
            seen: list[int] = []
            for at, on in reversed(self.sent_at.get(profile, [])):
                if at <= after or len(seen) >= cap.limit:
                    break
                if not cap.channels or on in cap.channels:
                    seen.append(at)
            if len(seen) >= cap.limit:
                if not cap.defers:
                    return None
                when = max(when, seen[-1] + cap.period_s if cap.period_s else _tomorrow(zone, now))
        return when


def _offset(zone: Zone, now: int) -> int:
    """Return the zone's offset at `now`."""
    return zone.offset_s[bisect_right(zone.change_at, now) - 1]


def _day_start(zone: Zone, now: int) -> int:
    """Return the first second whose civil date is that of `now` or later."""
    local = now + _offset(zone, now)
    midnight = local - local % 86400
    first, end = now, now + 1
    for row in range(bisect_right(zone.change_at, now) - 1, -1, -1):
        at = max(zone.change_at[row], midnight - zone.offset_s[row])
        if at < end:
            first = min(first, at)
        end = zone.change_at[row]
        if end < now - 3 * 86400:  # offsets are within a day, so no earlier row has this date
            break
    return first


def _tomorrow(zone: Zone, now: int) -> int:
    """Return the end of the day by the present offset, or the next change if that comes first."""
    end = now + 86400 - (now + _offset(zone, now)) % 86400
    row = bisect_right(zone.change_at, now)
    return min(end, zone.change_at[row]) if row < len(zone.change_at) else end
