"""What must hold of every log of sends and final statuses, checked by counting, one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from omnilab.cascade import CascadePlan, ContactPolicy, Zone
from omnilab.cascade.reference import Final, Send

DAY = 86400


class Start(NamedTuple):
    at: int
    message: int
    profile: int
    plan: int
    usable: frozenset[str]
    zone: int


def check_promises(
    plans: Sequence[CascadePlan],
    policy: ContactPolicy,
    control: Iterable[int],
    starts: Sequence[Start],
    sends: Sequence[Send],
    finals: Sequence[Final],
    *,
    finished: bool,
) -> None:
    """Check points 7 and 8 of what is always true: one final status, no broken promise."""
    start_of: dict[int, Start] = {}
    for start in starts:
        start_of.setdefault(start.message, start)
    ended = [final.message for final in finals]
    assert len(ended) == len(set(ended)), "a message ended twice"
    if finished:
        assert set(ended) == set(start_of), "a message never ended"
    assert len({(s.message, s.step) for s in sends}) == len(sends), "a step was sent twice"
    held_out = set(control)
    by_profile: dict[int, list[tuple[int, str, Zone]]] = defaultdict(list)
    by_message: dict[int, list[Send]] = defaultdict(list)
    for send in sends:
        start = start_of[send.message]
        plan, zone = plans[start.plan], policy.zones[start.zone]
        assert send.channel == plan.steps[send.step].channel
        assert send.channel in start.usable, "sent without address or consent"
        assert start.profile not in held_out, "sent to the control group"
        assert send.at >= start.at
        assert send.at % policy.tick_s == 0
        if plan.expires_after_s:
            assert send.at <= start.at + plan.expires_after_s, "sent after it expired"
        if not policy.quiet_channels or send.channel in policy.quiet_channels:
            assert not _quiet(policy, zone, send.at), "sent in the quiet hours"
        if plan.capped:
            by_profile[start.profile].append((send.at, send.channel, zone))
        by_message[send.message].append(send)
    for rows in by_message.values():
        rows.sort()
        assert [s.step for s in rows] == sorted({s.step for s in rows})
    for final in finals:
        last = max((s.at for s in by_message[final.message]), default=0)
        assert last <= final.at, "sent after the final status"
        if final.status == "skipped":
            assert not by_message[final.message]
        if final.status in ("failed", "succeeded"):
            assert by_message[final.message]
    for rows in by_profile.values():
        _check_caps(policy, rows)


def _check_caps(policy: ContactPolicy, rows: Sequence[tuple[int, str, Zone]]) -> None:
    """Count each cap's window ending at each send."""
    for cap in policy.caps:
        counted = [(at, zone) for at, on, zone in rows if not cap.channels or on in cap.channels]
        for now, zone in counted:
            if cap.period_s:
                seen = sum(now - cap.period_s < at <= now for at, _ in counted)
            else:
                today = _local(zone, now) // DAY
                seen = sum(at <= now and _local(zone, at) // DAY == today for at, _ in counted)
            assert seen <= cap.limit, "a cap was broken"


def _local(zone: Zone, at: int) -> int:
    rows = zip(zone.change_at, zone.offset_s, strict=True)
    return at + [offset for change, offset in rows if change <= at][-1]


def _quiet(policy: ContactPolicy, zone: Zone, at: int) -> bool:
    second, low, high = _local(zone, at) % DAY, policy.quiet_from_s, policy.quiet_to_s
    return low <= second < high if low <= high else second >= low or second < high
