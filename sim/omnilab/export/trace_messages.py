"""Read a log's messages: when each was due first, for whom, over which channels, what came back.

A message's row does not say whose profile it went to: the copy of a journey does, which its `enter`
row names. Copies of one journey by one person take their messages in the order in which they
moved; the row after a copy's last message, its `exit`, names it outright. Copies that the burn-in
started have no such row under the strategy: their messages go by the person's last known profile.
"""

from __future__ import annotations

from typing import Any

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

__all__ = ["enter", "final", "leave", "merge", "message_row", "profile_of", "stop_all"]

UNKNOWN_PROFILE = 1 << 23  # plus the person in the cell: serials stay far below


@inner
def enter(T: Any, who: int, x: Any) -> None:
    """Remember a copy that starts, named after person ``who`` of the cell."""
    i = T.count[COPIES]
    T.count[COPIES] = i + 1
    T.copy_serial[i] = x.a
    T.copy_journey[i] = x.b
    T.copy_profile[i] = x.c
    T.copy_silo[i] = x.silo
    T.copy_who[i] = who
    T.copy_message[i] = -1
    T.copy_step[i] = -1
    T.copy_moved[i] = x.time
    T.known[who] = x.c


@inner
def _copy_at(T: Any, serial: int) -> int:
    for i in range(T.count[COPIES]):
        if T.copy_serial[i] == serial:
            return i
    return -1


@inner
def leave(T: Any, serial: int) -> None:
    """Forget a copy; the last one takes its place."""
    i = _copy_at(T, serial)
    if i < 0:
        return
    k = T.count[COPIES] - 1
    T.count[COPIES] = k
    T.copy_serial[i] = T.copy_serial[k]
    T.copy_journey[i] = T.copy_journey[k]
    T.copy_profile[i] = T.copy_profile[k]
    T.copy_silo[i] = T.copy_silo[k]
    T.copy_who[i] = T.copy_who[k]
    T.copy_message[i] = T.copy_message[k]
    T.copy_step[i] = T.copy_step[k]
    T.copy_moved[i] = T.copy_moved[k]


@inner
def merge(T: Any, survivor: int, absorbed: int) -> None:
    """Hand the copies of a profile to the one that it was merged into."""
    for i in range(T.count[COPIES]):
        if T.copy_profile[i] == absorbed:
            T.copy_profile[i] = survivor
    for who in range(len(T.known)):
        if T.known[who] == absorbed:
            T.known[who] = survivor


@inner
def _next_copy(T: Any, who: int, journey: int, step: int, silo: int, own: bool) -> int:
    """Return the copy whose turn it is to send a journey's step: the first to have moved, or -1.

    ``own``: its profile is named after this person (as the row's person mostly is).
    """
    best = -1
    for i in range(T.count[COPIES]):
        if T.copy_journey[i] != journey or T.copy_message[i] >= 0 or T.copy_step[i] >= step:
            continue
        if silo >= 0 and T.copy_silo[i] != silo:
            continue
        if own and T.copy_who[i] != who:
            continue
        if best >= 0:
            if T.copy_moved[i] > T.copy_moved[best]:
                continue
            if T.copy_moved[i] == T.copy_moved[best] and T.copy_serial[i] > T.copy_serial[best]:
                continue
        best = i
    return best


@inner
def _open_at(T: Any, message: int) -> int:
    for i in range(T.count[OPEN]):
        if T.open_message[i] == message:
            return i
    return -1


@inner
def _begun(T: Any, who: int, x: Any) -> int:
    """Return the place of the row's message among those under way, begun now if it is not there."""
    i = _open_at(T, int(x.a))
    if i >= 0:
        return i
    i = T.count[OPEN]
    T.count[OPEN] = i + 1
    T.open_message[i] = x.a
    T.open_time[i] = x.time
    T.open_order[i] = 0
    T.open_length[i] = 0
    T.open_skipped[i] = 0
    T.open_held[i] = -1
    T.open_copy[i] = -1
    journey, step = int(x.b) >> 8, int(x.b) & 255
    silo = int(x.silo) if T.by_silo[0] == 1 else -1
    k = _next_copy(T, who, journey, step, silo, True)
    if k < 0:
        k = _next_copy(T, who, journey, step, silo, False)
    if k >= 0:
        T.open_copy[i] = T.copy_serial[k]
        T.copy_message[k] = x.a
    return i


@inner
def message_row(T: Any, who: int, x: Any) -> None:
    """Take in a row of a message that is not its final status."""
    kind, c, t, message = int(x.kind), int(x.channel), int(x.time), int(x.a)
    if kind == rows.SKIPPED or kind == rows.HELD or kind == rows.SENT:
        i = _begun(T, who, x)
        if kind == rows.HELD:
            T.open_held[i] = c
        else:
            _attempted(T, i, c)
            if kind == rows.SKIPPED:
                T.open_skipped[i] |= 1 << c
    if kind == rows.SENT:
        T.count[LAST_SENT] = t
    # A second later: in one second the core takes receipts before it sends.
    later = t + 1 if T.count[LAST_SENT] == t else t
    if kind == rows.SENT:
        _receipt(T, later, message, c, TAKEN)
    elif kind == rows.DELIVERED:
        _receipt(T, later, message, c, ARRIVED)
    elif kind == rows.OPEN:
        _receipt(T, later, message, c, SEEN)
    elif kind == rows.CLICK:
        _receipt(T, later, message, c, CLICKED)
    elif kind == rows.BOUNCE:
        _receipt(T, later, message, c, BOUNCED)


