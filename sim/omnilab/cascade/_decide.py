"""Tell each profile's story in order of time: rows come in, attempts fall due, sends go out."""

from __future__ import annotations

from omnilab.cascade import codes
from omnilab.cascade._heap import pop, push
from omnilab.cascade._hot import hot, hot_entry
from omnilab.cascade._rows import ALL_CHANNELS, RECEIPTS_TABLE, SIGNAL_ROW, START_ROW, WAKE_ROW
from omnilab.cascade._send import attempt, finish, next_tick
from omnilab.cascade._wheel import link, unlink
from omnilab.cascade.rules import BOUNCED, DROPPED, advance, reached
from omnilab.cascade.state import (
    CLOSED,
    CODE,
    CONVERTED,
    DUE,
    EVIDENCE_AT,
    FLAGS,
    HEAD,
    LATE,
    N_FINALS,
    N_REJECTED,
    N_SENDS,
    NEXT,
    NO_DUE,
    ORIGIN,
    PENDING,
    PHASE,
    PLAN,
    POSITION,
    PRIORITY,
    REPEATED,
    SENT,
    STATUS,
    STEP_OF,
    SUCCESS_AT,
    SUPPRESSED_FLAG,
    UNSUBSCRIBED,
    WAITING,
    WITHDRAWN,
    Ints,
    Rules,
    Words,
)

__all__ = ["decide"]


@hot_entry
def decide(
    begin: int,
    rows: Ints,
    n: int,
    until: int,
    messages: Words,
    profiles: Words,
    heads: Words,
    rules: Rules,
    counts: Ints,
    sends: Words,
    finals: Words,
    rejected: Ints,
    heap: Ints,
) -> int:
    """Decide rows `begin` .. `n` - 1, sorted by profile and time, and all that is due.

    Parameters
    ----------
    begin, rows, n
        Rows as `place_rows` leaves them, and which of them.
    until
        Seconds since the origin, exclusive.
    messages, profiles, heads, rules
        The engine's state.
    counts, sends, finals, rejected
        The answer.
    heap
        Room to work in.

    Returns
    -------
    int
        `n`, or the first row of a profile for which the answer has no room left: call again
        from there with more.
    """
    order, plans, policy, change_at, offset = rules
    i = begin
    while i < n:
        profile = rows[i, 0] >> 32
        end = i + 1
        while end < n and rows[end, 0] >> 32 == profile:
            end += 1
        size = _load(int(profiles[profile, HEAD]), messages, plans, heap)
        # No message of the profile can send more than 8 times or end twice.
        most = size + end - i
        if size < 0 or most + 1 > heap.shape[0] or counts[N_FINALS] + most > finals.shape[0]:
            return i
        if counts[N_SENDS] + 8 * most > sends.shape[0]:
            return i
        unlink(profiles, heads, profile)
        while True:
            due = heap[0, 0] >> 8 if size else NO_DUE
            at = rows[i, 0] & 0xFFFFFFFF if i < end else NO_DUE
            if at <= due and i < end:
                row = rows[i, 1]
                i += 1
                kind = row & 255
                woken = -1
                if kind < SIGNAL_ROW:
                    woken = _receive(
                        at,
                        row,
                        profile,
                        messages,
                        profiles,
                        plans,
                        policy,
                        counts,
                        finals,
                        rejected,
                    )
                elif kind == START_ROW:
                    woken = row >> 16
                    messages[woken, PHASE] = WAITING
                    messages[woken, DUE] = next_tick(at, policy)
                elif kind != WAKE_ROW:
                    _signal(at, profile, kind - SIGNAL_ROW, (row >> 8) & 255, profiles)
            elif due < until:
                woken = heap[0, 1] & 0x7FFFFFFF
                size = pop(heap, size)
                if messages[woken, DUE] == due and messages[woken, PHASE] != CLOSED:
                    woken = attempt(
                        due,
                        woken,
                        profile,
                        messages,
                        profiles,
                        order,
                        plans,
                        policy,
                        change_at,
                        offset,
                        counts,
                        sends,
                        finals,
                    )
                else:
                    woken = -1
            else:
                break
            if woken >= 0:
                size = _add(woken, messages, plans, heap, size)
        _store(profile, size, messages, profiles, heads, heap)
    return n


@hot
def _load(row: int, messages: Words, plans: Ints, heap: Ints) -> int:
    """Fill the heap with a profile's open messages; return its size, or -1 without room."""
    size = 0
    while row >= 0:
        if size >= heap.shape[0]:
            return -1
        size = _add(row, messages, plans, heap, size)
        row = int(messages[row, NEXT])
    return size


