"""Tell each profile's story in order of time: rows come in, attempts fall due, sends go out."""

from __future__ import annotations

from omnilab.cascade import codes
from omnilab.cascade._heap import pop, push, replace
from omnilab.cascade._hot import hot, hot_entry
from omnilab.cascade._rows import ALL_CHANNELS, RECEIPTS_TABLE, SIGNAL_ROW
from omnilab.cascade._send import attempt, finish
from omnilab.cascade._wheel import link, next_tick, unlink
from omnilab.cascade.plan import MAX_STEPS
from omnilab.cascade.rules import BOUNCED, DROPPED
from omnilab.cascade.state import (
    AT,
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
    NO_PROFILE,
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
    TICK,
    UNSUBSCRIBED,
    WAITING,
    WITHDRAWN,
    Ints,
    Rules,
    Words,
)

__all__ = ["decide"]

DROPPED_STRENGTH = codes.STRENGTHS.index(DROPPED)
BOUNCED_STRENGTH = codes.STRENGTHS.index(BOUNCED)


@hot_entry
def decide(
    places: Ints,
    events: Ints,
    starts: Ints,
    woken: Ints,
    first_row: int,
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
) -> bool:
    """Decide all events, and all that is due before `until`, profile by profile.

    Parameters
    ----------
    places
        Next event, start and woken profile; moved on.
    events, starts
        Sorted rows, each with a last one behind all profiles; starts as `place_starts` had them.
    woken
        Profiles for which something is due, ascending, and a last one behind all.
    first_row
        The row of state of the first start.
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
    bool
        Whether all is done; otherwise there was no room left for the next profile: call again
        with more.
    """
    order, plans, policy, change_at, offset = rules
    i, s, w = int(places[0]), int(places[1]), int(places[2])
    while True:
        profile = min(events[i, 0] >> 32, starts[s, 0] >> 32, woken[w])
        if profile == NO_PROFILE:
            return True
        begin = profile << 32
        last_event, last_start = i, s
        while events[last_event, 0] >> 32 == profile:
            last_event += 1
        while starts[last_start, 0] >> 32 == profile:
            last_start += 1
        size = _load(int(profiles[profile, HEAD]), messages, plans, heap)
        # No message of the profile can send more than 8 times or end twice, and only a receipt
        # can put a message into the heap that is in it already.
        most = size + last_start - s
        places[0], places[1], places[2] = i, s, w
        if size < 0 or most + last_event - i >= heap.shape[0]:
            return False
        if counts[N_FINALS] + most > finals.shape[0]:
            return False
        if counts[N_SENDS] + MAX_STEPS * most > sends.shape[0]:
            return False
        if woken[w] == profile:
            w += 1
        unlink(profiles, heads, profile)
        while True:
            due = until
            if size and heap[0, 0] >> 8 < due:
                due = heap[0, 0] >> 8
            if starts[s, 0] < begin + due:
                due = starts[s, 0] - begin
            # Events come before what is due in the same second.
            while events[i, 0] <= begin + due:
                at, event = events[i, 0] - begin, events[i, 1]
                i += 1
                if event & 255 < SIGNAL_ROW:
                    again = _receive(
                        at,
                        event,
                        profile,
                        first_row,
                        messages,
                        profiles,
                        plans,
                        policy,
                        counts,
                        finals,
                        rejected,
                    )
                    if again >= 0:
                        size = _add(event >> 16, again, messages, plans, heap, size)
                        due = min(due, again)
                else:
                    _signal(at, profile, (event & 255) - SIGNAL_ROW, (event >> 8) & 255, profiles)
            if due >= until:
                break
            while starts[s, 0] <= begin + due:
                size = _add(first_row + s, due, messages, plans, heap, size)
                s += 1
            row = heap[0, 1] & 0x7FFFFFFF
            again = -1
            if messages[row, DUE] == due:  # else it has ended or waits for something else
                again = attempt(
                    due,
                    row,
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
            if again >= 0:
                replace(heap, size, (again << 8) | (heap[0, 0] & 255), heap[0, 1])
            else:
                size = pop(heap, size)
        _store(profile, size, first_row + s, first_row + last_start, messages, profiles, heads, heap)
        s = last_start


@hot
def _load(row: int, messages: Words, plans: Ints, heap: Ints) -> int:
    """Fill the heap with a profile's open messages; return its size, or -1 without room."""
    size = 0
    while row >= 0:
        if size >= heap.shape[0]:
            return -1
        size = _add(row, int(messages[row, DUE]), messages, plans, heap, size)
        row = int(messages[row, NEXT])
    return size


@hot
def _store(
    profile: int,
    size: int,
    start: int,
    last_start: int,
    messages: Words,
    profiles: Words,
    heads: Words,
    heap: Ints,
) -> None:
    """Keep the open messages as the profile's list, and set its time to wake.

    These are in the heap, or are starts that haven't been looked at.
    """
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
    for row in range(start, last_start):
        messages[row, NEXT] = head
        head = row
        wake = min(wake, int(messages[row, DUE]))
    profiles[profile, HEAD] = head
    if wake != NO_DUE:
        link(profiles, heads, profile, wake)


@hot
def _add(row: int, due: int, messages: Words, plans: Ints, heap: Ints, size: int) -> int:
    """Put a message into the heap by its due time, priority and code."""
    a = (due << 8) | (255 - plans[messages[row, PLAN], PRIORITY])
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
    first_row: int,
    messages: Words,
    profiles: Words,
    plans: Ints,
    policy: Ints,
    counts: Ints,
    finals: Words,
    rejected: Ints,
) -> int:
    """Take in one receipt; return when its message falls back if it does so now, else -1."""
    kind, channel, row = receipt & 255, (receipt >> 8) & 255, receipt >> 16
    if row >= first_row and at <= messages[row, AT]:  # its start comes later in this batch
        reason = codes.UNKNOWN_MESSAGE
        _reject(at + policy[ORIGIN], int(messages[row, CODE]), channel, reason, counts, rejected)
        return -1
    if kind >= codes.UNSUBSCRIBE and not (int(messages[row, UNSUBSCRIBED]) >> channel) & 1:
        messages[row, UNSUBSCRIBED] |= 1 << channel
        profiles[profile, WITHDRAWN] |= 1 << channel
    plan = int(messages[row, PLAN])
    step = plans[plan, STEP_OF + channel]
    later = int(messages[row, SENT]) >> max(step, 0)  # bit 0: this step, others: later ones
    if step < 0 or not later & 1:
        reason = codes.NOT_SENT
        _reject(at + policy[ORIGIN], int(messages[row, CODE]), channel, reason, counts, rejected)
        return -1
    packed = int(messages[row, STATUS])
    before = (packed >> (3 * step)) & 7
    status = policy[EVIDENCE_AT + kind]
    if status <= before:  # nothing that isn't known
        counts[REPEATED] += 1
        return -1
    messages[row, STATUS] = packed + ((status - before) << (3 * step))
    success = plans[plan, SUCCESS_AT + step]
    if (success >> status) & 1:
        if later > 1 and not (success >> before) & 1:
            counts[LATE] += 1
        if messages[row, PHASE] != CLOSED:
            finish(at, row, codes.SUCCEEDED, codes.NO_REASON, step, messages, counts, finals)
        return -1
    failed = DROPPED_STRENGTH <= status <= BOUNCED_STRENGTH and before < DROPPED_STRENGTH
    if failed and messages[row, PHASE] == PENDING and messages[row, POSITION] == step:
        due = next_tick(at, policy[TICK])
        messages[row, POSITION] = step + 1
        messages[row, PHASE] = WAITING
        messages[row, DUE] = due
        return due
    return -1


@hot
def _reject(
    at: int, code: int, channel: int, reason: int, counts: Ints, rejected: Ints
) -> None:
    """Write down a receipt that can't be."""
    k = counts[N_REJECTED]
    counts[N_REJECTED] = k + 1
    rejected[0, k] = RECEIPTS_TABLE
    rejected[1, k] = at
    rejected[2, k] = code
    rejected[3, k] = channel
    rejected[4, k] = reason
