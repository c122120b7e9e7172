"""One attempt to send a message's next step: the rules in their order, then the send."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from omnilab.cascade import codes
from omnilab.cascade._hot import hot
from omnilab.cascade._wheel import next_tick
from omnilab.cascade.rules import allowed_at, day_start, next_channel
from omnilab.cascade.state import (
    AT,
    CAP_END,
    CAP_MASK,
    CAP_PERIOD,
    CAP_WORDS,
    CAPS_AT,
    CLOSED,
    CODE,
    CONTROL_FLAG,
    CONVERTED,
    DUE,
    EXPIRES,
    FALLBACK_AT,
    FINAL,
    FLAGS,
    HELD,
    LAST,
    N_CAPS,
    N_FINALS,
    N_SENDS,
    N_STEPS,
    PENDING,
    PHASE,
    PLACES,
    PLAN,
    POSITION,
    QUIET_FROM,
    QUIET_MASK,
    QUIET_TO,
    REASON,
    RELEASES,
    SENT,
    SKIPPED,
    SUPPRESSED_FLAG,
    TICK,
    TIMERS,
    UNTIL_CONVERTED,
    USABLE,
    WITHDRAWN,
    ZONE,
    Ints,
    Words,
)

__all__ = ["attempt", "finish"]


@hot
def attempt(
    now: int,
    row: int,
    profile: int,
    messages: Words,
    profiles: Words,
    order: npt.NDArray[np.int8],
    plans: Ints,
    policy: Ints,
    change_at: Ints,
    offset: Ints,
    counts: Ints,
    sends: Words,
    finals: Words,
) -> int:
    """Send a message's next step, hold it, or end it; return when it is due again, or -1."""
    plan, position = int(messages[row, PLAN]), int(messages[row, POSITION])
    if messages[row, PHASE] == PENDING:
        counts[TIMERS] += 1
        position += 1
    elif messages[row, PHASE] == HELD:
        counts[RELEASES] += 1
    n_steps, sent = plans[plan, N_STEPS], int(messages[row, SENT])
    if position >= n_steps:
        finish(now, row, codes.FAILED, codes.EXHAUSTED, position - 1, messages, counts, finals)
        return -1
    reason = _forbidden(now, row, profile, messages, profiles, plans)
    if reason != codes.NO_REASON:
        finish(now, row, codes.ABORTED, reason, position, messages, counts, finals)
        return -1
    usable = int(messages[row, USABLE]) & ~int(profiles[profile, WITHDRAWN])
    step = next_channel(order[plan], n_steps, position, usable)
    if step > position:
        messages[row, SKIPPED] |= (1 << step) - (1 << position)
    if step >= n_steps:
        status = codes.FAILED if sent else codes.SKIPPED
        reason = codes.EXHAUSTED if sent else codes.NO_CHANNEL
        finish(now, row, status, reason, step - 1, messages, counts, finals)
        return -1
    channel = int(order[plan, step])
    zone = int(messages[row, ZONE])
    messages[row, POSITION] = step
    free = _free(now, channel, change_at[zone], offset[zone], policy)
    if free > now:
        expires = plans[plan, EXPIRES]
        if expires and free > messages[row, AT] + expires:
            finish(now, row, codes.ABORTED, codes.QUIET_HOURS, step, messages, counts, finals)
            return -1
        messages[row, PHASE] = HELD
        messages[row, DUE] = free
        return free
    if not _take_caps(now, profile, channel, change_at[zone], offset[zone], policy, profiles):
        finish(now, row, codes.ABORTED, codes.FREQUENCY_CAPPED, step, messages, counts, finals)
        return -1
    k = counts[N_SENDS]
    counts[N_SENDS] = k + 1
    sends[k, 0] = now
    sends[k, 1] = messages[row, CODE]
    sends[k, 2] = step
    sends[k, 3] = channel
    messages[row, SENT] = sent | (1 << step)
    messages[row, PHASE] = PENDING
    due = now + plans[plan, FALLBACK_AT + step]
    messages[row, DUE] = due
    return int(due)


@hot
def _forbidden(
    now: int, row: int, profile: int, messages: Words, profiles: Words, plans: Ints
) -> int:
    """Return why the message may not be sent on any channel, or 0."""
    flags = int(profiles[profile, FLAGS])
    if flags & CONTROL_FLAG:
        return codes.CONTROL_GROUP
    if flags & SUPPRESSED_FLAG:
        return codes.SUPPRESSED
    plan, at = int(messages[row, PLAN]), int(messages[row, AT])
    if plans[plan, UNTIL_CONVERTED] and profiles[profile, CONVERTED] >= at:
        return codes.CONVERSION
    if plans[plan, EXPIRES] and now > at + plans[plan, EXPIRES]:
        return codes.EXPIRED
    return codes.NO_REASON


@hot
def _free(now: int, channel: int, change_at: Ints, offset: Ints, policy: Ints) -> int:
    """Return the first tick from `now` on that is outside the channel's quiet hours."""
    low, high = policy[QUIET_FROM], policy[QUIET_TO]
    if low == high or not (policy[QUIET_MASK] >> channel) & 1:
        return now
    while True:
        free = allowed_at(now, low, high, change_at, offset, change_at.size)
        if free == now:
            return now
        now = next_tick(free, policy[TICK])


@hot
def _take_caps(
    now: int,
    profile: int,
    channel: int,
    change_at: Ints,
    offset: Ints,
    policy: Ints,
    profiles: Words,
) -> bool:
    """Take a place under every cap that holds for the channel, or none and return false.

    A cap of `limit` sends is full exactly when the send made `limit` sends ago still counts,
    which is what `rules.under_cap` finds by counting. Each cap keeps its last `limit` sends in
    a ring; the next place to write holds the oldest.
    """
    for c in range(policy[N_CAPS]):
        cap = CAPS_AT + CAP_WORDS * c
        if not (policy[cap + CAP_MASK] >> channel) & 1:
            continue
        oldest = int(profiles[profile, profiles[profile, PLACES + c]])
        if policy[cap + CAP_PERIOD]:
            if oldest > now - policy[cap + CAP_PERIOD]:
                return False
        elif oldest >= day_start(now, change_at, offset, change_at.size):
            return False
    for c in range(policy[N_CAPS]):
        cap = CAPS_AT + CAP_WORDS * c
        if (policy[cap + CAP_MASK] >> channel) & 1:
            place = int(profiles[profile, PLACES + c])
            profiles[profile, place] = now
            place += 1
            profiles[profile, PLACES + c] = place if place < policy[cap + CAP_END] else policy[cap]
    return True


@hot
def finish(
    now: int,
    row: int,
    status: int,
    reason: int,
    step: int,
    messages: Words,
    counts: Ints,
    finals: Words,
) -> None:
    """Give the message its one final status."""
    messages[row, PHASE] = CLOSED
    messages[row, DUE] = -1  # so that no entry of the heap means it any more
    messages[row, FINAL] = status
    messages[row, REASON] = reason
    messages[row, LAST] = step
    k = counts[N_FINALS]
    counts[N_FINALS] = k + 1
    finals[k, 0] = now
    finals[k, 1] = messages[row, CODE]
    finals[k, 2] = (status << 8) | reason
    finals[k, 3] = step