@hot
def _store(
    profile: int, size: int, messages: Words, profiles: Words, heads: Words, heap: Ints
) -> None:
    """Keep the open messages as the profile's list, and set its time to wake."""
    for k in range(size):
        messages[heap[k, 1] & 0x7FFFFFFF, NEXT] = -2
    head = -1
    wake = NO_DUE
    for k in range(size):
        row = heap[k, 1] & 0x7FFFFFFF
        # A message may be in the heap twice; -2 says that it isn't in the list yet.
        if messages[row, PHASE] != CLOSED and messages[row, NEXT] == -2:
            messages[row, NEXT] = head
            head = row
            wake = min(wake, int(messages[row, DUE]))
    profiles[profile, HEAD] = head
    if wake != NO_DUE:
        link(profiles, heads, profile, wake)


@hot
def _add(row: int, messages: Words, plans: Ints, heap: Ints, size: int) -> int:
    """Put a message into the heap by its due time, priority and code."""
    a = (int(messages[row, DUE]) << 8) | (255 - plans[messages[row, PLAN], PRIORITY])
    return push(heap, size, a, (int(messages[row, CODE]) << 31) | row)


@hot
def _signal(at: int, profile: int, kind: int, channel: int, profiles: Words) -> None:
    """Change what is known of a profile; held and later sends are judged by it."""
    mask = (1 << 31) - 1 if channel == ALL_CHANNELS else 1 << channel
    if kind == codes.WITHDRAW:
        profiles[profile, WITHDRAWN] |= mask
    elif kind == codes.GIVE:
        profiles[profile, WITHDRAWN] &= ~mask
        if channel == ALL_CHANNELS:
            profiles[profile, FLAGS] &= ~SUPPRESSED_FLAG
    elif kind == codes.STOP_ALL:
        profiles[profile, FLAGS] |= SUPPRESSED_FLAG
    else:
        profiles[profile, CONVERTED] = at


@hot
def _receive(
    at: int,
    receipt: int,
    profile: int,
    messages: Words,
    profiles: Words,
    plans: Ints,
    policy: Ints,
    counts: Ints,
    finals: Words,
    rejected: Ints,
) -> int:
    """Take in one receipt; return the message's row if it falls back now, else -1."""
    kind, channel, row = receipt & 255, (receipt >> 8) & 255, receipt >> 16
    if kind >= codes.UNSUBSCRIBE and not (int(messages[row, UNSUBSCRIBED]) >> channel) & 1:
        messages[row, UNSUBSCRIBED] |= 1 << channel
        profiles[profile, WITHDRAWN] |= 1 << channel
    plan = int(messages[row, PLAN])
    step = plans[plan, STEP_OF + channel]
    later = int(messages[row, SENT]) >> max(step, 0)  # bit 0: this step, others: later ones
    if step < 0 or not later & 1:
        _reject(at + policy[ORIGIN], int(messages[row, CODE]), channel, counts, rejected)
        return -1
    packed = int(messages[row, STATUS])
    before = ((packed >> (3 * step)) & 7) - 3
    status = advance(before, policy[EVIDENCE_AT + kind])
    if status == before:
        counts[REPEATED] += 1
        return -1
    messages[row, STATUS] = packed + ((status - before) << (3 * step))
    wanted = plans[plan, SUCCESS_AT + step]
    if reached(status, wanted):
        if later > 1 and not reached(before, wanted):
            counts[LATE] += 1
        if messages[row, PHASE] != CLOSED:
            finish(at, row, codes.SUCCEEDED, codes.NO_REASON, step, messages, counts, finals)
        return -1
    failed = (status == BOUNCED or status == DROPPED) and before >= 0
    if failed and messages[row, PHASE] == PENDING and messages[row, POSITION] == step:
        messages[row, POSITION] = step + 1
        messages[row, PHASE] = WAITING
        messages[row, DUE] = next_tick(at, policy)
        return row
    return -1


@hot
def _reject(at: int, code: int, channel: int, counts: Ints, rejected: Ints) -> None:
    """Write down a receipt for a channel on which its message was not sent."""
    k = counts[N_REJECTED]
    counts[N_REJECTED] = k + 1
    rejected[0, k] = RECEIPTS_TABLE
    rejected[1, k] = at
    rejected[2, k] = code
    rejected[3, k] = channel
    rejected[4, k] = codes.NOT_SENT