@inner
def _attempted(T: Any, i: int, c: int) -> None:
    """Put a channel at the end of the order in which the message came to them."""
    for k in range(T.open_length[i]):
        if (T.open_order[i] >> (4 * k)) & 15 == c:
            return
    T.open_order[i] |= c << (4 * T.open_length[i])
    T.open_length[i] += 1


@inner
def _receipt(T: Any, t: int, message: int, c: int, event: int) -> None:
    i = T.count[RECEIPTS]
    T.count[RECEIPTS] = i + 1
    T.receipt_time[i] = t
    T.receipt_message[i] = message
    T.receipt_channel[i] = c
    T.receipt_event[i] = event


@inner
def _signal(T: Any, t: int, profile: int, event: int, c: int) -> None:
    i = T.count[SIGNALS]
    T.count[SIGNALS] = i + 1
    T.signal_time[i] = t
    T.signal_profile[i] = profile
    T.signal_event[i] = event
    T.signal_channel[i] = c


@inner
def _global(T: Any, cell: int, copy: int, who: int) -> int:
    """Return the id over all cells of a copy's profile; unknown, of the person's last one."""
    profile = int(T.copy_profile[copy]) if copy >= 0 else int(T.known[who])
    if profile < 0:
        profile = UNKNOWN_PROFILE | who
    return (cell << 24) | profile


@inner
def profile_of(T: Any, message: int, cell: int, who: int) -> int:
    """Return the id over all cells of the profile of a message under way."""
    i = _open_at(T, message)
    return _global(T, cell, _copy_at(T, int(T.open_copy[i])) if i >= 0 else -1, who)


@inner
def final(T: Any, P: Any, at: int, end: int, cell: int, first: int) -> int:
    """Write down a message that has got its final status; return its profile."""
    x = T.row[at]
    who = int(x.person) - first
    i = _begun(T, who, x)
    copy = _copy_at(T, int(T.open_copy[i]))
    if at + 1 < end and T.row[at + 1].kind == rows.EXIT and T.row[at + 1].b == int(x.b) >> 8:
        exact = _copy_at(T, int(T.row[at + 1].a))
        if exact >= 0 and exact != copy:
            if copy >= 0:  # they were taken for each other
                T.copy_message[copy] = T.copy_message[exact]
                other = _open_at(T, int(T.copy_message[copy]))
                if other >= 0:
                    T.open_copy[other] = T.copy_serial[copy]
            copy = exact
    profile = _global(T, cell, copy, who)
    if copy >= 0:
        T.copy_message[copy] = -1
        T.copy_step[copy] = int(x.b) & 255
        T.copy_moved[copy] = x.time
    status = int(x.c)
    never = status == rows.FINAL_CONTROL or status == rows.FINAL_DECLINED
    if not never and (status != rows.FINAL_OPEN or x.d > 0):
        _write_message(T, P, i, x, profile)
    if status == rows.FINAL_CONVERTED:
        _signal(T, int(x.time), profile, CONVERTED, -1)
    k = T.count[OPEN] - 1
    T.count[OPEN] = k
    T.open_message[i] = T.open_message[k]
    T.open_time[i] = T.open_time[k]
    T.open_order[i] = T.open_order[k]
    T.open_length[i] = T.open_length[k]
    T.open_skipped[i] = T.open_skipped[k]
    T.open_held[i] = T.open_held[k]
    T.open_copy[i] = T.open_copy[k]
    return profile


@inner
def _write_message(T: Any, P: Any, i: int, x: Any, profile: int) -> None:
    """Write a message: the channels it came to in their order, then the others as declared."""
    if T.open_length[i] == 0 and T.open_held[i] >= 0:
        _attempted(T, i, int(T.open_held[i]))
    journey, number = int(x.b) >> 8, int(x.b) & 255
    step = P.step[journey, number]
    for k in range(step.n_channels):
        c = int(step.channels[k])
        silo = int(P.silo[c])
        if (P.plan[0].silos >> silo) & 1 == 0:
            continue
        if P.plan[0].channel == SILO and silo != x.silo:
            continue
        _attempted(T, i, c)
    skipped = int(T.open_skipped[i])
    if T.open_length[i] == 0:  # none that the strategy writes over
        for k in range(step.n_channels):
            _attempted(T, i, int(step.channels[k]))
            skipped |= 1 << int(step.channels[k])
    n = T.count[MESSAGES]
    T.count[MESSAGES] = n + 1
    T.message_time[n] = T.open_time[i]
    T.message_id[n] = x.a
    T.message_profile[n] = profile
    T.message_person[n] = x.person
    T.message_plan[n] = (int(x.b) << 36) | (int(T.open_length[i]) << 32) | int(T.open_order[i])
    T.message_skipped[n] = skipped


@inner
def stop_all(T: Any, P: Any, t: int, profile: int, silo: int) -> None:
    """Tell who learns of a "stop all", a second later: the profile, or the silo's channels."""
    if P.plan[0].contact_policy == ALL:
        _signal(T, t + 1, profile, STOP_ALL, -1)
        return
    for c in range(len(P.silo)):
        if P.silo[c] == silo and P.address[c] >= 0:
            _signal(T, t + 1, profile, WITHDRAW, c)
