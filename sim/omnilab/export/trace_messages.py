"""Read a log's messages: when each was due first, for whom, over which channels, what came back.

A message's row does not say whose profile it went to: the copy of a journey does, which its `enter`
row names. Copies of one journey by one person take their messages in the order in which they
moved; the row after a copy's last message, its `exit`, names it outright. Copies that the burn-in
started have no such row under the strategy: their messages go by the person's last known profile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnilab.brand.codes import ALL, SILO
from omnilab.cascade.codes import CONVERTED, STOP_ALL, WITHDRAW
from omnilab.export.trace_counts import (
    ARRIVED,
    BOUNCED,
    CLICKED,
    COPIES,
    LAST_SENT,
    MESSAGES,
    OPEN,
    RECEIPTS,
    SEEN,
    SIGNALS,
    TAKEN,
)
from omnilab.kernels.compiling import inner
from omnilab.log import rows

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan

__all__ = ["enter", "final", "leave", "merge", "message_row", "profile_of", "stop_all"]

UNKNOWN_PROFILE = 1 << 23  # plus the person in the cell: serials stay far below


@inner
def enter(tables: Any, who: int, x: Any) -> None:
    """Remember a copy that starts, named after person ``who`` of the cell."""
    i = tables.count[COPIES]
    tables.count[COPIES] = i + 1
    tables.copy_serial[i] = x.a
    tables.copy_journey[i] = x.b
    tables.copy_profile[i] = x.c
    tables.copy_silo[i] = x.silo
    tables.copy_who[i] = who
    tables.copy_message[i] = -1
    tables.copy_step[i] = -1
    tables.copy_moved[i] = x.time
    tables.known[who] = x.c


@inner
def _copy_at(tables: Any, serial: int) -> int:
    for i in range(tables.count[COPIES]):
        if tables.copy_serial[i] == serial:
            return i
    return -1


@inner
def leave(tables: Any, serial: int) -> None:
    """Forget a copy; the last one takes its place."""
    i = _copy_at(tables, serial)
    if i < 0:
        return
    k = tables.count[COPIES] - 1
    tables.count[COPIES] = k
    tables.copy_serial[i] = tables.copy_serial[k]
    tables.copy_journey[i] = tables.copy_journey[k]
    tables.copy_profile[i] = tables.copy_profile[k]
    tables.copy_silo[i] = tables.copy_silo[k]
    tables.copy_who[i] = tables.copy_who[k]
    tables.copy_message[i] = tables.copy_message[k]
    tables.copy_step[i] = tables.copy_step[k]
    tables.copy_moved[i] = tables.copy_moved[k]


@inner
def merge(tables: Any, survivor: int, absorbed: int) -> None:
    """Hand the copies of a profile to the one that it was merged into."""
    for i in range(tables.count[COPIES]):
        if tables.copy_profile[i] == absorbed:
            tables.copy_profile[i] = survivor
    for who in range(len(tables.known)):
        if tables.known[who] == absorbed:
            tables.known[who] = survivor


@inner
def _next_copy(tables: Any, who: int, journey: int, step: int, silo: int, own: bool) -> int:
    """Return the copy whose turn it is to send a journey's step: the first to have moved, or -1.

    ``own``: its profile is named after this person (as the row's person mostly is).
    """
    best = -1
    for i in range(tables.count[COPIES]):
        if (
            tables.copy_journey[i] != journey
            or tables.copy_message[i] >= 0
            or tables.copy_step[i] >= step
        ):
            continue
        if silo >= 0 and tables.copy_silo[i] != silo:
            continue
        if own and tables.copy_who[i] != who:
            continue
        if best >= 0:
            if tables.copy_moved[i] > tables.copy_moved[best]:
                continue
            if (
                tables.copy_moved[i] == tables.copy_moved[best]
                and tables.copy_serial[i] > tables.copy_serial[best]
            ):
                continue
        best = i
    return best


@inner
def _open_at(tables: Any, message: int) -> int:
    for i in range(tables.count[OPEN]):
        if tables.open_message[i] == message:
            return i
    return -1


@inner
def _begun(tables: Any, who: int, x: Any) -> int:
    """Return the place of the row's message among those under way, begun now if it is not there."""
    i = _open_at(tables, int(x.a))
    if i >= 0:
        return i
    i = tables.count[OPEN]
    tables.count[OPEN] = i + 1
    tables.open_message[i] = x.a
    tables.open_time[i] = x.time
    tables.open_order[i] = 0
    tables.open_length[i] = 0
    tables.open_skipped[i] = 0
    tables.open_held[i] = -1
    tables.open_copy[i] = -1
    journey, step = int(x.b) >> 8, int(x.b) & 255
    silo = int(x.silo) if tables.by_silo[0] == 1 else -1
    k = _next_copy(tables, who, journey, step, silo, True)
    if k < 0:
        k = _next_copy(tables, who, journey, step, silo, False)
    if k >= 0:
        tables.open_copy[i] = tables.copy_serial[k]
        tables.copy_message[k] = x.a
    return i


@inner
def message_row(tables: Any, who: int, x: Any) -> None:
    """Take in a row of a message that is not its final status."""
    kind, c, t, message = int(x.kind), int(x.channel), int(x.time), int(x.a)
    if kind == rows.SKIPPED or kind == rows.HELD or kind == rows.SENT:
        i = _begun(tables, who, x)
        if kind == rows.HELD:
            tables.open_held[i] = c
        else:
            _attempted(tables, i, c)
            if kind == rows.SKIPPED:
                tables.open_skipped[i] |= 1 << c
    if kind == rows.SENT:
        tables.count[LAST_SENT] = t
    # A second later: in one second the core takes receipts before it sends.
    later = t + 1 if tables.count[LAST_SENT] == t else t
    if kind == rows.SENT:
        _receipt(tables, later, message, c, TAKEN)
    elif kind == rows.DELIVERED:
        _receipt(tables, later, message, c, ARRIVED)
    elif kind == rows.OPEN:
        _receipt(tables, later, message, c, SEEN)
    elif kind == rows.CLICK:
        _receipt(tables, later, message, c, CLICKED)
    elif kind == rows.BOUNCE:
        _receipt(tables, later, message, c, BOUNCED)


@inner
def _attempted(tables: Any, i: int, c: int) -> None:
    """Put a channel at the end of the order in which the message came to them."""
    for k in range(tables.open_length[i]):
        if (tables.open_order[i] >> (4 * k)) & 15 == c:
            return
    tables.open_order[i] |= c << (4 * tables.open_length[i])
    tables.open_length[i] += 1


@inner
def _receipt(tables: Any, t: int, message: int, c: int, event: int) -> None:
    i = tables.count[RECEIPTS]
    tables.count[RECEIPTS] = i + 1
    tables.receipt_time[i] = t
    tables.receipt_message[i] = message
    tables.receipt_channel[i] = c
    tables.receipt_event[i] = event


@inner
def _signal(tables: Any, t: int, profile: int, event: int, c: int) -> None:
    i = tables.count[SIGNALS]
    tables.count[SIGNALS] = i + 1
    tables.signal_time[i] = t
    tables.signal_profile[i] = profile
    tables.signal_event[i] = event
    tables.signal_channel[i] = c


@inner
def _global(tables: Any, cell: int, copy: int, who: int) -> int:
    """Return the id over all cells of a copy's profile; unknown, of the person's last one."""
    profile = int(tables.copy_profile[copy]) if copy >= 0 else int(tables.known[who])
    if profile < 0:
        profile = UNKNOWN_PROFILE | who
    return (cell << 24) | profile


@inner
def profile_of(tables: Any, message: int, cell: int, who: int) -> int:
    """Return the id over all cells of the profile of a message under way."""
    i = _open_at(tables, message)
    return _global(tables, cell, _copy_at(tables, int(tables.open_copy[i])) if i >= 0 else -1, who)


@inner
def final(tables: Any, plan: LoweredPlan, at: int, end: int, cell: int, first: int) -> int:
    """Write down a message that has got its final status; return its profile."""
    x = tables.row[at]
    who = int(x.person) - first
    i = _begun(tables, who, x)
    copy = _copy_at(tables, int(tables.open_copy[i]))
    if (
        at + 1 < end
        and tables.row[at + 1].kind == rows.EXIT
        and tables.row[at + 1].b == int(x.b) >> 8
    ):
        exact = _copy_at(tables, int(tables.row[at + 1].a))
        if exact >= 0 and exact != copy:
            if copy >= 0:  # they were taken for each other
                tables.copy_message[copy] = tables.copy_message[exact]
                other = _open_at(tables, int(tables.copy_message[copy]))
                if other >= 0:
                    tables.open_copy[other] = tables.copy_serial[copy]
            copy = exact
    profile = _global(tables, cell, copy, who)
    if copy >= 0:
        tables.copy_message[copy] = -1
        tables.copy_step[copy] = int(x.b) & 255
        tables.copy_moved[copy] = x.time
    status = int(x.c)
    never = status == rows.FINAL_CONTROL or status == rows.FINAL_DECLINED
    if not never and (status != rows.FINAL_OPEN or x.d > 0):
        _write_message(tables, plan, i, x, profile)
    if status == rows.FINAL_CONVERTED:
        _signal(tables, int(x.time), profile, CONVERTED, -1)
    k = tables.count[OPEN] - 1
    tables.count[OPEN] = k
    tables.open_message[i] = tables.open_message[k]
    tables.open_time[i] = tables.open_time[k]
    tables.open_order[i] = tables.open_order[k]
    tables.open_length[i] = tables.open_length[k]
    tables.open_skipped[i] = tables.open_skipped[k]
    tables.open_held[i] = tables.open_held[k]
    tables.open_copy[i] = tables.open_copy[k]
    return profile


@inner
def _write_message(tables: Any, plan: LoweredPlan, i: int, x: Any, profile: int) -> None:
    """Write a message: the channels it came to in their order, then the others as declared."""
    if tables.open_length[i] == 0 and tables.open_held[i] >= 0:
        _attempted(tables, i, int(tables.open_held[i]))
    journey, number = int(x.b) >> 8, int(x.b) & 255
    step = plan.step[journey, number]
    for k in range(step.n_channels):
        c = int(step.channels[k])
        silo = int(plan.silo[c])
        if (plan.rules.silos >> silo) & 1 == 0:
            continue
        if plan.rules.channel == SILO and silo != x.silo:
            continue
        _attempted(tables, i, c)
    skipped = int(tables.open_skipped[i])
    if tables.open_length[i] == 0:  # none that the strategy writes over
        for k in range(step.n_channels):
            _attempted(tables, i, int(step.channels[k]))
            skipped |= 1 << int(step.channels[k])
    n = tables.count[MESSAGES]
    tables.count[MESSAGES] = n + 1
    tables.message_time[n] = tables.open_time[i]
    tables.message_id[n] = x.a
    tables.message_profile[n] = profile
    tables.message_person[n] = x.person
    tables.message_plan[n] = (
        (int(x.b) << 36) | (int(tables.open_length[i]) << 32) | int(tables.open_order[i])
    )
    tables.message_skipped[n] = skipped


@inner
def stop_all(tables: Any, plan: LoweredPlan, t: int, profile: int, silo: int) -> None:
    """Tell who learns of a "stop all", a second later: the profile, or the silo's channels."""
    if plan.rules.contact_policy == ALL:
        _signal(tables, t + 1, profile, STOP_ALL, -1)
        return
    for c in range(len(plan.silo)):
        if plan.silo[c] == silo and plan.address[c] >= 0:
            _signal(tables, t + 1, profile, WITHDRAW, c)
